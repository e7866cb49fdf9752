//! What holds for every optimiser. `tests/parity` compares them with PyTorch.

use super::*;
use crate::Tensor;
use crate::nn::Gradients;
use crate::nn::{Dropout, Frozen, Info, Linear, Param, Relu, Sequential};

type Number = Param<[f64; 1]>;

/// A parameter that starts at 1, after steps with these gradients.
fn after(mut optimizer: impl Optimizer<Number>, grads: &[f64]) -> f64 {
    let mut model = Param(Tensor([1.0]));
    grads.iter().for_each(|&g| optimizer.step(&mut model, &Tensor([g])));
    model.0.0[0]
}

fn assert_near(a: f64, b: f64) {
    assert!(crate::tensor::is_within(a, b, 1e-12 * b.abs().max(1.0)), "{a}, not {b}");
}

/// Calls a macro with every optimiser of a model.
macro_rules! for_each {
    ($model:expr, |$optimizer:ident| $body:block) => {{
        for_each!(@ $model, |$optimizer| $body, Sgd, Adam, AdamW, RmsProp, Adagrad, Adadelta, Adamax, NAdam, RAdam);
        { let $optimizer = Sgd::new($model).momentum(0.9).nesterov().dampening(0.1).weight_decay(0.1); $body }
        { let $optimizer = Adam::new($model).amsgrad(); $body }
        { let $optimizer = AdamW::new($model).amsgrad(); $body }
        { let $optimizer = RmsProp::new($model).centered(); $body }
        { let $optimizer = RmsProp::new($model).momentum(0.9); $body }
        { let $optimizer = RmsProp::new($model).momentum(0.9).centered(); $body }
        { let $optimizer = Adagrad::new($model).initial_accumulator_value(0.5); $body }
        { let $optimizer = NAdam::new($model).weight_decay(0.1).decoupled_weight_decay(); $body }
    }};
    (@ $model:expr, |$o:ident| $body:block, $($name:ident),+) => {$(
        { let $o = $name::new($model); $body }
    )+};
}

#[test]
fn the_state_is_as_large_as_the_settings_need() {
    type Big = Linear<16, 16>;
    const MIRROR: usize = size_of::<Grads<Big>>();
    fn mirrors<O>() -> usize {
        size_of::<O>() / MIRROR
    }
    assert_eq!(mirrors::<Sgd<Big>>(), 0);
    assert_eq!(mirrors::<Sgd<Big, 1>>(), 1);
    assert_eq!(mirrors::<Adagrad<Big>>(), 1);
    assert_eq!(mirrors::<RmsProp<Big>>(), 1);
    assert_eq!(mirrors::<RmsProp<Big, 1>>(), 2);
    assert_eq!(mirrors::<RmsProp<Big, 0, 1>>(), 2);
    assert_eq!(mirrors::<RmsProp<Big, 1, 1>>(), 3);
    assert_eq!(mirrors::<Adam<Big>>(), 2);
    assert_eq!(mirrors::<Adam<Big, 3>>(), 3);
    assert_eq!(mirrors::<Adam<Frozen<Big>>>(), 0);
    // The settings and the count of steps are all there is beside.
    assert_eq!(size_of::<Adam<Big>>(), 2 * MIRROR + 7 * 8);
    assert_eq!(size_of::<Adam<Relu>>(), 7 * 8);
}

#[test]
fn a_model_without_parameters_is_left_alone() {
    for_each!(&Relu, |optimizer| {
        let mut optimizer = optimizer;
        optimizer.step(&mut Relu, &());
        optimizer.reset();
    });
    let mut frozen = Frozen(Param(Tensor([1.0f32])));
    Adam::new(&frozen).step(&mut frozen, &());
    assert_eq!(frozen.0.0, Tensor([1.0]));
    Adam::new(&Param(Tensor::<[f32; 0]>::zeros())).step(&mut Param(Tensor([])), &Tensor([]));
}

#[test]
fn each_goes_downhill_in_both_types() {
    // Half the squared length, whose gradient is the parameter itself.
    for_each!(&Param(Tensor([0.0f64; 2])), |optimizer| {
        let mut optimizer = optimizer.lr(0.05);
        let mut model = Param(Tensor([1.0, -2.0]));
        for _ in 0..100 {
            let grads = model.0;
            optimizer.step(&mut model, &grads);
        }
        assert!(model.iter().zip([1.0, 2.0]).all(|(p, start)| p.abs() < start), "{optimizer:?}: {model:?}");
    });
    for_each!(&Param(Tensor([0.0f32; 2])), |optimizer| {
        let mut optimizer = optimizer.lr(0.05);
        let mut model = Param(Tensor([1.0, -2.0]));
        for _ in 0..100 {
            let grads = model.0;
            optimizer.step(&mut model, &grads);
        }
        assert!(model.iter().zip([1.0, 2.0]).all(|(p, start)| p.abs() < start), "{optimizer:?}: {model:?}");
    });
}

