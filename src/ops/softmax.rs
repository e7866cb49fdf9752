//! Softmax along an axis, and its logarithm.
//!
//! Neither backward pass needs the input, only the output. So training computes the output in the input's own buffer, where it
//! waits for the backward pass, and hands a copy on: softmax computes each exponential once, and spends no memory on it.

use crate::simd::positive;
use core::marker::PhantomData;
use core::ops::Range;

use super::Function;
use crate::shape::{Axis, Shape};
use crate::simd::rows::{self, Length};
use crate::simd::{self, Float, Kernel, Same};
use crate::tensor::Tensor;

/// What is computed along an axis, in numbers of any instruction set.
trait Along {
    /// Writes over `y`: from what stands there, and from what is given beside it.
    fn run<T: Float, S: Axis<D>, const D: isize>(given: Option<&[T]>, y: &mut [T], size: Length);
}

/// A function `F` along axis `D` of `y`. If `GIVEN`, it is given numbers beside it: forward the x to read in its place, backward dy.
struct Over<'a, T, F, S, const D: isize, const GIVEN: bool> {
    given: &'a [T],
    y: &'a mut [T],
    size: usize,
    function: PhantomData<(F, S)>,
}

impl<T: Float, F: Along, S: Axis<D>, const D: isize, const GIVEN: bool> Kernel<T> for Over<'_, T, F, S, D, GIVEN> {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let size = Length { known: S::SIZE, given: self.size };
        F::run::<N, S, D>(GIVEN.then_some(N::slice(self.given)), N::slice_mut(self.y), size);
    }
}

#[inline(always)]
fn along<F: Along, S: Axis<D, Elem: Float>, const D: isize, const GIVEN: bool>(given: &[S::Elem], y: &mut Tensor<S>) {
    let (y, size) = (y.as_mut_slice(), S::SIZE);
    simd::dispatch(S::LEN, Over::<_, F, S, D, GIVEN> { given, y, size, function: PhantomData });
}

/// yᵢ = eˣⁱ / Σⱼ eˣʲ along axis `D`, written over `x`.
///
/// The largest x is subtracted first, so nothing overflows. −∞ gives 0; a group of nothing but −∞, or with a NaN or an ∞ in it,
/// gives NaN.
#[inline]
pub fn softmax<S: Axis<D, Elem: Float>, const D: isize>(x: &mut Tensor<S>) {
    along::<Exponentials, S, D, false>(&[], x);
}

/// The same, written to `y`.
#[inline]
pub(crate) fn softmax_to<S: Axis<D, Elem: Float>, const D: isize>(x: &Tensor<S>, y: &mut Tensor<S>) {
    along::<Exponentials, S, D, true>(x.as_slice(), y);
}

struct Exponentials;

impl Along for Exponentials {
    #[inline(always)]
    fn run<T: Float, S: Axis<D>, const D: isize>(x: Option<&[T]>, y: &mut [T], size: Length) {
        if S::INNER == 1 {
            return rows::softmax(x, y, size);
        }
        if let Some(x) = x {
            simd::copy(x, y);
        }
        for strip in strips::<S, D>() {
            let max = strip.max(y);
            let mut sum = [Float::ZERO; LANES];
            strip.each(y, |y| {
                for ((y, &max), sum) in y.iter_mut().zip(&max).zip(&mut sum) {
                    *y = (*y - max).exp();
                    *sum += *y;
                }
            });
            let scale = strip.join(sum, simd::sum, Float::recip);
            strip.each(y, |y| simd::zip_in_place(y, &scale, |y, scale| y * scale));
        }
    }
}

/// dxᵢ = yᵢ · (dyᵢ − Σⱼ dyⱼ · yⱼ) along axis `D`, written over the output `y`.
#[inline]
pub fn softmax_backward<S: Axis<D, Elem: Float>, const D: isize>(y: &mut Tensor<S>, dy: &Tensor<S>) {
    along::<ExponentialsBackward, S, D, true>(dy.as_slice(), y);
}

struct ExponentialsBackward;

