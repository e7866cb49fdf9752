//! Losses.

use crate::golden::{Golden, assert_close};
use adamant::gradcheck::gradcheck_loss;
use adamant::prelude::*;

type Batch<T = f32> = Tensor<[[T; 4]; 5]>;
type Rows<T = f32> = Tensor<[[T; 4]; 6]>;
type Row<T = f32> = Tensor<[T; 6]>;
type Frames<T = f32> = Tensor<[[[T; 5]; 2]; 8]>;
type Logits = Tensor<[[[f64; 4]; 2]; 6]>;

/// The numbers that a loss returns: one, or a tensor.
trait Numbers {
    fn numbers(&self) -> Vec<f64>;
}

impl Numbers for f32 {
    fn numbers(&self) -> Vec<f64> {
        vec![f64::from(*self)]
    }
}

impl Numbers for f64 {
    fn numbers(&self) -> Vec<f64> {
        vec![*self]
    }
}

impl<S: Shape<Elem: Float>> Numbers for Tensor<S> {
    fn numbers(&self) -> Vec<f64> {
        self.iter().map(|x| x.to_f64()).collect()
    }
}

/// Checks `loss_NAME_{mean,sum,none}` for each `NAME: the loss`, a function of the file, the predictions and the reduction.
macro_rules! parity {
    ($($name:ident: |$golden:ident; $($p:ident: $ty:ty),+; $reduction:ident| $loss:expr;)+) => {
        mod parity {
            $(mod $name {
                use super::super::*;

                #[test]
                fn mean() {
                    parity!(@case $name, "mean", Mean, $golden; $($p: $ty),+; $reduction, $loss);
                }

                #[test]
                fn sum() {
                    parity!(@case $name, "sum", Sum, $golden; $($p: $ty),+; $reduction, $loss);
                }

                #[test]
                fn none() {
                    parity!(@case $name, "none", None, $golden; $($p: $ty),+; $reduction, $loss);
                }
            })+
        }
    };
    (@case $name:ident, $file:literal, $kind:ident, $golden:ident; $($p:ident: $ty:ty),+; $reduction:ident, $loss:expr) => {{
        let $golden = Golden::open(concat!("loss_", stringify!($name), "_", $file));
        let $reduction = Reduction::$kind;
        let mut numbers = ["", "2", "3"].into_iter();
        $(let mut $p: $ty = $golden.tensor(&format!("input{}", numbers.next().unwrap()));)+
        {
            $(let $p = &$p;)+
            $golden.check("output", &$loss.numbers());
        }
        {
            $(let $p = &mut $p;)+
            $golden.check("output", &$loss.numbers());
        }
        let mut numbers = ["", "2", "3"].into_iter();
        $(check_gradient(&$golden, numbers.next().unwrap(), $p.as_slice());)+
    }};
}

/// Checks that the gradient of the losses, times what PyTorch's were multiplied by, is PyTorch's.
fn check_gradient(golden: &Golden, number: &str, gradient: &[f32]) {
    let (_, weights) = golden.floats("grad_output");
    let dims = golden.floats(&format!("input{number}")).0;
    // Frames come before sequences: a loss a sequence, several times.
    let per_weight = if dims.len() == 3 { dims[2] } else { gradient.len() / weights.len() };
    let rows = gradient.chunks(per_weight);
    let weighted: Vec<f64> =
        rows.zip(weights.iter().cycle()).flat_map(|(row, w)| row.iter().map(move |g| f64::from(*g) * w)).collect();
    golden.check(&format!("grad_input{number}"), &weighted);
}

fn target(golden: &Golden) -> Batch {
    golden.tensor("target")
}

fn classes(golden: &Golden) -> [i64; 5] {
    golden.integers("target").try_into().unwrap()
}

fn six(golden: &Golden) -> [i64; 6] {
    golden.integers("target").try_into().unwrap()
}

/// The lengths of a file of the connectionist temporal classification.
fn lengths(golden: &Golden, key: &str) -> [usize; 2] {
    serde_json::from_value(golden.case()[key].clone()).unwrap()
}

fn ctc<P: Prediction<[[[f32; 5]; 2]; 8]>, R: Reduce>(golden: &Golden, p: P, reduction: R) -> P::Loss<R::Output<[f32; 2]>> {
    let labels: Vec<i64> = golden.integers("target");
    let labels: [[i64; 3]; 2] = [labels[..3].try_into().unwrap(), labels[3..].try_into().unwrap()];
    let loss = Ctc::new().blank(golden.number("blank") as usize);
    let (frames, used) = (lengths(golden, "input_lengths"), lengths(golden, "target_lengths"));
    loss.input_lengths(&frames).target_lengths(&used).loss(p, &labels, reduction)
}

/// Of the classes.
fn weights() -> Tensor<[f32; 4]> {
    Golden::open("loss_weights").tensor("weight")
}

