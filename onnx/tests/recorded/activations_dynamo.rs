use adamant::prelude::*;

/// From `[B, 4]` to `[B, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    #[module(name = "0")]
    pub layer0: Linear<4, 4>,
    #[module(name = "1", value = LeakyRelu::new(0.2))]
    pub layer1: LeakyRelu,
    #[module(name = "2")]
    pub layer2: Linear<4, 4>,
    #[module(name = "3")]
    pub layer3: Elu,
    #[module(name = "4")]
    pub layer4: Linear<4, 4>,
    #[module(name = "5")]
    pub layer5: Mish,
    #[module(name = "6")]
    pub layer6: Linear<4, 4>,
    #[module(name = "7")]
    pub layer7: Hardsigmoid,
    #[module(name = "8")]
    pub layer8: LogSigmoid,
    #[module(name = "9")]
    pub layer9: Linear<4, 4>,
    #[module(name = "10")]
    pub layer10: Selu,
    #[module(name = "11")]
    pub layer11: Relu6,
    #[module(name = "12")]
    pub layer12: GeluTanh,
    #[module(name = "13")]
    pub layer13: NetPart,
    #[module(name = "14", value = Celu::new(0.5))]
    pub layer14: Celu,
}

/// From `[B, 4]` to `[B, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct NetPart {
    pub scalar_tensor_default: Param<f32>,
}

#[forward]
impl NetPart {
    pub fn forward<const B: usize>(&self, x: Tensor2<B, 4>) -> Tensor2<B, 4> {
        x / (x.abs() + &self.scalar_tensor_default)
    }
}
