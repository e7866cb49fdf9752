//! burn on its CPU backend, flex.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{BatchNormConfig, LayerNormConfig, Linear, PaddingConfig2d};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{gelu, relu, sigmoid, softmax};
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::inputs::{Array, Inputs};
use crate::program::Program;

/// burn's program for a task.
pub fn program(task: &str, inputs: &Inputs) -> Option<Program> {
    let x = |inputs: &Inputs| tensor::<2>(inputs.get("x"), &Device::flex());
    let function =
        |f: fn(Tensor<1>) -> Tensor<1>| Some(pure(tensor::<1>(inputs.get("x"), &Device::flex()), move |x| f(x.clone())));
    match task {
        "nn" => {
            let state = ["a", "b"].map(|name| tensor::<2>(inputs.get(name), &Device::flex()));
            Some(pure(state, |[a, b]| a.clone().matmul(b.clone())))
        }
        "digits.forward" => Some(forward(inputs, digits)),
        "control.forward" => Some(forward(inputs, control)),
        "cnn.forward" => Some(forward(inputs, cnn)),
        "digits.step" => Some(step(inputs, digits, cross_entropy, 1e-3)),
        "cnn.step" => Some(step(inputs, cnn, cross_entropy, 1e-3)),
        "control.step" => Some(step(inputs, control, |p, y| (p - y).square().mean(), 1e-3)),
        "my_layer.step" => Some(step(inputs, my_layer, |p, y| (p - y).square().sum(), 1e-4)),
        "lstm.step" => Some(step(inputs, lstm, |p, y| (p - y).square().mean(), 1e-3)),
        "gru_cell" => Some(gru_cell(inputs)),
        "softmax" => Some(pure(x(inputs), |x| softmax(x.clone(), 1))),
        "max_pool" => Some(pure(tensor::<4>(inputs.get("x"), &Device::flex()), |x| pool(x.clone()))),
        "layer_norm" => {
            let norm = LayerNormConfig::new(128).with_epsilon(1e-5).init(&Device::flex());
            Some(pure(x(inputs), move |x| norm.forward(x.clone())))
        }
        "layer_norm.gradient" => Some(layer_norm_gradient(inputs)),
        "batch_norm.gradient" => Some(batch_norm_gradient(inputs)),
        "exp" => function(Tensor::exp),
        "tanh" => function(Tensor::tanh),
        "sigmoid" => function(sigmoid),
        "ln" => function(Tensor::log),
        "sin" => function(Tensor::sin),
        "gelu" => function(gelu),
        _ => None,
    }
}

/// A function of tensors that stand ready.
fn pure<S: 'static, const D: usize>(state: S, run: impl Fn(&S) -> Tensor<D> + 'static) -> Program {
    Program::pure("burn", state, run, numbers)
}

fn tensor<const D: usize>(array: &Array, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(array.data.clone(), array.dims.clone()), device)
}

fn numbers<const D: usize>(y: Tensor<D>) -> Vec<f32> {
    y.into_data().try_to_vec().expect("the tensor is of f32")
}

/// The layers of any of the networks, in their order.
#[derive(Module, Debug)]
struct Net {
    linears: Vec<Linear>,
    convs: Vec<Conv2d>,
}

impl Net {
    /// All that the inputs name a weight.
    fn new(inputs: &Inputs, device: &Device) -> Self {
        let (mut linears, mut convs) = (Vec::new(), Vec::new());
        for (name, array) in inputs.iter().filter(|(name, _)| name.contains("weight")) {
            let bias = Some(Param::from_tensor(tensor(inputs.get(&name.replace("weight", "bias")), device)));
            match array.dims[..] {
                [out_channels, channels, height, width] => {
                    let config = Conv2dConfig::new([channels, out_channels], [height, width]);
                    let conv = config.with_padding(PaddingConfig2d::Same).init(device);
                    convs.push(Conv2d { weight: Param::from_tensor(tensor(array, device)), bias, ..conv });
                }
                _ => linears.push(Linear { weight: Param::from_tensor(tensor(array, device)), bias }),
            }
        }
        Self { linears, convs }
    }
}

fn pool(x: Tensor<4>) -> Tensor<4> {
    max_pool2d(x, MaxPoolOptions::new([2, 2]))
}

fn digits(net: &Net, x: Tensor<2>) -> Tensor<2> {
    net.linears[1].forward(relu(net.linears[0].forward(x)))
}

fn control(net: &Net, x: Tensor<2>) -> Tensor<2> {
    let h = net.linears[1].forward(net.linears[0].forward(x).tanh()).tanh();
    net.linears[2].forward(h)
}

/// Its weight and bias are held as a linear layer's.
fn my_layer(net: &Net, x: Tensor<2>) -> Tensor<2> {
    let Linear { weight, bias } = &net.linears[0];
    let bias = bias.as_ref().expect("it has a bias").val();
    (x.square() + bias.unsqueeze()).matmul(weight.val())
}

