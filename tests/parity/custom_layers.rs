//! Layers as a user writes them, with `#[forward]` and nothing else: against PyTorch's values and against finite differences.
#![allow(clippy::needless_borrow, reason = "`#[forward]` takes a parameter as `&self.weight`, before a method too")]

use adamant::gradcheck::{Values, gradcheck};
use adamant::prelude::*;

use crate::golden::Golden;

fn randn<S: adamant::Shape<Elem = f64>>(seed: u64) -> Tensor<S> {
    Tensor::randn(&mut SmallRng::seed_from_u64(seed))
}

/// Checks every gradient of a layer with random parameters.
fn check<M: Backprop<X, Output: Values> + Init, X: Values>(x: X) {
    struct Random<'r>(&'r mut SmallRng);
    impl adamant::nn::VisitorMut for Random<'_> {
        fn visit_mut<T: Float>(&mut self, _: &adamant::nn::Info<'_>, values: &mut [T]) {
            values.iter_mut().for_each(|v| *v = T::from_f64(self.0.random::<f64>() - 0.5));
        }
    }
    let rng = &mut SmallRng::seed_from_u64(9);
    let mut layer = M::init(rng);
    layer.visit_mut(adamant::nn::Name::ROOT, &mut Random(rng));
    gradcheck(&mut layer, &x, 1e-6).unwrap();
}

/// y = (x − mean) / √(variance + ε) · weight + bias, over the last dimension.
#[derive(Module)]
struct MyLayerNorm<const N: usize, T: Float = f32> {
    weight: Param<[T; N]>,
    bias: Param<[T; N]>,
    #[module(value = 1e-5)]
    eps: f64,
}

#[forward]
impl<const N: usize, T: Float> MyLayerNorm<N, T> {
    fn forward<const B: usize>(&self, x: Tensor<[[T; N]; B]>) -> Tensor<[[T; N]; B]> {
        let centred = x - x.mean_axis::<1>().insert_axis::<1>().expand::<1, N>();
        let std = (x.var_population_axis::<1>() + T::from_f64(self.eps)).sqrt();
        centred / std.insert_axis::<1>().expand::<1, N>() * &self.weight + &self.bias
    }
}

#[test]
fn layer_norm() {
    check::<MyLayerNorm<5, f64>, _>(randn::<[[f64; 5]; 3]>(0));
    let golden = Golden::open("layer_norm");
    let layer =
        MyLayerNorm::<6> { weight: Param(golden.tensor("param.weight")), bias: Param(golden.tensor("param.bias")), eps: 1e-5 };
    let mut x = golden.tensor::<[[f32; 6]; 3]>("input");
    golden.check("output", layer.forward(x).as_slice());
    let mut grads = layer.zero_grads();
    layer.backprop(&mut x, &mut grads, |y| *y = golden.tensor("grad_output"));
    golden.check("grad_input", x.as_slice());
    golden.check("grad.weight", grads.weight.as_slice());
    golden.check("grad.bias", grads.bias.as_slice());
}

/// y = x / √(mean x² + ε) · weight.
#[derive(Module)]
struct MyRmsNorm<const N: usize, T: Float = f32> {
    weight: Param<[T; N]>,
}

#[forward]
impl<const N: usize, T: Float> MyRmsNorm<N, T> {
    fn forward<const B: usize>(&self, x: Tensor<[[T; N]; B]>) -> Tensor<[[T; N]; B]> {
        let scale = (x.square().mean_axis::<1>() + T::EPSILON).rsqrt();
        x * scale.insert_axis::<1>().expand::<1, N>() * &self.weight
    }
}

#[test]
fn rms_norm() {
    check::<MyRmsNorm<5, f64>, _>(randn::<[[f64; 5]; 3]>(0));
    let golden = Golden::open("rms_norm");
    let layer = MyRmsNorm::<6> { weight: Param(golden.tensor("param.weight")) };
    let mut x = golden.tensor::<[[f32; 6]; 3]>("input");
    golden.check("output", layer.forward(x).as_slice());
    let mut grads = layer.zero_grads();
    layer.backprop(&mut x, &mut grads, |y| *y = golden.tensor("grad_output"));
    golden.check("grad_input", x.as_slice());
    golden.check("grad.weight", grads.weight.as_slice());
}

