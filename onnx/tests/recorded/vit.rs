use adamant::prelude::*;

/// From `[B, 1, 8, 8]` to `[B, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub patch: Conv2d<1, 8, 4, Stride<4>>,
    pub flatten: Flatten<-2>,
    pub cls: Param<[[f32; 8]; 1]>,
    pub pos: Param<[[f32; 8]; 5]>,
    pub blocks: [Block; 2],
    pub head: Linear<8, 3>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 1, 8, 8>) -> Tensor2<B, 3> {
        let x = self.patch.forward(x);
        let h = self.cls.insert_axis::<0>().expand::<0, B>();
        let x = h.concat::<1, _>(&self.flatten.forward(x).transpose()) + &self.pos;
        let x = self.blocks.forward(x);
        self.head.forward(x.slice::<1, 0, 1>().remove_axis::<1>())
    }
}

/// From `[B, 5, 8]` to `[B, 5, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Block {
    pub ln1: LayerNorm<[f32; 8]>,
    pub attn: MultiheadAttention<8, 2, Causal>,
    pub ln2: LayerNorm<[f32; 8]>,
    pub mlp: Sequential![Linear<8, 16>, Gelu, Linear<16, 8>],
}

#[forward]
impl Block {
    pub fn forward<const B: usize>(&self, x: Tensor3<B, 5, 8>) -> Tensor3<B, 5, 8> {
        let h = self.ln1.forward(x);
        let x = x + self.attn.forward(h);
        let h = self.ln2.forward(x);
        x + self.mlp.forward(h)
    }
}
