use adamant::prelude::*;

/// From `[B, 5, 8]` to `[B, 5, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub attention: MultiheadAttention<8, 2>,
    pub tanh: Tanh,
    pub fc: Linear<8, 3>,
}
