//! Chains of layers, and tuples and arrays of them.

use core::fmt::{self, Formatter};

use rand::Rng;

use super::describe;
use super::wrapper::{computes, numbers_parts, prints_and_starts, trains};
use super::{
    Backprop, Gradients, LayerSummary, LayerVisitor, Layout, Module, Name, Parameters, Plus, Step, Streams, Times, Update,
    Visitor, VisitorMut, Watch, Zip,
};
use crate::heap::{Filled, Slot};
use crate::init::Init;
use crate::ops::cost::larger;
use crate::tensor::Buffer;

/// Layers one after the other, as [`torch.nn.Sequential`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html).
///
/// Its type is a nested pair, which [`Sequential!`](macro@crate::Sequential) writes; [`sequential!`](crate::sequential) writes
/// the value.
///
/// ```
/// use adamant::prelude::*;
///
/// type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
/// const _: () = Net::check::<Tensor<[[f32; 64]; 8]>>(); // the layers fit each other and this input
///
/// let net = Net::init(&mut SmallRng::seed_from_u64(0));
/// let y: Tensor<[[f32; 10]; 8]> = net.forward(&Tensor::<[[f32; 64]; 8]>::zeros());
/// assert_eq!(Net::PARAMETERS, 64 * 32 + 32 + 32 * 10 + 10);
/// println!("{net}");
/// ```
///
/// # How long it may be
///
/// A chain nests its layers in each other, and the compiler follows only so deep before it asks for
/// `#![recursion_limit = "512"]` in the first line of the crate (of `main.rs` or `lib.rs`, and of each file of `tests`). Without:
///
/// | | up to | past that, rustc says |
/// |---|---|---|
/// | layers of one chain | 124 | "overflow evaluating the requirement", and what to write |
/// | layers of a model, those of inner chains counted, too: residual blocks of three layers in a chain | 128: 43 blocks | "reached the recursion limit while instantiating", and *not* what to write |
/// | fields of a struct of layers ([`derive(Module)`](macro@crate::Module)) that alternate, as `Linear` and `Relu` | 256 | the same |
/// | layers of one kind in any model | 128 | the same |
///
/// The number to write is twice that of the layers (252 layers and 84 such blocks build with 256). `cargo check` of 120 layers
/// takes 0.2 s as a chain and 0.9 s as a struct, `cargo build` 1.4 and 2.4 s, `cargo build --release` 35 s either way, since all of
/// them become one function.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(transparent)]
pub struct Sequential<C>(
    /// The layers: `(first, (second, (…, last)))`.
    pub C,
);

impl<C> Sequential<C> {
    /// Checks at compile time that the model takes an input of type `X`. Where it does not, this gives the clearest message:
    ///
    /// ```compile_fail
    /// # use adamant::prelude::*;
    /// type Net = Sequential![Linear<3, 4>, Relu, Linear<5, 2>];
    /// const _: () = Net::check::<Tensor<[f32; 3]>>();
    /// // error: layer `Linear<5, 2>` cannot take input `Tensor<[f32; 4]>`
    /// ```
    pub const fn check<X>()
    where
        Self: Module<X>,
    {
        // Some layers' numbers are checked where what they cost is counted.
        let _ = Self::MACS;
    }
}

impl<C: Parameters> Parameters for Sequential<C> {
    numbers_parts! { C at .0, "Sequential" }
}

prints_and_starts!(Sequential);

impl<X, C: Module<X>> Module<X> for Sequential<C> {
    computes! { X, C at .0 }
}

impl<X: Clone, C: Backprop<X>> Backprop<X> for Sequential<C> {
    trains! { X, C at .0 }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        visitor.layer(&LayerSummary::of::<X, Self>(name, depth));
        C::layers_chain(name, 0, depth + 1, visitor);
    }
}

