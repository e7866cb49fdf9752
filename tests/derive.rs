//! `#[derive(Module)]` from outside.

use adamant::gradcheck::gradcheck;
use adamant::nn::{Kind, Name, Parameters};
use adamant::prelude::*;

fn names(model: &impl Parameters) -> Vec<String> {
    let mut names = Vec::new();
    model.named_parameters(|info| names.push(format!("{} {} {:?}", info.name, info.dims, info.kind)));
    names
}

/// Every kind of field that a model may have.
#[derive(Module)]
struct Everything<const N: usize> {
    scale: Param<[f32; N]>,
    mean: Tensor<[f32; N]>,
    layers: [Linear<2, 2>; 2],
    pair: (Linear<2, 3>, Relu),
    frozen: Frozen<Linear<3, 1>>,
    #[module(value = 1e-5)]
    eps: f32,
    #[module(name = "renamed")]
    other: Param<[[f32; 2]; N]>,
    unit: (),
}

#[test]
fn parameters_are_found_by_type() {
    type Model = Everything<4>;
    let model = Model::init(&mut SmallRng::seed_from_u64(0));
    assert_eq!(
        names(&model),
        [
            "scale [4] Trainable",
            "mean [4] Buffer",
            "layers.0.weight [2, 2] Trainable",
            "layers.0.bias [2] Trainable",
            "layers.1.weight [2, 2] Trainable",
            "layers.1.bias [2] Trainable",
            "pair.0.weight [2, 3] Trainable",
            "pair.0.bias [3] Trainable",
            "frozen.weight [3, 1] Frozen",
            "frozen.bias [1] Frozen",
            "renamed [4, 2] Trainable",
        ]
    );
    assert_eq!(Model::PARAMETERS, 4 + 2 * 6 + 9 + 8);
    assert_eq!(Model::NUMBERS, Model::PARAMETERS + 4 + 4);
    assert_eq!(model.to_flat::<f32>().len(), Model::PARAMETERS);
    assert_eq!(model.eps, 1e-5);
    assert!(model.other.iter().any(|&x| x != 0.0));
    assert!(model.frozen.0.weight.iter().any(|&x| x != 0.0));
    assert_eq!(size_of_val(&model.zero_grads()), 4 * Model::PARAMETERS, "state and frozen layers have no gradients");
    assert_eq!(
        model.to_string(),
        "\
Everything(
  (layers): ModuleList(
    (0): Linear(in_features=2, out_features=2, bias=True)
    (1): Linear(in_features=2, out_features=2, bias=True)
  )
  (pair): (
    (0): Linear(in_features=2, out_features=3, bias=True)
    (1): ReLU()
  )
  (frozen): Linear(in_features=3, out_features=1, bias=True)
)"
    );
}

#[test]
fn flat_parameters_go_out_and_in() {
    let rng = &mut SmallRng::seed_from_u64(1);
    type Net = Sequential![Linear<3, 4>, Frozen<Linear<4, 4>>, Linear<4, 1, NoBias>];
    let (a, mut b) = (Net::init(rng), Net::init(rng));
    b.copy_from_flat(&a.to_flat::<f64>());
    assert_eq!(a.0.0, b.0.0);
    assert_eq!(a.0.1.1, b.0.1.1);
    assert_ne!(a.0.1.0, b.0.1.0, "what is frozen is not among the trained parameters");
    let flat = Net::grads_to_flat::<f32>(&a.zero_grads());
    assert_eq!(flat.len(), Net::PARAMETERS);
    let mut grads = a.zero_grads();
    Net::grads_copy_from_flat(&mut grads, &a.to_flat::<f32>());
    assert_eq!(grads.0.weight, a.0.0.weight.0);
}

/// A struct of layers with another one inside, generic over it and over the element type.
#[derive(Module)]
struct Outer<M, T: Float> {
    first: Linear<3, 4, Bias, T>,
    inner: M,
    last: Linear<4, 2, Bias, T>,
}

#[derive(Module)]
struct Block<T: Float>(Residual<Linear<4, 4, Bias, T>>, Identity);

