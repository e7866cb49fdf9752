use super::*;
use crate::gradcheck::{Values, gradcheck};
use crate::init::Init;
use crate::nn::{Bidirectional, Dropout, Gru, GruCell, Layers, Lstm, LstmCell, NoBias, Recompute, Relu, Rnn, RnnCell};
use crate::prelude::{SeedableRng, SmallRng};
use std::string::ToString;

type X = Tensor<[[[f64; 3]; 4]; 2]>;

fn randn<S: crate::Shape<Elem = f64>>(seed: u64) -> Tensor<S> {
    Tensor::randn(&mut SmallRng::seed_from_u64(seed))
}

/// Checks every gradient of a layer that starts at random.
#[track_caller]
fn check<M: Backprop<X, Output: Values> + Init, X: Values>(x: X) {
    let mut layer = M::init(&mut SmallRng::seed_from_u64(1));
    gradcheck(&mut layer, &x, 1e-6).unwrap();
}

#[test]
fn gradients() {
    check::<Rnn<3, 5, (), f64>, _>(randn::<[[[f64; 3]; 4]; 2]>(0));
    check::<Rnn<3, 5, (Relu, NoBias), f64>, _>(randn::<[[f64; 3]; 4]>(0));
    check::<Lstm<3, 5, (), f64>, _>(randn::<[[[f64; 3]; 4]; 2]>(0));
    check::<Lstm<3, 5, NoBias, f64>, _>(randn::<[[f64; 3]; 4]>(0));
    check::<Gru<3, 5, (), f64>, _>(randn::<[[[f64; 3]; 4]; 2]>(0));
    check::<Gru<3, 5, NoBias, f64>, _>(randn::<[[f64; 3]; 4]>(0));
}

#[test]
fn gradients_of_many_units() {
    check::<Lstm<1, 9, NoBias, f64>, _>(randn::<[[f64; 1]; 3]>(0));
    check::<Gru<1, 9, NoBias, f64>, _>(randn::<[[[f64; 1]; 3]; 5]>(0));
}

#[test]
fn gradients_of_layers_and_directions() {
    check::<Rnn<2, 3, (Layers<3>, Bidirectional), f64>, _>(randn::<[[[f64; 2]; 3]; 2]>(0));
    check::<Lstm<2, 3, (Layers<2>, Bidirectional), f64>, _>(randn::<[[[f64; 2]; 3]; 2]>(0));
    check::<Gru<2, 3, (Layers<2>, Bidirectional, NoBias), f64>, _>(randn::<[[f64; 2]; 3]>(0));
    check::<Gru<2, 3, (Layers<2>, Bidirectional, Recompute), f64>, _>(randn::<[[[f64; 2]; 3]; 2]>(0));
    check::<Lstm<2, 3, (Layers<3>, Recompute), f64>, _>(randn::<[[[f64; 2]; 3]; 2]>(0));
}

#[test]
fn gradients_of_dropout() {
    check::<Gru<2, 3, (Layers<3>, Dropout), f64>, _>(randn::<[[[f64; 2]; 3]; 2]>(0));
    check::<Lstm<2, 3, (Layers<2>, Bidirectional, Dropout, Recompute), f64>, _>(randn::<[[f64; 2]; 3]>(0));
}

#[test]
fn gradients_of_states() {
    let x: Tensor<[[[f64; 2]; 3]; 2]> = randn(0);
    check::<Rnn<2, 3, Layers<2>, f64>, _>((x, randn::<[[[f64; 3]; 2]; 2]>(1)));
    check::<Lstm<2, 3, Layers<2>, f64>, _>((x, (randn::<[[[f64; 3]; 2]; 2]>(1), randn(2))));
    check::<Lstm<2, 3, Bidirectional, f64>, _>((x, (randn::<[[[[f64; 3]; 2]; 2]; 1]>(1), randn(2))));
    check::<Gru<2, 3, (Layers<2>, Bidirectional, Recompute), f64>, _>((x, randn::<[[[[f64; 3]; 2]; 2]; 2]>(1)));
    check::<Gru<2, 3, (), f64>, _>((randn::<[[f64; 2]; 3]>(0), randn::<[[f64; 3]; 1]>(1)));
}

const LENGTHS: Lengths<4, 3> = Lengths::known([2, 4, 0]);

#[test]
fn gradients_of_lengths() {
    let x: Tensor<[[[f64; 2]; 4]; 3]> = randn(0);
    check::<Rnn<2, 3, (), f64>, _>((x, LENGTHS));
    check::<Lstm<2, 3, (Layers<2>, Bidirectional), f64>, _>((x, LENGTHS));
    check::<Gru<2, 3, (Layers<2>, Bidirectional), f64>, _>((x, randn::<[[[[f64; 3]; 3]; 2]; 2]>(1), LENGTHS));
    check::<Lstm<2, 3, (Layers<2>, Recompute), f64>, _>((x, (randn::<[[[f64; 3]; 3]; 2]>(1), randn(2)), LENGTHS));
}

