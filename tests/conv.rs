//! Convolutions and pools from outside: gradients, batches, generic blocks, what they cost.

use adamant::gradcheck::gradcheck;
use adamant::ops::conv::TILE;
use adamant::prelude::*;

type Image<const C: usize, const H: usize, const W: usize, T = f64> = Tensor<[[[T; W]; H]; C]>;

/// Checks the gradients of layers for an input of the given shape.
macro_rules! gradients {
    ($($x:ty: $($layer:ty),+;)+) => {$($({
        let rng = &mut SmallRng::seed_from_u64(3);
        let x = <$x>::randn(rng);
        if let Err(wrong) = gradcheck(&mut <$layer>::init(rng), &x, 1e-6) {
            panic!("{}: {wrong}", stringify!($layer));
        }
    })+)+};
}

#[test]
fn gradients_of_convolutions() {
    type Conv<const IN: usize, const OUT: usize, const K: usize, O = ()> = Conv2d<IN, OUT, K, O, f64>;
    gradients! {
        Image<2, 5, 6>:
            Conv<2, 3, 3>,
            Conv<2, 3, 1>,
            Conv<2, 3, 1, Stride<2>>,
            Conv<2, 3, 3, (Stride<2>, Padding<1>)>,
            Conv<2, 3, 2, (Dilation<2>, NoBias)>,
            Conv<2, 3, 3, Padding<2>>,
            Conv<2, 3, 3, Same>,
            Conv<2, 3, 4, Same>,
            Conv<2, 4, 3, (Groups<2>, Same)>,
            Conv<2, 2, 3, (Depthwise, Same)>,
            Conv<2, 2, 3, (Depthwise, Stride<2>, Padding<1>)>,
            Conv<2, 2, 3, (Depthwise, Padding<2>, Reflect)>,
            Conv<2, 3, 3, (Padding<2>, Reflect)>,
            Conv<2, 3, 3, (Padding<2>, Replicate)>,
            Conv<2, 3, 3, (Padding<5>, Circular)>,
            Conv<2, 3, 4, (Same, Circular)>,
            Conv<2, 3, 3, (Stride<2>, Padding<1>, Reflect)>,
            Conv<2, 3, 2, (KernelWidth<3>, Stride<1, 2>, Padding<1, 0>, Dilation<2, 1>)>;
        // More than one tile, and the last one is not whole.
        Image<2, 7, 9>: Conv<2, 3, 3, Same>, Conv<2, 3, 3, (Same, Replicate)>, Conv<2, 2, 1, (Padding<1>, Groups<2>)>;
        Tensor<[[[[f64; 5]; 4]; 2]; 3]>: Conv<2, 3, 3>, Conv<2, 2, 3, (Same, Depthwise)>, Conv<2, 4, 1, Groups<2>>;
        Tensor<[[f64; 9]; 2]>:
            Conv1d<2, 3, 3, (), f64>,
            Conv1d<2, 4, 3, (Stride<2>, Padding<1>, Dilation<2>, Groups<2>), f64>,
            Conv1d<2, 3, 4, (Same, Reflect), f64>;
        Image<2, 3, 4>:
            ConvTranspose2d<2, 3, 3, (), f64>,
            ConvTranspose2d<2, 3, 3, (Stride<2>, Padding<1>, OutputPadding<1>), f64>,
            ConvTranspose2d<2, 4, 2, (Stride<3>, Groups<2>, Dilation<2>, OutputPadding<2>, NoBias), f64>,
            ConvTranspose2d<2, 2, 3, (Depthwise, Stride<1, 2>, KernelWidth<2>), f64>,
            ConvTranspose2d<2, 3, 1, (), f64>;
        // Rows along which a depthwise convolution runs.
        Image<2, 3, 17>: Conv<2, 2, 3, (Depthwise, Same)>, Conv<2, 2, 3, (Depthwise, Padding<1>, Replicate)>;
        Image<2, 3, 33>: Conv<2, 2, 3, (Depthwise, Padding<1>, Stride<2>)>;
        Image<2, 7, 9>: ConvTranspose2d<2, 3, 3, Padding<1>, f64>;
    }
}

