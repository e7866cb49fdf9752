//! Networks sample by sample: the stream of a network is derived from its offline form.
//!
//! A network that is trained on signals, `[C][L]` or `[T][F]`, is run frame by frame as they come, with the same weights and the same
//! results. The layers say how; nothing is written twice.
//!
//! ```
//! use adamant::prelude::*;
//!
//! type Net = Sequential![
//!     Conv1d<1, 8, 3, (Causal, Dilation<2>)>, Tanh,
//!     Residual<Sequential![Conv1d<8, 8, 5, Same>, Relu]>,
//!     Conv1d<8, 1, 1>,
//! ];
//! let net = Net::init(&mut SmallRng::seed_from_u64(0));
//!
//! // All at once, 100 samples of one channel,
//! let x = Tensor::<[[f32; 100]; 1]>::randn(&mut SmallRng::seed_from_u64(1));
//! let y: Tensor<[[f32; 100]; 1]> = net.forward(&x);
//!
//! // or one after the other.
//! type Frame = Tensor<[[f32; 1]; 1]>;
//! let mut stream = net.stream::<Frame>();
//! let mut streamed = Vec::new();
//! for &sample in x.as_slice() {
//!     if let Some(y) = stream.step(&Tensor([[sample]])) {
//!         streamed.push(y.0[0][0]);
//!     }
//! }
//! stream.finish(|y| streamed.push(y.0[0][0]));
//! assert!(streamed.iter().zip(y.as_slice()).all(|(a, b)| (a - b).abs() < 1e-6));
//! assert_eq!(streamed.len(), 100);
//!
//! // What it costs is known before.
//! type Live = Streaming<Net, Frame>;
//! const _: () = assert!(Live::LATENCY == 2 && Live::STATE_BYTES < 2048);
//! assert_eq!(Live::RECEPTIVE_FIELD, 1 + 2 * 2 + 4);
//! ```
//!
//! # Frames
//!
//! **A frame is the input with a length of one along time**: of a signal `[C][L]`, whose time comes last as convolutions and pools have
//! it, `Tensor<[[f32; 1]; C]>`; of a sequence `[T][F]`, whose time comes first as for [`Linear`](crate::nn::Linear),
//! `Tensor<[[f32; F]; 1]>`. So the type says which axis is time, and a layer that works along time in one is no layer of the other;
//! [`Transpose`](crate::nn::Transpose) goes between them.
//!
//! Attention remembers the tokens that have come, as many as the option [`Context<N>`](crate::nn::Context) says; of more than those a step
//! gives `None`. What sees all of time at once (a pool over the whole signal, a norm or a softmax along time, a recurrent layer that is
//! [`Bidirectional`](crate::nn::Bidirectional)) has no stream: `net.stream()` does not compile, and says which layer it is.
//!
//! # Time
//!
//! A layer gives output i of the offline form as soon as frame `i · STRIDE + LATENCY` has come, which is the last one that it depends on:
//!
//! | | |
//! |---|---|
//! | [`STRIDE`](Stream::STRIDE) | the frames from one output to the next: a chain's is the product of its layers' |
//! | [`LATENCY`](Stream::LATENCY) | how far the network looks ahead: 0 if it is [causal](crate::nn::Causal) |
//! | [`RECEPTIVE_FIELD`](Stream::RECEPTIVE_FIELD) | the frames that an output depends on, at most: `usize::MAX`, all there were, if the network has a recurrent layer |
//! | [`STATE_BYTES`](Stream::STATE_BYTES) | what the state takes |
//! | [`STEP_BYTES`](Stream::STEP_BYTES) | the buffers that a step makes on the stack |
//! | [`RATE`](Stream::RATE) | the outputs for each `STRIDE` frames: 1 unless a [`ConvTranspose1d`](crate::nn::ConvTranspose1d) upsamples |
//!
//! Before that, and between two outputs of a strided network, a step gives `None`. Whatever lies before the first frame is the padding
//! of the offline form; [`finish`](Streaming::finish) supplies the padding behind the last one, layer by layer, and gives the outputs that
//! depend on it. So all outputs together are those of the offline form for an input of that length, whatever the length.
//!
//! Where a network upsamples, `RATE` outputs come for every `STRIDE` frames, output i with frame `i · STRIDE / RATE + LATENCY`, rounded
//! down, at the latest. [`process`](Streaming::process) lends them all; a [`step`](Streaming::step), which gives one, does not compile:
//!
//! ```
//! use adamant::prelude::*;
//! type Sample = Tensor<[[f32; 1]; 1]>;
//! type Net = Sequential![Conv1d<1, 4, 3, Causal>, Tanh, ConvTranspose1d<4, 1, 4, (Stride<2>, Padding<1>)>];
//! let mut stream = Streaming::<Net, Sample>::new(Net::init(&mut SmallRng::seed_from_u64(0)));
//! let mut outputs = 0;
//! stream.process(&[Tensor([[1.0]]); 50], |_| outputs += 1);
//! assert_eq!(outputs, 2 * 50 - 1); // the next one depends on frame 51
//! stream.finish(|_| outputs += 1);
//! assert_eq!(outputs, 2 * 50);
//! ```
//!
//! ```compile_fail
//! # use adamant::prelude::*;
//! let net = ConvTranspose1d::<1, 1, 4, Stride<2>>::BLANK;
//! net.stream::<Tensor<[[f32; 1]; 1]>>().step(&Tensor([[1.0]])); // error: a step gives one output, and this network several for a frame
//! ```
//!
//! A shortcut goes around layers that keep the length, or there is no offline form:
//!
//! ```compile_fail
//! # use adamant::prelude::*;
//! let block = Residual(Conv1d::<1, 1, 3>::BLANK); // without padding
//! block.stream::<Tensor<[[f32; 1]; 1]>>().step(&Tensor([[1.0]])); // error: a shortcut goes around layers that keep the length
//! ```
//!
//! # The same numbers
//!
//! What adds nothing up, or adds it in one order, has the same bits: pools, shortcuts, comparisons. (An
//! [`AvgPool1d`](crate::nn::AvgPool1d) with [`CeilMode`](crate::nn::CeilMode) may divide where its offline form multiplies.) Sums differ:
//!
//! | | offline | a step |
//! |---|---|---|
//! | convolution | the bias and then, channel by channel, each element of the kernel: a matrix product over all of time, in blocks of 256 | frame by frame as they lie in the ring, each channel to one of four partial sums, the bias last |
//! | [`Linear`](crate::nn::Linear), recurrent layers | a matrix product of many rows | of one row, with four partial sums where that is narrow |
//! | all of these | the machine's instructions, which may fuse a multiplication and an addition | the target's, where a frame has few numbers |
//!
//! The four sums are what a step's speed is: a single frame has no other outputs beside it that would fill a machine's pipeline, and one sum
//! would wait for each addition, about four times as long. So the results of a convolution that adds n products agree within 2 · γₙ₊₂ of the
//! sum of the products' magnitudes (γₙ = n · u / (1 − n · u), u = 6 · 10⁻⁸ in `f32` and 10⁻¹⁶ in `f64`), and in practice within 10⁻⁷ and
//! 10⁻¹⁶ of it. A stream's own results depend on nothing but the frames before: on no chunk size.
//!
//! # Real time
//!
//! A step allocates nothing, locks nothing and has no panicking path. It does the same work each time (a strided layer computes at every
//! `STRIDE`th step, and attention's work grows with the tokens that it remembers, up to its context), but for the first ones, while the latency fills, which do less. (With [`Replicate`](crate::nn::Replicate) padding the
//! first frame is copied to the whole window.) A network with a shortcut copies one frame a step for it.
//!
//! **Denormals.** Numbers below 10⁻³⁸ may take a processor ten times as long, and the decay of a recurrent state, or a silent end of the
//! input that was filtered before, is where they come from. A step takes the same instructions for them as for others; how long
//! these take is the processor's affair: on an AMD EPYC a network of convolutions, a GRU and an LSTM took 1.3 times as long where every
//! number was denormal (`cargo bench --bench stream_steps`). The crate does not change the processor's mode, which belongs
//! to the whole thread. An audio host sets "flush to zero" for its threads; where none does, add a constant of 10⁻²⁰ to the input, which
//! keeps a state from decaying further. (Where layers have biases it does not decay to nothing.)
//!
//! **Memory.** A recurrent layer keeps its state, a convolution the frames of its window but one, [`Residual`](crate::nn::Residual) as many
//! as its layers look ahead, attention the keys and values of its whole context, a transposed convolution as many frames as `KERNEL` · dilation. On machines with vectors a convolution's state also holds its weight, in the order in which a step reads it;
//! on others it does not. A [`Streaming`] owns or borrows its network, so that nobody changes the weight meanwhile.
//!
//! # Layers of one's own
//!
//! A struct of layers streams if its fields do. What `#[forward]` computes is not read along time: which of its values wait for which,
//! and whether an operation works along time, its text does not say. Any other layer implements [`Stream`] for its frames: what it keeps from step to step,
//! and one step.
//!
//! ```
//! use adamant::prelude::*;
//! use adamant::stream::{After, Stream};
//!
//! /// y[t] = x[0] + … + x[t]
//! #[derive(Module)]
//! struct Total { one: f32 }
//!
//! impl<const F: usize> Stream<Tensor<[[f32; F]; 1]>> for Total {
//!     type Output = Tensor<[[f32; F]; 1]>;
//!     type State = Tensor<[[f32; F]; 1]>;
//!     type Delay = After<0>;
//!     const RECEPTIVE_FIELD: usize = usize::MAX; // all there were
//!
//!     fn step<R>(
//!         &self,
//!         sum: &mut Self::State,
//!         x: &mut Tensor<[[f32; F]; 1]>,
//!         next: impl FnOnce(&mut Self::Output) -> R,
//!     ) -> Option<R> {
//!         *sum += &*x;
//!         *x = *sum;
//!         Some(next(x))
//!     }
//! }
//!
//! let total = Total { one: 1.0 };
//! let mut stream = total.stream::<Tensor<[[f32; 1]; 1]>>();
//! assert_eq!([1.0, 2.0, 3.0].map(|x| stream.step(&Tensor([[x]]))), [1.0, 3.0, 6.0].map(|y| Some(Tensor([[y]]))));
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`Stream`]: how a layer streams |
//! | `streaming.rs` | [`Streaming`]: a network and its state |
//! | `framewise.rs` | layers that compute each frame by itself |
//! | `window.rs` | the frames of a window, and what the options make of it |
//! | `conv1d.rs`, `pool.rs` | convolutions and pools along time |
//! | `conv_transpose1d.rs` | transposed convolutions, which give more than they take |
//! | `recurrent.rs`, `attention.rs` | recurrent layers, attention and positions |
//! | `chain.rs`, `fields.rs` | chains, arrays, structs of layers |
//! | `wrapper.rs`, `residual.rs` | layers around another |
//! | `line.rs` | delays |

