//! `#[derive(Module)]` from outside.

use adamant::gradcheck::gradcheck;
use adamant::heap::{Filled, Slot};
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
    assert_eq!(names(&model)[2], "inner.0.0.weight [4, 4] Trainable");
    // The chain as nested pairs costs the same.
    type Pairs =
        Sequential![Linear<3, 4, Bias, f64>, Sequential![Residual<Linear<4, 4, Bias, f64>>, Identity], Linear<4, 2, Bias, f64>];
    type X = Tensor<[[f64; 3]; 5]>;
    fn costs<M: Backprop<X>>() -> (u64, usize, usize) {
        (M::MACS, M::FORWARD_BYTES, M::BACKPROP_BYTES)
    }
    assert_eq!(costs::<Outer<Block<f64>, f64>>(), costs::<Pairs>());
}

/// A layer of two numbers.
type Two = Linear<2, 2, Bias, f64>;

/// Structs of layers, and the same layers as a chain.
macro_rules! structs {
    ($($name:ident as $chain:ident { $($field:ident: $layer:ty),+ })+) => {$(
        #[derive(Module)]
        struct $name { $($field: $layer),+ }
        type $chain = Sequential![$($layer),+];
    )+};
}

structs! {
    One as One0 { a: Two }
    Eight as Eight0 { a: Two, b: Tanh, c: Two, d: Identity, e: Relu, f: Two, g: Tanh, h: Two }
    Nine as Nine0 { a: Frozen<Two>, b: Tanh, c: Frozen<Two>, d: Tanh, e: Tanh, f: Tanh, g: Frozen<Two>, h: Tanh, i: Two }
    Many as Many0 {
        a: Tanh, b: Tanh, c: Frozen<Two>, d: Tanh, e: Tanh, f: Tanh, g: Tanh, h: Tanh, i: Tanh, j: Tanh, k: Frozen<Two>,
        l: Linear<2, 3, Bias, f64>, m: Tanh, n: Linear<3, 2, Bias, f64>, o: Tanh, p: Two, q: Tanh, r: Softmax, s: Two, t: Tanh,
        u: Two, v: Tanh, w: Two, x: Tanh, y: Two, z: Residual<Two>
    }
}

/// A struct is its chain: values, gradients, costs, the table.
fn same<M, C>(seed: u64)
where
    M: Init + Flat + Backprop<Tensor<[[f64; 2]; 3]>, Output = Tensor<[[f64; 2]; 3]>>,
    C: Init + Flat<Len = M::Len> + Backprop<Tensor<[[f64; 2]; 3]>, Output = Tensor<[[f64; 2]; 3]>>,
{
    let rng = &mut SmallRng::seed_from_u64(seed);
    let (mut model, x) = (M::init(rng), Tensor::randn(rng));
    let chain = C::init(&mut SmallRng::seed_from_u64(seed));
    assert_eq!(model.to_flat::<f64>(), chain.to_flat::<f64>());
    let y = chain.forward(&x);
    assert_eq!((model.forward(&x), model.forward_with(&mut x.clone(), |y| *y)), (y, y));
    let mut over = Tensor::zeros();
    model.forward_over(&mut x.clone(), &mut over);
    assert_eq!(over, y);
    assert_eq!(model.forward_training(&x, &mut model.zero_grads()), y);
    let of = |y: &mut Tensor<[[f64; 2]; 3]>| mse_loss(y, &Tensor::zeros(), Reduction::Sum);
    let (grads, chain_grads) = (model.gradients(&x, of).1, chain.gradients(&x, of).1);
    assert_eq!(M::grads_to_flat::<f64>(&grads), C::grads_to_flat::<f64>(&chain_grads));
    gradcheck(&mut model, &x, 1e-6).unwrap();
    assert_eq!(
        (M::MACS, M::FORWARD_BYTES, M::FORWARD_OVER_BYTES, M::FORWARD_WITH_BYTES, M::BACKPROP_BYTES),
        (C::MACS, C::FORWARD_BYTES, C::FORWARD_OVER_BYTES, C::FORWARD_WITH_BYTES, C::BACKPROP_BYTES)
    );
    let table = |text: String| -> Vec<Vec<String>> {
        let rows = text.lines().skip(4).map(|row| row.split_whitespace().filter(|word| !word.starts_with('(')));
        rows.map(|row| row.map(String::from).collect()).collect()
    };
    assert_eq!(table(model.summary(&x).to_string()), table(chain.summary(&x).to_string()));
}

