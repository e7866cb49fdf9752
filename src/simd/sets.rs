//! The instruction set that the machine has, found at run time.
//!
//! A program is built for the least machine that it shall run on; x86-64's has no fused multiply-add, and vectors of 16 bytes. Here
//! a [`Kernel`] is compiled once for each set that a machine may have, and run on the best one.
//!
//! **A set is a type of number.** Within a kernel numbers are [`On<T, S>`]: a `T` whose [`mul_add`](Float::mul_add) is the set's
//! instruction, and whose products use the set's registers. So what is generic over [`Float`] is written once and runs on all, and
//! a kernel within a kernel needs no second choice.
//!
//! **What a set costs.** Of the optimiser's time for this crate (`-Z self-profile`, code generation aside) copies for AVX-512 take 25 %, for
//! AVX2 18 % in `f32` and 7 % in `f64`, and the target's 17 % and 14 %. So a set is left out where it gains nothing
//! ([`WIDE`](Kernel::WIDE), [`DOUBLES`](Kernel::DOUBLES)), and so are sizes that do not fill its vectors ([`fills_wide`](Kernel::fills_wide)).
//!
//! With the feature `exact` no set fuses, so that all give the same bits.
//!
//! The choice is made where `std` can ask the operating system: elsewhere the target decides.

use core::sync::atomic::{AtomicU8, Ordering};

use super::Float;

/// A set of instructions that kernels are compiled for.
///
/// ```
/// use adamant::simd::Instructions;
/// assert!(Instructions::available().any(|set| set == Instructions::Target));
/// assert_eq!(Instructions::available().last(), Some(Instructions::best()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
#[repr(u8)]
pub enum Instructions {
    /// What the program is built for.
    Target = 1,
    /// x86-64 with AVX2 and FMA: vectors of 32 bytes and a fused multiply-add.
    Avx2 = 2,
    /// x86-64 with AVX-512: vectors of 64 bytes, and twice as many of them. For `f32`; `f64` is computed with [`Avx2`](Self::Avx2) at most.
    Avx512 = 3,
}

/// What kernels run on; 0 until the first one asks.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

impl Instructions {
    /// What kernels run on: the best that the machine has, or what [`limit`](Self::limit) leaves of it.
    #[inline]
    pub fn best() -> Self {
        match CHOSEN.load(Ordering::Relaxed) {
            0 => Self::limit(Self::Avx512),
            1 => Self::Target,
            2 => Self::Avx2,
            _ => Self::Avx512,
        }
    }

    /// Those that this program finds on this machine, the best last.
    pub fn available() -> impl DoubleEndedIterator<Item = Self> {
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        let found = {
            let avx2 = std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma");
            // Of products whose additions are not fused, in vectors of 64 bytes, the compiler makes gathers.
            let avx512 = !cfg!(feature = "exact")
                && std::is_x86_feature_detected!("avx512f")
                && std::is_x86_feature_detected!("avx512vl")
                && std::is_x86_feature_detected!("avx512dq")
                && std::is_x86_feature_detected!("avx512bw");
            [(Self::Avx2, avx2), (Self::Avx512, avx2 && avx512)]
        };
        #[cfg(not(all(feature = "std", target_arch = "x86_64")))]
        let found = [];
        let more = found.into_iter().filter(|&(_, found)| found).map(|(set, _)| set);
        core::iter::once(Self::Target).chain(more)
    }

    /// Lets kernels run on no more than this from now on, in the whole program, and returns what that is here. For comparisons, and
    /// for the same bits on machines of different age: those without a fused multiply-add round differently from those with one.
    #[cold]
    pub fn limit(self) -> Self {
        let chosen = Self::available().rfind(|&set| set <= self).unwrap_or(Self::Target);
        CHOSEN.store(chosen as u8, Ordering::Relaxed);
        chosen
    }

    /// Runs a test on each set of this machine.
    #[cfg(test)]
    pub(crate) fn each(test: impl Fn(Self)) {
        static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _lock = ONE_AT_A_TIME.lock();
        for set in Self::available() {
            assert_eq!(set.limit(), set);
            test(set);
        }
        Self::Avx512.limit();
    }
}

