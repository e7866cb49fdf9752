//! The kernels, each a function whose arguments were made before it is called.

use std::hint::black_box;

use adamant::ops::{self, Cos, Gelu, Ln, Silu, Sin};
use adamant::prelude::*;
use adamant::simd;

/// So many numbers: of the element-wise functions, of the reductions.
const N: usize = 4096;

type Row<const N: usize, T = f32> = Tensor<[T; N]>;
type Rows<const N: usize> = Tensor<[[f32; N]; 64]>;
type Images<const C: usize, const S: usize> = Tensor<[[[[f32; S]; S]; C]; 4]>;

type Conv1 = Conv2d<1, 8, 3, Padding<1>>;
type Conv8 = Conv2d<8, 16, 3, Padding<1>>;
type Norm = LayerNorm<[f32; 128]>;
type Net = Linear<64, 64>;

/// What a kernel works on.
trait Operand {
    fn random(rng: &mut SmallRng) -> Self;
}

macro_rules! operands {
    ($([$($size:ident)*] $type:ty = |$rng:ident| $new:expr;)+) => {$(
        impl<$(const $size: usize),*> Operand for $type {
            fn random($rng: &mut SmallRng) -> Self {
                $new
            }
        }
    )+};
}

operands! {
    [N] Row<N> = |rng| Tensor::randn(rng);
    [N] Row<N, f64> = |rng| Tensor::randn(rng);
    [N] Rows<N> = |rng| Tensor::randn(rng);
    [C S] Images<C, S> = |rng| Tensor::randn(rng);
    [] Adam<Net> = |rng| Adam::new(&Net::init(rng));
    [] Sgd<Net, 1> = |rng| Sgd::new(&Net::init(rng)).momentum(0.9);
}

/// A layer and its parameters' gradients.
struct Trained<M: Parameters> {
    model: M,
    grads: M::Grads,
}

impl<M: Parameters + Init> Operand for Trained<M> {
    fn random(rng: &mut SmallRng) -> Self {
        let model = M::init(rng);
        Self { grads: model.zero_grads(), model }
    }
}

/// A loss whose gradient is what it is given.
fn keep<Y>(_: &mut Y) {}

/// A function for each line, and one that calls them all. After the slash: for how many elements it is, multiply-adds of a product.
macro_rules! kernels {
    ($($name:ident($($operand:ident: $type:ty),+) / $elements:expr => $body:expr;)+) => {
        /// What is counted: `check` knows this module.
        mod counted {
            use super::*;

            $(
                #[inline(never)]
                pub fn $name($($operand: &mut $type),+) {
                    black_box($body);
                }
            )+
        }

        /// Calls each and writes its name and its number of elements.
        pub fn run() {
            let rng = &mut SmallRng::seed_from_u64(0);
            $(
                counted::$name($(black_box(&mut <$type>::random(rng))),+);
                println!("{} {}", stringify!($name), $elements);
            )+
        }
    };
}

