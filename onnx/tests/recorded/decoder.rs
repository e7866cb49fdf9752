use adamant::prelude::*;

/// From `[B, 5]` to `[B, 1, 16, 16]`.
pub type Net = Sequential![
    Linear<5, 48>,
    Reshape<[[[f32; 4]; 4]; 3]>,
    ConvTranspose2d<3, 4, 3, (Stride<2>, Padding<1>, OutputPadding<1>)>,
    Silu,
    Upsample<2>,
    Conv2d<4, 1, 3, Padding<1>>,
    Sigmoid,
];
