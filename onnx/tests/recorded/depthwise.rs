use adamant::prelude::*;

/// From `[B, 4, 12, 12]` to `[B, 8, 6, 6]`.
pub type Net = Sequential![
    Sequential![Conv2d<4, 4, 3, (Padding<1>, Depthwise)>, Relu6, Conv2d<4, 8, 1>],
    MaxPool2d<3, (Stride<2>, Padding<1>)>,
    Hardswish,
];
