//! The table of dimensions that [`adamant`](https://docs.rs/adamant) computes with. Nothing here is for a program to use: `adamant::shape`
//! says what there is.
//!
//! A number as a const parameter has a row ([`Number`]) that gives it as typenum writes it; typenum computes; the way back
//! ([`Answer`], in `answer.rs`) looks binary digits up in tuples of types. `build.rs` writes the rows.
//!
//! # What the rows cost
//!
//! Those of results are cheap, 10 µs each. Those of operands are not, since the compiler looks each of them up among all the others:
//! 5,600 take it a second, all 65,537 take a hundred seconds. No encoding is known that finds a number among n without n rows of
//! one trait for one type: whatever chose among several tables would have to know the number already. So the table is a crate
//! of its own, which is compiled once, and beside the procedural macros' dependencies.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod answer;
mod meet;

pub use answer::{Answer, Big, Legible, Unknown};
pub use meet::{Meet, NotOne};

use answer::{By64, By1024, Coarse, Each4, Fine, Row};
use typenum::consts::*;
use typenum::{B0, B1, UInt};

/// A dimension as a type: `Const<28>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Const<const N: usize>;

/// The table of operands.
pub struct Numbers;

/// The table's entry for `N`.
#[diagnostic::on_unimplemented(
    message = "adamant cannot compute with a dimension of {N}",
    label = "{N} is not in the table of dimensions",
    note = "it can be any number up to 4,096 and any multiple of 64 or of 100 up to 65,536",
    note = "any other number up to 65,536 can be added: list it in the environment variable `ADAMANT_SIZES` where you build (in `.cargo/config.toml`, say), or take all of them with adamant's feature `all-sizes`",
    note = "if {N} is a const parameter of yours, your `where` lists the last bound that is required below: for `reshape`, `[[f32; W]; H]: adamant::shape::ReshapeTo<[f32; N]>`"
)]
pub trait Number<const N: usize> {
    /// `N` as typenum writes it.
    type Uint;
}

/// Four binary digits after the quotient `Q`.
type Bits4<Q, D, C, B, A> = UInt<UInt<UInt<UInt<Q, D>, C>, B>, A>;

/// Numbers, each with its typenum type.
macro_rules! operands {
    ($($n:literal = $uint:ty;)*) => {
        $(
            #[diagnostic::do_not_recommend] // or every error would list the first eight entries
            impl Number<$n> for Numbers {
                type Uint = $uint;
            }
        )*
        #[cfg(test)]
        const _: () = {
            $(
                assert!(<<Numbers as Number<$n>>::Uint as typenum::Unsigned>::USIZE == $n);
                let _: fn(<<Numbers as Number<$n>>::Uint as Answer>::Const) -> Const<$n> = |n| n;
            )*
        };
    };
}

include!(concat!(env!("OUT_DIR"), "/table.rs"));