parity! {
    mse: |golden; p: Batch; reduction| mse_loss(p, &target(&golden), reduction);
    l1: |golden; p: Batch; reduction| l1_loss(p, &target(&golden), reduction);
    smooth_l1: |golden; p: Batch; reduction| smooth_l1_loss(p, &target(&golden), golden.number("beta"), reduction);
    huber: |golden; p: Batch; reduction| huber_loss(p, &target(&golden), golden.number("delta"), reduction);
    bce: |golden; p: Batch; reduction| binary_cross_entropy(p, &target(&golden), reduction);
    bce_logits: |golden; p: Batch; reduction| binary_cross_entropy_with_logits(p, &target(&golden), reduction);
    soft_margin: |golden; p: Batch; reduction| soft_margin_loss(p, &target(&golden), reduction);
    kl_div: |golden; p: Batch; reduction| kl_div(p, &target(&golden), reduction);
    nll: |golden; p: Batch; reduction| nll_loss(p, &classes(&golden), reduction);
    cross_entropy: |golden; p: Batch; reduction| cross_entropy(p, &classes(&golden), reduction);
    cross_entropy_prob: |golden; p: Batch; reduction| cross_entropy(p, &target(&golden), reduction);
    cross_entropy_smooth: |golden; p: Batch; reduction|
        cross_entropy_smooth(p, &classes(&golden), golden.number("label_smoothing"), reduction);
    cross_entropy_weight: |golden; p: Rows; reduction|
        CrossEntropy::new().weight(&weights()).loss(p, &six(&golden), reduction);
    cross_entropy_ignore: |golden; p: Rows; reduction|
        CrossEntropy::new().ignore_index(-100).loss(p, &six(&golden), reduction);
    cross_entropy_weight_smooth: |golden; p: Rows; reduction|
        CrossEntropy::new().weight(&weights()).label_smoothing(0.1).loss(p, &six(&golden), reduction);
    nll_weight: |golden; p: Rows; reduction| Nll::new().weight(&weights()).loss(p, &six(&golden), reduction);
    bce_logits_pos_weight: |golden; p: Rows; reduction|
        BceWithLogits::new().pos_weight(&weights()).loss(p, &golden.tensor("target"), reduction);
    poisson_nll: |golden; p: Rows; reduction| poisson_nll_loss(p, &golden.tensor("target"), reduction);
    gaussian_nll: |golden; mean: Rows, variance: Rows; reduction|
        gaussian_nll_loss(mean, variance, &golden.tensor("target"), reduction);
    cosine_embedding: |golden; a: Rows, b: Rows; reduction| cosine_embedding_loss(a, b, &golden.tensor("target"), reduction);
    triplet_margin: |golden; a: Rows, p: Rows, n: Rows; reduction| triplet_margin_loss(a, p, n, reduction);
    margin_ranking: |golden; a: Row, b: Row; reduction|
        MarginRanking::new().margin(0.1).loss(a, b, &golden.tensor("target"), reduction);
    multi_margin: |golden; p: Rows; reduction| multi_margin_loss(p, &six(&golden), reduction);
    hinge_embedding: |golden; p: Rows; reduction| hinge_embedding_loss(p, &golden.tensor("target"), reduction);
    ctc: |golden; p: Frames; reduction| ctc(&golden, p, reduction);
}

/// Checks each `NAME: the loss`, a function of the prediction (or a tuple of several) and the reduction, against difference quotients.
macro_rules! gradients {
    ($($name:ident: $at:expr, |$p:pat_param, $reduction:ident| $loss:expr;)+) => {
        mod gradients {
            $(mod $name {
                use super::super::*;

                #[test]
                fn every_reduction() {
                    gradients!(@case Mean, $at, $p, $reduction, $loss);
                    gradients!(@case Sum, $at, $p, $reduction, $loss);
                    gradients!(@case BatchMean, $at, $p, $reduction, $loss);
                    gradients!(@case None, $at, $p, $reduction, $loss);
                }
            })+
        }
    };
    (@case $kind:ident, $at:expr, $p:pat_param, $reduction:ident, $loss:expr) => {{
        let $reduction = Reduction::$kind;
        gradcheck_loss(&$at, |$p| $loss, 1e-6).unwrap();
    }};
}

/// Numbers in [-3, 3] away from the kinks of the losses below.
fn any() -> Batch<f64> {
    Batch::<f64>::from_fn(|[i, j]| 3.0 * (1.0 + 2.3 * i as f64 + 0.7 * j as f64).sin())
}

/// Numbers in [0.05, 0.95].
fn probabilities() -> Batch<f64> {
    Batch::<f64>::from_fn(|[i, j]| 0.5 + 0.45 * (2.0 + 1.1 * i as f64 + 1.9 * j as f64).sin())
}

fn signs() -> Batch<f64> {
    Batch::<f64>::from_fn(|[i, j]| if (i + j) % 2 == 0 { 1.0 } else { -1.0 })
}

/// Two tensors that have nothing to do with each other, and three.
fn two() -> (Batch<f64>, Batch<f64>) {
    (any(), any().map(|x| (2.0 * x + 0.4).cos()))
}

fn three() -> (Batch<f64>, Batch<f64>, Batch<f64>) {
    let (a, b) = two();
    (a, b, b.map(|x| 1.5 * (7.0 * x).sin()))
}

/// One of each sign, and one of none.
fn pairs() -> Tensor<[f64; 5]> {
    Tensor([1.0, -1.0, -1.0, 0.0, -1.0])
}

/// Of the classes: one takes no part.
fn some_weights() -> Tensor<[f64; 4]> {
    Tensor([0.5, 2.0, 0.0, 1.25])
}

