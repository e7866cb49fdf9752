//! [`MultiheadAttention`], and [`KeyValueCache`] to decode with it token by token.

mod cache;
mod input;

use core::marker::PhantomData;

use rand::Rng;

pub use cache::KeyValueCache;
pub use input::AttentionInput;

use super::bias::BiasOption;
use super::options::{AttentionSettings, Attentive, Dropping, MultiheadAttentionLayer, Sight, Turning};
use super::options_trait::options_trait;
use super::{Grads, Layer, Linear, Param};
use crate::init::Init;
use crate::ops::Addend;
use crate::ops::positions::Turn;
use crate::simd::attention::{
    Attend, AttendBackward, Drops, Inputs, Mask, Sizes, Steps, Vectors, VectorsMut, attend, attend_backward, scratch_bytes,
};
use crate::simd::gemm::factor::{Factors, Matrix, Plain, Strided, Transposed};
use crate::simd::{self, Float};
use crate::tensor::{Buffer, Tensor};
use crate::text::Text;

options_trait! {
    /// The options of a [`MultiheadAttention`]: `()`, one, or a tuple of them.
    MultiheadAttentionOptions: Attentive = AttentionSettings, MultiheadAttentionLayer
}

/// The bias that the options say, of the shape `S`.
type BiasOf<O, S> = <<<O as MultiheadAttentionOptions>::Settings as Attentive>::Bias as BiasOption>::Param<S>;
type Bias<O> = <<O as MultiheadAttentionOptions>::Settings as Attentive>::Bias;
type Drop<O> = <<O as MultiheadAttentionOptions>::Settings as Attentive>::Drop;

/// y = concat(head₁, …, headₕ) · W + b, headᵢ = softmax(qᵢ · kᵢᵀ / √(E / HEADS)) · vᵢ: `HEADS` heads, each with E / HEADS numbers of the
/// projections q = x · W_q + b_q, k = m · W_k + b_k, v = m · W_v + b_v, where m is x itself or a memory.
///
/// | input | |
/// |---|---|
/// | `x` | attends to itself: `[L][E]`, a batch `[B][L][E]` |
/// | `(x, memory)` | attends to the memory: `[L][E]` and `[S][E]`, `[B][L][E]` and `[B][S][E]` |
/// | `(x, keys)`, `(x, memory, keys)` | only to keys that are there: `[bool; L]`, `[[bool; L]; B]` (of a memory S), by value or by reference |
///
/// | | |
/// |---|---|
/// | output | as x |
/// | `in_proj_weight` | `[E][3][E]`: q, k, v; PyTorch stores `[3E][E]` |
/// | `in_proj_bias` | `[3][E]`, or nothing with [`NoBias`](super::NoBias); PyTorch stores `[3E]` |
/// | `out_proj` | [`Linear<E, E>`](Linear) |
///
/// `true` among keys is one that is there, as in every [mask of this crate](crate::ops::AttentionMask); PyTorch's `key_padding_mask` has it
/// the other way about. A query that may attend to nothing gives the bias of `out_proj`. `HEADS` must divide `E`, or the program does not
/// build.
///
/// | option | |
/// |---|---|
/// | [`Causal`](super::Causal) | token i attends to those up to i; only then can a sequence be decoded [token by token](Self::step) |
/// | [`Context<N>`](super::Context) | the same for at most `N` tokens; then the layer [streams](crate::stream) |
/// | [`Dropout`](super::Dropout) | drops weights in training: `attention.dropout.p`, 0.1 at the start |
/// | [`RotaryPositions`](super::RotaryPositions) | turns queries and keys by where they stand |
/// | [`NoBias`](super::NoBias) | PyTorch's `bias=False` |
///
/// The products of all heads are one product each way, heads are views of them, and scores are never all there at once
/// ([`Attention`](crate::ops::Attention)). Training keeps q, k and v, the heads' outputs, and two numbers for each query and head.
///
/// A. Vaswani et al., *Attention is all you need*, 2017 (arXiv:1706.03762). Names, layouts and starting values are those of
/// [`torch.nn.MultiheadAttention`](https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html) with
/// `batch_first=True`.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let attention = MultiheadAttention::<8, 2>::init(rng);
/// let (x, memory) = (Tensor::<[[[f32; 8]; 5]; 3]>::randn(rng), Tensor::<[[[f32; 8]; 6]; 3]>::randn(rng));
/// let y: Tensor<[[[f32; 8]; 5]; 3]> = attention.forward(&x);
/// let y = attention.forward((x, memory));
/// let y = attention.forward((x, Tensor([[true, true, true, false, false]; 3])));
/// assert_eq!(attention.to_string(), "\
/// MultiheadAttention(
///   (out_proj): Linear(in_features=8, out_features=8, bias=True)
/// )");
/// ```
///
/// A block of a generic width needs no bound:
///
/// ```
/// # use adamant::prelude::*;
/// #[derive(Module)]
/// struct Block<const D: usize> {
///     norm: LayerNorm<[f32; D]>,
///     attention: MultiheadAttention<D, 4, Causal>,
/// }
///
/// #[forward]
/// impl<const D: usize> Block<D> {
///     fn forward<const T: usize, const B: usize>(&self, x: Tensor<[[[f32; D]; T]; B]>) -> Tensor<[[[f32; D]; T]; B]> {
///         x + self.attention.forward(self.norm.forward(x))
///     }
/// }
/// ```
#[derive(crate::Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward))]
pub struct MultiheadAttention<const E: usize, const HEADS: usize, O: MultiheadAttentionOptions = (), T: Float = f32> {
    /// The weights of q, k and v, `[E][3][E]`.
    #[module(transposed, fused, init = Self::start)]
    pub in_proj_weight: Param<[[[T; E]; 3]; E]>,
    /// Their biases, `[3][E]`, or `()`.
    #[module(fused, init = |bias, _| clear(bias))]
    pub in_proj_bias: BiasOf<O, [[T; E]; 3]>,
    /// What makes one output of the heads'.
    #[module(init = Self::start_out)]
    pub out_proj: Linear<E, E, Bias<O>, T>,
    /// What drops weights in training, or `()`.
    #[module(init = Self::start_dropout)]
    pub dropout: <Drop<O> as Dropping>::Layer,
}

