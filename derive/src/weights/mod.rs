//! `weights!`.
//!
//! | file | what it does |
//! |---|---|
//! | `options.rs` | what stands between the brackets |
//! | `header.rs` | the header of a safetensors file: which tensors it has, and where |
//! | `json.rs` | as much JSON as such a header is made of |
//! | `numbers.rs` | conversion and transposition |

mod header;
mod json;
mod numbers;
mod options;

use std::path::{Path, PathBuf};

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;

use header::Tensor;
pub use options::Options;
use options::Source;
use syn::LitStr;

/// The expression that makes the model: what the crate's `weights::constant` reads, from a file that is read here.
pub fn expand(options: &Options) -> syn::Result<TokenStream> {
    match &options.source {
        Source::Path(given) => from_path(options, given),
        Source::Bytes(bytes) => model(options, bytes.span(), "the bytes", &bytes.value(), &quote!(#bytes)),
    }
}

/// From a file beside the crate's own.
fn from_path(options: &Options, given: &LitStr) -> syn::Result<TokenStream> {
    let error = |what: String| syn::Error::new(given.span(), what);
    let path = path(&given.value());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = std::fs::read(&path).map_err(|e| error(format!("`{}` cannot be read: {e}", path.display())))?;
    let whole =
        path.to_str().ok_or_else(|| error(format!("`{}` is not UTF-8, which `include_bytes!` needs", path.display())))?;
    // It is also how cargo knows of the file.
    model(options, given.span(), &name, &file, &quote!(::core::include_bytes!(#whole)))
}

/// From the bytes of a file, which the expression `bytes` gives.
fn model(options: &Options, span: Span, name: &str, file: &[u8], bytes: &TokenStream) -> syn::Result<TokenStream> {
    let error = |what: String| syn::Error::new(span, what);
    let (tensors, data) = header::read(file).map_err(|e| error(format!("`{name}`: {e}")))?;
    let tensors = options.chosen(tensors);
    if let Some([one, _]) = tensors.array_windows().find(|[a, b]| a.name == b.name) {
        return Err(error(format!("two tensors of `{name}` are the model's `{}`", one.name)));
    }
    if let Some(prefix) = options.prefix.as_ref().filter(|_| tensors.is_empty()) {
        let what = format!("no tensor of `{name}` has a name that begins with `{}`", options.prefix());
        return Err(syn::Error::new(prefix.span(), what));
    }
    Ok(written(options, name, bytes, file.len(), &tensors, data))
}

/// A path is meant from the folder of the crate's `Cargo.toml`.
fn path(given: &str) -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    root.join(Path::new(given))
}

fn written(options: &Options, name: &str, bytes: &TokenStream, len: usize, tensors: &[Tensor], data: &[u8]) -> TokenStream {
    let krate = &options.krate;
    let (mut stored, mut converted, mut transposed) = (vec![], vec![], vec![]);
    for tensor in tensors {
        let (mut dtype, mut numbers, mut start) = (tensor.dtype, &data[tensor.data.clone()], tensor.data.start);
        if let Some(to) = options.dtype {
            start = converted.len();
            dtype = numbers::convert(numbers, dtype, to, &mut converted);
            numbers = &converted[start..];
        }
        let turned = transposed.len();
        numbers::transpose(numbers, &tensor.dims, dtype.size, &mut transposed);
        let (name, dtype, dims) = (&tensor.name, dtype.name, &tensor.dims);
        stored.push(quote! {
            #krate::weights::constant::Stored { name: #name, dtype: #dtype, dims: &[#(#dims),*], start: #start, transposed: #turned }
        });
    }
    let header = len - data.len();
    let [converted, transposed] = [converted, transposed].map(|bytes| Literal::byte_string(&bytes));
    let data = match options.dtype {
        Some(_) => quote!(#converted),
        None => quote!(BYTES.split_at(#header).1),
    };
    let prefix = options.prefix();
    quote! {{
        const BYTES: &[u8] = #bytes;
        #krate::weights::constant::read(&#krate::weights::constant::File {
            name: #name,
            prefix: #prefix,
            len: #len,
            bytes: BYTES,
            data: #data,
            transposed: #transposed,
            tensors: [#(#stored),*],
        })
    }}
}
