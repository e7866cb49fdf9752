use adamant::prelude::*;

/// From `[B, 6]` to `[B, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    #[module(name = "0")]
    pub layer0: Linear<6, 8>,
    #[module(name = "1")]
    pub layer1: BatchNorm1d<8>,
    #[module(name = "2", value = LeakyRelu::new(0.2))]
    pub layer2: LeakyRelu,
    #[module(name = "3")]
    pub layer3: Linear<8, 3>,
}