/// Makes a bias zero, if there is one.
fn clear<S: crate::Shape<Elem: Float>>(bias: &mut impl Addend<S>) {
    if let Some(bias) = bias.tensor_mut() {
        bias.fill(Float::ZERO);
    }
}

/// What training keeps: the projections, the heads' outputs, and two numbers for each query and head.
type Kept<X, const E: usize, const HEADS: usize, T, L> = (
    Tensor<<X as AttentionInput<E, T, L>>::Projection>,
    Tensor<<X as AttentionInput<E, T, L>>::MemoryProjection>,
    Tensor<<X as AttentionInput<E, T, L>>::Output>,
    Tensor<<X as AttentionInput<E, T, L>>::Normalizers<HEADS>>,
);

impl<const E: usize, const HEADS: usize, O: MultiheadAttentionOptions, T: Float> MultiheadAttention<E, HEADS, O, T> {
    /// The numbers of a head. Refuses, when the program is built, heads that do not divide the width.
    pub const HEAD: usize = {
        if HEADS == 0 || !E.is_multiple_of(HEADS) {
            let text = Text::new()
                .add("the heads of `MultiheadAttention<")
                .plain(E)
                .add(", ")
                .plain(HEADS)
                .add(">` do not divide its width: ");
            let text = text.plain(E).add(" numbers cannot be split among ").plain(HEADS).add(" heads");
            panic!("{}", text.as_str())
        }
        E / HEADS
    };

    /// A layer with these parameters.
    pub fn new(
        in_proj_weight: Param<[[[T; E]; 3]; E]>,
        in_proj_bias: BiasOf<O, [[T; E]; 3]>,
        out_proj: Linear<E, E, Bias<O>, T>,
    ) -> Self {
        Self { in_proj_weight, in_proj_bias, out_proj, dropout: Init::BLANK }
    }

