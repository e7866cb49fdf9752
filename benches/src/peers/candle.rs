//! candle on the CPU.

use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Conv2d, Conv2dConfig, Linear, Module, Optimizer, ParamsAdamW, loss, ops};

use crate::inputs::{Array, Inputs};
use crate::program::Program;

/// candle's program for a task.
pub fn program(task: &str, inputs: &Inputs) -> Option<Program> {
    let network = |name: &str| task.split_once('.').filter(|(network, _)| *network == name).map(|(_, pass)| pass);
    let networks: [(&str, Network); 5] =
        [("digits", digits), ("control", control), ("my_layer", my_layer), ("cnn", cnn), ("lstm", lstm)];
    if let Some((name, network, pass)) = networks.iter().find_map(|(name, make)| Some((*name, *make, network(name)?))) {
        return match pass {
            "forward" => Some(forward(network, inputs)),
            _ => Some(step(name, network, inputs)),
        };
    }
    match task {
        "nn" => {
            let state = [tensor(inputs.get("a")), tensor(inputs.get("b"))];
            Some(pure(state, |[a, b]| a.matmul(b)))
        }
        "softmax" => Some(pure(tensor(inputs.get("x")), ops::softmax_last_dim)),
        "max_pool" => Some(pure(tensor(inputs.get("x")), |x| x.max_pool2d(2))),
        "layer_norm" => {
            let state = ["x", "weight", "bias"].map(|name| tensor(inputs.get(name)));
            Some(pure(state, |[x, weight, bias]| ops::layer_norm(x, weight, bias, 1e-5)))
        }
        "layer_norm.gradient" => Some(layer_norm_gradient(inputs)),
        "exp" => Some(pure(tensor(inputs.get("x")), Tensor::exp)),
        "tanh" => Some(pure(tensor(inputs.get("x")), Tensor::tanh)),
        "sigmoid" => Some(pure(tensor(inputs.get("x")), ops::sigmoid)),
        "ln" => Some(pure(tensor(inputs.get("x")), Tensor::log)),
        "sin" => Some(pure(tensor(inputs.get("x")), Tensor::sin)),
        "gelu" => Some(pure(tensor(inputs.get("x")), Tensor::gelu_erf)),
        "gru_cell" => Some(gru_cell(inputs)),
        _ => None,
    }
}

/// A function of tensors that stand ready.
fn pure<S: 'static>(state: S, run: impl Fn(&S) -> Result<Tensor> + 'static) -> Program {
    Program::pure("candle", state, move |state| run(state).expect("candle computes"), numbers)
}

fn tensor(array: &Array) -> Tensor {
    Tensor::from_slice(&array.data, array.dims.as_slice(), &Device::Cpu).expect("the array has its sizes")
}

fn numbers(y: Tensor) -> Vec<f32> {
    y.flatten_all().and_then(|y| y.to_vec1()).expect("the tensor is of f32")
}

/// Parameters as they are taken out of the inputs.
struct Parameters<'i> {
    inputs: &'i Inputs,
    /// Whether they are variables, so that candle records what a backward pass needs.
    train: bool,
    vars: Vec<Var>,
}

impl Parameters<'_> {
    fn var(&mut self, name: &str) -> Tensor {
        self.keep(tensor(self.inputs.get(name)))
    }

    fn keep(&mut self, tensor: Tensor) -> Tensor {
        if !self.train {
            return tensor;
        }
        let var = Var::from_tensor(&tensor).expect("a variable of a tensor");
        self.vars.push(var.clone());
        var.as_tensor().clone()
    }

    fn linear(&mut self, name: &str) -> Linear {
        self.product(&format!("{name}.weight"), &format!("{name}.bias"))
    }

    /// candle stores `[OUT][IN]`.
    fn product(&mut self, weight: &str, bias: &str) -> Linear {
        let weight = tensor(self.inputs.get(weight));
        let weight = weight.t().and_then(|weight| weight.contiguous()).expect("the weight has two dimensions");
        Linear::new(self.keep(weight), Some(self.var(bias)))
    }

    fn conv(&mut self, name: &str) -> Conv2d {
        let config = Conv2dConfig { padding: 1, ..Conv2dConfig::default() };
        Conv2d::new(self.var(&format!("{name}.weight")), Some(self.var(&format!("{name}.bias"))), config)
    }
}

