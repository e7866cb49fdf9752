//! A step of training a network of 16-64-64-8, to be weighed (`text-size`).

use std::hint::black_box;

use adamant::prelude::*;

type Net = Sequential![Linear<16, 64>, Tanh, Linear<64, 64>, Tanh, Linear<64, 8>];

fn main() {
    let mut net = black_box(Net::BLANK);
    let mut adam = Adam::new(&net);
    let (x, y) = black_box((Tensor([[0.5; 16]]), Tensor([[0.5; 8]])));
    let (_, grads) = net.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
    adam.step(&mut net, &grads);
    black_box(net);
}
