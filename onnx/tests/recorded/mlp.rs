use adamant::prelude::*;

/// From `[B, 64]` to `[B, 10]`.
pub type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
