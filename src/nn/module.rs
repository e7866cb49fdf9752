//! What a layer is: the traits.
//!
//! [`Parameters`] knows what a layer *has*, [`Module`] what it *computes*, [`Backprop`] how it *learns*. Inference needs the
//! first two and carries no gradient memory.
//!
//! A layer is seldom written with these entries: [`#[layer]`](macro@crate::layer) and [`#[forward]`](macro@crate::forward) write them.
//! Two places pass on every one, `wrapper.rs` for layers around another and `fields.rs` for structs of layers; a new entry goes there, too.

use core::fmt::{self, Display, Formatter};

use super::inside::{Evaluation, Training};
use super::{Layout, Lent, LossOf, Name, Streams, Update, Visitor, VisitorMut, Watch, Zip};
use crate::simd::{Float, SMALL};
use crate::stack::{by_value, with_room};
use crate::tensor::Buffer;

/// The gradients of a layer or model: a value of the same structure, whose leaves are tensors.
///
/// `Grads<Linear<3, 2>>` has the fields `weight` and `bias`; that of a layer without parameters is `()`.
pub type Grads<M> = <M as Parameters>::Grads;

/// What a layer or model has: parameters, their names, the structure of their gradients. It knows no input.
///
/// `#[derive(Module)]` writes it. It holds for every field that a model may have: [`Param`](super::Param), plain tensors, other
/// layers, tuples, arrays and options of such, and plain numbers (which are neither saved nor trained). A layer whose `Parameters`
/// are written by hand says with [`Chainable`](super::Chainable) that it is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a model",
    note = "a model's fields are `Param`s, tensors, layers (`#[derive(Module)]`), plain numbers, and tuples and arrays of such"
)]
pub trait Parameters {
    /// The gradients: a mirror of the structure. Zero-sized where nothing is trained.
    type Grads: Gradients;
    /// How many numbers are trained, as an expression for the type checker ([`Flat`](super::Flat) evaluates it).
    type Count;
    /// How many numbers are trained, those of absent parts (`None`) included.
    #[doc(alias = "numel")]
    const PARAMETERS: usize;
    /// How many numbers are kept in all: trained, frozen and plain state, those of absent parts included.
    const NUMBERS: usize;
    /// Whether training computes something else than evaluation, as dropout and batch normalisation do. Such a layer has a
    /// [`forward_training`](Module::forward_training) and a [`backprop_input`](Backprop::backprop_input) of its own.
    const TRAINS_DIFFERENTLY: bool = false;
    /// Whether in training the samples of a batch have a part in each other's results, as they have where the batch's statistics are
    /// [observed](super::Running).
    const COUPLES_SAMPLES: bool = false;
    /// Whether it is printed as a layer of its own (a parameter and a plain number are not).
    const IS_LAYER: bool = true;
    /// Where its tensors lie in its memory, for [`weights!`](crate::weights!).
    const LAYOUT: Layout<Self> = Layout::UNKNOWN;