/// Two sequences of frames.
fn frames() -> Logits {
    Logits::from_fn(|[t, b, c]| 2.0 * (1.0 + 1.3 * t as f64 + 2.9 * b as f64 + 1.9 * c as f64).sin())
}

/// The loss of logits. Its gradient passes `log_softmax` as it is.
fn ctc_of_logits<R: Reduce>(
    ctc: Ctc<&[usize; 2], &[usize; 2]>,
    p: &mut Logits,
    labels: &[[u8; 3]; 2],
    reduction: R,
) -> Loss<R::Output<[f64; 2]>, Wrote<Logits>> {
    Loss::by_hand(p, |p| {
        *p = p.log_softmax::<-1>();
        ctc.loss(p, labels, reduction).value()
    })
}

gradients! {
    mse: any(), |p, reduction| mse_loss(p, &probabilities(), reduction);
    l1: any(), |p, reduction| l1_loss(p, &probabilities(), reduction);
    smooth_l1: any(), |p, reduction| smooth_l1_loss(p, &probabilities(), 1.3, reduction);
    smooth_l1_without_beta: any(), |p, reduction| smooth_l1_loss(p, &probabilities(), 0.0, reduction);
    huber: any(), |p, reduction| huber_loss(p, &probabilities(), 1.3, reduction);
    bce: probabilities(), |p, reduction| binary_cross_entropy(p, &Batch::<f64>::full(0.3), reduction);
    bce_logits: any(), |p, reduction| binary_cross_entropy_with_logits(p, &probabilities(), reduction);
    soft_margin: any(), |p, reduction| soft_margin_loss(p, &signs(), reduction);
    kl_div: any(), |p, reduction| kl_div(p, &probabilities(), reduction);
    kl_div_log_target: any(), |p, reduction| kl_div_log_target(p, &any(), reduction);
    nll: any(), |p, reduction| nll_loss(p, &[3u8, 0, 1, 2, 1], reduction);
    cross_entropy: any(), |p, reduction| cross_entropy(p, &Tensor([3usize, 0, 1, 2, 1]), reduction);
    // They do not add up to 1.
    cross_entropy_prob: any(), |p, reduction| cross_entropy(p, &probabilities(), reduction);
    cross_entropy_smooth: any(), |p, reduction| cross_entropy_smooth(p, &[3u16, 0, 1, 2, 1], 0.2, reduction);
    cross_entropy_smooth_prob: any(), |p, reduction| cross_entropy_smooth(p, &probabilities(), 0.2, reduction);
    cross_entropy_weight: any(), |p, reduction|
        CrossEntropy::new().weight(&some_weights()).loss(p, &[3u8, 0, 1, 2, 1], reduction);
    cross_entropy_weight_prob: any(), |p, reduction|
        CrossEntropy::new().weight(&some_weights()).loss(p, &probabilities(), reduction);
    cross_entropy_all_settings: any(), |p, reduction| CrossEntropy::new()
        .label_smoothing(0.3)
        .ignore_index(0)
        .weight(&some_weights())
        .loss(p, &[3u8, 0, 1, 2, 1], reduction);
    cross_entropy_all_settings_prob: any(), |p, reduction| CrossEntropy::new()
        .label_smoothing(0.3)
        .weight(&some_weights())
        .loss(p, &probabilities(), reduction);
    nll_all_settings: any(), |p, reduction|
        Nll::new().ignore_index(-100).weight(&some_weights()).loss(p, &[3i64, -100, 1, 2, 1], reduction);
    bce_logits_pos_weight: any(), |p, reduction|
        BceWithLogits::new().pos_weight(&some_weights()).loss(p, &probabilities(), reduction);
    bce_logits_one_pos_weight: any(), |p, reduction|
        BceWithLogits::new().pos_weight(&Tensor(3.0)).loss(p, &probabilities(), reduction);
    poisson_nll: any(), |p, reduction| poisson_nll_loss(p, &probabilities(), reduction);
    poisson_nll_of_rates: probabilities(), |p, reduction|
        PoissonNll::new().log_input(false).full(true).loss(p, &Batch::<f64>::full(2.5), reduction);
    hinge_embedding: any(), |p, reduction| HingeEmbedding::new().margin(1.3).loss(p, &signs(), reduction);
    multi_margin: any(), |p, reduction| multi_margin_loss(p, &[3u8, 0, 1, 2, 1], reduction);
    multi_margin_all_settings: any(), |p, reduction| MultiMargin::new()
        .margin(1.7)
        .squared()
        .weight(&some_weights())
        .loss(p, &[3u8, 0, 1, 2, 1], reduction);
    gaussian_nll: (any(), probabilities()), |(mean, variance), reduction|
        GaussianNll::new().full(true).loss(mean, variance, &signs(), reduction);
    gaussian_nll_of_a_mean: any(), |p, reduction| gaussian_nll_loss(p, &probabilities(), &signs(), reduction);
    gaussian_nll_of_a_variance: probabilities(), |p, reduction| gaussian_nll_loss(any(), p, &signs(), reduction);
    margin_ranking: two(), |(a, b), reduction| MarginRanking::new().margin(0.3).loss(a, b, &signs(), reduction);
    cosine_embedding: two(), |(a, b), reduction| cosine_embedding_loss(a, b, &pairs(), reduction);
    cosine_embedding_margin: two(), |(a, b), reduction| CosineEmbedding::new().margin(-0.5).loss(a, b, &pairs(), reduction);
    cosine_embedding_of_one: any(), |b, reduction| cosine_embedding_loss(&two().1, b, &pairs(), reduction);
    triplet_margin: three(), |(a, p, n), reduction| triplet_margin_loss(a, p, n, reduction);
    triplet_margin_swap: three(), |(a, p, n), reduction| TripletMargin::new().margin(3.0).swap(true).loss(a, p, n, reduction);
    triplet_margin_p1: three(), |(a, p, n), reduction| TripletMargin::new().margin(3.0).p(1.0).loss(a, p, n, reduction);
    triplet_margin_p3: three(), |(a, p, n), reduction| TripletMargin::new().margin(3.0).p(3.0).loss(a, p, n, reduction);
    triplet_margin_p_half: three(), |(a, p, n), reduction|
        TripletMargin::new().margin(90.0).p(0.5).swap(true).loss(a, p, n, reduction);
    triplet_margin_largest: three(), |(a, p, n), reduction|
        TripletMargin::new().margin(3.0).p(f64::INFINITY).loss(a, p, n, reduction);
    triplet_margin_of_the_anchor: any(), |a, reduction| triplet_margin_loss(a, &three().1, three().2, reduction);
    ctc: frames(), |p, reduction|
        ctc_of_logits(Ctc::new().input_lengths(&[6, 6]).target_lengths(&[3, 3]), p, &[[1, 1, 2], [3, 1, 3]], reduction);
    ctc_of_lengths: frames(), |p, reduction|
        ctc_of_logits(Ctc::new().blank(3).input_lengths(&[6, 4]).target_lengths(&[2, 0]), p, &[[0, 2, 9], [9, 9, 9]], reduction);
}

