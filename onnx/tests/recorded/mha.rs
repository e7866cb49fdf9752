use adamant::prelude::*;

/// From `[B, 5, 8]` to `[B, 5, 8]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub a: MultiheadAttention<8, 2>,
}
