//! Amplifiers that others have learnt: `.nam` files, as [neural amp modeler](https://www.neuralampmodeler.com) writes them.
//!
//! Such a file is JSON: an `architecture`, its `config`, and its `weights` in one row, in the order in which the layers need them
//! (<https://github.com/sdatkinson/NeuralAmpModelerCore>). Its shapes are numbers, and ours are types: the shapes that are published are
//! read, each into its own type, and of any other the error says what it is.

use std::error::Error;

use adamant::nn::{Info, Name, RecurrentState, VisitorMut};
use adamant::prelude::*;
use adamant::stream::After;
use serde_json::{Value, json};

/// One sample of `C` channels.
type At<const C: usize> = Tensor<[[f32; 1]; C]>;

/// What runs sample by sample.
pub trait Amplifier {
    /// The next sample.
    fn play(&mut self, sample: f32) -> f32;
}

impl<M: Stream<At<1>, Output = At<1>>> Amplifier for Streaming<M, At<1>> {
    fn play(&mut self, sample: f32) -> f32 {
        self.step(&Tensor([[sample]])).map_or(0.0, |y| y.0[0][0])
    }
}

// WaveNet ---------------------------------------------------------------------------------------------------------------------------

/// z = f(conv(x) + mix(dry)); x grows by out(z), and what is heard by z. The frame is `(x, dry, heard)`.
#[derive(Module)]
#[module(custom(forward))]
pub struct Layer<Conv, Mix, F, Out> {
    conv: Conv,
    mix: Mix,
    activation: F,
    out: Out,
}

