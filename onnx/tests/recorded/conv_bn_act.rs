use adamant::prelude::*;

/// From `[B, 3, 9, 10]` to `[B, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    #[module(name = "0")]
    pub layer0: BatchNorm2d<3>,
    #[module(name = "1")]
    pub layer1: Conv2d<3, 8, 3, (KernelWidth<5>, Stride<2, 1>, Padding<1, 2>)>,
    #[module(name = "2")]
    pub layer2: PRelu<8>,
    #[module(name = "4")]
    pub layer4: Conv2d<8, 4, 1>,
    #[module(name = "5", value = Hardtanh::new(-0.5, 0.5))]
    pub layer5: Hardtanh,
    #[module(name = "6")]
    pub layer6: GlobalAvgPool2d,
}