    /// With another probability of what [`Dropout`](super::Dropout), if it is an option, drops.
    #[must_use]
    pub fn with_dropout(mut self, p: f64) -> Self {
        Drop::<O>::set(&mut self.dropout, p);
        self
    }

    /// As Xavier Glorot's uniform start of the three weights as one matrix.
    fn start<R: Rng + ?Sized>(weight: &mut Param<[[[T; E]; 3]; E]>, rng: &mut R) {
        const { Self::HEAD };
        let bound = (T::from_f64(1.5) / T::from_usize(E)).sqrt();
        weight.fill_uniform(-bound, bound, rng);
    }

    fn start_out<R: Rng + ?Sized>(out_proj: &mut Linear<E, E, Bias<O>, T>, rng: &mut R) {
        out_proj.reset_parameters(rng);
        clear(&mut out_proj.bias);
    }

    fn start_dropout<R: Rng + ?Sized>(dropout: &mut <Drop<O> as Dropping>::Layer, rng: &mut R) {
        dropout.reset_parameters(rng);
        Drop::<O>::set(dropout, 0.1);
    }

    /// The bias from `part` on (0: q, 1: k, 2: v), of `parts` parts.
    #[inline]
    fn bias(&self, part: usize, parts: usize) -> Option<&[T]> {
        let bias = self.in_proj_bias.tensor()?.as_slice();
        bias.get(part * E..(part + parts) * E)
    }

    /// y = x · W + b for `parts` of the three weights from `part` on, of some vectors.
    #[inline]
    fn project(&self, part: usize, parts: usize, x: &[T], y: &mut [T]) {
        match self.bias(part, parts) {
            Some(bias) => simd::repeat(bias, y),
            None => simd::fill(y, T::ZERO),
        }
        let rows = x.len() / simd::positive(E);
        let weight = self.in_proj_weight.as_slice();
        if parts == 3 {
            return simd::gemm_nn(rows, E, 3 * E, x, weight, y);
        }
        let b = Matrix::Plain(Plain { a: weight.get(part * E..).unwrap_or_default(), width: 3 * E });
        simd::gemm_strided(Factors { sizes: [rows, E, parts * E], a: Strided { a: x, row: E, column: 1 }, b }, y, parts * E);
    }

    /// dx += dy · Wᵀ, for the same.
    #[inline]
    fn project_backward_input(&self, part: usize, parts: usize, dy: &[T], dx: &mut [T]) {
        let rows = dx.len() / simd::positive(E);
        let weight = self.in_proj_weight.as_slice();
        if parts == 3 {
            return simd::gemm_nt(rows, 3 * E, E, dy, weight, dx);
        }
        let b = Matrix::Transposed(Transposed { a: weight.get(part * E..).unwrap_or_default(), width: 3 * E });
        let sizes = [rows, parts * E, E];
        simd::gemm_strided(Factors { sizes, a: Strided { a: dy, row: parts * E, column: 1 }, b }, dx, E);
    }

    /// dW += xᵀ · dy, db += Σ dy, for the same.
    #[inline]
    fn project_backward_params(part: usize, parts: usize, x: &[T], dy: &[T], grads: &mut Grads<Self>) {
        let rows = x.len() / simd::positive(E);
        let dweight = grads.in_proj_weight.as_mut_slice();
        if parts == 3 {
            simd::gemm_tn(E, rows, 3 * E, x, dy, dweight);
        } else {
            let b = Matrix::Plain(Plain { a: dy, width: parts * E });
            let factors = Factors { sizes: [E, rows, parts * E], a: Strided { a: x, row: 1, column: E }, b };
            simd::gemm_strided(factors, dweight.get_mut(part * E..).unwrap_or_default(), 3 * E);
        }
        if let Some(dbias) = grads.in_proj_bias.tensor_mut() {
            simd::sum_rows(dy, dbias.as_mut_slice().get_mut(part * E..(part + parts) * E).unwrap_or_default());
        }
    }
}

/// Refuses, when the program is built, a sequence that is longer than the context.
const fn holds(context: usize, length: usize) {
    if length > context {
        let text = Text::new().add("attention with the option `Context<").plain(context).add(">` takes sequences of up to ");
        let text = text.plain(context).add(" tokens, and this one has ").plain(length);
        panic!("{}", text.as_str())
    }
}

