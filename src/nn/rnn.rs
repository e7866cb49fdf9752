//! [`Rnn`].

use super::Recurrent;
use crate::simd::recurrent::TanhUnit;

/// A simple recurrent network: h ← tanh(x · W + b + h · Wₕ + bₕ) at each step, or relu with the option [`Relu`](super::Relu).
///
/// | | |
/// |---|---|
/// | input | sequences `[L][IN]`, a batch `[B][L][IN]`; with an initial state, `(x, h)`; with [`Lengths`](super::Lengths), `(x, lengths)`, `(x, h, lengths)` |
/// | output | h after each step, `[L][H]`, `[B][L][H]`; of an input in a tuple `(y, h)`, h the final state |
/// | state | h, `[LAYERS][H]`, `[LAYERS][B][H]` |
/// | `weight_ih` | `[IN][1][H]` (PyTorch stores `[H][IN]` as `weight_ih_l0`, those of the next layer as `weight_ih_l1`) |
/// | `weight_hh` | `[H][1][H]` |
/// | `bias_ih`, `bias_hh` | `[1][H]`, or nothing with [`NoBias`](super::NoBias) |
///
/// All start uniform in ±1/√H. What else it takes and gives is as of [`Lstm`](super::Lstm): options, directions, states, [`step`](Recurrent::step). A
/// training pass keeps 2 · H numbers a step.
///
/// J. L. Elman, *Finding structure in time*, 1990. After [`torch.nn.RNN`](https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html)
/// with `batch_first=True`.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Rnn::<3, 4>::init(rng);
/// let y: Tensor<[[[f32; 4]; 5]; 2]> = layer.forward(&Tensor::<[[[f32; 3]; 5]; 2]>::randn(rng));
/// assert_eq!(Rnn::<3, 4, (Relu, Layers<2>)>::BLANK.to_string(), "RNN(3, 4, num_layers=2, batch_first=True)");
/// ```
#[doc(alias("RNN", "Elman", "vanilla RNN"))]
pub type Rnn<const IN: usize, const H: usize, O = (), T = f32> = Recurrent<TanhUnit, IN, H, O, T>;
