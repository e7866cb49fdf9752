//! `#[forward]` on a free function: an operation of the same name, and the function that users call.
//!
//! A type of the function's name stands in the namespace of types, without parameters, and computes what the function does: other
//! forward passes call it as they call a layer. The function itself takes each argument that a gradient flows to by value, by
//! reference, or as `&mut`, which the gradient overwrites.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Generics, ItemFn, ItemImpl, Pat, Visibility, parse_quote, parse_quote_spanned};

use super::errors::Errors;
use super::signature::Signature;

/// The function as the forward pass of a type of its name.
pub fn as_layer(function: &ItemFn, errors: &mut Errors) -> ItemImpl {
    let name = &function.sig.ident;
    let (kept, decided): (Vec<Attribute>, Vec<Attribute>) =
        function.attrs.iter().cloned().partition(|a| !a.path().is_ident("cfg") && !a.path().is_ident("cfg_attr"));
    for attribute in decided {
        errors.at(attribute, "`#[forward]` cannot decide this condition: put it above `#[forward]`");
    }
    let lints = kept.iter().filter(|a| is_lint(a));
    let mut sig = function.sig.clone();
    sig.ident = Ident::new("forward", name.span());
    let this: FnArg = parse_quote_spanned!(name.span()=> &self);
    sig.inputs.insert(0, this);
    let block = &function.block;
    parse_quote! {
        impl #name {
            #(#lints)*
            #[doc(hidden)]
            #sig #block
        }
    }
}

fn is_lint(attribute: &Attribute) -> bool {
    ["allow", "expect", "warn", "deny", "forbid"].iter().any(|lint| attribute.path().is_ident(lint))
}

/// The type of the function's name: a layer without parameters.
pub fn layer(vis: &Visibility, name: &Ident) -> TokenStream {
    let text = name.to_string();
    let text = text.trim_start_matches("r#");
    let doc = format!("The operation of the function [`{text}`]({text}()), which other forward passes call.");
    quote! {
        #[doc = #doc]
        #[allow(non_camel_case_types, clippy::exhaustive_structs)]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        #vis struct #name {}

        impl ::adamant::nn::Parameters for #name {
            type Grads = ();
            type Count = ::adamant::nn::Nothing;
            const PARAMETERS: usize = 0;
            const NUMBERS: usize = 0;

            #[inline]
            fn visit<__V: ::adamant::nn::Visitor>(&self, _: ::adamant::nn::Name<'_>, _: &mut __V) {}

            #[inline]
            fn visit_mut<__V: ::adamant::nn::VisitorMut>(&mut self, _: ::adamant::nn::Name<'_>, _: &mut __V) {}

            #[inline]
            fn update<const __K: usize, __U: ::adamant::nn::Update<__K>>(&mut self, _: &(), _: [&mut (); __K], _: &mut __U) {}

            fn describe(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(#text)
            }
        }
    }
}

/// The function that users call. A `broken` one is not computed.
pub fn plain(function: &ItemFn, signature: &Signature, broken: bool) -> TokenStream {
    let (attrs, vis, name) = (&function.attrs, &function.vis, &function.sig.ident);
    let (output, here) = (&signature.output, Span::mixed_site());
    let hidden = |name: &str| Ident::new(name, here);
    let (x, arguments, value) = (hidden("x"), hidden("arguments"), hidden("value"));
    let mut generics: Generics = function.sig.generics.clone();
    let (mut declared, mut inputs, mut gives) = (Vec::new(), Vec::new(), Vec::new());
    let (mut flowing, mut params) = (Vec::new(), Vec::new());
    let sole = signature.arguments.len() == 1;
    let sources = function.sig.inputs.iter().filter_map(|arg| match arg {
        FnArg::Typed(arg) => Some(&arg.ty),
        FnArg::Receiver(_) => None,
    });
    for (i, (argument, source)) in signature.arguments.iter().zip(sources).enumerate() {
        let named = match &argument.pat {
            Pat::Ident(pat) => pat.ident.clone(),
            _ => format_ident!("argument{i}", span = here),
        };
        if !argument.gradient {
            declared.push(quote!(#named: #source));
            inputs.push(quote!(#named));
            continue;
        }
        let count = syn::Index::from(flowing.len());
        let (param, ty, index) = (format_ident!("__P{i}", span = here), &argument.ty, syn::Index::from(i));
        let span = ty.span();
        declared.push(quote_spanned!(span=> #named: #param));
        inputs.push(quote!(*::adamant::nn::Argument::<#ty>::value(&#arguments.#count)));
        let gradient = if sole { quote!(#x) } else { quote!(#x.#index) };
        gives.push(quote!(::adamant::nn::Argument::<#ty>::give(&mut #arguments.#count, &#gradient);));
        generics.params.push(parse_quote_spanned!(span=> #param: ::adamant::nn::Argument<#ty>));
        flowing.push(named);
        params.push(param);
    }
    if flowing.is_empty() {
        return quote!(#[allow(unused)] #function);
    }
    let chosen = quote!((#(#params,)*));
    generics.make_where_clause().predicates.push(parse_quote!(#chosen: ::adamant::nn::Roles));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let input = if sole { quote!(#(#inputs)*) } else { quote!((#(#inputs,)*)) };
    let write = quote!(<#chosen as ::adamant::nn::Roles>::WRITE);
    let body = match broken {
        true => quote!(::core::unimplemented!()),
        false => quote! {
            let mut #arguments = (#(#flowing,)*);
            let mut #x = #input;
            let #value = ::adamant::nn::formula(&#name {}, &mut #x, #write);
            if #write {
                #(#gives)*
            }
            ::adamant::nn::Roles::outcome(&#arguments, #value)
        },
    };
    let unused = broken.then(|| quote!(#[allow(unused)]));
    quote! {
        #(#attrs)*
        #unused
        #[inline]
        #[allow(unused_qualifications, clippy::too_many_arguments, clippy::type_complexity)]
        #vis fn #name #impl_generics (#(#declared),*) -> <#chosen as ::adamant::nn::Roles>::Outcome<#output> #where_clause {
            #body
        }
    }
}

/// The function, if the tokens are a free one.
pub fn parse(tokens: &TokenStream) -> Option<ItemFn> {
    let function = syn::parse2::<ItemFn>(tokens.clone()).ok()?;
    function.sig.receiver().is_none().then_some(function)
}
