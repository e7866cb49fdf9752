//! An input of the wrong size.
use adamant::prelude::*;

type Net = Sequential![Linear<3, 5>, Relu, Linear<5, 2>];

const _: () = Net::check::<Tensor<[f32; 4]>>();

fn main() {
    let net = Net::init(&mut SmallRng::seed_from_u64(0));
    let x = Tensor::<[[f32; 4]; 10]>::zeros();
    net.forward(&x);
}
