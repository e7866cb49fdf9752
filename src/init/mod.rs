//! How parameters start.
//!
//! [`Init`] makes a layer or model with PyTorch's defaults; the functions fill a single tensor, as
//! [`torch.nn.init`](https://docs.pytorch.org/docs/stable/nn.init.html) does:
//! `kaiming_uniform(&mut layer.weight, Fan::In, gain::relu(), rng)`.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`Init`] |
//! | `distributions.rs` | [`constant`], [`zeros`], [`ones`], [`eye`], [`uniform`], [`normal`], Kaiming's and Xavier's |
//! | `orthogonal.rs` | [`orthogonal`] |
//! | `fans.rs` | [`Fans`]: the fan in and fan out that a weight's shape has |
//! | `gain.rs` | [`gain`]: a factor for each nonlinearity |

mod distributions;
mod fans;
pub mod gain;
mod orthogonal;

pub use distributions::*;
pub use fans::{Fan, Fans};
pub use orthogonal::orthogonal;

use core::mem::MaybeUninit;

use rand::Rng;

use crate::heap::{self, Constant, Filled, Slot};
use crate::shape::Shape;
use crate::simd::Float;
use crate::stack::by_value;
use crate::tensor::Tensor;

/// Something that can start from a seed: every layer, and every `#[derive(Module)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not know how it starts",
    note = "`init` is there for models whose every field has it; make the value yourself where one has not"
)]
pub trait Init: Sized {
    /// The layer with its default settings and its parameters at zero (or wherever a constant start is usual). A constant, so
    /// a model can be a `static`, or be made in place on the heap.
    const BLANK: Self;
    /// The same with each optional part there: what [`weights!`](crate::weights!) starts from.
    const COMPLETE: Self = Self::BLANK;

    /// [`BLANK`](Self::BLANK), made in place. The provided method copies it, so that it stands in the executable; a layer with
    /// large parameters overrides it, as `#[derive(Module)]` does: see [`heap`].
    #[inline]
    fn blank_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        slot.constant::<Blank>()
    }

    /// Gives the parameters the starting values that PyTorch gives them.
    #[doc(alias = "apply")]
    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R);

    /// The layer with PyTorch's default settings and starting values. One that is too large for a stack does not build:
    /// [`init_boxed`](Self::init_boxed) makes it.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let net = <Sequential![Linear<4, 8>, Tanh, Linear<8, 1>]>::init(rng);
    /// ```
    fn init<R: Rng + ?Sized>(rng: &mut R) -> Self {
        const { by_value::<Self>("`init`", "`Net::init_boxed(rng)`") };
        let mut layer = Self::BLANK;
        layer.reset_parameters(rng);
        layer
    }

    /// As [`init`](Self::init), made in place on the heap: for models that are larger than a stack.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let net = <Sequential![Linear<784, 512>, Relu, Linear<512, 10>]>::init_boxed(rng);
    /// ```
    #[cfg(feature = "alloc")]
    fn init_boxed<R: Rng + ?Sized>(rng: &mut R) -> alloc::boxed::Box<Self> {
        let mut layer = heap::boxed(Self::blank_in);
        layer.reset_parameters(rng);
        layer
    }

    /// As [`init`](Self::init), made in memory that is lent. A `static` that starts uninitialised costs no flash, where one that
    /// starts as [`BLANK`](Self::BLANK) costs as much as the model as soon as anything in it is not zero: a setting, a weight of
    /// batch normalisation.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// use std::mem::MaybeUninit;
    /// use std::sync::Mutex;
    ///
    /// type Net = Sequential![Linear<4, 8>, BatchNorm1d<8>, Tanh, Linear<8, 1>];
    /// static NET: Mutex<MaybeUninit<Net>> = Mutex::new(MaybeUninit::uninit());
    ///
    /// let mut memory = NET.lock().unwrap();
    /// let net: &mut Net = Net::init_in(&mut memory, &mut SmallRng::seed_from_u64(0));
    /// println!("{}", net.forward(&Tensor([[1.0, 2.0, 3.0, 4.0]])));
    /// ```
    fn init_in<'m, R: Rng + ?Sized>(memory: &'m mut MaybeUninit<Self>, rng: &mut R) -> &'m mut Self {
        let layer = heap::lend(memory, Self::blank_in);
        layer.reset_parameters(rng);
        layer
    }
}

/// [`Init::BLANK`].
struct Blank;

impl<M: Init> Constant<M> for Blank {
    const VALUE: M = M::BLANK;
}

/// The [`Init`] of a struct from one list of its fields: those that start blank, those that start from a constant, and those that
/// start from one that may be large, with a function that makes it in place.
macro_rules! blank {
    ($($field:tt $(= $value:expr $(=> $fill:expr)?)?),* $(,)?) => {
        const BLANK: Self = Self { $($field: $crate::init::blank!(@value BLANK $($value)?)),* };
        const COMPLETE: Self = Self { $($field: $crate::init::blank!(@value COMPLETE $($value)?)),* };

        fn blank_in(slot: $crate::heap::Slot<'_, Self>) -> $crate::heap::Filled<'_, Self> {
            $crate::in_place!(slot, Self { $($field: $crate::init::blank!(@fill $($value $(=> $fill)?)?)),* })
        }
    };
    (@value $start:ident) => { $crate::init::Init::$start };
    (@value $start:ident $value:expr) => { $value };
    (@fill) => { $crate::init::Init::blank_in };
    (@fill $value:expr) => { |slot| slot.write($value) };
    (@fill $value:expr => $fill:expr) => { $fill };
}

pub(crate) use blank;

/// Starts a field as the closure that `#[module(init = …)]` gives says; its types come from here.
#[doc(hidden)]
#[inline]
pub fn start<F, R: ?Sized>(field: &mut F, rng: &mut R, how: impl FnOnce(&mut F, &mut R)) {
    how(field, rng);
}

/// Uniform in ±1/√`fan_in`: what PyTorch's linear, convolutional and recurrent layers start with.
pub(crate) fn uniform_fan_in<S: Shape<Elem = T>, T: Float, R: Rng + ?Sized>(
    tensor: &mut Tensor<S>,
    fan_in: usize,
    rng: &mut R,
) {
    let bound = if fan_in == 0 { T::ZERO } else { T::from_usize(fan_in).sqrt().recip() };
    tensor.fill_uniform(-bound, bound, rng);
}
