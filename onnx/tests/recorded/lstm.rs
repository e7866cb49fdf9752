use adamant::prelude::*;

/// From `[B, 6, 8]` to `[B, 5]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub r: Lstm<8, 12>,
    pub last: LastStep,
    pub head: Linear<12, 5>,
}
