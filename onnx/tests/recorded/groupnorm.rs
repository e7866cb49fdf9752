use adamant::prelude::*;

/// From `[B, 2, 6, 6]` to `[B, 2, 4, 4]`.
pub type Net = Sequential![
    Conv2d<2, 6, 3>,
    GroupNorm<3, 6>,
    Relu,
    InstanceNorm2d<6>,
    Conv2d<6, 2, 1>,
];
