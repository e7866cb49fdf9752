//! `#[forward]`: the backward pass that it reads off a forward pass, against finite differences and against passes by hand.

use adamant::gradcheck::{Values, gradcheck};
use adamant::ops::{Function, Function2};
use adamant::prelude::*;

/// Checks every gradient of a layer, from fresh parameters.
fn check<M: Backprop<X> + Init, X: Values>(x: X) -> M
where
    M::Output: Values,
{
    let mut layer = M::init(&mut SmallRng::seed_from_u64(3));
    struct Wave(f64);
    impl adamant::nn::VisitorMut for Wave {
        fn visit_mut<T: Float>(&mut self, _: &adamant::nn::Info<'_>, values: &mut [T]) {
            for value in values {
                self.0 += 1.0;
                *value = T::from_f64(0.7 * (1.3 * self.0).sin());
            }
        }
    }
    layer.visit_mut(adamant::nn::Name::ROOT, &mut Wave(0.0));
    gradcheck(&mut layer, &x, 1e-6).unwrap();
    layer
}

fn randn<S: adamant::Shape<Elem = f64>>(seed: u64) -> Tensor<S> {
    Tensor::randn(&mut SmallRng::seed_from_u64(seed))
}

type Dense<const IN: usize, const OUT: usize> = Linear<IN, OUT, Bias, f64>;

/// The hyperbolic tangent as a layer.
#[derive(Module)]
struct Tanh;

#[forward]
impl Tanh {
    fn forward<S: adamant::Shape<Elem: Float>>(&self, x: Tensor<S>) -> Tensor<S> {
        x.tanh()
    }
}

/// y = (x² + bias) · weight
#[derive(Module)]
struct MyLayer<const IN: usize, const OUT: usize, T: Float = f32> {
    weight: Param<[[T; OUT]; IN]>,
    bias: Param<[T; IN]>,
}

#[forward] // derives the backward pass from this one
impl<const IN: usize, const OUT: usize, T: Float> MyLayer<IN, OUT, T> {
    fn forward<const N: usize>(&self, x: Tensor<[[T; IN]; N]>) -> Tensor<[[T; OUT]; N]> {
        (x.square() + &self.bias).matmul(&self.weight)
    }
}

#[test]
fn my_layer_is_what_one_writes_by_hand() {
    let x = randn::<[[f64; 5]; 4]>(0);
    let layer = check::<MyLayer<5, 3, f64>, _>(x);
    // Callable as written, by value.
    assert_eq!(layer.forward(x), Module::forward(&layer, &x));

    let weights = randn::<[[f64; 3]; 4]>(1);
    let mut dx = x;
    let mut grads = layer.zero_grads();
    layer.backprop(&mut dx, &mut grads, |y| *y = weights);
    let squares = x.square() + &layer.bias;
    let dsquares = weights.matmul(&layer.weight.transpose());
    assert!(grads.weight.all_close(&squares.transpose().matmul(&weights), 1e-12, 1e-12));
    assert!(grads.bias.all_close(&dsquares.sum_axis::<0>(), 1e-12, 1e-12));
    assert!(dx.all_close(&(dsquares * (x * 2.0)), 1e-12, 1e-12));
}

/// A dense layer with an activation of the user's.
#[derive(Module)]
struct MyDense<const IN: usize, const OUT: usize, T: Float> {
    weight: Param<[[T; OUT]; IN]>,
    bias: Param<[T; OUT]>,
}

#[forward]
impl<const IN: usize, const OUT: usize, T: Float> MyDense<IN, OUT, T> {
    fn forward<const B: usize>(&self, x: Tensor<[[T; IN]; B]>) -> Tensor<[[T; OUT]; B]> {
        let x = x.matmul(&self.weight);
        let x = x + &self.bias;
        x.tanh()
    }
}

#[test]
fn dense() {
    check::<MyDense<3, 4, f64>, _>(randn::<[[f64; 3]; 2]>(0));
}

/// A value that is used several times, by name and by itself.
#[derive(Module)]
struct Reuse {
    scale: Param<[f64; 3]>,
}

#[forward]
impl Reuse {
    fn forward(&self, x: Tensor<[f64; 3]>) -> Tensor<[f64; 3]> {
        let h = x * &self.scale;
        let h = h * h + x / (h.square() + 1.0) - 2.0 * x;
        let (a, b) = (h.sigmoid(), -h);
        let c = {
            let inner = a * b;
            inner * x + &self.scale
        };
        c + a * (0.5 + 0.25)
    }
}

