//! What a layer around another passes on: all of it in this place, so that an entry that [`Parameters`](super::Parameters),
//! [`Module`](super::Module) or [`Backprop`](super::Backprop) gains is passed on by every wrapper once it stands here.
//!
//! (Traits have no way to say it: an impl for everything that wraps would overlap with each layer's own.) Each macro stands in an
//! `impl` and names the type inside and where it is: `evaluates! { X, M at .0 }` is the one in `self.0`, and `at` alone what `self` points to.

/// `Parameters` of a layer whose parts are numbered from 0, printed under its own name.
macro_rules! numbers_parts {
    ($M:ident at .$field:tt, $name:literal) => {
        type Grads = $crate::nn::Chained<$M::Grads>;
        type Count = $M::Count;
        const PARAMETERS: usize = $M::PARAMETERS;
        const NUMBERS: usize = $M::NUMBERS;
        const TRAINS_DIFFERENTLY: bool = $M::TRAINS_DIFFERENTLY;
        const COUPLES_SAMPLES: bool = $M::COUPLES_SAMPLES;
const LAYOUT: $crate::nn::Layout<Self> = $crate::layout!(Chain Self { $field: $M = $crate::nn::Step::SAME });

        fn visit<V: $crate::nn::Visitor>(&self, name: $crate::nn::Name<'_>, visitor: &mut V) {
            self.$field.visit_chain(name, 0, visitor);
        }

        fn visit_mut<V: $crate::nn::VisitorMut>(&mut self, name: $crate::nn::Name<'_>, visitor: &mut V) {
            self.$field.visit_chain_mut(name, 0, visitor);
        }

        #[inline]
        fn update<const K: usize, U: $crate::nn::Update<K>>(
            &mut self,
            grads: &Self::Grads,
            state: [&mut Self::Grads; K],
            update: &mut U,
        ) {
            self.$field.update(grads, state.map(|s| &mut s.layers), update);
        }

        #[inline]
        fn begin(&self, grads: &mut Self::Grads, streams: &mut $crate::nn::Streams) {
            self.$field.begin(grads, streams);
        }

        #[inline]
        fn absorb(&mut self, grads: &Self::Grads) {
            self.$field.absorb(grads);
        }

        fn describe(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            $crate::nn::describe::parent(f, $name, |f| self.$field.describe_chain(f, 0))
        }
    };
}

/// `Parameters` of a layer that keeps those inside, all but `visit_mut`. Neither the names nor what is printed are its own, as in PyTorch.
macro_rules! keeps_parameters {
    ($M:ident at $($at:tt)*) => {
        type Grads = ();
        type Count = $crate::nn::Untrained<$M::Count>;
        const PARAMETERS: usize = 0;
        const NUMBERS: usize = $M::NUMBERS;
        const IS_LAYER: bool = $M::IS_LAYER;

        fn visit<V: $crate::nn::Visitor>(&self, name: $crate::nn::Name<'_>, visitor: &mut V) {
            $M::visit(&self$($at)*, name, &mut $crate::nn::kept::AsFrozen(visitor));
        }

        #[inline]
        fn update<const K: usize, U: $crate::nn::Update<K>>(&mut self, (): &(), _: [&mut (); K], _: &mut U) {}

        fn describe(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            $M::describe(&self$($at)*, f)
        }
    };
}

/// `Module` of a layer that computes what the one inside does, in evaluation.
macro_rules! evaluates {
    ($X:ident, $M:ident at $($at:tt)*) => {
        type Output = $M::Output;
        const MACS: u64 = $M::MACS;
        const FORWARD_BYTES: usize = $M::FORWARD_BYTES;
        const FORWARD_OVER_BYTES: usize = $M::FORWARD_OVER_BYTES;
        const FORWARD_WITH_BYTES: usize = $M::FORWARD_WITH_BYTES;

        #[inline]
        fn forward_into(&self, x: &$X, y: &mut $M::Output) {
            $M::forward_into(&self$($at)*, x, y);
        }

        #[inline]
        fn forward_over(&self, x: &mut $X, y: &mut $M::Output) {
            $M::forward_over(&self$($at)*, x, y);
        }

        #[inline]
        fn forward_with<R>(&self, x: &mut $X, next: impl FnOnce(&mut $M::Output) -> R) -> R {
            $M::forward_with(&self$($at)*, x, next)
        }
    };
}