/// Work on numbers of type `T`, written for numbers of any set.
pub trait Kernel<T: Float> {
    /// What it gives.
    type Output;

    /// Whether vectors of 64 bytes serve it better than ones of 32: not where it divides or takes roots, which take more than twice
    /// as long, nor where memory decides.
    const WIDE: bool = false;

    /// Whether that holds of this one, where it depends on sizes. A kernel need not be compiled for such vectors and sizes that do not fill
    /// them: where a set was [chosen](Same::CHOSEN), it has been asked.
    #[inline(always)]
    fn fills_wide(&self) -> bool {
        true
    }

    /// Whether `f64`, too, is worth being compiled for more than the target has. Gradients are checked in it, and little else is done.
    const DOUBLES: bool = true;

    /// Does the work with numbers of the type `N`. To be inlined, and all that it calls: what is not is compiled for the target.
    fn run<N: Same<T>>(self) -> Self::Output;
}

/// A part of a kernel, of numbers of its set.
pub trait Part {
    /// Does it. To be inlined, and all that it calls, as a kernel is.
    fn run(self);
}

/// The fewest numbers for which a kernel is called on the machine's best set. Fewer are worked on where they stand, which knows how
/// many they are.
const MANY: usize = 32;

/// Runs a kernel over `count` numbers where it is fastest.
#[inline(always)]
pub(crate) fn dispatch<T: Float, K: Kernel<T>>(count: usize, kernel: K) -> K::Output {
    if count < MANY { kernel.run::<T>() } else { T::dispatch(kernel) }
}

/// Whether the target has no vectors, as a microcontroller or WebAssembly without `simd128`: code is to be small before it is fast.
pub(crate) const SMALL: bool = !cfg!(any(
    target_arch = "x86_64",
    target_arch = "x86",
    target_arch = "aarch64",
    all(target_arch = "wasm32", target_feature = "simd128")
));

/// Numbers that are `T` in memory.
pub trait Same<T>: Float {
    /// Whether they are a set's, which was chosen at run time.
    const CHOSEN: bool;

    /// The same numbers.
    fn slice(x: &[T]) -> &[Self];
    /// The same numbers, to write to.
    fn slice_mut(x: &mut [T]) -> &mut [Self];
    /// The same number.
    fn of(x: T) -> Self;
    /// The same number.
    fn get(self) -> T;
}

impl<T: Float> Same<T> for T {
    const CHOSEN: bool = false;

    #[inline(always)]
    fn slice(x: &[T]) -> &[Self] {
        x
    }

    #[inline(always)]
    fn slice_mut(x: &mut [T]) -> &mut [Self] {
        x
    }

    #[inline(always)]
    fn of(x: T) -> Self {
        x
    }

    #[inline(always)]
    fn get(self) -> T {
        self
    }
}

/// Chooses the set that a kernel runs on.
pub trait Dispatch: Sized {
    /// Runs the kernel on the machine's best set; within a kernel, on the one that is running.
    fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output
    where
        Self: Float;

    /// Runs a part of a kernel on numbers of this type, in a function of its own: what several kernels share is then compiled once.
    fn apart(part: impl Part);
}

macro_rules! dispatch {
    ($float:ident $(, $avx512:ident)?) => {
        impl Dispatch for $float {
            #[inline(always)]
            fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output {
                #[cfg(all(feature = "std", target_arch = "x86_64"))]
                if const { CHOICE && (size_of::<Self>() == 4 || K::DOUBLES) } {
                    match Instructions::best() {
                        // SAFETY: the machine has these instructions, or `best` would not have said so. No safe way calls a
                        // function that is compiled for more than the program is.
                        $(Instructions::Avx512 if K::WIDE && kernel.fills_wide() => return unsafe { $avx512(kernel) },)?
                        Instructions::Target => {}
                        // SAFETY: as above.
                        _ => return unsafe { on_avx2(kernel) },
                    }
                }
                kernel.run::<Self>()
            }

            #[inline(never)]
            fn apart(part: impl Part) {
                part.run();
            }
        }
    };
}
dispatch!(f32, on_avx512);
// Gradients are checked in `f64`, which is not worth the time that a third copy of all kernels would take to compile.
dispatch!(f64);

