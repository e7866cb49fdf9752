//! Streamed outputs are those of the offline form, whatever the layers, the length and the chunks.

mod agreement;
mod chains;

use adamant::prelude::*;
use agreement::{Cut, Numbers, Positive, Shaken, numbers, streamed};

/// Streams the input twice through the same state; no output may deviate by more than `allowed` says, given all outputs.
#[track_caller]
fn agrees<const TIME: usize, X, F, M>(net: &M, x: &X, rng: &mut SmallRng, allowed: impl FnOnce(&[f64]) -> Vec<f64>)
where
    X: Cut<F, TIME>,
    F: Buffer,
    M: Module<X> + Stream<F>,
    <M as Module<X>>::Output: Cut<<M as Stream<F>>::Output, TIME>,
    <M as Stream<F>>::Output: Numbers,
{
    let offline = numbers(&net.forward_inside(x));
    let allowed = allowed(&offline);
    let mut stream = net.stream::<F>();
    for _ in 0..2 {
        let chunks = std::iter::repeat_with(|| rng.random_range(0..8));
        let found: Vec<f64> = streamed(&mut stream, &x.cut(), chunks).iter().flat_map(Numbers::numbers).collect();
        assert_eq!(found.len(), offline.len(), "of {}", adamant::nn::Printed(net));
        for (i, ((a, b), allowed)) in found.iter().zip(&offline).zip(&allowed).enumerate() {
            let near = (a - b).abs() <= *allowed || (a.is_nan() && b.is_nan());
            let by = (a - b).abs();
            assert!(near, "number {i} is {a}, not {b}, by {by:e} > {allowed:e}; of {}", adamant::nn::Printed(net));
        }
    }
}

/// A part of the largest output for all.
fn of_the_largest(tolerance: f64) -> impl FnOnce(&[f64]) -> Vec<f64> {
    move |outputs| vec![tolerance * outputs.iter().fold(0.0f64, |a, b| a.max(b.abs())); outputs.len()]
}

/// What two orders of a sum of n products may differ by, `2 · γₙ₊₁ · Σ |w · x|` with `γₙ = n · u / (1 − n · u)` (N. Higham, *Accuracy and
/// Stability of Numerical Algorithms*, 2002, eq. 3.5): n is how many products a convolution adds for an output, and its bias.
fn of_the_sums<const TIME: usize, S, F, G, M>(net: &M, x: &Tensor<S>) -> impl FnOnce(&[f64]) -> Vec<f64>
where
    S: Shape<Elem: Float>,
    F: Buffer,
    G: Numbers,
    M: Module<Tensor<S>> + Stream<F, Output = G> + Clone,
    <M as Module<Tensor<S>>>::Output: Cut<G, TIME>,
{
    let mut positive = net.clone();
    positive.visit_mut(adamant::nn::Name::ROOT, &mut Positive);
    let sums = numbers(&positive.forward_inside(&x.abs()));
    let terms = M::MACS as f64 / sums.len() as f64 + 1.0;
    let rounding = (terms + 1.0) * S::Elem::EPSILON.to_f64() / 2.0;
    move |_| sums.iter().map(|sum| 2.0 * rounding / (1.0 - rounding) * sum).collect()
}

const CASES: u64 = 4;

/// Layers as fields, one of them of a type that only the struct knows.
#[derive(Module)]
pub struct Block<T: Float> {
    first: Conv1d<4, 4, 3, (Causal, Dilation<2>), T>,
    act: Tanh,
    last: Conv1d<4, 4, 3, Padding<1>, T>,
}

/// More than one row of them, and another struct.
#[derive(Module)]
struct Fields<T: Float> {
    lift: Conv1d<2, 4, 1, (), T>,
    a: Residual<Hidden<T>>,
    b: (Block<T>, Relu),
    c: Residual<Block<T>>,
    d: Conv1d<4, 4, 3, Same, T>,
    e: Identity,
    f: MaxPool1d<3, (Stride<1>, Padding<1>)>,
    g: Dropout,
    h: Conv1d<4, 4, 4, (Stride<2>, Padding<1>), T>,
    i: Conv1d<4, 4, 3, (Same, Depthwise), T>,
    j: Sigmoid,
    k: Conv1d<4, 2, 1, NoBias, T>,
}