#[test]
fn a_value_used_several_times() {
    check::<Reuse, _>(randn::<[f64; 3]>(0));
}

/// Layers in sequence, called in both ways; the first one's input needs no gradient in training.
#[derive(Module)]
#[module(custom(forward))]
struct Sequence {
    first: Dense<3, 5>,
    act: Tanh,
    rest: Sequential![Dense<5, 4>, Tanh, Dense<4, 4>],
    own: MyDense<4, 2, f64>,
}

#[forward]
impl Sequence {
    fn forward<const B: usize>(&self, x: Tensor<[[f64; 3]; B]>) -> Tensor<[[f64; 2]; B]> {
        let h = self.first.forward(&x);
        let h = (self.act)(h);
        let h = self.rest.forward(h * 2.0);
        self.own.forward(h)
    }
}

#[test]
fn layers_in_sequence() {
    check::<Sequence, _>(randn::<[[f64; 3]; 2]>(0));
}

/// Layers whose input and output are used elsewhere, too.
#[derive(Module)]
#[module(custom(forward))]
struct Block {
    narrow: Dense<4, 2>,
    widen: Dense<2, 4>,
    gate: Dense<4, 4>,
}

#[forward]
impl Block {
    fn forward<const B: usize>(&self, x: Tensor<[[f64; 4]; B]>) -> Tensor<[[f64; 4]; B]> {
        let h = self.narrow.forward(x);
        let y = self.widen.forward(h.tanh());
        let g = self.gate.forward(x).sigmoid();
        x + g * y
    }
}

#[test]
fn a_gated_residual_block() {
    check::<Block, _>(randn::<[[f64; 4]; 2]>(0));
}

/// The same layer on two inputs.
#[derive(Module)]
#[module(custom(forward))]
struct Siamese {
    encoder: Sequential![Dense<3, 4>, Tanh],
}

#[forward]
impl Siamese {
    fn forward(&self, a: Tensor<[f64; 3]>, b: Tensor<[f64; 3]>) -> (Tensor<[f64; 4]>, Tensor<[f64; 4]>) {
        let (a, b) = (self.encoder.forward(a), self.encoder.forward(b));
        ((a - b).square(), a * b)
    }
}

#[test]
fn a_layer_used_twice_sums_its_gradients() {
    check::<Siamese, _>((randn::<[f64; 3]>(0), randn::<[f64; 3]>(1)));
}

/// A layer of a layer with several inputs and outputs.
#[derive(Module)]
#[module(custom(forward))]
struct Pair {
    siamese: Siamese,
    last: Dense<4, 2>,
}

#[forward]
impl Pair {
    fn forward(&self, x: (Tensor<[f64; 3]>, Tensor<[f64; 3]>)) -> Tensor<[f64; 2]> {
        let (a, b) = x;
        let (far, near) = self.siamese.forward(a * 2.0, b);
        let both = self.siamese.forward((b, a));
        self.last.forward(far * near) + self.last.forward(both.0)
    }
}

#[test]
fn tuples_in_and_out() {
    check::<Pair, _>((randn::<[f64; 3]>(0), randn::<[f64; 3]>(1)));
}

/// The sign of x, with a straight-through gradient.
struct Sign;

impl<S: adamant::Shape<Elem = f64>> Function<Tensor<S>> for Sign {
    type Output = Tensor<S>;

    fn forward(&self, x: &Tensor<S>) -> Tensor<S> {
        x.map(f64::signum)
    }

    fn backward(&self, _: &Tensor<S>, _: &Tensor<S>, dy: &Tensor<S>, dx: &mut Tensor<S>) {
        dx.axpy(1.0, dy);
    }
}

/// (a + offset) · b
struct Shifted {
    offset: f64,
}

impl Function2<Tensor<[f64; 2]>, Tensor<[f64; 2]>> for Shifted {
    type Output = Tensor<[f64; 2]>;

    fn forward(&self, a: &Tensor<[f64; 2]>, b: &Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
        (*a + self.offset) * b
    }

    fn backward_a(
        &self,
        _: &Tensor<[f64; 2]>,
        b: &Tensor<[f64; 2]>,
        _: &Tensor<[f64; 2]>,
        dy: &Tensor<[f64; 2]>,
        da: &mut Tensor<[f64; 2]>,
    ) {
        *da += *dy * b;
    }

