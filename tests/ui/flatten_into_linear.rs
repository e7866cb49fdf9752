//! Features that do not fit the linear layer behind, and an input that is no image.
use adamant::prelude::*;

type Net = Sequential![Relu, Flatten, Linear<64, 10>];

const _: () = Net::check::<Tensor<[[[f32; 4]; 4]; 8]>>();
const _: () = Net::check::<Tensor<[[[[f32; 4]; 4]; 8]; 16]>>();
// Signals need `Flatten<-2>`: this takes the batch for an image's channels.
const _: () = Net::check::<Tensor<[[[f32; 8]; 8]; 16]>>();
const _: () = Net::check::<Tensor<[[f32; 8]; 8]>>();
// Past the dimensions that adamant computes with.
const _: () = Net::check::<Tensor<[[[f32; 999]; 999]; 3]>>();

fn main() {
    let net = Net::init(&mut SmallRng::seed_from_u64(0));
    net.forward(&Tensor::<[[[f32; 4]; 4]; 8]>::zeros());
}