/// A pair of layers is a chain of two: the second takes what the first gives. Longer chains nest in the second place.
impl<X, A, B> Module<X> for (A, B)
where
    A: Module<X>,
    B: Module<A::Output>,
{
    type Output = B::Output;
    const MACS: u64 = A::MACS + B::MACS;
    const FORWARD_BYTES: usize = size_of::<A::Output>() + larger(A::FORWARD_BYTES, B::FORWARD_OVER_BYTES);
    const FORWARD_OVER_BYTES: usize = A::FORWARD_WITH_BYTES + B::FORWARD_OVER_BYTES;
    const FORWARD_WITH_BYTES: usize = A::FORWARD_WITH_BYTES + B::FORWARD_WITH_BYTES;

    #[inline]
    fn forward_into(&self, x: &X, y: &mut B::Output) {
        let mut h = A::Output::ZERO;
        self.0.forward_into(x, &mut h);
        self.1.forward_over(&mut h, y);
    }

    #[inline]
    fn forward_over(&self, x: &mut X, y: &mut B::Output) {
        self.0.forward_with(x, |h| self.1.forward_over(h, y));
    }

    #[inline]
    fn forward_with<R>(&self, x: &mut X, next: impl FnOnce(&mut B::Output) -> R) -> R {
        self.0.forward_with(x, |h| self.1.forward_with(h, next))
    }

    #[inline]
    fn forward_training(&self, x: &X, grads: &mut Self::Grads) -> B::Output {
        let h = self.0.forward_training(x, &mut grads.0);
        self.1.forward_training(&h, &mut grads.1)
    }
}

impl<X: Clone, A, B> Backprop<X> for (A, B)
where
    A: Backprop<X>,
    B: Backprop<A::Output>,
{
    const BACKPROP_BYTES: usize = A::BACKPROP_BYTES + B::BACKPROP_BYTES;

    #[inline]
    fn backprop<R>(&self, x: &mut X, grads: &mut Self::Grads, next: impl FnOnce(&mut B::Output) -> R) -> R {
        self.0.backprop(x, &mut grads.0, |h| self.1.backprop(h, &mut grads.1, next))
    }

    #[inline]
    fn backprop_params<R>(&self, x: &X, grads: &mut Self::Grads, next: impl FnOnce(&mut B::Output) -> R) -> R {
        self.0.backprop_params(x, &mut grads.0, |h| {
            if A::PARAMETERS == 0 {
                // Nothing before the second layer is trained, so nobody reads the gradient with respect to its input.
                self.1.backprop_params(h, &mut grads.1, next)
            } else {
                self.1.backprop(h, &mut grads.1, next)
            }
        })
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut B::Output) -> R) -> R {
        self.0.backprop_input(x, |h| self.1.backprop_input(h, next))
    }

    #[inline]
    fn backprop_watched<W: Watch, R>(
        &self,
        wanted: bool,
        x: &mut X,
        (first, second): &mut Self::Grads,
        watch: &mut W,
        next: impl FnOnce(&mut B::Output, &mut W) -> R,
    ) -> R {
        let later = wanted || A::PARAMETERS > 0;
        self.0.backprop_watched(wanted, x, first, watch, |h, watch| self.1.backprop_watched(later, h, second, watch, next))
    }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        Self::layers_chain(name, 0, depth, visitor);
    }

    fn layers_chain<V: LayerVisitor>(name: Name<'_>, index: usize, depth: usize, visitor: &mut V) {
        A::layers(name.index(index), depth, visitor);
        B::layers_chain(name, index + 1, depth, visitor);
    }
}

/// The count of some parts.
macro_rules! counts {
    ($m:ident) => { $m::Count };
    ($m:ident $($rest:ident)+) => { Plus<$m::Count, counts!($($rest)+)> };
}

