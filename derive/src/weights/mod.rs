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

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use header::Tensor;
pub use options::Options;

/// The expression that makes the model: what the crate's `weights::constant` reads, from a file that is read here.
pub fn expand(options: &Options) -> syn::Result<TokenStream> {
    let error = |what: String| syn::Error::new(options.path.span(), what);
    let path = path(&options.path.value());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = std::fs::read(&path).map_err(|e| error(format!("`{}` cannot be read: {e}", path.display())))?;
    let (tensors, data) = header::read(&file).map_err(|e| error(format!("`{name}`: {e}")))?;
    let tensors = options.chosen(tensors);
    if let Some([one, _]) = tensors.array_windows().find(|[a, b]| a.name == b.name) {
        return Err(error(format!("two tensors of `{name}` are the model's `{}`", one.name)));
    }
    if let Some(prefix) = options.prefix.as_ref().filter(|_| tensors.is_empty()) {
        let what = format!("no tensor of `{name}` has a name that begins with `{}`", options.prefix());
        return Err(syn::Error::new(prefix.span(), what));
    }
    let whole =
        path.to_str().ok_or_else(|| error(format!("`{}` is not UTF-8, which `include_bytes!` needs", path.display())))?;
    Ok(written(options, &name, whole, file.len(), &tensors, data))
}

/// A path is meant from the folder of the crate's `Cargo.toml`.
fn path(given: &str) -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    root.join(Path::new(given))
}

fn written(options: &Options, name: &str, path: &str, len: usize, tensors: &[Tensor], data: &[u8]) -> TokenStream {
    let krate = &options.krate;
    let (mut stored, mut converted, mut transposed) = (vec![], vec![], vec![]);
    for tensor in tensors {
        let (mut dtype, mut bytes, mut start) = (tensor.dtype, &data[tensor.data.clone()], tensor.data.start);
        if let Some(to) = options.dtype {
            start = converted.len();
            dtype = numbers::convert(bytes, dtype, to, &mut converted);
            bytes = &converted[start..];
        }
        let turned = transposed.len();
        numbers::transpose(bytes, &tensor.dims, dtype.size, &mut transposed);
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
        // It is also how cargo knows of the file.
        const BYTES: &[u8] = ::core::include_bytes!(#path);
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
