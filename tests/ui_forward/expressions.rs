//! What is not understood, each at its place and with what to write instead; all are reported together.

use adamant::prelude::*;

#[derive(Module)]
struct Layer {
    weight: Param<[f32; 3]>,
}

fn helper(x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
    x
}

impl Layer {
    fn other(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        x
    }
}

#[forward]
impl Layer {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let a = x.sqare();
        let a = x.map(|x| x + 1.0);
        let a = helper(x);
        let a = self.other(x);
        let a = Layer::other(self, x);
        let f = |x: f32| x;
        let a = [x, x];
        let a = x[0];
        let a = x % 2.0;
        let a = x.0;
        let a = x.weight;
        let a = &mut x;
        let a = match 3 {
            _ => x,
        };
        let a = x + if true { x } else { x };
        let a = x.powi(x);
        let a = x.matmul();
        let a = x as f32;
        let a = println!("{x}");
        let a = unsafe { x };
        let w = self.weight.0;
        let a = x.powi(self.weight.0[0] as i32);
        let pair = (x, x);
        let a = pair * 2.0;
        let a = pair.2;
        let a = !x;
        let a = Named { tensor: x };
        let a = for _ in 0..3 {
            a = x;
        };
        let mut b = x;
        let a = (b = x.tanh());
        let a = 'label: { break 'label x };
        let a = async { x };
        let a = x.apply();
        let a = x.apply2(Twice);
        let a = x.detach(1);
        let a = x.clone(1);
        let a = x.apply(|x| x);
        x
    }
}

fn main() {}
