//! `Sequential!`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Token, Type};

/// One type or more, separated by commas.
pub fn parse(input: ParseStream) -> syn::Result<Vec<Type>> {
    let layers = Punctuated::<Type, Token![,]>::parse_terminated(input)?;
    if layers.is_empty() {
        return Err(syn::Error::new(Span::call_site(), "a chain has at least one layer: `Sequential![Linear<3, 2>, Relu]`"));
    }
    Ok(layers.into_iter().collect())
}

/// Nests the layers in the second places of pairs.
pub fn chain(layers: Vec<Type>) -> TokenStream {
    let nested = layers.into_iter().map(|layer| quote!(#layer)).rev().reduce(|rest, layer| quote!((#layer, #rest)));
    quote!(::adamant::nn::Sequential<#nested>)
}
