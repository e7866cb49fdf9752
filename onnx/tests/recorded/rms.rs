use adamant::prelude::*;

/// From `[B, 4]` to `[B, 2]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub w: Param<[f32; 4]>,
    pub f: Linear<4, 2>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 4>) -> Tensor2<B, 2> {
        let h = x.square().mean_axis::<-1>().insert_axis::<-1>() + 1e-6;
        self.f.forward(x * (1.0 / h.sqrt()) * &self.w)
    }
}
