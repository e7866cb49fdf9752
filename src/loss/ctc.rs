//! Sequences of labels whose places are not known.

use super::prediction::{Cells, Elements};
use super::{Prediction, Reduce};
use crate::data::ClassIndex;
use crate::shape::{Axis, Const, Rank, Shape};
use crate::simd::{self, Float};
use crate::stack;
use crate::tensor::Tensor;

/// [`ctc_loss()`] with settings: the lengths of the sequences, another blank, zeros for infinite losses.
///
/// *Shapes:* as of [`ctc_loss()`]; lengths `&[usize; B]`, or `&usize` for one sequence. Frames and labels beyond a length are not
/// looked at, and their gradient is 0. A length beyond what there is makes the sequence's loss and gradient NaN.
///
/// *Source:* [`CTCLoss`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html).
///
/// ```
/// use adamant::prelude::*;
/// let x = Tensor::<[[[f32; 5]; 2]; 8]>::randn(&mut SmallRng::seed_from_u64(0)).log_softmax::<-1>();
/// let labels = [[3u8, 4, 3], [4, 1, 0]]; // the second has two labels, padded
/// let ctc = Ctc::new().input_lengths(&[8, 7]).target_lengths(&[3, 2]);
/// let losses = ctc.loss(&x, &labels, Reduction::None);
/// let padded_otherwise = ctc.loss(&x, &[[3u8, 4, 3], [4, 1, 2]], Reduction::None);
/// assert_eq!(losses, padded_otherwise);
/// let [a, b] = losses.0;
/// assert_eq!(ctc.loss(&x, &labels, Reduction::Mean), (a / 3.0 + b / 2.0) / 2.0);
/// ```
///
/// Lengths of another batch do not compile:
///
/// ```compile_fail,E0277
/// use adamant::prelude::*;
/// let x = Tensor::<[[[f32; 5]; 2]; 8]>::zeros();
/// Ctc::new().input_lengths(&[8, 7, 8]).loss(&x, &[[1u8, 2]; 2], Reduction::Mean);
/// ```
#[doc(alias = "CTCLoss")]
#[derive(Clone, Copy, Debug)]
pub struct Ctc<I = (), L = ()> {
    input_lengths: I,
    target_lengths: L,
    blank: usize,
    zero_infinity: bool,
}

impl Ctc {
    /// Every frame and every label counts, 0 is the blank, infinite losses are infinite: [`ctc_loss()`].
    #[inline]
    pub const fn new() -> Self {
        Self { input_lengths: (), target_lengths: (), blank: 0, zero_infinity: false }
    }
}

impl Default for Ctc {
    fn default() -> Self {
        Self::new()
    }
}

impl<I, L> Ctc<I, L> {
    /// How many frames of each sequence count.
    #[inline]
    pub fn input_lengths<N>(self, input_lengths: &N) -> Ctc<&N, L> {
        let Self { target_lengths, blank, zero_infinity, .. } = self;
        Ctc { input_lengths, target_lengths, blank, zero_infinity }
    }

    /// How many labels of each sequence count.
    #[inline]
    pub fn target_lengths<N>(self, target_lengths: &N) -> Ctc<I, &N> {
        let Self { input_lengths, blank, zero_infinity, .. } = self;
        Ctc { input_lengths, target_lengths, blank, zero_infinity }
    }

    /// The class that stands for no label: 0 unless told. One that is not among the classes makes all NaN.
    #[inline]
    pub const fn blank(mut self, blank: usize) -> Self {
        self.blank = blank;
        self
    }

    /// Whether an infinite loss and its gradient are 0: that of a sequence too short for its labels.
    #[inline]
    pub const fn zero_infinity(mut self, zero_infinity: bool) -> Self {
        self.zero_infinity = zero_infinity;
        self
    }