#[test]
fn structs_of_any_length_are_chains() {
    same::<One, One0>(10);
    same::<Eight, Eight0>(11);
    same::<Nine, Nine0>(12);
    same::<Many, Many0>(13);
    let text = Many::BLANK.summary(&Tensor::<[[f64; 2]; 3]>::zeros()).to_string();
    assert!(["(h)", "(i)", "(z)"].iter().all(|name| text.contains(name)), "{text}");
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

/// Layers that are called like what is no layer, and the other way round.
mod names_decide_nothing {
    use super::*;
    use adamant::nn::Param as P;

    #[derive(Module)]
    struct TensorTrain(Linear<3, 4>);

    #[derive(Module)]
    struct Running(Linear<4, 4>);

    #[derive(Module)]
    struct Option {
        inner: Linear<4, 2>,
    }

    #[derive(Module)]
    struct Net {
        first: TensorTrain,
        second: Running,
        third: Option,
    }

    #[test]
    fn a_layer_may_have_any_name() {
        let net = Net::init(&mut SmallRng::seed_from_u64(6));
        let x = Tensor([[1.0, -2.0, 3.0]; 2]);
        let by_hand = net.third.inner.forward(&net.second.0.forward(&net.first.0.forward(&x)));
        assert_eq!(net.forward(&x), by_hand);
    }

    type Weight = Param<[f32; 3]>;
    type Mask = Tensor<[f32; 3]>;
    type Factor = f32;

    /// Each struct has a field that is no layer, beside layers: the forward pass is its own, without a word.
    macro_rules! own {
        ($($name:ident $ty:ty, |$this:ident, $x:ident| $value:expr;)+) => {$(
            #[derive(Module)]
            struct $name {
                layer: Linear<3, 3>,
                other: $ty,
            }

            #[forward]
            impl $name {
                fn forward(&$this, $x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
                    $value
                }
            }
        )+};
    }

    own! {
        Aliased Weight, |self, x| self.layer.forward(x) * &self.other;
        Renamed P<[f32; 3]>, |self, x| self.layer.forward(x) * &self.other;
        Masked Mask, |self, x| self.layer.forward(x) * self.other;
        Scaled Factor, |self, x| self.layer.forward(x) * self.other;
        Marked std::marker::PhantomData<u8>, |self, x| self.layer.forward(x);
        Maybe std::option::Option<Linear<3, 3>>, |self, x| self.layer.forward(x);
        Several [Linear<3, 3>; 2], |self, x| self.other[1].forward(self.other[0].forward(self.layer.forward(x)));
        Settings [[f32; 3]; 1], |self, x| self.layer.forward(x) * self.other[0];
        Each [Factor; 3], |self, x| self.layer.forward(x) * self.other;
        Paired (Param<[f32; 3]>, Relu), |self, x| self.layer.forward(x) * &self.other.0;
        Still Frozen<Param<[f32; 3]>>, |self, x| self.layer.forward(x);
    }

    /// Of what is not known, another field decides.
    #[derive(Module)]
    struct Generic<M, B: BiasOption> {
        inner: M,
        weight: Weight,
        bias: B::Param<[f32; 3]>,
    }

    #[forward]
    impl<M: Backprop<Tensor<[f32; 3]>, Output = Tensor<[f32; 3]>>, B: BiasOption> Generic<M, B> {
        fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
            (self.inner.forward(x) * &self.weight).add_bias(&self.bias)
        }
    }

    #[test]
    fn what_is_no_layer_may_have_any_name() {
        let x = Tensor([1.0, -2.0, 3.0]);
        let layer = Linear::<3, 3>::init(&mut SmallRng::seed_from_u64(7));
        let (y, two) = (layer.forward(&x), Tensor([2.0; 3]));
        assert_eq!(Module::forward(&Aliased { layer, other: Param(two) }, &x), y * 2.0);
        assert_eq!(Module::forward(&Renamed { layer, other: Param(two) }, &x), y * 2.0);
        assert_eq!(Module::forward(&Masked { layer, other: two }, &x), y * 2.0);
        assert_eq!(Module::forward(&Scaled { layer, other: 2.0 }, &x), y * 2.0);
        assert_eq!(Module::forward(&Marked { layer, other: std::marker::PhantomData }, &x), y);
        assert_eq!(Module::forward(&Maybe { layer, other: None }, &x), y);
        assert_eq!(Module::forward(&Still { layer, other: Frozen(Param(two)) }, &x), y);
        assert_eq!(Module::forward(&Paired { layer, other: (Param(two), Relu) }, &x), y * 2.0);
        assert_eq!(Module::forward(&Settings { layer, other: [two.0] }, &x), y * 2.0);
        assert_eq!(Module::forward(&Each { layer, other: two.0 }, &x), y * 2.0);
        let several = Several { layer, other: [layer; 2] };
        assert_eq!(Module::forward(&several, &x), layer.forward(&layer.forward(&y)));
        let generic = Generic::<_, Bias> { inner: layer, weight: Param(two), bias: Param(two) };
        assert_eq!(Module::forward(&generic, &x), y * 2.0 + 2.0);
    }

    /// A layer whose `Parameters` are written by hand.
    #[derive(Clone, Copy)]
    struct Doubled;

    impl Parameters for Doubled {
        type Grads = ();
        type Count = adamant::nn::Nothing;
        const PARAMETERS: usize = 0;
        const NUMBERS: usize = 0;
        fn visit<V: Visitor>(&self, _: Name<'_>, _: &mut V) {}
        fn visit_mut<V: VisitorMut>(&mut self, _: Name<'_>, _: &mut V) {}
        fn update<const K: usize, U: Update<K>>(&mut self, _: &(), _: [&mut (); K], _: &mut U) {}
        fn describe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Doubled()")
        }
    }

    impl<Struct> adamant::nn::Chainable<Struct> for Doubled {}

    impl Module<Tensor<[f32; 2]>> for Doubled {
        type Output = Tensor<[f32; 2]>;
        fn forward_into(&self, x: &Tensor<[f32; 2]>, y: &mut Tensor<[f32; 2]>) {
            *y = *x * 2.0;
        }
    }

    #[derive(Module)]
    #[module(custom(init))]
    struct ByHand {
        layer: Doubled,
        borrowed: &'static Doubled,
    }

    #[test]
    fn layers_by_hand_are_chained() {
        let model = ByHand { layer: Doubled, borrowed: &Doubled };
        assert_eq!(model.forward(&Tensor([1.0, 2.0])), Tensor([4.0, 8.0]));
    }
}

/// A struct of layers with a forward pass of its own, said by `#[forward]` alone.
mod own_passes {
    use super::*;

    #[derive(Module)]
    struct Shortcut {
        first: Linear<3, 3>,
        second: Linear<3, 3>,
    }

    #[forward]
    impl Shortcut {
        fn forward<const B: usize>(&self, x: Tensor<[[f32; 3]; B]>) -> Tensor<[[f32; 3]; B]> {
            x + self.second.forward(self.first.forward(x).relu())
        }
    }

    #[derive(Module)]
    struct Around<'a, const N: usize, const ON: bool> {
        base: &'a Linear<N, N>,
        own: Linear<N, N>,
    }

    #[forward]
    impl<const N: usize, const ON: bool> Around<'_, N, ON> {
        fn forward<const B: usize>(&self, x: Tensor<[[f32; N]; B]>) -> Tensor<[[f32; N]; B]> {
            self.own.forward(self.base.forward(x)) * 2.0
        }
    }

    #[derive(Module)]
    struct Net {
        first: Shortcut,
        blocks: [Shortcut; 2],
    }

    #[test]
    fn come_before_the_chain_of_the_fields() {
        let rng = &mut SmallRng::seed_from_u64(9);
        let (net, x) = (Net::init(rng), Tensor::<[[f32; 3]; 2]>::randn(rng));
        let by_hand = |layer: &Shortcut, x: Tensor<[[f32; 3]; 2]>| {
            x + Module::forward(&layer.second, &Module::forward(&layer.first, &x).relu())
        };
        let expected = by_hand(&net.blocks[1], by_hand(&net.blocks[0], by_hand(&net.first, x)));
        assert_eq!(net.forward(&x), expected);
        let around = Around::<3, true> { base: &net.first.first, own: net.first.second };
        assert_eq!(Module::forward(&around, &x), around.own.forward(&around.base.forward(&x)) * 2.0);
    }
}

