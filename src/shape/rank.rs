//! The number of dimensions as a type.

/// `R` dimensions.
#[derive(Clone, Copy, Debug)]
pub struct Rank<const R: usize>;

/// What a number of dimensions brings with it.
pub trait RankNumber {
    /// One dimension more.
    type Next: RankNumber;
    /// The index of an element: one number a dimension, outermost first.
    type Index: Copy + Default + AsRef<[usize]> + AsMut<[usize]>;
}

/// The difference of two ranks: `Rank<3>: Minus<Rank<1>, Out = Rank<2>>`.
#[diagnostic::on_unimplemented(
    message = "the right-hand tensor has more dimensions than the left-hand one",
    note = "broadcasting repeats the right-hand tensor over the leading dimensions of the left-hand one"
)]
pub trait Minus<R> {
    /// How many dimensions are left.
    type Out;
}

macro_rules! ranks {
    ($($rank:literal -> $next:literal),+) => {$(
        impl RankNumber for Rank<$rank> {
            type Next = Rank<$next>;
            type Index = [usize; $rank];
        }
    )+};
}

// Nine dimensions are refused by `Dims::within`, so the last line is never reached.
ranks!(0 -> 1, 1 -> 2, 2 -> 3, 3 -> 4, 4 -> 5, 5 -> 6, 6 -> 7, 7 -> 8, 8 -> 8);

/// Two ranks side by side: `Rank<3>: Beside<Rank<1>, Lead = Lead<2, 0>>`.
pub trait Beside<R> {
    /// How many dimensions each has more than the other.
    type Lead;
}

/// The left has so many dimensions more than the right, or the right than the left.
#[derive(Clone, Copy, Debug)]
pub struct Lead<const LEFT: usize, const RIGHT: usize>;

macro_rules! differences {
    ($($a:literal: $($b:literal = $lead:literal),*;)+) => {$(
        impl Minus<Rank<$a>> for Rank<$a> {
            type Out = Rank<0>;
        }

        impl Beside<Rank<$a>> for Rank<$a> {
            type Lead = Lead<0, 0>;
        }
        $(
            impl Minus<Rank<$b>> for Rank<$a> {
                type Out = Rank<$lead>;
            }

            impl Beside<Rank<$b>> for Rank<$a> {
                type Lead = Lead<$lead, 0>;
            }

            impl Beside<Rank<$a>> for Rank<$b> {
                type Lead = Lead<0, $lead>;
            }
        )*
    )+};
}

differences! {
    0:;
    1: 0 = 1;
    2: 0 = 2, 1 = 1;
    3: 0 = 3, 1 = 2, 2 = 1;
    4: 0 = 4, 1 = 3, 2 = 2, 3 = 1;
    5: 0 = 5, 1 = 4, 2 = 3, 3 = 2, 4 = 1;
    6: 0 = 6, 1 = 5, 2 = 4, 3 = 3, 4 = 2, 5 = 1;
    7: 0 = 7, 1 = 6, 2 = 5, 3 = 4, 4 = 3, 5 = 2, 6 = 1;
    8: 0 = 8, 1 = 7, 2 = 6, 3 = 5, 4 = 4, 5 = 3, 6 = 2, 7 = 1;
}