/// Tuples of anything that may be part of a model. Only a pair is a chain.
macro_rules! tuples {
    ($(($($m:ident $i:tt),+) { $($chain:item)* } { $($chain_grads:item)* })+) => {$(
        impl<$($m: Parameters),+> Parameters for ($($m,)+) {
            type Grads = ($($m::Grads,)+);
            type Count = counts!($($m)+);
            const PARAMETERS: usize = 0 $(+ $m::PARAMETERS)+;
            const NUMBERS: usize = 0 $(+ $m::NUMBERS)+;
            const TRAINS_DIFFERENTLY: bool = false $(|| $m::TRAINS_DIFFERENTLY)+;
            const COUPLES_SAMPLES: bool = false $(|| $m::COUPLES_SAMPLES)+;
            const LAYOUT: Layout<Self> = crate::layout!(Tuple Self { $($i: $m = Step::index($i)),+ });

            #[inline]
            fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
                $(self.$i.visit(name.index($i), visitor);)+
            }

            #[inline]
            fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
                $(self.$i.visit_mut(name.index($i), visitor);)+
            }

            #[inline]
            fn update<const K: usize, U: Update<K>>(
                &mut self,
                grads: &Self::Grads,
                mut state: [&mut Self::Grads; K],
                update: &mut U,
            ) {
                $(self.$i.update(&grads.$i, state.each_mut().map(|s| &mut s.$i), update);)+
            }

            #[inline]
            fn begin(&self, grads: &mut Self::Grads, streams: &mut Streams) {
                $(self.$i.begin(&mut grads.$i, streams);)+
            }

            #[inline]
            fn absorb(&mut self, grads: &Self::Grads) {
                $(self.$i.absorb(&grads.$i);)+
            }

            fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
                describe::parent(f, "", |f| {
                    $(describe::child(f, &$i, &self.$i)?;)+
                    Ok(())
                })
            }

            $($chain)*
        }

        impl<$($m: Gradients),+> Gradients for ($($m,)+) {
            type Carried = ($($m::Carried,)+);

            #[inline]
            fn carried(&self) -> Self::Carried {
                ($(self.$i.carried(),)+)
            }

            #[inline]
            fn carry(&mut self, carried: &Self::Carried) {
                $(self.$i.carry(&carried.$i);)+
            }

            #[inline]
            fn zip<const K: usize, Z: Zip<K>>(&mut self, others: [&Self; K], zip: &mut Z) {
                $(self.$i.zip(others.map(|o| &o.$i), zip);)+
            }

            #[inline]
            fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
                $(self.$i.visit(name.index($i), visitor);)+
            }

            #[inline]
            fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
                $(self.$i.visit_mut(name.index($i), visitor);)+
            }

            $($chain_grads)*
        }

        impl<$($m: Init),+> Init for ($($m,)+) {
            const BLANK: Self = ($($m::BLANK,)+);
            const COMPLETE: Self = ($($m::COMPLETE,)+);

            fn blank_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
                crate::in_place!(slot, ($($i: $m::blank_in),+))
            }

            fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
                $(self.$i.reset_parameters(rng);)+
            }
        }
    )+};
}

tuples! {
    (A 0) {} {}
    (A 0, B 1) {
        fn visit_chain<V: Visitor>(&self, name: Name<'_>, index: usize, visitor: &mut V) {
            self.0.visit(name.index(index), visitor);
            self.1.visit_chain(name, index + 1, visitor);
        }
        fn visit_chain_mut<V: VisitorMut>(&mut self, name: Name<'_>, index: usize, visitor: &mut V) {
            self.0.visit_mut(name.index(index), visitor);
            self.1.visit_chain_mut(name, index + 1, visitor);
        }
        fn describe_chain(&self, f: &mut Formatter<'_>, index: usize) -> fmt::Result {
            describe::child(f, &index, &self.0)?;
            self.1.describe_chain(f, index + 1)
        }
    } {
        fn visit_chain<V: Visitor>(&self, name: Name<'_>, index: usize, visitor: &mut V) {
            self.0.visit(name.index(index), visitor);
            self.1.visit_chain(name, index + 1, visitor);
        }
        fn visit_chain_mut<V: VisitorMut>(&mut self, name: Name<'_>, index: usize, visitor: &mut V) {
            self.0.visit_mut(name.index(index), visitor);
            self.1.visit_chain_mut(name, index + 1, visitor);
        }
    }
    (A 0, B 1, C 2) {} {}
    (A 0, B 1, C 2, D 3) {} {}
    (A 0, B 1, C 2, D 3, E 4) {} {}
    (A 0, B 1, C 2, D 3, E 4, F 5) {} {}
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6) {} {}
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7) {} {}
}

