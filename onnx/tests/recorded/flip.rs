use adamant::prelude::*;

/// From `[B, 4]` to `[B, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub a: Linear<4, 3>,
    pub a2: Linear<4, 3>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 4>) -> Tensor2<B, 3> {
        let h = x.slice::<-1, 2, 1>();
        let h = x.slice::<-1, 3, 1>().concat::<-1, _>(&h);
        let h = h.concat::<-1, _>(&x.slice::<-1, 1, 1>());
        let y = x.slice::<-1, 2, 1>();
        let y = x.slice::<-1, 0, 1>().concat::<-1, _>(&y);
        let x = self.a.forward(h.concat::<-1, _>(&x.slice::<-1, 0, 1>()));
        x + self.a2.forward(y.concat::<-1, _>(&y))
    }
}
