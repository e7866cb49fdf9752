//! tmp
use typenum::Unsigned;
/// c
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Const<const N: usize>;
/// d
pub trait Dim {
    /// u
    type Uint: Unsigned;
}
/// e
pub trait Elements {
    /// u
    type Uint: Unsigned;
}
impl Elements for f32 {
    type Uint = typenum::U1;
}
impl Elements for f64 {
    type Uint = typenum::U1;
}
impl<A: Elements, const N: usize> Elements for [A; N]
where
    Const<N>: Dim,
    A::Uint: core::ops::Mul<<Const<N> as Dim>::Uint, Output: Unsigned>,
{
    type Uint = typenum::Prod<A::Uint, <Const<N> as Dim>::Uint>;
}
macro_rules! d { ($($n:literal $u:ident),*) => { $(impl Dim for Const<$n> { type Uint = typenum::$u; })* } }
d!(1 U1, 2 U2, 3 U3, 4 U4, 5 U5, 6 U6, 7 U7, 8 U8, 10 U10, 16 U16, 32 U32, 64 U64);
