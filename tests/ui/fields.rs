//! A field is a layer by its type; where a name says otherwise, that is an error at once.
use adamant::nn::{Name, Nothing, Update, Visitor, VisitorMut};
use adamant::prelude::*;

mod user {
    use adamant::prelude::*;

    /// A layer of the user's.
    #[derive(Module)]
    pub struct Param {
        layer: Linear<3, 3>,
    }

    pub trait Config: 'static {
        type Param: adamant::nn::Parameters;
    }
}

#[derive(Module)]
struct Named {
    first: user::Param,
}

#[derive(Module)]
struct Configured<C: user::Config> {
    first: Linear<3, 3>,
    second: C::Param,
}

type Weight = Param<[f32; 3]>;

#[derive(Module)]
struct Forgotten {
    layer: Linear<3, 3>,
    weight: Weight,
}

const _: () = Forgotten::check::<Tensor<[f32; 3]>>();

/// A layer by hand that does not say that it may be chained.
struct Doubled;

impl Parameters for Doubled {
    type Grads = ();
    type Count = Nothing;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = 0;
    fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}
    fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}
    fn update<const K: usize, U: Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}
    fn describe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Doubled()")
    }
}

impl Module<Tensor<[f32; 3]>> for Doubled {
    type Output = Tensor<[f32; 3]>;
    fn forward_into(&self, x: &Tensor<[f32; 3]>, y: &mut Tensor<[f32; 3]>) {
        *y = *x * 2.0;
    }
}

#[derive(Module)]
#[module(custom(init))]
struct Twice {
    first: Doubled,
    second: Linear<3, 3>,
}

const _: () = Twice::check::<Tensor<[f32; 3]>>();

fn main() {}