kernels! {
    // Products.
    gemm_nn(a: Row<12288>, b: Row<24576>, c: Row<8192>) / 64 * 192 * 128 =>
        simd::gemm_nn(64, 192, 128, a.as_slice(), b.as_slice(), c.as_mut_slice());
    gemm_tn(a: Row<12288>, b: Row<24576>, c: Row<8192>) / 64 * 192 * 128 =>
        simd::gemm_tn(64, 192, 128, a.as_slice(), b.as_slice(), c.as_mut_slice());
    gemm_nt(a: Row<12288>, b: Row<24576>, c: Row<8192>) / 64 * 192 * 128 =>
        simd::gemm_nt(64, 192, 128, a.as_slice(), b.as_slice(), c.as_mut_slice());
    gemm_nn_f64(a: Row<4096, f64>, b: Row<8192, f64>, c: Row<8192, f64>) / 64 * 64 * 128 =>
        simd::gemm_nn(64, 64, 128, a.as_slice(), b.as_slice(), c.as_mut_slice());
    gemm_ragged(a: Row<12288>, b: Row<1920>, c: Row<640>) / 64 * 192 * 10 =>
        simd::gemm_nn(64, 192, 10, a.as_slice(), b.as_slice(), c.as_mut_slice());
    gemm_small(a: Row<128>, b: Row<256>, c: Row<128>) / 8 * 16 * 16 =>
        simd::gemm_nn(8, 16, 16, a.as_slice(), b.as_slice(), c.as_mut_slice());
    vector_matrix(a: Row<256>, b: Row<32768>, c: Row<128>) / 256 * 128 =>
        simd::gemm_nn(1, 256, 128, a.as_slice(), b.as_slice(), c.as_mut_slice());
    matrix_vector(a: Row<32768>, b: Row<256>, c: Row<128>) / 256 * 128 =>
        simd::gemm_nn(128, 256, 1, a.as_slice(), b.as_slice(), c.as_mut_slice());

    // Reductions.
    sum(x: Row<N>) / N => simd::sum(x.as_slice());
    sum_f64(x: Row<N, f64>) / N => simd::sum(x.as_slice());
    sum_squares(x: Row<N>) / N => simd::sum_squares(x.as_slice());
    dot(x: Row<N>, y: Row<N>) / N => simd::dot(x.as_slice(), y.as_slice());
    max(x: Row<N>) / N => simd::max(x.as_slice());
    sum_rows(x: Rows<128>, sums: Row<128>) / 64 * 128 =>
        simd::sum_rows(x.as_slice(), sums.as_mut_slice());

    // Functions of a number, and with their derivatives.
    exp(x: Row<N>, y: Row<N>) / N => ops::elementwise(&ops::Exp::new(), x, y);
    exp_f64(x: Row<N, f64>, y: Row<N, f64>) / N => ops::elementwise(&ops::Exp::new(), x, y);
    ln(x: Row<N>, y: Row<N>) / N => ops::elementwise(&Ln::new(), x, y);
    tanh(x: Row<N>, y: Row<N>) / N => ops::elementwise(&ops::Tanh, x, y);
    sigmoid(x: Row<N>, y: Row<N>) / N => ops::elementwise(&ops::Sigmoid, x, y);
    sin(x: Row<N>, y: Row<N>) / N => ops::elementwise(&Sin::new(), x, y);
    cos(x: Row<N>, y: Row<N>) / N => ops::elementwise(&Cos::new(), x, y);
    gelu(x: Row<N>, y: Row<N>) / N => ops::elementwise(&Gelu, x, y);
    relu(x: Row<N>, y: Row<N>) / N => ops::elementwise(&ops::Relu, x, y);
    tanh_training(x: Row<N>, y: Row<N>) / N => ops::elementwise_with_derivative(&ops::Tanh, x, y);
    silu_training(x: Row<N>, y: Row<N>) / N => ops::elementwise_with_derivative(&Silu, x, y);
    gelu_training(x: Row<N>, y: Row<N>) / N => ops::elementwise_with_derivative(&Gelu, x, y);
    relu_backward(x: Row<N>, dy: Row<N>) / N => ops::elementwise_backward(&ops::Relu, x, dy);

    // Rows: softmax and normalisations. A backward pass is counted with its forward pass.
    softmax_10(x: Rows<10>) / 64 * 10 => ops::softmax::<_, -1>(x);
    softmax(x: Rows<512>) / 64 * 512 => ops::softmax::<_, -1>(x);
    softmax_backward(y: Rows<512>, dy: Rows<512>) / 64 * 512 => ops::softmax_backward::<_, -1>(y, dy);
    log_softmax(x: Rows<512>) / 64 * 512 => ops::log_softmax::<_, -1>(x);
    layer_norm(norm: Trained<Norm>, x: Rows<128>, y: Rows<128>) / 64 * 128 =>
        norm.model.forward_into(x, y);
    layer_norm_training(norm: Trained<Norm>, x: Rows<128>) / 64 * 128 =>
        norm.model.backprop(x, &mut norm.grads, keep);
    batch_norm_training(norm: Trained<BatchNorm1d<128>>, x: Rows<128>) / 64 * 128 =>
        norm.model.backprop(x, &mut norm.grads, keep);

    // Images: an input of a pool, a multiply-add of a convolution.
    max_pool(x: Images<8, 28>, y: Images<8, 14>) / 4 * 8 * 28 * 28 =>
        MaxPool2d::<2>::new().forward_into(x, y);
    max_pool_training(x: Images<8, 28>) / 4 * 8 * 28 * 28 =>
        MaxPool2d::<2>::new().backprop(x, &mut (), keep);
    conv_1(conv: Trained<Conv1>, x: Images<1, 28>, y: Images<8, 28>) / 4 * 8 * 9 * 28 * 28 =>
        conv.model.forward_into(x, y);
    conv_8(conv: Trained<Conv8>, x: Images<8, 14>, y: Images<16, 14>)
        / 4 * 8 * 16 * 9 * 14 * 14 => conv.model.forward_into(x, y);
    conv_8_weight(conv: Trained<Conv8>, x: Images<8, 14>)
        / 2 * 4 * 8 * 16 * 9 * 14 * 14 => conv.model.backprop_params(x, &mut conv.grads, keep);
    conv_8_training(conv: Trained<Conv8>, x: Images<8, 14>)
        / 3 * 4 * 8 * 16 * 9 * 14 * 14 => conv.model.backprop(x, &mut conv.grads, keep);

    // A parameter of an optimiser.
    adam(net: Trained<Net>, adam: Adam<Net>) / 64 * 65 => adam.step(&mut net.model, &net.grads);
    sgd(net: Trained<Net>, sgd: Sgd<Net, 1>) / 64 * 65 => sgd.step(&mut net.model, &net.grads);
}
