use adamant::prelude::*;

/// From `[6, 2, 4]` to `[6, 2, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub r: Rnn<4, 5>,
    pub head: Linear<5, 3>,
}

#[forward]
impl Net {
    pub fn forward(&self, x: Tensor3<6, 2, 4>) -> Tensor3<6, 2, 3> {
        let x = self.r.forward(x.swap_axes::<0, 1>()).swap_axes::<0, 1>();
        self.head.forward(x)
    }
}
