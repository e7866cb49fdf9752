//! The struct's parameters in the impls.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parse;
use syn::{GenericParam, Generics, Type, WherePredicate, parse_quote};

use super::Model;

/// The struct's lifetimes. A layer may borrow (`&'a Linear<4, 3>`), but its gradients live on their own.
pub struct Lifetimes(Vec<String>);

impl Lifetimes {
    pub fn of(generics: &Generics) -> Self {
        Self(generics.lifetimes().map(|p| p.lifetime.ident.to_string()).collect())
    }

    /// The same with `'static` for each lifetime.
    pub fn still<T: ToTokens + Parse>(&self, tokens: &T) -> syn::Result<T> {
        syn::parse2(self.replaced(tokens.to_token_stream()))
    }

    fn replaced(&self, tokens: TokenStream) -> TokenStream {
        let mut after_quote = false;
        let replaced = tokens.into_iter().map(|token| {
            let of_lifetime = std::mem::replace(&mut after_quote, matches!(&token, TokenTree::Punct(p) if p.as_char() == '\''));
            match token {
                TokenTree::Ident(name) if of_lifetime && self.0.iter().any(|lifetime| name == lifetime) => {
                    TokenTree::Ident(Ident::new("static", name.span()))
                }
                TokenTree::Group(group) => {
                    let mut inner = proc_macro2::Group::new(group.delimiter(), self.replaced(group.stream()));
                    inner.set_span(group.span());
                    TokenTree::Group(inner)
                }
                token => token,
            }
        });
        replaced.collect()
    }

    /// The parameters without lifetimes.
    pub fn still_generics(&self, generics: &Generics) -> syn::Result<Generics> {
        let others = generics.params.iter().filter(|p| !matches!(p, GenericParam::Lifetime(_)));
        let mut still = Generics { params: others.map(|p| self.still(p)).collect::<syn::Result<_>>()?, ..generics.clone() };
        if let Some(clause) = &mut still.where_clause {
            let others = clause.predicates.iter().filter(|p| !matches!(p, WherePredicate::Lifetime(_)));
            clause.predicates = others.map(|p| self.still(p)).collect::<syn::Result<_>>()?;
        }
        Ok(still)
    }

    pub fn occur_in(&self, ty: &Type) -> bool {
        mentions(ty.to_token_stream(), &self.0)
    }
}

/// Defaults are not allowed where parameters are declared again.
pub fn without_defaults(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for param in &mut generics.params {
        match param {
            GenericParam::Type(p) => p.default = None,
            GenericParam::Const(p) => p.default = None,
            GenericParam::Lifetime(_) => {}
        }
    }
    generics
}

pub fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|n| ident == n),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}

impl Model<'_> {
    /// The field types that are known where the struct is defined and may yet be no part of a model.
    fn known(&self) -> impl Iterator<Item = TokenStream> {
        let names: Vec<String> = self.still.params.iter().filter_map(name).map(ToString::to_string).collect();
        let parts = self.parts.iter().filter(|part| !part.looks_plain());
        let parts = parts.filter(move |part| !mentions(part.ty.to_token_stream(), &names));
        parts.map(|part| {
            let (before, after) = (quote!(let _ = ::core::marker::PhantomData::<<), quote!(as __nn::Parameters>::Count>;));
            let (before, ty, after) = (part.at(before), &part.still, part.at(after));
            quote!(#before #ty #after)
        })
    }

    /// A constant that asks of the known fields that they can be part of a model. Every impl mentions it: where it is an error, the
    /// compiler says so once and passes over the impls.
    pub fn fields(&self) -> TokenStream {
        let asked = self.known();
        quote! {
            const __FIELDS: usize = {
                #(#asked)*
                0
            };
        }
    }

    /// These parameters, with `bound` asked of every field type that mentions a type parameter. The others are decided where the
    /// struct is defined.
    pub fn bounded(&self, generics: &Generics, bound: &TokenStream) -> Generics {
        let mut generics = generics.clone();
        let params: Vec<&Ident> = self.still.type_params().map(|p| &p.ident).collect();
        let mut predicates: Vec<WherePredicate> = vec![];
        for part in &self.parts {
            let ty = part.ty;
            let mentioned = params.iter().filter(|p| mentions(ty.to_token_stream(), &[p.to_string()]));
            if self.lifetimes.occur_in(ty) {
                // Of `&'a M` for some `'a`, the compiler would no longer see that its gradients are those of any other.
                predicates.extend(mentioned.map(|p| -> WherePredicate { parse_quote!(#p: #bound) }));
            } else if mentioned.count() > 0 {
                predicates.push(parse_quote!(#ty: #bound));
            }
        }
        predicates.extend(params.iter().map(|p| -> WherePredicate { parse_quote!(#p: 'static) }));
        if self.known().next().is_some() {
            predicates.push(parse_quote!([(); __FIELDS]: ::core::marker::Sized));
        }
        if !predicates.is_empty() {
            generics.make_where_clause().predicates.extend(predicates);
        }
        generics
    }
}

fn name(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(p) => Some(&p.ident),
        GenericParam::Const(p) => Some(&p.ident),
        GenericParam::Lifetime(_) => None,
    }
}

/// Parameters and one more type parameter, with what is asked of it.
pub fn with(mut generics: Generics, param: &str, predicates: impl IntoIterator<Item = WherePredicate>) -> Generics {
    let param = Ident::new(param, Span::call_site());
    generics.params.push(parse_quote!(#param));
    generics.make_where_clause().predicates.extend(predicates);
    generics
}