impl<const C: usize, const Z: usize, Conv, Mix, F, Out> Stream<(At<C>, At<1>, At<C>)> for Layer<Conv, Mix, F, Out>
where
    Conv: Stream<At<C>, Output = At<Z>> + 'static,
    Mix: Stream<At<1>, Output = At<Z>> + 'static,
    F: Stream<At<Z>, Output = At<C>> + 'static,
    Out: Stream<At<C>, Output = At<C>> + 'static,
{
    type Output = (At<C>, At<1>, At<C>);
    type State = (Conv::State, Mix::State, F::State, Out::State);
    type Delay = After<0>;
    const RECEPTIVE_FIELD: usize = Conv::RECEPTIVE_FIELD;

    fn start(&self, state: &mut Self::State) {
        self.conv.start(&mut state.0);
        self.mix.start(&mut state.1);
        self.out.start(&mut state.3);
    }

    #[inline]
    fn step<R>(
        &self,
        state: &mut Self::State,
        (x, dry, heard): &mut (At<C>, At<1>, At<C>),
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R> {
        let mut z = self.conv.step(&mut state.0, &mut x.clone(), |z| *z)?;
        self.mix.step(&mut state.1, &mut dry.clone(), |mixed| z.axpy(1.0, mixed))?;
        let mut z = self.activation.step(&mut state.2, &mut z, |z| *z)?;
        heard.axpy(1.0, &z);
        self.out.step(&mut state.3, &mut z, |grown| x.axpy(1.0, grown))?;
        Some(next(&mut (*x, *dry, *heard)))
    }
}

/// Layers of one width; what is heard of them goes on to the next array.
#[derive(Module)]
#[module(custom(forward))]
pub struct Array<In, Layers, Head> {
    widen: In,
    layers: Layers,
    head: Head,
}

impl<const IN: usize, const C: usize, const N: usize, In, Layers, Head> Stream<(At<IN>, At<1>, At<C>)>
    for Array<In, Layers, Head>
where
    In: Stream<At<IN>, Output = At<C>> + 'static,
    Layers: Stream<(At<C>, At<1>, At<C>), Output = (At<C>, At<1>, At<C>)> + 'static,
    Head: Stream<At<C>, Output = At<N>> + 'static,
{
    type Output = (At<C>, At<1>, At<N>);
    type State = (In::State, Layers::State, Head::State);
    type Delay = After<0>;
    const RECEPTIVE_FIELD: usize = Layers::RECEPTIVE_FIELD;

    fn start(&self, state: &mut Self::State) {
        self.widen.start(&mut state.0);
        self.layers.start(&mut state.1);
        self.head.start(&mut state.2);
    }

    #[inline]
    fn step<R>(
        &self,
        state: &mut Self::State,
        (x, dry, heard): &mut (At<IN>, At<1>, At<C>),
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R> {
        let x = self.widen.step(&mut state.0, x, |x| *x)?;
        self.layers.step(&mut state.1, &mut (x, *dry, *heard), |(x, dry, heard)| {
            self.head.step(&mut state.2, heard, |heard| next(&mut (*x, *dry, *heard)))
        })?
    }
}

/// Two arrays, the first of `C` channels, and how loud what is heard of them is.
#[derive(Module)]
#[module(custom(forward))]
pub struct WaveNet<const C: usize, A, B> {
    first: A,
    second: B,
    scale: Param<[f32; 1]>,
}

impl<const C: usize, X, Y, A, B> Stream<At<1>> for WaveNet<C, A, B>
where
    X: Buffer,
    Y: Buffer,
    A: Stream<(At<1>, At<1>, At<C>), Output = X> + 'static,
    B: Stream<X, Output = (Y, At<1>, At<1>)> + 'static,
{
    type Output = At<1>;
    type State = (A::State, B::State);
    type Delay = After<0>;
    const RECEPTIVE_FIELD: usize = A::RECEPTIVE_FIELD + B::RECEPTIVE_FIELD - 1;

    fn start(&self, state: &mut Self::State) {
        self.first.start(&mut state.0);
        self.second.start(&mut state.1);
    }

    #[inline]
    fn step<R>(&self, state: &mut Self::State, x: &mut At<1>, next: impl FnOnce(&mut At<1>) -> R) -> Option<R> {
        self.first.step(&mut state.0, &mut (*x, *x, Tensor::zeros()), |frame| {
            self.second
                .step(&mut state.1, frame, |(_, _, heard)| next(&mut Tensor([[self.scale.as_slice()[0] * heard.0[0][0]]])))
        })?
    }
}

/// tanh of the first half of the channels times σ of the second.
#[derive(Module)]
#[module(custom(forward))]
struct Gate<const C: usize>;

impl<const C: usize, const Z: usize> Stream<At<Z>> for Gate<C> {
    type Output = At<C>;
    type State = ();
    type Delay = After<0>;

    #[inline]
    fn step<R>(&self, (): &mut (), z: &mut At<Z>, next: impl FnOnce(&mut At<C>) -> R) -> Option<R> {
        let (signal, gate) = z.as_slice().split_at_checked(C)?;
        let (signal, gate) = (At::<C>::from_slice(signal)?, At::<C>::from_slice(gate)?);
        Some(next(&mut (Tanh.forward(&signal) * Sigmoid.forward(&gate))))
    }
}

/// A layer of `C` channels, which are `Z` before the activation.
type One<const C: usize, const Z: usize, F, const DILATION: usize> =
    Layer<Conv1d<C, Z, 3, (Causal, Dilation<DILATION>)>, Conv1d<1, Z, 1, NoBias>, F, Conv1d<C, C, 1>>;
type Seven<const C: usize, const Z: usize, F> = Sequential![
    One<C, Z, F, 1>, One<C, Z, F, 2>, One<C, Z, F, 4>, One<C, Z, F, 8>, One<C, Z, F, 16>, One<C, Z, F, 32>, One<C, Z, F, 64>
];
type Three<const C: usize, const Z: usize, F> = Sequential![One<C, Z, F, 128>, One<C, Z, F, 256>, One<C, Z, F, 512>];
type Ten<const C: usize, const Z: usize, F> = Sequential![Seven<C, Z, F>, Three<C, Z, F>];
type Thirteen<const C: usize, const Z: usize, F> = Sequential![Three<C, Z, F>, Ten<C, Z, F>];
type Two<const C: usize, const D: usize, A, B> =
    WaveNet<C, Array<Conv1d<1, C, 1, NoBias>, A, Conv1d<C, D, 1, NoBias>>, Array<Conv1d<C, D, 1, NoBias>, B, Conv1d<D, 1, 1>>>;

/// The shape that most files have.
pub type Standard = Two<16, 8, Ten<16, 16, Tanh>, Ten<8, 8, Tanh>>;
type Gated = Two<16, 8, Ten<16, 32, Gate<16>>, Ten<8, 16, Gate<8>>>;
type Lite = Two<12, 6, Seven<12, 12, Tanh>, Thirteen<6, 6, Tanh>>;
type Feather = Two<8, 4, Seven<8, 8, Tanh>, Thirteen<4, 4, Tanh>>;
type Nano = Two<4, 2, Seven<4, 4, Tanh>, Thirteen<2, 2, Tanh>>;

/// The configuration of two arrays with these channels and dilations.
pub fn arrays([first, second]: [usize; 2], dilations: [&[usize]; 2], gated: bool) -> Value {
    let array = |input: usize, channels: usize, head: usize, dilations: &[usize], bias: bool| {
        json!({
            "input_size": input, "condition_size": 1, "head_size": head, "channels": channels, "kernel_size": 3,
            "dilations": dilations, "activation": "Tanh", "gated": gated, "head_bias": bias,
        })
    };
    json!([array(1, first, second, dilations[0], false), array(first, second, 1, dilations[1], true)])
}

pub const TEN: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
pub const SEVEN: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
pub const THIRTEEN: [usize; 13] = [128, 256, 512, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

type Loaded = Result<Box<dyn Amplifier>, Box<dyn Error>>;

fn wavenet(config: &Value, weights: &[f32]) -> Loaded {
    type Shape<'a> = ([usize; 2], [&'a [usize]; 2], bool, fn(&[f32]) -> Loaded);
    let shapes: [Shape; 5] = [
        ([16, 8], [&TEN, &TEN], false, load::<Standard>),
        ([16, 8], [&TEN, &TEN], true, load::<Gated>),
        ([12, 6], [&SEVEN, &THIRTEEN], false, load::<Lite>),
        ([8, 4], [&SEVEN, &THIRTEEN], false, load::<Feather>),
        ([4, 2], [&SEVEN, &THIRTEEN], false, load::<Nano>),
    ];
    if config.get("head").is_some_and(|head| !head.is_null()) {
        return Err("a WaveNet with a head after its arrays is not read".into());
    }
    let layers = config.get("layers").unwrap_or(&Value::Null);
    match shapes.into_iter().find(|(channels, dilations, gated, _)| *layers == arrays(*channels, *dilations, *gated)) {
        Some((.., load)) => load(weights),
        None => Err(format!("not one of the WaveNet's published shapes, standard, lite, feather or nano: {layers}").into()),
    }
}

/// The file's weights stand in the order of the fields.
fn load<M: Init + Stream<At<1>, Output = At<1>> + 'static>(weights: &[f32]) -> Loaded {
    enough(weights, M::PARAMETERS)?;
    let mut net = M::BLANK;
    net.visit_mut(Name::ROOT, &mut InOrder(weights));
    Ok(Streaming::boxed(net))
}