    /// Shows every tensor to `visitor`, in the order of the fields, each with its name below `name`.
    #[doc(alias = "state_dict")]
    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V);

    /// Lets `visitor` write every tensor, in the order of the fields.
    #[doc(alias = "load_state_dict")]
    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V);

    /// Lets `update` change every trainable parameter, given its gradient and its part of `K` mirrors.
    fn update<const K: usize, U: Update<K>>(&mut self, grads: &Self::Grads, state: [&mut Self::Grads; K], update: &mut U);

    /// Copies into fresh gradients what training carries along beside them: running statistics, and of each random stream what it
    /// draws from, which `streams` gives out.
    fn begin(&self, grads: &mut Self::Grads, streams: &mut Streams) {
        let _ = (grads, streams);
    }

    /// Takes back what training carried along. Every optimiser's `step` calls it; an own update rule must.
    fn absorb(&mut self, grads: &Self::Grads) {
        let _ = grads;
    }

    /// Writes the layer as PyTorch prints it.
    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result;

    /// As [`visit`](Self::visit) where this is the rest of a chain whose next layer has the number `index`.
    #[doc(hidden)]
    fn visit_chain<V: Visitor>(&self, name: Name<'_>, index: usize, visitor: &mut V) {
        self.visit(name.index(index), visitor);
    }

    /// As [`visit_mut`](Self::visit_mut) where this is the rest of a chain whose next layer has the number `index`.
    #[doc(hidden)]
    fn visit_chain_mut<V: VisitorMut>(&mut self, name: Name<'_>, index: usize, visitor: &mut V) {
        self.visit_mut(name.index(index), visitor);
    }

    /// As [`describe`](Self::describe) where this is the rest of a chain whose next layer has the number `index`.
    #[doc(hidden)]
    fn describe_chain(&self, f: &mut Formatter<'_>, index: usize) -> fmt::Result {
        super::describe::child(f, &index, self)
    }

    /// Zero gradients, ready for `backprop`.
    #[inline]
    fn zero_grads(&self) -> Self::Grads {
        self.worker_grads(0)
    }

    /// Zero gradients of one of several workers that train the model together: each draws masks and noise of its own. Worker 0's
    /// are [`zero_grads`](Self::zero_grads).
    #[inline]
    fn worker_grads(&self, worker: u64) -> Self::Grads {
        const { by_value::<Self::Grads>("`zero_grads`", "`model.boxed_grads()`") };
        let mut grads = Self::Grads::ZERO;
        self.begin(&mut grads, &mut Streams::of_worker(worker));
        grads
    }

    /// Zero gradients on the heap, ready for `backprop`; they never stand on the stack.
    #[cfg(feature = "alloc")]
    fn boxed_grads(&self) -> alloc::boxed::Box<Self::Grads> {
        let mut grads = Self::Grads::boxed();
        self.begin(&mut grads, &mut Streams::default());
        grads
    }

    /// Calls `f` with the name, the sizes and the kind of every tensor, as PyTorch's `named_parameters()` and
    /// `named_buffers()` together.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let model = <Sequential![Linear<3, 2>, Relu, Linear<2, 1>]>::init(&mut SmallRng::seed_from_u64(0));
    /// let mut names = Vec::new();
    /// model.named_parameters(|info| names.push(format!("{} {}", info.name, info.dims)));
    /// assert_eq!(names, ["0.weight [3, 2]", "0.bias [2]", "2.weight [2, 1]", "2.bias [1]"]);
    /// ```
    #[doc(alias("parameters", "named_buffers"))]
    fn named_parameters(&self, f: impl FnMut(&super::Info<'_>)) {
        struct Call<F>(F);
        impl<F: FnMut(&super::Info<'_>)> Visitor for Call<F> {
            fn visit<T: Float>(&mut self, info: &super::Info<'_>, _: &[T]) {
                (self.0)(info);
            }
        }
        self.visit(Name::ROOT, &mut Call(f));
    }
}

