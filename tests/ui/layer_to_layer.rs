//! Layers that do not fit each other.
use adamant::prelude::*;

type Net = Sequential![Linear<3, 4>, Relu, Linear<5, 2>];

const _: () = Net::check::<Tensor<[f32; 3]>>();

#[derive(Module)]
struct MyNet {
    hidden: Linear<3, 4>,
    act: Relu,
    out: Linear<5, 2>,
}

const _: () = MyNet::check::<Tensor<[[f32; 3]; 10]>>();

fn main() {}
