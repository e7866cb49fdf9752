//! A kernel of 0 that would keep its input's size.
use adamant::prelude::*;

fn main() {
    Conv2d::<1, 8, 0, Same>::BLANK.forward(&Tensor::<[[[f32; 28]; 28]; 1]>::zeros());
    <Sequential![Conv1d<4, 8, 0, Causal>, Relu]>::BLANK.forward(&Tensor::<[[f32; 28]; 4]>::zeros());
}