    fn backward_b(
        &self,
        a: &Tensor<[f64; 2]>,
        _: &Tensor<[f64; 2]>,
        _: &Tensor<[f64; 2]>,
        dy: &Tensor<[f64; 2]>,
        db: &mut Tensor<[f64; 2]>,
    ) {
        *db += (*a + self.offset) * dy;
    }
}

#[derive(Module)]
struct Custom {
    weight: Param<[f64; 2]>,
    #[module(value = 0.5)]
    offset: f64,
    /// State: no gradient flows to it.
    mean: Tensor<[f64; 2]>,
}

#[forward]
impl Custom {
    fn forward(&self, x: Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
        const TWO: f64 = 2.0;
        let offset = self.offset * TWO;
        let x = x - self.mean;
        x.apply2(Shifted { offset }, &self.weight) * self.offset + x.powi(3)
    }
}

#[derive(Module)]
struct Binary {
    weight: Param<[f64; 2]>,
}

#[forward]
impl Binary {
    fn forward(&self, x: Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
        (x * &self.weight).apply(Sign)
    }
}

#[test]
fn operations_of_the_user() {
    check::<Custom, _>(randn::<[f64; 2]>(0));
    let layer = Binary { weight: Param(Tensor([2.0, -3.0])) };
    let mut x = Tensor([1.0, 4.0]);
    let mut grads = layer.zero_grads();
    layer.backprop(&mut x, &mut grads, |y| *y = Tensor([1.0, 10.0]));
    assert_eq!((x, grads.weight), (Tensor([2.0, -30.0]), Tensor([1.0, 40.0])));
}

/// A recurrent cell over `T` steps, and the output of each step.
#[derive(Module)]
struct Recurrent<const IN: usize, const H: usize, F: Float> {
    input: Linear<IN, H, Bias, F>,
    state: Linear<H, H, NoBias, F>,
    start: Param<[F; H]>,
    decay: Param<[F; H]>,
}

#[forward]
impl<const IN: usize, const H: usize, F: Float> Recurrent<IN, H, F> {
    fn forward<const T: usize>(&self, x: Tensor<[[F; IN]; T]>) -> (Tensor<[[F; H]; T]>, Tensor<[F; H]>) {
        let mut h = &self.start * F::ONE;
        let mut ys = Tensor::<[[F; H]; T]>::zeros();
        for t in 0..T {
            let input = self.input.forward(x.row(t));
            h = (input + self.state.forward(h)).tanh() + h * &self.decay;
            ys = ys.with_row(t, &h);
        }
        (ys, h)
    }
}

#[test]
fn a_recurrent_cell() {
    check::<Recurrent<3, 2, f64>, _>(randn::<[[f64; 3]; 4]>(0));
}

/// A loop within a loop, and an array of layers.
#[derive(Module)]
struct Deep {
    layers: [Dense<3, 3>; 3],
    gain: Param<f64>,
}

#[forward]
impl Deep {
    fn forward(&self, x: Tensor<[f64; 3]>) -> Tensor<[f64; 3]> {
        let mut h = x;
        let mut sum = x * &self.gain;
        for i in 0..3 {
            for _ in 0..2 {
                h = self.layers[i].forward(h).tanh();
                if i % 2 == 0 {
                    sum += h;
                }
            }
            h += x;
        }
        sum * self.layers[1].forward(h)
    }
}

#[test]
fn loops_within_loops() {
    check::<Deep, _>(randn::<[f64; 3]>(0));
}

/// A branch on a constant, as a value and as statements.
#[derive(Module)]
struct Branches<const GATED: bool> {
    weight: Param<[f64; 2]>,
    hidden: Dense<2, 2>,
    flag: bool,
}

#[forward]
impl<const GATED: bool> Branches<GATED> {
    fn forward(&self, x: Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
        let gate = if GATED { self.hidden.forward(x).sigmoid() } else { x * &self.weight };
        let mut y = x * gate;
        if self.flag {
            y += gate;
        } else if GATED {
            y = y.square();
        }
        let scale = if GATED { 2.0 } else { 3.0 };
        y * scale * x
    }
}

#[test]
fn branches_on_constants() {
    check::<Branches<true>, _>(randn::<[f64; 2]>(0));
    check::<Branches<false>, _>(randn::<[f64; 2]>(0));
    let mut layer = Branches::<true>::init(&mut SmallRng::seed_from_u64(0));
    layer.flag = true;
    gradcheck(&mut layer, &randn::<[f64; 2]>(0), 1e-6).unwrap();
}

