use adamant::prelude::*;

/// From `[B, 1, 5, 5]` and `[B, 2]` to `[B, 3, 3, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub conv: Conv2d<1, 3, 3>,
    pub g: Linear<2, 3>,
    pub h: Linear<2, 3>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(
        &self,
        in0: Tensor4<B, 1, 5, 5>,
        in1: Tensor2<B, 2>,
    ) -> Tensor4<B, 3, 3, 3> {
        let x = self.g.forward(in1).insert_axis::<-1>();
        let h = self.h.forward(in1).insert_axis::<-1>();
        self.conv.forward(in0) * x.insert_axis::<-1>() + h.insert_axis::<-1>()
    }
}
