//! [`Embedding`].

use core::fmt::Debug;

use rand::Rng;

use super::{Grads, Layer, Param};
use crate::init;
use crate::ops::gather_backward;
use crate::shape::Indices;
use crate::simd::Float;
use crate::tensor::Tensor;
use crate::text::Text;

/// y = weight\[index\]: a vector for each word of a vocabulary.
///
/// | | |
/// |---|---|
/// | input | indices, of any integer type and shape: a word, a sentence `[L]`, a batch `[B][L]` |
/// | output | the input's dimensions, `DIM` |
/// | `weight` | `[NUM][DIM]`, starting normal |
///
/// [`PaddingIndex<I>`](PaddingIndex) names a word that stands for none: its vector starts at zero and gets no gradient.
///
/// An index that is negative or not below `NUM` gives a vector of NaN and no gradient, as
/// [`gather`](Tensor::gather) does and as a loss is NaN of a class that there is not: nothing panics, and nothing is hidden.
/// After [`torch.nn.Embedding`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html).
///
/// ```
/// use adamant::prelude::*;
/// let words = Embedding::<10, 4, PaddingIndex<0>>::init(&mut SmallRng::seed_from_u64(0));
/// let y: Tensor<[[[f32; 4]; 3]; 2]> = words.forward(Tensor([[7u8, 2, 2], [9, 0, 0]]));
/// assert_eq!((y.0[0][1], y.0[1][2]), (y.0[0][2], [0.0; 4]));
/// assert!(words.forward(Tensor(10u8)).0[0].is_nan());
/// assert_eq!(words.to_string(), "Embedding(10, 4, padding_idx=0)");
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(display("Embedding({NUM}, {DIM}{})", Printed(P::PADDING)))]
pub struct Embedding<const NUM: usize, const DIM: usize, P: PaddingOption = (), T: Float = f32> {
    /// A vector for each index, `[NUM][DIM]`.
    #[module(init = Self::start)]
    pub weight: Param<[[T; DIM]; NUM]>,
    /// What pads, by type.
    pub padding: core::marker::PhantomData<P>,
}

/// The index of what stands for no word, PyTorch's `padding_idx`: its vector starts at zero and gets no gradient.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[doc(alias = "padding_idx")]
pub struct PaddingIndex<const I: usize>;

/// Which index pads, if any: `()` or [`PaddingIndex`].
pub trait PaddingOption: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// The index.
    const PADDING: Option<usize>;
}

impl PaddingOption for () {
    const PADDING: Option<usize> = None;
}

impl<const I: usize> PaddingOption for PaddingIndex<I> {
    const PADDING: Option<usize> = Some(I);
}

/// What PyTorch prints of it.
struct Printed(Option<usize>);

impl core::fmt::Display for Printed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.map_or(Ok(()), |index| write!(f, ", padding_idx={index}"))
    }
}

impl<const NUM: usize, const DIM: usize, P: PaddingOption, T: Float> Embedding<NUM, DIM, P, T> {
    /// A layer with these vectors.
    pub const fn new(weight: Param<[[T; DIM]; NUM]>) -> Self {
        Self { weight, padding: core::marker::PhantomData }
    }

    /// Refuses a padding that is not among the indices.
    const PADDING: Option<usize> = match P::PADDING {
        Some(index) if index >= NUM => {
            let text =
                Text::new().add("`PaddingIndex<").plain(index).add(">` of an embedding that has indices below ").plain(NUM);
            panic!("{}", text.as_str())
        }
        padding => padding,
    };

    fn start<R: Rng + ?Sized>(weight: &mut Param<[[T; DIM]; NUM]>, rng: &mut R) {
        init::normal(weight, T::ZERO, T::ONE, rng);
        Self::clear(weight);
    }

    /// Makes the vector of what pads zero.
    #[inline]
    fn clear(weight: &mut Tensor<[[T; DIM]; NUM]>) {
        if let Some(row) = const { Self::PADDING }.and_then(|index| weight.0.get_mut(index)) {
            *row = [T::ZERO; DIM];
        }
    }
}

#[crate::layer]
impl<I: Indices, const NUM: usize, const DIM: usize, P: PaddingOption, T: Float> Layer<Tensor<I>>
    for Embedding<NUM, DIM, P, T>
{
    type Output = Tensor<I::Rows<[T; DIM]>>;
    type Kept = ();
    const MACS: u64 = {
        let _ = Self::PADDING;
        0
    };

    #[inline]
    fn compute(&self, x: &Tensor<I>, y: &mut Self::Output) {
        const { Self::PADDING };
        self.weight.gather_into(x, y);
    }

    #[inline]
    fn backward_params(&self, x: &Tensor<I>, (): &(), dy: &Self::Output, grads: &mut Grads<Self>) {
        gather_backward(x, dy, &mut grads.weight);
        Self::clear(&mut grads.weight);
    }

    /// Indices have no gradient.
    #[inline]
    fn backward_input(&self, _: &mut Tensor<I>, (): &(), _: &mut Self::Output) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::Init;
    use crate::nn::{Backprop, Module, Parameters};
    use crate::prelude::{SeedableRng, SmallRng};

    /// By differences of Σ y · dy, which is linear in the weight.
    #[test]
    fn gradients() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let mut layer = Embedding::<5, 4, PaddingIndex<2>, f64>::init(rng);
        let (words, dy) = (Tensor([[4u16, 0, 4], [1, 2, 4]]), Tensor::<[[[f64; 4]; 3]; 2]>::randn(rng));
        let mut grads = layer.zero_grads();
        layer.backprop_params(&words, &mut grads, |y| *y = dy);
        for i in 0..20 {
            let mut loss = |by: f64| {
                layer.weight.as_mut_slice()[i] += by;
                (layer.forward(words) * dy).sum()
            };
            let difference = loss(1.0) - loss(-1.0);
            let right = if i / 4 == 2 { 0.0 } else { difference };
            assert!((grads.weight.as_slice()[i] - right).abs() < 1e-12);
        }
    }

    #[test]
    fn what_pads_stays_zero_and_what_is_no_index_is_no_number() {
        let layer = Embedding::<3, 2, PaddingIndex<1>>::init(&mut SmallRng::seed_from_u64(0));
        assert_eq!(layer.weight.0.0[1], [0.0; 2]);
        let x = Tensor([1i64, 2, -1, 3]);
        assert!(layer.forward(x).0[2..].iter().flatten().all(|y| y.is_nan()));
        let mut grads = layer.zero_grads();
        layer.backprop(&mut x.clone(), &mut grads, |y| y.fill(1.0));
        assert_eq!(grads.weight, Tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]));
    }
}