#[test]
fn certain_probabilities_have_finite_losses() {
    let mut p = Tensor([0.0f32, 1.0, 0.0, 1.0]);
    let losses = binary_cross_entropy(&mut p, &Tensor([0.0, 1.0, 1.0, 0.0]), Reduction::None);
    assert_eq!(losses, Tensor([0.0, 0.0, 100.0, 100.0]));
    assert_eq!(p, Tensor([0.0, 0.0, -1e12, 1e12]));
    assert!(binary_cross_entropy(&Tensor([1.5f32]), &Tensor([1.0]), Reduction::Sum).is_nan(), "1.5 is no probability");
}

#[test]
fn large_logits_neither_overflow_nor_cancel() {
    let mut x = Tensor([1e4f32, -1e4, 1e4, -1e4]);
    let losses = binary_cross_entropy_with_logits(&mut x, &Tensor([1.0, 0.0, 0.0, 1.0]), Reduction::None);
    assert_eq!(losses, Tensor([0.0, 0.0, 1e4, 1e4]));
    assert_eq!(x, Tensor([0.0, 0.0, 1.0, -1.0]));

    let mut p = Tensor([1e4f32, -1e4]);
    assert_eq!(soft_margin_loss(&mut p, &Tensor([1.0, 1.0]), Reduction::None), Tensor([0.0, 1e4]));
    assert_eq!(p, Tensor([0.0, -1.0]));

    let mut x = Tensor([[1e4f32, -1e4, 0.0], [1e4, 1e4 + 1.0, -1e4]]);
    let losses = cross_entropy(&mut x, &[1u8, 0], Reduction::None);
    assert_close("losses", losses.as_slice(), &[2e4, 1.313_261_7], 1e-6);
    assert_close("gradient", x.as_slice(), &[1.0, -1.0, 0.0, -0.731_058_6, 0.731_058_6, 0.0], 1e-6);
}

#[test]
fn a_logit_of_minus_infinity_is_a_class_that_cannot_be() {
    let mut x = Tensor([0.0f32, f32::NEG_INFINITY, 0.0]);
    let loss = cross_entropy(&mut x, &0u8, Reduction::Sum);
    assert_close("loss", &[*loss], &[2f64.ln()], 1e-6);
    assert_eq!(x, Tensor([-0.5, 0.0, 0.5]));
    let impossible = cross_entropy(&Tensor([0.0f32, f32::NEG_INFINITY]), &1u8, Reduction::Sum);
    assert_eq!(impossible, f32::INFINITY);
}

#[test]
fn what_is_not_a_number_stays_so() {
    for row in [[f32::NEG_INFINITY; 3], [f32::INFINITY, 0.0, 0.0], [0.0, f32::NAN, 0.0]] {
        let mut x = Tensor(row);
        assert!(cross_entropy(&mut x, &0u8, Reduction::Sum).is_nan());
        assert!(x.iter().all(|g| g.is_nan()), "{x}");
    }
    let y = Tensor([1.0f32]);
    let nan = || Tensor([f32::NAN]);
    let mut gradients = [nan(), nan(), nan(), nan(), nan(), nan(), nan()];
    let [a, b, c, d, e, f, g] = &mut gradients;
    assert!(mse_loss(a, &y, Reduction::Sum).is_nan());
    assert!(l1_loss(b, &y, Reduction::Sum).is_nan());
    assert!(smooth_l1_loss(c, &y, 1.0, Reduction::Sum).is_nan());
    assert!(huber_loss(d, &y, 1.0, Reduction::Sum).is_nan());
    assert!(binary_cross_entropy(e, &y, Reduction::Sum).is_nan());
    assert!(binary_cross_entropy_with_logits(f, &y, Reduction::Sum).is_nan());
    assert!(soft_margin_loss(g, &y, Reduction::Sum).is_nan());
    assert!(gradients.iter().flatten().all(|g| g.is_nan()), "{gradients:?}");
    assert!(kl_div(&nan(), &y, Reduction::Sum).is_nan());
}

