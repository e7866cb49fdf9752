//! Optimisers: the model of the README, trained for some steps.

use adamant::nn::Gradients;
use adamant::prelude::*;
use adamant::simd::{gemm_nn, gemm_nt, gemm_tn};

use crate::golden::{Golden, assert_close, check_layer};

/// y = (x² + bias) · weight
#[derive(Module)]
struct MyLayer<const IN: usize, const OUT: usize> {
    weight: Param<[[f32; OUT]; IN]>,
    bias: Param<[f32; IN]>,
}

impl<const IN: usize, const OUT: usize, const N: usize> Module<Tensor<[[f32; IN]; N]>> for MyLayer<IN, OUT> {
    type Output = Tensor<[[f32; OUT]; N]>;

    fn forward_into(&self, x: &Tensor<[[f32; IN]; N]>, y: &mut Self::Output) {
        let h = x.map(|x| x * x) + *self.bias;
        y.fill(0.0);
        gemm_nn(N, IN, OUT, h.as_slice(), self.weight.as_slice(), y.as_mut_slice());
    }
}

impl<const IN: usize, const OUT: usize, const N: usize> Backprop<Tensor<[[f32; IN]; N]>> for MyLayer<IN, OUT> {
    fn backprop<R>(
        &self,
        x: &mut Tensor<[[f32; IN]; N]>,
        grads: &mut Self::Grads,
        next: impl FnOnce(&mut Self::Output) -> R,
    ) -> R {
        let h = x.map(|x| x * x) + *self.bias;
        let mut y = Tensor::zeros();
        gemm_nn(N, IN, OUT, h.as_slice(), self.weight.as_slice(), y.as_mut_slice());
        let result = next(&mut y);
        gemm_tn(IN, N, OUT, h.as_slice(), y.as_slice(), grads.weight.as_mut_slice());
        let mut dh = Tensor::<[[f32; IN]; N]>::zeros();
        gemm_nt(N, OUT, IN, y.as_slice(), self.weight.as_slice(), dh.as_mut_slice());
        dh.rows().for_each(|dh| grads.bias += dh);
        x.zip_in_place(&dh, |x, dh| 2.0 * x * dh);
        result
    }
}

#[derive(Module)]
struct MyNet {
    mylayer1: MyLayer<5, 3>,
}

type Prediction = Tensor<[[f32; 3]; 10]>;

/// Trains as the file says and compares every loss and the parameters at the end.
fn check<O: Optimizer<MyNet>>(name: &str, optimizer: impl FnOnce(&MyNet) -> O) {
    let golden = Golden::open(name);
    let mut model = MyNet::BLANK;
    golden.load(&mut model);
    let mut optimizer = optimizer(&model);
    optimizer.set_lr(golden.number("lr"));
    let (x, target): (Tensor<[[f32; 5]; 10]>, Prediction) = (golden.tensor("input"), golden.tensor("target"));
    let (_, expected) = golden.floats("losses");
    let losses: Vec<f32> = expected
        .iter()
        .map(|_| {
            let (loss, grads) = model.gradients(&x, |y| Loss::by_hand(y, |y| squared_error(y, &target)));
            optimizer.step(&mut model, &grads);
            loss
        })
        .collect();
    assert_close(&format!("{name}, losses"), &losses, &expected, crate::golden::TOLERANCE);
    golden.check_params("param_after", &model);
}

/// `MSELoss(reduction="sum")`.
fn squared_error(y: &mut Prediction, target: &Prediction) -> f32 {
    y.zip_in_place(target, |y, t| y - t);
    let loss = y.iter().map(|d| d * d).sum();
    y.map_in_place(|d| 2.0 * d);
    loss
}

#[test]
fn my_layer() {
    check_layer::<_, [[f32; 5]; 10], [[f32; 3]; 10]>("my_layer", MyLayer::<5, 3>::BLANK);
}

#[test]
fn train_adam() {
    check("train_adam", |model| Adam::new(model).lr(1e-4));
}

#[test]
fn sgd() {
    check("optim_sgd", Sgd::new);
    check("optim_sgd_momentum", |model| Sgd::new(model).momentum(0.9).dampening(0.1).weight_decay(0.01));
    check("optim_sgd_nesterov", |model| Sgd::new(model).momentum(0.9).nesterov());
}

#[test]
fn adam() {
    check("optim_adam_l2", |model| Adam::new(model).weight_decay(0.1).betas(0.8, 0.95));
    check("optim_adam_amsgrad", |model| Adam::new(model).amsgrad());
    check("optim_adamw", |model| AdamW::new(model).weight_decay(0.1));
}

#[test]
fn rmsprop() {
    check("optim_rmsprop", |model| RmsProp::new(model).alpha(0.95).momentum(0.5).centered());
}

#[test]
fn adagrad_and_adadelta() {
    check("optim_adagrad", |model| Adagrad::new(model).lr_decay(0.01));
    check("optim_adadelta", Adadelta::new);
}

#[test]
fn the_rest_of_adams_family() {
    check("optim_adamax", Adamax::new);
    check("optim_nadam", NAdam::new);
    check("optim_radam", RAdam::new);
}

#[test]
fn clip_grad_norm() {
    let golden = Golden::open("clip_grad_norm");
    let mut grads = (golden.tensor::<[[f32; 4]; 3]>("grad.0"), golden.tensor::<[f32; 4]>("grad.1"));
    let norm = grads.clip_norm(golden.number("max_norm"));
    golden.check("norm", &[norm]);
    golden.check("clipped.0", grads.0.as_slice());
    golden.check("clipped.1", grads.1.as_slice());

    // Below the limit nothing changes.
    let before = grads;
    grads.clip_norm(100.0);
    assert_eq!(grads, before);
}

#[test]
fn clip_grad_value() {
    let mut grads = (Tensor([0.5f32, -3.0, 2.0]), Tensor([[f64::NAN], [f64::NEG_INFINITY]]));
    grads.clip_value(1.0);
    assert_eq!(grads.0, Tensor([0.5, -1.0, 1.0]));
    assert!(grads.1.as_slice()[0].is_nan());
    assert_eq!(grads.1.as_slice()[1], -1.0);
}

#[test]
fn the_settings_are_those_of_the_files() {
    // A file that says more than the tests above do would pass unnoticed.
    let known = ["training", "steps", "lr", "loss", "momentum", "dampening", "weight_decay", "nesterov", "betas", "amsgrad"];
    let known = [&known[..], &["alpha", "centered", "lr_decay"]].concat();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if let Some(name) = name.strip_suffix(".safetensors").filter(|name| name.starts_with("optim_")) {
            let case = Golden::open(name).case();
            let unknown = case.as_object().unwrap().keys().find(|key| !known.contains(&key.as_str()));
            assert_eq!(unknown, None, "{name}");
        }
    }
}
