use adamant::prelude::*;

/// From `[B, 2, 10]` to `[B, 2, 10]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub c: Conv1d<2, 3, 3, (Padding<4>, PaddingEnd<0>, Dilation<2>)>,
    pub tanh: Tanh,
    pub d: Conv1d<3, 2, 2, (Padding<1>, PaddingEnd<0>)>,
}