mod attention;
mod chain;
mod conv1d;
mod conv_transpose1d;
#[doc(hidden)]
pub mod fields;
mod framewise;
mod line;
mod pool;
mod recurrent;
mod residual;
mod streaming;
mod window;
mod wrapper;

pub use attention::Position;
pub use conv_transpose1d::{SpreadSizes, SpreadState, SpreadsOverTime};
pub use conv1d::ConvState;
pub use line::{After, Half, Lag, Line, Ring, Slots};
pub use pool::PoolsOverTime;
pub use streaming::{Streamable, Streaming};
pub use window::{Ends, History, OverTime, RepeatsOverTime, WindowSizes};

use crate::nn::Parameters;
use crate::tensor::Buffer;

/// A layer that can be run frame by frame, each an `F`: the module's documentation says what a frame is.
///
/// [`Streaming`] is what a program uses.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no stream of frames `{F}`",
    label = "cannot be run frame by frame",
    note = "a frame is the input with a length of one along time: `Tensor<[[f32; 1]; C]>` of a signal `[C][L]`, `Tensor<[[f32; F]; 1]>` of a sequence `[T][F]`; `Transpose` goes between them",
    note = "a layer streams if it computes each frame from those before and a fixed number of those after: not one that sees all of time at once (a global pool, a norm or a softmax along time)",
    note = "a struct with a forward pass of its own streams when `Stream` is implemented for it"
)]
pub trait Stream<F: Buffer>: Parameters {
    /// A frame of the output.
    type Output: Buffer;
    /// What is kept from one step to the next. It begins as zeros, and then as [`start`](Self::start) makes it.
    type State: Buffer;
    /// The delay that a shortcut around the layer needs: [`After<0>`](After) if it does not look ahead.
    type Delay: Lag;