/// Whether there may be more than the target has.
pub(super) const CHOICE: bool = cfg!(all(
    feature = "std",
    target_arch = "x86_64",
    not(all(target_feature = "avx512f", target_feature = "avx512vl", target_feature = "fma"))
));

/// How a product and a sum are rounded.
pub trait MulAdd: Copy + Send + Sync + 'static {
    /// a · b + c.
    fn f32(a: f32, b: f32, c: f32) -> f32;
    /// a · b + c.
    fn f64(a: f64, b: f64, c: f64) -> f64;
}

/// As the target does best: in one where it has an instruction for it (and the feature `std` is on, since `core` has no name for it), if
/// arithmetic need not be exact.
#[derive(Clone, Copy)]
pub struct AsBuilt;

/// Whether a multiplication and an addition are one instruction.
#[cfg(feature = "std")]
const FUSED: bool = cfg!(all(any(target_feature = "fma", target_arch = "aarch64"), not(feature = "exact")));

macro_rules! on_target {
    ($float:ident) => {
        #[inline(always)]
        fn $float(a: $float, b: $float, c: $float) -> $float {
            #[cfg(feature = "std")]
            if FUSED {
                return a.mul_add(b, c);
            }
            a * b + c
        }
    };
}

impl MulAdd for AsBuilt {
    on_target!(f32);
    on_target!(f64);
}

