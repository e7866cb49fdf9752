//! Scaled dot-product attention: y = softmax(q · kᵀ / √D + mask) · v.

use crate::shape::{Shape, nest};
use crate::simd::Float;
use crate::simd::attention::{
    Attend, AttendBackward, Inputs, Mask, Sizes, Steps, Vectors, VectorsMut, attend, attend_backward, scratch_bytes,
};
use crate::tensor::Tensor;

/// Queries of the shape `Self` attend to keys of the shape `K`, and get of values of the shape `V`.
///
/// It holds in generic code: `[[T; D]; L]: AttendsTo<[[T; D]; S], [[T; DV]; S]>` for all sizes.
///
/// | queries | keys | values | output |
/// |---|---|---|---|
/// | `L×D` | `S×D` | `S×DV` | `L×DV` |
/// | `…×L×D` | `…×S×D` | `…×S×DV` | `…×L×DV`, with the same leading dimensions, up to three |
#[diagnostic::on_unimplemented(
    message = "queries `{Self}` cannot attend to keys `{K}` with values `{V}`",
    label = "queries are `[L][D]`, keys `[S][D]`, values `[S][DV]`, under the same leading dimensions"
)]
pub trait AttendsTo<K, V>: Shape<Elem: Float> {
    /// The output's shape.
    type Output: Shape<Elem = Self::Elem>;
    /// Two numbers for each query.
    type Normalizers: Shape<Elem = Self::Elem>;
    /// Samples, heads, queries, keys, their numbers, and those of the values.
    const SIZES: [usize; 6];
}

/// What hides keys from queries of the shape `Q`, or adds to their scores, where the keys have the shape `K`.
///
/// | | |
/// |---|---|
/// | `()` | every query attends to every key |
/// | [`CausalMask`] | query i attends to the keys up to i |
/// | `&Tensor<[[bool; S]; L]>` | `true` where query i may attend to key j |
/// | `&Tensor<[[T; S]; L]>` | added to the scores, −∞ hides; it gets no gradient |
/// | [`KeyMask`]`(&Tensor<[[bool; S]; B]>)` | `true` for keys that are there: those of each sample of a batch, `[bool; S]` of a single one |
/// | a pair of these | both |
///
/// **`true` means that there is attention, in every mask of this crate**, as in PyTorch's function of this name. (Its
/// `MultiheadAttention` has it the other way about: `~mask` there.)
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no mask for queries `{Q}` and keys `{K}`",
    note = "masks are `()`, `CausalMask`, `&Tensor<[[bool; S]; L]>`, `&Tensor<[[T; S]; L]>`, `KeyMask(&Tensor<[[bool; S]; B]>)` and pairs of such"
)]
pub trait AttentionMask<Q: Shape, K>: Clone {
    /// Adds this mask to others.
    #[doc(hidden)]
    fn add_to<'m>(&'m self, mask: Mask<'m, Q::Elem>) -> Mask<'m, Q::Elem>;
}

/// Says which keys are there, and which only fill a sequence up to the length of its batch: PyTorch's `key_padding_mask`, inverted.
#[derive(Clone, Copy, PartialEq, Debug)]
#[doc(alias = "key_padding_mask")]
pub struct KeyMask<M>(
    /// `true` for a key that is there, `&Tensor<[[bool; S]; B]>`, or `&Tensor<[bool; S]>` where there is no batch.
    pub M,
);

/// Query i attends to the keys up to i alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[doc(alias = "is_causal")]
pub struct CausalMask;

impl<Q: Shape, K> AttentionMask<Q, K> for () {
    fn add_to<'m>(&'m self, mask: Mask<'m, Q::Elem>) -> Mask<'m, Q::Elem> {
        mask
    }
}

impl<Q: Shape, K> AttentionMask<Q, K> for CausalMask {
    fn add_to<'m>(&'m self, mask: Mask<'m, Q::Elem>) -> Mask<'m, Q::Elem> {
        Mask { causal: true, ..mask }
    }
}

impl<Q: Shape, K, A: AttentionMask<Q, K>, B: AttentionMask<Q, K>> AttentionMask<Q, K> for (A, B) {
    fn add_to<'m>(&'m self, mask: Mask<'m, Q::Elem>) -> Mask<'m, Q::Elem> {
        self.1.add_to(self.0.add_to(mask))
    }
}

impl<Q: Shape, K, M: AttentionMask<Q, K>> AttentionMask<Q, K> for &M {
    fn add_to<'m>(&'m self, mask: Mask<'m, Q::Elem>) -> Mask<'m, Q::Elem> {
        (**self).add_to(mask)
    }
}

