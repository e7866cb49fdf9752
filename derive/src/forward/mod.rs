//! `#[forward]`.
//!
//! | file | what it does |
//! |---|---|
//! | `mod.rs` | puts the impls together |
//! | `signature.rs` | reads the impl and the function's arguments |
//! | `function.rs` | a free function as a layer, and as users call it |
//! | `kept.rs` | the function as it stays |
//! | `lower/` | the body as a list of steps: statements (`mod.rs`), expressions and what to write instead (`expr.rs`), loops (`loops.rs`) |
//! | `steps/` | what a step is, and what it is made of |
//! | `names.rs` | names of the emitted code |
//! | `scope.rs`, `place.rs`, `constant.rs` | what the user's names mean, fields of the layer, expressions without a gradient |
//! | `table.rs` | the operations that are known as methods |
//! | `activity.rs` | which values need a gradient |
//! | `plan.rs` | what an entry does with each step and each value |
//! | `emission.rs` | the walk over the steps, and a way to write each of them |
//! | `writer.rs` | values and single steps as they are written |
//! | `reverse/` | forward steps, `next`, backward steps |
//! | `onward.rs` | forward steps alone: training without a way back, loops' bodies |
//! | `costs.rs` | what the steps cost |
//! | `errors.rs` | errors, reported together |

mod activity;
mod constant;
mod costs;
mod emission;
mod errors;
mod function;
mod kept;
mod lower;
mod names;
mod onward;
mod place;
mod plan;
mod reverse;
mod scope;
mod signature;
mod steps;
mod table;
mod writer;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{ImplItem, ImplItemFn, ItemFn, ItemImpl, Type};

use crate::{claim, renamed};
use activity::Mode;
use errors::Errors;
use names::{local, placed};
use signature::Signature;
use steps::Lowered;

