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
//! - **Settings** are fields (`adam.lr = 1e-2`) with setters that chain. Each is converted to the type of a parameter's elements
//!   once a tensor and step, and computed with in that: a chip without arithmetic for doubles does none. ([`NAdam`] and [`RAdam`] do some
//!   each step, for what they would lose digits of.)
//! - **State** is as many mirrors of the model's gradients as the settings need. It is a part of the optimiser: no heap, and a
//!   frozen layer costs nothing. One that is too large for the stack is made by `boxed` (with `alloc`), or is a `static` that
//!   starts as `BLANK`. Neither costs more than its code in the executable: a fresh optimiser is all zeros.
//! - **A checkpoint** ([`Checkpoint`](crate::weights::Checkpoint) makes it a file) is [`visit_state`](Optimizer::visit_state) and
//!   [`steps`](Optimizer::steps): all that an optimiser keeps beside its settings. One that reads it, with the same settings, goes on
//!   bit for bit as the one that wrote it. A [`Schedule`] keeps nothing: it asks for the step.
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
mod moments;
mod nadam;
mod radam;
mod rmsprop;
mod schedule;
mod settings;
mod sgd;
mod state;

pub use adadelta::{Adadelta, AdadeltaSettings};
pub use adagrad::{Adagrad, AdagradSettings};
pub use adam::{Adam, AdamSettings};
pub use adamax::{Adamax, AdamaxSettings};
pub use adamw::{AdamW, AdamWSettings};
pub use nadam::{NAdam, NAdamSettings};
pub use radam::{RAdam, RAdamSettings};
pub use rmsprop::{RmsProp, RmsPropSettings};
pub use schedule::*;
pub use sgd::{Sgd, SgdSettings};

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
    #[doc(alias = "param_groups")]
    fn set_lr(&mut self, lr: f64);

    /// Forgets all steps: the state is as at the start. The settings stay.
    fn reset(&mut self);

    /// How many steps were taken.
    fn steps(&self) -> u64;

    /// Shows all of the state to `visitor`, named as in PyTorch's `state_dict`: every moment, whose name is followed by its
    /// parameter's (`exp_avg.0.weight`), and where a rule keeps a number, that (`mu_product`, without dimensions). With
    /// [`steps`](Self::steps), this is what a checkpoint needs. Moments of absent parts (`None`) are among them, as zeros.
    #[doc(alias = "state_dict")]
    fn visit_state<V: Visitor>(&self, visitor: &mut V)
    where
        Self: Sized;

    /// Lets `visitor` write all of the state, and sets the number of steps taken: how a checkpoint is read.
    #[doc(alias = "load_state_dict")]
    fn visit_state_mut<V: VisitorMut>(&mut self, steps: u64, visitor: &mut V)
    where
        Self: Sized;
}

