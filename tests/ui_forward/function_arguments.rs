//! Functions with `#[forward]`, given what does not fit.
use adamant::prelude::*;

#[forward]
fn squares<const N: usize>(p: Tensor<[f32; N]>, y: &Tensor<[f32; N]>) -> f32 {
    (p - y).square().sum()
}

#[forward]
fn of_three(p: Tensor<[f32; 3]>) -> f32 {
    squares(p, &Tensor([0.0; 4]))
}

fn main() {
    let model = Linear::<2, 4>::BLANK;
    model.gradients(&Tensor([1.0, 2.0]), |p| squares(p, &Tensor([0.0; 3])));
    model.gradients(&Tensor([1.0, 2.0]), |p| squares(&*p, &Tensor([0.0; 4])));
    model.gradients(&Tensor([1.0, 2.0]), |p| of_three(p));
    squares(1.0f32, &Tensor([0.0; 3]));
}