impl Along for ExponentialsBackward {
    #[inline(always)]
    fn run<T: Float, S: Axis<D>, const D: isize>(dy: Option<&[T]>, y: &mut [T], size: Length) {
        let dy = dy.unwrap_or_default();
        if S::INNER == 1 {
            return rows::softmax_backward(y, dy, size);
        }
        for strip in strips::<S, D>() {
            let mut dot = [Float::ZERO; LANES];
            strip.each_pair(y, dy, |y, dy| {
                for ((&mut y, &dy), dot) in y.iter_mut().zip(dy).zip(&mut dot) {
                    *dot = y.mul_add(dy, *dot);
                }
            });
            let dot = strip.join(dot, simd::sum, |dot| dot);
            strip.each_pair(y, dy, |y, dy| {
                for ((y, &dy), &dot) in y.iter_mut().zip(dy).zip(&dot) {
                    *y *= dy - dot;
                }
            });
        }
    }
}

/// yᵢ = xᵢ − ln Σⱼ eˣʲ along axis `D`, written over `x`.
///
/// The largest x is subtracted first, so nothing overflows, and the logarithms of a small probability and of one near 1 keep their
/// digits. −∞ gives −∞; a group of nothing but −∞, or with a NaN or an ∞ in it, gives NaN.
#[inline]
pub fn log_softmax<S: Axis<D, Elem: Float>, const D: isize>(x: &mut Tensor<S>) {
    along::<Logarithms, S, D, false>(&[], x);
}

/// The same, written to `y`.
#[inline]
pub(crate) fn log_softmax_to<S: Axis<D, Elem: Float>, const D: isize>(x: &Tensor<S>, y: &mut Tensor<S>) {
    along::<Logarithms, S, D, true>(x.as_slice(), y);
}

struct Logarithms;

impl Along for Logarithms {
    #[inline(always)]
    fn run<T: Float, S: Axis<D>, const D: isize>(x: Option<&[T]>, y: &mut [T], size: Length) {
        if S::INNER == 1 {
            return rows::log_softmax(x, y, size);
        }
        if let Some(x) = x {
            simd::copy(x, y);
        }
        for strip in strips::<S, D>() {
            let max = strip.max(y);
            let (mut ones, mut others) = ([T::ZERO; LANES], [T::ZERO; LANES]);
            strip.each(y, |y| {
                for ((y, &max), (ones, others)) in y.iter_mut().zip(&max).zip(ones.iter_mut().zip(&mut others)) {
                    *y -= max;
                    let (one, other) = split_one(y.exp());
                    (*ones, *others) = (*ones + one, *others + other);
                }
            });
            let (ones, others) = (strip.join(ones, simd::sum, |ones| ones), strip.join(others, simd::sum, |others| others));
            let mut rest = others;
            simd::zip_in_place(&mut rest, &ones, |others, ones| others + (ones - T::ONE));
            let log = strip.join(rest, |rest| rest.first().copied().unwrap_or(T::NAN), Float::ln_1p);
            strip.each(y, |y| simd::zip_in_place(y, &log, |y, log| y - log));
        }
    }
}

/// (1, 0) for 1, else (0, e). The exponentials, of which the largest is 1, are added in these two parts, since beside 1 the others
/// would lose the digits of which the logarithm of a sum near 1 consists.
#[inline(always)]
fn split_one<T: Float>(e: T) -> (T, T) {
    if e == T::ONE { (e, T::ZERO) } else { (T::ZERO, e) }
}

/// dxᵢ = dyᵢ − eʸⁱ · Σⱼ dyⱼ along axis `D`, written over the output `y`.
#[inline]
pub fn log_softmax_backward<S: Axis<D, Elem: Float>, const D: isize>(y: &mut Tensor<S>, dy: &Tensor<S>) {
    along::<LogarithmsBackward, S, D, true>(dy.as_slice(), y);
}

struct LogarithmsBackward;

