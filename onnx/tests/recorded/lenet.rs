use adamant::prelude::*;

/// From `[B, 1, 28, 28]` to `[B, 10]`.
pub type Net = Sequential![
    Conv2d<1, 6, 5, Padding<2>>,
    Tanh,
    AvgPool2d<2>,
    Conv2d<6, 16, 5>,
    Tanh,
    AvgPool2d<2>,
    Flatten,
    Linear<400, 84>,
    Tanh,
    Linear<84, 10>,
];
