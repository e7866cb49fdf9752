//! A network of convolutions.

use adamant::prelude::*;

#[derive(Module)]
pub struct Cnn {
    pub image: Reshape<[[[f32; 8]; 8]; 1]>, //  [1][8][8]
    pub conv1: Conv2d<1, 8, 3, Padding<1>>, //  [8][8][8]
    pub relu1: Relu,
    pub pool1: MaxPool2d<2>,                 //  [8][4][4]
    pub conv2: Conv2d<8, 16, 3, Padding<1>>, // [16][4][4]
    pub relu2: Relu,
    pub pool2: MaxPool2d<2>, // [16][2][2]
    pub flatten: Flatten,    // [64]
    pub linear: Linear<64, 10>,
}
