//! Random chains of layers, random weights and signals, random chunks.
//!
//! A chain is a type, so the chains are drawn before and stand here: layer after layer, a digit of π each. What is drawn when the test runs
//! is everything else.

use adamant::nn::{Info, Name, Visitor, VisitorMut};
use adamant::prelude::*;
use proptest::prelude::*;

use crate::agreement::{Cut, Numbers, Shaken, numbers, streamed};

/// Layers that a struct chains.
#[derive(Module)]
pub struct Pair<T: Float> {
    back: Conv1d<4, 4, 2, (Causal, Dilation<3>), T>,
    norm: BatchNorm1d<4, -2, Affine, T>,
    ahead: Residual<Conv1d<4, 4, 5, Same, T>>,
}

/// Sixteen layers of four channels. All take a signal that three others have halved.
macro_rules! layer {
    (0 $T:ident) => { Conv1d<4, 4, 3, (Causal, Dilation<2>), $T> };
    (1 $T:ident) => { Conv1d<4, 4, 5, Same, $T> };
    (2 $T:ident) => { Conv1d<4, 4, 3, (Padding<2>, Dilation<2>, Replicate), $T> };
    (3 $T:ident) => { Conv1d<4, 4, 4, (Stride<2>, Padding<1>), $T> };
    (4 $T:ident) => { MaxPool1d<3, (Stride<2>, Padding<1>)> };
    (5 $T:ident) => { AvgPool1d<3, (Stride<1>, Padding<1>)> };
    (6 $T:ident) => { Sequential![Transpose, Gru<4, 4, (), $T>, Transpose] };
    (7 $T:ident) => { Sequential![Transpose, Lstm<4, 4, Layers<2>, $T>, Transpose] };
    (8 $T:ident) => { Sequential![Tanh, ConvTranspose1d<4, 4, 4, (Stride<2>, Padding<1>), $T>, Gelu] };
    (9 $T:ident) => { Sequential![Transpose, Linear<4, 4, Bias, $T>, LayerNorm<[$T; 4]>, Transpose] };
    (a $T:ident) => { Residual<Sequential![Conv1d<4, 4, 3, (Same, Dilation<2>), $T>, Silu, Conv1d<4, 4, 4, Same, $T>]> };
    (b $T:ident) => { Conv1d<4, 4, 3, (Causal, Groups<2>, NoBias), $T> };
    (c $T:ident) => { Conv1d<4, 4, 4, (Padding<0>, PaddingEnd<3>, Depthwise), $T> };
    (d $T:ident) => { (Relu, Conv1d<4, 4, 3, (), $T>) };
    (e $T:ident) => { [Sequential![Conv1d<4, 4, 3, Padding<1>, $T>, Mish]; 2] };
    (f $T:ident) => { Pair<$T> };
}

/// Six of them that do not multiply and add: no machine's instruction rounds both once, and no sum has another order.
macro_rules! exact_layer {
    (0) => { MaxPool1d<3, (Stride<2>, Padding<1>)> };
    (1) => { Residual<MaxPool1d<3, (Stride<1>, Padding<1>)>> };
    (2) => { [AvgPool1d<3, (Stride<1>, Padding<1>)>; 2] };
    (3) => { LeakyRelu };
    (4) => { Sequential![Transpose, Relu6, Transpose] };
    (5) => { Residual<(MaxPool1d<2, Stride<1>>, MaxPool1d<4, (Stride<1>, Padding<2>)>)> };
}

/// For each chain what tries it, on a signal of an even and of an odd length.
macro_rules! chains {
    ($how:ident: $([$($layer:tt)+])+) => { [$(chains!(@$how $($layer)+)),+] };
    (@exactly $($layer:tt)+) => {
        |seed: u64, chunks: &[usize]| {
            let rng = &mut SmallRng::seed_from_u64(seed);
            let net = <Sequential![$(exact_layer!($layer)),+]>::init(rng);
            let x = Tensor::<[[f32; 41]; 4]>::randn(rng);
            as_offline(stringify!($($layer)+), &net, &x, chunks)
        }
    };
    (@nearly $($layer:tt)+) => {
        |seed: u64, chunks: &[usize]| {
            type Single = Sequential![$(layer!($layer f32)),+];
            type Double = Sequential![$(layer!($layer f64)),+];
            let rng = &mut SmallRng::seed_from_u64(seed);
            let mut net = Single::init(rng);
            net.visit_mut(Name::ROOT, &mut Shaken(rng));
            let double = in_doubles::<Single, Double>(&net);
            let name = stringify!($($layer)+);
            as_near_as_offline::<[[f32; 40]; 4], [[f64; 40]; 4], _, _, _>(name, (&net, &double), &Tensor::randn(rng), chunks)?;
            as_near_as_offline::<[[f32; 31]; 4], [[f64; 31]; 4], _, _, _>(name, (&net, &double), &Tensor::randn(rng), chunks)
        }
    };
}

type Trial = fn(u64, &[usize]) -> Result<(), TestCaseError>;