    /// The frames from one output to the next or, if there are more outputs than frames, to the next [`RATE`](Self::RATE) of them.
    const STRIDE: usize = 1;
    /// The outputs for each [`STRIDE`](Self::STRIDE) frames. If they are several, [`rest`](Self::rest) gives what [`step`](Self::step) does not.
    const RATE: usize = 1;
    /// How many frames the layer looks ahead: output i is given when frame `i · STRIDE / RATE + LATENCY` comes, counted from 0 and rounded
    /// down; where `RATE` is not 1, at the latest.
    const LATENCY: usize = 0;
    /// How many frames an output depends on at most; `usize::MAX` where it is all there were.
    const RECEPTIVE_FIELD: usize = 1;
    /// The bytes of the state.
    const STATE_BYTES: usize = size_of::<Self::State>();
    /// The bytes of all buffers that a step makes, what `next` makes not counted: of a layer of one's own its output, unless it says another
    /// number. [`Memory::streaming`](crate::memory::Memory::streaming) counts them.
    const STEP_BYTES: usize = size_of::<Self::Output>();

    /// Makes a state of zeros one to begin with.
    #[inline]
    fn start(&self, state: &mut Self::State) {
        let _ = state;
    }

    /// Takes the next frame, which is working memory, and lends the output that is due to `next`; `None` if none is.
    fn step<R>(&self, state: &mut Self::State, x: &mut F, next: impl FnOnce(&mut Self::Output) -> R) -> Option<R>;

    /// Lends the outputs to `next` that are due since the last step, but for the one that it gave: none where [`RATE`](Self::RATE) is 1.
    #[inline]
    fn rest(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output)) {
        let _ = (state, next);
    }

    /// The stream ends: lends the outputs to `next` that depend on what is behind its end.
    #[inline]
    fn finish(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output)) {
        let _ = (state, next);
    }
}
