//! Static tensors and neural networks: every shape is a type, every buffer has a size that the compiler knows, and a wrong
//! dimension is a compile error that names both numbers. Inference *and training* run without heap, without `std` and on
//! stable Rust.
//!
//! ```
//! use adamant::prelude::*;
//!
//! type Net = Sequential![Linear<2, 16>, Tanh, Linear<16, 1>];
//! const _: () = Net::check::<Tensor<[[f32; 2]; 4]>>(); // the layers fit each other and this input
//!
//! let rng = &mut SmallRng::seed_from_u64(0);
//! let mut model = Net::init(rng);
//! let x = Tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]); // four samples of two numbers
//! let y = Tensor([[0.], [1.], [1.], [0.]]); // exclusive or
//!
//! let mut adam = Adam::new(&model).lr(0.03);
//! for _ in 0..200 {
//!     let (loss, grads) = model.gradients(&x, |p| mse_loss(p, &y, Reduction::Mean));
//!     adam.step(&mut model, &grads);
//!     assert!(loss.is_finite());
//! }
//! let p = model.forward(&x);
//! assert!(p.all_close(&y, 0.0, 0.1), "{p}");
//! ```
//!
//! # The house
//!
//! | room | what it holds | looks into |
//! |---|---|---|
//! | [`shape`] | shapes are nested arrays; arithmetic on dimensions in the type checker | |
//! | [`simd`] | kernels over slices of numbers, and the choice of instructions: products, reductions, functions | `shape` (element types) |
//! | [`tensor`] | [`Tensor`]: construction, views, access, operators, printing | `shape`, `simd` |
//! | [`ops`] | what computes with tensors: one file an operation, its backward pass under its forward pass | `simd`, `tensor` |
//! | [`nn`] | the traits of a layer ([`Parameters`](nn::Parameters), [`Module`](nn::Module), [`Backprop`](nn::Backprop)) and one file a layer | `ops` |
//! | [`loss`] | one file a loss | `ops` |
//! | [`optim`] | optimisers and learning-rate schedules | `nn` |
//! | [`init`] | how parameters start | `tensor` |
//! | [`stream`] | networks sample by sample: state, latency and receptive field from the offline form | `nn`, `ops` |
//! | [`weights`](mod@weights) | files and bytes to models and back: saving, loading, checkpoints, [models in constants](weights!) | `nn`, `optim` |
//! | [`memory`] | what a model takes in flash and RAM, and a budget that the compiler checks | `nn`, `optim`, `stream` |
//! | [`heap`] | construction in place, for what is larger than a stack | |
//! | [`data`] | shuffled batches, any number of samples, accuracy, the confusion matrix | `nn` |
//! | [`gradcheck`] | a layer's backward pass against finite differences | `nn` |
//! | [`guide`] | writing layers, for those who know `nn.Module`; from PyTorch to a chip, a browser, a cluster | |
//!
//! # Conventions
//!
//! **Layout.** Row-major. Dimensions stand in PyTorch's order, outermost first: a batch of images is
//! `Tensor<[[[[f32; W]; H]; C]; B]>`, read from the inside out, or [`Tensor4<B, C, H, W>`](tensor::Tensor4). The weight of
//! [`Linear<IN, OUT>`](nn::Linear) is `[IN][OUT]`: PyTorch stores the transposed, and a name knows that
//! ([`Name::is_transposed`](nn::Name::is_transposed)).
//!
//! **Settings.** What a convolution or a pool is told beside its channels and its kernel is named in its type, one option or
//! a tuple: `Conv2d<4, 6, 3, (Stride<2>, Padding<1>, Groups<2>)>`. [`nn::options`] lists the options; what is not named has
//! PyTorch's default.
//!
//! **Broadcasting.** As in PyTorch: an operator repeats a tensor of the trailing dimensions over the leading ones, and dimensions
//! of 1 along any, on either side. In place the right-hand side repeats.
//!
//! **Training and evaluation.** [`forward`](nn::Module::forward) evaluates, [`backprop`](nn::Backprop::backprop) trains: there
//! is no mode to forget. `&self` is shared, so a model is [`Sync`]; what training observes or draws from travels in the
//! gradients and comes home with the optimiser's step.
//!
//! **Memory.** A value is as large as its numbers. The call stack is the tape: a training step needs the activations once (each
//! buffer becomes its own gradient) and one mirror of the parameters, and the sizes are constants
//! ([`FORWARD_BYTES`](nn::Module::FORWARD_BYTES), [`BACKPROP_BYTES`](nn::Backprop::BACKPROP_BYTES)). What is too large for a
//! stack is made in place on the heap (feature `alloc`): [`init_boxed`](init::Init::init_boxed),
//! [`boxed_grads`](nn::Parameters::boxed_grads), [`Buffer::boxed`].
//!
//! A constructor that would return more than 400 KiB by value does not build and names the one on the heap; with `std` a pass that needs
//! much stack brings its own.
//!
//! **Debug builds.** Without optimisation a step is some 200 times slower; `opt-level = 3` for dependencies, in your `Cargo.toml`, makes that
//! 10 ([the guide](guide#debug-builds) has the lines), since large products are compiled in this crate.
//!
//! **Speed.** On x86-64 with `std` a program that is built without a flag runs on the machine's best instructions, AVX-512, AVX2 with fused
//! multiply-adds or what the target has, chosen once a kernel ([`simd::Instructions`]). Elsewhere, and for what is too small to be worth
//! the choice, the target decides. WebAssembly has vectors with `-C target-feature=+simd128`; without, its code is a microcontroller's, as
//! small and a third as fast.
//!
//! **Reproducibility.** A seed gives the same run, bit for bit, on the same kind of machine with the same features: sums are added in an
//! order that depends on their sizes alone. Across machines with vectors the last bits differ for one reason: multiply and add are fused
//! where there is an instruction for it. With the feature `exact` they are not, and a run has the same bits on each instruction set; its
//! price is AVX-512, and 15 to 35 % of the speed of large products (two thirds where `target-cpu` has AVX-512: leave that out). What remains different: [`SmallRng`] is another generator on 32-bit
//! targets. `exp`, `ln`, `sin`, `tanh`, `erf` and their like are the crate's own; `powf` comes from `std`, with `exact` from `libm`.
//!
//! **Not a number.** NaN and infinities propagate as IEEE 754 says, through `max` too, and are never hidden.
//!
//! **Length.** A model of more than 120 layers, those of inner chains counted, needs `#![recursion_limit = "512"]` (about twice as
//! many) in the first line of the crate; rustc says so of one long chain, and of many residual blocks only that it "reached the
//! recursion limit while instantiating". [`Sequential`](nn::Sequential) has the figures.
//!
//! **Errors.** A wrong shape does not compile. A wrong file is a [`LoadError`](weights::LoadError), and changes nothing. No forward or
//! backward pass has a panicking path, and neither have saving and loading.
//!
//! # Features
//!
//! | feature | what it brings |
//! |---|---|
//! | none | all of the above without `std` and without `alloc` |
//! | `alloc` | construction in place on the heap |
//! | `std` (default) | `alloc`, and the platform's mathematical functions |
//! | `exact` | the same bits on every machine: nothing is fused, no function is the platform's |
//! | `rayon` | the gradients of a batch on several threads ([`Chunks`](data::Chunks)), the same bits on any number of them |
//! | `all-sizes` | shape arithmetic on every number up to 65,536; without it on all up to 4,096 and on round ones ([`Dim`](shape::Dim)) |
//!
//! [`SmallRng`]: rand::rngs::SmallRng

