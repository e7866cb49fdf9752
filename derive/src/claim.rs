//! How `#[derive(Module)]` learns that the struct has a forward pass of its own: what writes one leaves a claim, an impl that names the
//! struct by an instance that always exists.
//!
//! The bounds of the struct and of the impl do not matter: the instance is the argument of a function pointer, with the type
//! `&'a ()`, whose lifetime the pointer binds, for each type parameter. What is asked of such a type the compiler does not ask there.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, GenericArgument, GenericParam, Generics, ItemImpl, Lit, Path, PathArguments, Type, WherePredicate};

/// The claim of an impl: for all instances of the struct, if it is one for some.
pub fn of(item: &ItemImpl) -> Option<TokenStream> {
    let Type::Path(ty) = &*item.self_ty else { return None };
    let instance = instance(&ty.path, &item.generics).filter(|_| is_always_known(&item.generics))?;
    Some(quote! {
        #[doc(hidden)]
        const _: () = {
            struct __Claim;
            #[automatically_derived]
            impl ::adamant::nn::fields::Claimed<__Claim> for #instance {}
        };
    })
}

/// Whether there is a claim: an expression.
pub fn is_made(name: &Ident, generics: &Generics) -> TokenStream {
    if !is_always_known(generics) {
        return quote!(false);
    }
    let instance = pointer(&name.clone().into(), generics.params.iter().map(argument));
    quote! {{
        #[allow(unused_imports)]
        use __nn::fields::{IsClaimed as _, IsUnclaimed as _};
        __nn::fields::answer(&|| (&__nn::fields::Ask::<#instance>::new()).claimed())
    }}
}

/// What is asked of a const parameter alone is asked of the instance, too, which may not have it.
fn is_always_known(generics: &Generics) -> bool {
    let types: Vec<String> = generics.type_params().map(|p| p.ident.to_string()).collect();
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    predicates.into_iter().all(|predicate| match predicate {
        WherePredicate::Type(predicate) => mentions(predicate.bounded_ty.to_token_stream(), &types),
        _ => true,
    })
}

/// The instance that stands for all.
fn instance(path: &Path, generics: &Generics) -> Option<TokenStream> {
    let last = path.segments.last()?;
    let arguments = match &last.arguments {
        PathArguments::None => vec![],
        PathArguments::AngleBracketed(list) => list.args.iter().map(|a| stand_in(a, generics)).collect::<Option<_>>()?,
        PathArguments::Parenthesized(_) => return None,
    };
    let mut path = path.clone();
    path.segments.last_mut()?.arguments = PathArguments::None;
    Some(pointer(&path, arguments.into_iter()))
}

fn pointer(path: &Path, arguments: impl Iterator<Item = TokenStream>) -> TokenStream {
    let arguments: Vec<TokenStream> = arguments.collect();
    let arguments = (!arguments.is_empty()).then(|| quote!(<#(#arguments),*>));
    quote!(for<'__a> fn(&'__a (), #path #arguments))
}

/// What stands for an argument. Whether a name that is no parameter is a type's or a constant's, its spelling does not tell.
fn stand_in(of: &GenericArgument, generics: &Generics) -> Option<TokenStream> {
    let text = of.to_token_stream().to_string();
    let is_it = |param: &&GenericParam| match param {
        GenericParam::Type(p) => p.ident == text,
        GenericParam::Const(p) => p.ident == text,
        GenericParam::Lifetime(_) => false,
    };
    match (of, generics.params.iter().find(is_it)) {
        (_, Some(param)) => Some(argument(param)),
        (GenericArgument::Lifetime(_), _) => Some(quote!('static)),
        (GenericArgument::Const(Expr::Lit(literal)), _) => Some(match &literal.lit {
            Lit::Bool(_) => quote!(false),
            Lit::Char(_) => quote!(' '),
            _ => quote!(0),
        }),
        _ => None,
    }
}

/// What stands for a parameter.
fn argument(param: &GenericParam) -> TokenStream {
    match param {
        GenericParam::Lifetime(_) => quote!('static),
        GenericParam::Type(_) => quote!(&'__a ()),
        GenericParam::Const(p) => match &p.ty {
            Type::Path(ty) if ty.path.is_ident("bool") => quote!(false),
            Type::Path(ty) if ty.path.is_ident("char") => quote!(' '),
            _ => quote!(0),
        },
    }
}

fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => names.iter().any(|name| ident == name),
        proc_macro2::TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}
