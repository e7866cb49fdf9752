//! [`Rnn`](crate::nn::Rnn), [`Lstm`](crate::nn::Lstm) and [`Gru`](crate::nn::Gru) frame by frame.

use super::{After, Stream};
use crate::nn::options::{RecurrentConfig, RecurrentOptions, StepByStep};
use crate::nn::{Gated, Recurrent, StepState};
use crate::simd::Float;
use crate::tensor::Tensor;

/// The state is the layer's own: h, or h and c.
impl<U: Gated, const IN: usize, const H: usize, O, T: Float> Stream<Tensor<[[T; IN]; 1]>> for Recurrent<U, IN, H, O, T>
where
    O: RecurrentOptions<U, Config: RecurrentConfig<Directions: StepByStep>>,
{
    type Output = Tensor<[[T; H]; 1]>;
    type State = StepState<O::Config, H, T>;
    type Delay = After<0>;
    const RECEPTIVE_FIELD: usize = usize::MAX;
    const STEP_BYTES: usize = Self::BUFFERS + size_of::<Self::Output>();

    #[inline]
    fn step<R>(
        &self,
        state: &mut Self::State,
        Tensor([x]): &mut Tensor<[[T; IN]; 1]>,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> Option<R> {
        let h = self.step(Tensor::from_ref(x), state);
        Some(next(&mut Tensor([h.0])))
    }
}