/// A mask and a scale: constants, so they get no gradient.
#[derive(Module)]
struct Masked {
    weight: Param<[f64; 3]>,
}

#[forward]
impl Masked {
    fn forward(&self, x: Tensor<[f64; 3]>, mask: &Tensor<[f64; 3]>, scale: f64) -> Tensor<[f64; 3]> {
        let scale = scale * 2.0;
        let masked = x * mask * &self.weight;
        masked.sigmoid() * scale + mask
    }
}

#[derive(Module)]
#[module(custom(forward))]
struct Masks {
    inner: Masked,
    mask: Tensor<[f64; 3]>,
    #[module(value = 0.3)]
    scale: f64,
}

#[forward]
impl Masks {
    fn forward(&self, x: &Tensor<[f64; 3]>) -> Tensor<[f64; 3]> {
        self.inner.forward(x.tanh(), &self.mask, self.scale)
    }
}

#[test]
fn a_mask_by_reference() {
    check::<Masks, _>(randn::<[f64; 3]>(0));
}

/// No gradient goes through a detached value.
#[derive(Module)]
struct Detached {
    weight: Param<[f64; 2]>,
}

#[forward]
impl Detached {
    fn forward(&self, x: Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
        let h = x * &self.weight;
        h * h.detach()
    }
}

#[test]
fn detached_values() {
    let layer = Detached { weight: Param(Tensor([2.0, 3.0])) };
    let mut x = Tensor([5.0, 7.0]);
    let mut grads = layer.zero_grads();
    let result = layer.backprop(&mut x, &mut grads, |y| {
        assert_eq!(*y, Tensor([100.0, 441.0]));
        *y = Tensor([1.0, 1.0]);
        42
    });
    assert_eq!((x, grads.weight, result), (Tensor([20.0, 63.0]), Tensor([50.0, 147.0]), 42));
}

/// A layer around any layer.
#[derive(Module)]
#[module(custom(forward))]
struct Twice<M> {
    inner: M,
}

#[forward]
impl<M> Twice<M> {
    fn forward<S: adamant::Shape<Elem = f64>>(&self, x: Tensor<S>) -> Tensor<S>
    where
        M: Module<Tensor<S>, Output = Tensor<S>>,
    {
        let x = self.inner.forward(x);
        self.inner.forward(x)
    }
}

#[test]
fn generic_inner_layers() {
    check::<Twice<Dense<3, 3>>, _>(randn::<[[f64; 3]; 2]>(0));
    check::<Twice<Twice<Tanh>>, _>(randn::<[f64; 2]>(0));
}

/// Names that the emitted code uses as well, and shadowed constants.
#[derive(Module)]
struct Names {
    grads: Param<[f64; 2]>,
    next: Dense<2, 2>,
}

#[forward]
impl Names {
    /// A doc comment, a visibility and an attribute stay.
    #[must_use]
    pub fn forward(&self, result: Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
        let grads = &self.grads;
        let next = result * grads;
        let d_result: Tensor<[f64; 2]> = next.tanh();
        let d_next = 2.0;
        let scaled = d_result * d_next + next;
        let d_next = d_next + 1.0;
        let input = {
            let d_next = d_next * 2.0;
            scaled / d_next
        };
        let mut k = d_next;
        k *= 2.0;
        let output = self.next.forward(input) * k;
        let (_, square) = (output, output * result);
        square
    }
}

#[test]
fn names_do_not_clash() {
    check::<Names, _>(randn::<[f64; 2]>(0));
}

/// Fields within fields, an array of layers, a frozen layer, a tuple struct, several inputs taken apart.
#[derive(Module)]
struct Inner(Param<[f64; 2]>, (Dense<2, 2>, Tanh));

#[derive(Module)]
#[module(custom(forward))]
struct Fields {
    inner: Inner,
    layers: [Dense<2, 2>; 2],
    frozen: Frozen<Dense<2, 2>>,
    shifts: [Param<[f64; 2]>; 2],
}

#[forward]
impl Inner {
    fn forward(&self, x: Two) -> Two {
        self.1.forward(x * &self.0)
    }
}

#[forward]
impl Fields {
    fn forward(&self, (a, b): (Two, Two)) -> (Two, (Two, Two)) {
        let a = self.frozen.forward(a);
        let (sin, cos) = 0.5f64.sin_cos();
        let mut h = a * sin + b * cos;
        h = self.layers[0].forward(h) * &self.inner.0;
        h = self.inner.1.0.forward(h) + &self.shifts[1];
        h -= self.layers[1].forward(h);
        (h, (a, self.inner.1.1.forward(b)))
    }
}

