//! `#[layer]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{GenericArgument, ImplItem, ItemImpl, Path, PathArguments, Type};

const USE: &str = "`#[layer]` stands on an `impl Layer<X> for MyLayer`, where `X` is the input's type";

/// The impl as it stands, and those of `Module` and `Backprop` with the same generics. An entry that stands in it by itself goes there.
pub fn expand(item: &ItemImpl) -> syn::Result<TokenStream> {
    let wrong = || syn::Error::new_spanned(&item.self_ty, USE);
    let x = item.trait_.as_ref().and_then(|(path, ..)| input(path)).ok_or_else(wrong)?;
    let output = item.items.iter().find_map(|item| match item {
        ImplItem::Type(ty) if ty.ident == "Output" => Some(&ty.ty),
        _ => None,
    });
    let missing = || syn::Error::new_spanned(&item.self_ty, "a layer says what it gives: `type Output = Tensor<…>;`");
    let output = output.ok_or_else(missing)?;
    let (generics, _, bounds) = item.generics.split_for_impl();
    let (token, this) = (&item.impl_token, &item.self_ty);
    let attributes: Vec<_> = item.attrs.iter().filter(|a| !a.path().is_ident("doc")).collect();
    let layer = quote!(<Self as ::adamant::nn::Layer<#x>>);
    let [forward_training, backprop, backprop_params, backprop_input] = entries(x, output, &layer).map(|(name, body)| {
        let own = item.items.iter().find(|item| is_function(item, name));
        own.map_or(body, ToTokens::to_token_stream)
    });
    let mut kept = item.clone();
    kept.items.retain(|item| !ENTRIES.iter().any(|name| is_function(item, name)));
    let module = quote! {
        type Output = #output;
        const MACS: u64 = #layer::MACS;
        const FORWARD_BYTES: usize = #layer::COMPUTE_BYTES;
        const FORWARD_WITH_BYTES: usize = #layer::LEND_BYTES;

        #[inline]
        fn forward_into(&self, x: &#x, y: &mut #output) {
            #layer::compute(self, x, y);
        }

        #[inline]
        fn forward_with<__R>(&self, x: &mut #x, next: impl ::core::ops::FnOnce(&mut #output) -> __R) -> __R {
            #layer::lend(self, x, next)
        }

        #forward_training
    };
    let backprop = quote! {
        const BACKPROP_BYTES: usize = #layer::TRAIN_BYTES;

        #backprop

        #backprop_params

        #backprop_input
    };
    // What the compiler says of an impl, it says of the user's own braces.
    let [module, backprop] = [module, backprop].map(|body| {
        let mut braced = TokenStream::new();
        item.brace_token.surround(&mut braced, |inside| inside.extend(body));
        braced
    });
    Ok(quote! {
        #kept

        #(#attributes)*
        #token #generics ::adamant::nn::Module<#x> for #this #bounds #module

        #(#attributes)*
        #token #generics ::adamant::nn::Backprop<#x> for #this #bounds #backprop
    })
}

const ENTRIES: [&str; 4] = ["forward_training", "backprop", "backprop_params", "backprop_input"];

/// The entries as they follow from the layer's functions. (Not as functions of the trait: each call counts for how deep a chain may be.)
fn entries(x: &Type, output: &Type, layer: &TokenStream) -> [(&'static str, TokenStream); 4] {
    let buffers = quote! {
        let mut y = <#output as ::adamant::Buffer>::ZERO;
        let mut kept = <#layer::Kept as ::adamant::Buffer>::ZERO;
    };
    let next = quote!(next: impl ::core::ops::FnOnce(&mut #output) -> __R);
    let forward_training = quote! {
        #[inline]
        fn forward_training(&self, x: &#x, grads: &mut Self::Grads) -> #output {
            #buffers
            match (<Self as ::adamant::nn::Parameters>::TRAINS_DIFFERENTLY, #layer::OVERWRITES) {
                (false, _) => #layer::compute(self, x, &mut y),
                (true, false) => #layer::train(self, x, &mut kept, &mut y),
                (true, true) => #layer::train_over(self, &mut ::core::clone::Clone::clone(x), &mut kept, &mut y),
            }
            #layer::observe(self, &kept, grads);
            y
        }
    };
    let backprop = quote! {
        #[inline]
        fn backprop<__R>(&self, x: &mut #x, grads: &mut Self::Grads, #next) -> __R {
            #buffers
            #layer::train_over(self, x, &mut kept, &mut y);
            #layer::observe(self, &kept, grads);
            let result = next(&mut y);
            #layer::backward(self, x, &kept, &mut y, grads);
            result
        }
    };
    let backprop_params = quote! {
        #[inline]
        fn backprop_params<__R>(&self, x: &#x, grads: &mut Self::Grads, #next) -> __R {
            if <Self as ::adamant::nn::Parameters>::PARAMETERS == 0 {
                return next(&mut ::adamant::nn::Module::forward_training(self, x, grads));
            }
            #buffers
            if #layer::OVERWRITES {
                let x = &mut ::core::clone::Clone::clone(x);
                #layer::train_over(self, x, &mut kept, &mut y);
                #layer::observe(self, &kept, grads);
                let result = next(&mut y);
                #layer::backward_params(self, x, &kept, &y, grads);
                return result;
            }
            #layer::train(self, x, &mut kept, &mut y);
            #layer::observe(self, &kept, grads);
            let result = next(&mut y);
            #layer::backward_params(self, x, &kept, &y, grads);
            result
        }
    };
    let backprop_input = quote! {
        #[inline]
        fn backprop_input<__R>(&self, x: &mut #x, #next) -> __R {
            const {
                ::core::assert!(
                    !<Self as ::adamant::nn::Parameters>::TRAINS_DIFFERENTLY,
                    "a layer whose training differs from evaluation needs a `backprop_input`"
                );
            }
            #buffers
            #layer::train_over(self, x, &mut kept, &mut y);
            let result = next(&mut y);
            #layer::backward_input(self, x, &kept, &mut y);
            result
        }
    };
    let [a, b, c, d] = ENTRIES;
    [(a, forward_training), (b, backprop), (c, backprop_params), (d, backprop_input)]
}

fn is_function(item: &ImplItem, name: &str) -> bool {
    matches!(item, ImplItem::Fn(function) if function.sig.ident == name)
}

/// The `X` of `Layer<X>`.
fn input(path: &Path) -> Option<&Type> {
    let last = path.segments.last().filter(|last| last.ident == "Layer")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