/// What all optimisers have beside their rule.
///
/// `name<its constants> where rule: Update<K>, its settings: those that have a setter beside the learning rate, part of the state:
/// names in it`. The type must have the fields `settings`, `steps` and the parts of the state, and a method `apply` that takes one
/// step.
macro_rules! optimizer {
    (
        $name:ident<$($k:ident),*> $(where $rule:ty: Update<$n:ident>)?,
        $settings:ident: $($setter:ident $(($first:ident, $second:ident))?)*,
        $($state:ident: $names:expr),+
    ) => {
        impl<M: Parameters> $name<M> {
            /// Starts with PyTorch's defaults. The model is there to tell its type. A state that is too large for a stack does not
            /// build: [`boxed`](Self::boxed) makes it.
            pub const fn new(_model: &M) -> Self {
                const {
                    let (what, instead) = (concat!("`", stringify!($name), "::new`"), concat!("`", stringify!($name), "::<Net>::boxed()`"));
                    crate::stack::beside::<M, M::Grads, Self>(what, instead);
                }
                Self::BLANK
            }
        }

        impl<M: Parameters $(, const $k: usize)*> $name<M $(, $k)*> {
            /// PyTorch's defaults and an empty state: all its bytes are zero, so a `static` that starts as this costs no flash.
            /// Settings are told to it at run time then, since they are not zero: `adam.lr = 1e-2`.
            pub const BLANK: Self = Self {
                settings: crate::optim::settings::Settings::UNTOLD,
                steps: 0,
                $($state: crate::Buffer::ZERO),+
            };

            /// Starts with PyTorch's defaults on the heap, made there: for models that are larger than a stack. The settings are
            /// fields to assign to.
            #[cfg(feature = "alloc")]
            pub fn boxed() -> alloc::boxed::Box<Self> {
                crate::heap::boxed(Self::blank_in)
            }

            #[cfg(feature = "alloc")]
            fn blank_in(slot: crate::heap::Slot<'_, Self>) -> crate::heap::Filled<'_, Self> {
                crate::in_place!(slot, Self {
                    settings: |slot| slot.write(crate::optim::settings::Settings::UNTOLD),
                    steps: |slot| slot.write(0),
                    $($state: crate::Buffer::zero_in),+
                })
            }

            crate::optim::optimizer!(@setter $settings lr);
            $(crate::optim::optimizer!(@setter $settings $setter $(($first, $second))?);)*
        }

        impl<M: Parameters $(, const $k: usize)*> Clone for $name<M $(, $k)*> {
            fn clone(&self) -> Self {
                Self { ..*self }
            }
        }

        /// The settings are its fields.
        impl<M: Parameters $(, const $k: usize)*> core::ops::Deref for $name<M $(, $k)*> {
            type Target = $settings;

            #[inline]
            fn deref(&self) -> &$settings {
                self.settings.get()
            }
        }

        impl<M: Parameters $(, const $k: usize)*> core::ops::DerefMut for $name<M $(, $k)*> {
            #[inline]
            fn deref_mut(&mut self) -> &mut $settings {
                self.settings.edit()
            }
        }

        /// The settings, without the state.
        impl<M: Parameters $(, const $k: usize)*> core::fmt::Debug for $name<M $(, $k)*> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let settings = self.settings.get();
                f.debug_struct(stringify!($name)).field("settings", settings).field("steps", &self.steps).finish_non_exhaustive()
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
                $(crate::optim::state::Kept::<M::Grads>::reset(&mut self.$state);)+
            }

            fn steps(&self) -> u64 {
                self.steps
            }

            fn visit_state<V: crate::nn::Visitor>(&self, visitor: &mut V) {
                $(crate::optim::state::Kept::<M::Grads>::show(&self.$state, &$names, visitor);)+
            }

            fn visit_state_mut<V: crate::nn::VisitorMut>(&mut self, steps: u64, visitor: &mut V) {
                self.steps = steps;
                $(crate::optim::state::Kept::<M::Grads>::show_mut(&mut self.$state, &$names, visitor);)+
            }
        }
    };
    (@setter $settings:ident $setting:ident) => {
        #[doc = concat!("Sets [`", stringify!($setting), "`](", stringify!($settings), "::", stringify!($setting), ").")]
        pub const fn $setting(mut self, $setting: f64) -> Self {
            self.settings.edit().$setting = $setting;
            self
        }
    };
    (@setter $settings:ident $setting:ident($first:ident, $second:ident)) => {
        #[doc = concat!("Sets [`", stringify!($setting), "`](", stringify!($settings), "::", stringify!($setting), ").")]
        pub const fn $setting(mut self, $first: f64, $second: f64) -> Self {
            self.settings.edit().$setting = ($first, $second);
            self
        }
    };
}

use optimizer;

/// 1 − βᵗ: how much of an average over t steps is data, not its start at zero.
///
/// In the type of a parameter's elements, by squaring: 1 − βᵐ⁺ⁿ = (1 − βᵐ) + (1 − βⁿ)·βᵐ is a sum of positive numbers, in which no
/// digits are lost, as they are in 1 minus a power.
#[inline(always)]
fn bias_correction<T: Float>(beta: f64, steps: u64) -> T {
    let (mut correction, mut square) = (T::ZERO, T::complement(beta));
    // Beyond 2³² steps the power of any β below 1 − 10⁻⁸ is 0.
    let mut rest = u32::try_from(steps).unwrap_or(u32::MAX);
    while rest > 0 {
        if rest % 2 == 1 {
            correction += square * (T::ONE - correction);
        }
        square += square * (T::ONE - square);
        rest /= 2;
    }
    correction
}

/// g + λ·θ, where there is decay: without it θ does not take part, so an infinite one makes no NaN. For loops that are written once for
/// each, since a compiler that optimises for size would ask in every turn.
#[inline(always)]
fn penalised<const DECAYS: bool, T: Float>(grad: T, param: T, decay: T) -> T {
    if DECAYS { grad + decay * param } else { grad }
}

/// g + λ·θ. Without decay θ does not take part, so an infinite one makes no NaN.
#[inline(always)]
fn decayed<T: Float>(grad: T, param: T, decay: T) -> T {
    if decay == T::ZERO { grad } else { grad + decay * param }
}

#[cfg(test)]
mod tests;
