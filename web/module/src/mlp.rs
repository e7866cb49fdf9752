//! A network of dense layers.

use adamant::prelude::*;

pub type Mlp = Sequential![
    Linear<64, 32>,
    Relu,
    Linear<32, 10>
];
