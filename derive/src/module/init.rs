//! `Init`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Expr;

use super::{Model, Part, braced};

impl Model<'_> {
    /// Field by field. A struct that borrows has none, unless its author says what it borrows.
    pub fn init(&self) -> TokenStream {
        let parts = &self.parts;
        if self.custom.init || parts.iter().any(|part| part.borrows() && part.options.value.is_none()) {
            return TokenStream::new();
        }
        let name = &self.input.ident;
        let generics = self.bounded(&self.input.generics, &quote!(::adamant::init::Init));
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let [blank, complete] = [quote!(BLANK), quote!(COMPLETE)].map(|start| {
            braced(parts, |part| {
                let ty = part.ty;
                match &part.options.value {
                    Some(value) => value.to_token_stream(),
                    None => quote!(<#ty as ::adamant::init::Init>::#start),
                }
            })
        });
        let blank_in = braced(parts, |part| match (&part.options.fill, &part.options.value) {
            (Some(fill), _) => fill.to_token_stream(),
            (None, Some(value)) => quote!(|slot| slot.write(#value)),
            (None, None) => {
                // A closure, so that a type without `Init` is an error at the field and not in the macro.
                let (blank_in, slot) = (part.at(quote!(::adamant::init::Init::blank_in)), part.at(quote!(slot)));
                quote!(|#slot| #blank_in(#slot))
            }
        });
        let resets = parts.iter().filter(|p| p.options.value.is_none() || p.options.init.is_some()).map(reset);
        quote! {
            #[automatically_derived]
            impl #impl_generics ::adamant::init::Init for #name #ty_generics #where_clause {
                const BLANK: Self = Self #blank;
                const COMPLETE: Self = Self #complete;

                fn blank_in(slot: ::adamant::heap::Slot<'_, Self>) -> ::adamant::heap::Filled<'_, Self> {
                    ::adamant::in_place!(slot, Self #blank_in)
                }

                fn reset_parameters<__R: ::adamant::rand::Rng + ?Sized>(&mut self, rng: &mut __R) {
                    let _ = &rng;
                    #(#resets)*
                }
            }
        }
    }
}

/// Gives a field its starting value.
fn reset(part: &Part<'_>) -> TokenStream {
    let member = &part.member;
    match &part.options.init {
        // A closure's arguments have no types of their own.
        Some(closure @ Expr::Closure(_)) => quote!(::adamant::init::start(&mut self.#member, rng, #closure);),
        Some(path @ Expr::Path(_)) => quote!(#path(&mut self.#member, rng);),
        Some(function) => quote!((#function)(&mut self.#member, rng);),
        None => {
            let reset = part.at(quote!(::adamant::init::Init::reset_parameters));
            let field = part.at(quote!(&mut self.#member));
            quote!(#reset(#field, rng);)
        }
    }
}
