//! The macro of [`adamant-onnx`](https://docs.rs/adamant-onnx), which re-exports it.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::path::{Path, PathBuf};
use std::str::FromStr;

use adamant_onnx_import::{Import, Imported};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{LitInt, LitStr, Token, Visibility};

/// A model out of an ONNX file, when the program is compiled: its type and what that is made of, and a `static` that holds its weights,
/// in flash.
///
/// ```ignore
/// use adamant::prelude::*;
/// use adamant_onnx::onnx;
///
/// onnx!(Digits, "tests/models/mlp.onnx"); // `Digits`, a type, and `DIGITS`, the model
///
/// let logits: Tensor<[f32; 10]> = DIGITS.forward(&Tensor([0.5; 64]));
/// let mut mine: Digits = DIGITS; // a copy in RAM, which trains
/// ```
///
/// The file's path is meant from the folder of the crate's `Cargo.toml`, and the program is built anew when the file changes. What the
/// command `adamant-onnx` writes for the same file is what stands here; `pub Digits` makes all of it public. A size that the file only
/// names follows the path: `onnx!(Tagger, "tagger.onnx", sequence = 32)`. What is not supported is a compile error that names the node.
#[proc_macro]
pub fn onnx(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let request = syn::parse_macro_input!(input as Request);
    request.written().unwrap_or_else(syn::Error::into_compile_error).into()
}

/// What stands between the brackets.
struct Request {
    visibility: Visibility,
    name: Ident,
    path: LitStr,
    sizes: Vec<(String, usize)>,
}

const TAKES: &str = "`onnx!` takes the model's name and a file: `onnx!(Net, \"net.onnx\")`; then sizes that the file only names, `sequence = 32`";

impl Parse for Request {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let takes = |e: syn::Error| syn::Error::new(e.span(), TAKES);
        let (visibility, name) = (input.parse()?, input.parse().map_err(takes)?);
        input.parse::<Token![,]>().map_err(takes)?;
        let mut request = Self { visibility, name, path: input.parse().map_err(takes)?, sizes: vec![] };
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let name: Ident = input.parse().map_err(takes)?;
            input.parse::<Token![=]>().map_err(takes)?;
            request.sizes.push((name.to_string(), input.parse::<LitInt>().map_err(takes)?.base10_parse()?));
        }
        if input.is_empty() { Ok(request) } else { Err(input.error(TAKES)) }
    }
}

impl Request {
    fn written(&self) -> syn::Result<TokenStream> {
        let at = |what: String| syn::Error::new(self.path.span(), what);
        let given = self.path.value();
        let path = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default().join(Path::new(&given));
        let whole = path.to_str().ok_or_else(|| at(format!("`{}` is not UTF-8", path.display())))?;
        let import =
            self.sizes.iter().fold(Import::new(self.name.to_string()), |import, (name, size)| import.size(name, *size));
        let imported = import.file(&path).map_err(|e| at(format!("`{given}`: {e}")))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let others = imported.others.iter().filter_map(|other| Some(folder.join(other).to_str()?.to_owned()));
        let files: Vec<String> = std::iter::once(whole.to_owned()).chain(others).collect();
        self.items(&imported, &files)
    }

    /// The model in a module of its own, so that what it uses is not what the program uses.
    fn items(&self, imported: &Imported, files: &[String]) -> syn::Result<TokenStream> {
        let Self { visibility, name, .. } = self;
        let upper = screaming(&name.to_string());
        let module = Ident::new(&format!("__onnx_{}", upper.to_lowercase()), name.span());
        let upper = Ident::new(&upper, name.span());
        let source = TokenStream::from_str(&imported.source).map_err(|e| syn::Error::new(name.span(), e.to_string()))?;
        let weights = Literal::byte_string(&imported.weights);
        Ok(quote! {
            #[allow(dead_code, reason = "the program may use the model, or its type, or parts of it")]
            mod #module {
                #source
                /// The model, as its file has it.
                pub static #upper: #name = weights!(#weights);
                // It is how cargo knows of the files.
                #(const _: &[u8] = ::core::include_bytes!(#files);)*
            }
            #[allow(unused_imports, reason = "the program may use one of them")]
            #visibility use #module::*;
        })
    }
}

/// `DigitsNet` as `DIGITS_NET`.
fn screaming(name: &str) -> String {
    let mut result = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && was_lower {
            result.push('_');
        }
        was_lower = !c.is_ascii_uppercase();
        result.push(c.to_ascii_uppercase());
    }
    result
}
