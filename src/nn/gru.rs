//! [`Gru`].

use super::Recurrent;
use crate::simd::recurrent::GruUnit;

/// The gated recurrent unit: at each step, with a = x · W + b and q = h · Wₕ + bₕ in three parts each, r = σ(a₁ + q₁), z = σ(a₂ + q₂),
/// n = tanh(a₃ + r · q₃), h ← n + z · (h − n).
///
/// | | |
/// |---|---|
/// | input | sequences `[L][IN]`, a batch `[B][L][IN]`; with an initial state, `(x, h)`; with [`Lengths`](super::Lengths), `(x, lengths)`, `(x, h, lengths)` |
/// | output | h after each step, `[L][H]`, `[B][L][H]`; of an input in a tuple `(y, h)`, h the final state |
/// | state | h, `[LAYERS][H]`, `[LAYERS][B][H]` |
/// | `weight_ih` | `[IN][3][H]` (PyTorch stores `[3 · H][IN]` as `weight_ih_l0`, those of the next layer as `weight_ih_l1`) |
/// | `weight_hh` | `[H][3][H]` |
/// | `bias_ih`, `bias_hh` | `[3][H]`, or nothing with [`NoBias`](super::NoBias) |
///
/// All start uniform in ±1/√H. What else it takes and gives is as of [`Lstm`](super::Lstm): options, directions, states, [`step`](Recurrent::step). A
/// training pass keeps 5 · H numbers a step: gates, q₃ and h; with [`Recompute`](super::Recompute) H.
///
/// K. Cho et al., *Learning phrase representations using RNN encoder–decoder for statistical machine translation*, 2014; r multiplies the
/// product, bias included, as in PyTorch. After [`torch.nn.GRU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html) with
/// `batch_first=True`.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let layer = Gru::<3, 4>::init(rng);
/// let (y, h) = layer.forward((Tensor::<[[f32; 3]; 5]>::randn(rng), Tensor::<[[f32; 4]; 1]>::zeros()));
/// assert_eq!(y.at::<4>(), h.at::<0>());
/// assert_eq!(layer.to_string(), "GRU(3, 4, batch_first=True)");
///
/// type Classifier = Sequential![Gru<8, 24>, LastStep, Linear<24, 10>];
/// let logits: Tensor<[f32; 10]> = Classifier::init(rng).forward(&Tensor::<[[f32; 8]; 8]>::randn(rng));
/// ```
#[doc(alias("GRU", "gated recurrent unit"))]
pub type Gru<const IN: usize, const H: usize, O = (), T = f32> = Recurrent<GruUnit, IN, H, O, T>;