/// The leading dimensions of each rank, the innermost first, and how many samples and heads they are.
macro_rules! ranks {
    ($([$($b:ident)*] keys [$($sample:ident)?], $samples:expr, $heads:expr;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Float, const L: usize, const S: usize, const D: usize, const DV: usize, $(const $b: usize),*>
            AttendsTo<nest!([[T; D]; S] $($b)*), nest!([[T; DV]; S] $($b)*)> for nest!([[T; D]; L] $($b)*)
        {
            type Output = nest!([[T; DV]; L] $($b)*);
            type Normalizers = nest!([[T; 2]; L] $($b)*);
            const SIZES: [usize; 6] = [$samples, $heads, L, S, D, DV];
        }

        #[diagnostic::do_not_recommend]
        impl<T: Float, const L: usize, const S: usize, const D: usize, $(const $b: usize),*>
            AttentionMask<nest!([[T; D]; L] $($b)*), nest!([[T; D]; S] $($b)*)> for Tensor<[[bool; S]; L]>
        {
            fn add_to<'m>(&'m self, mask: Mask<'m, T>) -> Mask<'m, T> {
                Mask { allowed: self.as_slice(), ..mask }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Float, const L: usize, const S: usize, const D: usize, $(const $b: usize),*>
            AttentionMask<nest!([[T; D]; L] $($b)*), nest!([[T; D]; S] $($b)*)> for Tensor<[[T; S]; L]>
        {
            fn add_to<'m>(&'m self, mask: Mask<'m, T>) -> Mask<'m, T> {
                Mask { added: self.as_slice(), ..mask }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Float, const L: usize, const S: usize, const D: usize, $(const $b: usize),*>
            AttentionMask<nest!([[T; D]; L] $($b)*), nest!([[T; D]; S] $($b)*)>
            for KeyMask<&Tensor<nest!([bool; S] $($sample)?)>>
        {
            fn add_to<'m>(&'m self, mask: Mask<'m, T>) -> Mask<'m, T> {
                Mask { keys: self.0.as_slice(), ..mask }
            }
        }
    )+};
}

ranks! {
    [] keys [], 1, 1;
    [B] keys [B], B, 1;
    [H B] keys [B], B, H;
    [G H B] keys [B], B, G * H;
}

/// Attention of these tensors.
///
/// y = softmax(scale · q · kᵀ + mask) · v, where the softmax is over the keys, and `scale` is 1/√D if nothing else is said. A query that
/// may attend to nothing gives zeros, and gets and passes on no gradient (where PyTorch gives NaN).
///
/// The scores are never all there at once: they are computed in blocks, and of a query no more is kept than two numbers (M. Milakov and
/// N. Gimelshein, *Online normalizer calculation for softmax*, 2018; T. Dao et al., *FlashAttention*, 2022), so that memory grows with
/// the number of tokens and not with its square. A. Vaswani et al., *Attention is all you need*, 2017. After
/// [`torch.nn.functional.scaled_dot_product_attention`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html).
///
/// ```
/// use adamant::ops::{Attention, CausalMask};
/// use adamant::prelude::*;
/// let (q, k) = (Tensor([[0.0f32, 0.0], [0.0, 0.0]]), Tensor([[1.0, 0.0], [0.0, 1.0]]));
/// let v = Tensor([[2.0], [4.0]]);
/// let y = Attention::new(&q, &k, &v, ()).forward();
/// assert_eq!(y, Tensor([[3.0], [3.0]]));
/// assert_eq!(Attention::new(&q, &k, &v, CausalMask).forward(), Tensor([[2.0], [3.0]]));
/// assert_eq!(Attention::new(&q, &k, &v, &Tensor([[false, true], [false, false]])).forward(), Tensor([[4.0], [0.0]]));
/// ```
#[derive(Clone, Copy)]
pub struct Attention<'a, Q: Shape, K, V, M> {
    q: &'a Tensor<Q>,
    k: &'a Tensor<K>,
    v: &'a Tensor<V>,
    mask: M,
    scale: Option<Q::Elem>,
}

impl<'a, Q, K, V, M> Attention<'a, Q, K, V, M>
where
    Q: AttendsTo<K, V>,
    K: Shape<Elem = Q::Elem>,
    V: Shape<Elem = Q::Elem>,
    M: AttentionMask<Q, K>,
{
    /// Multiply-accumulates of a forward pass.
    pub const MACS: u64 = Self::SIZES.macs();
    /// Bytes of buffers that a forward pass makes.
    pub const FORWARD_BYTES: usize = scratch_bytes::<Q::Elem>(false);
    /// Bytes of buffers that a backward pass makes.
    pub const BACKWARD_BYTES: usize = scratch_bytes::<Q::Elem>(true);

    const SIZES: Sizes = {
        let [samples, heads, queries, keys, width, values] = Q::SIZES;
        Sizes { samples, heads, queries, keys, width, values }
    };

    /// How queries, keys, values and outputs lie.
    const STEPS: [Steps; 4] = {
        let Sizes { heads, queries, keys, width, values, .. } = Self::SIZES;
        [
            Steps::dense(heads, queries, width),
            Steps::dense(heads, keys, width),
            Steps::dense(heads, keys, values),
            Steps::dense(heads, queries, values),
        ]
    };

    /// Of queries, keys and values, under a mask ([`AttentionMask`] lists them).
    pub const fn new(q: &'a Tensor<Q>, k: &'a Tensor<K>, v: &'a Tensor<V>, mask: M) -> Self {
        Self { q, k, v, mask, scale: None }
    }

    /// With another factor of the scores than 1/√D.
    #[must_use]
    pub fn scale(self, scale: impl Into<Option<Q::Elem>>) -> Self {
        Self { scale: scale.into(), ..self }
    }

    #[inline]
    fn inputs(&self) -> Inputs<'_, Q::Elem> {
        let [q, k, v, _] = Self::STEPS;
        Inputs {
            sizes: Self::SIZES,
            scale: self.scale.unwrap_or_else(|| Q::Elem::from_usize(Self::SIZES.width).rsqrt()),
            q: Vectors { numbers: self.q.as_slice(), steps: q },
            k: Vectors { numbers: self.k.as_slice(), steps: k },
            v: Vectors { numbers: self.v.as_slice(), steps: v },
            mask: self.mask.add_to(Mask::NONE),
            drops: None,
        }
    }

    /// The output.
    #[inline]
    pub fn forward(&self) -> Tensor<Q::Output> {
        let mut y = Tensor::zeros();
        self.forward_into(&mut y, None);
        y
    }

    /// The output over `y`, and over `normalizers` what [`backward`](Self::backward) starts from: for each query m and 1/s, by which a score x
    /// has the weight e^(x − m) / s.
    #[inline]
    pub fn forward_into(&self, y: &mut Tensor<Q::Output>, normalizers: Option<&mut Tensor<Q::Normalizers>>) {
        let [.., steps] = Self::STEPS;
        let normalizers = normalizers.map(Tensor::as_mut_slice).unwrap_or_default();
        attend(Attend { inputs: self.inputs(), y: y.as_mut_slice(), steps, normalizers });
    }

    /// dq += …, dk += …, dv += …, given the output, dy and what [`forward_into`](Self::forward_into) kept.
    #[inline]
    pub fn backward(
        &self,
        y: &Tensor<Q::Output>,
        normalizers: &Tensor<Q::Normalizers>,
        dy: &Tensor<Q::Output>,
        (dq, dk, dv): (&mut Tensor<Q>, &mut Tensor<K>, &mut Tensor<V>),
    ) {
        let [q, k, v, steps] = Self::STEPS;
        let gradients = VectorsMut::apart([dq.as_mut_slice(), dk.as_mut_slice(), dv.as_mut_slice()], [q, k, v]);
        attend_backward(AttendBackward {
            inputs: self.inputs(),
            y: Vectors { numbers: y.as_slice(), steps },
            dy: Vectors { numbers: dy.as_slice(), steps },
            normalizers: normalizers.as_slice(),
            gradients,
        });
    }
}

/// y = softmax(q · kᵀ / √D + mask) · v: [`Attention`] has its settings and its backward pass,
/// [`ScaledDotProductAttention`](crate::nn::ScaledDotProductAttention) is the layer that `#[forward]` calls.
///
/// ```
/// use adamant::ops::{CausalMask, KeyMask, scaled_dot_product_attention};
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let q = Tensor::<[[[[f32; 8]; 5]; 2]; 4]>::randn(rng); // 4 samples, 2 heads, 5 queries of 8 numbers
/// let (k, v) = (Tensor::<[[[[f32; 8]; 6]; 2]; 4]>::randn(rng), Tensor::<[[[[f32; 3]; 6]; 2]; 4]>::randn(rng));
/// let y: Tensor<[[[[f32; 3]; 5]; 2]; 4]> = scaled_dot_product_attention(&q, &k, &v, ());
///
/// let present = Tensor([[true; 6]; 4]); // which keys of each sample are there
/// scaled_dot_product_attention(&q, &k, &v, (CausalMask, KeyMask(&present)));
/// ```
#[inline]
pub fn scaled_dot_product_attention<Q, K, V, M>(q: &Tensor<Q>, k: &Tensor<K>, v: &Tensor<V>, mask: M) -> Tensor<Q::Output>
where
    Q: AttendsTo<K, V>,
    K: Shape<Elem = Q::Elem>,
    V: Shape<Elem = Q::Elem>,
    M: AttentionMask<Q, K>,
{
    Attention::new(q, k, v, mask).forward()
}
