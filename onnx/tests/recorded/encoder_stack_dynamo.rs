use adamant::prelude::*;

/// From `[B, 5, 3]` to `[B, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub embed: Linear<3, 8>,
    pub encoder: Encoder,
    pub head: Linear<8, 4>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor3<B, 5, 3>) -> Tensor2<B, 4> {
        let x = self.embed.forward(x);
        let x = self.encoder.forward(x).mean_axis::<1>();
        self.head.forward(x)
    }
}

/// From `[B, 5, 8]` to `[B, 5, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Encoder {
    pub layers: Sequential![[TransformerEncoderLayer<8, 2, 16, (NormFirst, Gelu)>; 2]],
    pub norm: LayerNorm<[f32; 8]>,
}