/// The passes, for an input.
struct Pass<'l, X, const E: usize, const HEADS: usize, O: MultiheadAttentionOptions, T: Float> {
    layer: &'l MultiheadAttention<E, HEADS, O, T>,
    input: PhantomData<X>,
}

impl<X, const E: usize, const HEADS: usize, O, T> Pass<'_, X, E, HEADS, O, T>
where
    X: AttentionInput<E, T, MultiheadAttention<E, HEADS, O, T>>,
    O: MultiheadAttentionOptions,
    T: Float,
{
    const HEAD: usize = MultiheadAttention::<E, HEADS, O, T>::HEAD;

    const SIZES: Sizes = {
        holds(<<O::Settings as Attentive>::Sight as Sight>::TOKENS, X::QUERIES);
        Sizes { samples: X::SAMPLES, heads: HEADS, queries: X::QUERIES, keys: X::KEYS, width: Self::HEAD, values: Self::HEAD }
    };

    /// Rows of `parts` parts, of which a head has some numbers.
    const fn steps(rows: usize, parts: usize) -> Steps {
        Steps { sample: rows * parts * E, head: Self::HEAD, row: parts * E }
    }

    /// How queries, and keys and values lie.
    const STEPS: [Steps; 2] = match X::CROSS {
        true => [Self::steps(X::QUERIES, 1), Self::steps(X::KEYS, 2)],
        false => [Self::steps(X::QUERIES, 3); 2],
    };

    /// How the heads' outputs lie.
    const OUTPUT_STEPS: Steps = Self::steps(X::QUERIES, 1);

    const MACS: u64 = {
        let (queries, keys) = ((X::SAMPLES * X::QUERIES) as u64, (X::SAMPLES * X::KEYS) as u64);
        Self::SIZES.macs() + (2 * queries + 2 * keys) * (E * E) as u64
    };

    const PROJECTIONS: usize = size_of::<X::Projection>() + size_of::<X::MemoryProjection>();

    fn inputs<'a>(x: &'a X, q: &'a [T], memory: &'a [T], drops: Option<Drops>) -> Inputs<'a, T> {
        let (steps, from) = (Self::STEPS, |numbers: &'a [T], at: usize| numbers.get(at..).unwrap_or_default());
        let [k, v] = if X::CROSS { [from(memory, 0), from(memory, E)] } else { [from(q, E), from(q, 2 * E)] };
        Inputs {
            sizes: Self::SIZES,
            scale: T::from_usize(Self::HEAD).rsqrt(),
            q: Vectors { numbers: q, steps: steps[0] },
            k: Vectors { numbers: k, steps: steps[1] },
            v: Vectors { numbers: v, steps: steps[1] },
            mask: Mask { causal: <O::Settings as Attentive>::Sight::CAUSAL, keys: x.keys(), ..Mask::NONE },
            drops,
        }
    }

    /// Turns queries and keys, or back.
    #[inline]
    fn turn(q: &mut [T], memory: &mut [T], back: bool) {
        let Some(positions) = <O::Settings as Attentive>::Turning::TURNS else { return };
        let base = T::from_f64(positions.base);
        let turn = |rows, steps| Turn { samples: X::SAMPLES, heads: HEADS, rows, width: Self::HEAD, steps, first: 0 };
        turn(X::QUERIES, Self::STEPS[0]).run(q, base, back);
        let keys = if X::CROSS { memory } else { q.get_mut(E..).unwrap_or_default() };
        turn(X::KEYS, Self::STEPS[1]).run(keys, base, back);
    }

    #[inline]
    fn forward(
        &self,
        x: &X,
        drops: Option<Drops>,
        (q, memory): (&mut Tensor<X::Projection>, &mut Tensor<X::MemoryProjection>),
        mixed: &mut Tensor<X::Output>,
        normalizers: &mut [T],
        y: &mut Tensor<X::Output>,
    ) {
        let (q, memory) = (q.as_mut_slice(), memory.as_mut_slice());
        if X::CROSS {
            self.layer.project(0, 1, x.queries(), q);
            self.layer.project(1, 2, x.memory(), memory);
        } else {
            self.layer.project(0, 3, x.queries(), q);
        }
        Self::turn(q, memory, false);
        let inputs = Self::inputs(x, q, memory, drops);
        attend(Attend { inputs, y: mixed.as_mut_slice(), steps: Self::OUTPUT_STEPS, normalizers });
        self.layer.join(mixed.as_slice(), y.as_mut_slice());
    }

    /// Adds the parameters' gradients and turns x into its own, where they are wanted.
    #[inline]
    fn backward(
        &self,
        x: BackwardInput<'_, X>,
        drops: Option<Drops>,
        (q, memory, mixed, normalizers): &Kept<X, E, HEADS, T, MultiheadAttention<E, HEADS, O, T>>,
        dy: &Tensor<X::Output>,
        mut grads: Option<&mut Grads<MultiheadAttention<E, HEADS, O, T>>>,
    ) {
        let rows = X::SAMPLES * X::QUERIES;
        let mut dmixed = Tensor::<X::Output>::zeros();
        simd::gemm_nt(rows, E, E, dy.as_slice(), self.layer.out_proj.weight.as_slice(), dmixed.as_mut_slice());
        if let Some(grads) = &mut grads {
            simd::gemm_tn(E, rows, E, mixed.as_slice(), dy.as_slice(), grads.out_proj.weight.as_mut_slice());
            if let Some(dbias) = grads.out_proj.bias.tensor_mut() {
                simd::sum_rows(dy.as_slice(), dbias.as_mut_slice());
            }
        }
        let (mut dq, mut dmemory) = (Tensor::<X::Projection>::zeros(), Tensor::<X::MemoryProjection>::zeros());
        let (input, steps) = (x.get(), Self::STEPS);
        let places = match X::CROSS {
            true => [(0, 0, steps[0]), (1, 0, steps[1]), (1, E, steps[1])],
            false => [(0, 0, steps[0]), (0, E, steps[1]), (0, 2 * E, steps[1])],
        };
        attend_backward(AttendBackward {
            inputs: Self::inputs(input, q.as_slice(), memory.as_slice(), drops),
            y: Vectors { numbers: mixed.as_slice(), steps: Self::OUTPUT_STEPS },
            dy: Vectors { numbers: dmixed.as_slice(), steps: Self::OUTPUT_STEPS },
            normalizers: normalizers.as_slice(),
            gradients: VectorsMut { buffers: [dq.as_mut_slice(), dmemory.as_mut_slice(), &mut []], places },
        });
        Self::turn(dq.as_mut_slice(), dmemory.as_mut_slice(), true);
        let (dq, dmemory) = (dq.as_slice(), dmemory.as_slice());
        let parts = if X::CROSS { 1 } else { 3 };
        if let Some(grads) = grads {
            MultiheadAttention::<E, HEADS, O, T>::project_backward_params(0, parts, input.queries(), dq, grads);
            if X::CROSS {
                MultiheadAttention::<E, HEADS, O, T>::project_backward_params(1, 2, input.memory(), dmemory, grads);
            }
        }
        let BackwardInput::Turned(x) = x else { return };
        simd::fill(x.queries_mut(), T::ZERO);
        self.layer.project_backward_input(0, parts, dq, x.queries_mut());
        if X::CROSS {
            simd::fill(x.memory_mut(), T::ZERO);
            self.layer.project_backward_input(1, 2, dmemory, x.memory_mut());
        }
    }
}