/// A model may borrow; its gradients do not.
mod borrowing {
    use super::*;

    #[derive(Module)]
    struct Tuned<'a> {
        base: &'a Linear<3, 4, Bias, f64>,
        act: Tanh,
        head: Linear<4, 2, Bias, f64>,
    }

    #[derive(Module)]
    #[module(custom(init))]
    struct Twice<'a, 'b: 'a, M> {
        first: Frozen<&'b M>,
        tuned: Tuned<'a>,
    }

    type X = Tensor<[[f64; 3]; 5]>;

    #[test]
    fn a_struct_may_have_lifetimes() {
        let rng = &mut SmallRng::seed_from_u64(10);
        let (base, square) = (Linear::init(rng), Linear::<3, 3, Bias, f64>::init(rng));
        let x = X::randn(rng);
        let tuned = Tuned { base: &base, act: Tanh, head: Linear::init(rng) };
        let by_hand = tuned.head.forward(&base.forward(&x).tanh());
        assert_eq!(tuned.forward(&x), by_hand);
        const _: () = Tuned::check::<X>();
        assert_eq!(names(&tuned)[0], "base.weight [3, 4] Frozen");
        let mut twice = Twice { first: Frozen(&square), tuned };
        gradcheck(&mut twice, &x, 1e-6).unwrap();
        let (before, grads) = twice.gradients(&x, |y| mse_loss(y, &Tensor::zeros(), Reduction::Mean));
        assert_eq!(size_of_val(&grads), size_of::<Grads<Linear<4, 2, Bias, f64>>>());
        Sgd::new(&twice).lr(0.1).step(&mut twice, &grads);
        assert!(mse_loss(&twice.forward(&x), &Tensor::zeros(), Reduction::Mean) < before);
        assert_eq!((Tuned::PARAMETERS, twice.to_flat::<f64>().len()), (10, 10));
    }
}

