//! Recurrent layers and cells.

use adamant::prelude::*;

use crate::golden::{Golden, check_layer};

type X = [[[f32; 3]; 5]; 2];
type Y = [[[f32; 4]; 5]; 2];
type Wide = [[[f32; 8]; 5]; 2];

#[test]
fn layers() {
    check_layer::<_, X, Y>("rnn", Rnn::<3, 4>::BLANK);
    check_layer::<_, X, Y>("rnn_relu", Rnn::<3, 4, Relu>::BLANK);
    check_layer::<_, X, Y>("lstm", Lstm::<3, 4>::BLANK);
    check_layer::<_, X, Y>("lstm_no_bias", Lstm::<3, 4, NoBias>::BLANK);
    check_layer::<_, X, Y>("lstm_2layers", Lstm::<3, 4, Layers<2>>::BLANK);
    check_layer::<_, X, Wide>("lstm_bidirectional", Lstm::<3, 4, Bidirectional>::BLANK);
    check_layer::<_, X, Y>("gru", Gru::<3, 4>::BLANK);
    check_layer::<_, X, Y>("gru_2layers", Gru::<3, 4, Layers<2>>::BLANK);
    check_layer::<_, X, Wide>("gru_bidirectional", Gru::<3, 4, Bidirectional>::BLANK);
}

#[test]
fn gates_computed_anew() {
    check_layer::<_, X, Y>("rnn_relu", Rnn::<3, 4, (Recompute, Relu)>::BLANK);
    check_layer::<_, X, Y>("lstm_2layers", Lstm::<3, 4, (Layers<2>, Recompute)>::BLANK);
    check_layer::<_, X, Wide>("gru_bidirectional", Gru::<3, 4, (Recompute, Bidirectional)>::BLANK);
}

/// The tensors of some numbered keys, `input`, `input2`, and so on.
trait Keyed: Sized {
    /// Reads them.
    fn read(golden: &Golden, keys: &[&str]) -> Self;
    /// Checks them.
    fn check(&self, golden: &Golden, keys: &[&str]);
}

impl<S: Shape<Elem = f32>> Keyed for Tensor<S> {
    fn read(golden: &Golden, keys: &[&str]) -> Self {
        golden.tensor(keys[0])
    }

    fn check(&self, golden: &Golden, keys: &[&str]) {
        golden.check(keys[0], self.as_slice());
    }
}

impl<A: Keyed, B: Keyed> Keyed for (A, B) {
    fn read(golden: &Golden, keys: &[&str]) -> Self {
        (A::read(golden, keys), B::read(golden, &keys[1..]))
    }

    fn check(&self, golden: &Golden, keys: &[&str]) {
        self.0.check(golden, keys);
        self.1.check(golden, &keys[1..]);
    }
}

const INPUT: [&str; 3] = ["input", "input2", "input3"];
const OUTPUT: [&str; 3] = ["output", "output2", "output3"];
const GRAD_OUTPUT: [&str; 3] = ["grad_output", "grad_output2", "grad_output3"];
const GRAD_INPUT: [&str; 3] = ["grad_input", "grad_input2", "grad_input3"];

/// Checks a layer with a state: every output and every gradient.
fn check<M: Backprop<X, Output: Keyed>, X: Keyed + Copy>(name: &str, mut layer: M) {
    let golden = Golden::open(name);
    golden.load(&mut layer);
    let x = X::read(&golden, &INPUT);
    layer.forward(&x).check(&golden, &OUTPUT);

    let (mut dx, mut grads) = (x, layer.zero_grads());
    layer.backprop(&mut dx, &mut grads, |y| {
        y.check(&golden, &OUTPUT);
        *y = Keyed::read(&golden, &GRAD_OUTPUT);
    });
    dx.check(&golden, &GRAD_INPUT);
    golden.check_grads(&grads);

    let mut dx = x;
    layer.backprop_input(&mut dx, |y| *y = Keyed::read(&golden, &GRAD_OUTPUT));
    dx.check(&golden, &GRAD_INPUT);
    let mut grads = layer.zero_grads();
    layer.backprop_params(&x, &mut grads, |y| *y = Keyed::read(&golden, &GRAD_OUTPUT));
    golden.check_grads(&grads);
}

type State = Tensor<[[[f32; 4]; 2]; 1]>;

#[test]
fn states() {
    check::<_, (Tensor<X>, State)>("rnn_state", Rnn::<3, 4>::BLANK);
    check::<_, (Tensor<X>, State)>("gru_state", Gru::<3, 4>::BLANK);
    check::<_, (Tensor<X>, (State, State))>("lstm_state", Lstm::<3, 4>::BLANK);
    check::<_, (Tensor<X>, (State, State))>("lstm_state", Lstm::<3, 4, Recompute>::BLANK);
}

#[test]
fn cells() {
    type Rows<const N: usize> = Tensor<[[f32; N]; 3]>;
    check::<_, (Rows<3>, Rows<4>)>("gru_cell", GruCell::<3, 4>::BLANK);
    check::<_, (Rows<3>, (Rows<4>, Rows<4>))>("lstm_cell", LstmCell::<3, 4>::BLANK);
}

#[test]
fn lengths() {
    let golden = Golden::open("gru_lengths");
    let lengths = golden.case()["lengths"].as_array().unwrap().iter().map(|l| l.as_u64().unwrap() as usize).collect::<Vec<_>>();
    let lengths = Lengths::<5, 2>::new(lengths.try_into().unwrap()).unwrap();
    let mut layer = Gru::<3, 4>::BLANK;
    golden.load(&mut layer);
    let x = golden.tensor::<X>("input");
    layer.forward((x, lengths)).check(&golden, &OUTPUT);
    let (mut dx, mut grads) = ((x, lengths), layer.zero_grads());
    layer.backprop(&mut dx, &mut grads, |y| *y = Keyed::read(&golden, &GRAD_OUTPUT));
    golden.check("grad_input", dx.0.as_slice());
    golden.check_grads(&grads);
}