#[test]
fn reset_forgets_the_steps_and_a_clone_remembers_them() {
    for_each!(&Param(Tensor([0.0f64])), |optimizer| {
        let grads = [0.5, -0.25, 2.0];
        let expected = after(optimizer.clone(), &grads);
        let mut optimizer = optimizer;
        optimizer.step(&mut Param(Tensor([1.0])), &Tensor([3.0]));
        let used = optimizer.clone();
        optimizer.reset();
        assert_eq!((optimizer.steps(), used.steps()), (0, 1));
        assert_eq!(after(optimizer, &grads), expected);
        let plain = size_of_val(&used) == size_of::<Sgd<Number>>();
        assert!(plain || after(used, &grads) != expected);
    });
}

#[test]
fn nan_goes_through_and_an_infinite_parameter_stays() {
    for_each!(&Param(Tensor([0.0f64])), |optimizer| {
        assert!(after(optimizer.clone(), &[f64::NAN]).is_nan(), "{optimizer:?}");
    });
    let mut model = Param(Tensor([f32::INFINITY]));
    Adam::new(&model).step(&mut model, &Tensor([1.0]));
    assert_eq!(model.0.0, [f32::INFINITY]);
}

#[test]
fn momentum_by_hand() {
    let sgd = || Sgd::<Number>::BLANK.lr(0.1).momentum(0.5);
    assert_near(after(sgd(), &[1.0, 2.0]), 1.0 - 0.1 * (1.0 + (0.5 + 2.0)));
    // Dampening takes no part in the first step.
    assert_near(after(sgd().dampening(0.25), &[1.0, 2.0]), 1.0 - 0.1 * (1.0 + (0.5 + 1.5)));
    assert_near(after(sgd().nesterov(), &[1.0, 2.0]), 1.0 - 0.1 * (1.5 + (2.0 + 0.5 * 2.5)));
    assert_near(after(sgd().weight_decay(0.5), &[1.0]), 1.0 - 0.1 * 1.5);
    // No momentum, no dampening.
    assert_eq!(after(sgd().momentum(0.0).dampening(0.5), &[1.0, 2.0]), after(Sgd::<Number>::BLANK.lr(0.1), &[1.0, 2.0]));
}

#[test]
fn rmsprop_by_hand() {
    let rmsprop = || RmsProp::<Number>::BLANK.lr(0.1).alpha(0.75).eps(0.0);
    let (v1, v2) = (0.25f64, 0.1875 + 1.0);
    let (g1, g2) = (1.0 / v1.sqrt(), 2.0 / v2.sqrt());
    assert_near(after(rmsprop(), &[1.0, 2.0]), 1.0 - 0.1 * (g1 + g2));
    assert_near(after(rmsprop().momentum(0.5), &[1.0, 2.0]), 1.0 - 0.1 * (g1 + (0.5 * g1 + g2)));
    let (a1, a2) = (0.25, 0.1875 + 0.5);
    let (c1, c2) = (1.0 / (v1 - a1 * a1).sqrt(), 2.0 / (v2 - a2 * a2).sqrt());
    assert_near(after(rmsprop().centered(), &[1.0, 2.0]), 1.0 - 0.1 * (c1 + c2));
    assert_near(after(rmsprop().centered().momentum(0.5), &[1.0, 2.0]), 1.0 - 0.1 * (c1 + (0.5 * c1 + c2)));
    assert_near(after(rmsprop().weight_decay(1.0), &[1.0]), 1.0 - 0.1 * 2.0);
}

#[test]
fn centred_rmsprop_stays_finite() {
    fn run<T: Float>(alpha: f64, grads: impl Iterator<Item = f64>) -> f64
    where
        [T; 1]: crate::Shape<Elem = T>,
    {
        let mut model = Param(Tensor([T::ONE]));
        let mut rmsprop = RmsProp::new(&model).alpha(alpha).centered();
        for g in grads {
            rmsprop.step(&mut model, &Tensor([T::from_f64(g)]));
            assert!(model.0.0[0].is_finite());
        }
        model.0.0[0].to_f64()
    }
    // A peak, then gradients that do not change: what is left of the variance is rounding.
    for small in [0.0, 1e-6, 1e-3, 0.1, 1.0, 100.0] {
        let grads = || core::iter::once(1e6).chain(core::iter::repeat_n(small, 2000));
        run::<f32>(0.9, grads());
        run::<f64>(0.9, grads());
        run::<f64>(0.99, grads());
    }
    // Steps are limited by γ / √ε of the type, not by γ · g over the divisor's ε.
    assert!(run::<f32>(0.5, core::iter::repeat_n(1.0, 100)) > 1.0 - 100.0 * 0.01 / Float::sqrt(f64::from(f32::EPSILON)));
    // Squares that overflow make no step, as in Adam.
    assert_eq!(run::<f32>(0.9, [1e20, 1e30, 1.0, 1e38].into_iter()), 1.0);
}

