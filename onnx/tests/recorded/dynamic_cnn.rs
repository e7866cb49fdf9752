use adamant::prelude::*;

/// From `[B, 1, 8, 8]` to `[B, 3]`.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
pub struct Net {
    pub conv: Conv2d<1, 4, 3>,
    pub relu: Relu,
    pub pool: MaxPool2d<2>,
    pub flatten: Flatten,
    pub fc: Linear<36, 3>,
}