#[test]
fn fields_of_fields() {
    let x = (randn::<[f64; 2]>(0), randn::<[f64; 2]>(1));
    let layer = check::<Fields, _>(x);
    let mut grads = layer.zero_grads();
    layer.backprop_params(&x, &mut grads, |y| *y = (Tensor([1.0, 1.0]), (Tensor([0.0, 0.0]), Tensor([0.0, 0.0]))));
    assert_eq!(grads.shifts[0], Tensor([0.0, 0.0]));
    assert_ne!(grads.shifts[1], Tensor([0.0, 0.0]));
}

type Two = Tensor<[f64; 2]>;

/// Inputs that nothing depends on, an output that is an input or a constant.
#[derive(Module)]
struct Idle<const STEPS: usize> {
    weight: Param<[f64; 2]>,
}

#[allow(clippy::reversed_empty_ranges, reason = "a loop that never runs is what is tested")]
#[forward]
impl<const STEPS: usize> Idle<STEPS> {
    fn forward(&self, x: Two, idle: Two, steps: Tensor<[usize; 2]>) -> (Two, Two, Two) {
        let _unused = idle * &self.weight;
        let index = steps.0[0];
        let mut empty = x;
        for _ in 0..STEPS {
            empty *= &self.weight;
        }
        (x.row(index) * empty, x, Tensor([1.0, 2.0]))
    }
}

#[test]
fn idle_inputs_and_constant_outputs() {
    let layer = Idle::<0> { weight: Param(Tensor([2.0, 3.0])) };
    let mut x = (Tensor([5.0, 7.0]), Tensor([1.0, 1.0]), Tensor([1, 0]));
    let mut grads = layer.zero_grads();
    layer.backprop(&mut x, &mut grads, |y| {
        assert_eq!(*y, (Tensor([35.0, 49.0]), Tensor([5.0, 7.0]), Tensor([1.0, 2.0])));
        *y = (Tensor([1.0, 1.0]), Tensor([10.0, 20.0]), Tensor([9.0, 9.0]));
    });
    // d/dx Σ x₁·xᵢ = (x₁, x₀ + 2·x₁)
    assert_eq!((x.0, x.1, grads.weight), (Tensor([17.0, 39.0]), Tensor([0.0, 0.0]), Tensor([0.0, 0.0])));
}

/// The impl comes from another macro, and the layer is generic over its scalar.
macro_rules! layer {
    ($name:ident, $input:ident, $weight:ident) => {
        #[derive(Module)]
        struct $name<T: Float> {
            $weight: Param<[T; 2]>,
        }

        #[forward]
        impl<T: Float> $name<T> {
            fn forward(&self, $input: &Tensor<[T; 2]>) -> Tensor<[T; 2]> {
                let half = T::from_f64(0.5);
                ($input * &self.$weight).sigmoid() * half + $input * (half - T::ONE)
            }
        }
    };
}

layer!(FromMacro, x, weight);

#[test]
fn an_impl_from_a_macro() {
    check::<FromMacro<f64>, _>(randn::<[f64; 2]>(0));
}

/// Numbers are values, too.
#[derive(Module)]
struct Numbers {
    weight: Param<[f64; 3]>,
}

struct Mean;

impl Function<Tensor<[f64; 3]>> for Mean {
    type Output = f64;

    fn forward(&self, x: &Tensor<[f64; 3]>) -> f64 {
        x.mean()
    }

    fn backward(&self, _: &Tensor<[f64; 3]>, _: &f64, dy: &f64, dx: &mut Tensor<[f64; 3]>) {
        *dx += *dy / 3.0;
    }
}

#[forward]
impl Numbers {
    fn forward(&self, x: Tensor<[f64; 3]>) -> Tensor<[f64; 3]> {
        let x = x * &self.weight;
        let mean = x.apply(Mean);
        let scale = 1.0 / (mean * mean + 0.1);
        (x - mean) * scale * mean
    }
}

#[test]
fn numbers_are_values() {
    check::<Numbers, _>(randn::<[f64; 3]>(0));
}

/// A loop over a constant of the function itself.
#[derive(Module)]
#[module(custom(forward))]
struct Repeated {
    dense: Linear<4, 4>,
}