#[test]
fn arguments_out_of_range_give_nan() {
    let y = Tensor([1.0f32, 0.0]);
    for bad in [-1.0, f64::NAN] {
        let (mut p, mut q, mut x) = (Tensor([2.0f32, 0.0]), Tensor([2.0f32, 0.0]), Tensor([2.0f32, 0.0]));
        assert!(huber_loss(&mut p, &y, bad, Reduction::Mean).is_nan());
        assert!(smooth_l1_loss(&mut q, &y, bad, Reduction::Mean).is_nan());
        assert!(cross_entropy_smooth(&mut x, &0u8, bad, Reduction::Mean).is_nan());
        assert!([p, q, x].iter().flatten().all(|g| g.is_nan()), "{p} {q} {x}");
    }
}

#[test]
fn an_index_out_of_range_is_nan_in_its_row_alone() {
    let logits = Tensor([[1.0f32, 2.0], [3.0, 4.0], [5.0, 5.0]]);
    let mut x = logits;
    let losses = cross_entropy(&mut x, &[2i64, -100, 0], Reduction::None);
    let [first, second, third] = losses.0;
    assert!(first.is_nan() && second.is_nan());
    assert_close("the loss in range", &[third], &[2f64.ln()], 1e-6);
    assert!(x.0[0].iter().chain(&x.0[1]).all(|g| g.is_nan()));
    assert_eq!(x.0[2], [-0.5, 0.5]);

    let mut x = logits;
    assert!(nll_loss(&mut x, &[0u8, 200, 1], Reduction::Mean).is_nan(), "one row's NaN reaches the mean");
    assert_eq!((x.0[0], x.0[2]), ([-1.0 / 3.0, 0.0], [0.0, -1.0 / 3.0]));
    assert!(x.0[1].iter().all(|g| g.is_nan()));
}

#[test]
fn targets_have_any_integer_type_and_any_depth() {
    let row = [0.5f32, -1.0, 2.0];
    let one = cross_entropy(&Tensor(row), &2u8, Reduction::Sum);
    assert_eq!(cross_entropy(&Tensor([row; 2]), &[2u64; 2], Reduction::Mean), one);
    assert_eq!(cross_entropy(&Tensor([row; 2]), &Tensor([2usize; 2]), Reduction::Mean), one);
    assert_eq!(cross_entropy(&Tensor([row; 2]), &[2; 2], Reduction::None), Tensor([one; 2]));
    assert_eq!(cross_entropy(&Tensor([[row; 2]; 4]), &[[2i32; 2]; 4], Reduction::None), Tensor([[one; 2]; 4]));
    assert_eq!(cross_entropy(&Tensor([[row; 2]; 4]), &Tensor([[2u32; 2]; 4]), Reduction::Mean), one);
    assert_eq!(cross_entropy(&Tensor([row; 2]), &[[0.0, 0.0, 1.0]; 2], Reduction::Mean), one);
    assert_eq!(nll_loss(&Tensor(row), &2, Reduction::Sum), -2.0);
}

#[test]
fn a_generic_training_step_needs_no_bounds_of_its_own() {
    fn losses<const B: usize, const C: usize>(p: &mut Tensor<[[f32; C]; B]>, y: &[u8; B]) -> (f32, Tensor<[f32; B]>) {
        (cross_entropy(&*p, y, Reduction::Mean), cross_entropy(p, y, Reduction::None).value())
    }
    let (mean, each) = losses(&mut Tensor([[0.0, 1.0], [2.0, 2.0]]), &[1, 0]);
    assert_eq!(mean, each.iter().sum::<f32>() / 2.0);
}

#[test]
fn empty_batches_and_classes() {
    assert!(mse_loss(&Tensor([0f32; 0]), &Tensor([]), Reduction::Mean).is_nan(), "the mean of nothing, as in PyTorch");
    assert_eq!(mse_loss(&Tensor([0f32; 0]), &Tensor([]), Reduction::Sum), 0.0);
    assert!(cross_entropy(&Tensor([[0f32; 0]; 2]), &[0u8, 1], Reduction::Sum).is_nan(), "no class, so no index is one");
}

#[test]
fn a_loss_trains_a_model() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let model = Linear::<3, 4>::init(rng);
    let x = Tensor::<[[f32; 3]; 5]>::randn(rng);
    let y = Tensor::<[[f32; 4]; 5]>::randn(rng);
    let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
    assert_eq!(loss, mse_loss(&model.forward(&x), &y, Reduction::Mean));
    assert!(grads.norm() > 0.0);
    let (losses, _) = model.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 2, 3, 0], Reduction::None));
    assert_eq!(losses, cross_entropy(&model.forward(&x), &[0u8, 1, 2, 3, 0], Reduction::None));
}

