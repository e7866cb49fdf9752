//! `Parameters`, and how the struct is printed.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Ident, Member, Type, parse_quote};

use super::generics::{with, without_defaults};
use super::{Model, Part};

impl Model<'_> {
    pub fn parameters(&self) -> TokenStream {
        let (name, grads) = (&self.input.ident, &self.grads);
        let generics = self.bounded(&self.input.generics, &quote!(__nn::Parameters));
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let (_, still_generics, _) = self.still.split_for_impl();
        let types: Vec<&Type> = self.parts.iter().map(|p| p.ty).collect();
        let members: Vec<&Member> = self.parts.iter().map(|p| &p.member).collect();
        let names: Vec<TokenStream> = self.parts.iter().map(Part::name).collect();
        let steps = self.parts.iter().map(Part::step);
        let kind = if self.custom.init { quote!(StartsByHand) } else { quote!(Struct) };
        let describe = match (self.custom.display, &self.display) {
            (true, _) => quote!(::core::fmt::Display::fmt(self, f)),
            (false, Some(display)) => quote!(::core::write!(f, #display)),
            (false, None) => self.described(),
        };
        quote! {
            #[automatically_derived]
            impl #impl_generics __nn::Parameters for #name #ty_generics #where_clause {
                type Grads = #grads #still_generics;
                type Count = Self;
                const PARAMETERS: usize = 0 #(+ <#types as __nn::Parameters>::PARAMETERS)*;
                const NUMBERS: usize = 0 #(+ <#types as __nn::Parameters>::NUMBERS)*;
                const TRAINS_DIFFERENTLY: bool = false #(|| <#types as __nn::Parameters>::TRAINS_DIFFERENTLY)*;
                const COUPLES_SAMPLES: bool = false #(|| <#types as __nn::Parameters>::COUPLES_SAMPLES)*;
                const LAYOUT: __nn::Layout<Self> =
                    ::adamant::layout!(#kind Self { #(#members: #types = __nn::Step::#steps),* });

                #[inline]
                fn visit<__V: __nn::Visitor>(&self, name: __nn::Name<'_>, visitor: &mut __V) {
                    #(__nn::Parameters::visit(&self.#members, #names, visitor);)*
                }

                #[inline]
                fn visit_mut<__V: __nn::VisitorMut>(&mut self, name: __nn::Name<'_>, visitor: &mut __V) {
                    #(__nn::Parameters::visit_mut(&mut self.#members, #names, visitor);)*
                }

                #[inline]
                fn update<const __K: usize, __U: __nn::Update<__K>>(
                    &mut self,
                    grads: &Self::Grads,
                    mut state: [&mut Self::Grads; __K],
                    update: &mut __U,
                ) {
                    #(__nn::Parameters::update(
                        &mut self.#members,
                        &grads.#members,
                        state.each_mut().map(|s| &mut s.#members),
                        update,
                    );)*
                }

                #[inline]
                fn begin(&self, grads: &mut Self::Grads, streams: &mut __nn::Streams) {
                    #(__nn::Parameters::begin(&self.#members, &mut grads.#members, streams);)*
                }

                #[inline]
                fn absorb(&mut self, grads: &Self::Grads) {
                    #(__nn::Parameters::absorb(&mut self.#members, &grads.#members);)*
                }

                fn describe(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #describe
                }
            }
        }
    }

    /// `Parameters::Count` is the struct itself, so that a public struct does not name what it is made of: the numbers of what is
    /// trained and of all that is kept are handed over as a parameter, and only where somebody asks for them.
    pub fn count(&self) -> TokenStream {
        let name = &self.input.ident;
        let (_, ty_generics, _) = self.input.generics.split_for_impl();
        let count = sum(&self.parts);
        let evaluated = [quote!(__nn::Evaluate), quote!(__nn::EvaluateState)].map(|evaluate| {
            let generics = without_defaults(&self.bounded(&self.input.generics, &quote!(__nn::Parameters)));
            let fits = [
                parse_quote!(for<'__l> __nn::fields::Counted<'__l, #count>: #evaluate<Out = __N>),
                parse_quote!(__N: __nn::fields::Unsigned),
            ];
            let generics = with(generics, "__N", fits);
            let (impl_generics, _, where_clause) = generics.split_for_impl();
            quote! {
                #[automatically_derived]
                impl #impl_generics #evaluate for #name #ty_generics #where_clause {
                    type Out = __N;
                }
            }
        });
        quote!(#(#evaluated)*)
    }

    /// `Name(5, 3)` with the constant parameters for a layer without inner layers; the inner layers, indented, for others.
    fn described(&self) -> TokenStream {
        let text = self.text();
        let consts: Vec<&Ident> = self.input.generics.const_params().map(|p| &p.ident).collect();
        let format = format!("{text}({})", vec!["{}"; consts.len()].join(", "));
        let types = self.parts.iter().map(|p| p.ty);
        let children = self.parts.iter().map(|part| {
            let (member, label) = (&part.member, part.label());
            quote!(__nn::describe::child(f, &#label, &self.#member)?;)
        });
        quote! {
            if false #(|| <#types as __nn::Parameters>::IS_LAYER)* {
                __nn::describe::parent(f, #text, |f| {
                    #(#children)*
                    ::core::result::Result::Ok(())
                })
            } else {
                ::core::write!(f, #format #(, #consts)*)
            }
        }
    }

    /// The struct's name as it is printed.
    pub fn text(&self) -> String {
        self.input.ident.unraw().to_string()
    }

    pub fn display(&self) -> TokenStream {
        if self.custom.display {
            return TokenStream::new();
        }
        let name = &self.input.ident;
        let generics = self.bounded(&self.input.generics, &quote!(__nn::Parameters));
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #impl_generics ::core::fmt::Display for #name #ty_generics #where_clause {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    __nn::Parameters::describe(self, f)
                }
            }
        }
    }
}

/// The sum of the parts' counts, as flat as can be: the compiler follows a type only so deep.
fn sum(parts: &[Part<'_>]) -> TokenStream {
    match parts {
        [] => quote!(__nn::Nothing),
        [part] => {
            let ty = part.ty;
            quote!(<#ty as __nn::Parameters>::Count)
        }
        parts => {
            let (left, right) = parts.split_at(parts.len() / 2);
            let (left, right) = (sum(left), sum(right));
            quote!(__nn::Plus<#left, #right>)
        }
    }
}
