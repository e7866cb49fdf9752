//! Wrong types that the compiler reports: at what the user wrote.

use adamant::prelude::*;

type V = Tensor<[f32; 3]>;
type Steps = usize;

#[derive(Module)]
struct Returned;

#[forward]
impl Returned {
    fn forward(&self, x: V) -> Tensor<[f32; 2]> {
        x.tanh()
    }
}

#[derive(Module)]
struct Pair;

#[forward]
impl Pair {
    fn forward(&self, x: V) -> V {
        (x, x)
    }
}

#[derive(Module)]
struct Counted;

#[forward]
impl Counted {
    fn forward(&self, x: V, _steps: Steps) -> V {
        x.tanh()
    }
}

#[derive(Module)]
struct Constant;

#[forward]
impl Constant {
    fn forward(&self, x: V) -> V {
        x = x.tanh();
        x
    }
}

/// `#[derive(Module)]` is missing.
struct Plain;

#[forward]
impl Plain {
    fn forward(&self, x: V) -> V {
        x.tanh()
    }
}

fn main() {}