/// The impl or the function as it stands, and what is read off it, or errors.
pub fn expand(options: &TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let path = renamed::option(options).unwrap_or_else(|| {
        errors.at(options, format!("`#[forward]` takes no options {}", renamed::BUT));
        None
    });
    let written = match function::parse(&tokens) {
        Some(function) => of_function(&function, &mut errors),
        None => match syn::parse2::<ItemImpl>(tokens.clone()) {
            Ok(item) => of_impl(&signature::inherent(item, &mut errors), &mut errors),
            Err(error) => {
                signature::misplaced(&tokens, error, &mut errors);
                tokens
            }
        },
    };
    let errors = errors.to_compile_errors();
    renamed::within(quote!(#written #errors), path.as_ref())
}

fn of_function(function: &ItemFn, errors: &mut Errors) -> TokenStream {
    let item = function::as_layer(function, errors);
    let Some(signature) = Signature::of(&item, errors) else {
        return quote!(#function);
    };
    let layer = function::layer(&function.vis, &function.sig.ident);
    let passes = passes(&item, &signature, errors);
    let plain = match signature.fits_impls {
        true => function::plain(function, &signature, !errors.is_empty()),
        false => quote!(#[allow(unused)] #function),
    };
    quote!(#plain #layer #passes)
}

fn of_impl(item: &ItemImpl, errors: &mut Errors) -> TokenStream {
    match Signature::of(item, errors) {
        Some(signature) => {
            let (passes, claim) = (passes(item, &signature, errors), signature.fits_impls.then(|| claim::of(item)));
            let claim = claim.flatten();
            quote!(#passes #claim)
        }
        None => quote!(#item),
    }
}

/// The impl as it stands, and `Module` and `Backprop`.
fn passes(item: &ItemImpl, signature: &Signature, errors: &mut Errors) -> TokenStream {
    let lowered = lower::lower(signature, errors);
    if errors.is_empty() {
        let kept = kept(item, signature);
        let evaluation = costs::evaluation(signature, &lowered);
        let module = module(item, signature, &lowered, &call(signature), onward::forward_training(&lowered), &evaluation);
        let entries = MODES.map(|mode| reverse::entry(&lowered, mode));
        let costs = costs::training(signature, &lowered);
        let backprop = backprop(item, signature, &lowered, entries, &costs);
        return quote!(#kept #module #backprop);
    }
    // One error is enough for one mistake: the compiler need not look at the function, and uses of the layer are right.
    let (absent, nothing) = (quote!(::core::unimplemented!()), TokenStream::new());
    let impls = signature.fits_impls.then(|| {
        let module = module(item, signature, &lowered, &absent, None, &nothing);
        let backprop = backprop(item, signature, &lowered, [(); 3].map(|()| absent.clone()), &nothing);
        quote!(#module #backprop)
    });
    let kept = emptied(item, signature);
    quote!(#kept #impls)
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

/// The impl whose function brings the stack that it needs.
fn kept(item: &ItemImpl, signature: &Signature) -> ItemImpl {
    let (input, output) = (signature.input_inside(), &signature.output);
    let mut kept = changed(item, |function| {
        kept::Rewrite::new(&signature.arguments).visit_block_mut(&mut function.block);
        let values = kept::lend(&mut function.sig.inputs, &signature.arguments);
        function.block.stmts.splice(0..0, values);
        let block = &function.block;
        // Calls of layers are written out in full.
        function.attrs.push(syn::parse_quote!(#[allow(unused_qualifications)]));
        function.block = syn::parse_quote! {{
            ::adamant::nn::inside::with_room::<#input, Self, _>(|| -> #output #block)
        }};
    });
    let statics: Vec<_> = signature::statics(item).collect();
    if !statics.is_empty() {
        kept.generics.make_where_clause().predicates.extend(statics);
    }
    kept
}

fn emptied(item: &ItemImpl, signature: &Signature) -> ItemImpl {
    changed(item, |function| {
        function.attrs.push(syn::parse_quote!(#[allow(unused)]));
        // What gives an `impl Trait` must give something.
        if !matches!(signature.output, Type::ImplTrait(_)) {
            function.block = syn::parse_quote!({ ::core::unimplemented!() });
        }
    })
}

/// The input of `Module`'s functions.
fn input() -> Ident {
    Ident::new("x", Span::mixed_site())
}

/// The call of the function on `Module`'s input.
fn call(signature: &Signature) -> TokenStream {
    let (this, name, sole) = (&signature.this, &signature.name, signature.arguments.len() == 1);
    let arguments = signature.arguments.iter().enumerate().map(|(i, argument)| {
        let span = placed(argument.ty.span());
        let (x, index) = (Ident::new("x", span), syn::Index { index: i as u32, span });
        match (sole, argument.gradient || (sole && argument.by_ref)) {
            (true, true) => quote!(#x),
            (true, false) => quote_spanned!(span=> *#x),
            (false, true) => quote_spanned!(span=> &#x.#index),
            (false, false) => quote_spanned!(span=> #x.#index),
        }
    });
    quote_spanned!(name.span()=> Self::#name(#this, #(#arguments),*))
}

/// Without `forward_training`, training computes what evaluation does.
fn module(
    item: &ItemImpl,
    signature: &Signature,
    lowered: &Lowered,
    call: &TokenStream,
    forward_training: Option<TokenStream>,
    evaluation: &TokenStream,
) -> TokenStream {
    let (generics, ty) = (signature.generics(item, false), &item.self_ty);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (this, input, output, x) = (&signature.this, signature.input(), &signature.output, input());
    let (input_name, grads) = match &forward_training {
        Some(_) => (writer::input_name(lowered), local("grads")),
        None => (x.clone(), local("grads")),
    };
    let forward_training = forward_training.unwrap_or_else(|| call.clone());
    quote! {
        #[allow(unused, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        impl #impl_generics ::adamant::nn::Module<#input> for #ty #where_clause {
            type Output = #output;
            #evaluation

            #[inline]
            fn forward_into(&#this, #x: &#input, y: &mut #output) {
                *y = #call;
            }

            #[inline]
            fn forward_inside(&#this, #x: &#input) -> #output {
                #call
            }

            #[inline]
            fn forward_training(&#this, #input_name: &#input, #grads: &mut Self::Grads) -> #output {
                #forward_training
            }
        }
    }
}

fn backprop(
    item: &ItemImpl,
    signature: &Signature,
    lowered: &Lowered,
    entries: [TokenStream; 3],
    training: &TokenStream,
) -> TokenStream {
    let (generics, ty, input) = (signature.generics(item, true), &item.self_ty, signature.input());
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let this = &signature.this;
    let (grads, next, result) = (local("grads"), local("next"), Ident::new("__R", Span::mixed_site()));
    let x = writer::input_name(lowered);
    let output = &signature.output;
    let [both, params, inputs] = entries;
    quote! {
        #[allow(unused, unused_qualifications, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
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
