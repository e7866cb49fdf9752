use adamant::prelude::*;

/// From `[B, 5, 8]` to `[B, 5, 8]`.
pub type Net = TransformerEncoderLayer<8, 2, 16>;
