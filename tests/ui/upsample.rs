//! Upsampling that does not know its size, or by options that it does not have.
use adamant::prelude::*;

fn unknown(_: &UpsampleBilinear<AlignCorners>) {}
fn of_two_dimensions(_: &UpsampleLinear<Scale<2, 3>>) {}
fn of_a_pool(_: &UpsampleLinear<(Scale<2>, CeilMode)>) {}

type Net = Sequential![UpsampleBilinear<Scale<2>>];
const _: () = Net::check::<Tensor<[f32; 4]>>();

fn main() {}