/// A layer: what it computes from an input of type `X`.
///
/// The shape of the output is the associated type, so a chain of layers type-checks if and only if each output is the next
/// one's input.
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` cannot take input `{X}`",
    label = "this layer and this input do not fit"
)]
#[doc(alias = "nn.Module")]
pub trait Module<X>: Parameters {
    /// What the layer gives.
    type Output: Buffer;

    /// What `#[forward]` finds out.
    #[doc(hidden)]
    const EVALUATION: Evaluation = Evaluation::NONE;
    /// Multiply-accumulates of one forward pass.
    const MACS: u64 = Self::EVALUATION.macs;
    /// Bytes of buffers that [`forward_into`](Self::forward_into) makes beside its input and output.
    const FORWARD_BYTES: usize = Self::EVALUATION.bytes;
    /// As `FORWARD_BYTES`, for [`forward_over`](Self::forward_over).
    const FORWARD_OVER_BYTES: usize = Self::FORWARD_BYTES;
    /// As `FORWARD_BYTES`, for [`forward_with`](Self::forward_with) without what `next` makes.
    const FORWARD_WITH_BYTES: usize = Self::FORWARD_BYTES + size_of::<Self::Output>();

    /// Computes the output into `y`, whose former content does not matter. This is evaluation: dropout does nothing, batch
    /// normalisation uses its running statistics.
    fn forward_into(&self, x: &X, y: &mut Self::Output);

    /// Computes the output into `y` and may use `x` as working memory.
    #[inline]
    fn forward_over(&self, x: &mut X, y: &mut Self::Output) {
        self.forward_into(x, y);
    }

    /// Computes the output, in place where the layer can, and lends it to `next`.
    #[inline]
    fn forward_with<R>(&self, x: &mut X, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        let mut y = Self::Output::ZERO;
        self.forward_into(x, &mut y);
        next(&mut y)
    }

    /// Computes the output. One that is too large for a stack does not build: [`forward_into`](Self::forward_into) takes a buffer on
    /// the heap.
    #[doc(alias("eval", "no_grad", "__call__"))]
    #[inline]
    fn forward(&self, x: impl Lent<Input = X>) -> Self::Output {
        const { by_value::<Self::Output>("`forward`", "`let mut y = Tensor::boxed(); model.forward_into(&x, &mut y);`") };
        super::inside::with_room::<X, Self, _>(|| self.forward_inside(x.lent()))
    }

    /// As [`forward`](Self::forward), within another pass, which has seen to the room on the stack.
    #[doc(hidden)]
    #[inline]
    fn forward_inside(&self, x: &X) -> Self::Output {
        let mut y = Self::Output::ZERO;
        self.forward_into(x, &mut y);
        y
    }

    /// Computes the output as training does, without a backward pass: dropout drops, batch normalisation uses the batch's statistics
    /// and moves the running ones in `grads`. Where training is no different, this is [`forward`](Self::forward).
    ///
    /// `#[forward]` calls it for a layer that is called several times or in a loop, and on the way back runs
    /// [`backprop`](Backprop::backprop) from what `grads` [carried](Gradients::carried) before, so that this is seen once more.
    #[doc(alias = "train")]
    #[inline]
    fn forward_training(&self, x: &X, grads: &mut Self::Grads) -> Self::Output {
        const {
            assert!(!Self::TRAINS_DIFFERENTLY, "a layer whose training differs from evaluation needs a `forward_training`");
        }
        let _ = grads;
        self.forward_inside(x)
    }
}