/// An array of equal layers, as [`torch.nn.ModuleList`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html). Where
/// each gives what it takes, the array is a chain.
impl<M: Parameters, const N: usize> Parameters for [M; N] {
    type Grads = [M::Grads; N];
    type Count = Times<M::Count, N>;
    const PARAMETERS: usize = N * M::PARAMETERS;
    const NUMBERS: usize = N * M::NUMBERS;
    const TRAINS_DIFFERENTLY: bool = M::TRAINS_DIFFERENTLY;
    const COUPLES_SAMPLES: bool = M::COUPLES_SAMPLES;
    const IS_LAYER: bool = M::IS_LAYER;
    const LAYOUT: Layout<Self> = Layout::EACH;

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        for (i, layer) in self.iter().enumerate() {
            layer.visit(name.index(i), visitor);
        }
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        for (i, layer) in self.iter_mut().enumerate() {
            layer.visit_mut(name.index(i), visitor);
        }
    }

    fn update<const K: usize, U: Update<K>>(&mut self, grads: &Self::Grads, state: [&mut Self::Grads; K], update: &mut U) {
        let mut state = state;
        for (i, (layer, grads)) in self.iter_mut().zip(grads).enumerate() {
            layer.update(grads, state.each_mut().map(|s| &mut s[i]), update);
        }
    }

    fn begin(&self, grads: &mut Self::Grads, streams: &mut Streams) {
        self.iter().zip(grads).for_each(|(layer, grads)| layer.begin(grads, streams));
    }

    fn absorb(&mut self, grads: &Self::Grads) {
        self.iter_mut().zip(grads).for_each(|(layer, grads)| layer.absorb(grads));
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        describe::parent(f, "ModuleList", |f| {
            let mut layers = self.iter().enumerate();
            layers.try_for_each(|(i, layer)| describe::child(f, &i, layer))
        })
    }
}

/// Equal layers one after the other: `x` moves to and fro between two buffers.
impl<X: Buffer, M: Module<X, Output = X>, const N: usize> Module<X> for [M; N] {
    type Output = X;
    const MACS: u64 = N as u64 * M::MACS;
    const FORWARD_BYTES: usize = size_of::<X>() + M::FORWARD_OVER_BYTES;
    const FORWARD_OVER_BYTES: usize = M::FORWARD_OVER_BYTES;
    const FORWARD_WITH_BYTES: usize = size_of::<X>() + M::FORWARD_OVER_BYTES;

    #[inline]
    fn forward_into(&self, x: &X, y: &mut X) {
        self.forward_over(&mut x.clone(), y);
    }

    #[inline]
    fn forward_over(&self, x: &mut X, y: &mut X) {
        to_and_fro(self, x, y);
        if N.is_multiple_of(2) {
            *y = *x;
        }
    }

    #[inline]
    fn forward_with<R>(&self, x: &mut X, next: impl FnOnce(&mut X) -> R) -> R {
        let mut y = X::ZERO;
        to_and_fro(self, x, &mut y);
        next(if N.is_multiple_of(2) { x } else { &mut y })
    }

    #[inline]
    fn forward_training(&self, x: &X, grads: &mut Self::Grads) -> X {
        let start = *x;
        self.iter().zip(grads).fold(start, |x, (layer, grads)| layer.forward_training(&x, grads))
    }
}

/// Each layer writes over the other buffer; the last one's is `y` where their number is odd.
#[inline]
fn to_and_fro<X: Buffer, M: Module<X, Output = X>, const N: usize>(layers: &[M; N], x: &mut X, y: &mut X) {
    let (mut from, mut to) = (x, y);
    for layer in layers {
        layer.forward_over(from, to);
        core::mem::swap(&mut from, &mut to);
    }
}

/// Each layer's input is kept, and each runs forward once more on the way back, as what `#[forward]` calls in a loop does.
impl<X: Buffer, M: Backprop<X, Output = X>, const N: usize> Backprop<X> for [M; N] {
    const BACKPROP_BYTES: usize =
        Kept::<X, M, N>::BYTES + size_of::<X>() + larger(size_of::<X>() + M::FORWARD_BYTES, M::BACKPROP_BYTES);

    #[inline]
    fn backprop<R>(&self, x: &mut X, grads: &mut Self::Grads, next: impl FnOnce(&mut X) -> R) -> R {
        let mut kept = Kept::<X, M, N>::NONE;
        let mut y = kept.forward(self, x, grads);
        let result = next(&mut y);
        kept.back(self, grads, &mut y, |_| true);
        *x = y;
        result
    }

