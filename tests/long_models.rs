//! How long a model may be without a `recursion_limit`. That this file builds, and in seconds, is the test.

use adamant::prelude::*;

/// Four layers for each number: a struct of so many fields, a chain, and a chain of residual blocks, of three layers each.
macro_rules! long {
    ($fields:ident [$($f:literal)+] $chain:ident [$($c:literal)+] $blocks:ident [$($b:literal)+]) => {
        #[derive(Module)]
        struct $fields($(Linear<8, $f>, Relu, Linear<$f, 8>, Tanh),+);
        type $chain = Sequential![$(Linear<8, $c>, Relu, Linear<$c, 8>, Tanh),+];
        type $blocks = Sequential![$(Residual<Sequential![Linear<8, $b>, Relu, Linear<$b, 8>]>),+];
    };
}

long! {
    // 160 fields, 120 layers, 40 blocks.
    Fields [8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8]
    Chain [8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8  8 8 8 8 8 8]
    Blocks [8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8  8 8 8 8 8 8 8 8]
}

type Batch = Tensor<[[f32; 8]; 2]>;

fn learns<M: Init + Backprop<Batch, Output = Batch>>(parameters: usize) {
    let rng = &mut SmallRng::seed_from_u64(0);
    let (model, x) = (M::init(rng), Batch::randn(rng));
    let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &Batch::zeros(), Reduction::Mean));
    assert!(loss.is_finite() && grads.norm() > 0.0);
    assert_eq!(M::PARAMETERS, parameters);
    assert!(model.forward(&x).iter().all(|y| y.is_finite()));
    assert!(model.summary(&x).to_string().lines().count() > 40);
}

#[test]
fn a_struct_of_160_fields() {
    learns::<Fields>(80 * 72);
}

#[test]
fn a_chain_of_120_layers() {
    learns::<Chain>(60 * 72);
}

#[test]
fn forty_residual_blocks() {
    learns::<Blocks>(80 * 72);
}
