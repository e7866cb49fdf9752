use adamant::prelude::*;

/// From `[B, 3, 5, 5]` to `[B, 4, 3, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub mean: Param<[[[f32; 1]; 1]; 3]>,
    pub std: Param<[[[f32; 1]; 1]; 3]>,
    pub c: Conv2d<3, 4, 3>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 3, 5, 5>) -> Tensor4<B, 4, 3, 3> {
        self.c.forward((x - &self.mean) / &self.std)
    }
}