fn enough(weights: &[f32], takes: usize) -> Result<(), String> {
    match weights.len() == takes {
        true => Ok(()),
        false => Err(format!("the file has {} weights, and a network of its shape takes {takes}", weights.len())),
    }
}

struct InOrder<'a>(&'a [f32]);

impl VisitorMut for InOrder<'_> {
    fn visit_mut<T: Float>(&mut self, _: &Info<'_>, values: &mut [T]) {
        let (these, rest) = self.0.split_at_checked(values.len()).unwrap_or_default();
        values.iter_mut().zip(these).for_each(|(value, weight)| *value = T::from_f64(f64::from(*weight)));
        self.0 = rest;
    }
}

// LSTM ------------------------------------------------------------------------------------------------------------------------------

/// Recurrent layers of `H` units, whose state does not start from zero.
struct Recurrent<const H: usize, M: Stream<At<1>>> {
    lstm: M,
    state: M::State,
    head: Linear<H, 1>,
}

impl<const H: usize, M: Stream<At<1>, Output = Tensor<[[f32; H]; 1]>>> Amplifier for Recurrent<H, M> {
    fn play(&mut self, sample: f32) -> f32 {
        let Self { lstm, state, head } = self;
        lstm.step(state, &mut Tensor([[sample]]), |h| head.forward(&*h).0[0][0]).unwrap_or(0.0)
    }
}