/// Layers that give more than they take, behind others and before.
#[derive(Module)]
struct Up<T: Float> {
    a: Conv1d<4, 4, 3, Same, T>,
    b: Relu,
    c: ConvTranspose1d<4, 4, 4, (Stride<2>, Padding<1>), T>,
    d: Tanh,
    e: Conv1d<4, 4, 3, Padding<1>, T>,
    f: ConvTranspose1d<4, 4, 3, Stride<2>, T>,
    g: Identity,
    h: Conv1d<4, 4, 3, (Stride<2>, Padding<1>), T>,
    i: ConvTranspose1d<4, 3, 2, Stride<2>, T>,
}

#[derive(Module)]
struct Hidden<T: Float>(Block<T>, [Block<T>; 2]);

/// A struct that is generic over its layers.
#[derive(Module)]
struct Both<A, B> {
    a: A,
    b: B,
}

/// A struct with a forward pass of its own, and its stream written by hand.
#[derive(Module)]
struct Gated<T: Float> {
    signal: Conv1d<4, 4, 3, (Causal, Dilation<2>), T>,
    gate: Conv1d<4, 4, 2, Causal, T>,
}

#[forward]
impl<T: Float> Gated<T> {
    fn forward<const L: usize>(&self, x: Tensor<[[T; L]; 4]>) -> Tensor<[[T; L]; 4]> {
        self.signal.forward(x).tanh() * self.gate.forward(x).sigmoid()
    }
}

type At<T> = Tensor<[[T; 1]; 4]>;
type State<M, T> = <M as Stream<At<T>>>::State;

impl<T: Float> Stream<At<T>> for Gated<T> {
    type Output = At<T>;
    type State = (State<Conv1d<4, 4, 3, (Causal, Dilation<2>), T>, T>, State<Conv1d<4, 4, 2, Causal, T>, T>);
    type Delay = adamant::stream::After<0>;
    const RECEPTIVE_FIELD: usize = 5;

    fn start(&self, state: &mut Self::State) {
        self.signal.start(&mut state.0);
        self.gate.start(&mut state.1);
    }

    fn step<R>(&self, state: &mut Self::State, x: &mut At<T>, next: impl FnOnce(&mut At<T>) -> R) -> Option<R> {
        let gate = self.gate.step(&mut state.1, &mut x.clone(), |gate| gate.sigmoid())?;
        self.signal.step(&mut state.0, x, |signal| next(&mut (signal.tanh() * gate)))
    }
}

type Encoder<O, T> =
    TransformerEncoder<TransformerEncoderLayer<8, 2, 16, (RotaryPositions, O, Context<30>), T>, 2, LayerNorm<[T; 8]>>;

/// The axis of time, the tolerance in `f32` and `f64`, the network (of numbers T), its frame, its inputs. Or, of a convolution by itself,
/// that the order of a sum is the only difference.
macro_rules! agree {
    ($($name:ident, time $time:literal, $how:ident $($single:literal $double:literal)?: $net:ty, $frame:ty => $($input:ty),+;)+) => {$(
        #[test]
        fn $name() {
            agree!(@one f32, $time, $how [$($single)?], $net, $frame => $($input),+);
            agree!(@one f64, $time, $how [$($double)?], $net, $frame => $($input),+);
        }
    )+};
    (@one $T:ident, $time:literal, $how:ident $tolerance:tt, $net:ty, $frame:ty => $($input:ty),+) => {{
        type T = $T;
        for seed in 0..CASES {
            let rng = &mut SmallRng::seed_from_u64(seed);
            let mut net = <$net>::init(rng);
            net.visit_mut(adamant::nn::Name::ROOT, &mut Shaken(rng));
            $(
                let x = <Tensor<$input>>::randn(rng);
                let allowed = agree!(@$how $tolerance $time, $frame, net, x);
                agrees::<$time, _, Tensor<$frame>, _>(&net, &x, rng, allowed);
            )+
        }
    }};
    (@within [$tolerance:literal] $time:literal, $frame:ty, $net:ident, $x:ident) => { of_the_largest($tolerance) };
    (@summed [] $time:literal, $frame:ty, $net:ident, $x:ident) => { of_the_sums::<$time, _, Tensor<$frame>, _, _>(&$net, &$x) };
}

