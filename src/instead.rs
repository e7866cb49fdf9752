//! What to write instead of PyTorch's habits that have no place here, said where they are written.
//!
//! Each name is a method that no type has: it asks for a trait that nothing implements, and the compiler says that trait's message,
//! whatever the arguments are. A user's own method of the same name goes before it.

use crate::nn::Param;
use crate::shape::Shape;
use crate::simd::Float;
use crate::tensor::{Right, Tensor};

/// Methods of a tensor: the name, the trait that is never implemented, and what to write.
macro_rules! of_tensors {
    ($($method:ident $never:ident $message:literal)+) => {$(
        #[diagnostic::on_unimplemented(message = $message, label = "not a method of tensors")]
        pub trait $never {}

        #[doc(hidden)]
        impl<S> Tensor<S>
        where
            Self: $never,
        {
            pub const fn $method(&self) {}
        }
    )+};
}

of_tensors! {
    view View "a shape is a type: what PyTorch's `view` does is `x.reshape::<[[f32; 2]; 3]>()`"
    unsqueeze Unsqueeze "an axis is a constant: PyTorch's `unsqueeze(0)` is `x.insert_axis::<0>()`"
    squeeze Squeeze "an axis is a constant: PyTorch's `squeeze(0)` is `x.remove_axis::<0>()`"
    size Size "a tensor's shape is its type: its dimensions are the constants `DIMS` and `LEN` of `adamant::Shape`"
    log Log "the natural logarithm is `x.ln()`"
    log1p Log1p "the logarithm of 1 + x is `x.ln_1p()`"
    pow Pow "a power is `x.powi(2)` or `x.powf(0.5)`"
    mm Mm "every product of matrices, and of batches of them, is `a.matmul(&b)`"
    bmm Bmm "every product of matrices, and of batches of them, is `a.matmul(&b)`"
    t T "a matrix is transposed with `x.transpose()`"
    item Item "a number is no tensor: `x.sum()` and `x.mean()` give one, `x.get([i, j])` an element"
    requires_grad_ RequiresGrad "what is trained says its type: a field that is a `Param` is, a plain `Tensor` is not"
}

/// Joining a list of tensors, which here are of different types.
#[diagnostic::on_unimplemented(
    message = "tensors of different shapes have different types: PyTorch's `cat((a, b), 0)` is `a.concat::<0, _>(&b)`",
    label = "not a list of tensors to concatenate",
    note = "several of one shape are put side by side along a new axis with `Tensor::stack::<0>([a, b, c])`"
)]
pub trait Cat: Sized {
    fn never(self) -> !;
}

#[doc(hidden)]
impl Tensor<()> {
    // What is returned fits any type, so that it causes no second error.
    pub fn cat<T: Cat>(tensors: T, _axis: isize) -> ! {
        tensors.never()
    }
}

/// Methods of other values: the trait that has the method, the method, of what, the trait that is never implemented, what to write.
macro_rules! of_values {
    ($($has:ident $method:ident [$($of:tt)*] $never:ident $message:literal $note:literal)+) => {$(
        #[diagnostic::on_unimplemented(message = $message, label = "there is nothing to do here", note = $note)]
        pub trait $never {}

        #[doc(hidden)]
        pub trait $has {
            fn $method(&self) {}
        }

        impl<T: $($of)* $never> $has for T {}
    )+};
}

of_values! {
    Backward backward [] Tape
        "a loss is a number and remembers nothing: `model.gradients` computes it and the gradients together"
        "`let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));`"
    ZeroGrad zero_grad [] Zeroed
        "gradients are a value of their own: every `model.gradients(…)` starts from zero"
        "gradients that are added up with `add_gradients` are set to zero with `grads.zero()`"
    Eval eval [crate::nn::Parameters +] Mode
        "there is no mode to set: `forward` evaluates, `gradients` and `backprop` train"
        "dropout and batch normalisation know by the function that is called"
}

/// A parameter as an operand by value, where it must be lent. ([`Right`] says so: this is there for the compiler to look further than to
/// the one implementation for what is no reference, that of numbers. A copy that worked would let clippy ask for it everywhere.)
pub trait Copied {}

impl<L: Shape<Elem: Float>, S> Right<L> for Param<S>
where
    Self: Copied,
{
    type Output = Tensor<L>;

    fn combine(self, left: Tensor<L>, _: impl Fn(L::Elem, L::Elem) -> L::Elem + Copy) -> Tensor<L> {
        left
    }
}
