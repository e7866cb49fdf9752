//! Models that were trained in PyTorch answer as they did there.

use adamant::prelude::*;

use crate::files::{model_bytes, model_path};

#[path = "../../examples/data/digits.rs"]
#[allow(dead_code, reason = "the examples read the bytes from beside themselves")]
mod digits;

/// What the models were asked: the last 360 images.
fn images() -> Vec<[f32; 64]> {
    let (images, _) = digits::embedded(|pixels| pixels);
    images[digits::TRAIN..].to_vec()
}

/// What they answered.
#[derive(Module)]
#[module(custom(forward))]
struct Expected {
    logits: Tensor<[[f32; 10]; 360]>,
}

/// The size of the largest logit.
fn largest(logits: &Tensor<[f32; 10]>) -> f32 {
    logits.map(f32::abs).iter().copied().fold(0.0, f32::max)
}

/// Asks a model about every image and compares its answers with PyTorch's. Where the model was rounded, the tolerance is one of the
/// largest logit: a small one is a sum of large terms.
pub fn check<M: StateDict>(name: &str, tolerance: f64, model: &M, answer: impl Fn(&M, [f32; 64]) -> Tensor<[f32; 10]>) {
    let expected = Expected::load_boxed(model_path(&format!("{name}.expected"))).unwrap();
    for (i, (image, expected)) in images().into_iter().zip(expected.logits.rows()).enumerate() {
        let answer = answer(model, image);
        let absolute = if tolerance < 1e-3 { tolerance } else { tolerance * f64::from(largest(expected)) };
        assert!(answer.all_close(expected, tolerance, absolute), "{name}, image {i}:\n{answer}\n{expected}");
    }
}

pub type Mlp = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];

pub fn check_mlp(net: &Mlp, tolerance: f64) {
    check("digits_mlp", tolerance, net, |net, image| net.forward(&Tensor(image)));
}

/// Checks that every number is that of the exact model, rounded.
pub fn check_rounded(net: &Mlp, exact: &Mlp, round: impl Fn(f32) -> f32) {
    let (net, exact) = (net.to_flat::<f32>(), exact.to_flat::<f32>());
    net.iter().zip(&exact).for_each(|(rounded, exact)| assert_eq!(rounded.to_bits(), round(*exact).to_bits()));
}

#[test]
fn digits_mlp() {
    check_mlp(&Mlp::load(model_path("digits_mlp")).unwrap(), 1e-5);
    check_mlp(&Mlp::from_bytes(&model_bytes("digits_mlp")).unwrap(), 1e-5);
    let mut net = Mlp::init(&mut SmallRng::seed_from_u64(0));
    net.load_from(model_path("digits_mlp")).unwrap();
    check_mlp(&net, 1e-5);
}

/// Half precision and double into `f32`, and single precision into `f64`.
#[test]
fn other_numbers_are_cast_if_that_is_asked_for() {
    let exact = Mlp::load(model_path("digits_mlp")).unwrap();
    let f16: fn(f32) -> f32 = |x| half::f16::from_f32(x).to_f32();
    let bf16: fn(f32) -> f32 = |x| half::bf16::from_f32(x).to_f32();
    for (name, found, round) in [("float16", "F16", f16), ("bfloat16", "BF16", bf16), ("float64", "F64", |x| x)] {
        let path = model_path(&format!("digits_mlp_{name}"));
        let mut net = Mlp::BLANK;
        let error = net.load_from(&path).unwrap_err();
        let says = format!("tensor `0.weight`: expected F32, found {found}, which `Load::new().cast()` converts");
        assert!(error.to_string().ends_with(&says), "{error}");
        assert_eq!(net, Mlp::BLANK);
        Load::new().cast().file(&mut net, &path).unwrap();
        check_rounded(&net, &exact, round);
        check_mlp(&net, 1e-2);
    }
    type Double = Sequential![Linear<64, 32, Bias, f64>, Relu, Linear<32, 10, Bias, f64>];
    let mut net = Double::BLANK;
    Load::new().cast().bytes(&mut net, &model_bytes("digits_mlp")).unwrap();
    check("digits_mlp", 1e-5, &net, |net, image| {
        let answer = net.forward(&Tensor(image.map(f64::from)));
        Tensor(answer.0.map(|logit| logit as f32))
    });
}

#[derive(Module, Clone, PartialEq, Debug)]
#[module(custom(forward))]
pub struct Cnn {
    features: Sequential![
        Conv2d<1, 8, 3, (Padding<1>, NoBias)>,
        BatchNorm2d<8>,
        Relu,
        MaxPool2d<2>,
        Conv2d<8, 16, 3, Padding<1>>,
        Relu,
        MaxPool2d<2>
    ],
    classifier: Linear<64, 10>,
}

#[forward]
impl Cnn {
    fn forward(&self, x: Tensor<[[[f32; 8]; 8]; 1]>) -> Tensor<[f32; 10]> {
        self.classifier.forward(self.features.forward(x).flatten())
    }
}

pub fn check_cnn(net: &Cnn) {
    check("digits_cnn", 1e-5, net, |net, image| {
        let mut x = Tensor::<[[[f32; 8]; 8]; 1]>::zeros();
        x.as_mut_slice().copy_from_slice(&image);
        net.forward(x)
    });
}

#[test]
fn digits_cnn() {
    let net = Cnn::load(model_path("digits_cnn")).unwrap();
    let mean: f32 = net.features.0.1.0.running_mean.iter().sum();
    assert_ne!(mean, 0.0, "the running statistics are loaded");
    check_cnn(&net);
    let boxed = Cnn::load_boxed(model_path("digits_cnn")).unwrap();
    assert_eq!(*boxed, net);
}

/// A digit read row by row, and what the last row leaves.
#[derive(Module, Clone, PartialEq, Debug)]
pub struct GruNet {
    gru: Gru<8, 24>,
    last: LastStep,
    head: Linear<24, 10>,
}

pub fn check_gru(net: &GruNet) {
    check("digits_gru", 1e-5, net, |net, image| {
        let mut x = Tensor::<[[f32; 8]; 8]>::zeros();
        x.as_mut_slice().copy_from_slice(&image);
        net.forward(&x)
    });
}

#[test]
fn digits_gru() {
    let net = GruNet::load(model_path("digits_gru")).unwrap();
    check_gru(&net);
}

/// Whoever learns from PyTorch's weights learns on.
#[test]
fn a_loaded_model_trains() {
    let mut net = Mlp::load(model_path("digits_mlp")).unwrap();
    let (images, labels) = digits::embedded(|pixels| pixels);
    let mut sgd = Sgd::new(&net).lr(0.1);
    let x: Tensor<[[f32; 64]; 64]> = Tensor(std::array::from_fn(|i| images[digits::TRAIN + i]));
    let y: [u8; 64] = std::array::from_fn(|i| labels[digits::TRAIN + i]);
    let losses: Vec<f32> = (0..20)
        .map(|_| {
            let (loss, grads) = net.gradients(&x, |p| cross_entropy(p, &y, Reduction::Mean));
            sgd.step(&mut net, &grads);
            loss
        })
        .collect();
    assert!(losses[19] < 0.7 * losses[0], "{losses:?}");
}