#[test]
fn amsgrad_keeps_the_largest_divisor() {
    let adam = || Adam::<Number>::BLANK.lr(0.1).betas(0.9, 0.5);
    // As long as the average of squares rises, both are one.
    assert_eq!(after(adam(), &[1.0, 2.0, 3.0]), after(adam().amsgrad(), &[1.0, 2.0, 3.0]));
    // After a peak AMSGrad's steps stay small.
    let peak = [1.0, 100.0, 1.0, 1.0, 1.0, 1.0];
    assert!(after(adam(), &peak) < after(adam().amsgrad(), &peak) - 0.1);
    assert!(after(AdamW::<Number>::BLANK.lr(0.1), &peak) < after(AdamW::<Number>::BLANK.lr(0.1).amsgrad(), &peak));
}

#[test]
fn decoupled_decay_shrinks_by_itself() {
    let shrink = |adapted: f64| 1.0 - 0.1 * 0.5 + (adapted - 1.0);
    let nadam = || NAdam::<Number>::BLANK.lr(0.1);
    assert_near(after(nadam().weight_decay(0.5).decoupled_weight_decay(), &[1.0]), shrink(after(nadam(), &[1.0])));
    let radam = || RAdam::<Number>::BLANK.lr(0.1);
    assert_near(after(radam().weight_decay(0.5).decoupled_weight_decay(), &[1.0]), shrink(after(radam(), &[1.0])));
    let adamw = || AdamW::<Number>::BLANK.lr(0.1);
    assert_near(after(adamw().weight_decay(0.5), &[1.0]), shrink(after(Adam::<Number>::BLANK.lr(0.1), &[1.0])));
}

#[test]
fn radam_adapts_from_its_sixth_step_on() {
    // ρ passes 5 there with β₂ = 0.999. Until then a step is proportional to the gradient, after that nearly independent of it.
    let ratio = |steps: usize| {
        let last = |g: f64| {
            let grads = [g; 8];
            let run = |n| after(RAdam::<Number>::BLANK, &grads[..n]);
            run(steps - 1) - run(steps)
        };
        last(2.0) / last(1.0)
    };
    assert!((ratio(5) - 2.0).abs() < 1e-6 && (ratio(6) - 1.0).abs() < 1e-6);
}

#[test]
fn bias_corrections_keep_their_digits() {
    for beta in [0.0, 0.3, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.999_999] {
        for steps in (1..200).chain([1000, 12_345, 1 << 20, 10_000_019]) {
            // In doubles by another way, which loses no digits either.
            let right = if beta == 0.0 { 1.0 } else { -f64::exp_m1(f64::ln_1p(beta - 1.0) * steps as f64) };
            let [single, double] = [f64::from(bias_correction::<f32>(beta, steps)), bias_correction::<f64>(beta, steps)];
            assert!((single / right - 1.0).abs() < 5e-7, "{beta} {steps}: {single} {right}");
            assert!((double / right - 1.0).abs() < 1e-15 * 4.0, "{beta} {steps}: {double} {right}");
        }
    }
}