#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![deny(missing_docs)]

#[cfg(feature = "alloc")]
extern crate alloc;
// The derive macros name the crate from outside.
extern crate self as adamant;

pub mod data;
pub mod gradcheck;
pub mod guide;
pub mod heap;
pub mod init;
mod instead;
pub mod loss;
pub mod memory;
pub mod nn;
pub mod ops;
pub mod optim;
pub mod shape;
pub mod simd;
mod stack;
pub mod stream;
pub mod tensor;
mod text;
pub mod weights;

pub use adamant_derive::Module;
/// Derives a layer's backward pass from its forward pass.
///
/// ```
/// use adamant::prelude::*;
///
/// /// y = (x² + bias) · weight
/// #[derive(Module)]
/// struct MyLayer<const IN: usize, const OUT: usize> {
///     weight: Param<[[f32; OUT]; IN]>,
///     bias: Param<[f32; IN]>,
/// }
///
/// #[forward]
/// impl<const IN: usize, const OUT: usize> MyLayer<IN, OUT> {
///     fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
///         (x.square() + &self.bias).matmul(&self.weight)
///     }
/// }
///
/// #[derive(Module)]
/// struct MyNet { layer1: MyLayer<5, 3>, layer2: MyLayer<3, 2> }
///
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let model = MyNet::init(rng);
/// let x: Tensor<[[f32; 5]; 10]> = Tensor::randn(rng);
/// let (loss, grads) = model.gradients(&x, |y| mse_loss(y, &Tensor::zeros(), Reduction::Sum));
/// assert!(loss.is_finite() && grads.norm() > 0.0);
/// ```
#[doc(inline)]
pub use adamant_derive::forward;
pub use adamant_derive::layer;
#[doc(hidden)]
pub use adamant_derive::sequential as __sequential;
#[doc(hidden)]
pub use adamant_derive::weights as __weights;
pub use rand;
pub use shape::{Element, Shape};
pub use simd::Float;
pub use tensor::{Buffer, Tensor};

