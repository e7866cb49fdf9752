//! Layers whose training differs from evaluation, wherever `#[forward]` calls them: the way back sees the masks and the statistics
//! of the way there, and each call leaves its trace once.

use adamant::gradcheck::gradcheck;
use adamant::nn::{Running, Streams};
use adamant::prelude::*;

type Norm = BatchNorm1d<4, 1, adamant::nn::Affine, f64>;

/// A block with all of it.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
struct Block {
    linear: Linear<4, 4, Bias, f64>,
    norm: Norm,
    tanh: Tanh,
    dropout: Dropout,
}

type X = Tensor<[[f64; 4]; 6]>;

fn rng() -> SmallRng {
    SmallRng::seed_from_u64(0)
}

/// Checks the gradients, and that `forward_training` gives what the backward pass lends, with the same traces.
fn check<M: Backprop<X, Output = X> + Init>() -> M {
    let rng = &mut rng();
    let mut layer = M::init(rng);
    let x = X::randn(rng);
    gradcheck(&mut layer, &x, 1e-6).unwrap();
    let (mut grads, mut params, mut alone) = (layer.zero_grads(), layer.zero_grads(), layer.zero_grads());
    let seen = layer.backprop(&mut x.clone(), &mut grads, |y| *y);
    assert_eq!(layer.backprop_params(&x, &mut params, |y| *y), seen);
    assert_eq!(layer.forward_training(&x, &mut alone), seen);
    assert_eq!(grads.carried(), alone.carried());
    assert_eq!(params.carried(), alone.carried());
    assert_ne!(layer.forward_training(&x, &mut alone), seen, "the next call draws anew");
    layer
}

#[derive(Module)]
#[module(custom(forward))]
struct Blocks<const N: usize> {
    blocks: [Block; N],
}

#[forward]
impl<const N: usize> Blocks<N> {
    fn forward(&self, x: X) -> X {
        let mut h = x;
        for i in 0..N {
            h = h + self.blocks[i].forward(h);
        }
        h
    }
}

#[test]
fn a_loop_over_blocks() {
    let model = check::<Blocks<3>>();
    // As the blocks one after the other.
    let x = X::randn(&mut rng());
    let mut grads = model.zero_grads();
    let y = model.forward_training(&x, &mut grads);
    let mut by_hand = model.zero_grads();
    let mut h = x;
    for (block, grads) in model.blocks.iter().zip(&mut by_hand.blocks) {
        h = h + block.forward_training(&h, grads);
    }
    assert_eq!((y, grads.carried()), (h, by_hand.carried()));
}

#[derive(Module)]
#[module(custom(forward))]
struct Shared {
    block: Block,
}

#[forward]
impl Shared {
    fn forward(&self, x: X) -> X {
        let a = self.block.forward(x);
        let b = self.block.forward(x * 0.5 + a);
        let mut h = a * b;
        for _ in 0..3 {
            h = self.block.forward(h) + x;
        }
        h
    }
}

#[test]
fn one_block_in_several_places_and_a_loop() {
    let mut model = check::<Shared>();
    let x = X::randn(&mut rng());
    // The running statistics advance once a call, as in PyTorch.
    let (_, grads) = model.gradients(&x, |p| mse_loss(p, &X::zeros(), Reduction::Mean));
    let (block, mut by_hand) = (model.block, model.block.zero_grads());
    let mut call = |x: X| block.forward_training(&x, &mut by_hand);
    let a = call(x);
    let b = call(x * 0.5 + a);
    let mut h = a * b;
    for _ in 0..3 {
        h = call(h) + x;
    }
    assert_eq!(grads.block.carried(), by_hand.carried());
    let before = model.block.norm.running_mean;
    model.absorb(&grads);
    assert_ne!(model.block.norm.running_mean, before);
    assert_eq!(model.block.norm.running_mean.0, by_hand.norm.running_mean.0);
}

#[derive(Module)]
#[module(custom(forward))]
struct Towers {
    tower: Block,
    noise: Noise,
    dropout: Dropout,
}

#[forward]
impl Towers {
    fn forward(&self, x: X) -> X {
        let (left, right) = (self.tower.forward(x), self.tower.forward(x.square()));
        let noisy = left + self.noise.forward(left) * right;
        self.dropout.forward(noisy) - right
    }
}

#[test]
fn two_towers_with_noise() {
    check::<Towers>();
}

/// Loops in loops, branches in loops, an index that is out of range where it is not used.
#[derive(Module)]
#[module(custom(forward))]
struct Nested {
    blocks: [Block; 2],
    dropout: Dropout,
}

