//! What stands in a model and holds no tensor: activations, plain numbers.

/// Implements [`Parameters`](crate::nn::Parameters) for types that hold no tensor.
///
/// Each type is followed by the constant that it starts as, if that is known here ([`Init`](crate::init::Init)), and by what it prints
/// as a layer: a format string and its arguments, which may use `this`.
macro_rules! stateless {
    ($([$($generics:tt)*] $t:ty $(= $blank:expr)?, |$this:ident| $($format:expr),+;)+) => {$(
        impl<$($generics)*> $crate::nn::Parameters for $t {
            type Grads = ();
            type Count = $crate::nn::Nothing;
            const PARAMETERS: usize = 0;
            const NUMBERS: usize = 0;
            const LAYOUT: $crate::nn::Layout<Self> = $crate::nn::Layout::NOTHING;

            $crate::nn::stateless::stateless!(@walks);

            fn describe(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let $this = self;
                write!(f, $($format),+)
            }
        }

        impl<Struct, $($generics)*> $crate::nn::Chainable<Struct> for $t {}

        impl<$($generics)*> core::fmt::Display for $t {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::nn::Parameters::describe(self, f)
            }
        }

        $crate::nn::stateless::stateless!(@starts [$($generics)*] $t $(= $blank)?);
    )+};
    (@starts [$($generics:tt)*] $t:ty) => {};
    (@starts [$($generics:tt)*] $t:ty = $blank:expr) => {
        impl<$($generics)*> $crate::init::Init for $t {
            const BLANK: Self = $blank;

            fn reset_parameters<__R: $crate::rand::Rng + ?Sized>(&mut self, _: &mut __R) {}
        }
    };
    (@walks) => {
        #[inline]
        fn visit<V: $crate::nn::Visitor>(&self, _: $crate::nn::Name<'_>, _: &mut V) {}

        #[inline]
        fn visit_mut<V: $crate::nn::VisitorMut>(&mut self, _: $crate::nn::Name<'_>, _: &mut V) {}

        #[inline]
        fn update<const K: usize, U: $crate::nn::Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}
    };
}

pub(crate) use stateless;

use core::fmt::{self, Formatter};
use core::marker::PhantomData;

use super::Parameters;

/// Plain numbers are settings of a layer: neither saved nor trained, and not printed as a layer.
macro_rules! settings {
    ($([$($generics:tt)*] $t:ty = $blank:expr;)+) => {$(
        impl<$($generics)*> Parameters for $t {
            type Grads = ();
            type Count = $crate::nn::Nothing;
            const PARAMETERS: usize = 0;
            const NUMBERS: usize = 0;
            const LAYOUT: $crate::nn::Layout<Self> = $crate::nn::Layout::NOTHING;
            const IS_LAYER: bool = false;

            stateless!(@walks);

            fn describe(&self, _: &mut Formatter<'_>) -> fmt::Result {
                Ok(())
            }
        }

        stateless!(@starts [$($generics)*] $t = $blank);
    )+};
}

settings! {
    [] () = ();
    [] f32 = 0.0;
    [] f64 = 0.0;
    [] bool = false;
    [] usize = 0;
    [] isize = 0;
    [] u8 = 0;
    [] u16 = 0;
    [] u32 = 0;
    [] u64 = 0;
    [] i8 = 0;
    [] i16 = 0;
    [] i32 = 0;
    [] i64 = 0;
    [T: ?Sized] PhantomData<T> = PhantomData;
}