impl Along for LogarithmsBackward {
    #[inline(always)]
    fn run<T: Float, S: Axis<D>, const D: isize>(dy: Option<&[T]>, y: &mut [T], size: Length) {
        let dy = dy.unwrap_or_default();
        if S::INNER == 1 {
            return rows::log_softmax_backward(y, dy, size);
        }
        for strip in strips::<S, D>() {
            let mut sum = [Float::ZERO; LANES];
            strip.each_pair(y, dy, |_, dy| simd::add_assign(&mut sum, dy));
            let sum = strip.join(sum, simd::sum, |sum| sum);
            strip.each_pair(y, dy, |y, dy| {
                for ((y, &dy), &sum) in y.iter_mut().zip(dy).zip(&sum) {
                    *y = dy - y.exp() * sum;
                }
            });
        }
    }
}

impl<S: Shape<Elem: Float>> Tensor<S> {
    /// yᵢ = eˣⁱ / Σⱼ eˣʲ along axis `D`; y has x's shape. A group of nothing but −∞ gives NaN. After
    /// [`torch.softmax`](https://docs.pytorch.org/docs/stable/generated/torch.softmax.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([[0.0f32, 0.0], [1e4, -1e4]]).softmax::<-1>(), Tensor([[0.5, 0.5], [1.0, 0.0]]));
    /// ```
    #[inline]
    pub fn softmax<const D: isize>(&self) -> Self
    where
        S: Axis<D>,
    {
        let mut y = Self::zeros();
        softmax_to::<S, D>(self, &mut y);
        y
    }

    /// yᵢ = xᵢ − ln Σⱼ eˣʲ along axis `D`; y has x's shape. After
    /// [`torch.log_softmax`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// assert_eq!(Tensor([1e4f32, -1e4]).log_softmax::<0>(), Tensor([0.0, -2e4]));
    /// ```
    #[inline]
    pub fn log_softmax<const D: isize>(&self) -> Self
    where
        S: Axis<D>,
    {
        let mut y = Self::zeros();
        log_softmax_to::<S, D>(self, &mut y);
        y
    }
}

/// An operation whose backward pass writes dx over the output.
macro_rules! over_the_output {
    ($($name:ident = $forward:ident, $backward:ident;)+) => {$(
        operation! {
            #[doc = concat!("[`Tensor::", stringify!($forward), "`] as an operation.")]
            $name<const D: isize>
        }

        impl<const D: isize, S: Axis<D, Elem: Float>> Function<Tensor<S>> for $name<D> {
            type Output = Tensor<S>;
            const BACKPROP_BYTES: usize = size_of::<Tensor<S>>();

            #[inline]
            fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
                x.$forward::<D>()
            }

            #[inline]
            fn backward(&self, _: &Tensor<S>, y: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
                let mut own = *y;
                $backward::<S, D>(&mut own, dy);
                simd::add_assign(dx.as_mut_slice(), own.as_slice());
            }

            #[inline]
            fn backprop<R>(&self, x: &mut Tensor<S>, next: impl FnOnce(&mut Tensor<S>) -> R) -> R {
                $forward::<S, D>(x);
                let mut dy = *x;
                let result = next(&mut dy);
                $backward::<S, D>(x, &dy);
                result
            }
        }
    )+};
}

over_the_output! {
    Softmax = softmax, softmax_backward;
    LogSoftmax = log_softmax, log_softmax_backward;
}

/// Running results side by side: enough for the widest vectors.
const LANES: usize = 32;

/// What is reduced together, in slices of at most [`LANES`] numbers, each lane with a running result of its own.
///
/// Along the innermost axis that is one group, cut in pieces, whose lanes are joined in the end. Along any other axis it is as
/// many neighbouring groups, a slice for each index of the axis, and the lanes stay apart.
struct Strip {
    block: Range<usize>,
    /// From one slice to the next.
    stride: usize,
    /// Where in its stride a slice lies.
    start: usize,
    one_group: bool,
}

/// All strips of a shape.
#[inline]
fn strips<S: Axis<D>, const D: isize>() -> impl Iterator<Item = Strip> {
    let (one_group, size) = (S::INNER == 1, S::SIZE * S::INNER);
    let (stride, end) = if one_group { (LANES, 1) } else { (S::INNER, S::INNER) };
    (0..S::OUTER).flat_map(move |outer| {
        let block = outer * size..(outer + 1) * size;
        (0..end).step_by(LANES).map(move |start| Strip { block: block.clone(), stride, start, one_group })
    })
}

