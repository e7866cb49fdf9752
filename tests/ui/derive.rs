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

#[derive(Module)]
union Both {
    this: f32,
    that: f64,
}

#[derive(Module)]
#[module(name = "net")]
struct Named(Linear<3, 2>);

#[derive(Module)]
struct Values {
    #[module(value = )]
    scale: f32,
}

#[derive(Module)]
struct Names {
    first: Linear<3, 2>,
    #[module(name = "first")]
    second: Linear<2, 3>,
}

#[derive(Module)]
struct Number {
    #[module(name = 1)]
    first: Linear<3, 2>,
}

#[derive(Module)]
struct Bare {
    #[module]
    first: Linear<3, 2>,
}

/// Has no `#[derive(Module)]`.
struct Plain {
    first: Linear<3, 2>,
}

#[derive(Module)]
struct Outer {
    plain: Plain,
    state: Option<String>,
}

#[derive(Module)]
#[module(custom(init))]
struct Started {
    first: Linear<3, 2>,
}

#[derive(Module)]
struct Starts {
    inner: Started,
}

/// Trains nothing.
#[derive(Module)]
struct Numbers {
    hidden: Linear<4, 4>,
    scale: [f32; 4],
    #[module(value = [0.5; 4])]
    gains: [f32; 4],
}

#[forward]
impl Numbers {
    fn forward(&self, x: Tensor<[f32; 4]>) -> Tensor<[f32; 4]> {
        self.hidden.forward(x) * &self.scale + self.gains
    }
}

/// Says by `#[forward]` alone that it does not chain its layers.
#[derive(Module)]
struct Shortcut {
    first: Linear<4, 4>,
    second: Linear<4, 4>,
}

#[forward]
impl Shortcut {
    fn forward(&self, x: Tensor<[f32; 4]>) -> Tensor<[f32; 4]> {
        self.second.forward(self.first.forward(x)) + x
    }
}

const _: () = Shortcut::check::<Tensor<[f32; 4]>>();

/// Borrows, so nobody makes it but its author.
#[derive(Module)]
struct Borrowing<'a> {
    base: Frozen<&'a Linear<3, 2>>,
}

fn make() {
    Borrowing::init(&mut SmallRng::seed_from_u64(0));
}

#[derive(Module)]
#[module(crate)]
struct Elsewhere(Linear<3, 2>);

#[derive(Module)]
struct Raw {
    r#type: Linear<3, 2>,
    #[module(name = "type")]
    second: Linear<2, 3>,
}

#[derive(Module)]
struct Commas {
    #[module(value = , 1.0)]
    scale: f32,
}

#[derive(Module)]
#[module(display)]
struct Unsaid(Linear<3, 2>);

#[derive(Module)]
#[module(display(self.0))]
struct Unformatted(Linear<3, 2>);

#[derive(Module)]
#[module(custom(display), display("Twice"))]
struct SaidTwice(Linear<3, 2>);

#[derive(Module)]
struct Fills {
    #[module(fill = Init::blank_in)]
    first: Linear<3, 2>,
}

#[derive(Module)]
struct Inits {
    #[module(init = )]
    first: Linear<3, 2>,
}

type Empty = Sequential![];
type Counted = Sequential![1, 2];

fn main() {}