    #[inline]
    fn backprop_params<R>(&self, x: &X, grads: &mut Self::Grads, next: impl FnOnce(&mut X) -> R) -> R {
        if M::PARAMETERS == 0 {
            return next(&mut self.forward_training(x, grads));
        }
        let mut kept = Kept::<X, M, N>::NONE;
        let mut y = kept.forward(self, x, grads);
        let result = next(&mut y);
        kept.back(self, grads, &mut y, |i| i > 0);
        result
    }

    #[inline]
    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut X) -> R) -> R {
        let (mut inputs, mut y) = ([X::ZERO; N], *x);
        for (layer, input) in self.iter().zip(&mut inputs) {
            *input = y;
            y = layer.forward_inside(input);
        }
        let result = next(&mut y);
        for (layer, input) in self.iter().zip(&mut inputs).rev() {
            layer.backprop_input(input, |d| *d = y);
            y = *input;
        }
        *x = y;
        result
    }

    fn layers<V: LayerVisitor>(name: Name<'_>, depth: usize, visitor: &mut V) {
        visitor.layer(&LayerSummary { kind: "ModuleList", ..LayerSummary::of::<X, Self>(name, depth) });
        (0..N).for_each(|i| M::layers(name.index(i), depth + 1, visitor));
    }
}

/// What the layers of an array start from: their inputs, and what their gradients carried.
struct Kept<X, M: Parameters, const N: usize> {
    inputs: [X; N],
    carried: [<M::Grads as Gradients>::Carried; N],
}

impl<X: Buffer, M: Backprop<X, Output = X>, const N: usize> Kept<X, M, N> {
    const NONE: Self = Self { inputs: [X::ZERO; N], carried: [<M::Grads as Gradients>::Carried::ZERO; N] };
    const BYTES: usize = size_of::<Self>();

    /// Forward through the layers.
    #[inline]
    fn forward(&mut self, layers: &[M; N], x: &X, grads: &mut [M::Grads; N]) -> X {
        let mut y = *x;
        for (((layer, grads), input), carried) in layers.iter().zip(grads).zip(&mut self.inputs).zip(&mut self.carried) {
            (*input, *carried) = (y, grads.carried());
            y = layer.forward_training(input, grads);
        }
        y
    }

    /// Back through them: `d` is the gradient with respect to the output and becomes that with respect to the input, where the
    /// layer of that number wants it. Each sees again what it saw, and leaves no second trace.
    #[inline]
    fn back(&mut self, layers: &[M; N], grads: &mut [M::Grads; N], d: &mut X, wants_input: impl Fn(usize) -> bool) {
        let steps = layers.iter().zip(grads).zip(&mut self.inputs).zip(&self.carried).enumerate().rev();
        for (i, (((layer, grads), input), carried)) in steps {
            let now = grads.carried();
            grads.carry(carried);
            layer.backprop_if(wants_input(i), input, grads, |y| *y = *d);
            grads.carry(&now);
            *d = *input;
        }
    }
}

impl<G: Gradients, const N: usize> Gradients for [G; N] {
    type Carried = [G::Carried; N];

    #[inline]
    fn carried(&self) -> Self::Carried {
        self.each_ref().map(G::carried)
    }

    #[inline]
    fn carry(&mut self, carried: &Self::Carried) {
        self.iter_mut().zip(carried).for_each(|(grads, carried)| grads.carry(carried));
    }

    fn zip<const K: usize, Z: Zip<K>>(&mut self, others: [&Self; K], zip: &mut Z) {
        for (i, own) in self.iter_mut().enumerate() {
            own.zip(others.map(|o| &o[i]), zip);
        }
    }

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        for (i, grads) in self.iter().enumerate() {
            grads.visit(name.index(i), visitor);
        }
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        for (i, grads) in self.iter_mut().enumerate() {
            grads.visit_mut(name.index(i), visitor);
        }
    }
}

impl<M: Init, const N: usize> Init for [M; N] {
    const BLANK: Self = [M::BLANK; N];
    const COMPLETE: Self = [M::COMPLETE; N];

    fn blank_in(slot: Slot<'_, Self>) -> Filled<'_, Self> {
        slot.each(M::blank_in)
    }

    fn reset_parameters<R: Rng + ?Sized>(&mut self, rng: &mut R) {
        self.iter_mut().for_each(|layer| layer.reset_parameters(rng));
    }
}
