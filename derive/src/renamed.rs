//! This crate under another name: `crate = …`.
//!
//! What the macros write says `::adamant`. A crate that depends on it by another name, or reaches it through another crate, says where
//! it is; all of what is written is changed in one place. (A look into `Cargo.toml` would find a new name by itself, but not a
//! re-export, and its parser takes longer to build than these macros.)

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

/// What an attribute takes, beside nothing.
pub const BUT: &str = "but `crate = …`, which says where this crate is found if it has another name";

/// What `crate = …` says, if these options are that or nothing.
pub fn option(options: &TokenStream) -> Option<Option<Path>> {
    let option = |input: ParseStream| {
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
        input.call(Path::parse_mod_style)
    };
    if options.is_empty() {
        return Some(None);
    }
    option.parse2(options.clone()).ok().map(Some)
}

/// The tokens with `path` in the place of `::adamant`.
pub fn within(tokens: TokenStream, path: Option<&Path>) -> TokenStream {
    match path {
        Some(path) => replaced(tokens, &path.to_token_stream()),
        None => tokens,
    }
}

fn replaced(tokens: TokenStream, path: &TokenStream) -> TokenStream {
    let mut written: Vec<TokenTree> = vec![];
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replaced(group.stream(), path));
                inner.set_span(group.span());
                written.push(TokenTree::Group(inner));
            }
            TokenTree::Ident(name) if name == "adamant" && after_colons(&written) => {
                written.truncate(written.len() - 2);
                let span = name.span();
                written.extend(path.clone().into_iter().map(|mut token| {
                    // What the compiler says of the item is shown where it is used.
                    token.set_span(token.span().located_at(span));
                    token
                }));
            }
            token => written.push(token),
        }
    }
    written.into_iter().collect()
}

/// Whether what was written last is a `::` that begins a path: `mylib::adamant` is the user's own.
fn after_colons(written: &[TokenTree]) -> bool {
    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':');
    let begins = |token: &TokenTree| match token {
        TokenTree::Ident(name) => BEFORE_PATHS.iter().any(|keyword| name == keyword),
        _ => true,
    };
    match written {
        [.., before, a, b] => colon(a) && colon(b) && begins(before),
        [a, b] => colon(a) && colon(b),
        _ => false,
    }
}

/// The keywords that stand before paths.
const BEFORE_PATHS: [&str; 12] = ["use", "as", "impl", "for", "dyn", "in", "return", "mut", "else", "match", "if", "move"];
