use adamant::prelude::*;

/// From `[B, 3, 4, 4]` to `[B, 3]`.
pub type Net = Sequential![
    Conv2d<3, 8, 3, NoBias>,
    BatchNorm2d<8>,
    Relu,
    Flatten,
    Linear<32, 3>,
    BatchNorm1d<3>,
];