/// π = 3.243f6a8885a308d3…, in hexadecimal.
const CHAINS: [Trial; 32] = chains! { nearly:
    [3 2 4] [3 f 6] [a 8 8] [8 5 a] [3 0 8] [d 3 1] [3 1 9] [8 a 2]
    [e 0 3] [7 0 7] [3 4 4] [a 4 0] [9 3 8] [2 2 2] [9 9 f] [3 1 d]
    [0 0 8] [2 e f] [a 9 8] [e c 4] [e 6 c] [8 9 4] [5 2 8] [2 1 e]
    [6 3 8] [d 0 1] [3 7 7] [b e 5] [4 6 6] [c f 3] [4 e 9] [0 c 6 c]
};

/// π = 3.05033005141512…, with six digits.
const EXACT_CHAINS: [Trial; 16] = chains! { exactly:
    [3 0 5] [0 3 3] [0 0 5] [1 4 1] [5 1 2] [4 1 0] [5 2 3] [4 4 1]
    [4 0 5] [3 1 2] [5 3 2] [1 1 0] [2 3 0] [1 2 1] [4 4 4] [2 0 0]
};

/// Reads all numbers of a model, or gives them.
struct Carried(Vec<f64>);

impl Visitor for Carried {
    fn visit<T: Float>(&mut self, _: &Info<'_>, values: &[T]) {
        self.0.extend(values.iter().map(|x| x.to_f64()));
    }
}

impl VisitorMut for Carried {
    fn visit_mut<T: Float>(&mut self, _: &Info<'_>, values: &mut [T]) {
        let given: Vec<f64> = self.0.drain(..values.len()).collect();
        for (value, x) in values.iter_mut().zip(given) {
            *value = T::from_f64(x);
        }
    }
}

fn in_doubles<M: Parameters, D: Parameters + Init>(net: &M) -> D {
    let (mut numbers, mut double) = (Carried(Vec::new()), D::BLANK);
    net.visit(Name::ROOT, &mut numbers);
    double.visit_mut(Name::ROOT, &mut numbers);
    assert!(numbers.0.is_empty());
    double
}

/// The outputs of a stream in these chunks and then, if they do not reach, frame by frame.
fn in_chunks<F: Buffer, M: Stream<F, Output: Numbers>>(net: &M, frames: &[F], chunks: &[usize]) -> Vec<f64> {
    let chunks = chunks.iter().copied().chain(std::iter::repeat(1));
    streamed(&mut net.stream(), frames, chunks).iter().flat_map(Numbers::numbers).collect()
}

/// The bits are the same.
fn as_offline<X, F, M>(chain: &str, net: &M, x: &X, chunks: &[usize]) -> Result<(), TestCaseError>
where
    X: Cut<F, 1>,
    F: Buffer,
    M: Module<X> + Stream<F, Output: Numbers>,
    <M as Module<X>>::Output: Cut<<M as Stream<F>>::Output, 1>,
{
    let bits = |numbers: Vec<f64>| -> Vec<u64> { numbers.into_iter().map(f64::to_bits).collect() };
    let (found, right) = (in_chunks(net, &x.cut(), chunks), numbers(&net.forward_inside(x)));
    prop_assert_eq!(bits(found), bits(right), "of chain {}", chain);
    Ok(())
}

fn largest(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |a, b| if b.is_nan() { b } else { a.max(b.abs()) })
}

fn apart(a: &[f64], b: &[f64]) -> f64 {
    largest(a.iter().zip(b).map(|(a, b)| a - b))
}

/// Both forms round, and no bound that holds for every chain is of use for one: so the offline form's own distance from what it is in
/// `f64` is the measure, and the streamed one is as near, up to the chance of single roundings.
fn as_near_as_offline<S, D, F, M, N>(
    chain: &str,
    (net, double): (&M, &N),
    x: &Tensor<S>,
    chunks: &[usize],
) -> Result<(), TestCaseError>
where
    S: Shape<Elem = f32>,
    D: Shape<Elem = f64>,
    F: Buffer,
    Tensor<S>: Cut<F, 1>,
    M: Module<Tensor<S>> + Stream<F>,
    N: Module<Tensor<D>>,
    <M as Stream<F>>::Output: Numbers,
    <M as Module<Tensor<S>>>::Output: Cut<<M as Stream<F>>::Output, 1>,
    <N as Module<Tensor<D>>>::Output: Cut<Tensor<[[f64; 1]; 4]>, 1>,
{
    let mut wide = Tensor::<D>::zeros();
    wide.as_mut_slice().iter_mut().zip(x.as_slice()).for_each(|(wide, &x)| *wide = f64::from(x));
    let right = numbers(&double.forward_inside(&wide));
    let offline = numbers(&net.forward_inside(x));
    let found = in_chunks(net, &x.cut(), chunks);
    prop_assert_eq!(found.len(), right.len(), "of chain {}", chain);
    let rounding = apart(&offline, &right) + f64::from(f32::EPSILON) * largest(right.iter().copied());
    let found = apart(&found, &right);
    prop_assert!(found <= 8.0 * rounding, "chain {} is off by {:e}, where rounding is {:e}", chain, found, rounding);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chain_in_any_chunks(chain in 0..CHAINS.len(), seed in any::<u64>(), chunks in prop::collection::vec(0..20usize, 0..20)) {
        CHAINS[chain](seed, &chunks)?;
    }

    #[test]
    fn any_exact_chain_in_any_chunks(
        chain in 0..EXACT_CHAINS.len(),
        seed in any::<u64>(),
        chunks in prop::collection::vec(0..20usize, 0..20),
    ) {
        EXACT_CHAINS[chain](seed, &chunks)?;
    }
}
