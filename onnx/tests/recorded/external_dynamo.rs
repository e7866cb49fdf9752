use adamant::prelude::*;

/// From `[B, 6]` to `[B, 3]`.
pub type Net = Sequential![Linear<6, 40>, Relu, Linear<40, 3>];