    /// The loss of log-probabilities.
    #[inline]
    pub fn loss<S: Sequences, Y: SequenceTarget<S>, R: Reduce, P: Prediction<S>>(
        self,
        mut log_probs: P,
        targets: &Y,
        reduction: R,
    ) -> P::Loss<R::Output<S::Losses>>
    where
        I: SequenceLengths<S>,
        L: SequenceLengths<S>,
    {
        let mut elements = log_probs.elements();
        let losses = match elements.cells() {
            Cells::Write(x) => stack::with_room(Y::BYTES[1], || {
                let (mut table, mut firsts) = (Tensor::<Y::Table>::zeros(), Tensor::<Y::Times>::zeros());
                let mut pairs = Tensor::<Y::Pairs>::zeros();
                self.each(targets, reduction, |sequence, factor| {
                    let kept = Kept { firsts: firsts.as_mut_slice(), table: table.as_mut_slice() };
                    sequence.write(x, pairs.as_mut_slice(), kept, factor)
                })
            }),
            x => {
                let mut pairs = Tensor::<Y::Pairs>::zeros();
                self.each(targets, reduction, |sequence, _| sequence.read(x.values(), pairs.as_mut_slice()))
            }
        };
        drop(elements);
        log_probs.loss(losses)
    }

    /// Reduces what `loss` gives for each sequence and the factor of its gradient.
    #[inline]
    fn each<S: Sequences, Y: SequenceTarget<S>, R: Reduce>(
        self,
        targets: &Y,
        reduction: R,
        mut loss: impl FnMut(&Sequence<'_, Y::Item>, S::Elem) -> S::Elem,
    ) -> R::Output<S::Losses>
    where
        I: SequenceLengths<S>,
        L: SequenceLengths<S>,
    {
        let divisor = S::Elem::from_usize(reduction.divisor::<S::Losses>());
        let mut numbers = 0..;
        reduction.reduce::<S::Losses>(divisor, |losses| {
            for (value, number) in losses.iter_mut().zip(&mut numbers) {
                let labels = targets.labels(number);
                let labels = labels.get(..self.target_lengths.length(number).unwrap_or(labels.len()));
                let sequence = Sequence {
                    labels,
                    len: self.input_lengths.length(number).unwrap_or(Y::FRAMES),
                    frames: Y::FRAMES,
                    start: number * Y::CLASSES,
                    step: S::Losses::LEN * Y::CLASSES,
                    classes: Y::CLASSES,
                    blank: self.blank,
                    zero_infinity: self.zero_infinity,
                };
                // In a mean each loss is first divided by the number of its labels.
                let parts = labels.map_or(1, <[_]>::len).max(1);
                let parts = S::Elem::from_usize(if R::MEAN { parts } else { 1 });
                *value = loss(&sequence, (divisor * parts).recip()) / parts;
            }
        })
    }
}

/// What sequences, `[[T; C]; TIME]` or `[[[T; C]; B]; TIME]`, have one of each. Every shape has it, so that where the shape is not theirs
/// there is one complaint, that of [`SequenceTarget`].
pub trait Sequences: Shape<Elem: Float> {
    /// One loss a sequence.
    type Losses: Shape<Elem = Self::Elem>;
}

impl<T: Float> Sequences for T {
    type Losses = T;
}

impl<T: Float, const N: usize> Sequences for [T; N] {
    type Losses = T;
}

impl<T: Float, const C: usize, const TIME: usize> Sequences for [[T; C]; TIME] {
    type Losses = T;
}

impl<A: Shape<Elem: Float>, const C: usize, const B: usize, const TIME: usize> Sequences for [[[A; C]; B]; TIME] {
    type Losses = [A::Elem; B];
}

/// The labels of sequences whose log-probabilities have the shape `S`: `[I; L]`, or `[[I; L]; B]` of a batch, where `I` is any integer
/// type, or a `Tensor` of these.
#[diagnostic::on_unimplemented(
    message = "the labels `{Self}` do not fit the log-probabilities `Tensor<{S}>`",
    label = "must be one row of labels for each sequence",
    note = "for log-probabilities `[[f32; C]; TIME]` the labels are `[I; L]`, where `I` is an integer type",
    note = "for those of a batch, `[[[f32; C]; B]; TIME]`, they are `[[I; L]; B]`; shorter rows are padded, and \
            `Ctc::new().target_lengths(&[..; B])` says how many labels count"
)]
pub trait SequenceTarget<S: Sequences> {
    /// A number for each frame.
    type Times: Shape<Elem = S::Elem>;
    /// The number of frames.
    const FRAMES: usize;
    /// The number of classes, the blank among them.
    const CLASSES: usize;

