use adamant::prelude::*;

/// From `[B, 5]` to `[B, 6]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    #[module(name = "0")]
    pub layer0: Linear<5, 6>,
    #[module(name = "1")]
    pub layer1: LayerNorm<[f32; 6]>,
    #[module(name = "2")]
    pub layer2: Gelu,
    #[module(name = "3")]
    pub layer3: Linear<6, 6, NoBias>,
    #[module(name = "4", value = LayerNorm { eps: 0.001, ..LayerNorm::BLANK })]
    pub layer4: LayerNorm<[f32; 6]>,
}
