use adamant::prelude::*;

/// From `[B, 1, 16, 16]` to `[B, 10]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub stem: Conv2d<1, 8, 3, (Stride<2>, Padding<1>)>,
    pub relu: Relu,
    pub blocks: [Block; 2],
    pub pool: GlobalAvgPool2d,
    pub head: Linear<8, 10>,
}

/// From `[B, 8, 8, 8]` to `[B, 8, 8, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Block {
    pub a: Conv2d<8, 8, 3, Padding<1>>,
    pub b: Conv2d<8, 8, 3, Padding<1>>,
}

#[forward]
impl Block {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 8, 8, 8>) -> Tensor4<B, 8, 8, 8> {
        let h = self.a.forward(x).relu();
        (x + self.b.forward(h)).relu()
    }
}
