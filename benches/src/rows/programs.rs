//! How adamant is called: a forward pass, a layer's gradient, a step of training.

use std::hint::black_box;

use adamant::nn::LossOf;
use adamant::prelude::*;

use crate::program::Program;

/// The model that every program of a row starts from.
pub fn model<M: Init>() -> Box<M> {
    M::init_boxed(&mut SmallRng::seed_from_u64(1))
}

/// A tensor on the heap, normally distributed.
pub fn randn<S: Shape<Elem = f32>>(seed: u64) -> Box<Tensor<S>> {
    let mut x = Tensor::<S>::boxed();
    x.fill_normal(0.0, 1.0, &mut SmallRng::seed_from_u64(seed));
    x
}

/// Class labels, each number in turn.
pub fn labels<const B: usize>(classes: u8) -> [u8; B] {
    std::array::from_fn(|i| (i % usize::from(classes)) as u8)
}

/// y = model(x), written into a buffer that is there.
pub fn forward<M, X, Y>(model: Box<M>, x: Box<X>) -> Program
where
    M: Module<X, Output = Tensor<Y>> + 'static,
    X: Clone + 'static,
    Y: Shape<Elem = f32>,
{
    let start = move || Tensor::<Y>::boxed();
    let run = move |y: &mut Box<Tensor<Y>>| model.forward_into(black_box(&*x), y);
    Program::new("adamant", start, run, |y| y.as_slice().to_vec())
}

/// The gradients with respect to x and to every parameter, given the one with respect to y.
pub fn gradient<M, X, Y>(model: Box<M>, x: Box<Tensor<X>>, dy: Box<Tensor<Y>>) -> Program
where
    M: Backprop<Tensor<X>, Output = Tensor<Y>> + 'static,
    X: Shape<Elem = f32>,
    Y: Shape<Elem = f32>,
{
    let grads = model.boxed_grads();
    let start = move || (Tensor::<X>::boxed(), grads.clone());
    let run = move |(dx, grads): &mut (Box<Tensor<X>>, Box<Grads<M>>)| {
        dx.clone_from(black_box(&x));
        grads.zero();
        model.backprop(dx, grads, |y| y.clone_from(black_box(&dy)));
    };
    Program::new("adamant", start, run, |(dx, grads)| [dx.as_slice().to_vec(), numbers(&**grads)].concat())
}

/// All numbers of a model's gradients.
pub fn numbers(grads: &impl Gradients) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl Visitor for Collect {
        fn visit<T: Float>(&mut self, _: &Info<'_>, values: &[T]) {
            self.0.extend(values.iter().map(|value| value.to_f64() as f32));
        }
    }
    let mut collect = Collect(Vec::new());
    grads.visit(Name::ROOT, &mut collect);
    collect.0
}

/// A step of training with Adam; its result is the loss.
pub fn step<M, X, L>(x: Box<X>, lr: f64, loss: impl Fn(&mut M::Output) -> L + 'static) -> Program
where
    M: Init + Backprop<X> + 'static,
    X: Clone + 'static,
    L: LossOf<M::Output, Value = f32>,
{
    let start = move || {
        let mut adam = Adam::<M>::boxed();
        adam.set_lr(lr);
        let model = model::<M>();
        let grads = model.boxed_grads();
        (model, grads, adam, 0.0)
    };
    let run = move |(model, grads, adam, last): &mut (Box<M>, Box<Grads<M>>, Box<Adam<M>>, f32)| {
        grads.zero();
        *last = model.add_gradients(black_box(&*x), grads, &loss);
        adam.step(model, grads);
    };
    Program::new("adamant", start, run, |(.., last)| vec![*last])
}