#[test]
fn gradients_of_cells() {
    let (x, h) = (randn::<[[f64; 3]; 2]>(0), randn::<[[f64; 4]; 2]>(1));
    check::<RnnCell<3, 4, (), f64>, _>((x, h));
    check::<RnnCell<3, 4, (Relu, NoBias), f64>, _>((x, h));
    check::<LstmCell<3, 4, NoBias, f64>, _>((x, (h, randn(2))));
    check::<GruCell<3, 4, crate::nn::Bias, f64>, _>((x, h));
    check::<GruCell<3, 4, crate::nn::Bias, f64>, _>((randn::<[f64; 3]>(0), randn::<[f64; 4]>(1)));
}

/// Every sample of a batch by itself; of unequal lengths cut to its own.
#[test]
fn a_batch_is_its_samples() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let layer = Lstm::<3, 4, (Layers<2>, Bidirectional), f64>::init(rng);
    let (x, state) = (randn::<[[[f64; 3]; 4]; 3]>(1), randn::<[[[[f64; 4]; 3]; 2]; 2]>(2));
    let (y, (h, c)) = layer.forward((x, (state, state * 0.5)));
    for b in 0..3 {
        let state = Tensor::<[[[f64; 4]; 2]; 2]>::from_fn(|[l, d, i]| state.0[l][d][b][i]);
        let (y1, (h1, c1)) = layer.forward((Tensor(x.0[b]), (state, state * 0.5)));
        assert!(y1.all_close(&Tensor(y.0[b]), 1e-12, 1e-12));
        for (all, one) in [(&h, h1), (&c, c1)] {
            let all = Tensor::from_fn(|[l, d, i]| all.0[l][d][b][i]);
            assert!(one.all_close(&all, 1e-12, 1e-12));
        }
    }
    let (y, (h, _)) = layer.forward((x, LENGTHS));
    let zero = Tensor::<[[[f64; 4]; 2]; 2]>::zeros();
    let (y1, (h1, _)) = layer.forward((Tensor([x.0[0][0], x.0[0][1]]), (zero, zero)));
    assert!(y1.all_close(&Tensor([y.0[0][0], y.0[0][1]]), 1e-12, 1e-12));
    assert!(h1.all_close(&Tensor::from_fn(|[l, d, i]| h.0[l][d][0][i]), 1e-12, 1e-12));
    assert!(y.0[0][2..].iter().chain(&y.0[2]).flatten().all(|&y| y == 0.0));
    assert!(h.0.iter().flatten().all(|h| h[2] == [0.0; 4]), "a sequence of no steps leaves its state");
}

/// What stands past the ends is not read, NaN included, and has no gradient.
#[test]
fn past_the_end_nothing_matters() {
    let layer = Gru::<3, 4, Bidirectional, f64>::init(&mut SmallRng::seed_from_u64(0));
    let mut x: Tensor<[[[f64; 3]; 4]; 3]> = randn(1);
    let right = layer.forward((x, LENGTHS));
    x.0[0][2] = [f64::NAN; 3];
    x.0[2] = [[f64::INFINITY; 3]; 4];
    assert_eq!(layer.forward((x, LENGTHS)), right);
    let (mut dx, mut grads) = ((x, LENGTHS), crate::nn::Parameters::zero_grads(&layer));
    layer.backprop(&mut dx, &mut grads, |y| y.0 = Tensor::ones());
    assert_eq!((dx.0.0[0][2], dx.0.0[2]), ([0.0; 3], [[0.0; 3]; 4]));
    assert!(crate::nn::Gradients::norm(&grads).is_finite());
}

#[test]
fn two_halves_are_the_whole() {
    let layer = Lstm::<3, 4, Layers<2>, f64>::init(&mut SmallRng::seed_from_u64(0));
    let x: X = randn(1);
    let [first, second] = [0, 2].map(|from| Tensor::<[[[f64; 3]; 2]; 2]>::from_fn(|[b, t, i]| x.0[b][from + t][i]));
    let zero = Tensor::<[[[f64; 4]; 2]; 2]>::zeros();
    let (whole, end) = layer.forward((x, (zero, zero)));
    let (y1, state) = layer.forward((first, (zero, zero)));
    let (y2, last) = layer.forward((second, state));
    let both = Tensor::from_fn(|[b, t, i]| if t < 2 { y1.0[b][t][i] } else { y2.0[b][t - 2][i] });
    assert!(both.all_close(&whole, 1e-12, 1e-12) && last.0.all_close(&end.0, 1e-12, 1e-12));
    assert!(last.1.all_close(&end.1, 1e-12, 1e-12));
}

