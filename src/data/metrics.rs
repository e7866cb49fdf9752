//! How good a classifier is.

use core::fmt::{self, Display, Formatter};

use super::ClassIndex;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// The classes that a batch predicts, each with the one that it should: the place of the largest logit, and the label if it
/// is a class at all.
fn predictions<T: Float, L: ClassIndex, const C: usize, const B: usize>(
    logits: &Tensor<[[T; C]; B]>,
    labels: &[L; B],
) -> impl Iterator<Item = (usize, Option<usize>)> {
    let class = |label: &L| label.class_index().filter(|&class| class < C);
    logits.0.iter().zip(labels).map(move |(row, label)| (simd::argmax(row), class(label)))
}

/// The fraction of right predictions: of the samples whose largest logit is at their label.
///
/// The first of equal logits counts, and a NaN as larger than any number, as in `torch.argmax`. A label that is no class (a
/// negative one, or C and above) is a wrong prediction. NaN if there is no sample.
///
/// ```
/// use adamant::prelude::*;
/// let logits = Tensor([[0.1f32, 2.0, 0.3], [5.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 3.0, 0.0]]);
/// assert_eq!(accuracy(&logits, &[1u8, 0, 2, 0]), 0.75);
/// ```
pub fn accuracy<T: Float, L: ClassIndex, const C: usize, const B: usize>(logits: &Tensor<[[T; C]; B]>, labels: &[L; B]) -> f32 {
    let right = predictions(logits, labels).filter(|&(predicted, class)| class == Some(predicted)).count();
    right as f32 / B as f32
}

/// How often each of `C` classes (the row) was taken for each (the column).
///
/// A label that is no class (a negative one, or `C` and above) counts as a wrong prediction of the class that was predicted;
/// such samples have a last row, `?`, in print. Counts stop at `u32::MAX`. After
/// [`sklearn.metrics.confusion_matrix`](https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html).
///
/// ```
/// use adamant::prelude::*;
/// let logits = Tensor([[0.1f32, 2.0, 0.3], [5.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 3.0, 0.0]]);
/// let mut matrix = ConfusionMatrix::new();
/// matrix.add(&logits, &[1u8, 0, 2, 0]);
/// assert_eq!((matrix.accuracy(), matrix.recall(0), matrix.precision(0)), (0.75, 0.5, 1.0));
/// assert_eq!(matrix.to_string(), "\
/// true\\predicted  0  1  2
///              0  1  1  0
///              1  0  1  0
///              2  0  0  1");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConfusionMatrix<const C: usize> {
    counts: [[u32; C]; C],
    /// As `counts`, of the samples whose label is no class.
    unknown: [u32; C],
}

impl<const C: usize> ConfusionMatrix<C> {
    /// Nothing counted yet.
    pub const fn new() -> Self {
        Self { counts: [[0; C]; C], unknown: [0; C] }
    }

    /// Counts a batch.
    pub fn add<T: Float, L: ClassIndex, const B: usize>(&mut self, logits: &Tensor<[[T; C]; B]>, labels: &[L; B]) {
        for (predicted, class) in predictions(logits, labels) {
            let row = class.and_then(|class| self.counts.get_mut(class)).unwrap_or(&mut self.unknown);
            if let Some(count) = row.get_mut(predicted) {
                *count = count.saturating_add(1);
            }
        }
    }

    /// What was counted elsewhere, as [`counts`](Self::counts) and [`unknown`](Self::unknown) give it: by other machines, say.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let mut matrix = ConfusionMatrix::new();
    /// matrix.add(&Tensor([[0.1f32, 2.0]]), &[1u8]);
    /// assert_eq!(ConfusionMatrix::from_counts(*matrix.counts(), *matrix.unknown()), matrix);
    /// ```
    pub const fn from_counts(counts: [[u32; C]; C], unknown: [u32; C]) -> Self {
        Self { counts, unknown }
    }

    /// The counts: a row for each true class, a column for each predicted one.
    pub const fn counts(&self) -> &[[u32; C]; C] {
        &self.counts
    }

    /// How many samples of each predicted class had a label that is no class.
    pub const fn unknown(&self) -> &[u32; C] {
        &self.unknown
    }

    /// The fraction of right predictions; NaN before the first.
    pub fn accuracy(&self) -> f32 {
        ratio((0..C).map(|c| self.right(c)).sum(), self.rows().map(total).sum())
    }

    /// The fraction of class `c`'s samples that were found; NaN if there was none.
    pub fn recall(&self, c: usize) -> f32 {
        ratio(self.right(c), self.counts.get(c).map_or(0, total))
    }

    /// The fraction of predictions of class `c` that were right; NaN if there was none.
    pub fn precision(&self, c: usize) -> f32 {
        ratio(self.right(c), self.rows().filter_map(|row| row.get(c)).map(|&n| u64::from(n)).sum())
    }

    /// How often class `c` was taken for itself.
    fn right(&self, c: usize) -> u64 {
        self.counts.get(c).and_then(|row| row.get(c)).map_or(0, |&n| n.into())
    }