#[test]
fn gradients_of_pools() {
    gradients! {
        Image<2, 6, 7>:
            MaxPool2d<2>, MaxPool2d<3, (Stride<2>, Padding<1>)>, MaxPool2d<2, (Dilation<2>, Stride<1>)>,
            MaxPool2d<3, (KernelWidth<2>, Stride<2, 1>, Padding<1, 0>)>,
            AvgPool2d<2>, AvgPool2d<3, (Stride<2>, Padding<1>)>, AvgPool2d<3, (Stride<2>, Padding<1>, ExcludePad)>,
            AdaptiveAvgPool2d<1>, AdaptiveAvgPool2d<4, 3>, AdaptiveAvgPool2d<9, 8>, GlobalAvgPool2d, GlobalMaxPool2d;
        Tensor<[[f64; 9]; 2]>:
            MaxPool1d<2>, MaxPool1d<3, (Stride<2>, Padding<1>)>, AvgPool1d<3>, AvgPool1d<3, (Stride<2>, Padding<1>, ExcludePad)>;
    }
}

/// A convolution as its formula says, for one sample and one group, zeros around.
fn by_formula<const C: usize, const O: usize, const H: usize, const W: usize>(
    layer: &Conv2d<C, O, 3, Padding<1>, f64>,
    x: &Image<C, H, W>,
) -> Image<O, H, W> {
    Tensor::from_fn(|[o, i, j]: [usize; 3]| {
        let mut sum = layer.bias.0.0[o];
        for (c, k, l) in (0..C).flat_map(|c| (0..3).flat_map(move |k| (0..3).map(move |l| (c, k, l)))) {
            if let (Some(y), Some(z)) = ((i + k).checked_sub(1), (j + l).checked_sub(1)) {
                sum += layer.weight.0.0[o][c][k][l] * x.get([c, y, z]).copied().unwrap_or(0.0);
            }
        }
        sum
    })
}

#[test]
fn a_large_plane_is_the_formula() {
    let rng = &mut SmallRng::seed_from_u64(1);
    let layer = Conv2d::<3, 5, 3, Padding<1>, f64>::init(rng);
    let x = Image::<3, 13, 17>::randn(rng);
    assert!(layer.forward(&x).all_close(&by_formula(&layer, &x), 1e-12, 1e-12));
}

#[test]
fn one_sample_is_a_batch_of_one() {
    let rng = &mut SmallRng::seed_from_u64(2);
    let layer = Conv2d::<2, 4, 3, (Groups<2>, Padding<1>, Stride<2>)>::init(rng);
    let batch = Tensor::<[[[[f32; 7]; 9]; 2]; 3]>::randn(rng);
    let y = layer.forward(&batch);
    for (x, y) in batch.rows().zip(y.rows()) {
        assert_eq!(layer.forward(x), *y);
    }
    type Deeper = [[[[[f32; 4]; 5]; 4]; 3]; 1];
    let deeper: Tensor<Deeper> = layer.forward(&Tensor([batch.0]));
    assert_eq!(deeper.as_slice(), y.as_slice());

    // The gradient of a batch is the sum over its samples.
    let dy = Tensor::<[[[[f32; 4]; 5]; 4]; 3]>::randn(rng);
    let (mut grads, mut sum) = (layer.zero_grads(), layer.zero_grads());
    let mut dx = batch;
    layer.backprop(&mut dx, &mut grads, |y| *y = dy);
    for ((x, dy), dx) in batch.rows().zip(dy.rows()).zip(dx.rows()) {
        let mut own = *x;
        layer.backprop(&mut own, &mut sum, |y| *y = *dy);
        assert_eq!(own, *dx);
    }
    assert!(grads.weight.all_close(&sum.weight, 1e-5, 1e-5));
    assert!(grads.bias.all_close(&sum.bias, 1e-5, 1e-5));
}

/// A residual block of any channels, in any size.
#[derive(Module)]
struct Block<const C: usize, T: Float = f32> {
    conv1: Conv2d<C, C, 3, (Same, NoBias), T>,
    relu1: Relu,
    depthwise: Conv2d<C, C, 3, (Same, Depthwise), T>,
    conv2: Conv2d<C, C, 1, Same, T>,
}

/// Generic over the size and the type of the elements, and no arithmetic in sight.
fn apply<const C: usize, const H: usize, const W: usize, T: Float>(
    block: &Block<C, T>,
    x: &Image<C, H, W, T>,
) -> Image<C, H, W, T> {
    x + block.forward(x)
}