/// y_k = x₁ᵀ · W_k · x₂ + b_k, for a batch of four.
#[derive(Module)]
struct MyBilinear<T: Float = f32> {
    /// `[OUT][IN1][IN2]`.
    weight: Param<[[[T; 4]; 5]; 7]>,
    bias: Param<[T; 7]>,
}

#[forward]
impl<T: Float> MyBilinear<T> {
    fn forward(&self, a: Tensor<[[T; 5]; 4]>, b: Tensor<[[T; 4]; 4]>) -> Tensor<[[T; 7]; 4]> {
        // [IN1][OUT · IN2], so that one product gives x₁ᵀ · W_k for every k.
        let weight = (&self.weight).permute::<1, 0, 2>().reshape::<[[T; 28]; 5]>();
        let left = a.matmul(&weight).reshape::<[[[T; 4]; 7]; 4]>();
        (left * b.insert_axis::<1>().expand::<1, 7>()).sum_axis::<2>() + &self.bias
    }
}

#[test]
fn bilinear() {
    check::<MyBilinear<f64>, _>((randn::<[[f64; 5]; 4]>(0), randn::<[[f64; 4]; 4]>(1)));
    let golden = Golden::open("bilinear");
    let layer = MyBilinear::<f32> { weight: Param(golden.tensor("param.weight")), bias: Param(golden.tensor("param.bias")) };
    let mut x = (golden.tensor("input"), golden.tensor("input2"));
    golden.check("output", layer.forward(x.0, x.1).as_slice());
    let mut grads = layer.zero_grads();
    layer.backprop(&mut x, &mut grads, |y| *y = golden.tensor("grad_output"));
    golden.check("grad_input", x.0.as_slice());
    golden.check("grad_input2", x.1.as_slice());
    golden.check("grad.weight", grads.weight.as_slice());
    golden.check("grad.bias", grads.bias.as_slice());
}

/// A gated recurrent unit over `L` steps: the state after each.
#[derive(Module)]
#[module(custom(forward))]
struct MyGru<const IN: usize, const H: usize, T: Float = f32> {
    ir: Linear<IN, H, Bias, T>,
    iz: Linear<IN, H, Bias, T>,
    i_n: Linear<IN, H, Bias, T>,
    hr: Linear<H, H, Bias, T>,
    hz: Linear<H, H, Bias, T>,
    hn: Linear<H, H, Bias, T>,
}

#[forward]
impl<const IN: usize, const H: usize, T: Float> MyGru<IN, H, T> {
    fn forward<const B: usize, const L: usize>(&self, x: Tensor<[[[T; IN]; B]; L]>) -> Tensor<[[[T; H]; B]; L]> {
        let mut h = Tensor::<[[T; H]; B]>::zeros();
        let mut states = Tensor::<[[[T; H]; B]; L]>::zeros();
        for t in 0..L {
            let x = x.row(t);
            let r = (self.ir.forward(x) + self.hr.forward(h)).sigmoid();
            let z = (self.iz.forward(x) + self.hz.forward(h)).sigmoid();
            let n = (self.i_n.forward(x) + r * self.hn.forward(h)).tanh();
            h = n + z * (h - n);
            states = states.with_row(t, &h);
        }
        states
    }
}

