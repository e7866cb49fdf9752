//! [`Identity`].

use super::Layer;
use super::stateless::stateless;
use crate::tensor::Buffer;

/// y = x, for any input. After [`torch.nn.Identity`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Identity.forward(&Tensor([1.0f32, 2.0])), Tensor([1.0, 2.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Identity;

stateless!([] Identity = Self, |_this| "Identity()";);

#[crate::layer]
#[diagnostic::do_not_recommend]
impl<X: Buffer> Layer<X> for Identity {
    type Output = X;
    type Kept = ();
    const LEND_BYTES: usize = 0;
    const TRAIN_BYTES: usize = 0;

    #[inline]
    fn compute(&self, x: &X, y: &mut X) {
        y.clone_from(x);
    }

    #[inline]
    fn lend<R>(&self, x: &mut X, next: impl FnOnce(&mut X) -> R) -> R {
        next(x)
    }

    #[inline]
    fn backward_input(&self, x: &mut X, (): &(), dy: &mut X) {
        x.clone_from(dy);
    }

    /// The buffer of the input serves as the output.
    #[inline]
    fn backprop<R>(&self, x: &mut X, (): &mut (), next: impl FnOnce(&mut X) -> R) -> R {
        next(x)
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut X) -> R) -> R {
        next(x)
    }
}
