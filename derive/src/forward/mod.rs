//! `#[forward]`.
//!
//! | file | what it does |
//! |---|---|
//! | `mod.rs` | puts the impls together |
//! | `signature.rs` | reads the impl and the function's arguments |
//! | `kept.rs` | the function as it stays |
//! | `lower.rs` | the body as a list of steps; what is not understood, and what to write instead |
//! | `steps.rs` | what a step is |
//! | `scope.rs`, `place.rs`, `constant.rs` | names, fields of the layer, expressions without a gradient |
//! | `table.rs` | the operations that are known as methods |
//! | `activity.rs` | which values need a gradient |
//! | `emit.rs` | forward steps, `next`, backward steps |
//! | `costs.rs` | what the steps cost |
//! | `errors.rs` | errors, reported together |

mod activity;
mod constant;
mod costs;
mod emit;
mod errors;
mod kept;
mod lower;
mod place;
mod scope;
mod signature;
mod steps;
mod table;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{ImplItem, ImplItemFn, ItemImpl};

use activity::Mode;
use errors::Errors;
use lower::Lowered;
use signature::Signature;

/// The impl as it stands, and the two that are read off it, or errors.
pub fn expand(options: &TokenStream, item: &ItemImpl) -> TokenStream {
    let mut errors = Errors::default();
    if !options.is_empty() {
        errors.at(options, "`#[forward]` takes no options");
    }
    let Some(signature) = Signature::of(item, &mut errors) else {
        let errors = errors.to_compile_errors();
        return quote!(#item #errors);
    };
    let lowered = lower::lower(&signature, &mut errors);
    let (kept, derived) = match errors.is_empty() {
        true => (kept(item, &signature), Some(Derived::of(&signature, &lowered))),
        // One error is enough for one mistake: the compiler need not look at the function, and uses of the layer are right.
        false => (emptied(item), None),
    };
    let derived = derived.unwrap_or_default();
    let module = module(item, &signature, &derived.evaluation);
    let backprop = backprop(item, &signature, &lowered, &derived);
    let errors = errors.to_compile_errors();
    quote!(#kept #module #backprop #errors)
}

/// What is read off the function.
struct Derived {
    evaluation: TokenStream,
    training: TokenStream,
    /// The bodies of `backprop`, `backprop_params` and `backprop_input`.
    entries: [TokenStream; 3],
}

impl Derived {
    fn of(signature: &Signature, lowered: &Lowered) -> Self {
        Self {
            evaluation: costs::evaluation(signature, lowered),
            training: costs::training(signature, lowered),
            entries: MODES.map(|mode| emit::entry(lowered, mode)),
        }
    }
}

impl Default for Derived {
    fn default() -> Self {
        Self {
            evaluation: TokenStream::new(),
            training: TokenStream::new(),
            entries: [(); 3].map(|()| quote!(::core::unimplemented!())),
        }
    }
}

/// `backprop`, `backprop_params` and `backprop_input`.
const MODES: [Mode; 3] =
    [Mode { inputs: true, params: true }, Mode { inputs: false, params: true }, Mode { inputs: true, params: false }];

/// The impl with the function changed.
fn changed(item: &ItemImpl, change: impl Fn(&mut ImplItemFn)) -> ItemImpl {
    let mut item = item.clone();
    for item in &mut item.items {
        if let ImplItem::Fn(function) = item
            && function.sig.ident == "forward"
        {
            change(function);
        }
    }
    item
}

fn kept(item: &ItemImpl, signature: &Signature) -> ItemImpl {
    changed(item, |function| kept::Rewrite::new(&signature.arguments).visit_block_mut(&mut function.block))
}

fn emptied(item: &ItemImpl) -> ItemImpl {
    changed(item, |function| {
        function.attrs.push(syn::parse_quote!(#[allow(unused_variables)]));
        function.block = syn::parse_quote!({ ::core::unimplemented!() });
    })
}

fn module(item: &ItemImpl, signature: &Signature, evaluation: &TokenStream) -> TokenStream {
    let (generics, ty, input, output) = (signature.generics(item, false), &item.self_ty, signature.input(), &signature.output);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (this, name) = (&signature.this, &signature.name);
    let x = Ident::new("x", Span::mixed_site());
    let arguments = match &signature.arguments[..] {
        [one] if one.by_ref => quote!(#x),
        [_] => quote!(*#x),
        many => {
            let indices = (0..many.len()).map(syn::Index::from);
            quote!(#(#x.#indices),*)
        }
    };
    let call = quote_spanned!(name.span()=> Self::#name(#this, #arguments));
    quote! {
        impl #impl_generics ::adamant::nn::Module<#input> for #ty #where_clause {
            type Output = #output;
            #evaluation

            #[inline]
            fn forward_into(&#this, #x: &#input, y: &mut #output) {
                *y = #call;
            }

            #[inline]
            fn forward(&#this, #x: &#input) -> #output {
                #call
            }
        }
    }
}

fn backprop(item: &ItemImpl, signature: &Signature, lowered: &Lowered, derived: &Derived) -> TokenStream {
    let (generics, ty, input) = (signature.generics(item, true), &item.self_ty, signature.input());
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let this = &signature.this;
    let [grads, next, result] = ["grads", "next", "__R"].map(|name| Ident::new(name, Span::mixed_site()));
    let x = emit::input_name(lowered);
    let output = &signature.output;
    let Derived { training, entries: [both, params, inputs], .. } = derived;
    quote! {
        #[allow(unused, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        impl #impl_generics ::adamant::nn::Backprop<#input> for #ty #where_clause {
            #training

            #[inline]
            fn backprop<#result>(
                &#this,
                #x: &mut #input,
                #grads: &mut Self::Grads,
                #next: impl ::core::ops::FnOnce(&mut #output) -> #result,
            ) -> #result {
                #both
            }

            #[inline]
            fn backprop_params<#result>(
                &#this,
                #x: &#input,
                #grads: &mut Self::Grads,
                #next: impl ::core::ops::FnOnce(&mut #output) -> #result,
            ) -> #result {
                #params
            }

            #[inline]
            fn backprop_input<#result>(
                &#this,
                #x: &mut #input,
                #next: impl ::core::ops::FnOnce(&mut #output) -> #result,
            ) -> #result {
                #inputs
            }
        }
    }
}
