//! Options that a layer does not have, or not like this.
use adamant::prelude::*;

fn of_a_pool(_: &Conv2d<1, 8, 3, ExcludePad>) {}
fn of_a_pool_among_others(_: &Conv2d<1, 8, 3, (Stride<2>, ExcludePad)>) {}
fn of_a_convolution(_: &MaxPool2d<2, (Padding<1>, NoBias)>) {}
fn of_two_dimensions(_: &Conv1d<1, 8, 3, Stride<2, 1>>) {}
fn against_each_other(_: &Conv2d<1, 8, 3, (Same, Stride<2>)>) {}
fn against_each_other_again(_: &Conv1d<1, 8, 3, (Stride<2>, Causal)>) {}
fn not_causal(_: &Conv1d<1, 8, 3, (Causal, Reflect)>) {}
fn causal_in_two_dimensions(_: &Conv2d<1, 8, 3, Causal>) {}
fn end_of_what(_: &Conv1d<1, 8, 3, (Same, PaddingEnd<1>)>) {}
fn too_large(_: &MaxPool2d<3, Padding<2>>) {}

fn main() {}