    /// The rows of the classes, and that of the samples that are of none.
    fn rows(&self) -> impl Iterator<Item = &[u32; C]> {
        self.counts.iter().chain([&self.unknown])
    }
}

impl<const C: usize> Default for ConfusionMatrix<C> {
    fn default() -> Self {
        Self::new()
    }
}

/// The sum of a row.
fn total<const C: usize>(row: &[u32; C]) -> u64 {
    row.iter().map(|&n| u64::from(n)).sum()
}

fn ratio(part: u64, whole: u64) -> f32 {
    part as f32 / whole as f32
}

/// Above the column of the true classes.
const CORNER: &str = "true\\predicted";

/// The number of digits.
fn digits(n: u64) -> usize {
    n.checked_ilog10().map_or(1, |log| log as usize + 1)
}

impl<const C: usize> Display for ConfusionMatrix<C> {
    /// A table whose columns are aligned: the predicted classes at the head, the true ones at the left.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let class = digits(C.saturating_sub(1) as u64);
        let largest = self.rows().flatten().max().map_or(0, |&n| n.into());
        let (head, width) = (CORNER.len().max(class), 2 + class.max(digits(largest)));
        write!(f, "{CORNER:>head$}")?;
        (0..C).try_for_each(|c| write!(f, "{c:>width$}"))?;
        for (c, row) in self.counts.iter().enumerate() {
            write!(f, "\n{c:>head$}")?;
            row.iter().try_for_each(|n| write!(f, "{n:>width$}"))?;
        }
        if total(&self.unknown) > 0 {
            write!(f, "\n{:>head$}", '?')?;
            self.unknown.iter().try_for_each(|n| write!(f, "{n:>width$}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits that are largest at these classes.
    fn predict<const C: usize, const B: usize>(classes: [usize; B]) -> Tensor<[[f64; C]; B]> {
        Tensor(classes.map(|class| core::array::from_fn(|c| if c == class { 1.0 } else { -1.0 })))
    }

    #[test]
    fn accuracy_counts_every_type_of_label() {
        let logits = predict::<3, 4>([0, 1, 2, 2]);
        assert_eq!(accuracy(&logits, &[0u8, 1, 2, 0]), 0.75);
        assert_eq!(accuracy(&logits, &[0i64, 1, 2, 2]), 1.0);
        assert_eq!(accuracy(&logits, &[1usize, 2, 0, 0]), 0.0);
        assert!(accuracy(&predict::<3, 0>([]), &[0u8; 0]).is_nan());
    }

    #[test]
    fn a_label_that_is_no_class_is_wrong() {
        let logits = predict::<3, 4>([0, 1, 2, 0]);
        assert_eq!(accuracy(&logits, &[0, -100, 3, i32::MAX]), 0.25);
        let mut matrix = ConfusionMatrix::new();
        matrix.add(&logits, &[0, -100, 3, i32::MAX]);
        assert_eq!((matrix.unknown(), matrix.accuracy()), (&[1, 1, 1], 0.25));
        assert_eq!((matrix.recall(0), matrix.precision(0)), (1.0, 0.5));
        assert!(matrix.to_string().ends_with("\n             ?  1  1  1"), "{matrix}");
        assert_eq!(accuracy(&Tensor([[0.0f32; 0]; 2]), &[0u8, 1]), 0.0);
    }

    #[test]
    fn ties_and_nan_are_as_in_argmax() {
        assert_eq!(accuracy(&Tensor([[1.0f32, 1.0], [1.0, f32::NAN]]), &[0u8, 1]), 1.0);
    }

    #[test]
    fn rates_of_several_batches() {
        let mut matrix = ConfusionMatrix::<3>::default();
        assert!(matrix.accuracy().is_nan() && matrix.recall(0).is_nan() && matrix.precision(7).is_nan());
        matrix.add(&predict([0, 0, 1]), &[0u8, 0, 0]);
        matrix.add(&predict([0, 1]), &[1u16, 1]);
        assert_eq!(matrix.counts(), &[[2, 1, 0], [1, 1, 0], [0, 0, 0]]);
        assert_eq!(matrix.accuracy(), 0.6);
        assert_eq!((matrix.recall(1), matrix.precision(0)), (0.5, 2.0 / 3.0));
        assert!(matrix.recall(2).is_nan() && matrix.precision(2).is_nan());
    }

    #[test]
    fn the_table_is_aligned() {
        let mut matrix = ConfusionMatrix::<11>::new();
        matrix.counts[3][10] = 12345;
        let table = matrix.to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 12);
        assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{table}");
        assert!(lines[0].ends_with("     10") && lines[4].ends_with("  12345"), "{table}");
        assert_eq!(ConfusionMatrix::<0>::new().to_string(), CORNER);
    }

    #[test]
    fn counts_saturate() {
        let mut matrix = ConfusionMatrix::<1> { counts: [[u32::MAX]], unknown: [0] };
        matrix.add(&Tensor([[0.0f32]]), &[0u8]);
        assert_eq!(matrix.counts(), &[[u32::MAX]]);
    }
}
