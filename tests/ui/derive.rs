//! What the derive cannot make a layer of.
use adamant::prelude::*;

#[derive(Module)]
enum Either {
    This(Linear<3, 2>),
    That(Linear<3, 2>),
}

#[derive(Module)]
struct Text {
    hidden: Linear<3, 2>,
    name: String,
}

#[derive(Module)]
#[module(custom(backward))]
struct Unknown(Linear<3, 2>);

#[derive(Module)]
struct Misspelt {
    #[module(transpose)]
    weight: Param<[[f32; 2]; 3]>,
}

type Empty = Sequential![];

fn main() {}
