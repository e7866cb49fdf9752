use adamant::prelude::*;

/// From `[B, 16]` to `[B, 8]`.
pub type Net = Sequential![Linear<16, 64>, Tanh, Linear<64, 8>, Softmax];
