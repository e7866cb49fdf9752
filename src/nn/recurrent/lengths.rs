//! [`Lengths`].

use core::fmt::{self, Display, Formatter};

use crate::nn::Lent;
use crate::tensor::Buffer;
use crate::text::Text;

/// The lengths of the sequences of a batch `[B][L]` that are not all of `L` steps.
///
/// A recurrent layer is given them beside its input: `layer.forward((x, lengths))`, or `(x, state, lengths)`. What stands past a sequence's
/// end is not read, the output there is zero, and the final state is the one at the end; the direction that runs backwards starts at the end.
/// They need not be sorted. As
/// [`pack_padded_sequence`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html) and
/// `pad_packed_sequence` do it in PyTorch.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Gru::<3, 4>::init(rng);
/// let x = Tensor::<[[[f32; 3]; 5]; 2]>::randn(rng);
/// let (y, state) = layer.forward((x, Lengths::new([5, 2]).unwrap()));
/// assert_eq!((y.0[1][2], state.0[0][1]), ([0.0; 4], y.0[1][1]));
///
/// let error = Lengths::<5, 2>::new([5, 6]).unwrap_err();
/// assert_eq!(error.to_string(), "sequence 1 is 6 steps long, but the batch has 5");
/// ```
#[doc(alias("pack_padded_sequence", "PackedSequence", "pack_sequence"))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lengths<const L: usize, const B: usize>([usize; B]);

/// A sequence is longer than its batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LengthError {
    /// Which sequence.
    pub sequence: usize,
    /// How long it is said to be.
    pub length: usize,
    /// How many steps the batch has.
    pub steps: usize,
}

impl LengthError {
    const fn text(&self) -> Text {
        let text = Text::new().add("sequence ").plain(self.sequence).add(" is ").plain(self.length);
        text.add(" steps long, but the batch has ").plain(self.steps)
    }
}

impl Display for LengthError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl core::error::Error for LengthError {}

impl<const L: usize, const B: usize> Lengths<L, B> {
    /// These lengths.
    ///
    /// # Errors
    /// The first sequence that is longer than `L`.
    pub const fn new(lengths: [usize; B]) -> Result<Self, LengthError> {
        let mut sequence = 0;
        while sequence < B {
            let length = lengths[sequence];
            if length > L {
                return Err(LengthError { sequence, length, steps: L });
            }
            sequence += 1;
        }
        Ok(Self(lengths))
    }

    /// These lengths, in a constant: one that is longer than `L` does not build.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// const LENGTHS: Lengths<5, 2> = Lengths::known([5, 2]);
    /// ```
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// const LENGTHS: Lengths<5, 2> = Lengths::known([5, 6]); // error: sequence 1 is 6 steps long, but the batch has 5
    /// ```
    ///
    /// # Panics
    /// In a constant, which is an error of the compiler. Elsewhere use [`new`](Self::new).
    #[track_caller]
    pub const fn known(lengths: [usize; B]) -> Self {
        match Self::new(lengths) {
            Ok(lengths) => lengths,
            Err(error) => panic!("{}", error.text().as_str()),
        }
    }

    /// The lengths.
    pub const fn get(&self) -> &[usize; B] {
        &self.0
    }

    #[inline]
    pub(super) const fn as_slice(&self) -> &[usize] {
        &self.0
    }
}

/// Sequences of no steps.
impl<const L: usize, const B: usize> Buffer for Lengths<L, B> {
    const ZERO: Self = Self([0; B]);
}

impl<const L: usize, const B: usize> Lent for Lengths<L, B> {
    type Input = Self;

    fn lent(&self) -> &Self {
        self
    }
}