#[test]
fn an_ignored_row_takes_no_part() {
    let logits = Tensor([[1.0f64, 2.0], [f64::NAN, f64::INFINITY], [0.0, 0.0]]);
    let ignoring = CrossEntropy::new().ignore_index(-100);
    let labels = [0i64, -100, 1];
    let mut x = logits;
    let losses = ignoring.loss(&mut x, &labels, Reduction::None);
    assert_close("losses", losses.as_slice(), &[1.0 + (-1f64).exp().ln_1p(), 0.0, 2f64.ln()], 1e-12);
    assert_eq!(x.0[1], [0.0, 0.0]);
    let mean = ignoring.loss(&logits, &labels, Reduction::Mean);
    assert_close("mean", &[mean], &[losses.sum() / 2.0], 1e-12);
    // Also an index that is a class, of any type.
    let zero = CrossEntropy::new().ignore_index(0).label_smoothing(0.2);
    assert_eq!(zero.loss(&logits, &[0u8, 0, 1], Reduction::Mean), 2f64.ln());
    // Another index out of range is still no class.
    assert!(ignoring.loss(&logits, &[0i64, -100, 2], Reduction::Mean).is_nan());
}

#[test]
fn a_mean_of_nothing_is_nan_and_its_gradient_is_zero() {
    let logits = Tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    let mut x = logits;
    assert!(CrossEntropy::new().ignore_index(-100).loss(&mut x, &[-100i64; 2], Reduction::Mean).is_nan());
    assert_eq!(x, Tensor::zeros());
    let mut x = logits;
    assert!(Nll::new().ignore_index(1).loss(&mut x, &[1u8; 2], Reduction::Mean).is_nan());
    assert_eq!(x, Tensor::zeros());
    assert_eq!(Nll::new().ignore_index(1).loss(&logits, &[1u8; 2], Reduction::Sum), 0.0);
}

#[test]
fn a_weight_of_zero() {
    let weights = Tensor([0.0f32, 2.0]);
    let mut x = Tensor([[f32::NEG_INFINITY, 0.0], [0.0, 0.0]]);
    let loss = CrossEntropy::new().weight(&weights).loss(&mut x, &[0u8, 1], Reduction::Mean);
    assert_close("loss", &[*loss], &[2f64.ln()], 1e-6);
    assert_eq!(x, Tensor([[0.0, 0.0], [0.5, -0.5]]));
    // Nothing but such classes: as in PyTorch the mean is 0 / 0, and the class's own gradient 0 · ∞.
    let mut p = Tensor([[-1.0f32, -2.0]]);
    assert!(Nll::new().weight(&weights).loss(&mut p, &[0u8], Reduction::Mean).is_nan());
    assert!(p.0[0][0].is_nan() && p.0[0][1] == 0.0);
    let mut x = Tensor([[f32::NEG_INFINITY, 3.0]]);
    let loss = BceWithLogits::new().pos_weight(&weights).loss(&mut x, &Tensor([[1.0, 1.0]]), Reduction::Sum);
    assert_close("positives without weight", &[*loss], &[2.0 * (-3f64).exp().ln_1p()], 1e-6);
    assert_eq!(x.0[0][0], 0.0);
}

#[test]
fn infinite_weights_and_weights_that_are_no_numbers() {
    let infinite = Tensor([f32::INFINITY, 1.0]);
    let x = Tensor([[0.0f32, 0.0], [0.0, 0.0]]);
    let loss = CrossEntropy::new().weight(&infinite);
    assert_eq!(loss.loss(&x, &[0u8, 1], Reduction::Sum), f32::INFINITY);
    assert!(loss.loss(&x, &[0u8, 1], Reduction::Mean).is_nan(), "∞ / ∞");
    let nan = Tensor([f32::NAN, 1.0]);
    let losses = CrossEntropy::new().weight(&nan).loss(&x, &[0u8, 1], Reduction::None);
    assert!(losses.0[0].is_nan() && losses.0[1] == 2f32.ln());
    let mut x = x;
    let losses = BceWithLogits::new().pos_weight(&nan).loss(&mut x, &Tensor::ones(), Reduction::None);
    assert!(losses.0.iter().all(|row| row[0].is_nan() && row[1] == 2f32.ln()) && x.0[0][0].is_nan());
}

#[test]
fn weights_of_one_and_settings_that_say_nothing_change_nothing() {
    let rng = &mut SmallRng::seed_from_u64(3);
    let (x, y) = (Tensor::<[[f32; 7]; 9]>::randn(rng), Tensor::<[[f32; 7]; 9]>::uniform(0.0, 1.0, rng));
    let labels = [0u8, 6, 3, 3, 2, 1, 5, 4, 0];
    let ones = Tensor([1.0; 7]);
    let (mut a, mut b) = (x, x);
    let weighted = CrossEntropy::new().weight(&ones).ignore_index(-1).loss(&mut a, &labels, Reduction::Mean).value();
    assert_eq!(weighted, cross_entropy(&mut b, &labels, Reduction::Mean).value());
    assert_eq!(a, b);
    assert_eq!(CrossEntropy::new().weight(&ones).loss(&x, &y, Reduction::None), cross_entropy(&x, &y, Reduction::None));
    let (mut a, mut b) = (x, x);
    let weighted = BceWithLogits::new().pos_weight(&ones).loss(&mut a, &y, Reduction::Mean).value();
    assert_eq!(weighted, binary_cross_entropy_with_logits(&mut b, &y, Reduction::Mean).value());
    assert_eq!(a, b);
}

