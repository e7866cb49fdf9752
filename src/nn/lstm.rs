//! [`Lstm`].

use super::Recurrent;
use crate::simd::recurrent::LstmUnit;

/// Long short-term memory: at each step, with a = x · W + b + h · Wₕ + bₕ in four parts, i = σ(a₁), f = σ(a₂), g = tanh(a₃), o = σ(a₄),
/// c ← f · c + i · g, h ← o · tanh c.
///
/// | | |
/// |---|---|
/// | input | sequences `[L][IN]`, a batch `[B][L][IN]`; with an initial state, `(x, (h, c))`; with [`Lengths`](super::Lengths), `(x, lengths)`, `(x, (h, c), lengths)` |
/// | output | h after each step, `[L][H]`, `[B][L][H]`; of an input in a tuple `(y, (h, c))`, the state being the final one |
/// | state | h and c, `[LAYERS][H]` each, `[LAYERS][B][H]` |
/// | `weight_ih` | `[IN][4][H]` (PyTorch stores `[4 · H][IN]` as `weight_ih_l0`, those of the next layer as `weight_ih_l1`) |
/// | `weight_hh` | `[H][4][H]` |
/// | `bias_ih`, `bias_hh` | `[4][H]`, or nothing with [`NoBias`](super::NoBias) |
///
/// All start uniform in ±1/√H.
///
/// | option | PyTorch | |
/// |---|---|---|
/// | [`Layers<N>`](super::Layers) | `num_layers` | each layer takes the states of the one before |
/// | [`Bidirectional`](super::Bidirectional) | `bidirectional` | outputs are 2 · H wide, states `[LAYERS][2][B][H]`, the names of the second direction `weight_ih_l0_reverse` |
/// | [`Dropout`](super::Dropout) | `dropout` | between layers, with the probability `layer.dropout.p` |
/// | [`NoBias`](super::NoBias) | `bias=False` | |
/// | [`Recompute`](super::Recompute) | `checkpoint` | training keeps the states alone and computes the gates once more |
///
/// **Memory.** A training pass keeps 6 · H numbers a step, sequence, layer and direction: gates, c and h; with `Recompute` H, and 5 · H a
/// direction of one layer. [`BACKPROP_BYTES`](super::Backprop::BACKPROP_BYTES) says it for an input.
///
/// **Truncated backpropagation.** A final state is a value without a past. Given to the next call it carries on, and no gradient goes back
/// to the call before; [`backprop`](super::Backprop::backprop) gives the gradient with respect to it, too.
///
/// S. Hochreiter and J. Schmidhuber, *Long short-term memory*, 1997. After
/// [`torch.nn.LSTM`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html) with `batch_first=True`.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Lstm::<3, 4>::init(rng);
/// let (first, second) = (Tensor::<[[[f32; 3]; 5]; 2]>::randn(rng), Tensor::<[[[f32; 3]; 7]; 2]>::randn(rng));
/// let y: Tensor<[[[f32; 4]; 5]; 2]> = layer.forward(&first);
///
/// // The same from a state, and on from where it ends.
/// let zero: Tensor<[[[f32; 4]; 2]; 1]> = Tensor::zeros();
/// let (again, state) = layer.forward((first, (zero, zero)));
/// let (y2, (h, c)) = layer.forward((second, state));
/// assert!(again.all_close(&y, 1e-6, 1e-6));
///
/// type Deep = Lstm<16, 32, (Layers<2>, Bidirectional, Dropout)>;
/// assert_eq!(Deep::BLANK.to_string(), "LSTM(16, 32, num_layers=2, batch_first=True, dropout=0.5, bidirectional=True)");
/// let y: Tensor<[[f32; 64]; 9]> = Deep::init(rng).forward(&Tensor::<[[f32; 16]; 9]>::randn(rng));
/// ```
#[doc(alias("LSTM", "long short-term memory"))]
pub type Lstm<const IN: usize, const H: usize, O = (), T = f32> = Recurrent<LstmUnit, IN, H, O, T>;