type Forward = Box<dyn Fn(&Tensor) -> Result<Tensor>>;
type Network = fn(&mut Parameters<'_>) -> Forward;

fn digits(p: &mut Parameters<'_>) -> Forward {
    let (fc1, fc2) = (p.linear("fc1"), p.linear("fc2"));
    Box::new(move |x| fc2.forward(&fc1.forward(x)?.relu()?))
}

fn control(p: &mut Parameters<'_>) -> Forward {
    let (fc1, fc2, fc3) = (p.linear("fc1"), p.linear("fc2"), p.linear("fc3"));
    Box::new(move |x| fc3.forward(&fc2.forward(&fc1.forward(x)?.tanh()?)?.tanh()?))
}

fn my_layer(p: &mut Parameters<'_>) -> Forward {
    let (weight, bias) = (p.var("mylayer1.weight"), p.var("mylayer1.bias"));
    Box::new(move |x| x.sqr()?.broadcast_add(&bias)?.matmul(&weight))
}

fn cnn(p: &mut Parameters<'_>) -> Forward {
    let (conv1, conv2, linear) = (p.conv("conv1"), p.conv("conv2"), p.linear("linear"));
    Box::new(move |x| {
        let x = conv1.forward(x)?.relu()?.max_pool2d(2)?;
        let x = conv2.forward(&x)?.relu()?.max_pool2d(2)?;
        linear.forward(&x.flatten_from(1)?)
    })
}

fn lstm(p: &mut Parameters<'_>) -> Forward {
    let (input, state) = (p.product("0.weight_ih_l0", "0.bias_ih_l0"), p.product("0.weight_hh_l0", "0.bias_hh_l0"));
    Box::new(move |x| {
        let inputs = input.forward(x)?;
        let mut h = Tensor::zeros((8, 32), x.dtype(), x.device())?;
        let mut c = h.clone();
        for t in 0..20 {
            let gates = (inputs.get_on_dim(1, t)? + state.forward(&h)?)?.chunk(4, 1)?;
            let (i, f, o) = (ops::sigmoid(&gates[0])?, ops::sigmoid(&gates[1])?, ops::sigmoid(&gates[3])?);
            c = ((f * c)? + (i * gates[2].tanh()?)?)?;
            h = (o * c.tanh()?)?;
        }
        Ok(h)
    })
}

fn forward(network: Network, inputs: &Inputs) -> Program {
    let forward = network(&mut Parameters { inputs, train: false, vars: Vec::new() });
    pure(tensor(inputs.get("x")), forward)
}

fn step(name: &str, network: Network, inputs: &Inputs) -> Program {
    let lr = if name == "my_layer" { 1e-4 } else { 1e-3 };
    let classes = ["digits", "cnn"].contains(&name);
    let sum = name == "my_layer";
    let (x, y) = (tensor(inputs.get("x")), tensor(inputs.get("y")));
    let y = if classes { y.to_dtype(candle_core::DType::U32).expect("labels are whole numbers") } else { y };
    let inputs = inputs.clone();
    let start = move || {
        let mut parameters = Parameters { inputs: &inputs, train: true, vars: Vec::new() };
        let forward = network(&mut parameters);
        let settings = ParamsAdamW { lr, weight_decay: 0.0, ..ParamsAdamW::default() };
        (forward, AdamW::new(parameters.vars, settings).expect("an optimiser"), 0.0f32)
    };
    let run = move |(forward, adam, last): &mut (Forward, AdamW, f32)| {
        let mut step = || -> Result<f32> {
            let p = forward(&x)?;
            let loss = match (classes, sum) {
                (true, _) => loss::cross_entropy(&p, &y)?,
                (_, true) => (p - &y)?.sqr()?.sum_all()?,
                _ => loss::mse(&p, &y)?,
            };
            adam.backward_step(&loss)?;
            loss.to_scalar()
        };
        *last = step().expect("candle trains");
    };
    Program::new("candle", start, run, |(_, _, last)| vec![*last])
}

/// The loss is Σ y · dy, whose gradient with respect to y is dy.
fn layer_norm_gradient(inputs: &Inputs) -> Program {
    let vars = ["x", "weight", "bias"].map(|name| Var::from_tensor(&tensor(inputs.get(name))).expect("a variable"));
    let run = |(vars, dy): &([Var; 3], Tensor)| -> Result<[Tensor; 3]> {
        let [x, weight, bias] = vars;
        let grads = (ops::layer_norm_slow(x, weight, bias, 1e-5)? * dy)?.sum_all()?.backward()?;
        Ok([x, weight, bias].map(|var| grads.get(var).cloned().expect("every variable has a gradient")))
    };
    let result = |grads: Result<[Tensor; 3]>| grads.expect("candle computes").into_iter().flat_map(numbers).collect();
    Program::pure("candle", (vars, tensor(inputs.get("dy"))), run, result)
}

fn gru_cell(inputs: &Inputs) -> Program {
    let mut p = Parameters { inputs, train: false, vars: Vec::new() };
    let (input, state) = (p.product("weight_ih", "bias_ih"), p.product("weight_hh", "bias_hh"));
    let [x, h] = ["x", "h"].map(|name| tensor(inputs.get(name)).unsqueeze(0).expect("a row"));
    pure((x, h), move |(x, h)| {
        let (x, s) = (input.forward(x)?.chunk(3, D::Minus1)?, state.forward(h)?.chunk(3, D::Minus1)?);
        let (r, z) = (ops::sigmoid(&(&x[0] + &s[0])?)?, ops::sigmoid(&(&x[1] + &s[1])?)?);
        let n = (&x[2] + (r * &s[2])?)?.tanh()?;
        &n + (z * (h - &n)?)?
    })
}
