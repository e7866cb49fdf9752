//! What a forward or backward pass costs, read off the types of its steps.
//!
//! `#[forward]` sees no types. It writes the steps of a pass into a function that never runs, whose result names each step's
//! type: [`Cost`] adds them up.

use super::{Function, Function2};

/// A cost with one place for what happens once, and one for each of the first loops of a function.
pub type Sum = [usize; 17];

const ZERO: Sum = [0; 17];

/// What happens once.
pub const fn once(n: usize) -> Sum {
    let mut sum = ZERO;
    sum[0] = n;
    sum
}

const fn add(mut a: Sum, b: Sum) -> Sum {
    let mut i = 0;
    while i < a.len() {
        a[i] += b[i];
        i += 1;
    }
    a
}

/// The larger of two numbers.
pub const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

const fn largest(mut a: Sum, b: Sum) -> Sum {
    let mut i = 0;
    while i < a.len() {
        a[i] = larger(a[i], b[i]);
        i += 1;
    }
    a
}

/// What happened once happens in loop `k`. The loops after the sixteenth count once.
pub(crate) const fn moved(mut sum: Sum, k: usize) -> Sum {
    if k < sum.len() {
        sum[k] += sum[0];
        sum[0] = 0;
    }
    sum
}

/// The sum, where loop k + 1 runs `counts[k]` times.
const fn total(sum: Sum, counts: &[usize]) -> usize {
    let (mut total, mut i) = (sum[0], 1);
    while i < sum.len() {
        total += if i <= counts.len() { counts[i - 1] * sum[i] } else { sum[i] };
        i += 1;
    }
    total
}

/// Some value of a loop's variable: where `i` is known to be 0, the compiler refuses an index of `i - 1`, which a branch leaves out.
#[inline(always)]
pub const fn some<T: Copy>(of: T) -> T {
    of
}

/// What a step costs.
pub trait Cost: Copy {
    /// Multiply-accumulates of one forward pass.
    const MACS: Sum = ZERO;
    /// Bytes of buffers that stay until the pass ends.
    const HELD: Sum = ZERO;
    /// Bytes of buffers that stay for a while.
    const PASSING: usize = 0;
    /// Bytes of buffers of the step's `backprop`.
    const BACKPROP: usize = 0;
}

/// The multiply-accumulates of a pass. `counts` tells how often each loop runs.
pub const fn macs<C: Cost>(counts: &[usize]) -> usize {
    total(C::MACS, counts)
}

/// The bytes of a pass's buffers. `counts` tells how many states each loop keeps.
pub const fn bytes<C: Cost>(counts: &[usize]) -> usize {
    total(C::HELD, counts) + C::PASSING
}

/// A step whose cost is not known, since it does not fit its operands.
#[derive(Clone, Copy)]
pub struct Unknown;

impl Cost for Unknown {}

/// A step that fits: `(&step).price()` is the step itself. What does not fit is reported where it is computed, and not here
/// again: there method resolution goes on to [`Unpriced`].
pub trait Priced: Cost {
    /// The step.
    fn price(&self) -> Self {
        *self
    }
}

impl<C: Cost> Priced for C {}

/// A step that may not fit.
pub trait Unpriced {
    /// Nothing that is known.
    fn price(&self) -> Unknown {
        Unknown
    }
}

impl<C> Unpriced for &C {}

impl Cost for () {}

impl<A: Cost, B: Cost> Cost for (A, B) {
    const MACS: Sum = add(A::MACS, B::MACS);
    const HELD: Sum = add(A::HELD, B::HELD);
    const PASSING: usize = larger(A::PASSING, B::PASSING);
}

/// Makes markers: types without values, which stand for steps.
macro_rules! markers {
    ($($(#[$doc:meta])+ $name:ident<$($p:ident),+ $(; const $k:ident)?> $([$($bound:tt)+])? { $($cost:tt)* })+) => {$(
        $(#[$doc])+
        pub struct $name<$($p,)+ $(const $k: usize)?>(::core::marker::PhantomData<fn($($p),+)>);

        impl<$($p,)+ $(const $k: usize)?> Clone for $name<$($p,)+ $($k)?> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($p,)+ $(const $k: usize)?> Copy for $name<$($p,)+ $($k)?> {}

        impl<$($p,)+ $(const $k: usize)?> $name<$($p,)+ $($k)?> {
            /// The marker for these values' types.
            pub const fn of($(_: &$p),+) -> Self {
                Self(::core::marker::PhantomData)
            }
        }

        impl<$($p,)+ $(const $k: usize)?> Cost for $name<$($p,)+ $($k)?> $(where $($bound)+)? {
            $($cost)*
        }
    )+};
}

pub(crate) use markers;

markers! {
    /// An operation.
    Applied<F, A> [F: Function<A>] {
        const MACS: Sum = once(F::MACS);
        const BACKPROP: usize = F::BACKPROP_BYTES;
    }

    /// An operation of two operands.
    Applied2<F, A, B> [F: Function2<A, B>] {
        const MACS: Sum = once(F::MACS);
        const BACKPROP: usize = F::BACKPROP_BYTES;
    }

    /// A backward pass that encloses the rest.
    Around<C> [C: Cost] {
        const HELD: Sum = once(C::BACKPROP);
    }

    /// A backward pass by itself.
    Apart<C> [C: Cost] {
        const PASSING: usize = C::PASSING + C::BACKPROP;
    }

    /// A value that stays until the pass ends.
    Held<T> {
        const HELD: Sum = once(size_of::<T>());
    }

    /// A value that stays for a while.
    Passing<T> {
        const PASSING: usize = size_of::<T>();
    }

    /// A value of which loop `K` keeps one for each iteration.
    Kept<T; const K> {
        const HELD: Sum = moved(once(size_of::<T>()), K);
    }

    /// The body of loop `K`.
    Repeated<C; const K> [C: Cost] {
        const MACS: Sum = moved(C::MACS, K);
        const HELD: Sum = {
            let mut held = C::HELD;
            held[0] = 0;
            held
        };
        const PASSING: usize = C::HELD[0] + C::PASSING;
    }

    /// One of two.
    Either<A, B> [A: Cost, B: Cost] {
        const MACS: Sum = largest(A::MACS, B::MACS);
        const HELD: Sum = largest(A::HELD, B::HELD);
        const PASSING: usize = larger(A::PASSING, B::PASSING);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::MatMul;
    use crate::tensor::Tensor;

    type X = Tensor<[[f32; 3]; 2]>;
    type W = Tensor<[[f32; 4]; 3]>;

    #[test]
    fn sums() {
        type Once = (Applied2<MatMul, X, W>, (Held<X>, (Passing<W>, ())));
        assert_eq!((total(Once::MACS, &[]), total(Once::HELD, &[]), Once::PASSING), (24, 24, 48));
        type Looped = Repeated<(Once, Kept<W, 2>), 1>;
        assert_eq!((total(Looped::MACS, &[5, 7]), total(Looped::HELD, &[5, 7]), Looped::PASSING), (120, 336, 72));
        type Branch = (Either<Looped, Held<W>>, Around<Applied2<MatMul, X, W>>);
        assert_eq!((total(Branch::HELD, &[5, 1]), Branch::PASSING), (48 + 48 + 32, 72));
        assert_eq!(total(moved(once(3), 17), &[2; 17]), 3);
    }
}