#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(super) use on::{Avx2, Avx512, On, Set, on_avx2, on_avx512};

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod on {
    use core::fmt::{self, Debug, Display, Formatter, LowerExp};
    use core::iter::Sum;
    use core::marker::PhantomData;
    use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, Sub, SubAssign};

    use super::{Dispatch, Kernel, MulAdd, Part, Same};
    use crate::shape::{elements, one_element};
    use crate::simd::float::Float;
    use crate::simd::functions::{double, single};
    use crate::simd::gemm::Tiles;

    /// A set of instructions beyond the target's.
    pub trait Set: MulAdd + Default {
        /// The part in a function of its own, compiled for the set.
        ///
        /// # Safety
        ///
        /// The machine has the set.
        unsafe fn apart(part: impl Part);
    }

    macro_rules! set {
        ($(#[$doc:meta])+ $set:ident, $instructions:literal) => {
            $(#[$doc])+
            #[derive(Clone, Copy, Default)]
            pub struct $set;

            impl Set for $set {
                #[target_feature(enable = $instructions)]
                #[inline(never)]
                unsafe fn apart(part: impl Part) {
                    part.run();
                }
            }

            impl MulAdd for $set {
                #[inline(always)]
                fn f32(a: f32, b: f32, c: f32) -> f32 {
                    if cfg!(feature = "exact") { a * b + c } else { a.mul_add(b, c) }
                }

                #[inline(always)]
                fn f64(a: f64, b: f64, c: f64) -> f64 {
                    if cfg!(feature = "exact") { a * b + c } else { a.mul_add(b, c) }
                }
            }
        };
    }

    set! {
        /// 16 registers of 32 bytes, and a fused multiply-add.
        Avx2, "avx2,fma"
    }
    set! {
        /// 32 registers of 64 bytes, and a fused multiply-add.
        Avx512, "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"
    }

    /// A `T` worked on with the instructions of `S`, in code that is compiled for them.
    #[derive(Default)]
    #[repr(transparent)]
    pub struct On<T, S>(T, PhantomData<S>);

    impl<T: Copy, S> Clone for On<T, S> {
        #[inline(always)]
        fn clone(&self) -> Self {
            *self
        }
    }

    impl<T: Copy, S> Copy for On<T, S> {}

    impl<T: PartialEq, S> PartialEq for On<T, S> {
        #[inline(always)]
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }

    impl<T: PartialOrd, S> PartialOrd for On<T, S> {
        #[inline(always)]
        fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
            self.0.partial_cmp(&other.0)
        }
        #[inline(always)]
        fn lt(&self, other: &Self) -> bool {
            self.0 < other.0
        }
        #[inline(always)]
        fn le(&self, other: &Self) -> bool {
            self.0 <= other.0
        }
        #[inline(always)]
        fn gt(&self, other: &Self) -> bool {
            self.0 > other.0
        }
        #[inline(always)]
        fn ge(&self, other: &Self) -> bool {
            self.0 >= other.0
        }
    }

    macro_rules! formats {
        ($($format:ident)+) => {$(
            impl<T: $format, S> $format for On<T, S> {
                fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }
        )+};
    }
    formats!(Debug Display LowerExp);

    macro_rules! operators {
        ($($operator:ident $method:ident)+) => {$(
            impl<T: $operator<Output = T>, S> $operator for On<T, S> {
                type Output = Self;

                #[inline(always)]
                fn $method(self, other: Self) -> Self {
                    Self(self.0.$method(other.0), PhantomData)
                }
            }
        )+};
    }
    operators!(Add add Sub sub Mul mul Div div Rem rem);

    macro_rules! assignments {
        ($($operator:ident $method:ident)+) => {$(
            impl<T: $operator, S> $operator for On<T, S> {
                #[inline(always)]
                fn $method(&mut self, other: Self) {
                    self.0.$method(other.0);
                }
            }
        )+};
    }
    assignments!(AddAssign add_assign SubAssign sub_assign MulAssign mul_assign DivAssign div_assign);

    impl<T: Neg<Output = T>, S> Neg for On<T, S> {
        type Output = Self;

        #[inline(always)]
        fn neg(self) -> Self {
            Self(-self.0, PhantomData)
        }
    }

    impl<T: Sum, S> Sum for On<T, S> {
        #[inline(always)]
        fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
            Self(numbers.map(|x| x.0).sum(), PhantomData)
        }
    }

    impl<'a, T: Sum<&'a T> + 'a, S: 'a> Sum<&'a On<T, S>> for On<T, S> {
        #[inline(always)]
        fn sum<I: Iterator<Item = &'a Self>>(numbers: I) -> Self {
            Self(numbers.map(|x| &x.0).sum(), PhantomData)
        }
    }

    /// Numbers of `$float` on every set: what the functions are made of differs, and nothing else.
    macro_rules! numbers {
        ($float:ident, $functions:ident) => {
            elements! { {S: Set} On<$float, S> = Self(0.0, PhantomData), Self(1.0, PhantomData); }
            one_element! { {S: Set} On<$float, S> }

            impl<S: Set> Dispatch for On<$float, S> {
                #[inline(always)]
                fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output
                where
                    Self: Float,
                {
                    kernel.run::<Self>()
                }

                #[inline(always)]
                fn apart(part: impl Part) {
                    // SAFETY: numbers of a set are worked on in its kernels alone, which run where the machine has it. No safe way
                    // calls a function that is compiled for more than the program is.
                    unsafe { S::apart(part) }
                }
            }

            impl<S: Set> Same<$float> for On<$float, S>
            where
                Self: Tiles,
            {
                const CHOSEN: bool = true;

                #[inline(always)]
                fn slice(x: &[$float]) -> &[Self] {
                    // SAFETY: `On` is transparent. No safe way reads a slice as one of another type.
                    unsafe { &*(core::ptr::from_ref(x) as *const [Self]) }
                }

                #[inline(always)]
                fn slice_mut(x: &mut [$float]) -> &mut [Self] {
                    // SAFETY: as above.
                    unsafe { &mut *(core::ptr::from_mut(x) as *mut [Self]) }
                }

                #[inline(always)]
                fn of(x: $float) -> Self {
                    Self(x, PhantomData)
                }

                #[inline(always)]
                fn get(self) -> $float {
                    self.0
                }
            }

            impl<S: Set> Float for On<$float, S>
            where
                Self: Tiles,
            {
                numbers!(@constants $float: ZERO ONE QUARTER INFINITY NEG_INFINITY NAN EPSILON MAX MIN_POSITIVE PI);
                numbers!(@same $float: abs signum next_down floor round sqrt rsqrt recip);
                numbers!(@functions $functions: exp exp_enlarged exp_m1 tanh sigmoid ln ln_1p sin cos sin_near cos_near erf);

                #[inline(always)]
                fn from_f64(x: f64) -> Self {
                    Self(Float::from_f64(x), PhantomData)
                }
                #[inline(always)]
                fn complement(x: f64) -> Self {
                    Self(Float::complement(x), PhantomData)
                }
                #[inline(always)]
                fn to_f64(self) -> f64 {
                    Float::to_f64(self.0)
                }
                #[inline(always)]
                fn from_usize(n: usize) -> Self {
                    Self(Float::from_usize(n), PhantomData)
                }
                #[inline(always)]
                fn copysign(self, sign: Self) -> Self {
                    Self(Float::copysign(self.0, sign.0), PhantomData)
                }
                #[inline(always)]
                fn maximum(self, other: Self) -> Self {
                    Self(Float::maximum(self.0, other.0), PhantomData)
                }
                #[inline(always)]
                fn minimum(self, other: Self) -> Self {
                    Self(Float::minimum(self.0, other.0), PhantomData)
                }
                #[inline(always)]
                fn powi(self, n: i32) -> Self {
                    Self(Float::powi(self.0, n), PhantomData)
                }
                #[inline(always)]
                fn powf(self, y: Self) -> Self {
                    Self(Float::powf(self.0, y.0), PhantomData)
                }
                #[inline(always)]
                fn mul_add(self, factor: Self, term: Self) -> Self {
                    Self(S::$float(self.0, factor.0, term.0), PhantomData)
                }
                #[inline(always)]
                fn is_near(self) -> bool {
                    Float::is_near(self.0)
                }
                #[inline(always)]
                fn normal_tail(self) -> (Self, Self) {
                    let (tail, bell) = $functions::normal_tail::<S>(self.0);
                    (Self(tail, PhantomData), Self(bell, PhantomData))
                }
                #[inline(always)]
                fn read_le(bytes: &[u8]) -> Self {
                    Self(Float::read_le(bytes), PhantomData)
                }
                #[inline(always)]
                fn write_le(self, bytes: &mut [u8]) {
                    Float::write_le(self.0, bytes);
                }
                #[inline(always)]
                fn is_nan(self) -> bool {
                    Float::is_nan(self.0)
                }
                #[inline(always)]
                fn is_finite(self) -> bool {
                    Float::is_finite(self.0)
                }
            }
        };
        (@constants $float:ident: $($name:ident)+) => {
            $(const $name: Self = Self(<$float as Float>::$name, PhantomData);)+
        };
        (@same $float:ident: $($name:ident)+) => {$(
            #[inline(always)]
            fn $name(self) -> Self {
                Self(<$float as Float>::$name(self.0), PhantomData)
            }
        )+};
        (@functions $functions:ident: $($name:ident)+) => {$(
            #[inline(always)]
            fn $name(self) -> Self {
                Self($functions::$name::<S>(self.0), PhantomData)
            }
        )+};
    }
    numbers!(f32, single);
    numbers!(f64, double);

    /// The kernel, compiled for AVX2 and FMA.
    #[target_feature(enable = "avx2,fma")]
    pub fn on_avx2<T: Float, K: Kernel<T>>(kernel: K) -> K::Output
    where
        On<T, Avx2>: Same<T>,
    {
        kernel.run::<On<T, Avx2>>()
    }

    /// The kernel, compiled for AVX-512.
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
    pub fn on_avx512<T: Float, K: Kernel<T>>(kernel: K) -> K::Output
    where
        On<T, Avx512>: Same<T>,
    {
        kernel.run::<On<T, Avx512>>()
    }
}
