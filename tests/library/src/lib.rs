//! A library of layers as others write it: private layers in public ones, the crate under another name, every lint that warns of
//! something in code that the author did not write.
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unreachable_pub,
    unused,
    private_bounds,
    private_interfaces,
    unnameable_types,
    unused_qualifications,
    unused_lifetimes,
    unused_results,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    let_underscore_drop,
    meta_variable_misuse,
    non_ascii_idents,
    explicit_outlives_requirements,
    redundant_lifetimes,
    elided_lifetimes_in_paths,
    variant_size_differences,
    absolute_paths_not_starting_with_crate,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction
)]
// What this file itself does.
#![allow(
    clippy::arbitrary_source_item_ordering,
    clippy::arithmetic_side_effects,
    clippy::blanket_clippy_restriction_lints,
    clippy::missing_docs_in_private_items,
    clippy::pub_with_shorthand,
    clippy::same_name_method,
    clippy::single_char_lifetime_names,
    reason = "it is done here"
)]

use core::marker::PhantomData;

use adm::prelude::*;

/// A layer that only this module knows.
#[derive(Module, Clone, Copy, Debug)]
#[module(crate = adm)]
struct Inner {
    first: Linear<4, 4>,
    act: Tanh,
}

/// A layer that only this crate knows.
#[derive(Module, Clone, Copy, Debug)]
#[module(crate = adm)]
pub(crate) struct Middle {
    left: Inner,
    right: Inner,
}

/// A layer with a forward pass of its own, which says how it starts and prints.
#[derive(Module, Clone, Copy, Debug)]
#[module(crate = adm, display("Scale({N}, factor={})", self.factor))]
struct Scale<const N: usize> {
    #[module(init = |weight, rng| init::uniform(weight, 0.5, 1.5, rng))]
    weight: Param<[f32; N]>,
    #[module(value = 2.0)]
    factor: f32,
}

#[forward(crate = adm)]
impl<const N: usize> Scale<N> {
    /// y = factor · weight · x
    fn forward<const B: usize>(&self, x: Tensor<[[f32; N]; B]>) -> Tensor<[[f32; N]; B]> {
        x * &self.weight * self.factor
    }
}

/// What the compiler should see of a layer.
#[derive(Clone, Copy, Debug)]
struct Mark;

/// Layers in order, public where they are private.
#[derive(Module, Clone, Copy, Debug)]
#[module(crate = adm)]
pub struct Chain {
    middle: Middle,
    inner: Inner,
    scale: Scale<4>,
    last: Sequential![Linear<4, 4>, Relu],
}

/// Another layer, a private one around it, and a mark.
#[derive(Module, Clone, Copy, Debug)]
#[module(crate = adm)]
pub struct Around<M, const N: usize> {
    layer: M,
    private: Residual<Inner>,
    mark: PhantomData<Mark>,
    weight: Param<[f32; N]>,
}

#[forward(crate = adm)]
impl<M: Module<Tensor<[f32; 4]>, Output = Tensor<[f32; 4]>>> Around<M, 4> {
    /// y = M(P(x)) · weight
    fn forward(&self, x: Tensor<[f32; 4]>) -> Tensor<[f32; 4]> {
        self.layer.forward(self.private.forward(x)) * &self.weight
    }
}

/// A tuple of private layers.
#[derive(Module, Clone, Copy, Debug)]
#[module(crate = adm)]
pub struct Tuple(Inner, Middle);

/// Borrows a base that several models share.
#[derive(Module, Clone, Copy, Debug)]
#[module(crate = adm)]
pub struct Tuned<'a> {
    base: &'a Chain,
    head: Scale<4>,
}

/// Borrows whatever it is.
#[derive(Module, Clone, Copy, Debug)]
#[module(crate = adm, custom(init))]
pub struct Shared<'a, M> {
    base: Frozen<&'a M>,
    tuned: Tuned<'a>,
}

/// The mean of the squares.
#[forward(crate = adm)]
pub fn mean_square(x: Tensor<[[f32; 4]; 2]>) -> f32 {
    x.square().mean()
}

#[cfg(test)]
#[allow(clippy::restriction, clippy::pedantic, clippy::nursery, reason = "the layers are what is tested")]
mod tests {
    use super::*;

    const X: Tensor<[[f32; 4]; 2]> = Tensor([[1.0, -2.0, 3.0, -4.0]; 2]);

    #[test]
    fn private_layers_train_in_public_ones() {
        let rng = &mut SmallRng::seed_from_u64(0);
        let mut model = Chain::init(rng);
        let (before, grads) = model.gradients(&X, |y| mean_square(y));
        Sgd::new(&model).lr(0.1).step(&mut model, &grads);
        assert!(mean_square(&model.forward(&X)) < before, "{model}");
        assert_eq!(model.to_flat::<f32>().len(), Chain::PARAMETERS, "{grads:?}");
        let tuple = Tuple::init(rng);
        assert_eq!(tuple.forward(&X), tuple.1.forward(&tuple.0.forward(&X)));
    }

    #[test]
    fn layers_borrow_layers() {
        let rng = &mut SmallRng::seed_from_u64(1);
        let base = Chain::init(rng);
        let tuned = Tuned { base: &base, head: Scale::init(rng) };
        let mut model = Shared { base: Frozen(&base), tuned };
        let (before, grads) = model.gradients(&X, |y| mean_square(y));
        assert!(size_of_val(&grads) == size_of::<Grads<Scale<4>>>() && before.is_finite());
        Sgd::new(&model).lr(0.1).step(&mut model, &grads);
        assert_eq!(Module::forward(&model.tuned.head, &base.forward(&base.forward(&X))), model.forward(&X));
    }

    #[test]
    fn layers_stand_around_layers() {
        let rng = &mut SmallRng::seed_from_u64(2);
        let model = Around::<Linear<4, 4>, 4>::init(rng);
        let (x, y) = (X.row(0), model.layer.forward(&model.private.forward(&X.row(0))));
        assert_eq!(Module::forward(&model, &x), y * &model.weight);
    }
}
