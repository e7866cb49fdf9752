//! A run that is interrupted and taken up again is the run that was not, bit for bit.

use std::io::Write;

use adamant::prelude::*;
use adamant::weights::SafeTensors;

use crate::files::Folder;

/// Everything that training leaves behind: parameters, running statistics, random streams; two types of numbers; a part that is
/// absent, and one that is frozen.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
struct Net {
    body: Sequential![Linear<4, 8>, BatchNorm1d<8>, Relu, Dropout, Noise, Linear<8, 8>, Dropout],
    frozen: Frozen<Linear<8, 8>>,
    head: Linear<8, 1>,
    temperature: Wide,
}

/// y = x, and a number of another type that trains by hand.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
struct Wide {
    t: Param<[f64; 3]>,
    absent: Option<Param<[f32; 2]>>,
}

#[forward]
impl Wide {
    fn forward(&self, x: Tensor<[[f32; 1]; 16]>) -> Tensor<[[f32; 1]; 16]> {
        x + 0.0
    }
}

const STEPS: usize = 12;

fn batch(step: usize) -> (Tensor2<16, 4>, Tensor2<16, 1>) {
    let rng = &mut SmallRng::seed_from_u64(100 + step as u64);
    (Tensor::randn(rng), Tensor::randn(rng))
}

fn train<O: Optimizer<Net>>(net: &mut Net, optimizer: &mut O, steps: std::ops::Range<usize>) {
    let schedule = CosineAnnealingLr::new(0.05, STEPS);
    for step in steps {
        let (x, y) = batch(step);
        let (loss, mut grads) = net.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
        assert!(loss.is_finite());
        grads.temperature.t.fill(loss.into());
        optimizer.set_lr(schedule.lr(optimizer.steps() as usize));
        optimizer.step(net, &grads);
    }
}

/// Interrupts a run at several steps; what takes it up has other parameters, another state and other streams before.
fn check<O: Optimizer<Net>>(name: &str, new: impl Fn(&Net) -> O) {
    let folder = Folder::new(name);
    let path = folder.path("run.safetensors");
    let start = Net::init(&mut SmallRng::seed_from_u64(0));
    let (mut whole, mut optimizer) = (start, new(&start));
    train(&mut whole, &mut optimizer, 0..STEPS);
    for at in [0, 1, 5, STEPS - 1] {
        let (mut net, mut optimizer) = (start, new(&start));
        train(&mut net, &mut optimizer, 0..at);
        optimizer.checkpoint(&net, &path).unwrap();

        let mut again = Net::init(&mut SmallRng::seed_from_u64(1));
        let mut optimizer = new(&again);
        train(&mut again, &mut optimizer, 3..6);
        optimizer.resume(&mut again, &path).unwrap();
        assert_eq!((again, optimizer.steps()), (net, at as u64), "{name}");
        train(&mut again, &mut optimizer, at..STEPS);
        assert_eq!(again, whole, "{name} taken up at step {at}");
    }
}

#[test]
fn every_optimiser_resumes() {
    check("sgd", Sgd::new);
    check("momentum", |net| Sgd::new(net).momentum(0.9).dampening(0.1).nesterov());
    check("adam", |net| Adam::new(net).weight_decay(0.01));
    check("amsgrad", |net| Adam::new(net).amsgrad());
    check("adamw", AdamW::new);
    check("rmsprop", |net| RmsProp::new(net).momentum(0.5).centered());
    check("adagrad", |net| Adagrad::new(net).lr_decay(0.01));
    check("adadelta", Adadelta::new);
    check("adamax", Adamax::new);
    check("nadam", NAdam::new);
    check("radam", RAdam::new);
}

/// A run with one step, saved.
fn one_step() -> (Net, Adam<Net>, Vec<u8>) {
    let mut net = Net::init(&mut SmallRng::seed_from_u64(0));
    let mut adam = Adam::new(&net);
    train(&mut net, &mut adam, 0..1);
    let mut bytes = vec![0; adam.checkpoint_len(&net)];
    adam.checkpoint_bytes(&net, &mut bytes).unwrap();
    (net, adam, bytes)
}

