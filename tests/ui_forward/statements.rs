//! Statements that are not understood.

use adamant::prelude::*;

#[derive(Module)]
struct Layer<const N: usize> {
    weight: Param<[f32; N]>,
    hidden: Linear<3, 3>,
    steps: usize,
}

#[forward]
impl<const N: usize> Layer<N> {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let late;
        let Some(y) = Some(x) else { return x };
        let (a, b) = (x, x, x);
        let Tensor(c) = x;
        let mut h = x;
        let n = 3;
        while true {
            h = h.tanh();
        }
        loop {
            break;
        }
        for t in 0..n {
            h = h.tanh();
        }
        for t in 0..self.steps {
            h = h.tanh();
        }
        for t in 0..=3 {
            h = h.tanh();
        }
        for row in h.rows() {
            h = h.tanh();
        }
        for _ in 0..3 {
            h.tanh();
        }
        'a: for (i, j) in 0..3 {
            h = h.tanh();
        }
        let mut pair = (h, h);
        for t in 0..3 {
            pair = (pair.1, pair.0.tanh());
            h = (h, h);
            if t == 1 {
                continue;
            } else if t == 2 {
                break;
            }
        }
        for t in 0..N - 1 {
            h = h.tanh();
        }
        for h in 0..3 {
            h = 2.0;
        }
        if h.sum() > 0.0 {
            h = h.tanh();
        }
        if let Some(z) = Some(3) {
            h = h.tanh();
        }
        h.tanh();
        self.weight = x;
        pair.0 = x;
        *h.get_mut(0) = 1.0;
        unknown = h;
        dbg!(h);
        let sum = {
            h.tanh();
        };
        let sum = {
            const SCALE: f32 = 2.0;
            let y = h * SCALE;
        };
        let sum = x * { let y = x; };
        let z = h.checked()?;
        let w = self;
        return h;
    }
}

#[derive(Module)]
#[module(custom(forward))]
struct Calls {
    hidden: Linear<3, 3>,
    layers: [Linear<3, 3>; 2],
}

#[forward]
impl Calls {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let y = self.layers[x].forward(x);
        let hidden = &self.hidden;
        let y = hidden.forward(x);
        let y = self.hidden.forward();
        self.hidden.forward(&y, &x);
    }
}

#[derive(Module)]
struct Ends;

#[forward]
impl Ends {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let y = x.tanh();
    }
}

#[derive(Module)]
struct Stops;

#[forward]
impl Stops {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        todo!();
    }
}

fn main() {}
