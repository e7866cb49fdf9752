//! What `#[module(…)]` says.

use proc_macro2::TokenStream;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, LitInt, LitStr, Path};

/// `#[module(custom(…))]` on the struct: what its author writes.
#[derive(Default)]
pub struct Custom {
    pub forward: bool,
    pub init: bool,
    pub display: bool,
    pub check: bool,
}

/// `#[module(…)]` on the struct.
#[derive(Default)]
pub struct Options {
    pub custom: Custom,
    /// `crate = …`: where this crate is found.
    pub path: Option<Path>,
    /// `display(…)`: what `write!` takes.
    pub display: Option<TokenStream>,
}

/// `#[module(…)]` on a field.
#[derive(Default)]
pub struct FieldOptions {
    pub name: Option<LitStr>,
    pub value: Option<Expr>,
    pub fill: Option<Expr>,
    pub init: Option<Expr>,
    pub transposed: bool,
    pub fused: bool,
    pub layer: Option<LitInt>,
    pub layers: Option<LitInt>,
}

/// Reads every `#[module(…)]` among the attributes.
fn each(attributes: &[Attribute], mut read: impl FnMut(ParseNestedMeta) -> syn::Result<()>) -> syn::Result<()> {
    let own = attributes.iter().filter(|a| a.path().is_ident("module"));
    own.into_iter().try_for_each(|a| a.parse_nested_meta(&mut read))
}

impl Options {
    pub fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut options = Self::default();
        each(attributes, |meta| {
            match () {
                () if meta.path.is_ident("crate") => options.path = Some(meta.value()?.call(Path::parse_mod_style)?),
                () if meta.path.is_ident("custom") => options.custom.read(&meta)?,
                () if meta.path.is_ident("display") => options.display = Some(format(&meta)?),
                () => {
                    return Err(meta.error(
                        "on a struct, `#[module(…)]` takes `custom(forward, init, display, check)`, any of the four, \
                         `display(\"…\", …)` and `crate = …`",
                    ));
                }
            }
            Ok(())
        })?;
        match &options.display {
            Some(display) if options.custom.display => Err(syn::Error::new_spanned(
                display,
                "`display(…)` writes the `Display` that `custom(display)` says you write: one of the two",
            )),
            _ => Ok(options),
        }
    }
}

impl Custom {
    fn read(&mut self, meta: &ParseNestedMeta) -> syn::Result<()> {
        meta.parse_nested_meta(|what| {
            let place = match () {
                () if what.path.is_ident("forward") => &mut self.forward,
                () if what.path.is_ident("init") => &mut self.init,
                () if what.path.is_ident("display") => &mut self.display,
                () if what.path.is_ident("check") => &mut self.check,
                () => return Err(what.error("`custom` takes `forward`, `init`, `display` and `check`")),
            };
            *place = true;
            Ok(())
        })
    }
}

impl FieldOptions {
    pub fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut options = Self::default();
        each(attributes, |meta| {
            match () {
                () if meta.path.is_ident("transposed") => options.transposed = true,
                () if meta.path.is_ident("fused") => options.fused = true,
                () if meta.path.is_ident("layer") => options.layer = Some(meta.value()?.parse()?),
                () if meta.path.is_ident("layers") => options.layers = Some(meta.value()?.parse()?),
                () if meta.path.is_ident("name") => options.name = Some(meta.value()?.parse()?),
                () if meta.path.is_ident("value") => options.value = Some(expression(&meta, "`value = …` takes a constant")?),
                () if meta.path.is_ident("fill") => options.fill = Some(expression(&meta, FILL)?),
                () if meta.path.is_ident("init") => options.init = Some(expression(&meta, INIT)?),
                () => {
                    return Err(meta.error(
                        "on a field, `#[module(…)]` takes `name = \"…\"`, `value = …`, `fill = …`, `init = …`, `transposed`, \
                         `fused`, `layer = …` and `layers = …`",
                    ));
                }
            }
            Ok(())
        })?;
        match (&options.fill, &options.value) {
            (Some(fill), None) => {
                Err(syn::Error::new_spanned(fill, "`fill = …` makes in place what `value = …` says: it needs both"))
            }
            _ => Ok(options),
        }
    }
}

const FILL: &str = "`fill = …` takes a function `fn(Slot<'_, Field>) -> Filled<'_, Field>`";
const INIT: &str = "`init = …` takes a function or a closure of the field and a random generator: `|field, rng| …`";

/// What stands after `=`.
fn expression(meta: &ParseNestedMeta, takes: &str) -> syn::Result<Expr> {
    let input = meta.value()?;
    if input.is_empty() {
        return Err(syn::Error::new(input.span(), takes));
    }
    input.parse()
}

/// What stands in `display(…)`.
fn format(meta: &ParseNestedMeta) -> syn::Result<TokenStream> {
    let takes = "`display(…)` takes what `write!` does: `display(\"MyLayer({N}, eps={})\", self.eps)`";
    let wrong = |input: ParseStream| syn::Error::new(input.span(), takes);
    if !meta.input.peek(syn::token::Paren) {
        return Err(wrong(meta.input));
    }
    let inside;
    syn::parenthesized!(inside in meta.input);
    if !inside.peek(LitStr) {
        return Err(wrong(&inside));
    }
    inside.parse()
}