agree! {
    causal, time 1, summed: Conv1d<3, 5, 3, (Causal, Dilation<4>), T>, [[T; 1]; 3] => [[T; 50]; 3], [[T; 1]; 3], [[T; 7]; 3];
    unpadded, time 1, summed: Conv1d<2, 4, 5, (), T>, [[T; 1]; 2] => [[T; 40]; 2], [[T; 5]; 2];
    padded, time 1, summed: Conv1d<2, 4, 5, Padding<2>, T>, [[T; 1]; 2] => [[T; 40]; 2], [[T; 1]; 2], [[T; 4]; 2];
    same, time 1, summed: Conv1d<2, 4, 4, (Same, Dilation<3>), T>, [[T; 1]; 2] => [[T; 40]; 2], [[T; 2]; 2];
    one_sided, time 1, summed: Conv1d<2, 3, 4, (Padding<1>, PaddingEnd<3>), T>, [[T; 1]; 2] => [[T; 30]; 2], [[T; 1]; 2];
    behind_alone, time 1, summed: Conv1d<2, 3, 4, PaddingEnd<2>, T>, [[T; 1]; 2] => [[T; 30]; 2], [[T; 2]; 2];
    strided, time 1, summed: Conv1d<2, 3, 4, (Stride<3>, Padding<1>), T>, [[T; 1]; 2] => [[T; 30]; 2], [[T; 31]; 2], [[T; 32]; 2];
    wide_strides, time 1, summed: Conv1d<2, 3, 2, Stride<5>, T>, [[T; 1]; 2] => [[T; 30]; 2], [[T; 34]; 2], [[T; 2]; 2];
    strided_dilated, time 1, summed:
        Conv1d<2, 3, 3, (Stride<2>, Dilation<3>, Padding<4>), T>, [[T; 1]; 2] => [[T; 30]; 2], [[T; 31]; 2];
    grouped, time 1, summed: Conv1d<4, 6, 3, (Causal, Groups<2>, NoBias), T>, [[T; 1]; 4] => [[T; 30]; 4];
    depthwise, time 1, summed: Conv1d<5, 5, 3, (Same, Depthwise), T>, [[T; 1]; 5] => [[T; 30]; 5];
    depthwise_wide, time 1, summed: Conv1d<33, 33, 5, (Causal, Dilation<2>, Depthwise), T>, [[T; 1]; 33] => [[T; 20]; 33];
    multiplied_groups, time 1, summed: Conv1d<3, 6, 3, (Causal, Groups<3>), T>, [[T; 1]; 3] => [[T; 20]; 3];
    pointwise, time 1, summed: Conv1d<5, 7, 1, (), T>, [[T; 1]; 5] => [[T; 20]; 5];
    wide, time 1, summed: Conv1d<64, 48, 3, (Causal, Dilation<2>), T>, [[T; 1]; 64] => [[T; 40]; 64];
    transposed_convolution, time 1, summed: ConvTranspose1d<3, 5, 4, (Stride<2>, Padding<1>), T>, [[T; 1]; 3] =>
        [[T; 20]; 3], [[T; 1]; 3], [[T; 2]; 3];
    spread_apart, time 1, summed: ConvTranspose1d<3, 4, 3, Stride<5>, T>, [[T; 1]; 3] => [[T; 9]; 3], [[T; 1]; 3];
    spread_cut, time 1, summed: ConvTranspose1d<2, 4, 5, (Stride<3>, Padding<4>, OutputPadding<2>), T>, [[T; 1]; 2] =>
        [[T; 9]; 2], [[T; 2]; 2];
    spread_cut_early, time 1, summed: ConvTranspose1d<2, 4, 4, (Stride<3>, Padding<3>, NoBias), T>, [[T; 1]; 2] => [[T; 9]; 2], [[T; 3]; 2];
    spread_widely, time 1, summed: ConvTranspose1d<2, 3, 4, (Stride<2>, Dilation<3>, Padding<2>, OutputPadding<1>), T>, [[T; 1]; 2] =>
        [[T; 12]; 2], [[T; 1]; 2];
    spread_in_groups, time 1, summed: ConvTranspose1d<4, 6, 16, (Stride<8>, Padding<4>, Groups<2>), T>, [[T; 1]; 4] =>
        [[T; 9]; 4], [[T; 2]; 4];
    spread_depthwise, time 1, summed: ConvTranspose1d<5, 5, 3, (Depthwise, Padding<1>), T>, [[T; 1]; 5] => [[T; 9]; 5], [[T; 1]; 5];
    spread_once, time 1, summed: ConvTranspose1d<2, 4, 1, Stride<2>, T>, [[T; 1]; 2] => [[T; 9]; 2], [[T; 1]; 2];
    // Down and up again, and layers that look ahead at another rate than the input's.
    down_and_up, time 1, within 2e-6 1e-14: Sequential![
        Conv1d<2, 4, 4, (Stride<2>, Padding<1>), T>, Gelu,
        Conv1d<4, 4, 5, (Stride<2>, Padding<2>), T>, Gelu,
        ConvTranspose1d<4, 4, 4, (Stride<3>, Padding<1>, OutputPadding<1>), T>,
        Residual<Sequential![Conv1d<4, 4, 3, Same, T>, Tanh, ConvTranspose1d<4, 4, 3, Padding<1>, T>]>,
        Up<T>, Transpose, Gru<3, 4, (), T>, Transpose, MaxPool1d<3, (Stride<2>, Padding<1>)>
    ], [[T; 1]; 2] => [[T; 41]; 2], [[T; 6]; 2];
    replicated, time 1, summed:
        Conv1d<2, 3, 4, (Padding<2>, Replicate), T>, [[T; 1]; 2] => [[T; 20]; 2], [[T; 1]; 2], [[T; 2]; 2];
    causal_replicated, time 1, summed: Conv1d<2, 3, 3, (Causal, Dilation<2>, Replicate), T>, [[T; 1]; 2] => [[T; 20]; 2];
    causal_chain, time 1, within 2e-6 1e-14: Sequential![
        Conv1d<1, 16, 3, Causal, T>, Tanh,
        Conv1d<16, 16, 3, (Causal, Dilation<2>), T>, Tanh,
        Conv1d<16, 16, 3, (Causal, Dilation<4>), T>, Tanh,
        Conv1d<16, 1, 1, (), T>
    ], [[T; 1]; 1] => [[T; 100]; 1], [[T; 3]; 1];
    // A layer behind one that looks ahead sees padding, not what that one makes of padding.
    centred_chain, time 1, within 2e-6 1e-14: Sequential![
        Conv1d<2, 4, 5, Same, T>, Sigmoid,
        Conv1d<4, 4, 3, (Padding<2>, Dilation<2>), T>, Softplus,
        Conv1d<4, 3, 4, (Padding<3>, PaddingEnd<1>), T>
    ], [[T; 1]; 2] => [[T; 60]; 2], [[T; 5]; 2], [[T; 1]; 2];
    strides_in_a_row, time 1, within 2e-6 1e-14: Sequential![
        Conv1d<2, 4, 4, (Stride<2>, Padding<1>), T>, Gelu,
        MaxPool1d<3, Stride<2>>,
        Conv1d<4, 4, 5, (Stride<3>, Padding<2>), T>,
        Conv1d<4, 2, 3, Same, T>
    ], [[T; 1]; 2] => [[T; 101]; 2], [[T; 102]; 2], [[T; 64]; 2];
    residuals, time 1, within 2e-6 1e-14: Sequential![
        Conv1d<2, 4, 3, Causal, T>,
        Residual<Sequential![Conv1d<4, 4, 3, Same, T>, Silu, Conv1d<4, 4, 4, (Same, Dilation<2>), T>]>,
        Residual<Sequential![Conv1d<4, 4, 3, (Causal, Dilation<8>), T>, Elu]>,
        Residual<Sequential![Residual<Conv1d<4, 4, 5, Padding<2>, T>>, Conv1d<4, 4, 3, Padding<1>, T>]>,
        Residual<Sequential![Conv1d<4, 4, 3, Padding<2>, T>, Conv1d<4, 4, 3, (), T>]>
    ], [[T; 1]; 2] => [[T; 40]; 2], [[T; 4]; 2], [[T; 1]; 2];
    arrays, time 1, within 2e-6 1e-14: [Sequential![Conv1d<3, 3, 3, Padding<1>, T>, Mish]; 3], [[T; 1]; 3] => [[T; 30]; 3], [[T; 2]; 3];
    wrapped, time 1, within 2e-6 1e-14: Sequential![
        Frozen<Conv1d<2, 3, 3, Same, T>>, Identity, Dropout, (Relu6, Conv1d<3, 3, 2, Causal, T>)
    ], [[T; 1]; 2] => [[T; 30]; 2];
    normalized, time 1, within 2e-6 1e-14: Sequential![
        Conv1d<2, 4, 3, Same, T>, BatchNorm1d<4, -2, Affine, T>, PRelu<1, T>, Softmax<0>, Conv1d<4, 4, 2, (), T>, Glu<-2>
    ], [[T; 1]; 2] => [[T; 30]; 2];
    written_by_hand, time 1, within 2e-6 1e-14: Sequential![Conv1d<2, 4, 3, Same, T>, Residual<Gated<T>>, Gated<T>], [[T; 1]; 2] => [[T; 40]; 2];
    structs, time 1, within 2e-6 1e-14: Fields<T>, [[T; 1]; 2] => [[T; 40]; 2], [[T; 41]; 2];
    generic_structs, time 1, within 2e-6 1e-14:
        Both<Conv1d<2, 3, 3, Same, T>, Both<Softsign, Conv1d<3, 2, 3, Same, T>>>, [[T; 1]; 2] => [[T; 40]; 2];
    // The axis of time changes.
    transposed, time 0, within 2e-6 2e-14: Sequential![
        Linear<3, 6, Bias, T>, LayerNorm<[T; 6]>, Transpose, Conv1d<6, 5, 3, Same, T>, Transpose, RMSNorm<[T; 5]>,
        BatchNorm1d<5, 1, Affine, T>, PRelu<5, T>, Softmax, Linear<5, 4, NoBias, T>, Glu
    ], [[T; 3]; 1] => [[T; 3]; 30], [[T; 3]; 1];
    plain_recurrent, time 0, within 2e-6 2e-14: Rnn<3, 5, (), T>, [[T; 3]; 1] => [[T; 3]; 40], [[T; 3]; 1];
    relu_recurrent, time 0, within 2e-6 2e-14: Rnn<3, 5, (Relu, NoBias, Layers<2>), T>, [[T; 3]; 1] => [[T; 3]; 30];
    long_short_term, time 0, within 2e-6 2e-14: Lstm<3, 5, (), T>, [[T; 3]; 1] => [[T; 3]; 40], [[T; 3]; 1];
    deep_long_short_term, time 0, within 2e-6 2e-14: Lstm<2, 17, (Layers<3>, NoBias, Dropout), T>, [[T; 2]; 1] => [[T; 2]; 40];
    gated, time 0, within 2e-6 2e-14: Gru<3, 5, (), T>, [[T; 3]; 1] => [[T; 3]; 40], [[T; 3]; 1];
    deep_gated, time 0, within 2e-6 2e-14: Gru<2, 9, (Layers<2>, Recompute), T>, [[T; 2]; 1] => [[T; 2]; 40];
    attention, time 0, within 2e-6 2e-14: MultiheadAttention<8, 2, Context<40>, T>, [[T; 8]; 1] => [[T; 8]; 40], [[T; 8]; 1];
    transformer, time 0, within 2e-6 2e-14: Sequential![
        Linear<3, 8, Bias, T>, SinusoidalPositions, Encoder<NormFirst, T>, Residual<MultiheadAttention<8, 4, (NoBias, Context<30>), T>>,
        LearnedPositions<30, 8, T>, Encoder<Gelu, T>, Transpose, Conv1d<8, 4, 3, Same, T>, Transpose
    ], [[T; 3]; 1] => [[T; 3]; 30], [[T; 3]; 1];
    // What looks ahead before a recurrent layer, and a stride: it sees the frames that are there offline, and no other.
    recurrent_chain, time 1, within 2e-6 2e-14: Sequential![
        Conv1d<2, 4, 4, (Stride<2>, Padding<1>), T>, Transpose, Residual<Sequential![Gru<4, 6, (), T>, Linear<6, 4, Bias, T>]>,
        Lstm<4, 3, Layers<2>, T>, Transpose, Conv1d<3, 2, 3, Same, T>
    ], [[T; 1]; 2] => [[T; 60]; 2], [[T; 61]; 2], [[T; 2]; 2];
    pools, time 1, within 0.0 0.0: Sequential![MaxPool1d<3, (Stride<1>, Padding<1>)>, MaxPool1d<2>], [[T; 1]; 3] => [[T; 31]; 3], [[T; 2]; 3];
    dilated_pools, time 1, within 0.0 0.0: MaxPool1d<3, (Stride<2>, Dilation<2>, Padding<1>)>, [[T; 1]; 3] => [[T; 31]; 3], [[T; 30]; 3];
    ceiled_pools, time 1, within 0.0 0.0: MaxPool1d<3, (Stride<2>, CeilMode)>, [[T; 1]; 3] => [[T; 31]; 3], [[T; 30]; 3], [[T; 3]; 3];
    ceiled_padded_pools, time 1, within 0.0 0.0: MaxPool1d<3, (Stride<3>, Padding<1>, CeilMode)>, [[T; 1]; 3] =>
        [[T; 29]; 3], [[T; 30]; 3], [[T; 31]; 3], [[T; 2]; 3];
    averages, time 1, within 0.0 0.0: AvgPool1d<3, (Stride<2>, Padding<1>)>, [[T; 1]; 3] => [[T; 31]; 3], [[T; 30]; 3], [[T; 1]; 3];
    counted_averages, time 1, within 0.0 0.0: AvgPool1d<3, (Stride<2>, Padding<1>, ExcludePad)>, [[T; 1]; 3] => [[T; 31]; 3], [[T; 30]; 3];
    ceiled_averages, time 1, within 1e-6 1e-14: AvgPool1d<3, (Stride<2>, Padding<1>, CeilMode)>, [[T; 1]; 3] =>
        [[T; 31]; 3], [[T; 30]; 3], [[T; 29]; 3];
    ceiled_counted_averages, time 1, within 0.0 0.0: AvgPool1d<4, (Stride<3>, Padding<2>, CeilMode, ExcludePad)>, [[T; 1]; 3] =>
        [[T; 31]; 3], [[T; 30]; 3], [[T; 29]; 3];
}

