//! What `weights!` is told.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{LitStr, Token};

use super::header::{Dtype, Tensor};

/// The path of this crate, a semicolon, the file's path, and settings.
pub struct Options {
    /// Where this crate is found.
    pub krate: TokenStream,
    /// The file.
    pub path: LitStr,
    /// `prefix = "…"`: the model is what has names below this one.
    pub prefix: Option<LitStr>,
    /// `as f32`: what all floats are converted to.
    pub dtype: Option<Dtype>,
    /// `ignore("…")`: parts of the file that are not the model's.
    ignored: Vec<String>,
}

const TAKES: &str =
    "after the file's path, `weights!` takes `prefix = \"encoder\"`, `as f32` or `as f64`, and `ignore(\"head\", …)`";

impl Parse for Options {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut krate = TokenStream::new();
        while !input.peek(Token![;]) {
            krate.extend([input.parse::<TokenTree>()?]);
        }
        input.parse::<Token![;]>()?;
        let path = input.parse().map_err(|e| {
            let what = "`weights!` takes a file's path as a text: `static NET: Net = weights!(\"model.safetensors\");`";
            syn::Error::new(e.span(), what)
        })?;
        let mut options = Self { krate, path, prefix: None, dtype: None, ignored: vec![] };
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            options.setting(input)?;
        }
        if input.is_empty() { Ok(options) } else { Err(input.error(TAKES)) }
    }
}

impl Options {
    fn setting(&mut self, input: ParseStream) -> syn::Result<()> {
        if input.parse::<Option<Token![as]>>()?.is_some() {
            let ty: Ident = input.parse()?;
            self.dtype = Some(Dtype::of_rust(&ty.to_string()).ok_or_else(|| syn::Error::new(ty.span(), TAKES))?);
            return Ok(());
        }
        let name: Ident = input.parse().map_err(|e| syn::Error::new(e.span(), TAKES))?;
        match name.to_string().as_str() {
            "prefix" => {
                input.parse::<Token![=]>()?;
                self.prefix = Some(input.parse()?);
            }
            "ignore" => {
                let inside;
                syn::parenthesized!(inside in input);
                let names = Punctuated::<LitStr, Token![,]>::parse_terminated(&inside)?;
                self.ignored.extend(names.iter().map(LitStr::value));
            }
            _ => return Err(syn::Error::new(name.span(), TAKES)),
        }
        Ok(())
    }

    /// What stands before the names, with its dot.
    pub fn prefix(&self) -> String {
        let name = self.prefix.as_ref().map(LitStr::value).unwrap_or_default();
        if name.is_empty() || name.ends_with('.') { name } else { name + "." }
    }

    /// The tensors that are the model's, with the names that they have there, in order.
    pub fn chosen(&self, tensors: Vec<Tensor>) -> Vec<Tensor> {
        let prefix = self.prefix();
        let below = tensors.into_iter().filter_map(|tensor| {
            let name = tensor.name.strip_prefix(&prefix)?.to_owned();
            Some(Tensor { name, ..tensor })
        });
        let mut chosen: Vec<Tensor> = below.filter(|tensor| !tensor.counts_batches() && !self.ignores(&tensor.name)).collect();
        chosen.sort_by(|a, b| a.name.cmp(&b.name));
        chosen
    }

    /// Whether the name is one of those that are ignored, or below it.
    fn ignores(&self, name: &str) -> bool {
        self.ignored.iter().any(|part| name.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }
}
