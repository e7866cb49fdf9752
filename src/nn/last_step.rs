//! [`LastStep`].

use super::Layer;
use super::stateless::stateless;
use crate::shape::Sequences;
use crate::simd::{self, Cut, Float};
use crate::tensor::Tensor;

/// The last step of each sequence: what a classifier takes from a recurrent layer.
///
/// | | |
/// |---|---|
/// | input | `[L][N]`, a batch `[B][L][N]` |
/// | output | `[N]`, `[B][N]` |
///
/// As `x[:, -1]` in PyTorch. Where the last step of a recurrent layer runs through time in both directions, the one that runs backwards has
/// seen one step there: its final state says more. Of sequences of unequal [`Lengths`](super::Lengths) the final state is what stands at
/// their ends.
///
/// ```
/// use adamant::prelude::*;
/// type Net = Sequential![Gru<8, 24>, LastStep, Linear<24, 10>];
/// let net = Net::init(&mut SmallRng::seed_from_u64(0));
/// let logits: Tensor<[[f32; 10]; 2]> = net.forward(&Tensor::<[[[f32; 8]; 5]; 2]>::ones());
/// assert_eq!(LastStep.forward(&Tensor([[1.0, 2.0], [3.0, 4.0]])), Tensor([3.0, 4.0]));
/// ```
#[doc(alias("select", "x[:, -1]"))]
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct LastStep;

stateless!([] LastStep = Self, |_this| "LastStep()";);

impl LastStep {
    /// Where the last frame of a sequence begins.
    const fn at<S: Sequences<Self>>() -> usize {
        S::STEPS.saturating_sub(1) * S::WIDTH
    }
}

#[crate::layer]
impl<S: Sequences<Self, Scalar: Float>> Layer<Tensor<S>> for LastStep {
    type Output = Tensor<S::Frame>;
    type Kept = ();

    #[inline]
    fn compute(&self, x: &Tensor<S>, y: &mut Self::Output) {
        y.fill(S::Scalar::ZERO);
        for (x, y) in x.as_slice().runs(S::STEPS * S::WIDTH).zip(y.as_mut_slice().runs_mut(S::WIDTH)) {
            simd::copy(x.get(Self::at::<S>()..).unwrap_or_default(), y);
        }
    }

    #[inline]
    fn backward_input(&self, x: &mut Tensor<S>, (): &(), dy: &mut Self::Output) {
        x.fill(S::Scalar::ZERO);
        for (x, dy) in x.as_mut_slice().runs_mut(S::STEPS * S::WIDTH).zip(dy.as_slice().runs(S::WIDTH)) {
            simd::copy(dy, x.get_mut(Self::at::<S>()..).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::gradcheck;
    use crate::nn::Module;
    use crate::prelude::{SeedableRng, SmallRng};

    #[test]
    fn gradients() {
        let x = Tensor::<[[[f64; 3]; 4]; 2]>::randn(&mut SmallRng::seed_from_u64(0));
        gradcheck(&mut LastStep, &x, 1e-7).unwrap();
        gradcheck(&mut LastStep, x.at::<1>(), 1e-7).unwrap();
        assert_eq!(LastStep.forward(&x).0, [x.0[0][3], x.0[1][3]]);
        assert_eq!(LastStep.forward(&Tensor::<[[f32; 2]; 0]>::zeros()), Tensor::zeros());
    }
}
