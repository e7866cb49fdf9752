//! Each operation as a method within `#[forward]`, against finite differences.

use adamant::gradcheck::{Values, gradcheck};
use adamant::prelude::*;
use adamant::shape::BroadcastWith;

/// Checks every gradient of a layer at numbers without a pattern.
fn check<M: Backprop<X> + Init, X: Values>(x: X)
where
    M::Output: Values,
{
    let mut layer = M::init(&mut SmallRng::seed_from_u64(3));
    gradcheck(&mut layer, &x, 1e-6).unwrap();
}

fn randn<S: Shape<Elem = f64>>(seed: u64) -> Tensor<S> {
    Tensor::randn(&mut SmallRng::seed_from_u64(seed))
}

type X<const C: usize, const R: usize> = Tensor<[[f64; C]; R]>;

/// A layer without parameters from its forward pass.
macro_rules! layer {
    ($name:ident, |$x:ident: $input:ty| -> $output:ty $body:block) => {
        #[derive(Module)]
        struct $name {}

        #[forward]
        impl $name {
            fn forward(&self, $x: $input) -> $output $body
        }
    };
}

layer!(Activations, |x: X<3, 2>| -> X<3, 2> {
    let a = x.relu() + x.relu6() + x.leaky_relu(0.1) + x.elu(0.5) + x.celu(0.5) + x.selu();
    let b = x.gelu() + x.gelu_tanh() + x.silu() + x.mish() + x.softplus(1.0, 20.0) + x.softsign() + x.tanhshrink();
    let c = x.hardtanh(-1.0, 1.0) + x.hardsigmoid() + x.hardswish() + x.logsigmoid() + x.tanh() + x.sigmoid();
    a + b + c
});

layer!(Functions, |x: X<3, 2>| -> X<3, 2> {
    let p = x.square() + 0.5;
    p.powf(1.3) + p.powi(2) + p.ln() + x.clamp(-0.5, 0.5) + x.maximum(&p) * x.minimum(&p)
});

layer!(Whole, |x: X<3, 2>| -> X<3, 2> {
    let n = x.sum() + x.mean() * x.var() + x.var_population() + x.std() + x.max() * x.min() + x.norm() + x.logsumexp();
    x * n + n.sigmoid()
});

layer!(Along, |x: X<3, 2>| -> Tensor<[f64; 3]> {
    let a = x.sum_axis::<0>() * x.mean_axis::<0>() + x.var_axis::<0>() + x.var_population_axis::<0>();
    let b = x.std_axis::<0>() + x.max_axis::<0>() * x.min_axis::<0>() + x.norm_axis::<0>() + x.logsumexp_axis::<0>();
    (a + b).softmax::<0>() + x.log_softmax::<-1>().sum_axis::<0>()
});

layer!(Shapes, |x: X<3, 2>| -> Tensor<[f64; 12]> {
    let y: X<2, 3> = x.reshape();
    let y = y.transpose() * x + x.swap_axes::<0, 1>().permute::<1, 0>();
    let (a, b) = y.split::<1, 1, 2>();
    let y = b.concat::<1, _>(&a) + x.slice::<0, 1, 1>().expand::<0, 2>();
    let z = y - y.mean_axis::<1>().insert_axis::<-1>();
    let z = z + z.slice::<1, 0, 1>().remove_axis::<1>().insert_axis::<1>();
    z.stack2::<0>(&y.square()).flatten()
});

layer!(Products, |x: X<3, 2>| -> X<3, 3> {
    let (a, b) = (x.row(0), x.row(1));
    a.outer(&b) * a.dot(&b) + x.transpose().matmul(&x)
});

#[test]
fn methods() {
    check::<Activations, _>(randn(0));
    check::<Functions, _>(randn(1));
    check::<Whole, _>(randn(2));
    check::<Along, _>(randn(3));
    check::<Shapes, _>(randn(4));
    check::<Products, _>(randn(5));
}

/// Scaled dot-product attention of the later to the earlier; the mask is an argument without gradient.
#[derive(Module)]
struct Attention<const E: usize, T: Float> {
    query: Param<[[T; E]; E]>,
    key: Param<[[T; E]; E]>,
}

#[forward]
impl<const E: usize, T: Float> Attention<E, T> {
    fn forward<const B: usize, const N: usize>(
        &self,
        x: Tensor<[[[T; E]; N]; B]>,
        later: &Tensor<[[bool; N]; N]>,
    ) -> Tensor<[[[T; E]; N]; B]> {
        let (q, k) = (x.matmul(&self.query), x.matmul(&self.key));
        let scores = q.matmul(&k.transpose()).masked_fill(later, T::NEG_INFINITY);
        scores.softmax::<-1>().matmul(&x)
    }
}

const LATER: Tensor<[[bool; 3]; 3]> = Tensor([[false, true, true], [false, false, true], [false, false, false]]);

#[derive(Module)]
#[module(custom(forward))]
struct Masked {
    attention: Attention<4, f64>,
}

#[forward]
impl Masked {
    fn forward(&self, x: Tensor<[[[f64; 4]; 3]; 2]>) -> Tensor<[[[f64; 4]; 3]; 2]> {
        let y = self.attention.forward(x, &LATER);
        y.select(&Tensor([true, false, true, true]), &x)
    }
}

#[test]
fn masks() {
    check::<Masked, _>(randn(0));
}

/// Layer normalisation: a dimension of 1 repeats along a generic one.
#[derive(Module)]
struct Normalised<const N: usize, T: Float> {
    weight: Param<[T; N]>,
}

#[forward]
impl<const N: usize, T: Float> Normalised<N, T> {
    fn forward<const B: usize>(&self, x: Tensor<[[T; N]; B]>) -> Tensor<[[T; N]; B]>
    where
        [[T; N]; B]: BroadcastWith<[[T; 1]; B], Output = [[T; N]; B]>,
    {
        let centred = x - x.mean_axis::<-1>().insert_axis::<-1>();
        let scale = (centred.square().mean_axis::<-1>() + T::from_f64(1e-5)).rsqrt();
        centred * scale.insert_axis::<-1>() * &self.weight
    }
}

#[test]
fn dimensions_of_one() {
    check::<Normalised<4, f64>, _>(randn::<[[f64; 4]; 3]>(0));
}

/// Words by their numbers.
#[derive(Module)]
struct Embedding<const V: usize, const E: usize> {
    table: Param<[[f64; E]; V]>,
}

#[forward]
impl<const V: usize, const E: usize> Embedding<V, E> {
    fn forward<const N: usize>(&self, words: Tensor<[usize; N]>) -> Tensor<[[f64; E]; N]> {
        self.table.gather(&words).square()
    }
}

#[test]
fn words() {
    let layer = Embedding { table: Param(Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])) };
    let mut grads = layer.zero_grads();
    layer.backprop(&mut Tensor([2, 0, 2]), &mut grads, |y| {
        assert_eq!(*y, Tensor([[25.0, 36.0], [1.0, 4.0], [25.0, 36.0]]));
        *y = Tensor([[1.0, 1.0]; 3]);
    });
    assert_eq!(grads.table, Tensor([[2.0, 4.0], [0.0, 0.0], [20.0, 24.0]]));
}
