use adamant::prelude::*;

/// From `[B, 3, 16, 16]` to `[B, 5]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub features: Sequential![
        Sequential![Conv2d<3, 8, 3, (Stride<2>, Padding<1>)>, Relu6],
        Feature,
        Feature2,
        Feature3,
    ],
    pub pool: GlobalAvgPool2d,
    #[module(name = "classifier.1")]
    pub classifier_1: Linear<12, 5>,
}

/// From `[B, 8, 8, 8]` to `[B, 8, 8, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Feature {
    pub conv: Conv,
}

#[forward]
impl Feature {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 8, 8, 8>) -> Tensor4<B, 8, 8, 8> {
        x + self.conv.forward(x)
    }
}

/// From `[B, 8, 8, 8]` to `[B, 8, 8, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Conv {
    #[module(name = "0")]
    pub layer0: Conv2d<8, 16, 1>,
    #[module(name = "3")]
    pub layer3: Sequential![Conv2d<16, 16, 3, (Padding<1>, Depthwise)>, Relu6],
    #[module(name = "4")]
    pub layer4: Conv2d<16, 8, 1>,
}

#[forward]
impl Conv {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 8, 8, 8>) -> Tensor4<B, 8, 8, 8> {
        let x = self.layer0.forward(x).relu6();
        let x = self.layer3.forward(x);
        self.layer4.forward(x)
    }
}

/// From `[B, 8, 8, 8]` to `[B, 12, 4, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Feature2 {
    pub conv: Sequential![
        Conv2d<8, 16, 1>,
        Relu6,
        Sequential![Conv2d<16, 16, 3, (Stride<2>, Padding<1>, Depthwise)>, Relu6],
        Conv2d<16, 12, 1>,
    ],
}

/// From `[B, 12, 4, 4]` to `[B, 12, 4, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Feature3 {
    pub conv: Conv2,
}

#[forward]
impl Feature3 {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 12, 4, 4>) -> Tensor4<B, 12, 4, 4> {
        x + self.conv.forward(x)
    }
}

/// From `[B, 12, 4, 4]` to `[B, 12, 4, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Conv2 {
    #[module(name = "0")]
    pub layer0: Conv2d<12, 24, 1>,
    #[module(name = "3")]
    pub layer3: Sequential![Conv2d<24, 24, 3, (Padding<1>, Depthwise)>, Relu6],
    #[module(name = "4")]
    pub layer4: Conv2d<24, 12, 1>,
}

#[forward]
impl Conv2 {
    pub fn forward<const B: usize>(&self, x: Tensor4<B, 12, 4, 4>) -> Tensor4<B, 12, 4, 4> {
        let x = self.layer0.forward(x).relu6();
        let x = self.layer3.forward(x);
        self.layer4.forward(x)
    }
}
