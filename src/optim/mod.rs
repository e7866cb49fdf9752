//! Optimisers and learning-rate schedules: one file each, with the names, the defaults and the arithmetic of
//! [`torch.optim`](https://docs.pytorch.org/docs/stable/optim.html).
//!
//! | | moments kept for each parameter |
//! |---|---|
//! | [`Sgd`] | none; 1 with `momentum` |
//! | [`Adagrad`] | 1 |
//! | [`RmsProp`] | 1; 1 more with `centered`, 1 more with `momentum` |
//! | [`Adadelta`], [`Adam`], [`Adamax`], [`AdamW`], [`NAdam`], [`RAdam`] | 2; 3 with `amsgrad` |
//!
//! - **Settings** are public `f64` fields with setters that chain. Each is converted to the type of a parameter's elements once
//!   a tensor and step; bias corrections are computed in `f64`.
//! - **State** is as many mirrors of the model's gradients as the settings need. It is a part of the optimiser: no heap, and a
//!   frozen layer costs nothing. One that is too large for the stack is made by `boxed` (with `alloc`), or is a `static` that
//!   starts as `BLANK`.
//! - **In formulas** θ is a parameter, g its gradient, γ the learning rate, λ the weight decay, t the number of the step, from 1.
//!   All arithmetic is element by element, and NaN goes through it.
//! - **A setting out of its range** (a negative rate, a β of 1), which PyTorch refuses, is taken as it is.
//!
//! A training loop that works with any of them asks for an [`Optimizer`]:
//!
//! ```
//! use adamant::prelude::*;
//!
//! fn fit<const N: usize>(model: &mut Linear<3, 1>, x: &Tensor<[[f32; 3]; N]>, optimizer: &mut impl Optimizer<Linear<3, 1>>) {
//!     let warm_up = LinearLr::new(optimizer.learning_rate(), 10);
//!     for step in 0..100 {
//!         let (_, grads) = model.gradients(x, |y| mse_loss(y, &Tensor::ones(), Reduction::Sum));
//!         optimizer.set_lr(warm_up.lr(step));
//!         optimizer.step(model, &grads);
//!     }
//! }
//!
//! let mut model = Linear::init(&mut SmallRng::seed_from_u64(0));
//! let x = Tensor([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]]);
//! let mut sgd = Sgd::new(&model).lr(0.1).momentum(0.5);
//! fit(&mut model, &x, &mut sgd);
//! assert!(model.forward(&x).all_close(&Tensor::ones(), 1e-3, 0.0));
//! ```

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod nadam;
mod radam;
mod rmsprop;
mod schedule;
mod sgd;
mod state;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use nadam::NAdam;
pub use radam::RAdam;
pub use rmsprop::RmsProp;
pub use schedule::*;
pub use sgd::Sgd;

use crate::nn::{Grads, Parameters, Visitor, VisitorMut};
use crate::simd::Float;

/// Something that trains a model of type `M`.
///
/// `&mut dyn Optimizer<M>` is one chosen at run time.
pub trait Optimizer<M: Parameters> {
    /// Changes the model's parameters by one step against their gradients, and takes back what training carried along with the
    /// gradients: running statistics, random streams.
    fn step(&mut self, model: &mut M, grads: &Grads<M>);

    /// The learning rate.
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate: `optimizer.set_lr(schedule.lr(step))`.
    fn set_lr(&mut self, lr: f64);

    /// Forgets all steps: the state is as at the start. The settings stay.
    fn reset(&mut self);

    /// How many steps were taken.
    fn steps(&self) -> u64;

    /// Shows every moment to `visitor`, named as in PyTorch's `state_dict` and then as its parameter: `exp_avg.0.weight`. With
    /// [`steps`](Self::steps), this is what a checkpoint needs.
    fn visit_state<V: Visitor>(&self, visitor: &mut V)
    where
        Self: Sized;

    /// Lets `visitor` write every moment, and sets the number of steps taken: how a checkpoint is read.
    ///
    /// Any gradients of the model will do as `names`: their structure is what counts.
    fn visit_state_mut<V: VisitorMut>(&mut self, names: &Grads<M>, steps: u64, visitor: &mut V)
    where
        Self: Sized;
}

