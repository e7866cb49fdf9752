use adamant::prelude::*;

/// From `[B, 1, 5, 5]` to `[B, 2, 5, 7]`.
pub type Net = Sequential![
    Conv2d<1, 2, 3>,
    UpsampleBilinear<Scale<2>>,
    UpsampleBilinear<(Size<5, 7>, AlignCorners)>,
];