/// Names that the derive gives, and those of its user.
mod names_do_not_clash {
    use super::*;

    /// Is called as the gradients of `Net` would be.
    #[derive(Module)]
    struct NetGrads {
        weight: Param<[f32; 2]>,
    }

    #[derive(Module)]
    #[module(custom(check))]
    struct Net {
        layer: Linear<2, 2>,
        scale: NetGrads,
    }

    #[forward]
    impl Net {
        fn forward(&self, x: Tensor<[f32; 2]>) -> Tensor<[f32; 2]> {
            self.layer.forward(x) * &self.scale.weight
        }

        fn check(&self) -> usize {
            Self::PARAMETERS
        }
    }

    #[test]
    fn a_user_may_have_them_all() {
        let net = Net::init(&mut SmallRng::seed_from_u64(11));
        let grads: Grads<Net> = net.zero_grads();
        assert_eq!((net.check(), grads.scale.weight), (8, Tensor::zeros()));
    }
}

#[test]
fn arrays_of_layers_are_chains() {
    type Block = Sequential![Linear<3, 3, Bias, f64>, Tanh, Dropout];
    #[derive(Module)]
    struct Net {
        blocks: [Block; 3],
        head: Linear<3, 2, Bias, f64>,
    }
    fn same<const N: usize>(rng: &mut SmallRng) {
        type X = Tensor<[[f64; 3]; 4]>;
        let layers: [Residual<Linear<3, 3, Bias, f64>>; N] = Init::init(rng);
        let mut chain = sequential![Tanh, layers, Tanh];
        let x = X::randn(rng);
        gradcheck(&mut chain, &x, 1e-6).unwrap();
        let y = layers.iter().fold(x, |x, layer| layer.forward(&x));
        assert_eq!((layers.forward(&x), layers.forward_with(&mut x.clone(), |y| *y)), (y, y));
        let mut over = X::zeros();
        layers.forward_over(&mut x.clone(), &mut over);
        assert_eq!((over, layers.forward_training(&x, &mut layers.zero_grads())), (y, y));
    }
    let rng = &mut SmallRng::seed_from_u64(12);
    same::<0>(rng);
    same::<1>(rng);
    same::<2>(rng);
    same::<5>(rng);
    let mut net = Net::init(rng);
    let x = Tensor::<[[f64; 3]; 4]>::randn(rng);
    // Dropout draws the same masks on the way back.
    gradcheck(&mut net, &x, 1e-6).unwrap();
    let text = net.summary(&x).to_string();
    assert!(
        ["ModuleList (blocks)", "Sequential (blocks.1)", "Linear (blocks.2.0)"].iter().all(|row| text.contains(row)),
        "{text}"
    );
}

/// A layer that says by attributes how it starts and how it is printed.
#[derive(Module)]
#[module(display("Scaled({IN} -> {OUT}, eps={:?}, {})", self.eps, if self.bias.is_some() { "biased" } else { "plain" }))]
struct Scaled<const IN: usize, const OUT: usize> {
    #[module(init = |weight, rng| init::uniform(weight, 2.0, 3.0, rng))]
    weight: Param<[[f32; OUT]; IN]>,
    #[module(value = Param(Tensor([1.0; OUT])), fill = ones, init = |gain, _| gain.fill(1.0))]
    gain: Param<[f32; OUT]>,
    #[module(init = constant(0.5))]
    shift: Param<[f32; OUT]>,
    #[module(init = quarter)]
    slope: Tensor<[f32; 1]>,
    bias: Option<Param<[f32; OUT]>>,
    #[module(value = 1e-3)]
    eps: f32,
}