#[test]
fn long_training_has_no_bias_left() {
    assert_eq!(bias_correction::<f64>(0.5, 1), 0.5);
    assert_eq!(bias_correction::<f64>(0.999, u64::MAX), 1.0);
    struct Keep;
    impl VisitorMut for Keep {
        fn visit_mut<T: Float>(&mut self, _: &Info<'_>, _: &mut [T]) {}
    }
    for_each!(&Param(Tensor([0.0f64])), |optimizer| {
        let mut optimizer = optimizer;
        optimizer.visit_state_mut(u64::MAX, &mut Keep);
        assert!(after(optimizer, &[1.0]).is_finite());
    });
}

#[test]
fn a_step_takes_back_the_random_stream() {
    let mut model = Dropout::new(0.5);
    model.stream.step = 2;
    let mut grads = model.zero_grads();
    grads.zero();
    for_each!(&model, |optimizer| {
        let mut optimizer = optimizer;
        model.stream.step = 1;
        optimizer.step(&mut model, &grads);
        assert_eq!(model.stream.step, 3);
    });
}

#[test]
fn one_chosen_at_run_time() {
    let model = &mut Param(Tensor([1.0f32]));
    let (mut sgd, mut adam) = (Sgd::new(model).lr(0.5), Adam::new(model).lr(0.25));
    let optimizers: [&mut dyn Optimizer<_>; 2] = [&mut sgd, &mut adam];
    for optimizer in optimizers {
        let lr = optimizer.learning_rate() / 2.0;
        optimizer.set_lr(lr);
        optimizer.step(model, &Tensor([1.0]));
    }
    assert!((model.0.0[0] - (1.0 - 0.25 - 0.125)).abs() < 1e-6);
}

/// A checkpoint of the state, by name.
#[cfg(feature = "std")]
mod checkpoint {
    use std::collections::BTreeMap;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::*;

    #[derive(Default, PartialEq, Debug)]
    struct File(BTreeMap<String, Vec<f64>>);

    impl Visitor for File {
        fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
            let values = values.iter().map(|v| v.to_f64()).collect();
            assert_eq!(self.0.insert(info.name.to_string(), values), None);
        }
    }

    impl VisitorMut for File {
        fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
            let from = &self.0[&info.name.to_string()];
            assert_eq!(from.len(), values.len());
            values.iter_mut().zip(from).for_each(|(to, &from)| *to = T::from_f64(from));
        }
    }

    #[test]
    fn the_moments_have_pytorchs_names() {
        let mut model = Sequential((Linear::<2, 3>::new(Param(Tensor::ones()), Param(Tensor::ones())), Relu));
        let mut adam = Adam::new(&model).amsgrad();
        let mut grads = model.zero_grads();
        grads.0.weight.fill(2.0);
        adam.step(&mut model, &grads);
        let mut file = File::default();
        adam.visit_state(&mut file);
        let names: Vec<_> = file.0.keys().map(String::as_str).collect();
        let [m, v, largest] =
            ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"].map(|moment| [moment, ".0.bias", moment, ".0.weight"]);
        let expected: Vec<_> = [m, v, largest].iter().flat_map(|n| [n[..2].concat(), n[2..].concat()]).collect();
        assert_eq!(names, expected);
        assert!((file.0["exp_avg.0.weight"][5] - 0.2).abs() < 1e-6);
        assert_eq!(file.0["exp_avg.0.bias"], [0.0; 3]);
    }

    type Model = (Param<[f64; 2]>, Option<Param<[f64; 3]>>, Param<[f32; 2]>);

    /// A gradient that differs from step to step.
    fn grads(step: usize) -> Grads<Model> {
        let g = |i: usize| f64::sin((3 * step + i) as f64) * 2.0;
        (Tensor([g(0), g(1)]), Tensor::zeros(), Tensor([g(2) as f32, g(3) as f32]))
    }

    /// Trains from step `from` to step `to` at the rates of a schedule.
    fn train(optimizer: &mut impl Optimizer<Model>, model: &mut Model, schedule: &impl Schedule, from: usize, to: usize) {
        for step in from..to {
            optimizer.set_lr(schedule.lr(step));
            optimizer.step(model, &grads(step));
        }
    }

    /// What an optimiser keeps is in its checkpoint: one that reads it goes on bit for bit, at any time, for any schedule.
    fn check_resuming(optimizer: &(impl Optimizer<Model> + Clone + core::fmt::Debug), schedule: &impl Schedule) {
        let start = (Param(Tensor([1.0, 2.0])), None, Param(Tensor([3.0, -1.0])));
        let (mut whole, mut expected) = (optimizer.clone(), start);
        train(&mut whole, &mut expected, schedule, 0, 9);
        for at in [0, 1, 2, 5, 8] {
            let (mut old, mut model) = (optimizer.clone(), start);
            train(&mut old, &mut model, schedule, 0, at);
            let mut file = File::default();
            old.visit_state(&mut file);
            // One that has taken other steps before reads it, too.
            let (mut used, mut other) = (optimizer.clone(), start);
            train(&mut used, &mut other, schedule, 3, 7);
            for mut new in [optimizer.clone(), used] {
                new.visit_state_mut(old.steps(), &mut file);
                let mut again = File::default();
                new.visit_state(&mut again);
                assert_eq!((&file, new.steps()), (&again, at as u64), "{optimizer:?}");
                let mut copy = model;
                train(&mut new, &mut copy, schedule, at, 9);
                assert_eq!(copy, expected, "{optimizer:?} resumed at step {at}");
            }
        }
        whole.reset();
        let mut model = start;
        train(&mut whole, &mut model, schedule, 0, 9);
        assert_eq!(model, expected, "{optimizer:?} after a reset");
    }

    #[test]
    fn every_optimiser_resumes() {
        let model = (Param(Tensor([0.0; 2])), None, Param(Tensor([0.0; 2])));
        for_each!(&model, |optimizer| {
            check_resuming(&optimizer, &ExponentialLr::new(0.05, 0.9));
        });
        check_resuming(&Sgd::new(&model).momentum(0.9).dampening(0.5).nesterov(), &ExponentialLr::new(0.05, 0.9));
        check_resuming(&NAdam::new(&model).momentum_decay(0.5), &ExponentialLr::new(0.05, 0.9));
        check_resuming(&RAdam::new(&model).betas(0.9, 0.6), &ExponentialLr::new(0.05, 0.9));
    }

    #[test]
    fn every_schedule_resumes() {
        let adam = Adam::<Model>::BLANK;
        check_resuming(&adam, &StepLr::new(0.05, 2));
        check_resuming(&adam, &MultiStepLr::new(0.05, [2, 5]));
        check_resuming(&adam, &ExponentialLr::new(0.05, 0.7));
        check_resuming(&adam, &LinearLr::new(0.05, 6));
        check_resuming(&adam, &PolynomialLr::new(0.05, 7));
        check_resuming(&adam, &CosineAnnealingLr::new(0.05, 5));
        check_resuming(&adam, &CosineAnnealingWarmRestarts::new(0.05, 2).t_mult(2));
        check_resuming(&adam, &OneCycleLr::new(0.05, 9));
    }

    #[test]
    fn a_number_beside_the_moments_is_saved() {
        let mut nadam = NAdam::new(&Param(Tensor([0.0f32])));
        nadam.step(&mut Param(Tensor([1.0])), &Tensor([1.0]));
        let mut file = File::default();
        nadam.visit_state(&mut file);
        assert_eq!(file.0["mu_product"], [0.9 * (1.0 - 0.5 * 0.96f64.powf(4e-3))]);
    }
}