/// A layer written by hand, generic over the size.
#[derive(Module)]
#[module(custom(forward))]
struct Twice<const C: usize> {
    conv: Conv2d<C, C, 3, Same>,
    pool: AdaptiveAvgPool2d<2>,
}

impl<const C: usize, const H: usize, const W: usize> Module<Image<C, H, W, f32>> for Twice<C> {
    type Output = Image<C, 2, 2, f32>;

    fn forward_into(&self, x: &Image<C, H, W, f32>, y: &mut Image<C, 2, 2, f32>) {
        *y = self.pool.forward(&self.conv.forward(&self.conv.forward(x)));
    }
}

/// Where a size changes, a chain of fields still needs no bound.
#[derive(Module)]
struct Down<const IN: usize, const OUT: usize> {
    conv: Conv2d<IN, OUT, 3, (Stride<2>, Padding<1>)>,
    relu: Relu,
    pool: MaxPool2d<2>,
}

#[test]
fn blocks_are_generic_over_the_size() {
    let rng = &mut SmallRng::seed_from_u64(4);
    let block = Block::<3, f64>::init(rng);
    let y = apply(&block, &Image::<3, 6, 5>::ones());
    assert!(y.iter().all(|y| y.is_finite()));
    apply(&block, &Image::<3, 2, 8>::ones());
    gradcheck(&mut Block::<2, f64>::init(rng), &Image::<2, 4, 3>::randn(rng), 1e-6).unwrap();
    let twice = Twice::<2>::init(rng);
    assert_eq!(twice.forward(&Image::<2, 9, 4, f32>::zeros()).0.len(), 2);
    let down: Tensor<[[[[f32; 4]; 3]; 8]; 2]> = Down::<1, 8>::init(rng).forward(&Tensor::<[[[[f32; 16]; 12]; 1]; 2]>::ones());
    assert!(down.iter().all(|y| *y >= 0.0));
}

#[test]
fn starting_values_are_pytorchs() {
    let rng = &mut SmallRng::seed_from_u64(5);
    let layer = Conv2d::<8, 16, 3, (Groups<2>, Same)>::init(rng);
    let bound = 1.0 / 36f32.sqrt(); // 4 channels a group, 9 weights each
    let largest = layer.weight.iter().fold(0f32, |m, w| m.max(w.abs()));
    assert!(largest <= bound && largest > 0.95 * bound, "{largest}, {bound}");
    let transposed = ConvTranspose2d::<8, 16, 3>::init(rng);
    let bound = 1.0 / 144f32.sqrt(); // PyTorch takes the weight's second dimension for the inputs
    let largest = transposed.weight.iter().fold(0f32, |m, w| m.max(w.abs()));
    assert!(largest <= bound && largest > 0.95 * bound, "{largest}, {bound}");
}

#[test]
fn layers_print_as_pytorchs() {
    let print = |layer: &dyn std::fmt::Display, expected: &str| assert_eq!(layer.to_string(), expected);
    print(&Conv2d::<1, 8, 3, Padding<1>>::BLANK, "Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))");
    print(
        &Conv2d::<4, 6, 3, (KernelWidth<2>, Same, Dilation<2>, Groups<2>, NoBias, Reflect)>::BLANK,
        "Conv2d(4, 6, kernel_size=(3, 2), stride=(1, 1), padding=same, dilation=(2, 2), groups=2, bias=False, padding_mode=reflect)",
    );
    print(&Conv1d::<2, 3, 3>::BLANK, "Conv1d(2, 3, kernel_size=(3,), stride=(1,))");
    print(
        &ConvTranspose2d::<4, 2, 3, (Stride<2>, OutputPadding<1>, Groups<2>)>::BLANK,
        "ConvTranspose2d(4, 2, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1), groups=2)",
    );
    print(&MaxPool2d::<2>::new(), "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)");
    print(
        &MaxPool2d::<3, (Stride<2, 1>, Padding<1>)>::new(),
        "MaxPool2d(kernel_size=3, stride=(2, 1), padding=1, dilation=1, ceil_mode=False)",
    );
    print(&AvgPool2d::<2>::new(), "AvgPool2d(kernel_size=2, stride=2, padding=0)");
    print(&AvgPool1d::<2>::new(), "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))");
    print(&AdaptiveAvgPool2d::<1>, "AdaptiveAvgPool2d(output_size=(1, 1))");
}

