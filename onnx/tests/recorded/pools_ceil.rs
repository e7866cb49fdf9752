use adamant::prelude::*;

/// From `[B, 1, 9, 9]` to `[B, 2]`.
pub type Net = Sequential![
    Conv2d<1, 2, 3>,
    MaxPool2d<2, CeilMode>,
    AvgPool2d<3, (Stride<2>, Padding<1>, ExcludePad)>,
    Flatten,
    Linear<8, 2>,
];
