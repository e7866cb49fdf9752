use adamant::prelude::*;

/// From `[B, 2, 32]` to `[B, 3]`.
pub type Net = Sequential![
    Conv1d<2, 4, 5, (Stride<2>, Padding<2>)>,
    Elu,
    MaxPool1d<2>,
    Conv1d<4, 6, 3, (Dilation<2>, Groups<2>, NoBias)>,
    Softplus,
    AvgPool1d<2>,
    Flatten<-2>,
    Linear<12, 3>,
];