/// Layers that a module keeps to itself, and a name that Rust has taken.
mod hidden {
    use adamant::prelude::*;

    #[derive(Module)]
    struct Inner {
        conv: Conv1d<2, 3, 3, Causal>,
        act: Tanh,
    }

    #[derive(Module)]
    pub struct Outer<const OUT: usize> {
        inner: Inner,
        r#type: Conv1d<3, OUT, 1>,
    }
}

#[test]
fn private_layers_stream() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let (net, x) = (hidden::Outer::<1>::init(rng), Tensor::<[[f32; 9]; 2]>::randn(rng));
    let mut stream = net.stream::<Tensor<[[f32; 1]; 2]>>();
    for (t, y) in net.forward(&x).iter().enumerate() {
        let found = stream.step(&Tensor(x.0.map(|channel| [channel[t]]))).unwrap();
        assert!((found.0[0][0] - y).abs() < 1e-6, "{t}: {found}, not {y}");
    }
}

/// Tokens come one by one; when the context is full, no output comes until the stream begins anew.
#[test]
fn a_language_model_streams_within_its_context() {
    type Layer = TransformerEncoderLayer<8, 2, 16, (Context<6>, NormFirst)>;
    type Net = Sequential![Embedding<10, 8>, SinusoidalPositions, TransformerEncoder<Layer, 2>, Linear<8, 10>];
    type Live = Streaming<Net, Tensor<[u8; 1]>>;
    const { assert!(Live::RECEPTIVE_FIELD == 11 && Live::LATENCY == 0 && Live::STATE_BYTES < 2 * 6 * 2 * 8 * 4 + 64) };
    let net = Net::init(&mut SmallRng::seed_from_u64(0));
    let text = [3u8, 1, 4, 1, 5, 9];
    let right = net.forward(&Tensor(text));
    let mut live = Live::new(net);
    for _ in 0..2 {
        for (token, right) in text.iter().zip(right.rows()) {
            let Tensor([found]) = live.step(&Tensor([*token])).unwrap();
            assert!(Tensor(found).all_close(right, 1e-5, 1e-5));
        }
        assert_eq!([live.step(&Tensor([2])), live.step(&Tensor([6]))], [None, None]);
        live.reset();
    }
}