    /// The type of one label.
    type Item: ClassIndex;
    /// For each label, a number of its own and one of the blank behind it.
    type Pairs: Shape<Elem = S::Elem>;
    /// The same for each frame.
    type Table: Shape<Elem = S::Elem>;
    /// How many bytes the loss takes of this: where the log-probabilities are read, and where they are overwritten.
    const BYTES: [usize; 2] =
        [size_of::<Self::Pairs>(), size_of::<Self::Table>() + size_of::<Self::Times>() + size_of::<Self::Pairs>()];

    /// The labels of one sequence.
    fn labels(&self, sequence: usize) -> &[Self::Item];
}

#[diagnostic::do_not_recommend]
impl<I: ClassIndex, T: Float, const C: usize, const TIME: usize, const L: usize> SequenceTarget<[[T; C]; TIME]> for [I; L] {
    type Times = [T; TIME];
    const FRAMES: usize = TIME;
    const CLASSES: usize = C;

    type Item = I;
    type Pairs = [[T; 2]; L];
    type Table = [[[T; 2]; L]; TIME];

    #[inline]
    fn labels(&self, _: usize) -> &[I] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<I, T, const C: usize, const B: usize, const TIME: usize, const L: usize> SequenceTarget<[[[T; C]; B]; TIME]>
    for [[I; L]; B]
where
    I: ClassIndex,
    T: Float,
{
    type Times = [T; TIME];
    const FRAMES: usize = TIME;
    const CLASSES: usize = C;

    type Item = I;
    type Pairs = [[T; 2]; L];
    type Table = [[[T; 2]; L]; TIME];

    #[inline]
    fn labels(&self, sequence: usize) -> &[I] {
        self.get(sequence).map_or(&[], |labels| labels)
    }
}

#[diagnostic::do_not_recommend]
impl<Y: SequenceTarget<S>, S: Sequences> SequenceTarget<S> for Tensor<Y> {
    type Times = Y::Times;
    const FRAMES: usize = Y::FRAMES;
    const CLASSES: usize = Y::CLASSES;

    type Item = Y::Item;
    type Pairs = Y::Pairs;
    type Table = Y::Table;

    #[inline]
    fn labels(&self, sequence: usize) -> &[Y::Item] {
        self.0.labels(sequence)
    }
}

/// The lengths of sequences whose log-probabilities have the shape `S`: `&[usize; B]` of a batch, `&usize` of one sequence, `()` where
/// all are as long as can be.
#[diagnostic::on_unimplemented(
    message = "the lengths `{Self}` do not fit the log-probabilities `Tensor<{S}>`",
    label = "must be `&[usize; B]` for a batch `[[[f32; C]; B]; TIME]`, or `&usize` for one sequence"
)]
pub trait SequenceLengths<S>: Copy {
    /// The length of one sequence, if it is not the largest.
    fn length(&self, sequence: usize) -> Option<usize>;
}

#[diagnostic::do_not_recommend]
impl<S> SequenceLengths<S> for () {
    #[inline]
    fn length(&self, _: usize) -> Option<usize> {
        None
    }
}