#[test]
fn what_is_not_a_number_stays_so_in_losses_of_several() {
    let (nan, one) = (Tensor([[f32::NAN, 1.0]]), Tensor([[1.0f32, 2.0]]));
    for y in [1.0, -1.0] {
        let (mut a, mut b) = (nan, one);
        assert!(cosine_embedding_loss(&mut a, &mut b, &Tensor([y]), Reduction::Sum).is_nan());
        assert!(a.iter().chain(&b).all(|g| g.is_nan()));
        let (mut a, mut b) = (nan, one);
        assert!(margin_ranking_loss(&mut a, &mut b, &Tensor([[y; 2]]), Reduction::Sum).is_nan());
        assert!(a.0[0][0].is_nan() && b.0[0][0].is_nan() && b.0[0][1].is_finite());
    }
    assert!(cosine_embedding_loss(&one, &one, &Tensor([f32::NAN]), Reduction::Sum).is_nan());
    for p in [0.5, 1.0, 2.0, 3.0, f64::INFINITY] {
        let (mut a, mut b, mut c) = (one, nan, one);
        assert!(TripletMargin::new().p(p).loss(&mut a, &mut b, &mut c, Reduction::Sum).is_nan());
        assert!(a.iter().chain(&b).chain(&c).any(|g| g.is_nan()), "{p}");
    }
    let mut x = nan;
    assert!(multi_margin_loss(&mut x, &[1u8], Reduction::Sum).is_nan() && x.iter().all(|g| g.is_nan()));
    for bad in [0.0, -1.0, f64::NAN] {
        let mut a = one;
        assert!(TripletMargin::new().p(bad).loss(&mut a, &one, &(one + 1.0), Reduction::Sum).is_nan(), "{bad}");
        assert!(a.iter().all(|g| g.is_nan()));
    }
}

#[test]
fn equal_vectors_and_vectors_of_zeros() {
    let (zero, x) = (Tensor([[0.0f32, 0.0]]), Tensor([[3.0f32, 4.0]]));
    let (mut a, mut b) = (zero, x);
    assert_eq!(cosine_embedding_loss(&mut a, &mut b, &Tensor([1.0]), Reduction::Sum), 1.0);
    assert!(a.all_close(&Tensor([[-0.6e6, -0.8e6]]), 1e-5, 0.0), "as in PyTorch: the angle of 0 turns at once: {a}");
    assert_eq!(b, zero);
    // A distance of 0 has no direction.
    for p in [0.5, 1.0, 2.0, 3.0, f64::INFINITY] {
        let (mut a, mut b, mut c) = (x, x, x);
        assert_eq!(TripletMargin::new().p(p).eps(0.0).loss(&mut a, &mut b, &mut c, Reduction::Sum), 1.0);
        assert_eq!([a, b, c], [zero; 3]);
    }
    // Of several that are the largest each has its part.
    let mut a = Tensor([[2.0f32, -2.0, 1.0]]);
    let loss = TripletMargin::new().p(f64::INFINITY).eps(0.0);
    assert_eq!(loss.loss(&mut a, &Tensor::zeros(), &Tensor([[2.0, -2.0, 1.0]]), Reduction::Sum), 3.0);
    assert_eq!(a, Tensor([[0.5, -0.5, 0.0]]));
    // No square overflows.
    let far = triplet_margin_loss(&Tensor([[1e30f32, 0.0]]), &Tensor([[0.0, 0.0]]), &Tensor([[1e30, 5.0]]), Reduction::Sum);
    assert_close("far", &[far], &[1e30], 1e-6);
}

#[test]
fn sequences_without_a_path() {
    let x = Tensor::<[[f64; 3]; 2]>::randn(&mut SmallRng::seed_from_u64(5)).log_softmax::<-1>();
    // The same label twice takes three frames.
    for (labels, loss) in [([1u8, 1], f64::INFINITY), ([1, 3], f64::NAN)] {
        let mut own = x;
        let found = ctc_loss(&mut own, &labels, Reduction::Sum).value();
        assert!(found == loss || found.is_nan() && loss.is_nan(), "{labels:?}: {found}");
        assert!(own.iter().all(|g| g.is_nan()), "{labels:?}: {own}");
        assert!(found.is_nan() || ctc_loss(&x, &labels, Reduction::Sum) == found);
    }
    let mut own = x;
    assert_eq!(Ctc::new().zero_infinity(true).loss(&mut own, &[1u8, 1], Reduction::Mean), 0.0);
    assert_eq!(own, Tensor::zeros());
    assert!(Ctc::new().blank(3).loss(&x, &[1u8, 2], Reduction::Sum).is_nan());
    assert!(Ctc::new().input_lengths(&3).loss(&x, &[1u8, 2], Reduction::Sum).is_nan());
    assert!(Ctc::new().target_lengths(&3).loss(&x, &[1u8, 2], Reduction::Sum).is_nan());
    assert!(Ctc::new().zero_infinity(true).loss(&x, &[1u8, 3], Reduction::Sum).is_nan(), "a label that is no class");
    // Nothing is seen in no frames, and no frames show something.
    assert_eq!(Ctc::new().input_lengths(&0).target_lengths(&0).loss(&x, &[1u8, 2], Reduction::Mean), 0.0);
    assert_eq!(Ctc::new().input_lengths(&0).loss(&x, &[1u8, 2], Reduction::Sum), f64::INFINITY);
    // Without labels every frame is blank.
    let blank = ctc_loss(&x, &[0u8; 0], Reduction::Mean);
    assert_close("blank", &[blank], &[-(x.0[0][0] + x.0[1][0])], 1e-12);
}

