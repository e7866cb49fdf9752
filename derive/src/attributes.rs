//! What `#[module(…)]` says.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, LitStr, Path};

/// `#[module(custom(…))]` on the struct: what its author writes.
#[derive(Default)]
pub struct Custom {
    pub forward: bool,
    pub init: bool,
    pub display: bool,
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

impl Custom {
    pub fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut custom = Self::default();
        each(attributes, |meta| {
            if !meta.path.is_ident("custom") {
                return Err(meta.error("on a struct, `#[module(…)]` takes `custom(forward, init, display)`, any of the three"));
            }
            meta.parse_nested_meta(|what| {
                let place = match () {
                    () if what.path.is_ident("forward") => &mut custom.forward,
                    () if what.path.is_ident("init") => &mut custom.init,
                    () if what.path.is_ident("display") => &mut custom.display,
                    () => return Err(what.error("`custom` takes `forward`, `init` and `display`")),
                };
                *place = true;
                Ok(())
            })
        })?;
        Ok(custom)
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