/// Names the starting value of an optimiser for the heap.
#[cfg(feature = "alloc")]
struct Start;

/// What all optimisers have beside their settings and their rule.
///
/// `name<its constants> where rule: Update<K>, { settings }, state field: names of its moments`. The type must have the constant
/// `BLANK`, the field `steps`, and a method `apply` that takes one step.
macro_rules! optimizer {
    (
        $name:ident<$($k:ident),*> $(where $rule:ty: Update<$n:ident>)?,
        { $($setting:ident),+ },
        $($state:ident: $moments:expr),+
    ) => {
        impl<M: Parameters> $name<M> {
            /// Starts with PyTorch's defaults. The model is there to tell its type.
            pub const fn new(_model: &M) -> Self {
                Self::BLANK
            }
        }

        impl<M: Parameters $(, const $k: usize)*> $name<M $(, $k)*> {
            /// Starts with PyTorch's defaults on the heap, made there: for models that are larger than a stack. The settings are
            /// fields to assign to.
            #[cfg(feature = "alloc")]
            pub fn boxed() -> alloc::boxed::Box<Self> {
                crate::heap::start::<Self, crate::optim::Start>()
            }

            /// Sets the learning rate.
            pub const fn lr(mut self, lr: f64) -> Self {
                self.lr = lr;
                self
            }
        }

        #[cfg(feature = "alloc")]
        impl<M: Parameters $(, const $k: usize)*> crate::heap::Constant<$name<M $(, $k)*>> for crate::optim::Start {
            const VALUE: $name<M $(, $k)*> = $name::BLANK;
        }

        impl<M: Parameters $(, const $k: usize)*> Clone for $name<M $(, $k)*> {
            fn clone(&self) -> Self {
                Self { ..*self }
            }
        }

        /// The settings, without the state.
        impl<M: Parameters $(, const $k: usize)*> core::fmt::Debug for $name<M $(, $k)*> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($setting), &self.$setting))+
                    .field("steps", &self.steps)
                    .finish_non_exhaustive()
            }
        }

        impl<M: Parameters $(, const $k: usize)*> crate::optim::Optimizer<M> for $name<M $(, $k)*>
        $(where $rule: Update<$n>)?
        {
            fn step(&mut self, model: &mut M, grads: &M::Grads) {
                self.steps = self.steps.saturating_add(1);
                self.apply(model, grads);
                model.absorb(grads);
            }

            fn learning_rate(&self) -> f64 {
                self.lr
            }

            fn set_lr(&mut self, lr: f64) {
                self.lr = lr;
            }

            fn reset(&mut self) {
                self.steps = 0;
                $(self.$state.iter_mut().for_each(crate::nn::Gradients::zero);)+
            }

            fn steps(&self) -> u64 {
                self.steps
            }

            fn visit_state<V: crate::nn::Visitor>(&self, visitor: &mut V) {
                $(crate::optim::state::show(&self.$state, &$moments, visitor);)+
            }

            fn visit_state_mut<V: crate::nn::VisitorMut>(&mut self, names: &M::Grads, steps: u64, visitor: &mut V) {
                self.steps = steps;
                $(crate::optim::state::show_mut(&mut self.$state, &$moments, names, visitor);)+
            }
        }
    };
}

use optimizer;

/// 1 − βᵗ: how much of an average over t steps is data, not its start at zero.
fn bias_correction(beta: f64, steps: u64) -> f64 {
    // Beyond 2³¹ steps the power of any β below 1 − 10⁻⁸ is 0.
    1.0 - Float::powi(beta, i32::try_from(steps).unwrap_or(i32::MAX))
}

/// g + λ·θ. Without decay θ does not take part, so an infinite one makes no NaN.
#[inline(always)]
fn decayed<T: Float>(grad: T, param: T, decay: T) -> T {
    if decay == T::ZERO { grad } else { grad + decay * param }
}

#[cfg(test)]
mod tests;