/// A layer that learns: its backward pass.
///
/// The call stack is the tape. Each layer computes its output in its own frame and lends it to `next`, which turns it into the
/// loss's gradient with respect to it; then the layer turns its input into the gradient with respect to *that*. Nothing is
/// recorded, boxed or moved, and each activation's buffer becomes its own gradient.
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` cannot take input `{X}`",
    label = "this layer and this input do not fit, or the layer has no backward pass"
)]
pub trait Backprop<X: Clone>: Module<X> {
    /// What `#[forward]` finds out.
    #[doc(hidden)]
    const TRAINING: Training = Training::NONE;
    /// Bytes of buffers that [`backprop`](Self::backprop) makes, without those of `next`.
    const BACKPROP_BYTES: usize = size_of::<Self::Output>();

    /// Runs forward on `x`, lets `next` turn the output into the loss's gradient with respect to it, then turns `x` into the
    /// gradient with respect to `x` and adds the parameters' gradients to `grads`.
    fn backprop<R>(&self, x: &mut X, grads: &mut Self::Grads, next: impl FnOnce(&mut Self::Output) -> R) -> R;

    /// As [`backprop`](Self::backprop) where nobody reads the gradient with respect to `x`: the first layer of a model. A layer
    /// without trained parameters must not read the gradient that `next` leaves.
    #[inline]
    fn backprop_params<R>(&self, x: &X, grads: &mut Self::Grads, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        self.backprop(&mut x.clone(), grads, next)
    }

    /// As [`backprop`](Self::backprop) in evaluation and without the parameters' gradients: what a frozen layer does.
    ///
    /// The provided method computes the parameters' gradients and drops them; a layer that has any overrides it, and one that trains
    /// differently must.
    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        const {
            assert!(!Self::TRAINS_DIFFERENTLY, "a layer whose training differs from evaluation needs a `backprop_input`");
        }
        let mut grads = Self::Grads::ZERO;
        self.begin(&mut grads, &mut Streams::default());
        self.backprop(x, &mut grads, next)
    }

    /// [`backprop`](Self::backprop) if the gradient with respect to `x` is wanted, and else
    /// [`backprop_params`](Self::backprop_params).
    #[doc(hidden)]
    #[inline]
    fn backprop_if<R>(&self, wanted: bool, x: &mut X, grads: &mut Self::Grads, next: impl FnOnce(&mut Self::Output) -> R) -> R {
        match wanted {
            true => self.backprop(x, grads, next),
            false => self.backprop_params(x, grads, next),
        }
    }

    /// As [`backprop_if`](Self::backprop_if), and shows `watch` the gradients of each part as soon as they are final.
    ///
    /// The provided method shows the layer's as a whole when its frame returns; what chains layers overrides it.
    #[doc(hidden)]
    #[inline]
    fn backprop_watched<W: Watch, R>(
        &self,
        wanted: bool,
        x: &mut X,
        grads: &mut Self::Grads,
        watch: &mut W,
        next: impl FnOnce(&mut Self::Output, &mut W) -> R,
    ) -> R {
        let result = self.backprop_if(wanted, x, grads, |y| next(y, watch));
        watch.settled(grads);
        result
    }

    /// The table of a model's layers for an input of this type, as [torchinfo](https://github.com/TylerYep/torchinfo) prints it:
    /// output shapes, parameters, multiply-accumulates, bytes of activations. Only the input's type counts. A layer that
    /// `#[forward]` calls is listed once, wherever it is called.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let net = <Sequential![Linear<64, 32>, Relu, Linear<32, 10>]>::BLANK;
    /// println!("{}", net.summary(&Tensor::<[[f32; 64]; 8]>::zeros()));
    /// ```
    #[doc(alias("torchinfo", "torchsummary"))]
    fn summary(&self, _: &X) -> super::Summary<Self, X>
    where
        Self: Sized,
    {
        super::Summary::new()
    }

    /// Shows this layer and then those inside it, named below `name`. The totals are constants of this trait and of [`Module`].
    fn layers<V: super::LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V)
    where
        Self: Sized,
    {
        visitor.layer(&super::LayerSummary::of::<X, Self>(name, depth));
        Self::TRAINING.show(name, depth + 1, visitor);
    }

    /// As [`layers`](Self::layers) where this is the rest of a chain whose next layer has the number `index`.
    #[doc(hidden)]
    fn layers_chain<V: super::LayerVisitor>(name: Name<'_>, index: usize, depth: usize, visitor: &mut V)
    where
        Self: Sized,
    {
        Self::layers(name.index(index), depth, visitor);
    }

    /// The loss of one batch and the gradients of all parameters.
    ///
    /// `loss` is given the model's output and leaves the loss's gradient in its place, as every function of
    /// [`loss`](crate::loss) and every [`#[forward]`](macro@crate::forward) function does that is given a `&mut`; what it returns, a
    /// [`Loss`](super::Loss), says so. One that only reads the output does not compile.
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let model = Linear::<3, 2>::init(rng);
    /// let (x, y) = (Tensor::<[[f32; 3]; 8]>::randn(rng), Tensor::<[[f32; 2]; 8]>::randn(rng));
    /// let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
    /// println!("{loss} {}", grads.weight);
    /// ```
    #[doc(alias("backward", "autograd", "GradientTape"))]
    #[inline]
    fn gradients<L: LossOf<Self::Output, Value: Default>>(
        &self,
        x: &X,
        loss: impl FnOnce(&mut Self::Output) -> L,
    ) -> (L::Value, Self::Grads) {
        const {
            let instead = "`let mut grads = model.boxed_grads(); model.add_gradients(&x, &mut grads, …);`";
            by_value::<Self::Grads>("`gradients`", instead);
        }
        if SMALL {
            // From a value of their own the compiler makes them where the caller takes them apart, if it sees all that is done to them.
            let mut grads = self.zero_grads();
            return (self.add_gradients(x, &mut grads, loss), grads);
        }
        // The gradients are made where they are returned.
        let mut result = (L::Value::default(), Self::Grads::ZERO);
        self.begin(&mut result.1, &mut Streams::default());
        result.0 = self.add_gradients(x, &mut result.1, loss);
        result
    }

    /// Adds the gradients of one batch to those of the batches before, and returns its loss: a batch in several parts, or gradients
    /// on the heap. See [`gradients`](Self::gradients).
    ///
    /// ```
    /// use adamant::prelude::*;
    /// let rng = &mut SmallRng::seed_from_u64(0);
    /// let model = Linear::<3, 2>::init(rng);
    /// let (x, y) = (Tensor::<[[f32; 3]; 8]>::randn(rng), Tensor::<[[f32; 2]; 8]>::randn(rng));
    /// let mut grads = model.boxed_grads();
    /// for _ in 0..4 {
    ///     model.add_gradients(&x, &mut grads, |p| 0.25 * mse_loss(p, &y, Reduction::Mean));
    /// }
    /// assert!(grads.norm() > 0.0);
    /// ```
    #[inline]
    fn add_gradients<L: LossOf<Self::Output>>(
        &self,
        x: &X,
        grads: &mut Self::Grads,
        loss: impl FnOnce(&mut Self::Output) -> L,
    ) -> L::Value {
        with_room(Self::BACKPROP_BYTES + size_of::<X>(), || self.backprop_params(x, grads, |y| loss(y).finish(y)))
    }

    /// As [`add_gradients`](Self::add_gradients), the same bits, and lends `watch` the gradients of each part of the model as soon as they
    /// are final, while the pass goes on to those before it: [`Watch`]. `x` is working memory.
    #[inline]
    fn add_gradients_watched<W: Watch, L: LossOf<Self::Output>>(
        &self,
        x: &mut X,
        grads: &mut Self::Grads,
        watch: &mut W,
        loss: impl FnOnce(&mut Self::Output) -> L,
    ) -> L::Value {
        with_room(Self::BACKPROP_BYTES + size_of::<X>(), || {
            self.backprop_watched(false, x, grads, watch, |y, _| loss(y).finish(y))
        })
    }
}