// Both are for every `S`, so that it is the prediction that decides which one it is, and a wrong length that is refused.
#[diagnostic::do_not_recommend]
impl<S: Shape<Rank = Rank<2>>> SequenceLengths<S> for &usize {
    #[inline]
    fn length(&self, _: usize) -> Option<usize> {
        Some(**self)
    }
}

#[diagnostic::do_not_recommend]
impl<S: Shape<Rank = Rank<3>> + Axis<1, Size = Const<B>>, const B: usize> SequenceLengths<S> for &[usize; B] {
    #[inline]
    fn length(&self, sequence: usize) -> Option<usize> {
        self.get(sequence).copied()
    }
}

/// One sequence, and where it is among the log-probabilities.
///
/// A path through the frames is, at each, in one of 2L + 1 states: the blank before the first label, and for each label the label
/// itself and the blank behind it, a *pair*. It stays, or goes on to the next state, or from a label to the next one if the two differ.
struct Sequence<'a, I> {
    /// None if the length is beyond the labels.
    labels: Option<&'a [I]>,
    /// How many of the frames count.
    len: usize,
    frames: usize,
    start: usize,
    step: usize,
    classes: usize,
    blank: usize,
    zero_infinity: bool,
}

/// What the backward pass reads of the forward pass: ln α of each frame.
struct Kept<'a, T> {
    firsts: &'a mut [T],
    table: &'a mut [T],
}

/// ln of the probability of being in each state.
struct States<'a, T> {
    first: T,
    pairs: &'a mut [[T; 2]],
}

impl<I: ClassIndex> Sequence<'_, I> {
    /// The loss −ln Σ α of log-probabilities that are only read, with room for the pairs.
    fn read<T: Float>(&self, x: &[T], pairs: &mut [T]) -> T {
        let Some(path) = self.path() else { return T::NAN };
        let mut states = States::new(pairs, path.labels.len());
        (0..self.len).for_each(|t| path.advance(&mut states, self.frame(x, t)));
        self.bounded(-states.total())
    }

    /// The loss of log-probabilities that become `factor` times the gradient.
    fn write<T: Float>(&self, x: &mut [T], pairs: &mut [T], kept: Kept<'_, T>, factor: T) -> T {
        let Some(path) = self.path() else { return self.without_gradient(x, T::NAN) };
        let (room, numbers) = (pairs.len(), 2 * path.labels.len());
        let mut states = States::new(pairs, path.labels.len());
        for (t, first) in kept.firsts.iter_mut().enumerate().take(self.len) {
            path.advance(&mut states, self.frame(x, t));
            *first = states.first;
            simd::copy(states.pairs.as_flattened(), kept.table.get_mut(t * room..).unwrap_or_default());
        }
        let loss = -states.total();
        if loss == T::INFINITY {
            return self.without_gradient(x, self.bounded(loss));
        }
        states.end();
        for (t, first) in kept.firsts.iter_mut().enumerate().take(self.len).rev() {
            path.retreat(&mut states);
            // From here on what was α is the probability of the state, given the labels: e^(α + β + loss).
            let pairs = kept.table.get_mut(t * room..).and_then(|row| row.get_mut(..numbers)).unwrap_or_default();
            *first = (*first + states.first + loss).exp();
            simd::zip_in_place(pairs, states.pairs.as_flattened(), |a, b| (a + b + loss).exp());
            path.add(&mut states, self.frame(x, t));
            let x = self.frame_mut(x, t);
            simd::map_in_place(x, |x| factor * x.exp());
            path.take_off(x, factor, *first, pairs.as_chunks().0);
        }
        (self.len..self.frames).for_each(|t| self.frame_mut(x, t).fill(T::ZERO));
        loss
    }

    /// The labels and the blank, if they are among the classes and the lengths among what there is.
    fn path(&self) -> Option<Path<'_, I>> {
        let labels = self.labels?;
        let known = |label: &I| label.class_index().is_some_and(|class| class < self.classes);
        let fits = self.len <= self.frames && self.blank < self.classes && labels.iter().all(known);
        fits.then_some(Path { labels, blank: self.blank })
    }

    fn bounded<T: Float>(&self, loss: T) -> T {
        if self.zero_infinity && loss == T::INFINITY { T::ZERO } else { loss }
    }

    /// An infinite loss has the gradient 0 if it counts as 0, and else none, as in PyTorch: NaN.
    fn without_gradient<T: Float>(&self, x: &mut [T], loss: T) -> T {
        let gradient = if loss == T::ZERO { T::ZERO } else { T::NAN };
        for t in 0..self.frames {
            self.frame_mut(x, t).fill(if t < self.len { gradient } else { T::ZERO });
        }
        loss
    }

    /// The log-probabilities of frame t.
    fn frame<'x, T>(&self, x: &'x [T], t: usize) -> &'x [T] {
        let start = self.start + t * self.step;
        x.get(start..start + self.classes).unwrap_or_default()
    }

    fn frame_mut<'x, T>(&self, x: &'x mut [T], t: usize) -> &'x mut [T] {
        let start = self.start + t * self.step;
        x.get_mut(start..start + self.classes).unwrap_or_default()
    }
}

