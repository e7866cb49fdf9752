//! Normalisation of groups of neighbours: what layer, group, instance and root-mean-square normalisation share.
//!
//! x̂ = (x − μ) / √(σ² + ε) over each group, then y = x̂ · weight + bias, where every channel has its own two numbers.

use crate::ops::channels::{channel_dots, channel_sums, run};
use crate::shape::Shape;
use crate::simd::{self, Float, Kernel, Same, positive};
use crate::tensor::Tensor;

/// So many groups are worked on together: a group's sums are folded, divided and rooted one after the other, and each step of one waits
/// for the one before it, but not for those of the other groups. Where code is to be small, nothing waits.
const BLOCK: usize = if simd::SMALL { 1 } else { 8 };

/// What is normalised, and how.
pub(crate) struct Normalize<'a, T> {
    /// The number of neighbours in a group.
    pub group: usize,
    /// The number of neighbours that share a weight and a bias.
    pub positions: usize,
    /// Whether the mean is subtracted. Without, σ² is the mean square.
    pub centered: bool,
    /// ε.
    pub eps: f64,
    pub weight: Option<&'a [T]>,
    pub bias: Option<&'a [T]>,
}

/// One of the passes, with its slices.
enum Pass<'a, T> {
    /// Over `x`, of what it holds or of what is to be read into it. In training x becomes x̂, and 1 / √(σ² + ε) is kept beside y.
    Forward { read: Option<&'a [T]>, x: &'a mut [T], kept: Option<[&'a mut [T]; 2]> },
    /// Adds to the gradients of weight and bias, too, which are of neighbours then.
    Backward { x_hat: &'a mut [T], inverses: &'a [T], dy: &'a mut [T], params: [Option<&'a mut [T]>; 2] },
}

impl<T: Float> Kernel<T> for (&Normalize<'_, T>, Pass<'_, T>) {
    type Output = ();
    const WIDE: bool = true;

    #[inline(always)]
    fn run<N: Same<T>>(self) {
        let Normalize { group, positions, centered, eps, weight, bias } = *self.0;
        let (weight, bias) = (weight.map(N::slice), bias.map(N::slice));
        let normalize = Normalize { group, positions, centered, eps, weight, bias };
        match self.1 {
            Pass::Forward { read, x, kept } => {
                let kept = kept.map(|[inverses, y]| [N::slice_mut(inverses), N::slice_mut(y)]);
                normalize.forward_pass(read.map(N::slice), N::slice_mut(x), kept);
            }
            Pass::Backward { x_hat, inverses, dy, params } => {
                let params = params.map(|param| param.map(N::slice_mut));
                normalize.backward_pass(N::slice_mut(x_hat), N::slice(inverses), N::slice_mut(dy), params);
            }
        }
    }
}

