//! [`Conv1d`] frame by frame.

use super::{History, OverTime, Stream};
use crate::heap::{Filled, Slot};
use crate::nn::options::Convolves;
use crate::nn::{Conv1d, Conv1dOptions};
use crate::ops::Addend;
use crate::ops::conv::Arranged;
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Buffer, Tensor};

/// What a convolution keeps: the frames of its window but the newest, and its weight in the order in which a step reads it, on machines
/// where that is another than the layer's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ConvState<A, W: Shape> {
    window: History<A>,
    weight: Arranged<W>,
}

impl<A: Shape, W: Shape> Buffer for ConvState<A, W> {
    const ZERO: Self = Self { window: History::ZERO, weight: Arranged::ZERO };

    #[inline]
    fn zero_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        crate::in_place!(slot, Self { window: History::zero_in, weight: Arranged::zero_in })
    }
}

impl<const IN: usize, const OUT: usize, const KERNEL: usize, O, T: Float> Stream<Tensor<[[T; 1]; IN]>>
    for Conv1d<IN, OUT, KERNEL, O, T>
where
    O: Conv1dOptions<IN, OUT, KERNEL, Settings: OverTime>,
{
    type Output = Tensor<[[T; 1]; OUT]>;
    type State = ConvState<<O::Settings as OverTime>::Past<[T; IN]>, <O::Settings as Convolves<IN, OUT>>::Weight<T>>;
    type Delay = <O::Settings as OverTime>::Delay;
    const STRIDE: usize = <O::Settings as OverTime>::SPAN.stride;
    const LATENCY: usize = <O::Settings as OverTime>::SPAN.ahead();
    const RECEPTIVE_FIELD: usize = <O::Settings as OverTime>::SPAN.reach() + 1;
    const STEP_BYTES: usize = size_of::<Option<Self::Output>>()
        + Arranged::<<O::Settings as Convolves<IN, OUT>>::Weight<T>>::patch_bytes(size_of::<
            <O::Settings as Convolves<IN, OUT>>::Patches<T>,
        >());

    fn start(&self, state: &mut Self::State) {
        state.weight.arrange(const { &O::Settings::SIZES }, &self.weight);
    }

    #[inline]
    fn step<R>(
        &self,
        state: &mut Self::State,
        x: &mut Tensor<[[T; 1]; IN]>,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R> {
        if <O::Settings as OverTime>::REPEATS && state.window.is_new() {
            state.window.fill(x.as_slice());
        }
        let y = state.window.is_due::<O::Settings>().then(|| {
            let (mut y, mut patch) = (Tensor::zeros(), Tensor::<<O::Settings as Convolves<IN, OUT>>::Patches<T>>::zeros());
            let bias = self.bias.tensor().map(Tensor::as_slice).unwrap_or_default();
            let (sizes, past) = (const { &O::Settings::SIZES }, state.window.past());
            state.weight.step(sizes, (&self.weight, bias), past, x.as_slice(), patch.as_mut_slice(), y.as_mut_slice());
            y
        });
        state.window.push::<O::Settings>(x.as_slice(), true);
        y.map(|mut y| next(&mut y))
    }

    /// The padding of the end comes as any other frame.
    fn finish(&self, state: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output)) {
        for _ in 0..<O::Settings as OverTime>::SPAN.end {
            let mut x = Tensor::zeros();
            if <O::Settings as OverTime>::REPEATS {
                state.window.copy_newest(x.as_mut_slice());
            }
            self.step(state, &mut x, &mut *next);
        }
    }
}