/// The labels that a path passes.
#[derive(Clone, Copy)]
struct Path<'a, I> {
    labels: &'a [I],
    blank: usize,
}

impl<I: ClassIndex> Path<'_, I> {
    /// The class of the i-th label.
    fn class(&self, i: usize) -> Option<usize> {
        self.labels.get(i)?.class_index()
    }

    /// Whether a path may go from the i-th label to the next without a blank.
    fn may_skip(&self, i: usize) -> bool {
        self.class(i) != self.class(i + 1)
    }

    /// α of the next frame: α(s) ← x(s) · Σ α of s and of the states from which s is reached. The last state first, so that what is
    /// read is not yet overwritten.
    fn advance<T: Float>(&self, states: &mut States<'_, T>, x: &[T]) {
        let (blank, mut rest) = (log_prob(x, Some(self.blank)), &mut *states.pairs);
        while let Some(([label, behind], before)) = rest.split_last_mut() {
            let i = before.len();
            let (skipped, blank_before) = match before.last() {
                None => (T::NEG_INFINITY, states.first),
                Some(&[label, blank]) => (if self.may_skip(i - 1) { label } else { T::NEG_INFINITY }, blank),
            };
            *behind = log_sum([*behind, *label, T::NEG_INFINITY]) + blank;
            *label = log_sum([*label, blank_before, skipped]) + log_prob(x, self.class(i));
            rest = before;
        }
        states.first += blank;
    }

    /// β of the frame before: β(s) ← Σ x · β of s and of the states that are reached from s, where the states hold x · β already. The
    /// first state first.
    fn retreat<T: Float>(&self, states: &mut States<'_, T>) {
        let next = |rest: &[[T; 2]]| rest.first().map_or(T::NEG_INFINITY, |&[label, _]| label);
        states.first = log_sum([states.first, next(states.pairs), T::NEG_INFINITY]);
        let (mut rest, mut i) = (&mut *states.pairs, 0);
        while let Some(([label, behind], after)) = rest.split_first_mut() {
            let next = next(after);
            *label = log_sum([*label, *behind, if self.may_skip(i) { next } else { T::NEG_INFINITY }]);
            *behind = log_sum([*behind, next, T::NEG_INFINITY]);
            (rest, i) = (after, i + 1);
        }
    }

    /// x · β of each state.
    fn add<T: Float>(&self, states: &mut States<'_, T>, x: &[T]) {
        let blank = log_prob(x, Some(self.blank));
        states.first += blank;
        for (i, [label, behind]) in states.pairs.iter_mut().enumerate() {
            *label += log_prob(x, self.class(i));
            *behind += blank;
        }
    }

    /// Takes `factor` times the probability of each state off that of its class.
    fn take_off<T: Float>(&self, x: &mut [T], factor: T, first: T, pairs: &[[T; 2]]) {
        let mut take_off = |class: Option<usize>, probability| {
            if let Some(x) = class.and_then(|class| x.get_mut(class)) {
                *x -= factor * probability;
            }
        };
        take_off(Some(self.blank), first);
        for (i, &[label, behind]) in pairs.iter().enumerate() {
            take_off(self.class(i), label);
            take_off(Some(self.blank), behind);
        }
    }
}

