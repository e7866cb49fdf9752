//! [`ScaledDotProductAttention`].

use core::marker::PhantomData;

use super::Layer;
use super::options::{AllKeys, Sight};
use super::stateless::stateless;
use crate::ops::{AttendsTo, Attention, AttentionMask, CausalMask};
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::Tensor;

/// y = softmax(scale · q · kᵀ + mask) · v: [`Attention`] as a layer, for `#[forward]`.
///
/// | | |
/// |---|---|
/// | input | `(q, k, v)`: queries `[…][L][D]`, keys `[…][S][D]`, values `[…][S][DV]`; or `(q, k, v, mask)`, where the mask is any of [`AttentionMask`] |
/// | output | `[…][L][DV]` |
///
/// `ScaledDotProductAttention<Causal>` hides later keys. It keeps two numbers for each query and a copy of the output. After
/// [`torch.nn.functional.scaled_dot_product_attention`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html).
///
/// ```
/// use adamant::prelude::*;
///
/// /// One head that attends to the tokens that are there.
/// #[derive(Module)]
/// struct Head<const D: usize> {
///     query: Linear<D, D>,
///     key: Linear<D, D>,
///     value: Linear<D, D>,
///     attend: ScaledDotProductAttention,
/// }
///
/// #[forward]
/// impl<const D: usize> Head<D> {
///     fn forward<const T: usize>(&self, x: Tensor<[[f32; D]; T]>, mask: &Tensor<[[bool; T]; T]>) -> Tensor<[[f32; D]; T]> {
///         self.attend.forward(self.query.forward(x), self.key.forward(x), self.value.forward(x), mask)
///     }
/// }
///
/// let head = Head::<4>::init(&mut SmallRng::seed_from_u64(0));
/// let y = head.forward(Tensor([[1.0; 4]; 3]), &Tensor([[true; 3]; 3]));
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ScaledDotProductAttention<M = AllKeys> {
    /// What scores are multiplied by; 1/√D if nothing else is said.
    pub scale: Option<f64>,
    mask: PhantomData<M>,
}

impl<M> ScaledDotProductAttention<M> {
    /// With the scale 1/√D.
    pub const fn new() -> Self {
        Self { scale: None, mask: PhantomData }
    }

    /// With another scale.
    #[must_use]
    pub const fn scale(self, scale: f64) -> Self {
        Self { scale: Some(scale), ..self }
    }
}

impl<M> Default for ScaledDotProductAttention<M> {
    fn default() -> Self {
        Self::new()
    }
}

stateless!([M: Sight] ScaledDotProductAttention<M> = Self::new(), |_this| "ScaledDotProductAttention(is_causal={})", if M::CAUSAL { "True" } else { "False" };);

/// What hides later keys, by type.
#[derive(Clone, Copy)]
struct Hides<M>(PhantomData<M>);

impl<Q: Shape, K, M: Sight> AttentionMask<Q, K> for Hides<M> {
    fn add_to<'m>(&'m self, mask: crate::simd::attention::Mask<'m, Q::Elem>) -> crate::simd::attention::Mask<'m, Q::Elem> {
        if M::CAUSAL { AttentionMask::<Q, K>::add_to(&CausalMask, mask) } else { mask }
    }
}

