//! What has no stream, and frames that do not fit.

use adamant::prelude::*;

type Signal<const C: usize> = Tensor<[[f32; 1]; C]>;
type Sequence<const F: usize> = Tensor<[[f32; F]; 1]>;

#[derive(Module)]
struct Net {
    conv: Conv1d<2, 4, 3, Same>,
    norm: GroupNorm<2, 4>,
}

/// Layers that are not one after the other.
#[derive(Module)]
struct Gated {
    signal: Conv1d<2, 4, 3, Causal>,
    gate: Conv1d<2, 4, 3, Causal>,
}

#[forward]
impl Gated {
    fn forward<const L: usize>(&self, x: Tensor<[[f32; L]; 2]>) -> Tensor<[[f32; L]; 4]> {
        self.signal.forward(x).tanh() * self.gate.forward(x).sigmoid()
    }
}

/// A parameter of its own.
#[derive(Module)]
struct Scale {
    weight: Param<[[f32; 1]; 2]>,
}

#[forward]
impl Scale {
    fn forward<const L: usize>(&self, x: Tensor<[[f32; L]; 2]>) -> Tensor<[[f32; L]; 2]> {
        x * &self.weight
    }
}

fn main() {
    // A group's norm and a softmax along time see all of time.
    let chain = <Sequential![Conv1d<2, 4, 3, Same>, GroupNorm<2, 4>]>::BLANK;
    chain.stream::<Signal<2>>();
    Net::BLANK.stream::<Signal<2>>();
    <Sequential![Conv1d<2, 4, 3>, Softmax<-1>]>::BLANK.stream::<Signal<2>>();

    // What stands around the signal is not there yet.
    Conv1d::<2, 4, 3, (Padding<1>, Reflect)>::BLANK.stream::<Signal<2>>();

    // The way back begins at the end.
    Gru::<3, 4, Bidirectional>::BLANK.stream::<Sequence<3>>();
    <Sequential![Linear<2, 3>, Lstm<3, 4, (Layers<2>, Bidirectional)>]>::BLANK.stream::<Sequence<2>>();

    // Attention that sees later tokens, and one that may have to remember any number of them.
    MultiheadAttention::<4, 2>::BLANK.stream::<Sequence<4>>();
    <Sequential![Linear<2, 4>, TransformerEncoderLayer<4, 2, 8, Causal>]>::BLANK.stream::<Sequence<2>>();

    // A forward pass of one's own is not read along time.
    Gated::BLANK.stream::<Signal<2>>();
    Scale::BLANK.stream::<Signal<2>>();
    <Sequential![Scale, Gated]>::BLANK.stream::<Signal<2>>();

    // Another width, between layers and of the frame.
    Conv1d::<2, 4, 3>::BLANK.stream::<Signal<3>>();
    ConvTranspose1d::<2, 4, 4, Stride<2>>::BLANK.stream::<Signal<3>>();
    <Sequential![Conv1d<2, 4, 3>, Conv1d<5, 4, 3>]>::BLANK.stream::<Signal<2>>();
    let linear = Linear::<3, 2>::BLANK;
    linear.stream::<Sequence<3>>().step(&Tensor([[1.0; 4]]));

    // The axis of time.
    linear.stream::<Signal<3>>();
    <Sequential![Conv1d<2, 4, 3>, Linear<4, 1>]>::BLANK.stream::<Signal<2>>();
}