#[forward]
impl Repeated {
    fn forward<const B: usize>(&self, x: Tensor<[[f32; 4]; B]>) -> Tensor<[[f32; 4]; B]> {
        const TIMES: usize = 3;
        let mut h = x;
        for _ in 0..TIMES {
            h = self.dense.forward(h).relu();
        }
        if B > 1 { h.tanh() } else { h }
    }
}

/// Tensors along a new axis, one of them a parameter and one used twice.
#[derive(Module)]
struct Stacked {
    row: Param<[f64; 3]>,
    dense: Dense<3, 3>,
}

#[forward]
impl Stacked {
    fn forward(&self, x: Tensor<[f64; 3]>) -> Tensor<[[f64; 4]; 3]> {
        let h = self.dense.forward(x);
        Tensor::stack::<1>([h.tanh(), x, &self.row * 2.0, x * h])
    }
}

#[test]
fn a_stack_of_several() {
    check::<Stacked, _>(randn::<[f64; 3]>(0));
}

/// A bias that may be absent.
#[derive(Module)]
struct Maybe<B: BiasOption> {
    weight: Param<[[f64; 2]; 3]>,
    bias: B::Param<[f64; 2]>,
}

#[forward]
impl<B: BiasOption> Maybe<B> {
    fn forward<const N: usize>(&self, x: Tensor<[[f64; 3]; N]>) -> Tensor<[[f64; 2]; N]> {
        x.matmul(&self.weight).add_bias(&self.bias).tanh()
    }
}

#[test]
fn a_bias_may_be_absent() {
    let with = check::<Maybe<Bias>, _>(randn::<[[f64; 3]; 4]>(0));
    let without = check::<Maybe<NoBias>, _>(randn::<[[f64; 3]; 4]>(0));
    assert_eq!((Maybe::<Bias>::PARAMETERS, Maybe::<NoBias>::PARAMETERS), (8, 6));
    assert_eq!(size_of::<Maybe<NoBias>>(), size_of::<Param<[[f64; 2]; 3]>>());
    let x = randn::<[[f64; 3]; 4]>(1);
    assert_eq!(with.forward(x), (x.matmul(&with.weight) + &with.bias).tanh());
    assert_eq!(without.forward(x), x.matmul(&without.weight).tanh());
}

/// Operands that repeat on the left, on the right, and on both sides.
#[derive(Module)]
struct Repeats<const N: usize> {
    row: Param<[f64; N]>,
    column: Param<[[f64; 1]; 2]>,
}

#[forward]
impl<const N: usize> Repeats<N> {
    fn forward(&self, x: Tensor<[[f64; N]; 2]>) -> Tensor<[[f64; N]; 2]>
    where
        [[f64; 1]; 2]: adamant::shape::BroadcastWith<[f64; N], Output = [[f64; N]; 2]>,
    {
        let h = (&self.row - x).tanh();
        let grid = &self.column * &self.row;
        let row = x.mean_axis::<0>();
        row / (h.square() + 1.0) + grid * h
    }
}

#[test]
fn either_side_repeats() {
    check::<Repeats<3>, _>(randn::<[[f64; 3]; 2]>(0));
}

/// Values with the names of the emitted code's own variables.
#[derive(Module)]
struct Locals {
    d: Dense<2, 2>,
    y: Dense<2, 2>,
    scale: Param<[f64; 2]>,
}

#[forward]
impl Locals {
    fn forward(&self, x: Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
        let h = &self.scale * self.d.forward(x);
        let lent = self.y.forward(h);
        let d_param = self.y.forward(lent) * &self.scale;
        let y = d_param.tanh();
        let input = y * lent + &self.scale * y;
        let next = input.square();
        next - &self.scale * input
    }
}

#[test]
fn names_of_the_emitted_code() {
    check::<Locals, _>(randn::<[f64; 2]>(0));
}

/// More operations than enclose each other.
#[derive(Module)]
struct Long {
    weight: Param<[f64; 2]>,
}

macro_rules! long {
    ($this:ident $x:ident $h:ident; $($by:literal)+) => {
        #[forward]
        impl Long {
            fn forward(&$this, $x: Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
                let mut $h = $x;
                $($h = ($h * $by + &$this.weight).tanh() - $x * 0.1;)+
                $h
            }
        }
    };
}

long!(self x h; 0.9 -0.8 0.7 -1.1 1.2 0.8 -0.6 1.3 0.9 -1.2 0.8 1.1);

