//! `#[derive(Module)]`.
//!
//! | file | what it writes |
//! |---|---|
//! | `part.rs` | (one field: its name, its type, what its attributes say) |
//! | `generics.rs` | (the struct's parameters in the impls) |
//! | `gradients.rs` | the struct of gradients |
//! | `parameters.rs` | `Parameters`, `Display`, the number of parameters as a type |
//! | `init.rs` | `Init` |
//! | `chain.rs` | `Module`, `Backprop` and `Stream` of a struct of layers, `check` |

mod chain;
mod generics;
mod gradients;
mod init;
mod parameters;
mod part;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Data, DeriveInput, Fields, Generics, Ident, Type};

use crate::attributes::{Custom, Options};
use crate::renamed;
use generics::{Lifetimes, mentions};
use part::Part;

/// The struct.
struct Model<'a> {
    input: &'a DeriveInput,
    parts: Vec<Part<'a>>,
    custom: Custom,
    /// How it is printed, if it says so.
    display: Option<TokenStream>,
    lifetimes: Lifetimes,
    /// Its parameters without lifetimes: those of its gradients.
    still: Generics,
    /// What the struct of gradients is called.
    grads: Ident,
}

pub fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        let place = match &input.data {
            Data::Enum(data) => data.enum_token.span,
            Data::Union(data) => data.union_token.span,
            Data::Struct(data) => data.struct_token.span,
        };
        let message = "`#[derive(Module)]` takes a struct: a layer's fields are its parameters and inner layers";
        return Err(syn::Error::new(place, message));
    };
    let options = Options::of(&input.attrs)?;
    let model = Model::of(input, &data.fields, options.custom, options.display)?;
    let items = [
        model.fields(),
        model.gradients(),
        model.parameters(),
        model.count(),
        model.display(),
        model.init(),
        model.check(),
        model.chainable(),
        model.chain(),
    ];
    // What is written is right all the same, so that nothing else is said of it.
    let arrays = model.parts.iter().filter_map(|part| part.check_array().err()).map(syn::Error::into_compile_error);
    let written = quote! {
        #(#arrays)*

        #[doc(hidden)]
        const _: () = {
            use ::adamant::nn as __nn;
            #(#items)*
        };
    };
    Ok(renamed::within(written, options.path.as_ref()))
}

impl<'a> Model<'a> {
    fn of(input: &'a DeriveInput, fields: &'a Fields, custom: Custom, display: Option<TokenStream>) -> syn::Result<Self> {
        let lifetimes = Lifetimes::of(&input.generics);
        let parts: Vec<Part<'_>> =
            fields.iter().enumerate().map(|field| Part::of(field, &lifetimes)).collect::<syn::Result<_>>()?;
        for (i, part) in parts.iter().enumerate() {
            if let Some(name) = &part.options.name
                && parts.iter().enumerate().any(|(j, other)| i != j && part.label() == other.label())
            {
                return Err(syn::Error::new_spanned(name, "two fields have this name"));
            }
        }
        let still = lifetimes.still_generics(&input.generics)?;
        Ok(Self { input, parts, custom, display, still, lifetimes, grads: grads_name(input) })
    }

    /// The fields' types in rows.
    fn rows<'p>(&'p self, ty: impl Fn(&'p Part<'a>) -> &'p Type) -> TokenStream {
        rows(&self.parts, &quote!(__nn::fields::Pair), &|part| ty(part).to_token_stream())
    }
}

/// `MyLayerGrads`. Where the struct mentions such a type of its author's, another name.
fn grads_name(input: &DeriveInput) -> Ident {
    let name = format_ident!("{}Grads", input.ident, span = Span::call_site());
    match mentions(input.to_token_stream(), &[name.to_string()]) {
        true => format_ident!("__{}Grads", input.ident, span = Span::call_site()),
        false => name,
    }
}

/// Initialisers in the struct's own style: `{ a: …, b: … }` works for tuple structs too (`{ 0: … }`).
fn braced(parts: &[Part<'_>], value: impl Fn(&Part<'_>) -> TokenStream) -> TokenStream {
    let fields = parts.iter().map(|part| {
        let (member, value) = (&part.member, value(part));
        quote!(#member: #value)
    });
    quote!({ #(#fields),* })
}

/// Rows of up to eight fields, as pairs of pairs of equal halves.
fn rows<'p, 'a>(parts: &'p [Part<'a>], pair: &TokenStream, field: &impl Fn(&'p Part<'a>) -> TokenStream) -> TokenStream {
    const ROW: usize = 8;
    if parts.len() <= ROW {
        let fields = parts.iter().map(field);
        return quote!((#(#fields,)*));
    }
    let (left, right) = parts.split_at(parts.len().div_ceil(ROW).div_ceil(2) * ROW);
    let (left, right) = (rows(left, pair, field), rows(right, pair, field));
    match pair.is_empty() {
        true => quote!((#left, #right)),
        false => quote!(#pair<#left, #right>),
    }
}
