use adamant::prelude::*;

/// From `[B, 6, 8]` to `[B, 6, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub ln1: LayerNorm<[f32; 8]>,
    pub attn: MultiheadAttention<8, 2, Causal>,
    pub ln2: LayerNorm<[f32; 8]>,
    pub mlp: Sequential![Linear<8, 16>, Gelu, Linear<16, 8>],
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor3<B, 6, 8>) -> Tensor3<B, 6, 8> {
        let h = self.ln1.forward(x);
        let x = x + self.attn.forward(h);
        let h = self.ln2.forward(x);
        x + self.mlp.forward(h)
    }
}