impl<T: Float> Normalize<'_, T> {
    /// y of x.
    pub(crate) fn forward<S: Shape<Elem = T>>(&self, x: &Tensor<S>, y: &mut Tensor<S>) {
        let pass = Pass::Forward { read: Some(x.as_slice()), x: y.as_mut_slice(), kept: None };
        simd::dispatch(S::LEN, (self, pass));
    }

    /// x ← y.
    pub(crate) fn forward_in_place<S: Shape<Elem = T>>(&self, x: &mut Tensor<S>) {
        simd::dispatch(S::LEN, (self, Pass::Forward { read: None, x: x.as_mut_slice(), kept: None }));
    }

    /// x ← x̂, and y of it. `inverses` has room for a number a group.
    pub(crate) fn train<S, G>(&self, x: &mut Tensor<S>, inverses: &mut Tensor<G>, y: &mut Tensor<S>)
    where
        S: Shape<Elem = T>,
        G: Shape<Elem = T>,
    {
        let kept = Some([inverses.as_mut_slice(), y.as_mut_slice()]);
        simd::dispatch(S::LEN, (self, Pass::Forward { read: None, x: x.as_mut_slice(), kept }));
    }

    #[inline(always)]
    fn forward_pass(&self, read: Option<&[T]>, x: &mut [T], kept: Option<[&mut [T]; 2]>) {
        let (block, affine) = (positive(BLOCK * self.group), self.affine_of_neighbours());
        let (inverses, mut y) = kept.map(Into::into).unzip();
        let mut inverses = inverses.map(|inverses: &mut [T]| inverses.chunks_mut(BLOCK));
        {
            let mut read = read.map(|read| read.chunks(block));
            let mut y = y.as_deref_mut().map(|y: &mut [T]| y.chunks_mut(block));
            let at_once = if y.is_none() { affine } else { None };
            for x in x.chunks_mut(block) {
                if let Some(read) = read.as_mut().and_then(Iterator::next) {
                    simd::copy(read, x);
                }
                let block_inverses = self.standardize(x, at_once);
                if let Some(inverses) = inverses.as_mut().and_then(Iterator::next) {
                    simd::copy(&block_inverses, inverses);
                }
                if let Some(y) = y.as_mut().and_then(Iterator::next) {
                    self.finish(x, y, affine);
                }
            }
        }
        if affine.is_none() {
            let y = y.unwrap_or(x);
            run::scale_shift(y, self.positions, self.weight, self.bias);
        }
    }

    /// Weight and bias, where a group is all that have one, each neighbour its own.
    #[inline(always)]
    fn affine_of_neighbours(&self) -> Option<(&[T], &[T])> {
        let each = self.positions == 1 && self.weight.map(<[T]>::len) == Some(self.group);
        if each { self.weight.zip(self.bias) } else { None }
    }

    /// dweight += Σ dy · x̂, dbias += Σ dy.
    pub(crate) fn backward_params<S, C>(
        &self,
        x_hat: &Tensor<S>,
        dy: &Tensor<S>,
        dweight: Option<&mut Tensor<C>>,
        dbias: Option<&mut Tensor<C>>,
    ) where
        S: Shape<Elem = T>,
        C: Shape<Elem = T>,
    {
        if let Some(dweight) = dweight {
            channel_dots(dy.as_slice(), x_hat.as_slice(), self.positions, dweight.as_mut_slice());
        }
        if let Some(dbias) = dbias {
            channel_sums(dy.as_slice(), self.positions, dbias.as_mut_slice());
        }
    }

    /// x̂ ← dx; `dy` is working memory.
    pub(crate) fn backward_input<S, G>(&self, x_hat: &mut Tensor<S>, inverses: &Tensor<G>, dy: &mut Tensor<S>)
    where
        S: Shape<Elem = T>,
        G: Shape<Elem = T>,
    {
        let (x_hat, inverses, dy) = (x_hat.as_mut_slice(), inverses.as_slice(), dy.as_mut_slice());
        simd::dispatch(S::LEN, (self, Pass::Backward { x_hat, inverses, dy, params: [None, None] }));
    }

    /// As [`backward_params`](Self::backward_params) and [`backward_input`](Self::backward_input), where weight and bias are of neighbours:
    /// in one go, while the numbers are near.
    pub(crate) fn backward<S, G, C>(
        &self,
        x_hat: &mut Tensor<S>,
        inverses: &Tensor<G>,
        dy: &mut Tensor<S>,
        dweight: Option<&mut Tensor<C>>,
        dbias: Option<&mut Tensor<C>>,
    ) where
        S: Shape<Elem = T>,
        G: Shape<Elem = T>,
        C: Shape<Elem = T>,
    {
        let (x_hat, inverses, dy) = (x_hat.as_mut_slice(), inverses.as_slice(), dy.as_mut_slice());
        let params = [dweight, dbias].map(|param| param.map(Tensor::as_mut_slice));
        simd::dispatch(S::LEN, (self, Pass::Backward { x_hat, inverses, dy, params }));
    }

    #[inline(always)]
    fn backward_pass(&self, x_hat: &mut [T], inverses: &[T], dy: &mut [T], [mut dweight, mut dbias]: [Option<&mut [T]>; 2]) {
        let block = positive(BLOCK * self.group);
        let of_neighbours = self.positions == 1 && self.weight.map(<[T]>::len) == Some(self.group);
        if !of_neighbours {
            run::scale_shift(dy, self.positions, self.weight, None);
        }
        let blocks = x_hat.chunks_mut(block).zip(dy.chunks_mut(block)).zip(inverses.chunks(BLOCK));
        for ((x_hat, dy), inverses) in blocks {
            if let Some(dweight) = dweight.as_deref_mut() {
                run::channel_dots(dy, x_hat, 1, dweight);
            }
            if let Some(dbias) = dbias.as_deref_mut() {
                run::channel_sums(dy, 1, dbias);
            }
            if of_neighbours {
                run::scale_shift(dy, 1, self.weight, None);
            }
            self.standardize_backward(x_hat, dy, inverses);
        }
    }

    /// x ← x̂ of at most [`BLOCK`] groups, or x̂ · weight + bias; returns 1 / √(σ² + ε) of each. The mean comes first: the mean of the
    /// squares less its square would cancel; and in two parts, so that equal numbers, however large, become 0. The second, and the squares
    /// of what the first one leaves, take one more reading: next to the first part, what the second takes from their sum is little.
    #[inline(always)]
    fn standardize(&self, x: &mut [T], affine: Option<(&[T], &[T])>) -> [T; BLOCK] {
        let (group, n) = (positive(self.group), T::from_usize(self.group));
        let near = self.near_means(x);
        let (mut sums, mut squares) = ([T::ZERO; BLOCK], [T::ZERO; BLOCK]);
        for ((x, &near), (sum, squares)) in x.chunks_exact(group).zip(&near).zip(sums.iter_mut().zip(&mut squares)) {
            (*sum, *squares) = simd::deviations(x, near);
        }
        let (mut rests, mut littles, mut inverses) = ([T::ZERO; BLOCK], [T::ZERO; BLOCK], [T::ZERO; BLOCK]);
        if self.centered {
            simd::map(&sums, &mut rests, |sum| simd::finite_or_zero(sum / n));
            simd::zip(&sums, &rests, &mut littles, |sum, rest| sum * rest);
        }
        let eps = T::from_f64(self.eps);
        simd::zip(&squares, &littles, &mut inverses, |squares, little| ((squares - little) / n + eps).rsqrt());
        let parts = near.iter().zip(&rests).zip(squares.iter().zip(&littles));
        for ((x, inverse), ((&near, &rest), (&squares, &little))) in x.chunks_exact_mut(group).zip(&mut inverses).zip(parts) {
            if squares < T::INFINITY && little + little <= squares {
                scale_from(x, [near, rest, *inverse], affine);
            } else {
                *inverse = standardize_apart(x, [near, rest], self.eps);
                run::scale_shift(x, 1, affine.map(|(weight, _)| weight), affine.map(|(_, bias)| bias));
            }
        }
        inverses
    }

    /// The first part of each group's mean; 0 where none is subtracted.
    #[inline(always)]
    fn near_means(&self, x: &[T]) -> [T; BLOCK] {
        let (group, n) = (positive(self.group), T::from_usize(self.group));
        let (mut firsts, mut sums, mut near) = ([T::ZERO; BLOCK], [T::ZERO; BLOCK], [T::ZERO; BLOCK]);
        if !self.centered {
            return near;
        }
        for (x, (to, sum)) in x.chunks_exact(group).zip(firsts.iter_mut().zip(&mut sums)) {
            let first = x.first().copied().unwrap_or(T::NAN);
            (*to, *sum) = (first, simd::sum_of(x, |x| x - first));
        }
        simd::zip(&firsts, &sums, &mut near, |first, sum| first + sum / n);
        if !near.iter().fold(true, |finite, near| finite & near.is_finite()) {
            first_parts(x, group, &mut near);
        }
        near
    }

    /// y = x̂ · weight + bias, or x̂.
    #[inline(always)]
    fn finish(&self, x_hat: &[T], y: &mut [T], affine: Option<(&[T], &[T])>) {
        let Some((weight, bias)) = affine else { return simd::copy(x_hat, y) };
        let group = positive(self.group);
        for (x, y) in x_hat.chunks_exact(group).zip(y.chunks_exact_mut(group)) {
            for ((y, &x), (&weight, &bias)) in y.iter_mut().zip(x).zip(weight.iter().zip(bias)) {
                *y = x.mul_add(weight, bias);
            }
        }
    }

    /// dx = (dx̂ − mean(dx̂) − x̂ · mean(dx̂ · x̂)) / √(σ² + ε), written over x̂; without the first mean where none is subtracted. Of at most
    /// [`BLOCK`] groups.
    #[inline(always)]
    fn standardize_backward(&self, x_hat: &mut [T], dx_hat: &[T], inverses: &[T]) {
        let (group, n) = (positive(self.group), T::from_usize(self.group));
        let (mut means, mut slopes) = ([T::ZERO; BLOCK], [T::ZERO; BLOCK]);
        for ((x, dx), (mean, slope)) in
            x_hat.chunks_exact(group).zip(dx_hat.chunks_exact(group)).zip(means.iter_mut().zip(&mut slopes))
        {
            *mean = if self.centered { simd::sum(dx) } else { T::ZERO };
            *slope = simd::dot(dx, x);
        }
        simd::map_in_place(&mut means, |sum| sum / n);
        simd::map_in_place(&mut slopes, |dot| dot / n);
        let groups = x_hat.chunks_exact_mut(group).zip(dx_hat.chunks_exact(group)).zip(inverses);
        for (((x, dx), &inverse), (&mean, &slope)) in groups.zip(means.iter().zip(&slopes)) {
            simd::zip_in_place(x, dx, |x, dx| inverse * (dx - mean - x * slope));
        }
    }
}