#[test]
fn more_operations_than_enclose_each_other() {
    check::<Long, _>(randn::<[f64; 2]>(0));
}

/// A mask and indices as fields: neither saved nor trained.
#[derive(Module)]
struct Scores {
    #[module(value = Tensor([[false, true], [false, false]]))]
    mask: Tensor<[[bool; 2]; 2]>,
    #[module(value = Tensor([2, 0]))]
    words: Tensor<[usize; 2]>,
    table: Param<[[f64; 2]; 3]>,
}

#[forward]
impl Scores {
    fn forward(&self, x: Tensor<[[f64; 2]; 2]>) -> Tensor<[[f64; 2]; 2]> {
        let words = self.table.gather(&self.words);
        let scores = x.masked_fill(&self.mask, f64::NEG_INFINITY);
        scores.softmax::<-1>().matmul(&words).select(&self.mask, &words)
    }
}

#[test]
fn masks_and_indices_as_fields() {
    let layer = check::<Scores, _>(randn::<[[f64; 2]; 2]>(0));
    assert!(layer.mask.0[0][1] && !layer.mask.0[1][0]);
    let mut names = Vec::new();
    layer.named_parameters(|info| names.push(info.name.to_string()));
    assert_eq!((names, Scores::NUMBERS), (vec![String::from("table")], 6));
}

/// Loops with items of their own, which have the same names.
#[derive(Module)]
struct Counted {
    weight: Param<[[f64; 2]; 2]>,
}

#[forward]
impl Counted {
    fn forward(&self, x: Tensor<[f64; 2]>) -> Tensor<[f64; 2]> {
        const TIMES: usize = 2;
        let mut h = x;
        for _ in 0..TIMES {
            const TIMES: usize = 3;
            for _ in 0..TIMES {
                h = h.matmul(&self.weight);
            }
        }
        for _ in 0..TIMES {
            const TIMES: usize = 1;
            for _ in 0..TIMES {
                h = h.matmul(&self.weight).tanh();
            }
        }
        h
    }
}

#[test]
fn items_of_loops() {
    check::<Counted, _>(randn::<[f64; 2]>(0));
    assert_eq!(<Counted as Module<Tensor<[f64; 2]>>>::MACS, (2 * 3 + 2) * 4);
}

/// Multiply-accumulates, bytes in inference and bytes in training.
fn costs<M: Backprop<X>, X: Clone>() -> (u64, usize, usize) {
    (M::MACS, M::FORWARD_BYTES, M::BACKPROP_BYTES)
}

#[test]
fn costs_are_constants() {
    const F: usize = size_of::<f64>();
    // The square, and beside it the product; the sum stands in the square's place.
    type X = Tensor<[[f64; 5]; 10]>;
    assert_eq!(costs::<MyLayer<5, 3, f64>, X>(), (10 * 5 * 3, 2 * 50 * F, (50 + 30) * F));

    // As the chain of the same layers, with the product by 2 in one place more.
    type Chain = Sequential![Dense<3, 5>, Tanh, Identity, Dense<5, 4>, Tanh, Dense<4, 4>, MyDense<4, 2, f64>];
    let (macs, _, training) = costs::<Chain, Tensor<[[f64; 3]; 2]>>();
    let (own_macs, _, own_training) = costs::<Sequence, Tensor<[[f64; 3]; 2]>>();
    assert_eq!((own_macs, own_training), (macs, training + 10 * F));

    let (macs, ..) = costs::<Siamese, (Tensor<[f64; 3]>, Tensor<[f64; 3]>)>();
    assert_eq!(macs, 2 * 3 * 4);
    let (macs, ..) = costs::<Recurrent<3, 4, f64>, Tensor<[[f64; 3]; 7]>>();
    assert_eq!(macs, 7 * (3 * 4 + 4 * 4));
    let (macs, ..) = costs::<Deep, Tensor<[f64; 3]>>();
    assert_eq!(macs, (3 * 2 + 1) * 9);
    let (macs, inference, training) = costs::<Repeated, Tensor<[[f32; 4]; 2]>>();
    assert_eq!(macs, 3 * 2 * 16);
    // The state, what the layer gives, and the branch's output, which is the function's.
    assert_eq!(inference, 3 * 32);
    // The gradient of x; the loop's state, its gradient, and three states that are kept; in one iteration the state that it
    // starts from, the gradient of the one that it ends with, the layer's input and output, and relu's; tanh and its gradient.
    assert_eq!(training, (1 + (1 + 1 + 3) + (1 + 1 + 2 + 1) + 2) * 32);
}