#[test]
fn a_class_that_cannot_be_is_no_harm_to_sequences_without_it() {
    const NEVER: f64 = f64::NEG_INFINITY;
    let half = 0.5f64.ln();
    let mut x = Tensor([[half, half, NEVER], [half, half, NEVER]]);
    let loss = ctc_loss(&mut x, &[1u8], Reduction::Sum);
    assert_close("loss", &[*loss], &[-(0.75f64).ln()], 1e-12);
    assert!(x.all_close(&Tensor([[0.5 - 1.0 / 3.0, 0.5 - 2.0 / 3.0, 0.0]; 2]), 1e-12, 1e-12), "{x}");
    assert_eq!(ctc_loss(&Tensor([[half, half, NEVER]; 2]), &[2u8], Reduction::Sum), f64::INFINITY);
}

mod operations {
    use super::*;

    #[forward]
    fn of_one(x: Tensor<[[f64; 4]; 5]>, y: &Tensor<[[f64; 4]; 5]>, labels: &[u8; 5]) -> f64 {
        let counts = poisson_nll_loss(0.5 * x, y, Reduction::None).square().mean();
        let margins = multi_margin_loss(x, labels, Reduction::None).square().sum();
        counts + margins + hinge_embedding_loss(x.square(), y, Reduction::Mean)
    }

    #[forward]
    fn of_several(a: Tensor<[[f64; 4]; 5]>, b: Tensor<[[f64; 4]; 5]>, y: &Tensor<[[f64; 4]; 5]>, s: &Tensor<[f64; 5]>) -> f64 {
        let gaussian = gaussian_nll_loss(a, b.square() + 0.5, y, Reduction::None).square().mean();
        let cosine = cosine_embedding_loss(a, b, s, Reduction::None).square().sum();
        let triplet = triplet_margin_loss(a * b, a, 2.0 * b, Reduction::None).square().sum();
        gaussian + cosine + triplet + margin_ranking_loss(a, b, y, Reduction::Mean)
    }

    #[forward]
    fn of_sequences(x: Tensor<[[[f64; 4]; 2]; 6]>, labels: &[[u8; 3]; 2]) -> f64 {
        let log_probs = x.log_softmax::<-1>();
        ctc_loss(log_probs, labels, Reduction::None).square().sum() + ctc_loss(log_probs, labels, Reduction::Mean)
    }

    #[test]
    fn have_the_derivatives_of_what_follows() {
        gradcheck_loss(&any(), |x| of_one(x, &signs(), &[3, 0, 1, 2, 1]), 1e-6).unwrap();
        gradcheck_loss(&two(), |(a, b)| of_several(a, b, &signs(), &pairs()), 1e-6).unwrap();
        gradcheck_loss(&frames(), |x| of_sequences(x, &[[1, 1, 2], [3, 1, 3]]), 1e-6).unwrap();
    }
}

#[test]
fn a_loss_of_several_outputs_trains_a_model() {
    #[derive(Module)]
    #[module(custom(forward))]
    struct Normal {
        mean: Linear<3, 2>,
        variance: Linear<3, 2>,
    }

    #[forward]
    impl Normal {
        fn forward<const B: usize>(&self, x: Tensor2<B, 3>) -> (Tensor2<B, 2>, Tensor2<B, 2>) {
            (self.mean.forward(x), self.variance.forward(x).softplus(1.0, 20.0))
        }
    }

    let rng = &mut SmallRng::seed_from_u64(0);
    let mut model = Normal::init(rng);
    let (x, y) = (Tensor::<[[f32; 3]; 8]>::randn(rng), Tensor::<[[f32; 2]; 8]>::randn(rng));
    let mut adam = Adam::new(&model).lr(0.02);
    let mut losses = [0.0; 60];
    for loss in &mut losses {
        let (value, grads) = model.gradients(&x, |(mean, variance)| gaussian_nll_loss(mean, variance, &y, Reduction::Mean));
        adam.step(&mut model, &grads);
        *loss = value;
    }
    assert!(losses[59] < losses[0] - 0.2, "{losses:?}");
}

#[test]
fn a_long_sequence_brings_its_own_stack() {
    // 600 frames of 2 · 200 states in f64: 1.9 MB beside the 2 MiB of a test's thread.
    let mut x = heap::<[[f64; 5]; 600]>();
    let labels: [u8; 200] = std::array::from_fn(|i| 1 + (i % 4) as u8);
    let loss = ctc_loss(&mut *x, &labels, Reduction::Mean).value();
    assert!(loss.is_finite() && x.iter().all(|g| g.is_finite()));
    assert!(x.as_slice().chunks(5).all(|frame| frame.iter().sum::<f64>().abs() < 1e-9), "a gradient of `log_softmax`");
}

/// Log-probabilities that are all alike, on the heap.
fn heap<S: Shape<Elem = f64>>() -> Box<Tensor<S>> {
    let mut x = Tensor::<S>::boxed();
    x.fill(-(5f64.ln()));
    x
}