/// x ← ((x − near) − rest) · inverse, or that · weight + bias.
#[inline(always)]
fn scale_from<T: Float>(x: &mut [T], [near, rest, inverse]: [T; 3], affine: Option<(&[T], &[T])>) {
    match affine {
        Some((weight, bias)) => {
            for (x, (&weight, &bias)) in x.iter_mut().zip(weight.iter().zip(bias)) {
                *x = (((*x - near) - rest) * inverse).mul_add(weight, bias);
            }
        }
        None => simd::map_in_place(x, |x| ((x - near) - rest) * inverse),
    }
}

/// The first part of each group's mean where a sum overflows.
#[cold]
fn first_parts<T: Float>(x: &[T], group: usize, near: &mut [T]) {
    x.chunks_exact(group).zip(near).for_each(|(x, near)| *near = simd::first_part(x));
}

/// x ← x̂ of numbers far from their mean's first part: their squares are computed when they have lost both.
#[cold]
fn standardize_apart<T: Float>(x: &mut [T], [near, rest]: [T; 2], eps: f64) -> T {
    simd::map_in_place(x, |x| (x - near) - rest);
    let squares = simd::sum_squares(x);
    if squares == T::INFINITY {
        return standardize_in_units(x);
    }
    let inverse = (squares / T::from_usize(x.len()) + T::from_f64(eps)).rsqrt();
    simd::scale(x, inverse);
    inverse
}