/// The same in training, too.
macro_rules! computes {
    ($X:ident, $M:ident at $($at:tt)*) => {
        $crate::nn::wrapper::evaluates! { $X, $M at $($at)* }

        #[inline]
        fn forward_training(&self, x: &$X, grads: &mut Self::Grads) -> $M::Output {
            $M::forward_training(&self$($at)*, x, grads)
        }
    };
}

/// `Backprop` of a layer that trains the one inside, all but `layers`.
macro_rules! trains {
    ($X:ident, $M:ident at $($at:tt)*) => {
        const BACKPROP_BYTES: usize = $M::BACKPROP_BYTES;

        #[inline]
        fn backprop<R>(&self, x: &mut $X, grads: &mut Self::Grads, next: impl FnOnce(&mut $M::Output) -> R) -> R {
            $M::backprop(&self$($at)*, x, grads, next)
        }

        #[inline]
        fn backprop_params<R>(&self, x: &$X, grads: &mut Self::Grads, next: impl FnOnce(&mut $M::Output) -> R) -> R {
            $M::backprop_params(&self$($at)*, x, grads, next)
        }

        #[inline]
        fn backprop_input<R>(&self, x: &mut $X, next: impl FnOnce(&mut $M::Output) -> R) -> R {
            $M::backprop_input(&self$($at)*, x, next)
        }

        #[inline]
        fn backprop_watched<W: $crate::nn::Watch, R>(
            &self,
            wanted: bool,
            x: &mut $X,
            grads: &mut Self::Grads,
            watch: &mut W,
            next: impl FnOnce(&mut $M::Output, &mut W) -> R,
        ) -> R {
            $M::backprop_watched(&self$($at)*, wanted, x, grads, watch, next)
        }
    };
}

/// `Backprop` of a layer that keeps the parameters of the one inside.
macro_rules! trains_nothing {
    ($X:ident, $M:ident at $($at:tt)*) => {
        const BACKPROP_BYTES: usize = $M::BACKPROP_BYTES;

        #[inline]
        fn backprop<R>(&self, x: &mut $X, (): &mut (), next: impl FnOnce(&mut $M::Output) -> R) -> R {
            $M::backprop_input(&self$($at)*, x, next)
        }

        #[inline]
        fn backprop_params<R>(&self, x: &$X, (): &mut (), next: impl FnOnce(&mut $M::Output) -> R) -> R {
            next(&mut $M::forward_inside(&self$($at)*, x))
        }

        #[inline]
        fn backprop_input<R>(&self, x: &mut $X, next: impl FnOnce(&mut $M::Output) -> R) -> R {
            $M::backprop_input(&self$($at)*, x, next)
        }

        fn layers<V: $crate::nn::LayerVisitor>(name: $crate::nn::Name<'_>, depth: usize, visitor: &mut V) {
            $M::layers(name, depth, &mut $crate::nn::kept::ShownFrozen(&mut *visitor));
        }
    };
}

/// `Display` and `Init` of a layer that prints as it describes itself and starts as what is inside.
macro_rules! prints_and_starts {
    ($wrapper:ident) => {
        impl<M: $crate::nn::Parameters> core::fmt::Display for $wrapper<M> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::nn::Parameters::describe(self, f)
            }
        }

        impl<M: $crate::init::Init> $crate::init::Init for $wrapper<M> {
            $crate::init::blank! { 0 }

            fn reset_parameters<R: $crate::rand::Rng + ?Sized>(&mut self, rng: &mut R) {
                self.0.reset_parameters(rng);
            }
        }
    };
}

