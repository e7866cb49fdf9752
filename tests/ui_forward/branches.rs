//! `if`, where it is not understood.

use adamant::prelude::*;

#[derive(Module)]
struct Layer {
    fast: bool,
}

#[forward]
impl Layer {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let a = if self.fast { x };
        if self.fast && let Some(b) = Some(x) {}
        let c = 2.0 * {
            let d = if self.fast { x } else { x.tanh() };
            d + a
        };
        let e = if self.fast {
            x.tanh();
        } else {
            x
        };
        if self.fast {
            return x;
        }
        if self.fast {
            x
        } else {
            let y = x.tanh();
        }
    }
}

#[derive(Module)]
struct Tail {
    fast: bool,
}

#[forward]
impl Tail {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        if self.fast { x }
    }
}

#[derive(Module)]
struct Many {
    fast: bool,
}

#[forward]
impl Many {
    fn forward(&self, mut x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        if self.fast {
            x = x.tanh();
        }
        if self.fast {
            x = x.tanh();
        }
        if self.fast {
            x = x.tanh();
        }
        if self.fast {
            x = x.tanh();
        }
        if self.fast {
            x = x.tanh();
        }
        if self.fast {
            x = x.tanh();
        }
        x
    }
}

fn main() {}