/// The input of a backward pass: to be read, or to be turned into its gradient.
enum BackwardInput<'x, X> {
    Read(&'x X),
    Turned(&'x mut X),
}

impl<X> BackwardInput<'_, X> {
    fn get(&self) -> &X {
        match self {
            Self::Read(x) => x,
            Self::Turned(x) => x,
        }
    }
}

impl<const E: usize, const HEADS: usize, O: MultiheadAttentionOptions, T: Float> MultiheadAttention<E, HEADS, O, T> {
    /// y = mixed · W + b, of some vectors.
    #[inline]
    fn join(&self, mixed: &[T], y: &mut [T]) {
        match self.out_proj.bias.tensor() {
            Some(bias) => simd::repeat(bias.as_slice(), y),
            None => simd::fill(y, T::ZERO),
        }
        simd::gemm_nn(mixed.len() / simd::positive(E), E, E, mixed, self.out_proj.weight.as_slice(), y);
    }

    #[inline]
    const fn pass<X>(&self) -> Pass<'_, X, E, HEADS, O, T> {
        Pass { layer: self, input: PhantomData }
    }

    /// What training computes and keeps.
    #[inline]
    fn run<X: AttentionInput<E, T, Self>>(
        &self,
        x: &X,
        drops: Option<Drops>,
        (q, memory, mixed, normalizers): &mut Kept<X, E, HEADS, T, Self>,
        y: &mut Tensor<X::Output>,
    ) {
        self.pass::<X>().forward(x, drops, (q, memory), mixed, normalizers.as_mut_slice(), y);
    }
}