/// The type of a chain of layers: `Sequential![Linear<64, 32>, Relu, Linear<32, 10>]` is
/// `Sequential<(Linear<64, 32>, (Relu, Linear<32, 10>))>`.
#[macro_export]
macro_rules! Sequential {
    () => { ::core::compile_error!("a chain has at least one layer: `Sequential![Linear<3, 2>, Relu]`") };
    ($($layers:tt)*) => { $crate::__sequential!($crate; $($layers)*) };
}

/// The value of a chain of layers: `sequential![Linear::init(rng), Relu, Linear::init(rng)]`. Its type is what
/// [`Sequential!`](macro@Sequential) writes for the layers' types.
///
/// ```
/// use adamant::prelude::*;
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let net: Sequential![Linear<4, 8>, Dropout, Linear<8, 1>] =
///     sequential![Linear::init(rng), Dropout::new(0.1), Linear::init(rng)];
/// ```
#[macro_export]
macro_rules! sequential {
    (@chain $layer:expr $(,)?) => { $layer };
    (@chain $layer:expr, $($rest:expr),+ $(,)?) => { ($layer, $crate::sequential!(@chain $($rest),+)) };
    ($($layer:expr),+ $(,)?) => { $crate::nn::Sequential($crate::sequential!(@chain $($layer),+)) };
}

/// The model whose tensors a [safetensors](https://github.com/huggingface/safetensors) file holds, in a constant: they lie in flash
/// (`.rodata`), and nothing is copied when the program runs.
///
/// ```
/// use adamant::prelude::*;
///
/// type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
/// static NET: Net = weights!("tests/models/digits_mlp.safetensors");
///
/// let logits: Tensor<[f32; 10]> = NET.forward(&Tensor([0.5; 64]));
/// ```
///
/// The file's path is meant from the folder of the crate's `Cargo.toml`; the program is built anew when the file changes. (A file's bytes,
/// `weights!(b"…")`, may stand there, too, for macros that make them.) The type of
/// the `static` says which tensors the file must hold: exactly those, in these shapes, under PyTorch's names and in PyTorch's layouts
/// (a transposed weight is transposed here; `num_batches_tracked` is passed over). What does not fit is a compile error:
///
/// ```text
/// error[E0080]: evaluation panicked: tensor `0.weight` is [32, 64] in `digits_mlp.safetensors`, and the model has [63, 32] (which
///               PyTorch stores as [32, 63])
/// ```
///
/// | after the path | |
/// |---|---|
/// | `prefix = "encoder."` | the model is what has names that begin so, and the rest of the file is somebody else's: a base in flash, a head in RAM |
/// | `names("0" = "fc1", …)` | what the file calls a part of the model: its `fc1.weight` is the model's `0.weight` |
/// | `ignore("head", …)` | these tensors of the file, and those below them, are not the model's |
/// | `as f32`, `as f64` | floats of another type (`F16`, `BF16`, `F32`, `F64`) are converted |
///
/// [`Load`](weights::Load) has the same for files at run time.
///
/// Settings ([`Dropout`](nn::Dropout)'s probability, an `eps`) are no tensors: they are those of [`BLANK`](init::Init::BLANK). A part
/// that may be absent (an `Option`) is there if the file has tensors of it. What is borrowed is no part of the model: it is a `static`
/// of its own.
///
/// Keep the model in a `static`; a `const` is copied to each place that uses it. A million parameters take the compiler half a second. A
/// chain of more than 62 layers needs `#![recursion_limit = "256"]` in the first line of the crate, as the compiler says.
#[doc(alias("include_bytes", "safetensors", "load_state_dict", "from_pretrained", "flash"))]
#[macro_export]
macro_rules! weights {
    ($($what:tt)*) => { $crate::__weights!($crate; $($what)*) };
}

/// Everything that a program needs to define, train and run a model: `use adamant::prelude::*`.
pub mod prelude {
    pub use crate::data::*;
    pub use crate::init::{self, Init};
    #[doc(hidden)]
    pub use crate::instead::{Backward as _, Eval as _, ZeroGrad as _};
    pub use crate::loss::*;
    pub use crate::nn::*;
    pub use crate::optim::*;
    pub use crate::stream::{Stream, Streamable, Streaming};
    pub use crate::tensor::{Idx, Tensor1, Tensor2, Tensor3, Tensor4};
    pub use crate::weights::{Checkpoint, Load, LoadError, StateDict};
    pub use crate::{Buffer, Float, Module, Sequential, Shape, Tensor, forward, sequential, weights};
    pub use rand::rngs::SmallRng;
    pub use rand::{Rng, RngExt, SeedableRng};
}

/// The code in the README and in the comparison runs, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../COMPARE.md")]
struct Pages;
