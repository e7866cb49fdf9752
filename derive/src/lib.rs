//! The procedural macros of [`adamant`](https://docs.rs/adamant): `#[derive(Module)]`, `#[forward]`,
//! `Sequential!` and `weights!`.
//!
//! | file | macro |
//! |---|---|
//! | `module/` | `#[derive(Module)]`: parameters, gradients, initialisation, printing, chaining |
//! | `attributes.rs` | what `#[module(…)]` says |
//! | `claim.rs` | that a struct has a forward pass of its own |
//! | `renamed.rs` | the crate under another name |
//! | `forward/` | `#[forward]`: the backward pass from the forward pass |
//! | `layer.rs` | `#[layer]`: `Module` and `Backprop` of a layer whose two backward functions are written by hand |
//! | `sequential.rs` | `Sequential!`: a chain's type |
//! | `weights/` | `weights!`: a model out of a file, when the program is compiled |

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod attributes;
mod claim;
mod forward;
mod layer;
mod module;
mod renamed;
mod sequential;
mod weights;

use proc_macro::TokenStream;

/// Makes a struct a layer or a model.
///
/// It finds parameters by type: a `Param` trains, a plain `Tensor` is state that is saved and not trained, another layer brings
/// its own, a plain number is a setting. Parameters are named after their fields, as in PyTorch.
///
/// What it writes:
/// - `Parameters`: the walks over all tensors, counts as constants, and a struct of gradients with the same field names;
/// - `Init`: `MyNet::init(&mut rng)`, field by field;
/// - `Display`: what PyTorch prints;
/// - `MyNet::check::<Input>()`, which checks at compile time that the model takes an input;
/// - for a struct whose fields are all layers, `Module` and `Backprop`: the fields are chained in order. And `Stream`, if none of them
///   borrows: frame by frame, if the layers stream.
///
/// # What a layer is
///
/// Types decide it, not their names: a layer may be called `TensorTrain`, and a parameter may hide behind an alias. A struct with a
/// field that is no layer (a `Param`, a tensor, a number, an array or an option) has no forward pass until `#[forward]` or an `impl`
/// gives it one. Only what is *called* `Param`, `Tensor` or as a number is believed to be one without that question, and where it is
/// a layer of that name the compiler says so at once. A field whose type is known later (`M`, `B::Layer`) counts as a layer, unless
/// another field is none.
///
/// # Attributes
///
/// On the struct:
/// - `#[module(custom(forward, init, display, check))]`: what you write yourself, any of the four. Where a field is no layer, `forward`
///   need not be named, and where one is a reference, `init` need not;
/// - `#[module(display("MyLayer({IN}, eps={})", self.eps))]`: how it is printed, as `write!` takes it;
/// - `#[module(crate = path)]`: where this crate is found, if it has another name (`adm = { package = "adamant", … }`) or stands in
///   another crate (`crate = mylib::adamant`). `#[forward(crate = path)]` says the same. `extern crate adm as adamant;` at the root of
///   your crate says it for all.
///
/// On a field:
/// - `#[module(name = "…")]`: the name that files know it by;
/// - `#[module(value = …)]`: the constant that it starts from (`#[module(value = 1e-5)] eps: f32`);
/// - `#[module(init = …)]`: a function `fn(&mut Field, &mut R)` that gives it its starting value, or a closure:
///   `#[module(init = |weight, rng| init::uniform(weight, -0.1, 0.1, rng))]`;
/// - `#[module(value = …, fill = …)]`: for a constant that is large, a function `fn(Slot<'_, Field>) -> Filled<'_, Field>` that makes it
///   in place (`adamant::heap` says why), so that it stands neither on the stack nor in the executable;
/// - `#[module(transposed)]`: PyTorch stores this tensor with its last two dimensions exchanged;
/// - `#[module(fused)]`: for PyTorch, and in a file, its last two dimensions are one and all before them another one, as of the gates
///   that one product computes. With `transposed` a `[[[f32; H]; 4]; IN]` is stored as `[4·H, IN]`;
/// - `#[module(layer = 0)]`, and `#[module(layers = 1)]` of an array: the layer's number stands behind the names of its tensors, as in a
///   recurrent network (`weight_ih_l0`); where it is an array itself, its second item's are `weight_ih_l0_reverse`.
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    module::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// What `Sequential!` is written with: `sequential!($crate; Linear<64, 32>, Relu)` is `$crate::nn::Sequential<(Linear<64, 32>, Relu)>`.
#[doc(hidden)]
#[proc_macro]
pub fn sequential(input: TokenStream) -> TokenStream {
    let layers = syn::parse_macro_input!(input with sequential::parse);
    sequential::chain(layers).into()
}