/// Nothing is stored of the settings before one is told, and then all are PyTorch's but for that one.
#[test]
fn settings_are_told() {
    let mut adam = Adam::<Number>::BLANK;
    assert_eq!(*adam, AdamSettings { lr: 1e-3, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0.0 });
    adam.eps = 1e-6;
    assert_eq!(*adam, *Adam::<Number>::BLANK.eps(1e-6));
    assert_eq!((adam.lr, adam.learning_rate()), (1e-3, 1e-3));
    adam.set_lr(0.5);
    assert_eq!(*adam.clone().amsgrad(), AdamSettings { lr: 0.5, betas: (0.9, 0.999), eps: 1e-6, weight_decay: 0.0 });
    let adam = const { Adam::<Number>::BLANK.lr(0.25).betas(0.5, 0.75) };
    assert_eq!((adam.lr, adam.betas, adam.eps), (0.25, (0.5, 0.75), 1e-8));
}

#[cfg(feature = "std")]
#[test]
fn a_large_model_trains_on_a_small_stack() {
    use crate::init::Init;
    use crate::nn::Backprop;
    use rand::SeedableRng;

    type Net = Sequential<(Linear<784, 512>, (Relu, Linear<512, 10>))>;
    // 1.6 MB for the model, as much for the gradients, twice as much or more for an optimiser.
    let train = || {
        let mut model = Net::init_boxed(&mut rand::rngs::SmallRng::seed_from_u64(0));
        let mut grads = model.boxed_grads();
        let (mut adam, mut amsgrad) = (Adam::<Net>::boxed(), AdamW::<Net, 3>::boxed());
        let mut rmsprop = RmsProp::<Net, 1, 1>::boxed();
        adam.lr = 1e-3;
        rmsprop.momentum = 0.5;
        let x = Tensor::<[[f32; 784]; 2]>::ones();
        let optimizers: [&mut dyn Optimizer<Net>; 3] = [&mut *adam, &mut *amsgrad, &mut *rmsprop];
        for optimizer in optimizers {
            grads.zero();
            model.backprop_params(&x, &mut grads, |y: &mut Tensor<[[f32; 10]; 2]>| y.fill(1.0));
            let before = model.0.1.1.bias;
            optimizer.step(&mut model, &grads);
            assert_ne!(model.0.1.1.bias, before);
            optimizer.reset();
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(train).unwrap().join().unwrap();
}
