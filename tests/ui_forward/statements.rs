//! Statements that are not understood.

use adamant::prelude::*;

#[derive(Module)]
struct Layer {
    weight: Param<[f32; 3]>,
    hidden: Linear<3, 3>,
    steps: usize,
}

#[forward]
impl Layer {
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
        if h.sum() > 0.0 {
            h = h.tanh();
        }
        if let Some(z) = Some(3) {
            h = h.tanh();
        }
        h.tanh();
        self.weight = x;
        *h.get_mut(0) = 1.0;
        unknown = h;
        dbg!(h);
        let sum = {
            h.tanh();
        };
        let z = h.checked()?;
        let w = self;
        return h;
    }
}

#[forward]
impl Layer2 {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let hidden = &self.hidden;
        let y = hidden.forward(x);
        let y = self.hidden.forward();
        self.hidden.forward(&y, &x);
    }
}

fn main() {}