macro_rules! inputs {
    ($([$($m:ident)?] $x:ty, |$this:ident, $input:ident| $attention:expr;)+) => {$(
        #[crate::layer]
        #[diagnostic::do_not_recommend]
        impl<Q, K, V, T: Float, O: Sight $(, $m)?> Layer<$x> for ScaledDotProductAttention<O>
        where
            Q: AttendsTo<K, V, Elem = T>,
            K: Shape<Elem = T>,
            V: Shape<Elem = T>,
            $($m: AttentionMask<Q, K>,)?
        {
            type Output = Tensor<Q::Output>;
            type Kept = (Tensor<Q::Normalizers>, Tensor<Q::Output>);
            const MACS: u64 = Attention::<'static, Q, K, V, ()>::MACS;
            const COMPUTE_BYTES: usize = Attention::<'static, Q, K, V, ()>::FORWARD_BYTES;
            const BACKWARD_BYTES: usize = Attention::<'static, Q, K, V, ()>::BACKWARD_BYTES
                + size_of::<Tensor<Q>>() + size_of::<Tensor<K>>() + size_of::<Tensor<V>>();

            #[inline]
            fn compute(&self, $input: &$x, y: &mut Self::Output) {
                let $this = self;
                $attention.forward_into(y, None);
            }

            #[inline]
            fn train(&self, $input: &$x, (normalizers, kept): &mut Self::Kept, y: &mut Self::Output) {
                let $this = self;
                $attention.forward_into(y, Some(normalizers));
                *kept = *y;
            }

            #[inline]
            fn backward_input(&self, $input: &mut $x, (normalizers, y): &Self::Kept, dy: &mut Self::Output) {
                let (mut dq, mut dk, mut dv) = (Tensor::zeros(), Tensor::zeros(), Tensor::zeros());
                let $this = self;
                $attention.backward(y, normalizers, dy, (&mut dq, &mut dk, &mut dv));
                ($input.0, $input.1, $input.2) = (dq, dk, dv);
            }
        }
    )+};
}

inputs! {
    [] (Tensor<Q>, Tensor<K>, Tensor<V>), |this, x|
        Attention::new(&x.0, &x.1, &x.2, Hides::<O>(PhantomData)).scale(this.scale.map(T::from_f64));
    [M] (Tensor<Q>, Tensor<K>, Tensor<V>, M), |this, x|
        Attention::new(&x.0, &x.1, &x.2, (Hides::<O>(PhantomData), &x.3)).scale(this.scale.map(T::from_f64));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::Causal;
    use crate::prelude::{SeedableRng, SmallRng};

    /// What has a mask in its input, for a gradient check: the mask is no number to change.
    #[derive(crate::Module)]
    #[module(custom(forward))]
    struct Masked<M: crate::nn::Parameters> {
        attend: ScaledDotProductAttention,
        mask: M,
    }

    type X<const L: usize, const S: usize> =
        (Tensor<[[[f64; 4]; L]; 2]>, Tensor<[[[f64; 4]; S]; 2]>, Tensor<[[[f64; 3]; S]; 2]>);

    macro_rules! masked {
        ($($mask:ty),+) => {$(
            #[crate::forward]
            impl Masked<$mask> {
                fn forward(
                    &self,
                    q: Tensor<[[[f64; 4]; 5]; 2]>,
                    k: Tensor<[[[f64; 4]; 3]; 2]>,
                    v: Tensor<[[[f64; 3]; 3]; 2]>,
                ) -> Tensor<[[[f64; 3]; 5]; 2]> {
                    self.attend.forward(q, k, v, &self.mask)
                }
            }
        )+};
    }
    masked!(Tensor<[[bool; 3]; 5]>, Tensor<[[f64; 3]; 5]>);

    fn x<const L: usize, const S: usize>() -> X<L, S> {
        let rng = &mut SmallRng::seed_from_u64(0);
        (Tensor::randn(rng), Tensor::randn(rng), Tensor::randn(rng))
    }

    #[test]
    fn gradients() {
        gradcheck(&mut ScaledDotProductAttention::<AllKeys>::new(), &x::<5, 3>(), 1e-6).unwrap();
        gradcheck(&mut ScaledDotProductAttention::<Causal>::new().scale(0.3), &x::<5, 5>(), 1e-6).unwrap();
        gradcheck(&mut ScaledDotProductAttention::<Causal>::new(), &x::<4, 70>(), 1e-6).unwrap();
        let allowed = Tensor::<[[bool; 3]; 5]>::from_fn(|[i, j]| i != 2 && i != j);
        let attend = ScaledDotProductAttention::new();
        gradcheck(&mut Masked { attend, mask: allowed }, &x::<5, 3>(), 1e-6).unwrap();
        let mask = Tensor::<[[f64; 3]; 5]>::randn(&mut SmallRng::seed_from_u64(1));
        gradcheck(&mut Masked { attend, mask }, &x::<5, 3>(), 1e-6).unwrap();
    }
}
