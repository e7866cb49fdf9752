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
            Conv1d<2, 3, 4, (Same, Reflect), f64>,
            Conv1d<2, 3, 4, Causal, f64>,
            Conv1d<2, 4, 3, (Causal, Dilation<2>, Replicate, Groups<2>), f64>,
            Conv1d<2, 3, 2, (PaddingEnd<3>, Circular, Stride<2>), f64>,
            ConvTranspose1d<2, 3, 3, (), f64>,
            ConvTranspose1d<2, 2, 4, (Stride<3>, Padding<1>, OutputPadding<2>, Dilation<2>, Depthwise), f64>;
        // Causal, in tiles and along the rows.
        Tensor<[[f64; 70]; 2]>: Conv1d<2, 3, 3, (Causal, Dilation<4>), f64>, Conv1d<2, 2, 3, (Causal, Depthwise), f64>;
        Image<2, 5, 4>:
            Conv<2, 3, 3, (Padding<1, 0>, PaddingEnd<0, 2>)>,
            Conv<2, 3, 3, (Padding<1>, PaddingEnd<2>, Reflect)>,
            Conv<2, 3, 2, (Padding<3, 1>, PaddingEnd<0, 1>, Replicate, Stride<2>)>;
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
            MaxPool2d<4, (CeilMode, Stride<3>, Padding<1>)>, MaxPool2d<2, (CeilMode, Stride<3, 4>)>,
            AvgPool2d<4, (CeilMode, Stride<3>, Padding<1>)>, AvgPool2d<4, (CeilMode, ExcludePad, Padding<2>)>,
            UpsampleBilinear<Scale<2>>, UpsampleBilinear<(Size<13, 4>, AlignCorners)>,
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

/// The signal with zeros or its first number before it, and zeros behind.
fn padded<const C: usize, const L: usize, const OL: usize>(
    x: &Tensor<[[f64; L]; C]>,
    before: usize,
    first: bool,
) -> Tensor<[[f64; OL]; C]> {
    Tensor::from_fn(|[c, i]: [usize; 2]| match i.checked_sub(before) {
        Some(i) => x.get([c, i]).copied().unwrap_or(0.0),
        None if first => x.0[c][0],
        None => 0.0,
    })
}

#[test]
fn padding_of_each_side_is_padding_before_the_layer() {
    let rng = &mut SmallRng::seed_from_u64(8);
    let x = Tensor::<[[f64; 40]; 2]>::randn(rng);
    let plain = Conv1d::<2, 3, 4, Dilation<2>, f64>::init(rng);

    let causal = Conv1d::<2, 3, 4, (Causal, Dilation<2>), f64>::new(plain.weight, plain.bias);
    assert!(causal.forward(&x).all_close(&plain.forward(&padded::<2, 40, 46>(&x, 6, false)), 1e-12, 1e-12));
    let causal = Conv1d::<2, 3, 4, (Causal, Dilation<2>, Replicate), f64>::new(plain.weight, plain.bias);
    assert!(causal.forward(&x).all_close(&plain.forward(&padded::<2, 40, 46>(&x, 6, true)), 1e-12, 1e-12));
    let more = Conv1d::<2, 3, 4, (Padding<2>, Dilation<2>, PaddingEnd<5>), f64>::new(plain.weight, plain.bias);
    let y: Tensor<[[f64; 41]; 3]> = more.forward(&x);
    assert!(y.all_close(&plain.forward(&padded::<2, 40, 47>(&x, 2, false)), 1e-12, 1e-12));

    // In two dimensions each on its own side.
    let image = Image::<1, 3, 3>::ones();
    let one = Conv2d::<1, 1, 1, (PaddingEnd<1, 2>, Padding<2, 0>), f64>::new(Param(Tensor::ones()), Param(Tensor::zeros()));
    let y: Image<1, 6, 5> = one.forward(&image);
    let inside = |[_, i, j]: [usize; 3]| if (2..5).contains(&i) && j < 3 { 1.0 } else { 0.0 };
    assert_eq!(y, Tensor::from_fn(inside));
}

#[test]
fn a_causal_convolution_sees_no_later_input() {
    let rng = &mut SmallRng::seed_from_u64(9);
    let layer = Conv1d::<1, 2, 3, (Causal, Dilation<3>)>::init(rng);
    let x = Tensor::<[[f32; 50]; 1]>::randn(rng);
    let y = layer.forward(&x);
    for t in 0..50 {
        let mut later = x;
        later.0[0][t] = f32::NAN;
        let changed = layer.forward(&later);
        for (o, i) in (0..2).flat_map(|o| (0..50).map(move |i| (o, i))) {
            let sees = i >= t && i <= t + 6 && (i - t) % 3 == 0;
            assert_eq!(changed.0[o][i] != y.0[o][i], sees, "output {i}, input {t}");
        }
    }
}