/// What `weights!` is written with: `weights!($crate; "model.safetensors")`.
#[doc(hidden)]
#[proc_macro]
pub fn weights(input: TokenStream) -> TokenStream {
    let options = syn::parse_macro_input!(input as weights::Options);
    weights::expand(&options).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Writes a layer's backward pass from its forward pass, as PyTorch's autograd does, but when the layer is compiled: straight
/// code over buffers on the stack, nothing recorded, nothing boxed.
///
/// ```text
/// #[derive(Module)]
/// struct Gated {
///     hidden: Linear<4, 4>,
///     scale: Param<[f32; 4]>,
/// }
///
/// #[forward]
/// impl Gated {
///     fn forward<const B: usize>(&self, x: Tensor<[[f32; 4]; B]>) -> Tensor<[[f32; 4]; B]> {
///         let gate = self.hidden.forward(x).sigmoid();
///         x + gate * (x * &self.scale).tanh()
///     }
/// }
/// ```
///
/// The function stays as it is, but that it is called with a value or a reference, `layer.forward(x)` or `layer.forward(&x)`, as every
/// layer. Beside it stand `Module` (evaluation calls the function) and `Backprop` with its three entries:
/// all gradients, those of the parameters alone, that of the input alone.
///
/// # What a forward pass is made of
///
/// | | |
/// |---|---|
/// | input | one argument, by value or by reference. Of several, those by value get a gradient; one by reference and a plain number are constants. `Module`'s input is then the tuple of the arguments' types |
/// | output | a tensor, or a tuple |
/// | parameters | `&self.weight`, of inner structs and tuples too (`&self.block.gate.weight`, `&self.pair.0`), of arrays (`&self.weights[i]`). A `Param` gets a gradient, a plain `Tensor` does not |
/// | settings | `self.eps` by value, literals, constants, const parameters, and any expression of such |
/// | layers | `self.hidden.forward(x)`, `(self.act)(x)`, with several inputs `self.cell.forward(x, h)`; `self.layers[i].forward(x)` |
/// | operators | `+ - * /` and unary `-`, between tensors and numbers |
/// | operations | `Tensor::stack::<0>([a, b, c])`, the methods of `Tensor` that have a type of the same name in `adamant::ops` (`x.square()` is `ops::Square`), `x.apply(MyOperation)` and `x.apply2(MyOperation, &y)` for one's own, `x.detach()` |
/// | statements | `let` with tuples, shadowing and types; blocks; `let mut` with `=`, `+=`, `-=`, `*=`, `/=`; items in the function's own block |
/// | loops | `for t in 0..T`, which carries variables on (`h = self.cell.forward(x.row(t), h);`) |
/// | branches | `if` on a constant: a const parameter, a setting, `cfg!(…)` |
///
/// Everything else is an error that says what to write instead.
///
/// # What it costs
///
/// What a chain of layers with backward passes by hand costs: an MLP takes the same instructions and the same stack, whether its
/// activations are layers or methods, and 2 % more instructions and 3 % more stack where its dense layers are operations, too
/// (`cargo bench --bench derived_backward`). `MACS`, `FORWARD_BYTES` and `BACKPROP_BYTES` say what it is for each input, and
/// `summary` lists the layers inside. (An `if` counts as the larger of its branches.)
///
/// A layer that is called in one place encloses the rest: its output's buffer becomes the output's gradient. So does an operation
/// whose first operand is read by nothing else, and that operand's buffer becomes its gradient. A value that is read several times
/// has a buffer for its gradient beside it, and so have what comes after the 32nd operation of a function and what a loop gives.
///
/// A layer that is called in several places (shared weights) or from a loop keeps its inputs instead and runs forward once more on
/// the way back. It sees the same masks, noise and statistics again: what its gradients carried is put back before, and running
/// statistics advance once for each call. A loop keeps what it carries for each iteration, and runs its body once more on the way
/// back. The rest of the function follows in each branch of an `if`.
///
/// In training the input gets no gradient, and neither does what operations, or a layer without parameters before another layer,
/// make of it.
///
/// # A struct of layers
///
/// `#[derive(Module)]` chains a struct whose fields are all layers, unless `#[forward]` gives it a forward pass. It does not see an
/// `impl Module` by hand, nor what `#[forward]` gives several instances (`impl Net<3>` beside `impl Net<4>`) or under a bound on numbers
/// alone (`where [f32; N]: ReshapeTo<[f32; M]>`). So say that, or the
/// compiler finds two forward passes (E0119, "conflicting implementations of trait `Module`"):
///
/// ```text
/// #[derive(Module)]
/// #[module(custom(forward))]
/// struct Block<const IN: usize> { narrow: Linear<IN, 2>, widen: Linear<2, 8> }
/// ```
///
/// # The crate under another name
///
/// `#[forward(crate = path)]`, as for the derive.
#[proc_macro_attribute]
pub fn forward(options: TokenStream, item: TokenStream) -> TokenStream {
    forward::expand(&options.into(), item.into()).into()
}

/// Writes `Module` and `Backprop` of a layer from its one `impl Layer<X> for MyLayer`: what it computes, and its two backward functions.
/// The trait `adamant::nn::Layer` says what each is.
#[proc_macro_attribute]
pub fn layer(options: TokenStream, item: TokenStream) -> TokenStream {
    let (options, item) = (options.into(), syn::parse_macro_input!(item as syn::ItemImpl));
    let written = match renamed::option(&options) {
        Some(path) => layer::expand(&item).map(|written| renamed::within(written, path.as_ref())),
        None => Err(syn::Error::new_spanned(options, format!("`#[layer]` takes no options {}", renamed::BUT))),
    };
    written.unwrap_or_else(syn::Error::into_compile_error).into()
}