#[test]
fn gru() {
    check::<MyGru<3, 2, f64>, _>(randn::<[[[f64; 3]; 2]; 4]>(0));
    let golden = Golden::open("gru");
    let mut layer = MyGru::<3, 4>::BLANK;
    let (wi, wh) =
        (golden.tensor::<[[f32; 3]; 12]>("param.weight_ih_l0"), golden.tensor::<[[f32; 4]; 12]>("param.weight_hh_l0"));
    let (bi, bh) = (golden.tensor::<[f32; 12]>("param.bias_ih_l0"), golden.tensor::<[f32; 12]>("param.bias_hh_l0"));
    // PyTorch stacks the gates: r, z, n.
    let gates = [(&mut layer.ir, &mut layer.hr), (&mut layer.iz, &mut layer.hz), (&mut layer.i_n, &mut layer.hn)];
    for (gate, (input, state)) in gates.into_iter().enumerate() {
        for j in 0..4 {
            let row = 4 * gate + j;
            (0..3).for_each(|i| input.weight.0.0[i][j] = wi.0[row][i]);
            (0..4).for_each(|i| state.weight.0.0[i][j] = wh.0[row][i]);
            (input.bias.0.0[j], state.bias.0.0[j]) = (bi.0[row], bh.0[row]);
        }
    }
    // PyTorch's batch comes first, a loop's time does.
    let mut x = golden.tensor::<[[[f32; 3]; 5]; 2]>("input").swap_axes::<0, 1>();
    let grad_output = golden.tensor::<[[[f32; 4]; 5]; 2]>("grad_output").swap_axes::<0, 1>();
    golden.check("output", layer.forward(x).swap_axes::<0, 1>().as_slice());
    let mut grads = layer.zero_grads();
    layer.backprop(&mut x, &mut grads, |y| *y = grad_output);
    golden.check("grad_input", x.swap_axes::<0, 1>().as_slice());
    let dwi = golden.tensor::<[[f32; 3]; 12]>("grad.weight_ih_l0");
    let dbh = golden.tensor::<[f32; 12]>("grad.bias_hh_l0");
    for (gate, (input, state)) in
        [(&grads.ir, &grads.hr), (&grads.iz, &grads.hz), (&grads.i_n, &grads.hn)].into_iter().enumerate()
    {
        let ours = Tensor::<[[f32; 3]; 4]>::from_fn(|[j, i]| input.weight.0[i][j]);
        let theirs = Tensor::<[[f32; 3]; 4]>::from_fn(|[j, i]| dwi.0[4 * gate + j][i]);
        assert!(ours.all_close(&theirs, 1e-5, 1e-5), "{ours} {theirs}");
        let theirs = Tensor::<[f32; 4]>::from_fn(|[j]| dbh.0[4 * gate + j]);
        assert!(state.bias.all_close(&theirs, 1e-5, 1e-5), "{} {theirs}", state.bias);
    }
}

/// softmax(q · kᵀ / √D) · v: scaled dot-product attention of a sequence on itself.
#[derive(Module)]
#[module(custom(forward))]
struct MyAttention<const D: usize, T: Float = f32> {
    query: Linear<D, D, Bias, T>,
    key: Linear<D, D, Bias, T>,
    value: Linear<D, D, Bias, T>,
}

#[forward]
impl<const D: usize, T: Float> MyAttention<D, T> {
    fn forward<const L: usize>(&self, x: Tensor<[[T; D]; L]>) -> Tensor<[[T; D]; L]> {
        let scale = T::from_usize(D).rsqrt();
        let scores = self.query.forward(x).matmul(&self.key.forward(x).transpose()) * scale;
        scores.softmax::<-1>().matmul(&self.value.forward(x))
    }
}

#[test]
fn attention() {
    check::<MyAttention<4, f64>, _>(randn::<[[f64; 4]; 3]>(0));
    // One head of one token attends to itself alone: the output is the value.
    let layer = MyAttention::<4>::init(&mut SmallRng::seed_from_u64(1));
    let x = Tensor([[1.0, -2.0, 0.5, 3.0]]);
    assert!(layer.forward(x).all_close(&layer.value.forward(&x), 1e-6, 1e-6));
}

