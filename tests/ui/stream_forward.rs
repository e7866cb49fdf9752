//! A layer with a forward pass of its own has no stream of itself.

use adamant::prelude::*;

#[derive(Module)]
struct Squashed {
    linear: Linear<4, 3>,
}

#[forward]
impl Squashed {
    fn forward<const L: usize>(&self, x: Tensor<[[f32; 4]; L]>) -> Tensor<[[f32; 3]; L]> {
        self.linear.forward(x).tanh()
    }
}

fn main() {
    Squashed::BLANK.stream::<Tensor<[[f32; 4]; 1]>>();
    <Sequential![Linear<2, 4>, Squashed]>::BLANK.stream::<Tensor<[[f32; 2]; 1]>>();
}
