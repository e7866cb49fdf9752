//! What `#[forward]` may take as a constant.

use super::Parameters;

/// A field that is not trained, so that its value is a constant to the backward pass.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is trained, so it is not a constant here",
    label = "its gradient would be lost",
    note = "lend it to an operation as `&self.…`, which gets the gradient"
)]
pub trait Setting {}

#[diagnostic::do_not_recommend]
impl<M: Parameters<Grads = ()>> Setting for M {}

/// The field of a layer, where `#[forward]` needs a constant.
#[inline(always)]
pub const fn setting<M: Setting>(field: &M) -> &M {
    field
}
