//! What `#[module(…)]` says.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, LitStr, Path};

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
}

/// `#[module(…)]` on a field.
#[derive(Default)]
pub struct FieldOptions {
    pub name: Option<LitStr>,
    pub value: Option<Expr>,
    pub init: Option<Path>,
    pub transposed: bool,
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
                () => {
                    return Err(meta.error(
                        "on a struct, `#[module(…)]` takes `custom(forward, init, display, check)`, any of the four, and `crate = …`",
                    ));
                }
            }
            Ok(())
        })?;
        Ok(options)
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
                () if meta.path.is_ident("name") => options.name = Some(meta.value()?.parse()?),
                () if meta.path.is_ident("init") => options.init = Some(meta.value()?.parse()?),
                () if meta.path.is_ident("value") => options.value = Some(expression(&meta)?),
                () => {
                    return Err(meta.error(
                        "on a field, `#[module(…)]` takes `name = \"…\"`, `value = …`, `init = path` and `transposed`",
                    ));
                }
            }
            Ok(())
        })?;
        Ok(options)
    }
}

/// The constant after `value =`.
fn expression(meta: &ParseNestedMeta) -> syn::Result<Expr> {
    let input = meta.value()?;
    if input.is_empty() {
        return Err(syn::Error::new(input.span(), "`value = …` takes a constant"));
    }
    input.parse()
}
