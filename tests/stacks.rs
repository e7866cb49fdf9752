//! What builds runs: the largest values that a constructor returns, and activations larger than any stack, in a thread of 2 MiB (a
//! test's), in a debug build, too.

use adamant::prelude::*;

/// A few steps, each part made by value as the obvious program does.
fn train<M, O: Optimizer<M>, const B: usize>(optimizer: impl FnOnce(&M) -> O)
where
    M: Init + Backprop<Tensor<[[f32; 784]; B]>, Output = Tensor<[[f32; 10]; B]>>,
{
    let rng = &mut SmallRng::seed_from_u64(0);
    let mut model = M::init(rng);
    let mut optimizer = optimizer(&model);
    let x = Tensor::<[[f32; 784]; B]>::randn(rng);
    let mut losses = Vec::new();
    for _ in 0..3 {
        let (loss, grads) = model.gradients(&x, |p| cross_entropy(p, &[3u8; B], Reduction::Mean));
        optimizer.step(&mut model, &grads);
        losses.push(loss);
    }
    assert!(losses[2] < losses[0], "{losses:?}");
}

/// 203,560 bytes, with two moments of each 610,680.
type Net = Sequential![Linear<784, 64>, Relu, Linear<64, 10>];
/// 305,320 bytes, with one moment 610,640.
type Wide = Sequential![Linear<784, 96>, Relu, Linear<96, 10>];
/// 407,080 bytes.
type Widest = Sequential![Linear<784, 128>, Relu, Linear<128, 10>];

#[test]
fn two_moments() {
    const { assert!(size_of::<Adam<Net>>() > 397 * 1024) };
    train::<Net, _, 1>(|model| Adam::new(model).lr(1e-3));
    train::<Net, _, 8>(|model| AdamW::new(model).betas(0.9, 0.99).lr(1e-3));
}

#[test]
fn one_moment() {
    train::<Wide, _, 1>(|model| Sgd::new(model).momentum(0.9).lr(1e-3));
    train::<Wide, _, 8>(|model| RmsProp::new(model).lr(1e-4));
}

#[test]
fn no_moment() {
    train::<Widest, _, 1>(|model| Sgd::new(model).lr(1e-2));
    train::<Widest, _, 64>(|model| Sgd::new(model).lr(1e-2));
}

/// Seven megabytes of activations, and little to compute.
type Cnn = Sequential![Conv2d<1, 64, 1>, Relu, Conv2d<64, 64, 1, Depthwise>, Relu, Conv2d<64, 1, 1>, MaxPool2d<2>, Flatten, Linear<196, 10>];

#[test]
fn activations_bring_their_stack() {
    type Images = Tensor<[[[[f32; 28]; 28]; 1]; 16]>;
    const { assert!(<Cnn as Backprop<Images>>::BACKPROP_BYTES > 6 << 20) };
    let rng = &mut SmallRng::seed_from_u64(0);
    let mut model = Cnn::init_boxed(rng);
    let mut grads = model.boxed_grads();
    let mut sgd = Sgd::<Cnn>::boxed();
    sgd.lr = 1e-2;
    let x = Images::randn(rng);
    let mut losses = Vec::new();
    for _ in 0..2 {
        grads.zero();
        losses.push(model.add_gradients(&x, &mut grads, |p| cross_entropy(p, &[3u8; 16], Reduction::Mean)));
        sgd.step(&mut model, &grads);
    }
    assert!(losses[1] < losses[0], "{losses:?}");
    assert!(model.forward(&x).iter().all(|y| y.is_finite()));
}

/// A layer whose forward pass alone needs more than a thread has, in a derived layer.
#[derive(Module)]
#[module(custom(forward))]
struct Wider {
    first: Linear<64, 4096>,
    second: Linear<4096, 4>,
}

#[forward]
impl Wider {
    fn forward<const B: usize>(&self, x: Tensor<[[f32; 64]; B]>) -> Tensor<[[f32; 4]; B]> {
        let h = self.first.forward(x).tanh();
        self.second.forward(h * h)
    }
}

#[test]
fn a_derived_layer_brings_its_stack() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let model = Wider::init_boxed(rng);
    let mut grads = model.boxed_grads();
    let x = Tensor::<[[f32; 64]; 64]>::randn(rng);
    let loss = model.add_gradients(&x, &mut grads, |p| mse_loss(p, &Tensor::zeros(), Reduction::Mean));
    assert_eq!(loss, mse_loss(model.forward(x), &Tensor::zeros(), Reduction::Mean));
}

/// Every inner output is larger than what may be returned by value.
#[test]
fn inner_outputs_may_be_large() {
    type Net = Sequential![
        Conv2d<1, 64, 1>,
        AvgPool2d<1>,
        GroupNorm<4, 64>,
        Upsample<1>,
        InstanceNorm2d<64>,
        AdaptiveAvgPool2d<56>,
        Flatten<-2>,
        Reshape<[[f32; 56]; 56]>,
        PixelShuffle<1>,
        GlobalAvgPool2d,
        Linear<64, 2>,
    ];
    let rng = &mut SmallRng::seed_from_u64(0);
    let model = Net::init(rng);
    let mut x = Tensor::<[[[[f32; 56]; 56]; 1]; 2]>::boxed();
    x.fill_normal(0.0, 1.0, rng);
    let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &Tensor::zeros(), Reduction::Mean));
    assert!(loss.is_finite() && grads.norm().is_finite());
    let frozen = Frozen(model);
    let mut tuned = Sequential((Identity, (frozen, Linear::<2, 1>::init(rng))));
    let (_, grads) = tuned.gradients(&x, |p| mse_loss(p, &Tensor::zeros(), Reduction::Mean));
    Sgd::new(&tuned).step(&mut tuned, &grads);
}

#[test]
fn chunks_bring_their_stack() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let model = Cnn::init(rng);
    let images = vec![[[[0.5f32; 28]; 28]; 1]; 17];
    let mut seen = 0;
    Chunks::<16>::forward(&model, &images, |_, y| seen += usize::from(y.iter().all(|y| y.is_finite())));
    let (loss, grads) = Chunks::<16>::gradients(&model, &images, &[3u8; 17], |p, y| cross_entropy(p, y, Reduction::Sum));
    assert!(seen == 17 && loss.is_finite() && grads.norm() > 0.0);
}

#[test]
fn sequences_bring_their_stack() {
    type Layer = TransformerEncoderLayer<64, 4, 128, (NormFirst, Causal)>;
    type Writer = Sequential![
        Embedding<76, 64>, LearnedPositions<64, 64>, TransformerEncoder<Layer, 2, LayerNorm<[f32; 64]>>, Linear<64, 76>
    ];
    let rng = &mut SmallRng::seed_from_u64(0);
    let mut writer = Writer::init_boxed(rng);
    let mut grads = writer.boxed_grads();
    let (x, y) = (Tensor([[7u8; 64]; 8]), [[3u8; 64]; 8]);
    assert!(writer.add_gradients(&x, &mut grads, |p| cross_entropy(p, &y, Reduction::Mean)).is_finite());
    Adam::<Writer>::boxed().step(&mut writer, &grads);

    type Reader = Sequential![Lstm<16, 64, (Layers<2>, Bidirectional)>, LastStep, Linear<128, 3>];
    let reader = Reader::init_boxed(rng);
    let mut grads = reader.boxed_grads();
    let x = Tensor::<[[[f32; 16]; 40]; 16]>::boxed();
    assert!(reader.add_gradients(&*x, &mut grads, |p| cross_entropy(p, &[1u8; 16], Reduction::Mean)).is_finite());
}
