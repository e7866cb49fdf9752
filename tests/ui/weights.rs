//! A file and a model that do not fit each other.

use adamant::nn::{Nothing, Update};
use adamant::prelude::*;

static NET: Linear<2, 3> = weights!("../../../../tests/ui/weights/net.safetensors", prefix = "0.");

static MISSING: Sequential![Linear<2, 3>, Relu, Linear<3, 1>] = weights!("../../../../tests/ui/weights/net.safetensors");
static NAMED_OTHERWISE: Linear<2, 3> = weights!("../../../../tests/ui/weights/net.safetensors");
static WRONG_SHAPE: Linear<3, 3> = weights!("../../../../tests/ui/weights/net.safetensors", prefix = "0.");
static WRONG_RANK: Sequential![Conv2d<2, 3, 1>] = weights!("../../../../tests/ui/weights/net.safetensors");
static WRONG_BIAS: (Bilinear<3, 2, 3>,) = weights!("../../../../tests/ui/weights/net.safetensors");
static EXCHANGED: (Turned,) = weights!("../../../../tests/ui/weights/net.safetensors");
static WRONG_TYPE: (Linear<2, 3>,) = weights!("../../../../tests/ui/weights/half.safetensors");
static ALSO_DOUBLE: (Linear<2, 3, Bias, f64>,) = weights!("../../../../tests/ui/weights/net.safetensors");
static LEFT_OVER: (Linear<2, 3>,) = weights!("../../../../tests/ui/weights/more.safetensors");
static NO_BIAS: Linear<2, 3, NoBias> = weights!("../../../../tests/ui/weights/net.safetensors", prefix = "0.");
static BATCHES: (Linear<2, 3>,) = weights!("../../../../tests/ui/weights/batches.safetensors");
static IGNORED: (Linear<2, 3>,) = weights!("../../../../tests/ui/weights/more.safetensors", ignore("head"));
static CONVERTED: (Linear<2, 3>,) = weights!("../../../../tests/ui/weights/half.safetensors", as f32);

/// It does not say that PyTorch has it otherwise.
#[derive(Module)]
struct Turned {
    weight: Param<[[f32; 3]; 2]>,
    bias: Param<[f32; 3]>,
}

/// It does not say where its tensors lie.
struct ByHand(Linear<2, 3>);

impl Parameters for ByHand {
    type Grads = ();
    type Count = Nothing;
    const PARAMETERS: usize = 0;
    const NUMBERS: usize = 9;

    fn visit<V: Visitor>(&self, name: Name<'_>, visitor: &mut V) {
        self.0.visit(name, visitor);
    }

    fn visit_mut<V: VisitorMut>(&mut self, name: Name<'_>, visitor: &mut V) {
        self.0.visit_mut(name, visitor);
    }

    fn update<const K: usize, U: Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}

    fn describe(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl Init for ByHand {
    const BLANK: Self = Self(Init::BLANK);

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
}

static BY_HAND: (ByHand,) = weights!("../../../../tests/ui/weights/net.safetensors");

/// Who knows whether the option is there?
#[derive(Module)]
#[module(custom(forward, init))]
struct Starts {
    maybe: Option<Linear<2, 3>>,
    base: &'static Linear<2, 3>,
}

impl Init for Starts {
    const BLANK: Self = Self { maybe: None, base: &NET };

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
}

#[derive(Module)]
#[module(custom(forward))]
struct Inside {
    #[module(name = "0")]
    starts: Tagged,
}

#[derive(Module)]
#[module(custom(forward, init))]
struct Tagged {
    weight: Option<Param<[[f32; 2]; 3]>>,
}

impl Init for Tagged {
    const BLANK: Self = Self { weight: None };

    fn reset_parameters<R: Rng + ?Sized>(&mut self, _: &mut R) {}
}

static STARTS: Inside = weights!("../../../../tests/ui/weights/net.safetensors");
static BORROWED: Starts = weights!("../../../../tests/ui/weights/net.safetensors");

fn main() {}