impl Strip {
    /// Calls `f` with each slice.
    #[inline(always)]
    fn each<T>(&self, x: &mut [T], mut f: impl FnMut(&mut [T])) {
        for x in x.get_mut(self.block.clone()).unwrap_or_default().chunks_mut(positive(self.stride)) {
            let slice = self.start..x.len().min(self.start + LANES);
            x.get_mut(slice).map(&mut f);
        }
    }

    /// Calls `f` with each slice of two tensors.
    #[inline(always)]
    fn each_pair<T>(&self, a: &mut [T], b: &[T], mut f: impl FnMut(&mut [T], &[T])) {
        let a = a.get_mut(self.block.clone()).unwrap_or_default().chunks_mut(positive(self.stride));
        let b = b.get(self.block.clone()).unwrap_or_default().chunks(positive(self.stride));
        for (a, b) in a.zip(b) {
            let slice = self.start..a.len().min(self.start + LANES);
            let (Some(a), Some(b)) = (a.get_mut(slice.clone()), b.get(slice)) else { continue };
            f(a, b);
        }
    }

    /// `f` of each group's result, in each of its lanes.
    #[inline(always)]
    fn join<T: Float>(&self, mut lanes: [T; LANES], join: impl Fn(&[T]) -> T, f: impl Fn(T) -> T) -> [T; LANES] {
        if self.one_group {
            return [f(join(&lanes)); LANES];
        }
        // The lanes behind the last neighbour stay idle.
        for lane in lanes.iter_mut().take(self.stride - self.start) {
            *lane = f(*lane);
        }
        lanes
    }