/// Gradients: a plain value that mirrors a model's structure.
///
/// Beside gradients it may carry what training draws from and leaves behind (random streams, running statistics); the arithmetic
/// here leaves that alone.
pub trait Gradients: Buffer {
    /// What is carried beside the gradients; `()` or made of such where there is nothing.
    type Carried: Buffer;

    /// Walks through the tensors of these gradients and of `K` others in step.
    fn zip<const K: usize, Z: Zip<K>>(&mut self, others: [&Self; K], zip: &mut Z);

    /// Shows every tensor to `visitor`, in the order of the model's fields.
    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V);

    /// Lets `visitor` write every tensor, in the order of the model's fields.
    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V);

    /// As [`visit`](Self::visit) where these are of the rest of a chain whose next layer has the number `index`.
    #[doc(hidden)]
    fn visit_chain<V: Visitor>(&self, name: Name<'_>, index: usize, visitor: &mut V) {
        self.visit(name.index(index), visitor);
    }

    /// As [`visit_mut`](Self::visit_mut) where these are of the rest of a chain whose next layer has the number `index`.
    #[doc(hidden)]
    fn visit_chain_mut<V: VisitorMut>(&mut self, name: Name<'_>, index: usize, visitor: &mut V) {
        self.visit_mut(name.index(index), visitor);
    }

    /// What is carried now.
    fn carried(&self) -> Self::Carried;

    /// Puts back what was carried at some time: the next pass draws and observes what the one after that time did.
    fn carry(&mut self, carried: &Self::Carried);

    /// Sets every gradient to zero.
    #[doc(alias = "zero_grad")]
    fn zero(&mut self) {
        struct Zero;
        impl Zip<0> for Zero {
            fn zip<T: Float>(&mut self, own: &mut [T], []: [&[T]; 0]) {
                crate::simd::fill(own, T::ZERO);
            }
        }
        self.zip([], &mut Zero);
    }

    /// Adds other gradients to these: the sum over two halves of a batch, or over threads.
    fn add(&mut self, other: &Self) {
        struct Add;
        impl Zip<1> for Add {
            fn zip<T: Float>(&mut self, own: &mut [T], [other]: [&[T]; 1]) {
                crate::simd::add_assign(own, other);
            }
        }
        self.zip([other], &mut Add);
    }

    /// Multiplies every gradient by `factor`, also by one that the gradients' type cannot hold.
    fn scale(&mut self, factor: f64) {
        struct Scale(f64);
        impl Zip<0> for Scale {
            fn zip<T: Float>(&mut self, own: &mut [T], []: [&[T]; 0]) {
                let factor = T::from_f64(self.0);
                if self.0 == 0.0 || (factor.abs() >= T::MIN_POSITIVE && factor.is_finite()) {
                    return crate::simd::scale(own, factor);
                }
                crate::simd::map_in_place(own, |g| T::from_f64(g.to_f64() * self.0));
            }
        }
        self.zip([], &mut Scale(factor));
    }

    /// The Euclidean norm of all gradients as one vector, also where a square overflows or vanishes.
    fn norm(&self) -> f64 {
        /// The norm is `unit` · √`squares`.
        struct Norm {
            unit: f64,
            squares: f64,
        }
        impl Visitor for Norm {
            fn visit<T: Float>(&mut self, _: &super::Info<'_>, values: &[T]) {
                let (unit, squares) = crate::simd::squares_in_units(values);
                let norm = unit.to_f64() * Float::sqrt(squares.to_f64());
                // In units of the largest norm so far, no square overflows, and one that vanishes is nothing beside it.
                if norm > self.unit {
                    let ratio = self.unit / norm;
                    (self.unit, self.squares) = (norm, self.squares * ratio * ratio + 1.0);
                } else if norm != 0.0 {
                    let ratio = if norm == self.unit { 1.0 } else { norm / self.unit };
                    self.squares += ratio * ratio;
                }
            }
        }
        let mut norm = Norm { unit: 0.0, squares: 0.0 };
        self.visit(Name::ROOT, &mut norm);
        norm.unit * Float::sqrt(norm.squares)
    }

    /// Scales the gradients so that their norm is at most `max_norm`, and returns the norm before, as
    /// [`torch.nn.utils.clip_grad_norm_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html).
    ///
    /// A norm that is not finite makes every gradient NaN or zero, as there; check what is returned. It is finite wherever an `f64`
    /// can hold it, also where PyTorch's is not: `f32` gradients of 10²⁰ are scaled as any others.
    #[doc(alias = "clip_grad_norm_")]
    fn clip_norm(&mut self, max_norm: f64) -> f64 {
        let norm = self.norm();
        let factor = max_norm / (norm + 1e-6);
        // Written so that a NaN goes through.
        let factor = if factor > 1.0 { 1.0 } else { factor };
        if norm.is_finite() && factor.abs() < f64::MIN_POSITIVE {
            // A factor that has lost digits, in two that have not.
            self.scale(1.0 / (norm + 1e-6));
            self.scale(max_norm);
        } else {
            self.scale(factor);
        }
        norm
    }

    /// Limits every gradient to [−`clip`, `clip`], as
    /// [`torch.nn.utils.clip_grad_value_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html).
    /// A NaN stays.
    #[doc(alias = "clip_grad_value_")]
    fn clip_value(&mut self, clip: f64) {
        struct Clip(f64);
        impl Zip<0> for Clip {
            fn zip<T: Float>(&mut self, own: &mut [T], []: [&[T]; 0]) {
                let clip = T::from_f64(self.0);
                for g in own {
                    *g = if *g > clip {
                        clip
                    } else if *g < -clip {
                        -clip
                    } else {
                        *g
                    };
                }
            }
        }
        self.zip([], &mut Clip(clip));
    }
}