impl<'a, T: Float> States<'a, T> {
    /// Before the first frame: at the first blank.
    fn new(pairs: &'a mut [T], labels: usize) -> Self {
        let pairs = pairs.as_chunks_mut().0.get_mut(..labels).unwrap_or_default();
        pairs.as_flattened_mut().fill(T::NEG_INFINITY);
        Self { first: T::ZERO, pairs }
    }

    /// After the last frame: at the last blank.
    fn end(&mut self) {
        self.first = T::NEG_INFINITY;
        self.pairs.as_flattened_mut().fill(T::NEG_INFINITY);
        *self.pairs.last_mut().map_or(&mut self.first, |[_, blank]| blank) = T::ZERO;
    }

    /// ln of the probability of having passed all labels.
    fn total(&self) -> T {
        self.pairs.last().map_or(self.first, |&[label, blank]| log_sum([label, blank, T::NEG_INFINITY]))
    }
}

/// x of the class.
fn log_prob<T: Float>(x: &[T], class: Option<usize>) -> T {
    class.and_then(|class| x.get(class)).copied().unwrap_or(T::NAN)
}

/// ln Σ eˣ, −∞ where all x are.
#[inline]
fn log_sum<T: Float>([a, b, c]: [T; 3]) -> T {
    let max = a.maximum(b).maximum(c);
    if max == T::NEG_INFINITY {
        return max;
    }
    max + ((a - max).exp() + (b - max).exp() + (c - max).exp()).ln()
}

