//! [`Identity`].

use super::stateless::stateless;
use super::{Backprop, Module};
use crate::init::Init;
use crate::tensor::Buffer;
use rand::Rng;

/// y = x, for any input. After [`torch.nn.Identity`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html).
///
/// ```
/// use adamant::prelude::*;
/// assert_eq!(Identity.forward(&Tensor([1.0f32, 2.0])), Tensor([1.0, 2.0]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Identity;

stateless!([] Identity, |_this| "Identity()";);

impl Init for Identity {
    const BLANK: Self = Self;

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
}

#[diagnostic::do_not_recommend]
impl<X: Buffer> Module<X> for Identity {
    type Output = X;
    const FORWARD_WITH_BYTES: usize = 0;

    #[inline]
    fn forward_into(&self, x: &X, y: &mut X) {
        y.clone_from(x);
    }

    #[inline]
    fn forward_with<R>(&self, x: &mut X, next: impl FnOnce(&mut X) -> R) -> R {
        next(x)
    }
}

#[diagnostic::do_not_recommend]
impl<X: Buffer> Backprop<X> for Identity {
    const BACKPROP_BYTES: usize = 0;

    #[inline]
    fn backprop<R>(&self, x: &mut X, (): &mut (), next: impl FnOnce(&mut X) -> R) -> R {
        next(x)
    }
}
