//! What `weights!` is told.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Lit, LitByteStr, LitStr, Token};

use super::header::{Dtype, Tensor};

/// The file.
pub enum Source {
    /// By its path.
    Path(LitStr),
    /// As it is.
    Bytes(LitByteStr),
}

impl Parse for Source {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let what = "`weights!` takes a file's path as a text: `static NET: Net = weights!(\"model.safetensors\");`";
        match input.parse() {
            Ok(Lit::Str(path)) => Ok(Self::Path(path)),
            Ok(Lit::ByteStr(bytes)) => Ok(Self::Bytes(bytes)),
            Ok(other) => Err(syn::Error::new(other.span(), what)),
            Err(e) => Err(syn::Error::new(e.span(), what)),
        }
    }
}

/// The path of this crate, a semicolon, the file, and settings.
pub struct Options {
    /// Where this crate is found.
    pub krate: TokenStream,
    /// The file.
    pub source: Source,
    /// `prefix = "…"`: the model is what has names that begin so.
    pub prefix: Option<LitStr>,
    /// `names("0" = "fc1")`: what the file calls a part of the model.
    names: Vec<(String, String)>,
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
        let source = input.parse()?;
        let mut options = Self { krate, source, prefix: None, names: vec![], dtype: None, ignored: vec![] };
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
            "names" => self.names.extend(in_brackets(input)?.iter().map(|Pair(model, file)| (model.value(), file.value()))),
            "ignore" => self.ignored.extend(in_brackets(input)?.iter().map(LitStr::value)),
            _ => return Err(syn::Error::new(name.span(), TAKES)),
        }
        Ok(())
    }

    /// What stands before the names.
    pub fn prefix(&self) -> String {
        self.prefix.as_ref().map(LitStr::value).unwrap_or_default()
    }

    /// The tensors that are the model's, with the names that they have there, in order.
    pub fn chosen(&self, tensors: Vec<Tensor>) -> Vec<Tensor> {
        let prefix = self.prefix();
        let below = tensors.into_iter().filter_map(|tensor| {
            let name = self.renamed(tensor.name.strip_prefix(&prefix)?);
            Some(Tensor { name, ..tensor })
        });
        let mut chosen: Vec<Tensor> = below.filter(|tensor| !tensor.counts_batches() && !self.ignores(&tensor.name)).collect();
        chosen.sort_by(|a, b| a.name.cmp(&b.name));
        chosen
    }

    /// The model's name of what the file calls so.
    fn renamed(&self, name: &str) -> String {
        let mut fitting = self.names.iter().filter_map(|(model, file)| Some((model, rest(name, file)?)));
        match fitting.next() {
            Some((model, "")) => model.clone(),
            Some((model, rest)) => format!("{model}.{rest}"),
            None => name.to_owned(),
        }
    }

    fn ignores(&self, name: &str) -> bool {
        self.ignored.iter().any(|part| rest(name, part).is_some())
    }
}

/// What follows a part of a name, if the name is that or below it. Everything is below the empty name.
fn rest<'n>(name: &'n str, part: &str) -> Option<&'n str> {
    match name.strip_prefix(part)? {
        _ if part.is_empty() => Some(name),
        "" => Some(""),
        below => below.strip_prefix('.'),
    }
}

/// A part's name in the model and in the file.
struct Pair(LitStr, LitStr);

impl Parse for Pair {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let model = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self(model, input.parse()?))
    }
}

/// Several of them, separated by commas.
fn in_brackets<T: Parse>(input: ParseStream) -> syn::Result<Punctuated<T, Token![,]>> {
    let inside;
    syn::parenthesized!(inside in input);
    Punctuated::parse_terminated(&inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_models() {
        let parse = |text: &str| syn::parse_str::<Options>(&format!("a::b; \"net.safetensors\" {text}")).unwrap();
        let options = parse(r#", names("0" = "fc1", "2.weight" = "kernel", "body" = ""), ignore("0.bias"),"#);
        assert_eq!(
            ["fc1", "fc1.weight", "kernel", "fc10.x"].map(|name| options.renamed(name)),
            ["0", "0.weight", "2.weight", "body.fc10.x"]
        );
        assert_eq!(["0.bias", "0.bias.x", "0.biases", "0"].map(|name| options.ignores(name)), [true, true, false, false]);
        let options = parse(r#", as f64, prefix = "encoder.""#);
        assert_eq!(
            (options.prefix().as_str(), options.dtype.map(|d| d.size), options.krate.to_string().as_str()),
            ("encoder.", Some(8), "a :: b")
        );
        for wrong in ["as u8", "lenient", "prefix", "names(\"a\")", "ignore(a)", "as f32 as f64"] {
            assert!(syn::parse_str::<Options>(&format!("a; \"x\", {wrong}")).is_err(), "{wrong}");
        }
    }
}