/// Two experts, weighed by a gate that sees the input.
#[derive(Module)]
#[module(custom(forward))]
struct MyMixture<const IN: usize, const OUT: usize, T: Float = f32> {
    gate: Linear<IN, 2, Bias, T>,
    first: Sequential![Linear<IN, OUT, Bias, T>, Tanh],
    second: Sequential![Linear<IN, OUT, Bias, T>, Silu],
}

#[forward]
impl<const IN: usize, const OUT: usize, T: Float> MyMixture<IN, OUT, T> {
    fn forward<const B: usize>(&self, x: Tensor<[[T; IN]; B]>) -> Tensor<[[T; OUT]; B]> {
        let weights = self.gate.forward(x).softmax::<-1>().transpose();
        let first = self.first.forward(x) * weights.row(0).insert_axis::<1>().expand::<1, OUT>();
        let second = self.second.forward(x) * weights.row(1).insert_axis::<1>().expand::<1, OUT>();
        first + second
    }
}

#[test]
fn mixture_of_experts() {
    check::<MyMixture<3, 2, f64>, _>(randn::<[[f64; 3]; 4]>(0));
}

/// y = act(x · W + b) for PyTorch's linear layer.
#[derive(Module)]
struct MyDense<const IN: usize, const OUT: usize, T: Float = f32> {
    #[module(transposed)]
    weight: Param<[[T; OUT]; IN]>,
    bias: Param<[T; OUT]>,
}

#[forward]
impl<const IN: usize, const OUT: usize, T: Float> MyDense<IN, OUT, T> {
    fn forward<const B: usize>(&self, x: Tensor<[[T; IN]; B]>) -> Tensor<[[T; OUT]; B]> {
        x.matmul(&self.weight) + &self.bias
    }
}

#[test]
fn dense() {
    check::<MyDense<3, 2, f64>, _>(randn::<[[f64; 3]; 4]>(0));
    let golden = Golden::open("linear");
    let weight = golden.tensor::<[[f32; 5]; 7]>("param.weight").transpose();
    let layer = MyDense::<5, 7> { weight: Param(weight), bias: Param(golden.tensor("param.bias")) };
    let mut x = golden.tensor::<[[f32; 5]; 4]>("input");
    golden.check("output", layer.forward(x).as_slice());
    let mut grads = layer.zero_grads();
    layer.backprop(&mut x, &mut grads, |y| *y = golden.tensor("grad_output"));
    golden.check("grad_input", x.as_slice());
    golden.check("grad.weight", grads.weight.transpose().as_slice());
    golden.check("grad.bias", grads.bias.as_slice());
}

/// (x² + bias) · weight
#[derive(Module)]
struct MyLayer<const IN: usize, const OUT: usize> {
    weight: Param<[[f32; OUT]; IN]>,
    bias: Param<[f32; IN]>,
}

#[forward]
impl<const IN: usize, const OUT: usize> MyLayer<IN, OUT> {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
        (x.square() + &self.bias).matmul(&self.weight)
    }
}

#[derive(Module)]
struct MyNet {
    mylayer1: MyLayer<5, 3>,
}

#[test]
fn my_layer_trains_as_in_pytorch() {
    let golden = Golden::open("train_adam");
    let mut model = MyNet {
        mylayer1: MyLayer {
            weight: Param(golden.tensor("param.mylayer1.weight")),
            bias: Param(golden.tensor("param.mylayer1.bias")),
        },
    };
    let (x, y) = (golden.tensor::<[[f32; 5]; 10]>("input"), golden.tensor::<[[f32; 3]; 10]>("target"));
    let mut adam = Adam::new(&model).lr(1e-4);
    let losses = Tensor::<[f32; 10]>::from_fn(|_| {
        let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &y, Reduction::Sum));
        adam.step(&mut model, &grads);
        loss
    });
    golden.check("losses", losses.as_slice());
    golden.check("param_after.mylayer1.weight", model.mylayer1.weight.as_slice());
    golden.check("param_after.mylayer1.bias", model.mylayer1.bias.as_slice());
}