#[test]
fn structs_chain_their_fields() {
    let rng = &mut SmallRng::seed_from_u64(2);
    let mut model = Outer::<Block<f64>, f64>::init(rng);
    let x = Tensor::<[[f64; 3]; 5]>::randn(rng);
    const _: () = Outer::<Block<f64>, f64>::check::<Tensor<[[f64; 3]; 5]>>();
    let by_hand = model.last.forward(&model.inner.0.forward(&model.first.forward(&x)));
    assert_eq!(model.forward(&x), by_hand);
    gradcheck(&mut model, &x, 1e-6).unwrap();
    assert_eq!(names(&model)[2], "inner.0.weight [4, 4] Trainable");
    // The chain as nested pairs costs the same.
    type Pairs =
        Sequential![Linear<3, 4, Bias, f64>, Sequential![Residual<Linear<4, 4, Bias, f64>>, Identity], Linear<4, 2, Bias, f64>];
    type X = Tensor<[[f64; 3]; 5]>;
    fn bytes<M: Backprop<X>>() -> [usize; 3] {
        [M::MACS, M::FORWARD_BYTES, M::BACKPROP_BYTES]
    }
    assert_eq!(bytes::<Outer<Block<f64>, f64>>(), bytes::<Pairs>());
}

#[test]
fn a_frozen_start_costs_nothing() {
    #[derive(Module)]
    struct Tuned {
        base: Frozen<Linear<3, 4, Bias, f64>>,
        act: Relu,
        head: Linear<4, 2, Bias, f64>,
    }
    let rng = &mut SmallRng::seed_from_u64(3);
    let mut model = Tuned::init(rng);
    gradcheck(&mut model, &Tensor::<[[f64; 3]; 5]>::randn(rng), 1e-6).unwrap();
    assert_eq!(size_of::<Grads<Tuned>>(), size_of::<Grads<Linear<4, 2, Bias, f64>>>());
}

#[test]
fn a_model_may_be_a_static() {
    static NET: Sequential![Linear<3, 2>, Relu] = Init::BLANK;
    assert_eq!(NET.forward(&Tensor([1.0, 2.0, 3.0])), Tensor([0.0, 0.0]));
}

#[test]
fn tensors_can_be_written_by_name() {
    struct Ones;
    impl adamant::nn::VisitorMut for Ones {
        fn visit_mut<T: Float>(&mut self, info: &adamant::nn::Info<'_>, values: &mut [T]) {
            if info.name == *"0.bias" && info.kind == Kind::Trainable {
                values.fill(T::ONE);
            }
        }
    }
    let mut net = <Sequential![Linear<3, 2>, Relu]>::BLANK;
    net.visit_mut(Name::ROOT, &mut Ones);
    assert_eq!(net.0.0.bias.0, Tensor([1.0, 1.0]));
}

#[test]
fn parts_may_be_absent() {
    #[derive(Module)]
    struct Maybe {
        weight: Param<[f32; 3]>,
        shift: Option<Param<[f32; 3]>>,
        inner: Option<Linear<3, 2>>,
    }
    let rng = &mut SmallRng::seed_from_u64(4);
    let mut model = Maybe::init(rng);
    assert_eq!(names(&model), ["weight [3] Trainable"]);
    model.shift = Some(Param(Tensor([1.0; 3])));
    model.inner = Some(Linear::init(rng));
    assert_eq!(names(&model).len(), 4);
    assert_eq!(model.to_string(), "Maybe(\n  (inner): Linear(in_features=3, out_features=2, bias=True)\n)");
    let mut grads = model.zero_grads();
    grads.shift.fill(1.0);
    Sgd::new(&model).lr(0.5).step(&mut model, &grads);
    assert_eq!(model.shift.unwrap().0, Tensor([0.5; 3]));
}

#[test]
fn a_borrowed_base_is_frozen() {
    let rng = &mut SmallRng::seed_from_u64(5);
    let base = Linear::<3, 4, Bias, f64>::init(rng);
    let mut model = sequential![Frozen(&base), Tanh, Linear::<4, 2, Bias, f64>::init(rng)];
    gradcheck(&mut model, &Tensor::<[[f64; 3]; 5]>::randn(rng), 1e-6).unwrap();
    let mut behind = sequential![Linear::<3, 3, Bias, f64>::init(rng), &base];
    gradcheck(&mut behind, &Tensor::<[[f64; 3]; 5]>::randn(rng), 1e-6).unwrap();
    assert_eq!(names(&model)[0], "0.weight [3, 4] Frozen");
}