/// Steps give what the layer does, and cells what steps do.
#[test]
fn steps_are_the_whole() {
    fn check<U: Gated, O>()
    where
        O: RecurrentOptions<U, Config: RecurrentConfig<Directions: crate::nn::options::StepByStep>>,
        Recurrent<U, 3, 20, O, f32>: Module<Tensor<[[f32; 3]; 6]>, Output = Tensor<[[f32; 20]; 6]>>,
    {
        let rng = &mut SmallRng::seed_from_u64(0);
        let layer = Recurrent::<U, 3, 20, O, f32>::init(rng);
        let x = Tensor::<[[f32; 3]; 6]>::randn(rng);
        let (y, mut state) = (layer.forward(&x), Recurrent::<U, 3, 20, O, f32>::zero_state());
        for (x, y) in x.rows().zip(y.rows()) {
            let found = layer.step(x, &mut state);
            assert!(found.all_close(y, 1e-6, 1e-6), "{found} {y}");
        }
    }
    check::<crate::simd::recurrent::TanhUnit, Relu>();
    check::<crate::simd::recurrent::TanhUnit, (NoBias, Layers<2>)>();
    check::<crate::simd::recurrent::LstmUnit, Layers<3>>();
    check::<crate::simd::recurrent::GruUnit, Layers<2>>();
    check::<crate::simd::recurrent::GruUnit, NoBias>();
}

/// All numbers of a layer or of its gradients, one after the other.
#[derive(Default)]
struct Numbers(std::vec::Vec<f64>);

impl crate::nn::Visitor for Numbers {
    fn visit<T: Float>(&mut self, _: &crate::nn::Info<'_>, values: &[T]) {
        self.0.extend(values.iter().map(|x| x.to_f64()));
    }
}

impl crate::nn::VisitorMut for Numbers {
    fn visit_mut<T: Float>(&mut self, _: &crate::nn::Info<'_>, values: &mut [T]) {
        let numbers = self.0.drain(..values.len());
        values.iter_mut().zip(numbers).for_each(|(to, x)| *to = T::from_f64(x));
    }
}

/// A batch in `f32`.
fn single<const N: usize>(x: &Tensor<[[[f64; N]; 4]; 6]>) -> Tensor<[[[f32; N]; 4]; 6]> {
    Tensor::from_fn(|[b, t, i]| x.0[b][t][i] as f32)
}

/// Whole vectors, parts of one, and single units, in `f32` on each instruction set, beside `f64`.
#[test]
fn many_units_are_the_same_on_every_instruction_set() {
    use crate::nn::{Gradients, Name, Parameters};
    macro_rules! check {
        // Each in a function, for the stack of a debug build.
        ($($layer:ident, $options:ty;)+) => {$({
            fn check() {
                type Of<T> = $layer<5, 29, $options, T>;
                let rng = &mut SmallRng::seed_from_u64(0);
                let (x, dy) = (Tensor::<[[[f64; 5]; 4]; 6]>::randn(rng), Tensor::<[[[f64; 29]; 4]; 6]>::randn(rng));
                let (exact, mut layer) = (Of::<f64>::init(rng), Of::<f32>::BLANK);
                let mut numbers = Numbers::default();
                exact.visit(Name::ROOT, &mut numbers);
                layer.visit_mut(Name::ROOT, &mut numbers);
                let (mut dx, mut grads, mut right) = (x, exact.zero_grads(), Numbers::default());
                exact.backprop(&mut dx, &mut grads, |y| {
                    right.0.extend(y.iter());
                    *y = dy;
                });
                right.0.extend(dx.iter());
                grads.visit(Name::ROOT, &mut right);
                crate::simd::Instructions::each(|set| {
                    let (mut dx, mut grads, mut found) = (single(&x), layer.zero_grads(), Numbers::default());
                    layer.backprop(&mut dx, &mut grads, |y| {
                        found.0.extend(y.iter().map(|&y| f64::from(y)));
                        *y = single(&dy);
                    });
                    found.0.extend(dx.iter().map(|&x| f64::from(x)));
                    grads.visit(Name::ROOT, &mut found);
                    assert_eq!(found.0.len(), right.0.len());
                    for (i, (found, right)) in found.0.iter().zip(&right.0).enumerate() {
                        let near = (found - right).abs() <= 1e-5 * right.abs().max(1.0);
                        assert!(near, "{} on {set:?}, number {i}: {found}, not {right}", stringify!($layer $options));
                    }
                });
            }
            check();
        })+};
    }
    check! {
        Rnn, ();
        Rnn, (Relu, NoBias);
        Lstm, ();
        Lstm, (Layers<2>, Recompute);
        Gru, ();
        Gru, (Layers<2>, NoBias);
    }
}