/// Generic over the length, as with `Same`.
fn causal_twice<const C: usize, const L: usize>(
    conv: &Conv1d<C, C, 2, Causal>,
    x: &Tensor<[[f32; L]; C]>,
) -> Tensor<[[f32; L]; C]> {
    conv.forward(&conv.forward(x))
}

#[test]
fn blocks_are_generic_over_the_length() {
    let conv = Conv1d::<2, 2, 2, Causal>::init(&mut SmallRng::seed_from_u64(10));
    assert!(causal_twice(&conv, &Tensor::<[[f32; 33]; 2]>::ones()).iter().all(|y| y.is_finite()));
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
    print(
        &Conv1d::<2, 3, 3, (Causal, Dilation<2>)>::BLANK,
        "Conv1d(2, 3, kernel_size=(3,), stride=(1,), padding=causal, dilation=(2,))",
    );
    print(
        &Conv1d::<2, 3, 3, (Padding<2>, PaddingEnd<0>)>::BLANK,
        "Conv1d(2, 3, kernel_size=(3,), stride=(1,), padding=((2, 0),))",
    );
    print(
        &Conv2d::<2, 3, 3, (Padding<2, 1>, PaddingEnd<0>)>::BLANK,
        "Conv2d(2, 3, kernel_size=(3, 3), stride=(1, 1), padding=((2, 0), (1, 0)))",
    );
    print(
        &ConvTranspose1d::<4, 2, 3, (Stride<2>, OutputPadding<1>, Groups<2>)>::BLANK,
        "ConvTranspose1d(4, 2, kernel_size=(3,), stride=(2,), output_padding=(1,), groups=2)",
    );
    print(&MaxPool1d::<2, CeilMode>::new(), "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=True)");
    print(&AvgPool2d::<2, CeilMode>::new(), "AvgPool2d(kernel_size=2, stride=2, padding=0)");
    print(&UpsampleLinear::<Scale<3>>::new(), "Upsample(scale_factor=3.0, mode='linear')");
    print(&UpsampleBilinear::<(Scale<3, 2>, AlignCorners)>::new(), "Upsample(scale_factor=(3.0, 2.0), mode='bilinear')");
    print(&UpsampleBilinear::<Size<5, 7>>::new(), "Upsample(size=(5, 7), mode='bilinear')");
    print(&AdaptiveAvgPool2d::<1>, "AdaptiveAvgPool2d(output_size=(1, 1))");
}

#[test]
fn costs_are_constants() {
    fn costs<M: Backprop<X>, X: Clone>() -> (u64, usize, usize) {
        (M::MACS, M::FORWARD_BYTES, M::BACKPROP_BYTES - size_of::<M::Output>())
    }
    // A small one, over a plane of 64 in tiles: patches of 9 × TILE, products of 3 × TILE.
    let tiled = (9 + 3) * TILE * 4;
    assert_eq!(costs::<Conv2d<1, 3, 3, Padding<1>>, Image<1, 8, 8, f32>>(), (3 * 9 * 64, tiled, tiled));
    // A plane that is smaller than a tile in one: the sample's patches and nothing else.
    let whole = 18 * 8 * 4;
    assert_eq!(costs::<Conv2d<2, 3, 3, Padding<1>>, Image<2, 2, 4, f32>>(), (3 * 18 * 8, whole, whole));
    // A larger one through a copy of a part of the planes, and for its gradient a panel and its sums in tiles of nine.
    if TILE == 32 {
        let (copy, panel) = ((8192 + 64) * 4, (256 + 261) * 64);
        assert_eq!(costs::<Conv2d<8, 16, 3>, Image<8, 8, 8, f32>>(), (16 * 72 * 36, copy, copy + panel));
        assert_eq!(costs::<Conv2d<8, 16, 3, Padding<1>>, Image<8, 8, 8, f32>>(), (16 * 72 * 64, copy, copy + panel));
    }
    assert_eq!(costs::<Conv2d<8, 16, 1>, Tensor<[[[[f32; 9]; 9]; 8]; 2]>>(), (2 * 16 * 8 * 81, 0, 0));
    let depthwise = (9 + 1) * TILE * 4;
    assert_eq!(costs::<Conv2d<2, 2, 3, (Same, Depthwise)>, Image<2, 9, 9, f32>>(), (2 * 9 * 81, depthwise, depthwise));
    assert_eq!(costs::<Conv2d<1, 1, 3, (Same, Depthwise)>, Image<1, 9, 16, f32>>(), (9 * 144, 0, depthwise));
    assert_eq!(costs::<MaxPool2d<2>, Image<8, 8, 8, f32>>(), (0, 0, 64 * 4));
    assert_eq!(costs::<AvgPool2d<2>, Image<8, 8, 8, f32>>(), (0, 0, 0));
    assert_eq!(costs::<ConvTranspose2d<3, 2, 3, Stride<2>>, Image<3, 4, 5, f32>>().0, 3 * 2 * 9 * 20);
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