impl Gradients for () {
    type Carried = ();

    #[inline]
    fn carried(&self) {}

    #[inline]
    fn carry(&mut self, (): &()) {}

    #[inline]
    fn zip<const K: usize, Z: Zip<K>>(&mut self, _: [&Self; K], _: &mut Z) {}

    #[inline]
    fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}

    #[inline]
    fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}
}

/// A layer as PyTorch prints it, for `{}`.
pub struct Printed<'a, M: ?Sized>(pub &'a M);

impl<M: Parameters + ?Sized> Display for Printed<'_, M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.describe(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Tensor;

    type Numbers = (Tensor<[f32; 1]>, (Tensor<[f32; 40]>, Tensor<[f64; 1]>));

    #[track_caller]
    fn near(found: f64, right: f64) {
        assert!((found / right - 1.0).abs() < 1e-6, "{found:e}, not {right:e}");
    }

    #[test]
    fn a_norm_needs_no_square_to_be_representable() {
        for unit in [1.0f32, 1e20, 3e38, 1e-30, 1e-38] {
            near(Gradients::norm(&Tensor([unit, unit])), f64::from(unit) * 2f64.sqrt());
            let mixed: Numbers = (Tensor([unit]), (Tensor([unit; 40]), Tensor([3.0 * f64::from(unit)])));
            near(Gradients::norm(&mixed), f64::from(unit) * 50f64.sqrt());
        }
        for unit in [1e200, 1e307, 1e-200, 1e-300] {
            near(Gradients::norm(&(Tensor([3.0 * unit]), Tensor([0.0, 4.0 * unit]))), 5.0 * unit);
        }
    }

    #[test]
    fn what_is_not_finite_stays() {
        let norm = |a: f32, b: f32| Gradients::norm(&(Tensor([a]), Tensor([b, 0.0])));
        for (a, b) in [(f32::INFINITY, 1.0), (1.0, f32::NEG_INFINITY), (f32::INFINITY, f32::INFINITY)] {
            assert_eq!(norm(a, b), f64::INFINITY);
        }
        for (a, b) in [(f32::NAN, 1.0), (0.0, f32::NAN), (f32::INFINITY, f32::NAN), (f32::NAN, f32::INFINITY)] {
            assert!(norm(a, b).is_nan(), "{a} {b}");
        }
        assert_eq!(norm(0.0, 0.0), 0.0);
        let mut grads = Tensor([f32::INFINITY, 1.0]);
        grads.clip_norm(1.0);
        assert!(grads.0[0].is_nan() && grads.0[1] == 0.0);
    }

    #[test]
    fn clipping_scales_gradients_of_any_size() {
        for unit in [1.0f32, 1e20, 3e38] {
            let mut grads = Tensor([unit, unit]);
            near(grads.clip_norm(1.0), f64::from(unit) * 2f64.sqrt());
            near(grads.0[0].into(), 0.5f64.sqrt());
            near(grads.0[1].into(), 0.5f64.sqrt());
        }
        // By factors that `f32`, or `f64`, cannot hold.
        let mut grads = Tensor([2e38f32, 0.0]);
        grads.clip_norm(1e-10);
        near(grads.0[0].into(), 1e-10);
        let mut grads = (Tensor([1e300f64]), Tensor([3e38f32]));
        grads.clip_norm(1e-20);
        near(grads.0.0[0], 1e-20);
        let mut grads = Tensor([1e308, 0.0]);
        grads.clip_norm(1e-10);
        near(grads.0[0], 1e-10);
        // Small ones stay.
        let mut grads = Tensor([1e-30f32, 1e-30]);
        near(grads.clip_norm(1.0), 2f64.sqrt() * 1e-30);
        assert_eq!(grads, Tensor([1e-30, 1e-30]));
    }

    #[test]
    fn a_factor_may_be_beyond_the_type() {
        let mut grads = Tensor([1e-30f32, f32::NAN]);
        grads.scale(1e60);
        assert!((grads.0[0] / 1e30 - 1.0).abs() < 1e-6 && grads.0[1].is_nan());
        grads.scale(1e-60);
        assert!((grads.0[0] / 1e-30 - 1.0).abs() < 1e-6);
        grads.scale(0.0);
        assert_eq!(grads.0[0], 0.0);
    }
}
