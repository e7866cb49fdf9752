//! A network of 16-64-64-8 in use, to be weighed (`text-size`).

use std::hint::black_box;

use adamant::prelude::*;

type Net = Sequential![Linear<16, 64>, Tanh, Linear<64, 64>, Tanh, Linear<64, 8>];

static NET: Net = Net::BLANK;

fn main() {
    let net = black_box(&NET);
    black_box(net.forward(black_box(&Tensor([[0.5; 16]]))));
}
