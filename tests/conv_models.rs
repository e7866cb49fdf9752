//! Convolutional networks of the usual sizes: they type-check, and train one step in a debug build on a default test stack.

use adamant::prelude::*;

/// Two steps on one batch: the loss goes down.
fn learns<M, X>(x: &X, labels: &[u8; 2], rng: &mut SmallRng)
where
    X: Clone,
    M: Init + Backprop<X, Output = Tensor<[[f32; 10]; 2]>>,
{
    let mut net = M::init_boxed(rng);
    let mut sgd = Sgd::<M>::boxed();
    sgd.lr = 0.02;
    let mut grads = net.boxed_grads();
    let mut losses = Vec::new();
    for _ in 0..3 {
        grads.zero();
        losses.push(net.add_gradients(x, &mut grads, |p| cross_entropy(p, labels, Reduction::Mean)));
        sgd.step(&mut net, &grads);
    }
    assert!(losses.is_sorted_by(|a, b| a > b), "{losses:?}");
    let mut y = Box::new(Tensor::zeros());
    net.forward_into(x, &mut y);
    assert!(y.iter().all(|y| y.is_finite()));
}

/// Y. LeCun et al., *Gradient-based learning applied to document recognition*, 1998.
#[derive(Module)]
struct LeNet {
    conv1: Conv2d<1, 6, 5, Padding<2>>,
    act1: Tanh,
    pool1: AvgPool2d<2>,
    conv2: Conv2d<6, 16, 5>,
    act2: Tanh,
    pool2: AvgPool2d<2>,
    flatten: Flatten,
    fc1: Linear<400, 120>,
    act3: Tanh,
    fc2: Linear<120, 84>,
    act4: Tanh,
    fc3: Linear<84, 10>,
}

const _: () = LeNet::check::<Tensor<[[[f32; 28]; 28]; 1]>>();

#[test]
fn lenet() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let mut x = Tensor::<[[[[f32; 28]; 28]; 1]; 2]>::boxed();
    x.fill_normal(0.0, 1.0, rng);
    learns::<LeNet, _>(&x, &[3, 8], rng);
}

/// x + BN(conv(ReLU(BN(conv(x))))), for any height and width.
type Block<const C: usize> = Residual<
    Sequential![Conv2d<C, C, 3, (Same, NoBias)>, BatchNorm2d<C>, Relu, Conv2d<C, C, 3, (Same, NoBias)>, BatchNorm2d<C>],
>;

/// Halves height and width.
type Down<const C: usize, const OUT: usize> =
    Sequential![Conv2d<C, OUT, 3, (Stride<2>, Padding<1>, NoBias)>, BatchNorm2d<OUT>, Relu];

/// Twelve layers with weights: a stem, four residual blocks of two, two that halve, a classifier.
#[derive(Module)]
struct ResNet {
    stem: Sequential![Conv2d<3, 8, 3, (Same, NoBias)>, BatchNorm2d<8>, Relu],
    stage1: Sequential![Block<8>, Relu],
    down1: Down<8, 16>,
    stage2: Sequential![Block<16>, Relu],
    down2: Down<16, 32>,
    stage3: Sequential![Block<32>, Relu, Block<32>, Relu],
    pool: GlobalAvgPool2d, // [32]
    head: Linear<32, 10>,
}

const _: () = ResNet::check::<Tensor<[[[f32; 32]; 32]; 3]>>();

#[test]
fn a_residual_network_of_twelve_layers() {
    let rng = &mut SmallRng::seed_from_u64(1);
    let mut x = Tensor::<[[[[f32; 32]; 32]; 3]; 2]>::boxed();
    x.fill_normal(0.0, 1.0, rng);
    learns::<ResNet, _>(&x, &[1, 7], rng);
}

/// A block of convolutions that is generic over its input's height and width, without a bound.
#[derive(Module)]
#[module(custom(forward))]
struct Branches<const C: usize> {
    conv: Conv2d<C, C, 3, Same>,
    norm: BatchNorm2d<C>,
    point: Conv2d<C, C, 1, Same>,
}

#[forward]
impl<const C: usize> Branches<C> {
    fn forward<const H: usize, const W: usize, const B: usize>(
        &self,
        x: Tensor<[[[[f32; W]; H]; C]; B]>,
    ) -> Tensor<[[[[f32; W]; H]; C]; B]> {
        let h = self.norm.forward(self.conv.forward(x)).relu();
        x + self.point.forward(h)
    }
}

#[test]
fn a_derived_block_of_convolutions() {
    let rng = &mut SmallRng::seed_from_u64(2);
    let mut block = Branches::<3>::init(rng);
    let x = Tensor::<[[[[f32; 6]; 5]; 3]; 2]>::randn(rng);
    let target = Tensor::<[[[[f32; 6]; 5]; 3]; 2]>::randn(rng);
    let mut adam = Adam::new(&block).lr(1e-2);
    let losses: [f32; 5] = std::array::from_fn(|_| {
        let (loss, grads) = block.gradients(&x, |p| mse_loss(p, &target, Reduction::Mean));
        adam.step(&mut block, &grads);
        loss
    });
    assert!(losses.is_sorted_by(|a, b| a > b), "{losses:?}");
}
