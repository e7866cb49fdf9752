use adamant::prelude::*;

/// From `[B, 6, 4]` to `[B, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub r: Gru<4, 5, Layers<2>>,
    pub last: LastStep,
    pub head: Linear<5, 3>,
}
