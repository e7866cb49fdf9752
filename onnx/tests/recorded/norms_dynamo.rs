use adamant::prelude::*;

/// From `[B, 2, 6, 6]` to `[B, 4]`.
pub type Net = Sequential![
    Conv2d<2, 6, 3>,
    GroupNorm<3, 6>,
    Gelu,
    InstanceNorm2d<6>,
    Hardswish,
    Flatten,
    Linear<96, 4>,
    LayerNorm<[f32; 4]>,
    Softplus,
];
