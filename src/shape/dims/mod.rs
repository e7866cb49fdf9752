//! Arithmetic on dimensions in the type checker.
//!
//! `{(H + 2 * P - K) / S + 1}` in a type needs a nightly compiler; traits compute the same on stable. A table gives
//! each number its binary form as a type, typenum computes, the table gives the answer back as a [`Const`]. (The table is the
//! crate `adamant-dims`.) An impl may introduce the answer as a const parameter, since an associated type fixes it:
//!
//! ```
//! use adamant::shape::{Const, Window};
//!
//! /// Averages of three neighbours.
//! fn blur<const T: usize, const OT: usize>(x: &[f32; T]) -> [f32; OT]
//! where
//!     Const<T>: Window<Const<3>, Const<1>, Const<0>, Const<1>, Out = Const<OT>>,
//! {
//!     core::array::from_fn(|t| (x[t] + x[t + 1] + x[t + 2]) / 3.0)
//! }
//! assert_eq!(blur(&[1.0, 2.0, 3.0, 4.0]), [2.0, 3.0]);
//! ```
//!
//! Nothing here holds for all numbers ([`Dim`] says for which), so a function that is generic over a dimension carries
//! the bound, as `blur` does.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`Dim`]: which numbers there are |
//! | `arithmetic.rs` | [`Sum`], [`Previous`], [`Product`], [`Quotient`] |
//! | `window.rs` | [`Window`], [`TransposedWindow`]: the lengths that convolutions and pools leave |
//! | `limits.rs` | what the settings of these must keep |
//! | `rules.rs` | what these ask of their answers, in words |
//! | `elements.rs` | [`Elements`], [`ReshapeTo`], [`Flattened`]: how many numbers a shape has |
//! | `binary.rs` | subtraction and division of binary digits |
//!
//! # How errors are worded
//!
//! The compiler blames the innermost trait that fails. So every step is total (`No` or `Unknown` where there is no
//! answer) but one per rule: a trait such as [`Fits`] that accepts only an answer, has the numbers as const parameters,
//! which print as numbers, and says in words what is wrong. Its `Self` must not be the operand: where the innermost and
//! the outermost trait share their `Self`, the compiler prints the outermost.

mod arithmetic;
mod binary;
mod ceil;
mod elements;
mod limits;
mod rules;
#[cfg(test)]
mod tests;
mod window;

pub use adamant_dims::{Big, Const, Meet, Number, Numbers};
pub use arithmetic::{Previous, Product, Quotient, Sum};
pub(super) use binary::Less;
pub use ceil::CeilWindow;
pub(crate) use elements::{CountedAt, one_element};
pub use elements::{Elements, ElementsUint, Flattened, ReshapeTo};
pub use limits::{Covers, Mirrors, MirrorsSame, SameWindow, Share, Wraps, WrapsSame};
pub use window::{PaddedWindow, TransposedWindow, Window};

use adamant_dims::Answer;
use typenum::Unsigned;

/// A dimension that adamant can compute with.
///
/// | | as an operand (`Dim`) | as a result |
/// |---|---|---|
/// | every number up to | 4,096 | 16,384 |
/// | multiples of 4 up to | | 65,536 |
/// | multiples of 64 and of 100 up to | 65,536 | |
/// | multiples of 64 up to | | 262,144 |
/// | multiples of 1,024 up to | | 1,048,576 |
/// | every number up to, with the feature `all-sizes` | 65,536 | 65,536 |
///
/// The feature is for few, since its table takes the compiler a hundred seconds, once a build directory. What costs next to
/// nothing is to name the numbers: where the environment variable `ADAMANT_SIZES` is `44101,48001` when the table is compiled (in
/// `.cargo/config.toml`: `[env]`, `ADAMANT_SIZES = "44101,48001"`), these are operands and results, too.
///
/// ```compile_fail
/// # use adamant::shape::{Const, Dim};
/// fn operand<D: Dim>() {}
/// operand::<Const<48_000>>();
/// operand::<Const<48_001>>(); // error: adamant cannot compute with a dimension of 48001
/// ```
pub trait Dim {
    /// The number as typenum writes it.
    type Uint: Unsigned;
}

impl<const N: usize, U: Unsigned> Dim for Const<N>
where
    Numbers: Number<N, Uint = U>,
{
    type Uint = U;
}

type ConstOf<U> = <U as Answer>::Const;

/// An answer, where there is one.
pub struct Yes<T>(T);

/// No answer.
pub struct No;
