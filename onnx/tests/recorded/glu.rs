use adamant::prelude::*;

/// From `[B, 4]` to `[B, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub a: Linear<4, 6>,
    pub b: Linear<4, 3>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 4>) -> Tensor2<B, 3> {
        let h = self.a.forward(x);
        let h = h.slice::<-1, 0, 3>() * h.slice::<-1, 3, 3>().sigmoid();
        h * self.b.forward(x).sin()
    }
}
