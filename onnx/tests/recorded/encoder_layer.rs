use adamant::prelude::*;

/// From `[B, 5, 16]` to `[B, 5, 16]`.
pub type Net = TransformerEncoderLayer<16, 4, 32>;
