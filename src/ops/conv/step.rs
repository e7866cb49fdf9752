//! One output of a convolution along time, of frames that come one by one.

use super::Convolution;
use crate::shape::Shape;
#[allow(unused_imports, reason = "a machine without vectors reads the layer's weight")]
use crate::simd::gemm_nn;
use crate::simd::{Cut, Float, copy, gemm_nt};
use crate::tensor::{Buffer, Tensor};

/// Whether a machine with vectors is at hand, or its order of sums is asked for: then a step reads the weight in another order than the
/// layer's, and has a copy of it.
macro_rules! either {
    ({ $($vectors:item)* } { $($none:item)* }) => {
        $(
            #[cfg(any(
                target_arch = "x86_64",
                target_arch = "x86",
                target_arch = "aarch64",
                all(target_arch = "wasm32", target_feature = "simd128"),
                feature = "exact"
            ))]
            $vectors
        )*
        $(
            #[cfg(not(any(
                target_arch = "x86_64",
                target_arch = "x86",
                target_arch = "aarch64",
                all(target_arch = "wasm32", target_feature = "simd128"),
                feature = "exact"
            )))]
            $none
        )*
    };
}

either! {
    {
        /// A weight in the order in which a step reads it: `[KERNEL][groups][IN / groups][OUT / groups]`, as a machine with vectors has it.
        /// It begins where a line of the cache does, so that no vector of 16 outputs lies in two.
        #[derive(Clone, Copy, PartialEq, Debug)]
        #[repr(align(64))]
        pub struct Arranged<W: Shape>(Tensor<W>);

        impl<W: Shape<Elem: Float>> Arranged<W> {
            /// The bytes that a step's `patch` takes, which has so many: none, for it is not used.
            pub const fn patch_bytes(_: usize) -> usize {
                0
            }

            /// Takes the layer's weight.
            pub fn arrange(&mut self, sizes: &Convolution, weight: &Tensor<W>) {
                let [_, taps] = sizes.window.kernel;
                crate::simd::conv::arrange(weight.as_slice(), taps, sizes.groups, sizes.out_channels, self.0.as_mut_slice());
            }

            /// y = b + w ⋆ the window, whose frames but the newest, `x`, lie in a ring; the oldest's first number is there. An empty bias
            /// is one of zeros. (`patch` is room for one output's weights, for a machine without vectors.)
            #[inline(always)]
            pub fn step(
                &self,
                sizes: &Convolution,
                (_, bias): (&Tensor<W>, &[W::Elem]),
                past: (&[W::Elem], usize),
                x: &[W::Elem],
                _: &mut [W::Elem],
                y: &mut [W::Elem],
            ) {
                let ([_, taps], [_, dilation]) = (sizes.window.kernel, sizes.window.dilation);
                let (apart, weight) = (dilation * x.len(), self.0.as_slice());
                let group = [sizes.group_in(), sizes.group_out()];
                let step = crate::simd::conv::Step { taps, group, past, apart, newest: x, weight, bias };
                crate::simd::conv::correlate_window(&step, y);
            }

            /// Takes the weight of a transposed convolution.
            pub fn arrange_transposed(&mut self, taps: usize, weight: &Tensor<W>) {
                let mut to = self.0.as_mut_slice().iter_mut();
                for tap in 0..taps {
                    let of_tap = weight.as_slice().iter().skip(tap).step_by(taps);
                    of_tap.zip(&mut to).for_each(|(&w, to)| *to = w);
                }
            }

            /// y += what a frame adds through one element of the kernel of a transposed convolution.
            #[inline]
            pub fn add_tap(&self, sizes: &Convolution, _: &Tensor<W>, tap: usize, x: &[W::Elem], y: &mut [W::Elem]) {
                let (inputs, outputs) = (sizes.group_out(), sizes.group_in());
                let weight = self.0.as_slice().get(tap * x.len() * outputs..).unwrap_or_default();
                for ((x, y), weight) in x.runs(inputs).zip(y.runs_mut(outputs)).zip(weight.runs(inputs * outputs)) {
                    gemm_nn(1, inputs, outputs, x, weight, y);
                }
            }
        }

        impl<W: Shape> Buffer for Arranged<W> {
            const ZERO: Self = Self(Tensor::ZERO);

            #[inline]
            fn zero_in(slot: crate::heap::Slot<'_, Self>) -> crate::heap::Filled<'_, Self> {
                crate::in_place!(slot, Self { 0: Tensor::zero_in })
            }
        }
    }
    {
        /// A weight in the order in which a step reads it: the layer's, so there is no copy.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub struct Arranged<W: Shape>(core::marker::PhantomData<fn() -> W>);

        impl<W: Shape<Elem: Float>> Arranged<W> {
            /// The bytes that a step's `patch` takes, which has so many.
            pub const fn patch_bytes(patch: usize) -> usize {
                patch
            }

            /// Takes the layer's weight.
            pub fn arrange(&mut self, _: &Convolution, _: &Tensor<W>) {}

            /// y = b + w ⋆ the window, whose frames but the newest, `x`, lie in a ring; the oldest's first number is there. An empty bias
            /// is one of zeros. `patch` is room for one output's weights.
            #[inline(always)]
            pub fn step(
                &self,
                sizes: &Convolution,
                (weight, bias): (&Tensor<W>, &[W::Elem]),
                past: (&[W::Elem], usize),
                x: &[W::Elem],
                patch: &mut [W::Elem],
                y: &mut [W::Elem],
            ) {
                in_place(sizes, weight.as_slice(), past, x, bias, patch, y);
            }

            /// Takes the weight of a transposed convolution.
            pub fn arrange_transposed(&mut self, _: usize, _: &Tensor<W>) {}

            /// y += what a frame adds through one element of the kernel of a transposed convolution.
            pub fn add_tap(&self, sizes: &Convolution, weight: &Tensor<W>, tap: usize, x: &[W::Elem], y: &mut [W::Elem]) {
                add_tap_in_place(sizes, weight.as_slice(), tap, x, y);
            }
        }

        impl<W: Shape> Buffer for Arranged<W> {
            const ZERO: Self = Self(core::marker::PhantomData);
        }
    }
}

/// y = b + w ⋆ the window with the layer's weight: of each group its window laid out as the weights of an output are, and dot products.
#[cfg_attr(not(test), allow(dead_code))]
#[inline(never)]
fn in_place<T: Float>(
    sizes: &Convolution,
    weight: &[T],
    past: (&[T], usize),
    x: &[T],
    bias: &[T],
    patch: &mut [T],
    y: &mut [T],
) {
    let (inputs, outputs, size) = (sizes.group_in(), sizes.group_out(), patch.len());
    match bias {
        [] => y.fill(T::ZERO),
        bias => copy(bias, y),
    }
    for ((group, y), weight) in y.runs_mut(outputs).enumerate().zip(weight.runs(outputs * size)) {
        lay_out(sizes, past, x, group * inputs, patch);
        gemm_nt(1, size, outputs, patch, weight, y);
    }
}

/// y += what a frame adds through one element of the kernel of a transposed convolution, with the layer's weight,
/// `[IN][OUT / groups][KERNEL]`.
#[cfg_attr(not(test), allow(dead_code))]
#[inline(never)]
fn add_tap_in_place<T: Float>(sizes: &Convolution, weight: &[T], tap: usize, x: &[T], y: &mut [T]) {
    let ([_, taps], inputs, outputs) = (sizes.window.kernel, sizes.group_out(), sizes.group_in());
    let mut rows = weight.runs(outputs * taps);
    for (x, y) in x.runs(inputs).zip(y.runs_mut(outputs)) {
        for (&x, row) in x.iter().zip(&mut rows) {
            y.iter_mut().zip(row.iter().skip(tap).step_by(taps)).for_each(|(y, &w)| *y += x * w);
        }
    }
}

/// The window of a group whose first channel this is, `[IN / groups][KERNEL]`.
#[inline(always)]
fn lay_out<T: Float>(sizes: &Convolution, (ring, oldest): (&[T], usize), x: &[T], first: usize, patch: &mut [T]) {
    let ([_, taps], [_, dilation]) = (sizes.window.kernel, sizes.window.dilation);
    let (width, mut at) = (x.len(), oldest);
    for tap in 0..taps {
        let frame = if tap + 1 == taps { x } else { ring.get(at..at + width).unwrap_or_default() };
        at += dilation * width;
        at = if at >= ring.len() { at - ring.len() } else { at };
        for (&x, channel) in frame.get(first..).unwrap_or_default().iter().zip(patch.runs_mut(taps)) {
            if let Some(place) = channel.get_mut(tap) {
                *place = x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::options::{ConvSettings, ConvTransposeSettings, Convolves, Groups, Length};
    use crate::nn::{Causal, Dilation, OutputPadding, Padding, Stride};
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    /// A microcontroller's way gives what a machine with vectors does.
    #[test]
    fn both_ways_agree() {
        type Settings = ConvSettings<Length<3>, Stride<1>, Causal, Dilation<2>, Groups<2>>;
        let sizes = &<Settings as Convolves<4, 6>>::SIZES;
        let rng = &mut SmallRng::seed_from_u64(0);
        let (past, x) = (Tensor::<[[f64; 4]; 4]>::randn(rng), Tensor::<[f64; 4]>::randn(rng));
        let (weight, bias) = (Tensor::<[[[f64; 3]; 2]; 6]>::randn(rng), Tensor::<[f64; 6]>::randn(rng));
        let mut arranged = Arranged::ZERO;
        arranged.arrange(sizes, &weight);
        for oldest in [0, 4, 8, 12] {
            let (mut found, mut right, past) = (Tensor::zeros(), Tensor::zeros(), (past.as_slice(), oldest));
            let mut patch = [0.0; 6];
            in_place(sizes, weight.as_slice(), past, x.as_slice(), bias.as_slice(), &mut patch, found.as_mut_slice());
            arranged.step(sizes, (&weight, bias.as_slice()), past, x.as_slice(), &mut patch, right.as_mut_slice());
            assert!(found.all_close(&right, 1e-14, 1e-14), "{found} {right}");
            let frames: [&[f64]; 3] = [0, 8]
                .map(|i| &past.0[(oldest + i) % 16..][..4])
                .into_iter()
                .chain([x.as_slice()])
                .collect::<std::vec::Vec<_>>()
                .try_into()
                .unwrap();
            let by_hand = Tensor::<[f64; 6]>::from_fn(|[o]| {
                let taps = (0..3).flat_map(|k| (0..2).map(move |i| (k, i)));
                bias.0[o] + taps.map(|(k, i)| weight.0[o][i][k] * frames[k][o / 3 * 2 + i]).sum::<f64>()
            });
            assert!(found.all_close(&by_hand, 1e-14, 1e-14), "{found} {by_hand}");
        }
    }

    #[test]
    fn both_ways_of_a_transposed_one_agree() {
        type Settings = ConvTransposeSettings<Length<3>, Stride<2>, Padding<0>, OutputPadding<0>, Dilation<1>, Groups<2>>;
        let sizes = &<Settings as Convolves<4, 6>>::SIZES;
        let rng = &mut SmallRng::seed_from_u64(0);
        let (x, weight) = (Tensor::<[f64; 4]>::randn(rng), Tensor::<[[[f64; 3]; 3]; 4]>::randn(rng));
        let mut arranged = Arranged::ZERO;
        arranged.arrange_transposed(3, &weight);
        for tap in 0..3 {
            let (mut found, mut right) = (Tensor::<[f64; 6]>::ones(), Tensor::<[f64; 6]>::ones());
            add_tap_in_place(sizes, weight.as_slice(), tap, x.as_slice(), found.as_mut_slice());
            arranged.add_tap(sizes, &weight, tap, x.as_slice(), right.as_mut_slice());
            assert!(found.all_close(&right, 1e-14, 1e-14), "{found} {right}");
            let by_hand = Tensor::<[f64; 6]>::from_fn(|[o]| {
                1.0 + (0..2).map(|i| o / 3 * 2 + i).map(|i| weight.0[i][o % 3][tap] * x.0[i]).sum::<f64>()
            });
            assert!(found.all_close(&by_hand, 1e-14, 1e-14), "{found} {by_hand}");
        }
    }
}
