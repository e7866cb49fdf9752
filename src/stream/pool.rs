//! Pools along time.

use super::{History, OverTime, Stream, WindowSizes};
use crate::nn::options::{Averages, Counting, Maxima, PoolKind, Pools};
use crate::nn::{AvgPool1d, AvgPool1dOptions, Dilation, MaxPool1d, MaxPool1dOptions};
use crate::ops::pool::larger;
use crate::simd::{self, Float};
use crate::tensor::Tensor;

/// What a pool makes of the frames of a window, one after the other.
pub trait PoolsOverTime: PoolKind {
    /// What y is before the first.
    fn none<T: Float>() -> T;

    /// y with another frame.
    fn with<T: Float>(y: T, x: T) -> T;

    /// y at the end, given the frames that it is made of, those that the window has, and those that it is beyond the padding.
    fn end<T: Float>(y: &mut [T], frames: usize, taps: usize, beyond: usize);
}

impl<const D: usize> PoolsOverTime for Maxima<Dilation<D>> {
    #[inline(always)]
    fn none<T: Float>() -> T {
        T::NEG_INFINITY
    }

    #[inline(always)]
    fn with<T: Float>(y: T, x: T) -> T {
        larger(y, x)
    }

    #[inline(always)]
    fn end<T: Float>(_: &mut [T], _: usize, _: usize, _: usize) {}
}

impl<C: Counting> PoolsOverTime for Averages<C> {
    #[inline(always)]
    fn none<T: Float>() -> T {
        T::ZERO
    }

    #[inline(always)]
    fn with<T: Float>(y: T, x: T) -> T {
        y + x
    }

    #[inline(always)]
    fn end<T: Float>(y: &mut [T], frames: usize, taps: usize, beyond: usize) {
        match (C::INCLUDE_PAD, beyond) {
            (true, 0) => simd::scale(y, T::from_usize(taps).recip()),
            (true, _) => simd::map_in_place(y, |y| y / T::from_usize(taps.saturating_sub(beyond))),
            (false, _) => simd::map_in_place(y, |y| y / T::from_usize(frames)),
        }
    }
}

/// One step: with a frame of the signal, or with one of the padding behind it.
#[inline]
fn step<C: OverTime + Pools<Kind: PoolsOverTime>, T: Float, const N: usize, R>(
    window: &mut History<C::Past<[T; N]>>,
    x: &Tensor<[[T; 1]; N]>,
    real: bool,
    next: impl FnOnce(&mut Tensor<[[T; 1]; N]>) -> R,
) -> Option<R> {
    let sizes: &WindowSizes = const { &C::SPAN };
    let y = window.is_due::<C>().then(|| {
        let mut y = Tensor::full(C::Kind::none());
        let (frames, padding) = window.signal(sizes, x.as_slice(), real);
        let mut count = 0;
        for frame in frames {
            simd::zip_in_place(y.as_mut_slice(), frame, C::Kind::with);
            count += 1;
        }
        C::Kind::end(y.as_mut_slice(), count, sizes.taps, padding.saturating_sub(sizes.start));
        y
    });
    window.push::<C>(x.as_slice(), real);
    y.map(|mut y| next(&mut y))
}

macro_rules! pools {
    ($($pool:ident $options:ident;)+) => {$(
        impl<T: Float, const N: usize, const KERNEL: usize, O> Stream<Tensor<[[T; 1]; N]>> for $pool<KERNEL, O>
        where
            O: $options<KERNEL, Settings: OverTime + Pools<Kind: PoolsOverTime>>,
        {
            type Output = Tensor<[[T; 1]; N]>;
            type State = History<<O::Settings as OverTime>::Past<[T; N]>>;
            type Delay = <O::Settings as OverTime>::Delay;
            const STRIDE: usize = <O::Settings as OverTime>::SPAN.stride;
            const LATENCY: usize = <O::Settings as OverTime>::SPAN.ahead();
            const RECEPTIVE_FIELD: usize = <O::Settings as OverTime>::SPAN.reach() + 1;
            const STEP_BYTES: usize = size_of::<Option<Self::Output>>();

            #[inline]
            fn step<R>(
                &self,
                window: &mut Self::State,
                x: &mut Tensor<[[T; 1]; N]>,
                next: impl FnOnce(&mut Self::Output) -> R,
            ) -> Option<R> {
                step::<O::Settings, T, N, R>(window, x, true, next)
            }

            fn finish(&self, window: &mut Self::State, next: &mut dyn FnMut(&mut Self::Output)) {
                for _ in 0..<O::Settings as OverTime>::SPAN.end {
                    step::<O::Settings, T, N, ()>(window, &Tensor::zeros(), false, &mut *next);
                }
            }
        }
    )+};
}

pools! {
    MaxPool1d MaxPool1dOptions;
    AvgPool1d AvgPool1dOptions;
}