pub(super) use {computes, evaluates, keeps_parameters, numbers_parts, prints_and_starts, trains, trains_nothing};

#[cfg(test)]
mod tests {
    use crate::nn::stateless::stateless;
    use crate::nn::{Backprop, Frozen, Module, Sequential};
    use crate::tensor::Buffer;
    use core::cell::Cell;

    type X = crate::Tensor<[f32; 2]>;

    /// A layer with every entry of its own, and none like another. It tells which was called.
    struct Spy;

    std::thread_local! {
        static CALLED: Cell<&'static str> = const { Cell::new("") };
    }

    stateless!([] Spy, |_this| "Spy()";);

    impl Module<X> for Spy {
        type Output = X;
        const MACS: u64 = 1;
        const FORWARD_BYTES: usize = 2;
        const FORWARD_OVER_BYTES: usize = 3;
        const FORWARD_WITH_BYTES: usize = 4;

        fn forward_into(&self, _: &X, _: &mut X) {
            CALLED.set("forward_into");
        }

        fn forward_over(&self, _: &mut X, _: &mut X) {
            CALLED.set("forward_over");
        }

        fn forward_with<R>(&self, x: &mut X, next: impl FnOnce(&mut X) -> R) -> R {
            CALLED.set("forward_with");
            next(x)
        }

        fn forward_training(&self, x: &X, (): &mut ()) -> X {
            CALLED.set("forward_training");
            *x
        }
    }

    impl Backprop<X> for Spy {
        const BACKPROP_BYTES: usize = 5;

        fn backprop<R>(&self, x: &mut X, (): &mut (), next: impl FnOnce(&mut X) -> R) -> R {
            CALLED.set("backprop");
            next(x)
        }

        fn backprop_params<R>(&self, x: &X, (): &mut (), next: impl FnOnce(&mut X) -> R) -> R {
            CALLED.set("backprop_params");
            next(&mut x.clone())
        }

        fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut X) -> R) -> R {
            CALLED.set("backprop_input");
            next(x)
        }
    }

    #[derive(crate::Module)]
    #[module(custom(init))]
    struct Alone {
        spy: Spy,
    }

    /// Which entry of the layer inside each entry of `wrapper` calls.
    fn called<M: Backprop<X, Output = X>>(wrapper: &M) -> [&'static str; 7] {
        assert_eq!((M::MACS, M::FORWARD_BYTES, M::FORWARD_OVER_BYTES, M::FORWARD_WITH_BYTES), (1, 2, 3, 4));
        assert_eq!(M::BACKPROP_BYTES, 5);
        let ([mut x, mut y], grads) = ([X::zeros(); 2], || M::Grads::ZERO);
        let calls: [&mut dyn FnMut(); 7] = [
            &mut || wrapper.forward_into(&X::zeros(), &mut X::zeros()),
            &mut || wrapper.forward_over(&mut x, &mut y),
            &mut || wrapper.forward_with(&mut X::zeros(), |_| ()),
            &mut || _ = wrapper.forward_training(&X::zeros(), &mut grads()),
            &mut || wrapper.backprop(&mut X::zeros(), &mut grads(), |_| ()),
            &mut || wrapper.backprop_params(&X::zeros(), &mut grads(), |_| ()),
            &mut || wrapper.backprop_input(&mut X::zeros(), |_| ()),
        ];
        calls.map(|call| {
            call();
            CALLED.replace("")
        })
    }

    #[test]
    fn every_entry_is_passed_on() {
        let all = called(&Spy);
        assert_eq!(called(&Sequential(Spy)), all);
        assert_eq!(called(&Alone { spy: Spy }), all);
        let [into, over, with, .., input] = all;
        let frozen = [into, over, with, into, input, into, input];
        assert_eq!(called(&Frozen(Spy)), frozen);
        assert_eq!(called(&&Spy), frozen);
        assert_eq!(called(&&Frozen(Sequential(Spy))), frozen);
    }
}
