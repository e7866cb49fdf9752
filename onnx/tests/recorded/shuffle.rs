use adamant::prelude::*;

/// From `[B, 1, 5, 5]` to `[B, 1, 10, 10]`.
pub type Net = Sequential![
    Conv2d<1, 8, 3, Padding<1>>,
    PixelShuffle<2>,
    Tanh,
    Conv2d<2, 1, 3, (Padding<1>, Reflect)>,
];
