//! The procedural macros of [`adamant`](https://docs.rs/adamant): `#[derive(Module)]`, `#[forward]` and
//! `Sequential!`.
//!
//! | file | macro |
//! |---|---|
//! | `module.rs` | `#[derive(Module)]`: parameters, gradients, initialisation, printing, chaining |
//! | `attributes.rs` | what `#[module(…)]` says |
//! | `forward/` | `#[forward]`: the backward pass from the forward pass |
//! | `sequential.rs` | `Sequential!`: a chain's type |

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod attributes;
mod forward;
mod module;
mod sequential;

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
/// - for a struct whose fields are all layers, `Module` and `Backprop`: the fields are chained in order.
///
/// # Attributes
///
/// On the struct, `#[module(custom(forward, init, display))]`: what you write yourself, any of the three. A struct with a
/// `Param` or `Tensor` field is never chained, so there `forward` need not be named.
///
/// On a field:
/// - `#[module(name = "…")]`: the name that files know it by;
/// - `#[module(value = …)]`: the constant that it starts from (`#[module(value = 1e-5)] eps: f32`);
/// - `#[module(init = path)]`: a function `fn(&mut Field, &mut R)` that gives it its starting value;
/// - `#[module(transposed)]`: PyTorch stores this tensor with its last two dimensions exchanged.
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    module::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The type of a chain of layers: `Sequential![Linear<64, 32>, Relu, Linear<32, 10>]` is
/// `Sequential<(Linear<64, 32>, (Relu, Linear<32, 10>))>`.
#[proc_macro]
#[allow(non_snake_case, reason = "it stands for a type")]
pub fn Sequential(input: TokenStream) -> TokenStream {
    let layers = syn::parse_macro_input!(input with sequential::parse);
    sequential::chain(layers).into()
}

/// Derives a layer's backward pass from its forward pass.
#[proc_macro_attribute]
pub fn forward(options: TokenStream, item: TokenStream) -> TokenStream {
    let item = syn::parse_macro_input!(item as syn::ItemImpl);
    forward::expand(&options.into(), &item).into()
}
