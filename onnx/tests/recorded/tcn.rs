use adamant::prelude::*;

/// From `[B, 2, 16]` to `[B, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    #[module(name = "0")]
    pub layer0: Conv1d<2, 4, 3, (Padding<2>, Dilation<2>)>,
    #[module(name = "3")]
    pub layer3: Conv1d<4, 4, 3, Padding<1>>,
    #[module(name = "7")]
    pub layer7: Linear<4, 3>,
}

#[forward]
impl Net {
    pub fn forward<const B: usize>(&self, x: Tensor3<B, 2, 16>) -> Tensor2<B, 3> {
        let x = self.layer0.forward(x).relu();
        let x = self.layer3.forward(x).relu().mean_axis::<-1>();
        self.layer7.forward(x)
    }
}