fn cnn(net: &Net, x: Tensor<4>) -> Tensor<2> {
    let x = pool(relu(net.convs[0].forward(x)));
    let x = pool(relu(net.convs[1].forward(x)));
    net.linears[0].forward(x.flatten(1, 3))
}

fn lstm(net: &Net, x: Tensor<3>) -> Tensor<2> {
    let inputs = net.linears[0].forward(x.clone());
    let mut h = Tensor::<2>::zeros([8, 32], &x.device());
    let mut c = h.clone();
    for t in 0..20 {
        let gates = inputs.clone().narrow(1, t, 1).squeeze_dim(1) + net.linears[1].forward(h);
        let [i, f, g, o] = <[Tensor<2>; 4]>::try_from(gates.chunk(4, 1)).expect("four gates");
        c = sigmoid(f) * c + sigmoid(i) * g.tanh();
        h = sigmoid(o) * c.clone().tanh();
    }
    h
}

fn gru_cell(inputs: &Inputs) -> Program {
    let device = Device::flex();
    let net = Net::new(inputs, &device);
    let state = ["x", "h"].map(|name| tensor::<1>(inputs.get(name), &device).unsqueeze::<2>());
    pure(state, move |[x, h]| {
        let gates = |i: usize, x: &Tensor<2>| <[Tensor<2>; 3]>::try_from(net.linears[i].forward(x.clone()).chunk(3, 1));
        let ([xr, xz, xn], [hr, hz, hn]) = (gates(0, x).expect("three gates"), gates(1, h).expect("three gates"));
        let (r, z) = (sigmoid(xr + hr), sigmoid(xz + hz));
        let n = (xn + r * hn).tanh();
        n.clone() + z * (h.clone() - n)
    })
}

fn forward<const D: usize>(inputs: &Inputs, network: fn(&Net, Tensor<D>) -> Tensor<2>) -> Program {
    let device = Device::flex();
    let (net, x) = (Net::new(inputs, &device), tensor::<D>(inputs.get("x"), &device));
    pure(x, move |x| network(&net, x.clone()))
}

fn cross_entropy(p: Tensor<2>, y: Tensor<1>) -> Tensor<1> {
    let device = p.device();
    let labels: Tensor<1, Int> = y.int();
    CrossEntropyLossConfig::new().init(&device).forward(p, labels)
}

fn step<const D: usize, const Y: usize>(
    inputs: &Inputs,
    network: fn(&Net, Tensor<D>) -> Tensor<2>,
    loss: fn(Tensor<2>, Tensor<Y>) -> Tensor<1>,
    lr: f64,
) -> Program {
    let device = Device::flex().autodiff();
    let (x, y) = (tensor::<D>(inputs.get("x"), &device), tensor::<Y>(inputs.get("y"), &device));
    let inputs = inputs.clone();
    let start = move || (Some(Net::new(&inputs, &device)), AdamConfig::new().with_epsilon(1e-8).init(), 0.0f32);
    let run = move |(net, adam, last): &mut (Option<Net>, ModuleOptimizer, f32)| {
        let Some(before) = net.take() else { return };
        let loss = loss(network(&before, x.clone()), y.clone());
        let grads = GradientsParams::from_grads(loss.backward(), &before);
        *net = Some(adam.step(lr, before, grads));
        *last = loss.into_scalar();
    };
    Program::new("burn", start, run, |(_, _, last)| vec![*last])
}

/// The loss is Σ y · dy, whose gradient with respect to y is dy.
fn gradient(inputs: &Inputs, run: impl Fn(Tensor<2>) -> Tensor<2> + 'static, parameters: [Tensor<1>; 2]) -> Program {
    let device = Device::flex().autodiff();
    let [x, dy] = ["x", "dy"].map(|name| tensor::<2>(inputs.get(name), &device));
    let run = move |(x, dy): &(Tensor<2>, Tensor<2>)| {
        let x = x.clone().require_grad();
        let grads = (run(x.clone()) * dy.clone()).sum().backward();
        let [weight, bias] = &parameters;
        (x.grad(&grads), weight.grad(&grads), bias.grad(&grads))
    };
    Program::pure("burn", (x, dy), run, |(x, weight, bias)| {
        let mut all = x.map(numbers).unwrap_or_default();
        [weight, bias].into_iter().flatten().for_each(|grad| all.extend(numbers(grad)));
        all
    })
}

fn layer_norm_gradient(inputs: &Inputs) -> Program {
    let norm = LayerNormConfig::new(128).with_epsilon(1e-5).init(&Device::flex().autodiff());
    let parameters = [norm.gamma.val(), norm.beta.as_ref().expect("it has a bias").val()];
    gradient(inputs, move |x| norm.forward(x), parameters)
}

fn batch_norm_gradient(inputs: &Inputs) -> Program {
    let norm = BatchNormConfig::new(128).with_epsilon(1e-5).init(&Device::flex().autodiff());
    let parameters = [norm.gamma.val(), norm.beta.val()];
    gradient(inputs, move |x| norm.forward(x), parameters)
}