#[forward]
impl Nested {
    fn forward(&self, x: X) -> X {
        let mut h = x;
        for i in 0..3 {
            if i > 0 {
                h = self.blocks[i - 1].forward(h);
            }
            for j in 0..2 {
                h = self.dropout.forward(h) + self.blocks[j].forward(x);
            }
            h = self.dropout.forward(h);
        }
        h
    }
}

#[test]
fn loops_in_loops_and_branches() {
    check::<Nested>();
}

#[derive(Module)]
#[module(custom(forward))]
struct Twice {
    dropout: Dropout,
}

#[forward]
impl Twice {
    fn forward<const N: usize>(&self, x: Tensor<[f32; N]>) -> Tensor<[f32; N]> {
        let h = self.dropout.forward(x);
        self.dropout.forward(h)
    }
}

#[test]
fn two_calls_draw_two_masks() {
    let model = Twice { dropout: Dropout::new(0.5) };
    let mut grads = model.zero_grads();
    let mut x = Tensor::<[f32; 10_000]>::ones();
    let seen = model.backprop(&mut x, &mut grads, |y| {
        let seen = *y;
        y.fill(1.0);
        seen
    });
    let kept = seen.iter().filter(|y| **y == 4.0).count();
    assert!(kept.abs_diff(2500) < 200 && seen.iter().all(|y| [0.0, 4.0].contains(y)), "{kept}");
    assert_eq!(x, seen, "the way back sees both masks");
}

/// A layer of one's own with a stream and a statistic, called in a loop.
#[derive(Module, Clone, Copy)]
#[module(custom(forward))]
struct Counting {
    stream: adamant::nn::RandomStream,
    seen: Running<[f64; 1]>,
}

impl Module<X> for Counting {
    type Output = X;

    fn forward_into(&self, x: &X, y: &mut X) {
        *y = *x;
    }

    fn forward_training(&self, x: &X, grads: &mut Grads<Self>) -> X {
        let factor = 1.0 + f64::from(grads.stream.next_call().next_u32()) / 2f64.powi(32);
        grads.seen.0 += 1.0;
        *x * factor
    }
}

impl Backprop<X> for Counting {
    fn backprop<R>(&self, x: &mut X, grads: &mut Grads<Self>, next: impl FnOnce(&mut X) -> R) -> R {
        let mut y = self.forward_training(x, grads);
        let factor = y.0[0][0] / x.0[0][0];
        let result = next(&mut y);
        *x = y * factor;
        result
    }

    fn backprop_input<R>(&self, x: &mut X, next: impl FnOnce(&mut X) -> R) -> R {
        next(x)
    }
}

#[derive(Module)]
#[module(custom(forward))]
struct Counted {
    layer: Counting,
}

#[forward]
impl Counted {
    fn forward(&self, x: X) -> X {
        let mut h = self.layer.forward(x);
        for _ in 0..4 {
            h = self.layer.forward(h) * x;
        }
        h
    }
}

#[test]
fn a_layer_of_ones_own() {
    let mut model = check::<Counted>();
    let (_, grads) = model.gradients(&X::ones(), |p| mse_loss(p, &X::zeros(), Reduction::Sum));
    model.absorb(&grads);
    assert_eq!(model.layer.seen.0, Tensor([5.0]));
    assert_eq!(model.layer.stream.step, 1);
    let mut streams = Streams::of_worker(3);
    let mut grads = <Grads<Counted> as adamant::Buffer>::ZERO;
    model.begin(&mut grads, &mut streams);
    assert_ne!(model.forward_training(&X::ones(), &mut grads), model.forward_training(&X::ones(), &mut model.zero_grads()));
}

/// Recurrent layers and attention that drop, called twice and in a loop.
#[derive(Module)]
struct Sequences {
    gru: Gru<3, 3, (Layers<2>, Dropout), f64>,
    attention: MultiheadAttention<3, 1, (Causal, Dropout), f64>,
}

#[forward]
impl Sequences {
    fn forward(&self, x: Tensor<[[f64; 3]; 4]>) -> Tensor<[[f64; 3]; 4]> {
        let mut y = self.gru.forward(x);
        for _ in 0..2 {
            y = self.attention.forward(y) + self.gru.forward(y);
        }
        y
    }
}

#[test]
fn sequences_that_drop() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let x = Tensor::randn(rng);
    gradcheck(&mut Sequences::init(rng), &x, 1e-6).unwrap();
}
