use adamant::prelude::*;

/// From `[B, 6]` to `[B, 6]` and `[B, 2]` and `[B, 2]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub e: Linear<6, 5>,
    pub m: Linear<5, 2>,
    pub d: D,
    pub v: Linear<5, 2>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(
        &self,
        x: Tensor2<B, 6>,
    ) -> (Tensor2<B, 6>, Tensor2<B, 2>, Tensor2<B, 2>) {
        let x = self.e.forward(x).relu();
        let h = self.m.forward(x);
        (self.d.forward(h), h, self.v.forward(x))
    }
}

/// From `[B, 2]` to `[B, 6]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct D {
    #[module(name = "0")]
    pub layer0: Linear<2, 6>,
}

#[forward]
impl D {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 2>) -> Tensor2<B, 6> {
        self.layer0.forward(x).sigmoid()
    }
}