fn ones<const N: usize>(slot: Slot<'_, Param<[f32; N]>>) -> Filled<'_, Param<[f32; N]>> {
    Param::blank_in(slot).then(|param| param.fill(1.0))
}

fn constant<const N: usize, R: ?Sized>(value: f64) -> impl FnOnce(&mut Param<[f32; N]>, &mut R) {
    move |param, _| param.fill(value)
}

/// Takes a tensor of any shape.
fn quarter<S: Shape<Elem = f32>, R: ?Sized>(tensor: &mut Tensor<S>, _: &mut R) {
    tensor.fill(0.25);
}

#[test]
fn attributes_say_how_a_layer_starts_and_prints() {
    let rng = &mut SmallRng::seed_from_u64(21);
    let mut layer = Scaled::<3, 2>::BLANK;
    assert_eq!((layer.gain.0, layer.shift.0, layer.eps), (Tensor([1.0; 2]), Tensor([0.0; 2]), 1e-3));
    layer.gain.fill(7.0);
    layer.eps = 2.0;
    layer.reset_parameters(rng);
    for layer in [layer, Scaled::init(rng), *Scaled::init_boxed(rng)] {
        assert!(layer.weight.iter().all(|w| (2.0..3.0).contains(w)));
        assert_eq!((layer.gain.0, layer.shift.0, layer.slope), (Tensor([1.0; 2]), Tensor([0.5; 2]), Tensor([0.25])));
    }
    let started = Scaled::<3, 2>::init(rng);
    assert_eq!(started.to_string(), "Scaled(3 -> 2, eps=0.001, plain)");

    #[derive(Module)]
    struct Around {
        scaled: Scaled<3, 2>,
    }
    let mut around = Around { scaled: started };
    around.scaled.bias = Some(Param(Tensor([0.0; 2])));
    assert_eq!(around.to_string(), "Around(\n  (scaled): Scaled(3 -> 2, eps=0.001, biased)\n)");
}

#[test]
fn raw_names_are_plain_names() {
    #[derive(Module)]
    struct Raw {
        r#type: Linear<2, 2>,
        #[module(value = pair::<1, 2>())]
        r#in: f32,
    }
    const fn pair<const A: usize, const B: usize>() -> f32 {
        (10 * A + B) as f32
    }
    let model = Raw::init(&mut SmallRng::seed_from_u64(8));
    assert_eq!(model.r#in, 12.0);
    assert_eq!(names(&model)[0], "type.weight [2, 2] Trainable");
    assert!(model.to_string().contains("(type): Linear"), "{model}");
    assert!(format!("{:?}", model.zero_grads()).starts_with("RawGrads { type: LinearGrads"));
}

#[test]
#[allow(non_camel_case_types)]
fn raw_names_have_forward_passes() {
    #[derive(Module)]
    struct r#struct {
        r#type: Linear<4, 4>,
        r#in: Param<[f32; 4]>,
    }

    #[forward]
    impl r#struct {
        fn forward(&self, r#move: Tensor<[f32; 4]>) -> Tensor<[f32; 4]> {
            let r#fn = self.r#type.forward(r#move);
            let r#as = 2.0;
            let mut r#mut = r#fn * &self.r#in * r#as;
            for r#ref in 0..3 {
                r#mut = r#mut * r#ref as f32 + r#fn;
            }
            let r#as = 3.0;
            r#mut + r#fn * r#as
        }
    }

    /// Σ(a − b)²
    #[forward]
    fn r#loop(r#if: Tensor<[f32; 4]>, r#else: &Tensor<[f32; 4]>) -> f32 {
        let r#while = r#if - r#else;
        r#while.square().sum()
    }

    let mut model = r#struct::init(&mut SmallRng::seed_from_u64(13));
    model.r#in.fill(0.5);
    let x = Tensor([1.0, -2.0, 3.0, 0.5]);
    let h = model.r#type.forward(&x);
    assert!(Module::forward(&model, &x).all_close(&(h * 8.0), 1e-5, 1e-5));
    let (loss, grads) = model.gradients(&x, |y| r#loop(y, &Tensor::zeros()));
    assert!(loss.is_finite() && grads.norm() > 0.0);
    assert_eq!(model.to_string(), "struct(\n  (type): Linear(in_features=4, out_features=4, bias=True)\n)");
    let table = model.summary(&x).to_string();
    assert!(table.contains("struct ") && table.contains("Linear (type)"), "{table}");
}