/// The layers and the units that are read.
macro_rules! lstms {
    ($config:expr, $weights:expr; $($layers:literal by $units:literal),+) => {
        match ["num_layers", "hidden_size", "input_size"].map(|name| $config.get(name).and_then(Value::as_u64)) {
            $([Some($layers), Some($units), Some(1)] => recurrent::<$units, Lstm<1, $units, Layers<$layers>>>($layers, $weights),)+
            _ => Err(format!(concat!("not one of the LSTMs that are read,", $(" ", $layers, " × ", $units,)+ ": {}"), $config).into()),
        }
    };
}

fn lstm(config: &Value, weights: &[f32]) -> Loaded {
    lstms!(config, weights; 1 by 3, 1 by 8, 1 by 12, 1 by 16, 1 by 24, 1 by 32, 1 by 40, 2 by 8, 2 by 12, 2 by 16, 2 by 24)
}

/// Of each layer a matrix `[4 · H][IN + H]` for input and state together, a bias, and the h and c to start from; then the head.
fn recurrent<const H: usize, M>(layers: usize, weights: &[f32]) -> Loaded
where
    M: Init + Stream<At<1>, Output = Tensor<[[f32; H]; 1]>, State: RecurrentState<f32>> + 'static,
{
    enough(weights, layers * (4 * H * (H + 1) + 6 * H) + (layers - 1) * 4 * H * (H - 1) + H + 1)?;
    let mut amplifier = Recurrent::<H, M> { lstm: M::BLANK, state: Buffer::ZERO, head: Linear::BLANK };
    let mut cells = Cells { weights, units: H, inputs: 1, part: 0, starts: [vec![], vec![]] };
    amplifier.lstm.visit_mut(Name::ROOT, &mut cells);
    amplifier.head.visit_mut(Name::ROOT, &mut InOrder(cells.weights));
    for (state, start) in amplifier.state.parts_mut().into_iter().zip(&cells.starts) {
        state.copy_from_slice(start);
    }
    Ok(Box::new(amplifier))
}

/// Fills a cell's four tensors, `[IN][4][H]`, `[H][4][H]`, `[4][H]` and again, and keeps what its state starts from.
struct Cells<'a> {
    weights: &'a [f32],
    units: usize,
    inputs: usize,
    part: usize,
    starts: [Vec<f32>; 2],
}

impl VisitorMut for Cells<'_> {
    fn visit_mut<T: Float>(&mut self, _: &Info<'_>, values: &mut [T]) {
        let rows = 4 * self.units;
        if self.part == 0 {
            self.inputs = values.len() / rows;
        }
        let columns = self.inputs + self.units;
        let (matrix, rest) = self.weights.split_at_checked(rows * columns).unwrap_or_default();
        let weight = |at: usize| match self.part {
            0 => matrix[at % rows * columns + at / rows],
            1 => matrix[at % rows * columns + self.inputs + at / rows],
            2 => rest[at],
            _ => 0.0, // One bias is enough.
        };
        values.iter_mut().enumerate().for_each(|(at, value)| *value = T::from_f64(f64::from(weight(at))));
        self.part += 1;
        if self.part == 4 {
            let (starts, rest) = rest[rows..].split_at(2 * self.units);
            self.starts[0].extend(&starts[..self.units]);
            self.starts[1].extend(&starts[self.units..]);
            (self.weights, self.part) = (rest, 0);
        }
    }
}

// Files -----------------------------------------------------------------------------------------------------------------------------

/// Reads a file's text.
///
/// # Errors
///
/// If it is not such a file, or of a shape that is not read: in words.
pub fn read(text: &str) -> Loaded {
    let file: Value = serde_json::from_str(text)?;
    let weights = file.get("weights").and_then(Value::as_array).ok_or("a `.nam` file has `weights`")?;
    let weights: Option<Vec<f32>> = weights.iter().map(|weight| Some(weight.as_f64()? as f32)).collect();
    let weights = weights.ok_or("one of the file's `weights` is not a number")?;
    let config = file.get("config").ok_or("a `.nam` file has a `config`")?;
    match file.get("architecture").and_then(Value::as_str) {
        Some("WaveNet") => wavenet(config, &weights),
        Some("LSTM") => lstm(config, &weights),
        other => {
            Err(format!("the architecture {} is not read: `WaveNet` and `LSTM` are", other.unwrap_or("of no name")).into())
        }
    }
}