    /// The largest number of each group; NaN if any is.
    #[inline(always)]
    fn max<T: Float>(&self, x: &mut [T]) -> [T; LANES] {
        let mut max = [T::NEG_INFINITY; LANES];
        self.each(x, |x| simd::zip_in_place(&mut max, x, T::maximum));
        self.join(max, simd::max, |max| max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{check, check_f32, wavy};

    /// References: 50 digits.
    #[test]
    fn a_sure_probability_keeps_its_logarithm() {
        let near = |found: f32, right: f32| assert!((found / right - 1.0).abs() < 4e-7, "{found:e}, not {right:e}");
        let x = Tensor([[0.0f32, 20.0, 7.0], [20.0, 0.0, 7.0]]);
        near(x.log_softmax::<1>().0[0][1], -2.262_388e-6);
        near(x.log_softmax::<0>().0[0][1], -2.061_153_6e-9);
        near(x.log_softmax::<0>().0[0][2], -2f32.ln());
        let row = Tensor([0.0f64, 40.0]).log_softmax::<0>();
        near(row.0[1] as f32, -4.248_354e-18);
    }

    /// Three rows of `N`, among them equal numbers, −∞ and what is too small to count.
    fn rows_of<const N: usize>() {
        let x = Tensor::<[[f32; N]; 3]>::from_fn(|[i, j]| match (i, j % 7) {
            (1, _) => 3.0,
            (_, 3) => f32::NEG_INFINITY,
            (_, 5) => -95.0,
            _ => ((i * N + j) * 37 % 101) as f32 / 8.0 - 6.0,
        });
        let (y, mut own) = (x.softmax::<-1>(), x);
        softmax::<_, -1>(&mut own);
        assert_eq!(own, y);
        for (x, y) in x.0.iter().zip(&y.0) {
            let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let exponentials = x.map(|x| f64::from(x - largest).exp());
            let sum = exponentials.iter().sum::<f64>();
            for (y, e) in y.iter().zip(exponentials) {
                let right = e / sum;
                let spacing = (right * f64::from(f32::EPSILON)).max(f64::from(f32::from_bits(1)));
                assert!((f64::from(*y) - right).abs() <= 3.0 * spacing, "{N}: {y:e}, not {right:e}");
                assert!(e > 0.0 || *y == 0.0);
            }
        }
        // A row of no numbers, beside one that has nothing to do with it.
        for wrong in [f32::NAN, f32::INFINITY] {
            let mut x = x;
            x.0[1][N / 2] = wrong;
            x.0[2] = [f32::NEG_INFINITY; N];
            let found = x.softmax::<-1>();
            assert_eq!(found.0[0], y.0[0]);
            assert!(found.0[1..].as_flattened().iter().all(|y| y.is_nan()), "{N} {wrong}");
        }
    }

    #[test]
    fn rows_of_any_length_on_every_instruction_set_are_probabilities() {
        crate::simd::Instructions::each(|_| {
            rows_of::<1>();
            rows_of::<2>();
            rows_of::<7>();
            rows_of::<8>();
            rows_of::<9>();
            rows_of::<16>();
            rows_of::<17>();
            rows_of::<32>();
            rows_of::<33>();
            rows_of::<100>();
            rows_of::<1100>();
        });
    }

    /// Logarithms and both gradients of a sure row and of an ordinary one, beside sums in `f64`.
    fn others_of<const N: usize>() {
        let x = Tensor::<[[f32; N]; 2]>::from_fn(|[i, j]| match (i, j) {
            (0, 0) => 20.0,
            (0, _) => -((j % 3) as f32),
            _ => (j * 37 % 101) as f32 / 8.0 - 6.0,
        });
        let dy = Tensor::<[[f32; N]; 2]>::from_fn(|[i, j]| ((i * 5 + j * 29) % 17) as f32 / 8.0 - 1.0);
        let (y, log, mut own) = (x.softmax::<-1>(), x.log_softmax::<-1>(), x);
        log_softmax::<_, -1>(&mut own);
        assert_eq!(own, log);
        let (mut dx, mut d_log) = (y, log);
        softmax_backward::<_, -1>(&mut dx, &dy);
        log_softmax_backward::<_, -1>(&mut d_log, &dy);
        for i in 0..2 {
            let [x, dy] = [x.0[i], dy.0[i]].map(|row| row.map(f64::from));
            let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let beside: f64 = x.iter().map(|x| (x - max).exp()).filter(|&e| e < 1.0).sum();
            let ones = x.iter().filter(|&&x| x == max).count() as f64;
            let right = x.map(|x| x - max - (beside + (ones - 1.0)).ln_1p());
            let dot: f64 = right.iter().zip(dy).map(|(log, dy)| log.exp() * dy).sum();
            let sum: f64 = dy.iter().sum();
            for j in 0..N {
                let p = right[j].exp();
                for (found, right, unit) in [
                    (log.0[i][j], right[j], right[j].abs()),
                    (dx.0[i][j], p * (dy[j] - dot), p),
                    (d_log.0[i][j], dy[j] - p * sum, 1.0 + p * sum.abs()),
                ] {
                    assert!((f64::from(found) - right).abs() <= 3e-6 * unit, "{N} {i} {j}: {found:e}, not {right:e}");
                }
            }
        }
    }

    #[test]
    fn logarithms_and_gradients_of_rows_of_any_length_are_those_of_wider_arithmetic() {
        crate::simd::Instructions::each(|_| {
            others_of::<5>();
            others_of::<16>();
            others_of::<32>();
            others_of::<33>();
            others_of::<500>();
            others_of::<1100>();
        });
    }

    #[test]
    fn as_operations() {
        let x = wavy::<[[[f64; 3]; 4]; 2], f64>(0.0);
        check(Softmax::<0>::new(), &x);
        check(Softmax::<1>::new(), &x);
        check(Softmax::<-1>::new(), &x);
        check(LogSoftmax::<0>::new(), &x);
        check(LogSoftmax::<1>::new(), &x);
        check(LogSoftmax::<-1>::new(), &x);
        check_f32(Softmax::<1>::new(), Softmax::<1>::new(), &x, 1e-6);
        check_f32(LogSoftmax::<1>::new(), LogSoftmax::<1>::new(), &x, 1e-5);
        check(Softmax::<1>::new(), &Tensor::<[[f64; 0]; 2]>::zeros());
        check(LogSoftmax::<0>::new(), &Tensor::<[[f64; 0]; 2]>::zeros());
        let y = Tensor([[f64::NAN, 1.0], [0.0, 0.0]]).softmax::<1>();
        assert!(y.0[0].iter().all(|y| y.is_nan()) && y.0[1] == [0.5; 2]);
    }
}
