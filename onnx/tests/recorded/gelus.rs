use adamant::prelude::*;

/// From `[B, 5]` to `[B, 4]`.
pub type Net = Sequential![
    Linear<5, 6>,
    Gelu,
    Linear<6, 6>,
    GeluTanh,
    Linear<6, 6>,
    Mish,
    Linear<6, 4>,
    Hardsigmoid,
    LogSigmoid,
];
