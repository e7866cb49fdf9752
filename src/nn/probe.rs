//! [`Probe`]: what is done with what passes an [`Inspect`](super::Inspect).

use core::fmt::{self, Display, Formatter};

use rand::Rng;

use crate::init::Init;
use crate::shape::Dims;
use crate::simd::{self, Float};

/// What is done with what passes an [`Inspect`](super::Inspect).
///
/// ```
/// use adamant::nn::{Direction, Passing, Probe};
/// use adamant::prelude::*;
/// use std::cell::Cell;
///
/// /// Keeps the largest gradient.
/// struct Largest<'a>(&'a Cell<f64>);
///
/// impl Probe for Largest<'_> {
///     fn see<T: Float>(&self, passing: &Passing<'_, T>) {
///         if passing.direction == Direction::Gradient {
///             let largest = passing.numbers.iter().fold(self.0.get(), |max, x| max.max(x.to_f64().abs()));
///             self.0.set(largest);
///         }
///     }
/// }
///
/// let seen = Cell::new(0.0);
/// let net = sequential![Linear::<3, 2>::init(&mut SmallRng::seed_from_u64(0)), Inspect { name: "y", probe: Largest(&seen) }];
/// net.gradients(&Tensor([1.0f32, 2.0, 3.0]), |y| mse_loss(y, &Tensor([9.0, 9.0]), Reduction::Sum));
/// assert!(seen.get() > 1.0);
/// ```
pub trait Probe {
    /// Is shown every value, and on the way back every gradient.
    fn see<T: Float>(&self, passing: &Passing<'_, T>);
}

/// What passes an [`Inspect`](super::Inspect).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Passing<'a, T> {
    /// The name of the place.
    pub name: &'a str,
    /// Whether it is a value or a gradient.
    pub direction: Direction,
    /// The sizes of its dimensions.
    pub dims: Dims,
    /// The numbers, row by row.
    pub numbers: &'a [T],
}

/// Which way something passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// Forward: a value.
    Value,
    /// Backward: the loss's gradient with respect to that value.
    Gradient,
}

impl Display for Direction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "value",
            Self::Gradient => "gradient",
        })
    }
}

impl<T: Float> Passing<'_, T> {
    /// The place of the first NaN in [`numbers`](Self::numbers).
    pub fn first_nan(&self) -> Option<usize> {
        self.numbers.iter().position(|x| x.is_nan())
    }
}

/// One line: the name, the sizes, the mean and the extremes, of which NaN is one.
impl<T: Float> Display for Passing<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { name, direction, dims, numbers } = *self;
        let comma = if name.is_empty() { "" } else { ", " };
        let mean = simd::sum(numbers).to_f64() / numbers.len() as f64;
        let (min, max) = (simd::min(numbers).to_f64(), simd::max(numbers).to_f64());
        write!(f, "{name}{comma}{direction} {dims}: mean {mean:.3e}, from {min:.3e} to {max:.3e}")
    }
}

/// Writes a line of everything that passes an [`Inspect`](super::Inspect) to the standard error.
#[cfg(feature = "std")]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Print;

#[cfg(feature = "std")]
impl Probe for Print {
    #[allow(clippy::print_stderr, reason = "asked for")]
    fn see<T: Float>(&self, passing: &Passing<'_, T>) {
        std::eprintln!("{passing}");
    }
}

/// Panics at the first NaN that passes an [`Inspect`](super::Inspect), and says whether it came forward or backward, and where it
/// stood. Nothing else in this crate panics in a pass; this is there to stop a run under a debugger or in a test.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StopAtNan;

impl Probe for StopAtNan {
    fn see<T: Float>(&self, passing: &Passing<'_, T>) {
        if let Some(place) = passing.first_nan() {
            stop(passing.name, passing.direction, passing.dims, place);
        }
    }
}

/// Apart from the pass, so that it is no part of its code.
#[cold]
#[allow(clippy::panic, reason = "asked for")]
fn stop(name: &str, direction: Direction, dims: Dims, place: usize) -> ! {
    let mut index = [0; Dims::MAX_RANK];
    let mut rest = place;
    for (i, size) in index.iter_mut().zip(dims.as_slice()).rev() {
        (*i, rest) = (rest % size.max(&1), rest / size.max(&1));
    }
    let index = index.split_at(dims.as_slice().len()).0;
    panic!("the first NaN: {direction} at `{name}`, {dims}, element {index:?}");
}

macro_rules! probes {
    ($($(#[$cfg:meta])? $probe:ident;)+) => {$(
        $(#[$cfg])?
        impl Init for $probe {
            const BLANK: Self = Self;

            fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
        }
    )+};
}

probes! {
    #[cfg(feature = "std")]
    Print;
    StopAtNan;
}
