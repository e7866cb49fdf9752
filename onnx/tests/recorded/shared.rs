use adamant::prelude::*;

/// From `[B, 4]` to `[B, 4]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub f: Linear<4, 4>,
    pub tanh: Tanh,
    pub f2: Linear<4, 4>,
    pub tanh2: Tanh,
    pub f3: Linear<4, 4>,
}