/// x ← x / √(mean(x²)) where a square overflows, in units of the largest number; beside such squares ε is nothing. Returns
/// 1 / √(mean(x²)).
fn standardize_in_units<T: Float>(x: &mut [T]) -> T {
    let unit = simd::max(x).maximum(-simd::min(x));
    simd::map_in_place(x, |x| x / unit);
    let variance = simd::sum_squares(x) / T::from_usize(x.len());
    let inverse = variance.rsqrt();
    simd::scale(x, inverse);
    inverse / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x̂ of a group, and 1 / √(σ² + ε).
    fn standardized<T: Float>(mut x: Vec<T>, centered: bool) -> (Vec<T>, T) {
        let normalize = Normalize { group: x.len(), positions: 1, centered, eps: 1e-5, weight: None, bias: None };
        let [inverse, ..] = normalize.standardize(&mut x, None);
        (x, inverse)
    }

    fn equal_numbers_become_zero<T: Float>(values: &[f64]) {
        for &c in values {
            for count in [1, 7, 768, 4099] {
                let (x, inverse) = standardized(vec![T::from_f64(c); count], true);
                assert!(x.iter().all(|&x| x == T::ZERO), "{count} times {c}: {:e}", x[0]);
                assert_eq!(inverse, T::from_f64(1e-5).rsqrt());
            }
        }
    }

    #[test]
    fn equal_numbers_become_zero_in_both_types() {
        equal_numbers_become_zero::<f32>(&[0.1, 40000.1, 1234.5677, 1e30, 1e-30, 3e38]);
        equal_numbers_become_zero::<f64>(&[0.1, 40000.1, 1234.5677, 1e300, 1e-300, 1.7e308]);
    }

    #[test]
    fn numbers_far_from_zero_are_standardised_as_in_wider_arithmetic() {
        let x: Vec<f32> = (0..768).map(|i| 40000.1 + (i * 37 % 101) as f32 / 16.0).collect();
        let wide = standardized(x.iter().map(|&x| f64::from(x)).collect(), true).0;
        let (narrow, _) = standardized(x, true);
        assert!(narrow.iter().zip(wide).all(|(&a, b)| (f64::from(a) - b).abs() < 1e-6));
    }

    /// Groups that are worked on together, the odd ones among them too, are what each is by itself.
    #[test]
    fn groups_do_not_mix_on_any_instruction_set() {
        let x = Tensor::<[[f32; 37]; 19]>::from_fn(|[i, j]| match i {
            3 => 0.1,
            8 => [1e38, -1e38][j % 2],
            9 => [1.0, f32::INFINITY][usize::from(j == 5)],
            _ => ((i * 37 + j) * 37 % 101) as f32 / 16.0 + i as f32,
        });
        let (weight, bias) = (x.0[5].map(|w| w / 8.0), x.0[6]);
        crate::simd::Instructions::each(|_| {
            for centered in [true, false] {
                let normalize =
                    Normalize { group: 37, positions: 1, centered, eps: 1e-5, weight: Some(&weight), bias: Some(&bias) };
                let (mut y, mut x_hat, mut trained) = (x, x, x);
                let mut inverses = Tensor([0.0f32; 19]);
                normalize.forward(&x, &mut y);
                normalize.train(&mut x_hat, &mut inverses, &mut trained);
                let (mut dx, mut dy) = (x_hat, x.map(|x| x.clamp(-2.0, 2.0)));
                normalize.backward_input(&mut dx, &inverses, &mut dy);
                for i in 0..19 {
                    let (mut own, mut own_hat, mut own_y) = (Tensor(x.0[i]), Tensor(x.0[i]), Tensor(x.0[i]));
                    let mut inverse = Tensor([0.0f32]);
                    normalize.forward_in_place(&mut own);
                    normalize.train(&mut own_hat, &mut inverse, &mut own_y);
                    let (mut own_dx, mut own_dy) = (own_hat, Tensor(x.0[i].map(|x| x.clamp(-2.0, 2.0))));
                    normalize.backward_input(&mut own_dx, &inverse, &mut own_dy);
                    let bits = |x: [f32; 37]| x.map(|x| if x.is_nan() { 0 } else { x.to_bits() });
                    for (found, right) in
                        [(y.0[i], own.0), (x_hat.0[i], own_hat.0), (trained.0[i], own.0), (own_y.0, own.0), (dx.0[i], own_dx.0)]
                    {
                        assert_eq!(bits(found), bits(right), "{i} {centered}");
                    }
                }
            }
        });
    }

    #[test]
    fn squares_may_overflow() {
        for unit in [1e20f32, 1e38] {
            for centered in [true, false] {
                let (x, inverse) = standardized(vec![unit, -unit, unit, -unit], centered);
                assert!(x.iter().zip([1.0, -1.0, 1.0, -1.0]).all(|(x, y)| (x - y).abs() < 1e-6), "{x:?}");
                assert!((inverse * unit - 1.0).abs() < 1e-6);
            }
        }
        let (x, _) = standardized(vec![f32::INFINITY, 1.0], false);
        assert!(x[0].is_nan());
    }
}
