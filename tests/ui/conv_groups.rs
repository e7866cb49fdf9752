//! Groups that do not divide the channels.
use adamant::prelude::*;

fn of_the_input(_: &Conv2d<4, 6, 3, Groups<3>>) {}
fn of_the_output(_: &Conv2d<4, 6, 3, Groups<4>>) {}
fn of_each_channel(_: &Conv2d<4, 6, 3, (Same, Depthwise)>) {}

fn main() {}
