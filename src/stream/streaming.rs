//! [`Streaming`].

use core::marker::PhantomData;

use super::Stream;
use crate::nn::Parameters;
use crate::stack::by_value;
use crate::tensor::Buffer;

/// A network that runs frame by frame, and what it remembers.
///
/// It owns the network (or a reference, or a [`Frozen`](crate::nn::Frozen) one), so that a program can keep both in one struct:
///
/// ```
/// use adamant::prelude::*;
///
/// type Net = Sequential![Conv1d<1, 4, 3, Causal>, Tanh, Conv1d<4, 1, 3, Causal>];
/// type Frame = Tensor<[[f32; 1]; 1]>;
///
/// struct Plugin { model: Streaming<Net, Frame> }
///
/// impl Plugin {
///     /// What a host calls, with as many samples as it likes.
///     fn process(&mut self, samples: &mut [f32]) {
///         for sample in samples {
///             if let Some(y) = self.model.step(&Tensor([[*sample]])) {
///                 *sample = y.0[0][0];
///             }
///         }
///     }
/// }
///
/// let net = Net::init(&mut SmallRng::seed_from_u64(0));
/// let mut plugin = Plugin { model: Streaming::new(net) };
/// plugin.process(&mut [0.5; 64]);
/// ```
#[derive(Clone, Debug)]
pub struct Streaming<M: Stream<F>, F: Buffer> {
    net: M,
    state: M::State,
    frame: PhantomData<F>,
}

impl<M: Stream<F>, F: Buffer> Streaming<M, F> {
    /// [`Stream::STRIDE`].
    pub const STRIDE: usize = M::STRIDE;
    /// [`Stream::RATE`].
    pub const RATE: usize = M::RATE;
    /// [`Stream::LATENCY`].
    pub const LATENCY: usize = M::LATENCY;
    /// [`Stream::RECEPTIVE_FIELD`].
    pub const RECEPTIVE_FIELD: usize = M::RECEPTIVE_FIELD;
    /// [`Stream::STATE_BYTES`].
    pub const STATE_BYTES: usize = M::STATE_BYTES;
    /// [`Stream::STEP_BYTES`].
    pub const STEP_BYTES: usize = M::STEP_BYTES;

    /// The network at the beginning of a stream.
    pub fn new(net: M) -> Self {
        const { by_value::<Self>("`Streaming::new`", "`Streaming::boxed`") };
        let mut stream = Self { net, state: M::State::ZERO, frame: PhantomData };
        stream.net.start(&mut stream.state);
        stream
    }

    /// As [`new`](Self::new), the state being made on the heap, where it stays.
    #[cfg(feature = "alloc")]
    pub fn boxed(net: M) -> alloc::boxed::Box<Self> {
        let mut stream = crate::heap::boxed(|slot| Self::blank_in(slot, net));
        let Self { net, state, .. } = &mut *stream;
        net.start(state);
        stream
    }

    #[cfg(feature = "alloc")]
    fn blank_in(slot: crate::heap::Slot<'_, Self>, net: M) -> crate::heap::Filled<'_, Self> {
        crate::in_place!(
            slot,
            Self { net: |slot| slot.write(net), state: M::State::zero_in, frame: |slot| slot.write(PhantomData) }
        )
    }

    /// Takes the next frame, and gives the output that is due: output i of the offline form with frame `i · STRIDE + LATENCY`. A network
    /// that gives several outputs for a frame has [`process`](Self::process) alone.
    #[inline]
    pub fn step(&mut self, x: &F) -> Option<M::Output> {
        self.step_with(&mut x.clone(), |y| *y)
    }

    /// As [`step`](Self::step) without copies: `x` is working memory, and the output is lent to `next`.
    #[inline]
    pub fn step_with<R>(&mut self, x: &mut F, next: impl FnOnce(&mut M::Output) -> R) -> Option<R> {
        const {
            let text =
                "a step gives one output, and this network several for a frame, as it upsamples: `process` gives them all";
            assert!(M::RATE == 1, "{}", text);
        }
        self.net.step(&mut self.state, x, next)
    }

    /// Takes any number of frames, and calls `next` with each output that is due. How they are divided among calls makes no difference.
    #[inline]
    pub fn process(&mut self, frames: &[F], mut next: impl FnMut(&mut M::Output)) {
        for x in frames {
            self.net.step(&mut self.state, &mut x.clone(), &mut next);
            if const { M::RATE > 1 } {
                self.net.rest(&mut self.state, &mut next);
            }
        }
    }

    /// The stream ends: calls `next` with the outputs that depend on what is behind its end, which is padding, and begins anew.
    pub fn finish(&mut self, mut next: impl FnMut(&mut M::Output)) {
        self.net.finish(&mut self.state, &mut next);
        self.reset();
    }

    /// Forgets all frames.
    pub fn reset(&mut self) {
        self.state = M::State::ZERO;
        self.net.start(&mut self.state);
    }

    /// The network.
    pub const fn net(&self) -> &M {
        &self.net
    }

    /// The network, which forgets all frames.
    pub fn into_net(self) -> M {
        self.net
    }
}

/// [`stream`](Self::stream), for every network.
pub trait Streamable: Parameters {
    /// The network at the beginning of a stream of frames `F`, borrowed. [`Streaming::new`] takes it by value.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let net = Conv1d::<1, 1, 2, (Causal, NoBias)>::new(Param(Tensor([[[1.0f32, 10.0]]])), ());
    /// let mut stream = net.stream::<Tensor<[[f32; 1]; 1]>>();
    /// assert_eq!([1.0, 2.0, 3.0].map(|x| stream.step(&Tensor([[x]]))), [10.0, 21.0, 32.0].map(|y| Some(Tensor([[y]]))));
    /// ```
    #[inline]
    fn stream<F: Buffer>(&self) -> Streaming<&Self, F>
    where
        Self: Stream<F> + Sized,
    {
        Streaming::new(self)
    }
}

impl<M: Parameters> Streamable for M {}