#[crate::layer]
impl<X, const E: usize, const HEADS: usize, O: MultiheadAttentionOptions, T: Float> Layer<X>
    for MultiheadAttention<E, HEADS, O, T>
where
    X: AttentionInput<E, T, Self>,
{
    type Output = Tensor<X::Output>;
    type Kept = Kept<X, E, HEADS, T, Self>;
    const MACS: u64 = Pass::<X, E, HEADS, O, T>::MACS;
    const COMPUTE_BYTES: usize = Pass::<X, E, HEADS, O, T>::PROJECTIONS + size_of::<X::Output>() + scratch_bytes::<T>(false);
    const BACKWARD_BYTES: usize = Pass::<X, E, HEADS, O, T>::PROJECTIONS + size_of::<X::Output>() + scratch_bytes::<T>(true);

    #[inline]
    fn compute(&self, x: &X, y: &mut Self::Output) {
        const { Self::HEAD };
        let (mut q, mut memory, mut mixed) = (Tensor::zeros(), Tensor::zeros(), Tensor::zeros());
        self.pass::<X>().forward(x, None, (&mut q, &mut memory), &mut mixed, &mut [], y);
    }

    #[inline]
    fn backward_input(&self, x: &mut X, kept: &Self::Kept, dy: &mut Self::Output) {
        self.pass().backward(BackwardInput::Turned(x), None, kept, dy, None);
    }

    #[inline]
    fn forward_training(&self, x: &X, grads: &mut Grads<Self>) -> Self::Output {
        let drops = Drop::<O>::draw(&self.dropout, &mut grads.dropout);
        let (mut q, mut memory, mut mixed, mut y) = (Tensor::zeros(), Tensor::zeros(), Tensor::zeros(), Tensor::zeros());
        self.pass::<X>().forward(x, drops, (&mut q, &mut memory), &mut mixed, &mut [], &mut y);
        y
    }

    #[inline]
    fn backprop<R>(&self, x: &mut X, grads: &mut Grads<Self>, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let drops = Drop::<O>::draw(&self.dropout, &mut grads.dropout);
        let (mut kept, mut y) = (<Self as Layer<X>>::Kept::ZERO, Tensor::zeros());
        self.run(x, drops, &mut kept, &mut y);
        let result = next(&mut y);
        self.pass().backward(BackwardInput::Turned(x), drops, &kept, &y, Some(grads));
        result
    }

    #[inline]
    fn backprop_params<R>(&self, x: &X, grads: &mut Grads<Self>, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let drops = Drop::<O>::draw(&self.dropout, &mut grads.dropout);
        let (mut kept, mut y) = (<Self as Layer<X>>::Kept::ZERO, Tensor::zeros());
        self.run(x, drops, &mut kept, &mut y);
        let result = next(&mut y);
        self.pass().backward(BackwardInput::Read(x), drops, &kept, &y, Some(grads));
        result
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let (mut kept, mut y) = (<Self as Layer<X>>::Kept::ZERO, Tensor::zeros());
        self.run(x, None, &mut kept, &mut y);
        let result = next(&mut y);
        self.backward_input(x, &kept, &mut y);
        result
    }
}

#[cfg(test)]
mod tests;
