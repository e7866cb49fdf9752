//! Tokens and their places in the source.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote;

/// The tokens with each changed by `change`, a group after those inside it.
pub fn changed(tokens: TokenStream, change: &dyn Fn(TokenTree) -> TokenTree) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), changed(group.stream(), change));
            inner.set_span(group.span());
            change(TokenTree::Group(inner))
        }
        token => change(token),
    });
    tokens.collect()
}

/// The same tokens in one place of the source.
pub fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    changed(tokens, &|mut token| {
        token.set_span(span.resolved_at(token.span()));
        token
    })
}

/// Tokens of a tuple.
pub fn tuple(parts: impl IntoIterator<Item = TokenStream>) -> TokenStream {
    let parts = parts.into_iter();
    quote!((#(#parts,)*))
}
