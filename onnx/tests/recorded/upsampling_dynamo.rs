use adamant::prelude::*;

/// From `[B, 2, 4, 4]` to `[B, 1, 32, 32]`.
pub type Net = Sequential![
    ConvTranspose2d<2, 3, 3, (Stride<2>, Padding<1>, OutputPadding<1>)>,
    Upsample<2>,
    PRelu,
    UpsampleBilinear<Scale<2>>,
    Conv2d<3, 1, 1>,
    Hardtanh,
];
