//! A model that does not fit into the chip.

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;

type Base = Sequential![Linear<16, 64>, Tanh];
type Net = Sequential![Base, Linear<64, 64>, Tanh, Linear<64, 8>];
type Tuned = Sequential![&'static Base, Linear<64, 8>];
type X = Tensor<[f32; 16]>;

const _: () = Memory::inference::<Net, X>().fits(Flash::kib(23), Ram::bytes(1120));
const _: () = Memory::inference::<Net, X>().fits(Flash::kib(16), Ram::kib(1));
const _: () = Memory::training::<Net, X, Adam<Net>>().fits(Flash::NONE, Ram::kib(64));
const _: () = Memory::training::<Tuned, X, Sgd<Tuned>>().beside(Flash::kib(24), Ram::kib(1)).fits(Flash::kib(16), Ram::kib(6));
const _: () = Memory::training::<Net, Tensor<[f32; 15]>, Sgd<Net>>().fits(Flash::kib(1024), Ram::kib(1024));

fn main() {}
