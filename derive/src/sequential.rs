//! `Sequential!`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Token, Type};

/// The path of this crate, a semicolon, and one type or more, separated by commas.
pub fn parse(input: ParseStream) -> syn::Result<(TokenStream, Vec<Type>)> {
    let mut path = TokenStream::new();
    while !input.peek(Token![;]) {
        path.extend([input.parse::<TokenTree>()?]);
    }
    input.parse::<Token![;]>()?;
    let layers = Punctuated::<Type, Token![,]>::parse_terminated(input)?;
    Ok((path, layers.into_iter().collect()))
}

/// Nests the layers in the second places of pairs.
pub fn chain((path, layers): (TokenStream, Vec<Type>)) -> TokenStream {
    let nested = layers.into_iter().map(|layer| quote!(#layer)).rev().reduce(|rest, layer| quote!((#layer, #rest)));
    quote!(#path::nn::Sequential<#nested>)
}