#[test]
fn costs_are_constants() {
    fn costs<M: Backprop<X>, X: Clone>() -> [usize; 3] {
        [M::MACS, M::FORWARD_BYTES, M::BACKPROP_BYTES - size_of::<M::Output>()]
    }
    // A plane of 64 in tiles: patches of 72 × TILE, products of 16 × TILE.
    let tiled = (72 + 16) * TILE * 4;
    assert_eq!(costs::<Conv2d<8, 16, 3, Padding<1>>, Image<8, 8, 8, f32>>(), [16 * 72 * 64, tiled, tiled]);
    // A plane that is smaller than a tile in one: the sample's patches and nothing else.
    let whole = 72 * 8 * 4;
    assert_eq!(costs::<Conv2d<8, 16, 3, Padding<1>>, Image<8, 2, 4, f32>>(), [16 * 72 * 8, whole, whole]);
    assert_eq!(costs::<Conv2d<8, 16, 1>, Tensor<[[[[f32; 9]; 9]; 8]; 2]>>(), [2 * 16 * 8 * 81, 0, 0]);
    let depthwise = (9 + 1) * TILE * 4;
    assert_eq!(costs::<Conv2d<8, 8, 3, (Same, Depthwise)>, Image<8, 9, 9, f32>>(), [8 * 9 * 81, depthwise, depthwise]);
    assert_eq!(costs::<Conv2d<8, 8, 3, (Same, Depthwise)>, Image<8, 9, 16, f32>>(), [8 * 9 * 144, 0, depthwise]);
    assert_eq!(costs::<MaxPool2d<2>, Image<8, 8, 8, f32>>(), [0, 0, 64 * 4]);
    assert_eq!(costs::<AvgPool2d<2>, Image<8, 8, 8, f32>>(), [0, 0, 0]);
    assert_eq!(costs::<ConvTranspose2d<3, 2, 3, Stride<2>>, Image<3, 4, 5, f32>>()[0], 3 * 2 * 9 * 20);
}

#[test]
fn a_small_network_learns() {
    type Net = Sequential![Conv2d<1, 4, 3, Padding<1>>, Relu, MaxPool2d<2>, Conv2d<4, 2, 3, Same>, GlobalMaxPool2d];
    let rng = &mut SmallRng::seed_from_u64(6);
    let mut net = Net::init(rng);
    let x = Tensor::<[[[[f32; 8]; 8]; 1]; 4]>::randn(rng);
    let target = Tensor::<[[f32; 2]; 4]>::randn(rng);
    let mut losses = Vec::new();
    for _ in 0..300 {
        let (loss, grads) = net.gradients(&x, |y| 4.0 * mse_loss(y, &target, Reduction::Mean));
        net.update(&grads, [], &mut Descend);
        losses.push(loss);
    }
    assert!(losses[299] < 0.1 * losses[0], "{} -> {}", losses[0], losses[299]);
}

type Residual2<const C: usize> = Residual<Sequential![Conv2d<C, C, 3, Same>, Relu, Conv2d<C, C, 3, Same>]>;

/// Twelve convolutions on 3×32×32.
type Deep = Sequential![
    Conv2d<3, 8, 3, Padding<1>>,
    Relu,
    Residual2<8>,
    Relu,
    Residual2<8>,
    Conv2d<8, 16, 3, (Stride<2>, Padding<1>)>,
    Relu,
    Residual2<16>,
    Relu,
    Residual2<16>,
    Conv2d<16, 32, 3, (Stride<2>, Padding<1>)>,
    Residual2<32>,
    GlobalAvgPool2d,
    Linear<32, 10>,
];

/// Both passes in a debug build, on a test thread's 2 MiB.
#[test]
fn a_deep_network_fits_the_stack() {
    let rng = &mut SmallRng::seed_from_u64(7);
    let net = Deep::init_boxed(rng);
    let x = Tensor::<[[[f32; 32]; 32]; 3]>::randn(rng);
    let mut grads = net.boxed_grads();
    net.backprop_params(&x, &mut grads, |y| y.fill(1.0));
    assert!(grads.0.weight.iter().all(|g| g.is_finite()));
}

/// Plain gradient descent.
struct Descend;

impl adamant::nn::Update<0> for Descend {
    fn update<T: Float>(&mut self, param: &mut [T], grad: &[T], []: [&mut [T]; 0]) {
        for (p, &g) in param.iter_mut().zip(grad) {
            *p += g * T::from_f64(-0.02);
        }
    }
}
