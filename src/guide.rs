//! Writing layers, for those who know [`torch.nn.Module`](https://docs.pytorch.org/docs/stable/notes/modules.html).
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
//! | a plain attribute | a field of type `f32`, `usize`, … with `#[module(value = …)]` |
//! | `requires_grad_(False)` | `Frozen<…>`, in the type |
//! | a submodule | a field of the layer's type |
//! | `nn.Sequential(a, b)` | `Sequential![A, B]`, or a struct of layers |
//! | `nn.ModuleList` | an array `[Layer; 4]` |
//! | `x.shape` at run time | the type `Tensor<[[f32; IN]; N]>`; a wrong one does not compile |
//! | `print(model)`, `torchinfo.summary` | `println!("{model}")`, `model.summary(&x)` |
//! | `named_parameters()` | `model.named_parameters(\|info\| …)` |
//! | `parameters_to_vector` | `model.to_flat()` |
//!
//! A parameter of rank two starts as a linear layer's weight does, one of rank one at zero; `init = …` names a function that does
//! otherwise.
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
//! ```
//! use adamant::prelude::*;
//!
//! /// x + W₂ · tanh(W₁ · x), gated.
//! #[derive(Module)]
//! #[module(custom(forward))] // all fields are layers, but they are not simply chained
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
//! #[module(custom(forward))]
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
//! # Loops
//!
//! A `for` over a constant range carries variables on, as a recurrent network does:
//!
//! ```
//! use adamant::prelude::*;
//!
//! #[derive(Module)]
//! #[module(custom(forward))]
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
//! # An operation with a gradient of its own
//!
//! What `torch.autograd.Function` is in PyTorch is [`Function`](crate::ops::Function) (or
//! [`Function2`](crate::ops::Function2), of two values): a value with a forward and a backward pass, applied with `x.apply(Sign)`.
//! Its documentation shows a sign with a straight-through gradient.
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
