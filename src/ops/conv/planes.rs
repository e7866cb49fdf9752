//! Large convolutions: by [`simd::conv`](crate::simd::conv), which needs no patches.

use super::Convolution;
use crate::ops::window::Border;
use crate::simd::conv::Correlation;

/// The fewest multiply-accumulates of a sample for which it is worth its tables.
const LARGE: u64 = 1 << 11;

/// The fewest output channels of a group that fill enough of a vector for the weight's gradient.
const VECTOR: usize = 4;

/// The most pairs of channels for which the weight's gradient runs on copies of the planes.
const MANY: usize = 1024;

impl Convolution {
    /// From the window's input to its output, if that runs without patches.
    pub(super) const fn ahead(&self) -> Option<Correlation> {
        let w = &self.window;
        self.worth(Correlation {
            channels: self.group_in(),
            outputs: self.group_out(),
            kernel: w.kernel,
            stride: w.stride,
            padding: w.padding,
            dilation: w.dilation,
            beyond: beyond(w.border),
            source: w.input,
            output: w.output,
            turned: false,
        })
    }

    /// From the window's output to its input, if that runs without patches: with a stride of 1, the correlation with the kernels turned
    /// round, over planes with as many zeros around as the kernel's last element is beyond the padding.
    pub(super) const fn back(&self) -> Option<Correlation> {
        let w = &self.window;
        let reach = [w.dilation[0] * (w.kernel[0].saturating_sub(1)), w.dilation[1] * (w.kernel[1].saturating_sub(1))];
        let zeros = matches!(w.border, Border::Zeros) && reach[0] >= w.padding[0] && reach[1] >= w.padding[1];
        if !zeros || w.stride[0] != 1 || w.stride[1] != 1 {
            return None;
        }
        self.worth(Correlation {
            channels: self.group_out(),
            outputs: self.group_in(),
            kernel: w.kernel,
            stride: [1; 2],
            padding: [reach[0] - w.padding[0], reach[1] - w.padding[1]],
            dilation: w.dilation,
            beyond: beyond(Border::Zeros),
            source: w.output,
            output: w.input,
            turned: true,
        })
    }

    /// The weight's gradient, if that runs without patches: not where a copy of the planes would be for so many channels that
    /// patches, which are made once for all outputs, are faster.
    pub(super) const fn of_weight(&self) -> Option<Correlation> {
        match self.ahead() {
            Some(sizes)
                if self.group_out() >= VECTOR && (sizes.scratch() == 0 || self.group_in() * self.group_out() <= MANY) =>
            {
                Some(sizes)
            }
            _ => None,
        }
    }

    const fn worth(&self, sizes: Correlation) -> Option<Correlation> {
        if self.window.is_identity() || self.macs() < LARGE || !sizes.fits() { None } else { Some(sizes) }
    }
}

/// What stands around a plane, as a function.
const fn beyond(border: Border) -> Option<fn(isize, usize) -> Option<usize>> {
    match border {
        Border::Zeros => None,
        Border::Reflect => Some(|i, n| Border::Reflect.index(i, n)),
        Border::Replicate => Some(|i, n| Border::Replicate.index(i, n)),
        Border::Circular => Some(|i, n| Border::Circular.index(i, n)),
    }
}
