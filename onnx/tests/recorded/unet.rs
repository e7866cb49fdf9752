use adamant::prelude::*;

/// From `[B, 1, 8, 8]` to `[B, 1, 8, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub a: Conv2d<1, 3, 3, Padding<1>>,
    pub p: MaxPool2d<2>,
    pub b: Conv2d<3, 4, 3, Padding<1>>,
    pub up: ConvTranspose2d<4, 3, 2, Stride<2>>,
    pub c: Conv2d<6, 1, 1>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 1, 8, 8>) -> Tensor4<B, 1, 8, 8> {
        let x = self.a.forward(x);
        let h = self.p.forward(x);
        let h = self.b.forward(h).relu();
        let x = self.up.forward(h).concat::<1, _>(&x);
        self.c.forward(x)
    }
}
