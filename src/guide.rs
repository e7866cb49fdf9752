//! Writing layers, for those who know [`torch.nn.Module`](https://docs.pytorch.org/docs/stable/notes/modules.html).
//!
//! Pages of their own: [from PyTorch](from_pytorch), where one arrives with a model that is trained already; [to a chip](to_a_chip),
//! [to a browser](to_a_browser), [to a cluster](to_a_cluster), where it goes.
//!
//! # A module
//!
//! A class with parameters and a `forward` becomes a struct and a function; `#[forward]` writes the backward pass.
//!
//! ```python
//! class MyLayer(nn.Module):                                     # y = (x² + bias) · weight
//!     def __init__(self, n_in, n_out):
//!         super().__init__()
//!         self.weight = nn.Parameter(torch.empty(n_in, n_out))
//!         self.bias = nn.Parameter(torch.zeros(n_in))
//!         nn.init.kaiming_uniform_(self.weight)
//!
//!     def forward(self, x):
//!         return (x.square() + self.bias) @ self.weight
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! /// y = (x² + bias) · weight
//! #[derive(Module)]
//! struct MyLayer<const IN: usize, const OUT: usize> {
//!     #[module(init = kaiming)]
//!     weight: Param<[[f32; OUT]; IN]>,
//!     bias: Param<[f32; IN]>,
//! }
//!
//! fn kaiming<const IN: usize, const OUT: usize, R: Rng + ?Sized>(weight: &mut Param<[[f32; OUT]; IN]>, rng: &mut R) {
//!     init::kaiming_uniform(weight, init::Fan::In, init::gain::relu(), rng);
//! }
//!
//! #[forward]
//! impl<const IN: usize, const OUT: usize> MyLayer<IN, OUT> {
//!     fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
//!         (x.square() + &self.bias).matmul(&self.weight)
//!     }
//! }
//!
//! let layer = MyLayer::<5, 3>::init(&mut SmallRng::seed_from_u64(0));
//! let y: Tensor<[[f32; 3]; 10]> = layer.forward(Tensor([[1.0; 5]; 10]));
//! ```
//!
//! | PyTorch | adamant |
//! |---|---|
//! | `nn.Parameter(…)` | a field of type `Param<…>` |
//! | `register_buffer` | a field of type `Tensor<…>`; one of `bool` or integers (a mask, indices) is not saved (`persistent=False`) |
//! | `register_parameter('bias', None)` | a field of type `B::Param<…>` with `B: BiasOption`, added by `x.add_bias(&self.bias)` |
//! | a plain attribute | a field of type `f32`, `usize`, `[f32; 4]`, … with `#[module(value = …)]` |
//! | `requires_grad_(False)` | `Frozen<…>`, in the type |
//! | a submodule | a field of the layer's type |
//! | `nn.Sequential(a, b)` | `Sequential![A, B]`, or a struct of layers |
//! | `nn.ModuleList` | an array `[Layer; 4]`, a chain where each layer gives what it takes |
//! | `x.shape` at run time | the type `Tensor<[[f32; IN]; N]>`; a wrong one does not compile |
//! | `print(model)`, `torchinfo.summary` | `println!("{model}")`, `model.summary(&x)` |
//! | `named_parameters()` | `model.named_parameters(\|info\| println!("{} {}", info.name, info.dims))`; it shows buffers and frozen parts, too, and `info.kind` which is which |
//! | `parameters_to_vector` | `model.to_flat::<f32>()`, and back `Net::from_flat(&flat)` |
//! | `state_dict()` in one array | `model.state_to_flat::<f32>()`, and back `Net::from_flat_state(&flat)` |
//!
//! A parameter of rank two starts as a linear layer's weight does, one of rank one at zero; `init = …` names a function that does
//! otherwise, and fills a buffer, too: a causal mask, say, is `#[module(init = causal)] mask: Tensor<[[f32; T]; T]>` with
//! `fn causal<const T: usize, R: Rng + ?Sized>(mask: &mut Tensor<[[f32; T]; T]>, _: &mut R)`. What follows `value = …` is a constant
//! expression, so that a function in it must be `const`.
//!
//! `#[derive(Module)]` derives nothing else. To copy, compare or print a model of your own for debugging, as the layers of the box can
//! be, write `#[derive(Module, Clone, Copy, PartialEq, Debug)]`.
//!
//! # Layers and operations by their names
//!
//! What PyTorch's constructor takes as sizes is in the type, in the same order; [`nn`](crate::nn) lists the layers. An option that is
//! not named has PyTorch's default.
//!
//! | PyTorch | adamant |
//! |---|---|
//! | `nn.Linear(8, 4)`, `nn.Linear(8, 4, bias=False)` | `Linear<8, 4>`, `Linear<8, 4, NoBias>` |
//! | `nn.Conv2d(1, 8, 3, stride=2, padding=1)` | `Conv2d<1, 8, 3, (Stride<2>, Padding<1>)>` |
//! | `nn.MaxPool2d(2)`, `nn.BatchNorm2d(8)` | `MaxPool2d<2>`, `BatchNorm2d<8>` |
//! | `nn.LayerNorm(8)`, `nn.LayerNorm((4, 8))` | `LayerNorm<[f32; 8]>`, `LayerNorm<[[f32; 8]; 4]>` |
//! | `nn.Embedding(64, 8)`, `nn.Embedding(64, 8, padding_idx=0)` | `Embedding<64, 8>`, `Embedding<64, 8, PaddingIndex<0>>` |
//! | `nn.MultiheadAttention(8, 2, batch_first=True)` | `MultiheadAttention<8, 2>` |
//! | `nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)` | `TransformerEncoderLayer<8, 2, 16>` |
//! | `nn.Dropout(0.1)` | `Dropout`, in a struct with `#[module(value = Dropout::new(0.1))]` |
//! | `nn.LSTM(8, 16, num_layers=2, bidirectional=True, batch_first=True)` | `Lstm<8, 16, (Layers<2>, Bidirectional)>` |
//! | `nn.Flatten()` of images, of signals | `Flatten`, `Flatten<-2>` |
//! | `nn.Unflatten(-1, (2, 4))` | `Reshape<[[f32; 4]; 2]>` |
//!
//! Axes, sizes and shapes of operations are constants, so they stand in `::<…>`; axes count from 0, or from −1 at the innermost. A
//! second tensor is borrowed where it is a method's argument. The same methods work inside and outside of `#[forward]`.
//!
//! | PyTorch | adamant |
//! |---|---|
//! | `a @ b` | `a.matmul(&b)` |
//! | `x.mT`, `x.transpose(1, 2)`, `x.permute(0, 2, 1)` | `x.transpose()`, `x.swap_axes::<1, 2>()`, `x.permute::<0, 2, 1>()` |
//! | `x.reshape(2, 3)`, `x.flatten()` | `x.reshape::<[[f32; 3]; 2]>()`, `x.flatten()` |
//! | `x.unsqueeze(1)`, `x.squeeze(1)` | `x.insert_axis::<1>()`, `x.remove_axis::<1>()` |
//! | `x.sum()`, `x.sum(-1)`, `x.mean(0)` | `x.sum()`, `x.sum_axis::<-1>()`, `x.mean_axis::<0>()` |
//! | `x.softmax(-1)`, `x.argmax(-1)` | `x.softmax::<-1>()`, `x.argmax_axis::<-1>()` |
//! | `torch.cat((a, b), 1)`, `torch.stack((a, b))` | `a.concat::<1, _>(&b)`, `Tensor::stack::<0>([a, b])` |
//! | `x[i]`, `x[:, 2:5]` | `x.row(i)`, `x.slice::<1, 2, 3>()` (from 2, 3 of them) |
//! | `x[i, j] = 1.0`, outside of `#[forward]` | `x.0[i][j] = 1.0`: a tensor is its array |
//! | `torch.tensor([[1., 2.]])`, `torch.randn(4, 3)` | `Tensor([[1.0, 2.0]])`, `Tensor::<[[f32; 3]; 4]>::randn(rng)` |
//!
//! # What it writes
//!
//! This is the backward pass of `MyLayer`, but for the paths of the names (`cargo expand` shows it). Each operation lends its output
//! to what follows it and finds the gradient there when that returns: the call stack is the tape.
//!
//! ```text
//! fn backprop<R>(&self, x: &mut Tensor<[[f32; IN]; N]>, grads: &mut Self::Grads, next: impl FnOnce(&mut Tensor<…>) -> R) -> R {
//!     Function::backprop(&Square::new(), x, |square| {
//!         Function2::backprop(&Add::new(), square, operand(&self.bias), &mut grads.bias, |sum| {
//!             Function2::backprop(&MatMul::new(), sum, operand(&self.weight), &mut grads.weight, |matmul| next(matmul))
//!         })
//!     })
//! }
//! ```
//!
//! A value that is read once becomes its own gradient. One that is read several times has a buffer beside it, where the gradients
//! of all its uses add up.
//!
//! # What it takes
//!
//! The sizes of all buffers and the multiply-accumulates are constants of the type, so a model can hold itself to a budget. The
//! table lists the layers that a forward pass calls, with their outputs' shapes.
//!
//! ```
//! # use adamant::prelude::*;
//! # #[derive(Module)]
//! # struct MyLayer { weight: Param<[[f32; 3]; 5]>, bias: Param<[f32; 5]> }
//! # #[forward]
//! # impl MyLayer {
//! #     fn forward<const N: usize>(&self, x: Tensor<[[f32; 5]; N]>) -> Tensor<[[f32; 3]; N]> {
//! #         (x.square() + &self.bias).matmul(&self.weight)
//! #     }
//! # }
//! type Batch = Tensor<[[f32; 5]; 10]>;
//! const _: () = assert!(<MyLayer as Module<Batch>>::MACS == 10 * 5 * 3);
//! const _: () = assert!(<MyLayer as Backprop<Batch>>::BACKPROP_BYTES == 4 * 10 * (5 + 3)); // the squares, and the output
//! println!("{}", MyLayer::BLANK.summary(&Batch::zeros()));
//! ```
//!
//! # A training loop
//!
//! ```python
//! optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
//! for x, y in loader:
//!     optimizer.zero_grad()
//!     loss = F.cross_entropy(model(x), y)
//!     loss.backward()
//!     nn.utils.clip_grad_norm_(model.parameters(), 1.0)
//!     optimizer.step()
//! ```
//!
//! ```
//! # use adamant::prelude::*;
//! # let rng = &mut SmallRng::seed_from_u64(0);
//! # let (images, labels) = (vec![[0.5f32; 8]; 64], vec![1u8; 64]);
//! # let mut model = <Sequential![Linear<8, 4>, Relu, Linear<4, 3>]>::init(rng);
//! let mut optimizer = Adam::new(&model).lr(1e-3);
//! for (x, y) in Batches::<32, _, _>::new(&images, &labels, rng) {
//!     let (loss, mut grads) = model.gradients(&x, |p| cross_entropy(p, &y, Reduction::Mean));
//!     grads.clip_norm(1.0);
//!     optimizer.step(&mut model, &grads);
//! }
//! ```
//!
//! There is no graph to free, no `zero_grad` and no `train()`/`eval()`: `gradients` trains, `forward` evaluates, and the gradients
//! are a value of your own. Several batches accumulate in it with [`add_gradients`](crate::nn::Backprop::add_gradients).
//!
//! # Layers in layers
//!
//! A struct of layers chains them, unless `#[forward]` says what else to do. (Where its `Module` is written by hand, say
//! `#[module(custom(forward))]` of it, too.)
//!
//! ```
//! use adamant::prelude::*;
//!
//! /// x + W₂ · tanh(W₁ · x), gated.
//! #[derive(Module)]
//! struct Block<const N: usize> {
//!     narrow: Linear<N, 4>,
//!     widen: Linear<4, N>,
//!     gate: Linear<N, N>,
//! }
//!
//! #[forward]
//! impl<const N: usize> Block<N> {
//!     fn forward<const B: usize>(&self, x: Tensor<[[f32; N]; B]>) -> Tensor<[[f32; N]; B]> {
//!         let h = self.narrow.forward(x).tanh();
//!         let gate = self.gate.forward(x).sigmoid();
//!         x + gate * self.widen.forward(h)
//!     }
//! }
//! ```
//!
//! A layer may be called several times; its gradients add up. This is a pair that shares its encoder:
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Siamese {
//!     encoder: Sequential![Linear<8, 4>, Tanh],
//! }
//!
//! #[forward]
//! impl Siamese {
//!     /// Of several arguments, those by value get a gradient.
//!     fn forward(&self, a: Tensor<[f32; 8]>, b: Tensor<[f32; 8]>) -> Tensor<[f32; 4]> {
//!         (self.encoder.forward(a) - self.encoder.forward(b)).square()
//!     }
//! }
//! ```
//!
//! # Sequences
//!
//! A batch of sequences is `[B][L][N]`: PyTorch's `batch_first=True`. [`Rnn`](crate::nn::Rnn), [`Lstm`](crate::nn::Lstm) and
//! [`Gru`](crate::nn::Gru) are layers as others are; what they give is the state after each step, and [`LastStep`](crate::nn::LastStep)
//! takes the last one.
//!
//! ```python
//! class Classifier(nn.Module):
//!     def __init__(self):
//!         super().__init__()
//!         self.gru = nn.GRU(8, 24, batch_first=True)
//!         self.head = nn.Linear(24, 10)
//!
//!     def forward(self, x):
//!         return self.head(self.gru(x)[0][:, -1])
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Classifier { gru: Gru<8, 24>, last: LastStep, head: Linear<24, 10> } // the file's names: `gru.weight_ih_l0`, …
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let model = Classifier::init(rng);
//! let x = Tensor::<[[[f32; 8]; 5]; 4]>::randn(rng);
//! let (loss, grads) = model.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 2, 0], Reduction::Mean));
//! # let _ = (loss, grads);
//! ```
//!
//! What a layer starts from and where it ends is a value beside the input and the output: `(x, state)` in, `(y, state)` out. Carried from one
//! piece of a long sequence to the next, it is truncated backpropagation through time: a state is a number like others and has no past, so a
//! gradient goes back to the beginning of its piece and no further.
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Predictor { lstm: Lstm<1, 16>, head: Linear<16, 1> }
//!
//! type State<const B: usize> = Tensor<[[[f32; 16]; B]; 1]>;
//!
//! #[forward]
//! impl Predictor {
//!     fn forward<const L: usize, const B: usize>(
//!         &self,
//!         x: Tensor<[[[f32; 1]; L]; B]>,
//!         state: (State<B>, State<B>),
//!     ) -> (Tensor<[[[f32; 1]; L]; B]>, (State<B>, State<B>)) {
//!         let (y, state) = self.lstm.forward((x, state));
//!         (self.head.forward(y), state)
//!     }
//! }
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let mut model = Predictor::init(rng);
//! let mut adam = Adam::new(&model).lr(1e-2);
//! let wave: Vec<f32> = (0..=160).map(|t| (t as f32 * 0.3).sin()).collect();
//! let mut state = (Tensor::zeros(), Tensor::zeros());
//! for piece in wave.windows(21).step_by(20) {
//!     let x = Tensor::<[[[f32; 1]; 20]; 1]>::from_fn(|[_, t, _]| piece[t]);
//!     let next = Tensor::from_fn(|[_, t, _]| piece[t + 1]);
//!     let start = (x, state);
//!     let (loss, grads) = model.gradients(&start, |(y, end)| {
//!         mse_loss(y, &next, Reduction::Mean) + Loss::by_hand(end, |end| {
//!             state = *end;
//!             *end = (Tensor::zeros(), Tensor::zeros()); // nothing flows back from the next piece
//!             0.0
//!         })
//!     });
//!     adam.step(&mut model, &grads);
//! #   assert!(loss.is_finite());
//! }
//! ```
//!
//! Sequences of unequal length stand in one batch, padded, with their [`Lengths`](crate::nn::Lengths) beside it. What follows a sequence's
//! end is not read, and the final state is the one at the end, so a classifier takes that:
//!
//! ```python
//! packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
//! logits = self.head(self.gru(packed)[1][0])
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Classifier { gru: Gru<2, 16>, head: Linear<16, 3> }
//!
//! #[forward]
//! impl Classifier {
//!     fn forward<const L: usize, const B: usize>(
//!         &self,
//!         x: Tensor<[[[f32; 2]; L]; B]>,
//!         lengths: Lengths<L, B>,
//!     ) -> Tensor<[[f32; 3]; B]> {
//!         let (_, state) = self.gru.forward((x, lengths));
//!         self.head.forward(state.row(0)) // of the first layer, which is the only one
//!     }
//! }
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let model = Classifier::init(rng);
//! let x = Tensor::<[[[f32; 2]; 9]; 4]>::randn(rng);
//! let lengths = Lengths::new([9, 4, 7, 1])?; // an error for one that is longer than 9
//! let (loss, grads) = model.gradients(&(x, lengths), |p| cross_entropy(p, &[0u8, 1, 2, 0], Reduction::Mean));
//! let logits = model.forward(x, lengths);
//! # let _ = (loss, grads, logits);
//! # Ok::<(), LengthError>(())
//! ```
//!
//! A stream, frame by frame, needs neither the sequence nor its memory: [`step`](crate::nn::Recurrent::step) moves a state on in place.
//!
//! ```
//! # use adamant::prelude::*;
//! static GRU: Gru<2, 4> = Gru::<2, 4>::BLANK; // from `weights!`
//! let mut state = Gru::<2, 4>::zero_state();
//! for frame in [Tensor([0.1, 0.2]), Tensor([0.3, 0.4])] {
//!     let y: &Tensor<[f32; 4]> = GRU.step(&frame, &mut state);
//! #   let _ = y;
//! }
//! ```
//!
//! # Attention
//!
//! The layers of a transformer are in the box, with PyTorch's names, so that its files load: [`Embedding`](crate::nn::Embedding),
//! positions ([sinusoidal](crate::nn::SinusoidalPositions), [learnt](crate::nn::LearnedPositions), [rotary](crate::nn::RotaryPositions)),
//! [`MultiheadAttention`](crate::nn::MultiheadAttention), [`TransformerEncoderLayer`](crate::nn::TransformerEncoderLayer),
//! [`TransformerDecoderLayer`](crate::nn::TransformerDecoderLayer) and stacks of them. This learns to write, character by character:
//!
//! ```python
//! class Writer(nn.Module):
//!     def __init__(self):
//!         super().__init__()
//!         self.embed = nn.Embedding(64, 32)
//!         self.positions = nn.Embedding(16, 32)
//!         layer = nn.TransformerEncoderLayer(32, 4, 64, activation='gelu', norm_first=True, batch_first=True)
//!         self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(32))
//!         self.head = nn.Linear(32, 64)
//!
//!     def forward(self, x):
//!         mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
//!         h = self.embed(x) + self.positions(torch.arange(x.shape[1]))
//!         return self.head(self.encoder(h, mask, is_causal=True))
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! type Layer = TransformerEncoderLayer<32, 4, 64, (Causal, NormFirst, Gelu)>;
//!
//! #[derive(Module)]
//! struct Writer {
//!     embed: Embedding<64, 32>,
//!     positions: LearnedPositions<16, 32>,
//!     encoder: TransformerEncoder<Layer, 2, LayerNorm<[f32; 32]>>,
//!     head: Linear<32, 64>,
//! }
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let mut model = Writer::init(rng);
//! let mut adam = Adam::new(&model).lr(1e-3);
//! let (x, next) = (Tensor([[7u8; 16]; 8]), Tensor([[3u8; 16]; 8])); // 16 characters, and what follows each
//! let (loss, grads) = model.gradients(&x, |p| cross_entropy(p, &next, Reduction::Mean));
//! adam.step(&mut model, &grads);
//! # assert!(loss.is_finite());
//!
//! // To write, it goes on token by token, and remembers the keys and values of those before:
//! let mut caches = [KeyValueCache::<32, 16>::new(); 2];
//! let mut token = 7u8;
//! for t in 0..16 {
//!     let x = model.positions.at(t, &model.embed.forward(Tensor(token))).unwrap();
//!     let y = model.encoder.step(&mut caches, &x).unwrap();
//!     token = model.head.forward(y).argmax_axis::<0>().0 as u8;
//! }
//! ```
//!
//! With `Context<16>` in place of `Causal`, attention to at most 16 tokens, the model has a [stream](#streams), which keeps the caches and
//! the position itself:
//!
//! ```
//! # use adamant::prelude::*;
//! # type Layer = TransformerEncoderLayer<32, 4, 64, (Context<16>, NormFirst, Gelu)>;
//! # #[derive(Module)]
//! # struct Writer {
//! #     embed: Embedding<64, 32>,
//! #     positions: LearnedPositions<16, 32>,
//! #     encoder: TransformerEncoder<Layer, 2, LayerNorm<[f32; 32]>>,
//! #     head: Linear<32, 64>,
//! # }
//! # let model = Writer::init(&mut SmallRng::seed_from_u64(0));
//! let mut stream = model.stream::<Tensor<[u8; 1]>>();
//! let mut token = 7u8;
//! while let Some(Tensor([y])) = stream.step(&Tensor([token])) {
//!     token = Tensor(y).argmax_axis::<0>().0 as u8;
//! }
//! ```
//!
//! In **every mask `true` means that there is attention**, as in PyTorch's `scaled_dot_product_attention` (and not as in its
//! `MultiheadAttention`). Which tokens of a batch are there, and which only fill it up, stands beside the input: `layer.forward((x, keys))`.
//!
//! No score matrix is made: scores are computed in blocks, and once more on the way back, so that memory grows with the number of tokens and
//! not with its square.
//!
//! An attention of one's own calls [`ScaledDotProductAttention`](crate::nn::ScaledDotProductAttention), or is written out with `matmul` and
//! `softmax`. Heads are a reshaping of each token; the layers [`Reshape`](crate::nn::Reshape) and [`Flatten`](crate::nn::Flatten) count from
//! the innermost dimension and leave the leading ones alone, so that any batch and any number of tokens fit, and nothing has to be said of
//! them:
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Attention {
//!     query: Linear<8, 8>,
//!     key: Linear<8, 8>,
//!     value: Linear<8, 8>,
//!     heads: Reshape<[[f32; 4]; 2]>,
//!     attend: ScaledDotProductAttention<Causal>,
//!     #[module(value = Dropout::new(0.1))]
//!     dropout: Dropout,
//!     merge: Flatten<-2>,
//!     out: Linear<8, 8>,
//! }
//!
//! #[forward]
//! impl Attention {
//!     fn forward<const T: usize, const B: usize>(&self, x: Tensor<[[[f32; 8]; T]; B]>) -> Tensor<[[[f32; 8]; T]; B]> {
//!         let q = self.heads.forward(self.query.forward(x)).swap_axes::<1, 2>();
//!         let k = self.heads.forward(self.key.forward(x)).swap_axes::<1, 2>();
//!         let v = self.heads.forward(self.value.forward(x)).swap_axes::<1, 2>();
//!         let mixed = self.attend.forward(q, k, v); // or `(q.matmul(&k.transpose()) / 2.0).softmax::<-1>().matmul(&v)`
//!         self.dropout.forward(self.out.forward(self.merge.forward(mixed.swap_axes::<1, 2>())))
//!     }
//! }
//!
//! /// Three classes of sequences of five tokens.
//! #[derive(Module)]
//! struct Classifier { blocks: [Residual<Attention>; 2], flatten: Flatten<-2>, head: Linear<40, 3> }
//!
//! # let rng = &mut SmallRng::seed_from_u64(0);
//! # let mut model = Classifier::init(rng);
//! # let x = Tensor::<[[[f32; 8]; 5]; 4]>::randn(rng);
//! let (loss, grads) = model.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 2, 0], Reduction::Mean));
//! # Sgd::new(&model).step(&mut model, &grads);
//! # assert!(loss.is_finite());
//! ```
//!
//! # Generic sizes
//!
//! What keeps a size, or takes one of its own, works with generic sizes as it stands. What computes with a size (`reshape`, `concat`,
//! convolutions) cannot know that the numbers of a `D` and of `K` heads agree: the `where` says so, and whoever names the numbers is
//! checked. Where one is missing, the compiler's error names it in its last `required for` line.
//!
//! ```
//! use adamant::prelude::*;
//! use adamant::shape::ReshapeTo;
//!
//! /// `D` numbers a token as `H` heads of `K`, each normalised by itself.
//! #[derive(Module)]
//! #[module(custom(forward))] // a bound on numbers alone hides from the derive that there is a `#[forward]`
//! struct HeadNorm<const D: usize, const H: usize, const K: usize> {
//!     heads: Reshape<[[f32; K]; H]>,
//!     norm: LayerNorm<[f32; K]>,
//!     merge: Reshape<[f32; D], -2>,
//! }
//!
//! #[forward]
//! impl<const D: usize, const H: usize, const K: usize> HeadNorm<D, H, K>
//! where
//!     [f32; D]: ReshapeTo<[[f32; K]; H]>,
//!     [[f32; K]; H]: ReshapeTo<[f32; D]>,
//! {
//!     fn forward<const T: usize>(&self, x: Tensor<[[f32; D]; T]>) -> Tensor<[[f32; D]; T]> {
//!         let heads = self.norm.forward(self.heads.forward(x) / (K as f32).sqrt());
//!         self.merge.forward(heads)
//!     }
//! }
//!
//! let y = HeadNorm::<8, 2, 4>::BLANK.forward(Tensor::<[[f32; 8]; 5]>::ones());
//! # assert_eq!(y, Tensor::zeros());
//! ```
//!
//! # Loops
//!
//! A `for` over a constant range carries variables on, as a recurrent network does:
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Recurrent<const IN: usize, const H: usize> {
//!     input: Linear<IN, H>,
//!     state: Linear<H, H, NoBias>,
//! }
//!
//! #[forward]
//! impl<const IN: usize, const H: usize> Recurrent<IN, H> {
//!     fn forward<const T: usize>(&self, x: Tensor<[[f32; IN]; T]>) -> Tensor<[f32; H]> {
//!         let mut h = Tensor::<[f32; H]>::zeros();
//!         for t in 0..T {
//!             h = (self.input.forward(x.row(t)) + self.state.forward(h)).tanh();
//!         }
//!         h
//!     }
//! }
//! ```
//!
//! # Losses
//!
//! A loss is its formula: `#[forward]` on a function gives one that is used as [`mse_loss()`](crate::loss::mse_loss()) is. What it takes by
//! value gets a gradient, what it takes by reference is a constant. Given the prediction as `&mut`, as `gradients` lends it, it leaves the
//! gradient there; given it by value or by `&`, it gives the number alone.
//!
//! ```python
//! def cosine_loss(p, y):
//!     return 1 - F.cosine_similarity(p, y, dim=1).mean()
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[forward]
//! fn cosine_loss<const N: usize, const B: usize>(p: Tensor<[[f32; N]; B]>, y: &Tensor<[[f32; N]; B]>) -> f32 {
//!     let norms = p.norm_axis::<1>() * y.norm_axis::<1>();
//!     1.0 - ((p * y).sum_axis::<1>() / norms).mean()
//! }
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let model = Linear::<4, 3>::init(rng);
//! let (x, y) = (Tensor::<[[f32; 4]; 8]>::randn(rng), Tensor::<[[f32; 3]; 8]>::randn(rng));
//! let (loss, grads) = model.gradients(&x, |p| cosine_loss(p, &y));
//! let evaluated: f32 = cosine_loss(model.forward(&x), &y);
//! assert_eq!(loss, evaluated);
//! # let _ = grads;
//! ```
//!
//! A loss that only reads the prediction is a number, and `gradients` does not take one: what it takes back, a
//! [`Loss`](crate::nn::Loss), is made by what wrote the gradient.
//!
//! Such functions call each other, and the losses of the box. A model of several outputs gives a tuple. This is an actor-critic (V. Mnih
//! et al., *Asynchronous methods for deep reinforcement learning*, 2016):
//!
//! ```python
//! def a2c_loss(logits, values, actions, returns):
//!     advantage = (returns - values).detach()
//!     policy = (F.cross_entropy(logits, actions, reduction='none') * advantage).mean()
//!     value = F.mse_loss(values, returns)
//!     log_p = logits.log_softmax(-1)
//!     entropy = -(log_p.exp() * log_p).sum(-1).mean()
//!     return policy + 0.5 * value - 0.01 * entropy
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct ActorCritic {
//!     body: Sequential![Linear<4, 16>, Tanh],
//!     policy: Linear<16, 2>,
//!     value: Linear<16, 1>,
//! }
//!
//! #[forward]
//! impl ActorCritic {
//!     fn forward<const B: usize>(&self, x: Tensor<[[f32; 4]; B]>) -> (Tensor<[[f32; 2]; B]>, Tensor<[f32; B]>) {
//!         let h = self.body.forward(x);
//!         (self.policy.forward(h), self.value.forward(h).remove_axis::<1>())
//!     }
//! }
//!
//! #[forward]
//! fn a2c_loss<const A: usize, const B: usize>(
//!     logits: Tensor<[[f32; A]; B]>,
//!     values: Tensor<[f32; B]>,
//!     actions: &[u8; B],
//!     returns: &Tensor<[f32; B]>,
//! ) -> f32 {
//!     let advantage = (returns - values).detach();
//!     let policy = (cross_entropy(logits, actions, Reduction::None) * advantage).mean();
//!     let value = mse_loss(values, returns, Reduction::Mean);
//!     let log_p = logits.log_softmax::<-1>();
//!     let entropy = -(log_p.exp() * log_p).sum_axis::<-1>().mean();
//!     policy + 0.5 * value - 0.01 * entropy
//! }
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let mut model = ActorCritic::init(rng);
//! let mut adam = Adam::new(&model).lr(3e-3);
//! # let (mut state, step) = ([0.1f32; 4], |state: [f32; 4], action: u8| (state.map(|s| s * 0.9), f32::from(action)));
//!
//! let mut x = Tensor::<[[f32; 4]; 8]>::zeros();
//! let (mut actions, mut rewards) = ([0u8; 8], [0.0f32; 8]);
//! for t in 0..8 {
//!     x.0[t] = state;
//!     let (logits, _) = model.forward(Tensor([state])); // one state is a batch of one
//!     let probabilities = logits.softmax::<-1>();
//!     actions[t] = u8::from(rng.random::<f32>() > probabilities.0[0][0]);
//!     (state, rewards[t]) = step(state, actions[t]); // the environment is yours
//! }
//! let (_, last) = model.forward(Tensor([state]));
//! let (mut returns, mut future) = (Tensor::<[f32; 8]>::zeros(), last.0[0]);
//! for t in (0..8).rev() {
//!     future = rewards[t] + 0.99 * future;
//!     returns.0[t] = future;
//! }
//! let (loss, mut grads) = model.gradients(&x, |(logits, values)| a2c_loss(logits, values, &actions, &returns));
//! grads.clip_norm(0.5);
//! adam.step(&mut model, &grads);
//! # assert!(loss.is_finite() && grads.norm() > 0.0);
//! ```
//!
//! A loss's optional arguments are settings of a value: `CrossEntropy::new().label_smoothing(0.1).loss(p, &y, Reduction::Mean)`, in a
//! closure of `gradients`; [`loss`](crate::loss) lists them. In a `#[forward]` function losses are called by their functions.
//!
//! Where each output has a loss of its own, they add up as they stand: `cross_entropy(logits, …) + 0.5 * mse_loss(values, …)`.
//! [`Loss::by_hand`](crate::nn::Loss::by_hand) takes a gradient that you write yourself.
//!
//! # Randomness
//!
//! A forward pass is a pure function: the way back runs parts of it again, in loops and where a layer is shared, and must find the same
//! values. So it draws no random numbers by itself, and `&mut`, generators and clocks are errors at their place. (A function of
//! yours that is called on constants is taken at its word.) Chance is a layer: [`Dropout`](crate::nn::Dropout), and
//! [`Noise`](crate::nn::Noise), whose numbers have the shape of what it is given. This is a variational autoencoder:
//!
//! ```python
//! class VAE(nn.Module):
//!     def forward(self, x):
//!         h = self.encoder(x)
//!         mean, log_var = self.mean(h), self.log_var(h)
//!         z = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
//!         return self.decoder(z), mean, log_var
//!
//! def vae_loss(recon, mean, log_var, x):
//!     rec = F.binary_cross_entropy_with_logits(recon, x, reduction='sum')
//!     return rec - 0.5 * (1 + log_var - mean.square() - log_var.exp()).sum()
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Vae {
//!     encoder: Sequential![Linear<16, 8>, Tanh],
//!     mean: Linear<8, 2>,
//!     log_var: Linear<8, 2>,
//!     noise: Noise,
//!     decoder: Linear<2, 16>,
//! }
//!
//! type Batch<const N: usize, const B: usize> = Tensor<[[f32; N]; B]>;
//!
//! #[forward]
//! impl Vae {
//!     fn forward<const B: usize>(&self, x: Batch<16, B>) -> (Batch<16, B>, Batch<2, B>, Batch<2, B>) {
//!         let h = self.encoder.forward(x);
//!         let (mean, log_var) = (self.mean.forward(h), self.log_var.forward(h));
//!         let z = mean + (log_var * 0.5).exp() * self.noise.forward(mean);
//!         (self.decoder.forward(z), mean, log_var)
//!     }
//! }
//!
//! #[forward]
//! fn vae_loss<const B: usize>(recon: Batch<16, B>, mean: Batch<2, B>, log_var: Batch<2, B>, x: &Batch<16, B>) -> f32 {
//!     let rec = binary_cross_entropy_with_logits(recon, x, Reduction::Sum);
//!     rec - 0.5 * (1.0 + log_var - mean.square() - log_var.exp()).sum()
//! }
//!
//! # let rng = &mut SmallRng::seed_from_u64(0);
//! # let mut model = Vae::init(rng);
//! # let x = Batch::<16, 4>::uniform(0.0, 1.0, rng);
//! let (loss, grads) = model.gradients(&x, |(recon, mean, log_var)| vae_loss(recon, mean, log_var, &x));
//! # assert!(loss.is_finite() && grads.norm() > 0.0);
//! # Sgd::new(&model).step(&mut model, &grads);
//! ```
//!
//! What is drawn depends on the seed that `init` gave each such layer, its place in the model, the step and the call, and on nothing
//! else: a run repeats from its seed on every machine, two layers never draw the same, and
//! [`worker_grads`](crate::nn::Parameters::worker_grads) gives each of several workers its own. A layer of your own has a field
//! [`RandomStream`](crate::nn::RandomStream).
//!
//! # Frozen and trained parts
//!
//! Whether a part trains is in its type. `Frozen<M>` wraps and unwraps the model itself; its gradients are `()`, so that neither
//! gradients nor an optimiser's state take a byte for it, and it evaluates: its dropout does nothing, its running statistics stand still.
//!
//! ```python
//! model.body.requires_grad_(False).eval()
//! model.head = nn.Linear(16, 3)
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! type Body = Sequential![Conv2d<1, 4, 3>, BatchNorm2d<4>, Relu, MaxPool2d<2>, Flatten, Linear<36, 16>, Relu];
//!
//! #[derive(Module)]
//! struct Pretrained { body: Body, head: Linear<16, 10> }
//!
//! #[derive(Module)]
//! struct Tuned { body: Frozen<Body>, head: Linear<16, 3> }
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let old = Pretrained::init(rng); // or read from a file
//! let mut model = Tuned { body: Frozen(old.body), head: Linear::init(rng) };
//!
//! let mut adam = Adam::new(&model).lr(1e-3);
//! let x = Tensor::<[[[[f32; 8]; 8]; 1]; 4]>::randn(rng);
//! let (loss, grads) = model.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 2, 0], Reduction::Mean));
//! adam.step(&mut model, &grads);
//! println!("{loss}, {}", grads.head.weight.norm());
//!
//! assert_eq!(model.body.0, old.body);
//! let whole = sequential![model.body.0, model.head]; // all of it trains from here on
//! # let _ = whole;
//! ```
//!
//! A frozen layer may stand beside a trained one. This is a low-rank adapter (E. Hu et al., *LoRA*, 2021), which starts as the layer
//! that it adapts, since a bias or a vector starts at zero and `up` is told to:
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Lora<const IN: usize, const OUT: usize, const RANK: usize> {
//!     base: Frozen<Linear<IN, OUT>>,
//!     down: Linear<IN, RANK, NoBias>,
//!     #[module(init = zero)]
//!     up: Param<[[f32; OUT]; RANK]>,
//! }
//!
//! fn zero<const A: usize, const B: usize, R: Rng + ?Sized>(weight: &mut Param<[[f32; A]; B]>, _: &mut R) {
//!     weight.fill(0.0);
//! }
//!
//! #[forward]
//! impl<const IN: usize, const OUT: usize, const RANK: usize> Lora<IN, OUT, RANK> {
//!     fn forward<const B: usize>(&self, x: Tensor<[[f32; IN]; B]>) -> Tensor<[[f32; OUT]; B]> {
//!         self.base.forward(x) + self.down.forward(x).matmul(&self.up)
//!     }
//! }
//!
//! # let rng = &mut SmallRng::seed_from_u64(0);
//! let adapter = Lora { base: Frozen(Linear::<8, 8>::init(rng)), ..Lora::<8, 8, 2>::init(rng) };
//! let x = Tensor([[1.0; 8]; 4]);
//! assert_eq!(adapter.forward(x), adapter.base.forward(x));
//! ```
//!
//! # Parameter groups
//!
//! Parts that learn at rates of their own have an optimiser each, of the part's type. Each takes its part of the gradients:
//!
//! ```python
//! torch.optim.Adam([{'params': model.body.parameters(), 'lr': 1e-5}, {'params': model.head.parameters(), 'lr': 1e-3}])
//! ```
//!
//! ```
//! # use adamant::prelude::*;
//! # #[derive(Module)]
//! # struct Net { body: Sequential![Linear<8, 8>, LayerNorm<[f32; 8]>, Relu], head: Linear<8, 3> }
//! # let rng = &mut SmallRng::seed_from_u64(0);
//! # let mut model = Net::init(rng);
//! # let x = Tensor::<[[f32; 8]; 4]>::randn(rng);
//! let mut slow = Adam::new(&model.body).lr(1e-5);
//! let mut fast = Adam::new(&model.head).lr(1e-3);
//! let (_, grads) = model.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 2, 0], Reduction::Mean));
//! slow.step(&mut model.body, &grads.body);
//! fast.step(&mut model.head, &grads.head);
//! ```
//!
//! Weight decay of weights alone, not of biases and norms, is what a visitor does that looks at the tensors' names or sizes: a bias and
//! a norm's weight have one dimension. Decay before a step of Adam is AdamW (θ ← θ − γ·λ·θ), for the group that the visitor chooses:
//!
//! ```python
//! decay = [p for p in model.parameters() if p.dim() > 1]
//! no_decay = [p for p in model.parameters() if p.dim() <= 1]
//! torch.optim.AdamW([{'params': decay, 'weight_decay': 0.01}, {'params': no_decay, 'weight_decay': 0.0}], lr=1e-3)
//! ```
//!
//! ```
//! use adamant::prelude::*;
//!
//! /// Takes so much off each trained weight.
//! struct Decay(f64);
//!
//! impl VisitorMut for Decay {
//!     fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
//!         if info.kind == Kind::Trainable && info.dims.as_slice().len() > 1 {
//!             let keep = T::from_f64(1.0 - self.0);
//!             values.iter_mut().for_each(|value| *value = keep * *value);
//!         }
//!     }
//! }
//!
//! # type Net = Sequential![Linear<8, 8>, LayerNorm<[f32; 8]>, Relu, Frozen<Linear<8, 3>>];
//! # let rng = &mut SmallRng::seed_from_u64(0);
//! # let mut model = Net::init(rng);
//! # let x = Tensor::<[[f32; 8]; 4]>::randn(rng);
//! # let mut reference = model;
//! let mut adam = Adam::new(&model).lr(1e-3);
//! # for _ in 0..3 {
//! let (_, grads) = model.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 2, 0], Reduction::Mean));
//! model.visit_mut(Name::ROOT, &mut Decay(adam.lr * 0.01));
//! adam.step(&mut model, &grads);
//! # }
//! # assert_ne!(model.0.0.weight, reference.0.0.weight);
//! # let (mut adam, mut adamw) = (Adam::new(&reference).lr(1e-3), AdamW::new(&reference.0.0).lr(1e-3).weight_decay(0.01));
//! # for _ in 0..3 {
//! #     let (_, grads) = reference.gradients(&x, |p| cross_entropy(p, &[0u8, 1, 2, 0], Reduction::Mean));
//! #     let mut first = reference.0.0;
//! #     adamw.step(&mut first, &grads.0);
//! #     adam.step(&mut reference, &grads);
//! #     reference.0.0.weight = first.weight;
//! # }
//! # assert!(model.0.0.weight.all_close(&reference.0.0.weight, 1e-6, 1e-7));
//! # assert!(model.0.0.bias.all_close(&reference.0.0.bias, 1e-6, 1e-7));
//! ```
//!
//! # Layers that train differently
//!
//! Dropout, noise and batch normalisation do something else in training than in evaluation. `gradients` trains and `forward`
//! evaluates, so there is no mode to forget; [`forward_training`](crate::nn::Module::forward_training) is the training pass without a
//! backward one (for Monte Carlo dropout, say). Such layers may stand anywhere, in loops over blocks and where a layer is shared:
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Block { linear: Linear<8, 8>, norm: BatchNorm1d<8>, act: Relu, dropout: Dropout }
//!
//! #[derive(Module)]
//! struct Net { blocks: [Block; 3], head: Linear<8, 2> }
//!
//! #[forward]
//! impl Net {
//!     fn forward<const B: usize>(&self, x: Tensor<[[f32; 8]; B]>) -> Tensor<[[f32; 2]; B]> {
//!         let mut h = x;
//!         for i in 0..3 {
//!             h = h + self.blocks[i].forward(h);
//!         }
//!         self.head.forward(h)
//!     }
//! }
//! ```
//!
//! `&self` is shared while a model learns. What training draws from and observes travels in the gradients and comes home with the
//! optimiser's step; each call advances running statistics once, as in PyTorch. A layer of yours that is written by hand does the same
//! with the fields [`RandomStream`](crate::nn::RandomStream) and [`Running`](crate::nn::Running), and a `forward_training` and
//! `backprop_input` of its own: the build asks for them.
//!
//! # Any number of samples
//!
//! A batch's size is a type. [`Chunks`](crate::data::Chunks) runs a model that is compiled for batches of `B` on as many samples as there
//! are, known at run time only; what the last chunk lacks is padded, and nothing of the padding is seen.
//!
//! ```
//! # use adamant::prelude::*;
//! # let rng = &mut SmallRng::seed_from_u64(0);
//! # let model = Linear::<4, 3>::init(rng);
//! # let (images, labels) = (vec![[0.5f32; 4]; 75], vec![1u8; 75]);
//! let mut classes = Vec::new();
//! Chunks::<32>::forward(&model, &images, |_, logits| classes.push(logits.argmax_index()));
//! let (loss, grads) = Chunks::<32>::gradients(&model, &images, &labels, |p, y| cross_entropy(p, y, Reduction::Sum)); // a mean of 75
//! # assert!(classes.len() == 75 && loss.is_finite());
//! # let _ = grads;
//! ```
//!
//! # Weights
//!
//! A file is [safetensors](https://github.com/huggingface/safetensors), with PyTorch's names and layouts: a chain counts its layers, a
//! struct names its fields (`#[module(name = "…")]` gives another name), `Linear`'s weight is transposed on the way
//! (`#[module(transposed)]` says so of a parameter of your own).
//!
//! ```python
//! save_file(model.state_dict(), "net.safetensors") # from safetensors.torch
//! model.load_state_dict(load_file("net.safetensors"))
//! ```
//!
//! ```standalone_crate
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! struct Net { features: Sequential![Conv2d<1, 4, 3>, BatchNorm2d<4>, Relu, Flatten], classifier: Linear<144, 10> }
//!
//! # let folder = std::env::temp_dir().join(format!("adamant-guide-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # std::env::set_current_dir(&folder)?;
//! let mut net = Net::init(&mut SmallRng::seed_from_u64(0));
//! net.save("net.safetensors")?; // features.0.weight, features.0.bias, features.1.weight, …, classifier.bias
//! let other = Net::load("net.safetensors")?; // `load_boxed` for what is larger than a stack
//! net.load_from("net.safetensors")?;
//!
//! // A file that is not quite the model's: what it has more and what it lacks is told, and is no error.
//! let mut backbone = <Sequential![Conv2d<1, 4, 3>, BatchNorm2d<4>, Relu]>::BLANK;
//! Load::new().prefix("features.").cast().lenient(&mut |difference| println!("{difference}")).file(&mut backbone, "net.safetensors")?;
//!
//! // Training that goes on another day, bit for bit: one file with moments, steps and random streams, too.
//! let mut adam = Adam::new(&net).lr(1e-3);
//! adam.checkpoint(&net, "run.safetensors")?;
//! adam.resume(&mut net, "run.safetensors")?;
//! # assert_eq!(net.classifier, other.classifier);
//! # assert_eq!(backbone.0.0, net.features.0.0);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | PyTorch | adamant |
//! |---|---|
//! | `load_state_dict(…)` | [`Net::load`](crate::weights::StateDict::load), [`net.load_from`](crate::weights::StateDict::load_from) |
//! | `load_state_dict(…, strict=False)` | [`Load::lenient`](crate::weights::Load::lenient) |
//! | `{k.removeprefix("module."): v for …}` | [`Load::prefix`](crate::weights::Load::prefix), [`Load::names`](crate::weights::Load::names) |
//! | `.float()` of a half-precision file | [`Load::cast`](crate::weights::Load::cast) |
//! | `torch.save({"model": …, "optimizer": …})` | [`adam.checkpoint`](crate::weights::Checkpoint::checkpoint), [`adam.resume`](crate::weights::Checkpoint::resume) |
//!
//! A wrong file is a [`LoadError`](crate::weights::LoadError) that names the tensor (`` tensor `classifier.weight`: expected the shape
//! [10, 144], found [10, 64] ``), and the model is as it was. A file that is saved replaces the one before as a whole or, whatever
//! interrupts it, not at all.
//!
//! Firmware has the same without a heap, from and to bytes: a head that was tuned on the device goes to a page of flash and back.
//!
//! ```
//! use adamant::prelude::*;
//! let mut head = Linear::<16, 4>::init(&mut SmallRng::seed_from_u64(0));
//! let mut flash = [0xff; 1024];
//! head.save_bytes(&mut flash)?; // `save_to` gives the bytes part by part
//! let len = head.saved_len();
//! head.load_bytes(&flash[..len])?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In flash, within a budget
//!
//! A model that is known when the program is compiled is a `static`: its numbers lie in flash, once, and none are copied when the program
//! runs. The compiler compares the file with the type; a tensor that is missing, left over or of another shape is a compile error.
//! [`weights!`](crate::weights!) has what it takes besides the path.
//!
//! ```
//! use adamant::memory::{Flash, Memory, Ram};
//! use adamant::prelude::*;
//!
//! // PyTorch: nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
//! type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
//! static NET: Net = weights!("tests/models/digits_mlp.safetensors");
//!
//! // On the chip: 10 KiB of flash for the model, 1 KiB of RAM to use it.
//! const _: () = Memory::inference::<Net, Tensor<[f32; 64]>>().fits(Flash::kib(10), Ram::kib(1));
//! let logits: Tensor<[f32; 10]> = NET.forward(&Tensor([0.5; 64]));
//!
//! // What it has learnt stays in flash; a new head learns in RAM.
//! static BASE: Linear<64, 32> = weights!("tests/models/digits_mlp.safetensors", prefix = "0.");
//! type Tuned = Sequential![Frozen<&'static Linear<64, 32>>, Relu, Linear<32, 4>];
//! const _: () = Memory::training::<Tuned, Tensor<[[f32; 64]; 4]>, Sgd<Tuned>>().fits(Flash::kib(9), Ram::kib(5));
//! let mut tuned: Tuned = sequential![Frozen(&BASE), Relu, Linear::init(&mut SmallRng::seed_from_u64(0))];
//! let (loss, grads) = tuned.gradients(&Tensor([[0.5; 64]; 4]), |p| cross_entropy(p, &[0u8, 1, 2, 3], Reduction::Mean));
//! Sgd::new(&tuned).step(&mut tuned, &grads);
//! # assert!(loss.is_finite() && logits.iter().all(|l| l.is_finite()));
//! ```
//!
//! What a model takes is a constant of its types, so a budget is an assertion: over it, the error lists the parts with their bytes.
//!
//! ```text
//! error[E0080]: evaluation panicked: training does not fit:
//!                 29,080 bytes of RAM more than the budget of 65,536
//!                 flash                           0
//!                 RAM                        94,616
//!                   weights                  23,072
//!                   gradients                23,072
//!                   optimiser                46,200
//!                   input                        64
//!                   buffers of the pass       1,056
//!                   calls of the pass         1,152
//! ```
//!
//! [`memory`](crate::memory) says what is counted. A layer whose [`Parameters`](crate::nn::Parameters) you write by hand says where its
//! tensors lie with [`layout!`](crate::layout!), and is then made by `weights!` like any other.
//!
//! # Streams
//!
//! A network is trained on whole signals and runs sample by sample: an audio effect, a detector on a sensor. PyTorch has no counterpart; one
//! writes the streaming form by hand, with its buffers, and keeps both alike. Here the type has both ([`stream`](crate::stream)).
//!
//! ```
//! use adamant::prelude::*;
//!
//! /// y = x + W · tanh(V ⋆ x): looks back 2 · D samples, and never ahead.
//! type Block<const D: usize> = Residual<Sequential![Conv1d<8, 8, 3, (Causal, Dilation<D>)>, Tanh, Conv1d<8, 8, 1>]>;
//!
//! #[derive(Module)]
//! struct Effect {
//!     lift: Conv1d<1, 8, 1>,
//!     blocks: (Block<1>, (Block<2>, Block<4>)),
//!     mix: Conv1d<8, 1, 1>,
//! }
//!
//! type Sample = Tensor<[[f32; 1]; 1]>; // one channel, one step of time
//! type Live = Streaming<Effect, Sample>;
//! const _: () = assert!(Live::LATENCY == 0 && Live::RECEPTIVE_FIELD == 15);
//!
//! // Trained on windows of 64 samples,
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let mut net = Effect::init(rng);
//! let (x, y) = (Tensor::<[[f32; 64]; 1]>::randn(rng), Tensor::<[[f32; 64]; 1]>::randn(rng));
//! let (loss, grads) = net.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
//! Adam::new(&net).step(&mut net, &grads);
//! # assert!(loss.is_finite());
//!
//! // it takes what the sound card gives, in chunks of any length.
//! let right = net.forward(&x);
//! let mut live = Live::new(net);
//! let mut out = Vec::new();
//! for chunk in x.as_slice().chunks(7) {
//!     for &sample in chunk {
//!         out.extend(live.step(&Tensor([[sample]])).map(|y| y.0[0][0]));
//!     }
//! }
//! assert!(out.iter().zip(right.as_slice()).all(|(a, b)| (a - b).abs() < 1e-6));
//! ```
//!
//! | | |
//! |---|---|
//! | layers that look ahead (`Same`, `Padding`) | the output comes [`LATENCY`](crate::stream::Stream::LATENCY) frames later; `Residual` delays its shortcut as much |
//! | convolutions, then recurrent or linear layers | [`Transpose`](crate::nn::Transpose) between them: time is last in the ones, first in the others |
//! | batch norm between convolutions | `BatchNorm1d<C, -2>`, whose channels count from the end, since one signal is no batch |
//! | strides | an output for every [`STRIDE`](crate::stream::Stream::STRIDE) frames |
//! | upsampling (`ConvTranspose1d`) | [`RATE`](crate::stream::Stream::RATE) outputs for them: `live.process(&frames, \|y\| …)` gives all |
//! | attention within a [`Context<N>`](crate::nn::Context) | the state is the cache of keys and values; after `N` frames no output comes until `live.reset()` |
//! | memory | [`Memory::streaming::<Net, Frame>()`](crate::memory::Memory::streaming) says what it takes, and a budget is an assertion |
//! | the end of a file | `live.finish(\|y\| …)` gives the outputs that wait for frames which do not come; then a new stream begins |
//! | what sees all of time | does not compile, and says which layer it is |
//!
//! Training on windows pads each of them with zeros, while a stream is padded at its beginning alone; where that matters, leave the first
//! `RECEPTIVE_FIELD - 1` outputs of a window out of the loss.
//!
//! # Big models
//!
//! A value is as large as its numbers, and a stack is 2 MiB in a thread of Rust's, 8 MiB in `main` on Linux. What returns more than 400
//! KiB by value (`init`, `gradients`, `Adam::new`, `Tensor::randn`, …) does not build; the error gives the bytes and the way out:
//!
//! ```compile_fail
//! use adamant::prelude::*;
//! type Net = Sequential![Linear<784, 512>, Relu, Linear<512, 10>];
//! let mut net = Net::init(&mut SmallRng::seed_from_u64(0));
//! // error: `init` returns 1,628,200 bytes by value, and the stack takes 409,600: make it on the heap, `Net::init_boxed(rng)`
//! ```
//!
//! On the heap all of it is made in place (feature `alloc`):
//!
//! ```
//! use adamant::prelude::*;
//! type Net = Sequential![Linear<784, 512>, Relu, Linear<512, 10>];
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let mut net = Net::init_boxed(rng);
//! let mut grads = net.boxed_grads();
//! let mut adam = Adam::<Net>::boxed();
//! adam.lr = 1e-3;
//! let x = Tensor::<[[f32; 784]; 8]>::ones();
//! for _ in 0..2 {
//!     grads.zero();
//!     let loss = net.add_gradients(&x, &mut grads, |p| cross_entropy(p, &[1u8; 8], Reduction::Mean));
//!     adam.step(&mut net, &grads);
//!     # assert!(loss.is_finite());
//! }
//! ```
//!
//! Activations are on the stack. Their size is a constant, so with `std` a pass that needs more than 128 KiB brings a stack that is
//! large enough, and keeps it for the next; a small one costs nothing. Without `std` the stack is yours to provide:
//! [`BACKPROP_BYTES`](crate::nn::Backprop::BACKPROP_BYTES) says how much, and a debug build takes several times that.
//!
//! # Debug builds
//!
//! Without optimisation loops over numbers are slow. A step of a small convolutional network on 32 images of 28×28 takes 2.1 s in a plain
//! debug build. The large products are compiled in this crate, so two lines in your `Cargo.toml` make that 0.13 s, and a third one 0.015 s
//! (a release build: 0.012 s), with debug assertions and quick rebuilds of your own code as before:
//!
//! ```toml
//! [profile.dev.package."*"]
//! opt-level = 3
//!
//! [profile.dev]
//! opt-level = 1 # your own crate, too, where the layers are made for your shapes
//! ```
//!
//! # An operation with a gradient of its own
//!
//! What `torch.autograd.Function` is in PyTorch is [`Function`](crate::ops::Function) (or
//! [`Function2`](crate::ops::Function2), of two values): a value with a forward and a backward pass, applied with `x.apply(Sign)`.
//! Its documentation shows a sign with a straight-through gradient.
//!
//! A layer whose backward pass you write yourself is an impl of [`Layer`](crate::nn::Layer) with [`#[layer]`](macro@crate::layer) before it:
//! what it computes and its two backward functions, each once. The layers of the box are written like that.
//!
//! # Is the gradient right?
//!
//! Write the layer for any `T: Float` and check it in `f64` against finite differences, in one line:
//! [`gradcheck(&mut layer, &x, 1e-6)`](crate::gradcheck::gradcheck).
//!
//! # What is not understood
//!
//! `#[forward]` reads the function; it does not run it. `while`, `match`, closures, early returns and calls of functions that it
//! does not know are errors at their place, and each says what to write instead. The macro's
//! [documentation](macro@crate::forward) lists what a forward pass is made of, and what it costs.

pub mod from_pytorch;
pub mod to_a_browser;
pub mod to_a_chip;
pub mod to_a_cluster;
