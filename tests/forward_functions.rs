//! `#[forward]` on functions: losses by their formulas, helpers of other forward passes.

use adamant::gradcheck::{gradcheck, gradcheck_loss};
use adamant::prelude::*;

/// 1 − cos(p, y), averaged over the rows.
#[forward]
pub fn cosine_loss<T: Float, const N: usize, const B: usize>(p: Tensor<[[T; N]; B]>, y: &Tensor<[[T; N]; B]>) -> T {
    let dot = (p * y).sum_axis::<1>();
    let norms = p.square().sum_axis::<1>().sqrt() * y.square().sum_axis::<1>().sqrt();
    T::ONE - (dot / norms).mean()
}

#[test]
fn a_loss_is_its_formula() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let (p, y) = (Tensor::<[[f64; 3]; 4]>::randn(rng), Tensor::<[[f64; 3]; 4]>::randn(rng));
    gradcheck_loss(&p, |p| cosine_loss(p, &y), 1e-7).unwrap();
    let (by_value, by_ref): (f64, f64) = (cosine_loss(p, &y), cosine_loss(&p, &y));
    assert_eq!(by_value, by_ref);
    assert!(cosine_loss(&mut p.clone(), &y) == by_ref);
    // As any loss of the box.
    let model = Linear::<2, 3>::init(rng);
    let (x, y) = (Tensor::<[[f32; 2]; 4]>::randn(rng), Tensor::<[[f32; 3]; 4]>::randn(rng));
    let (loss, grads) = model.gradients(&x, |p| cosine_loss(p, &y));
    assert_eq!(loss, cosine_loss(&model.forward(&x), &y));
    assert!(grads.norm() > 0.0);
}

/// A helper of one argument.
#[forward]
fn soft_sign<const N: usize>(x: Tensor<[f64; N]>) -> Tensor<[f64; N]> {
    x / (x.abs() + 1.0)
}

mod helpers {
    use adamant::prelude::*;

    /// A helper of two, with a setting, by its path.
    #[forward]
    pub fn mix<const N: usize>(a: Tensor<[f64; N]>, b: Tensor<[f64; N]>, weight: f64) -> Tensor<[f64; N]> {
        a * weight + b * (1.0 - weight)
    }

    /// A helper that gives a tuple.
    #[forward]
    pub fn halves(x: Tensor<[f64; 4]>) -> (Tensor<[f64; 2]>, Tensor<[f64; 2]>) {
        (x.slice::<0, 0, 2>(), x.slice::<0, 2, 2>())
    }
}

#[derive(Module)]
#[module(custom(forward))]
struct Mixed {
    linear: Linear<4, 4, Bias, f64>,
    scale: Param<[f64; 4]>,
    dropout: Dropout,
}

#[forward]
impl Mixed {
    fn forward(&self, x: Tensor<[f64; 4]>) -> Tensor<[f64; 4]> {
        let h = soft_sign(self.linear.forward(x));
        let mut y = helpers::mix(h, *self.scale, 0.25);
        for _ in 0..2 {
            y = soft_sign(self.dropout.forward(y)) + helpers::mix(y, h, 0.5);
        }
        let (a, b) = helpers::halves(y);
        let product = soft_sign(a * b);
        soft_sign(&self.scale) * product.concat::<0, _>(&b)
    }
}

#[test]
fn helpers_of_a_layer() {
    let rng = &mut SmallRng::seed_from_u64(1);
    let mut layer = Mixed::init(rng);
    layer.scale.0 = Tensor::randn(rng);
    let x = Tensor::randn(rng);
    gradcheck(&mut layer, &x, 1e-6).unwrap();
    let h = soft_sign(layer.linear.forward(&x));
    assert_eq!(h, layer.linear.forward(&x).softsign());
}

/// Several terms of several outputs.
#[forward]
fn two_heads<const B: usize>(a: Tensor<[[f64; 3]; B]>, b: Tensor<[f64; B]>, labels: &[u8; B], y: &Tensor<[f64; B]>) -> f64 {
    let policy = cross_entropy(a, labels, Reduction::Mean);
    let value = mse_loss(b, y, Reduction::None).mean();
    let log = a.log_softmax::<-1>();
    let entropy = -(log.exp() * log).sum_axis::<-1>().mean();
    policy + 0.5 * value - 0.01 * entropy
}

#[derive(Module)]
#[module(custom(forward))]
struct Heads {
    a: Linear<2, 3, Bias, f64>,
    b: Linear<2, 1, Bias, f64>,
}

#[forward]
impl Heads {
    fn forward<const B: usize>(&self, x: Tensor<[[f64; 2]; B]>) -> (Tensor<[[f64; 3]; B]>, Tensor<[f64; B]>) {
        (self.a.forward(x), self.b.forward(x).remove_axis::<1>())
    }
}

#[test]
fn several_outputs_and_terms() {
    let rng = &mut SmallRng::seed_from_u64(2);
    let model = Heads::init(rng);
    let (x, y) = (Tensor::<[[f64; 2]; 4]>::randn(rng), Tensor::<[f64; 4]>::randn(rng));
    let labels = [0u8, 2, 1, 1];
    let prediction = model.forward(x);
    gradcheck_loss(&prediction, |(a, b)| two_heads(a, b, &labels, &y), 1e-6).unwrap();
    let (loss, _) = model.gradients(&x, |(a, b)| two_heads(a, b, &labels, &y));
    let (a, b) = prediction;
    assert_eq!(loss, two_heads(a, b, &labels, &y));
    // One of two is only read.
    let (mut a, b) = prediction;
    let loss = two_heads(&mut a, &b, &labels, &y);
    assert_eq!(loss.value(), two_heads(prediction.0, b, &labels, &y));
}

/// The output as a tuple, and each term scaled.
#[forward]
fn of_a_tuple((a, b): (Tensor<[f64; 3]>, Tensor<[f64; 2]>), y: &Tensor<[f64; 3]>) -> f64 {
    3.0 * kl_div(a.log_softmax::<0>(), y, Reduction::Sum) + l1_loss(b, &Tensor::zeros(), Reduction::Mean)
}

#[test]
fn a_tuple_is_one_argument() {
    let rng = &mut SmallRng::seed_from_u64(3);
    let prediction = (Tensor::<[f64; 3]>::randn(rng), Tensor::<[f64; 2]>::randn(rng));
    gradcheck_loss(&prediction, |p| of_a_tuple(p, &Tensor([0.2, 0.3, 0.5])), 1e-6).unwrap();
}