#[test]
fn a_table_of_the_layers_inside() {
    #[derive(Module)]
    struct Net {
        sequence: Sequence,
        act: Relu,
    }
    let text = Net::BLANK.summary(&Tensor::<[[f64; 3]; 2]>::zeros()).to_string();
    let rows: Vec<Vec<&str>> = text.lines().skip(3).map(|line| line.split_whitespace().collect()).collect();
    let names: Vec<&str> = rows.iter().take(10).filter_map(|row| row.get(1).copied()).collect();
    let inside = ["(sequence.first)", "(sequence.act)", "(sequence.rest)", "(sequence.rest.0)", "(sequence.rest.1)"];
    assert_eq!(names[1], "(sequence)", "{text}");
    assert_eq!(names[2..7], inside, "{text}");
    assert_eq!(rows[2][..5], ["Linear", "(sequence.first)", "[2,", "5]", "20"], "{text}");
    assert!(text.contains("(sequence.own)"), "{text}");
}

struct Scale {
    scale: f64,
}

/// What is easily misread: shadowed constants, counters that are no indices, blocks within operands, numbers' own methods.
#[derive(Module)]
struct Odd {
    scale: f64,
}

#[forward]
impl Odd {
    fn forward(&self, x: Tensor<[f64; 3]>) -> Tensor<[f64; 3]> {
        let scale = 2.0;
        let scale = scale + self.scale.max(0.5);
        let pair = Scale { scale };
        let mut h = x * pair.scale;
        for power in 1..3 {
            h += x.powi(power);
        }
        for t in 0..2u8 {
            h = h.tanh() * f64::from(t + LAST);
        }
        let mut y = x;
        let z = 2.0 * {
            {
                y = y.sin();
            }
            y * h
        };
        const LAST: u8 = 1;
        if cfg!(miri) {
            y = y.cos();
        }
        y + z
    }
}

/// 32 ways are not too many.
#[derive(Module)]
#[module(custom(forward))]
struct Ways {
    flags: [bool; 5],
}

#[forward]
impl Ways {
    fn forward(&self, mut x: Tensor<[f64; 3]>) -> Tensor<[f64; 3]> {
        if self.flags[0] {
            x = x.tanh();
        }
        if self.flags[1] {
            x = x.sin();
        }
        if self.flags[2] {
            x = x.square();
        }
        if self.flags[3] {
            x = x.cos();
        }
        if self.flags[4] {
            x = x.exp();
        }
        x
    }
}

#[test]
fn odd_code() {
    check::<Odd, _>(randn::<[f64; 3]>(0));
    for ways in 0..32u8 {
        let flags = [0, 1, 2, 3, 4].map(|bit| ways >> bit & 1 == 1);
        gradcheck(&mut Ways { flags }, &randn::<[f64; 3]>(0), 1e-6).unwrap();
    }
}

type V = Tensor<[f64; 3]>;

/// A struct of layers with a forward pass of its own, whatever is asked of its parameters.
#[derive(Module)]
struct Bounded<A: Parameters, B: 'static, const K: usize>
where
    B: Init,
{
    first: A,
    second: [B; K],
}

#[forward]
impl<A: Module<V, Output = V>, B: Module<V, Output = V> + Init, const K: usize> Bounded<A, B, K> {
    fn forward(&self, x: V) -> V {
        let mut h = self.first.forward(x);
        for k in 0..K {
            h = self.second[k].forward(h).square();
        }
        h
    }
}

/// One of some instances.
#[derive(Module)]
struct Selected<M, const GATED: bool> {
    layer: M,
}

#[forward]
impl<M: Module<V, Output = V>> Selected<M, true> {
    fn forward(&self, x: V) -> V {
        self.layer.forward(x).sigmoid()
    }
}

#[test]
fn own_passes_of_structs_of_layers() {
    check::<Bounded<Dense<3, 3>, Tanh, 2>, _>(randn::<[f64; 3]>(0));
    check::<Selected<Dense<3, 3>, true>, _>(randn::<[f64; 3]>(0));
}

#[test]
fn an_input_is_given_or_lent() {
    let layer = Dense::<3, 3>::init(&mut SmallRng::seed_from_u64(0));
    let x = randn::<[f64; 3]>(1);
    assert_eq!(layer.forward(x), layer.forward(&x));
}