/// The connectionist temporal classification loss: −ln of the probability of a sequence of labels, whatever their places among the
/// frames. It is the sum over all paths that give the labels when repeated classes become one and blanks, class 0, are left out.
///
/// *The gradient* is that with respect to what [`log_softmax`](Tensor::log_softmax) was taken of, as PyTorch's:
/// eˣ − the probability of the class at the frame, given the labels. It passes `log_softmax` unchanged, so a model that ends in it
/// trains as it should.
///
/// Lengths of the sequences, another blank and zeros for infinite losses are settings: [`Ctc`].
///
/// *Shapes:* log-probabilities x `[TIME][B][C]` and labels `[B][L]` of any integer type, or `[TIME][C]` and `[L]` for one sequence; the
/// result a number, or the losses `[B]` without a reduction. *The mean* divides each loss by the number of its labels (if any) and
/// the sum by `B`, as in PyTorch. *Memory:* 2 `L` numbers; where the gradient is wanted, for each frame.
///
/// A sequence that has no path, such as one too short for its labels, has the loss ∞ and the gradient NaN; a label below 0 or from `C`
/// on makes both NaN. A class that cannot be (x = −∞) is no harm where the labels do without it (PyTorch's gradient is NaN there).
///
/// *Source:* [`ctc_loss()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html); Graves et al., *Connectionist Temporal
/// Classification*, 2006.
///
/// ```
/// use adamant::prelude::*;
/// // Two frames of the blank and one label: it is seen unless both are blank.
/// let p = Tensor([[0.25f64, 0.75], [0.5, 0.5]]);
/// let mut x = p.ln();
/// let loss = ctc_loss(&mut x, &[1u8], Reduction::Sum);
/// assert!((*loss + (1.0 - 0.25 * 0.5f64).ln()).abs() < 1e-12);
/// // The first frame is blank in 0.25 · 0.5 of 0.875.
/// assert!((x.0[0][0] - (0.25 - 0.125 / 0.875)).abs() < 1e-12);
/// ```
#[doc(alias = "CTCLoss")]
#[inline]
pub fn ctc_loss<S: Sequences, Y: SequenceTarget<S>, R: Reduce, P: Prediction<S>>(
    log_probs: P,
    targets: &Y,
    reduction: R,
) -> P::Loss<R::Output<S::Losses>> {
    Ctc::new().loss(log_probs, targets, reduction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::Reduction;
    use crate::nn::{Backprop, Module};

    /// What a `#[forward]` function that calls the loss counts.
    #[test]
    fn what_the_loss_makes_is_counted() {
        type Call<'t> = (Tensor<[[[f32; 5]; 2]; 8]>, &'t [[u8; 3]; 2], Reduction::None);
        const PAIRS: usize = 4 * 2 * 3;
        assert_eq!(<crate::loss::ctc_loss as Module<Call<'_>>>::FORWARD_BYTES, PAIRS);
        assert_eq!(<crate::loss::ctc_loss as Backprop<Call<'_>>>::BACKPROP_BYTES, 4 * 2 + 8 * (PAIRS + 4) + PAIRS);
    }

    /// What a path shows: repeated classes become one, and blanks are left out.
    fn shown(path: &[usize], blank: usize) -> Vec<usize> {
        let mut labels = path.to_vec();
        labels.dedup();
        labels.retain(|&class| class != blank);
        labels
    }

    /// The probability of labels, and at each frame that of each class together with them, over all 3⁵ paths.
    fn count(p: &[[f64; 3]; 5], labels: &[usize], blank: usize, frames: usize) -> (f64, [[f64; 3]; 5]) {
        let (mut total, mut each) = (0.0, [[0.0; 3]; 5]);
        for number in 0..3usize.pow(frames as u32) {
            let path: Vec<usize> = (0..frames as u32).map(|t| number / 3usize.pow(t) % 3).collect();
            if shown(&path, blank) == labels {
                let probability: f64 = path.iter().zip(p).map(|(&class, p)| p[class]).product();
                total += probability;
                path.iter().enumerate().for_each(|(t, &class)| each[t][class] += probability);
            }
        }
        (total, each)
    }

    #[test]
    fn it_is_the_sum_over_all_paths() {
        let p = Tensor::<[[f64; 3]; 5]>::from_fn(|[t, c]| (1.0 + 1.7 * t as f64 + 2.3 * c as f64).sin()).softmax::<-1>();
        let cases = [
            ([1usize, 2, 1], 3, 5, 0),
            ([1, 1, 2], 3, 5, 0),
            ([1, 1, 1], 3, 5, 0),
            ([2, 1, 0], 2, 5, 0),
            ([2, 2, 0], 2, 4, 0),
            ([0, 1, 0], 3, 4, 2),
            ([1, 0, 0], 1, 3, 0),
            ([0, 0, 0], 0, 5, 1),
        ];
        for (labels, len, frames, blank) in cases {
            let (total, each) = count(&p.0, &labels[..len], blank, frames);
            let ctc = Ctc::new().blank(blank).input_lengths(&frames);
            let ctc = ctc.target_lengths(&len);
            let mut x = p.ln();
            let read = ctc.loss(&x, &labels, Reduction::Sum);
            let written = ctc.loss(&mut x, &labels, Reduction::Sum).value();
            assert_eq!(read, written);
            assert!((read + total.ln()).abs() < 1e-12, "{labels:?}, {len}: {read}, not {}", -total.ln());
            for (t, (found, each)) in x.0.iter().zip(each).enumerate() {
                for (c, (found, each)) in found.iter().zip(each).enumerate() {
                    let right = if t < frames { p.0[t][c] - each / total } else { 0.0 };
                    assert!((found - right).abs() < 1e-12, "{labels:?}, {len}, frame {t}: {found}, not {right}");
                }
            }
        }
    }
}