/// What saturates stays within [−1, 1], and what is no number is none.
#[test]
fn extreme_inputs() {
    crate::simd::Instructions::each(|_| {
        let rng = &mut SmallRng::seed_from_u64(0);
        let (lstm, gru) = (Lstm::<2, 29>::init(rng), Gru::<2, 29>::init(rng));
        for x in [1e30f32, -1e30, f32::INFINITY, f32::NEG_INFINITY] {
            let x = Tensor([[x, 0.0]; 3]);
            for y in [lstm.forward(x), gru.forward(x)] {
                assert!(y.iter().all(|y| y.abs() <= 1.0), "{y}");
            }
        }
        let x = Tensor([[0.5, 0.5], [f32::NAN, 0.5], [0.5, 0.5]]);
        for y in [lstm.forward(x), gru.forward(x)] {
            assert!(y.0[0].iter().all(|y| y.is_finite()) && y.0[1..].as_flattened().iter().all(|y| y.is_nan()), "{y}");
        }
    });
}

/// No bound on a size is needed where time runs one way.
fn any_size<const B: usize, const L: usize, const IN: usize, const H: usize>(
    layer: &Lstm<IN, H>,
    x: &Tensor<[[[f32; IN]; L]; B]>,
) -> Tensor<[[[f32; H]; L]; B]> {
    layer.forward(x)
}

#[test]
fn sizes_are_generic() {
    let y = any_size(&Lstm::<3, 5>::BLANK, &Tensor::<[[[f32; 3]; 4]; 2]>::ones());
    assert_eq!(y, Tensor::zeros());
    assert_eq!(Gru::<3, 5>::BLANK.forward(&Tensor::<[[f32; 3]; 0]>::zeros()), Tensor::zeros());
    let (_, state) = Gru::<3, 2>::BLANK.forward((Tensor::<[[f32; 3]; 0]>::zeros(), Tensor([[1.0, 2.0]])));
    assert_eq!(state, Tensor([[1.0, 2.0]]), "no step leaves the state");
}

#[test]
fn names_and_costs() {
    let layer = Gru::<3, 4, (Layers<2>, Bidirectional)>::BLANK;
    let mut names = std::vec::Vec::new();
    crate::nn::Parameters::named_parameters(&layer, |info| names.push(std::format!("{} {}", info.name, info.dims)));
    let expected =
        ["weight_ih_l0 [3, 12]", "weight_hh_l0 [4, 12]", "bias_ih_l0 [12]", "bias_hh_l0 [12]", "weight_ih_l0_reverse [3, 12]"];
    assert_eq!((&names[..5], names.len()), (&expected.map(std::string::String::from)[..], 16));
    assert_eq!((&*names[8], &*names[15]), ("weight_ih_l1 [8, 12]", "bias_hh_l1_reverse [12]"));
    type Batch = Tensor<[[[f32; 3]; 5]; 2]>;
    assert_eq!(<Gru<3, 4> as Module<Batch>>::MACS, 10 * 12 * (3 + 4));
    assert_eq!(<Gru<3, 4, (Layers<2>, Bidirectional)> as Module<Batch>>::MACS, 10 * 2 * 12 * (3 + 4 + 8 + 4));
    let kept = |gates: usize, states: usize| 4 * 10 * 4 * (gates + states);
    // Beside: the output, its gradient by step, the inputs by step, a state's transposed weights, h and c of two layers twice.
    let beside = 4 * (10 * 4 + 10 * 4 + 10 * 3 + 4 * 16 + 2 * 2 * 2 * 2 * 4);
    type Long = Lstm<3, 4, Layers<2>>;
    assert_eq!(<Long as Backprop<Batch>>::BACKPROP_BYTES, kept(2 * 5, 2) + beside);
    assert_eq!(<Lstm<3, 4, (Layers<2>, Recompute)> as Backprop<Batch>>::BACKPROP_BYTES, kept(5, 2) + beside);
}

#[test]
fn prints() {
    assert_eq!(Lstm::<16, 32, Layers<2>>::BLANK.to_string(), "LSTM(16, 32, num_layers=2, batch_first=True)");
    assert_eq!(Rnn::<1, 2, (Relu, NoBias)>::BLANK.to_string(), "RNN(1, 2, bias=False, batch_first=True)");
    assert_eq!(RnnCell::<1, 2, (Relu, NoBias)>::BLANK.to_string(), "RNNCell(1, 2, bias=False, nonlinearity=relu)");
}

#[test]
fn lengths_are_checked() {
    assert_eq!(Lengths::<4, 2>::new([4, 0]).unwrap().get(), &[4, 0]);
    let error = Lengths::<4, 2>::new([4, 5]).unwrap_err();
    assert_eq!(error, LengthError { sequence: 1, length: 5, steps: 4 });
    assert_eq!(error.to_string(), "sequence 1 is 5 steps long, but the batch has 4");
}
