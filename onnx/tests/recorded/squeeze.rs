use adamant::prelude::*;

/// From `[B, 3, 8, 8]` to `[B, 2]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub conv: Conv2d<3, 6, 3, Padding<1>>,
    pub relu: Relu,
    pub se: Se,
    pub pool: GlobalAvgPool2d,
    pub fc: Linear<6, 2>,
}

/// From `[B, 6, 8, 8]` to `[B, 6, 8, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Se {
    pub pool: AdaptiveAvgPool2d<1>,
    pub down: Conv2d<6, 2, 1>,
    pub up: Conv2d<2, 6, 1>,
}

#[forward]
impl Se {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 6, 8, 8>) -> Tensor4<B, 6, 8, 8> {
        let h = self.pool.forward(x);
        let h = self.down.forward(h).relu();
        x * self.up.forward(h).sigmoid()
    }
}