#[test]
fn a_checkpoint_holds_the_run() {
    let (net, adam, bytes) = one_step();
    let lines: Vec<String> = SafeTensors::parse(&bytes).unwrap().tensors().map(|tensor| tensor.to_string()).collect();
    let has = |line: &str| assert!(lines.iter().any(|l| l == line), "{line}: {lines:#?}");
    has("model.body.0.weight: F32 [8, 4]");
    has("model.body.1.running_var: F32 [8]");
    has("model.body.3.stream: U64 [2]");
    has("model.frozen.weight: F32 [8, 8]");
    has("model.temperature.t: F64 [3]");
    has("exp_avg.body.0.weight: F32 [8, 4]");
    has("exp_avg_sq.temperature.t: F64 [3]");
    has("step: U64 []");
    assert!(!lines.iter().any(|line| line.starts_with("exp_avg.frozen")));
    let mut sent = Vec::new();
    adam.checkpoint_to(&net, |part| sent.write_all(part)).unwrap();
    assert_eq!(sent, bytes);
    // What a model saves alone is what PyTorch knows.
    let mut alone = vec![0; net.saved_len()];
    net.save_bytes(&mut alone).unwrap();
    assert!(SafeTensors::parse(&alone).unwrap().tensors().all(|tensor| !tensor.name().to_string().contains("stream")));
}

#[test]
fn the_model_comes_out_of_a_checkpoint_alone() {
    let (net, _, bytes) = one_step();
    let mut again = Net::BLANK;
    Load::new().prefix("model.").bytes(&mut again, &bytes).unwrap();
    assert_eq!(again.body.0.0, net.body.0.0);
    assert_ne!(again.body.0.1.1.1.0.stream, net.body.0.1.1.1.0.stream);
    assert!(Net::from_bytes(&bytes).is_err());
}

#[test]
fn a_checkpoint_of_another_run_changes_nothing() {
    let (net, adam, bytes) = one_step();
    let fresh = Net::init(&mut SmallRng::seed_from_u64(9));
    let mut other = fresh;
    let mut sgd = Sgd::new(&other).momentum(0.9);
    let error = sgd.resume_bytes(&mut other, &bytes).unwrap_err();
    assert_eq!(error.tensor(), Some("momentum_buffer.body.0.weight"));
    assert_eq!((other, sgd.steps()), (fresh, 0));
    let mut plain = Sgd::new(&other);
    let error = plain.resume_bytes(&mut other, &bytes).unwrap_err();
    assert!(error.tensor().is_some_and(|name| name.starts_with("exp_avg.")), "{error}");
    assert_eq!((other, plain.steps()), (fresh, 0));
    // A file of the model alone is no checkpoint.
    let mut alone = vec![0; net.saved_len()];
    net.save_bytes(&mut alone).unwrap();
    let mut again = adam.clone();
    assert_eq!(again.resume_bytes(&mut other, &alone).unwrap_err().tensor(), Some("model.body.0.weight"));
    // Nor is one whose steps are no whole number.
    let place = bytes.windows(5).rposition(|five| five == b"\"U64\"").unwrap();
    let mut wrong = bytes.clone();
    wrong[place + 1] = b'I';
    let error = again.resume_bytes(&mut other, &wrong).unwrap_err();
    assert!(error.to_string().ends_with("expected U64, found I64"), "{error}");
    assert_eq!((other, again.steps()), (fresh, 1));
}

/// Layers of sequences draw on where they were.
#[test]
fn sequences_go_on() {
    type Net = Sequential![Gru<3, 4, (Layers<2>, Dropout)>, TransformerEncoderLayer<4, 2, 8>, Linear<4, 2>];
    let rng = &mut SmallRng::seed_from_u64(0);
    let (x, mut net) = (Tensor::<[[[f32; 3]; 5]; 2]>::randn(rng), Net::init(rng));
    let step = |net: &mut Net, adam: &mut Adam<Net>| {
        let (loss, grads) = net.gradients(&x, |p| mse_loss(p, &Tensor::ones(), Reduction::Mean));
        adam.step(net, &grads);
        loss
    };
    let mut adam = Adam::new(&net);
    step(&mut net, &mut adam);
    let folder = Folder::new("sequences_go_on");
    let path = folder.path("run.safetensors");
    adam.checkpoint(&net, &path).unwrap();
    let right = [0; 3].map(|_| step(&mut net, &mut adam));
    let mut other = Net::init(&mut SmallRng::seed_from_u64(5));
    let mut again = Adam::new(&other);
    again.resume(&mut other, &path).unwrap();
    assert_eq!([0; 3].map(|_| step(&mut other, &mut again)), right);
    assert_eq!(other, net);
}
