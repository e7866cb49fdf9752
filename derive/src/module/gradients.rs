//! The struct of gradients.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Member, parse_quote};

use super::generics::{with, without_defaults};
use super::{Model, braced, rows};

impl Model<'_> {
    /// The struct of gradients: the same fields, each the gradients of the field's type.
    pub fn gradients(&self) -> TokenStream {
        let (name, parts) = (&self.grads, &self.parts);
        let generics = self.bounded(&self.still, &quote!(__nn::Parameters));
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let declaration = self.declaration(&generics);
        let zero = braced(parts, |part| {
            let ty = &part.still;
            quote!(<<#ty as __nn::Parameters>::Grads as ::adamant::Buffer>::ZERO)
        });
        let zero_in = braced(parts, |part| {
            let ty = &part.still;
            quote!(<<#ty as __nn::Parameters>::Grads as ::adamant::Buffer>::zero_in)
        });
        let members: Vec<&Member> = parts.iter().map(|p| &p.member).collect();
        let debug_names = parts.iter().map(|p| p.label());
        let walks = self.walks(&generics);
        let text = name.to_string();
        quote! {
            #declaration

            #[automatically_derived]
            impl #impl_generics ::core::clone::Clone for #name #ty_generics #where_clause {
                #[inline]
                fn clone(&self) -> Self {
                    *self
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::marker::Copy for #name #ty_generics #where_clause {}

            #[automatically_derived]
            impl #impl_generics ::core::cmp::PartialEq for #name #ty_generics #where_clause {
                fn eq(&self, other: &Self) -> bool {
                    let _ = other;
                    true #(&& self.#members == other.#members)*
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::fmt::Debug for #name #ty_generics #where_clause {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(#text)#(.field(#debug_names, &self.#members))*.finish()
                }
            }

            #[automatically_derived]
            impl #impl_generics ::adamant::Buffer for #name #ty_generics #where_clause {
                const ZERO: Self = Self #zero;

                fn zero_in(slot: ::adamant::heap::Slot<'_, Self>) -> ::adamant::heap::Filled<'_, Self> {
                    ::adamant::in_place!(slot, Self #zero_in)
                }
            }

            #walks
        }
    }

    /// The struct. Its fields may be of types that its own users cannot name.
    fn declaration(&self, generics: &Generics) -> TokenStream {
        let doc = format!("The gradients of [`{}`].", self.text());
        let fields = self.parts.iter().map(|part| {
            let ty = &part.still;
            let doc = format!("Those of `{}`.", part.label());
            let declared = match &part.member {
                Member::Named(ident) => quote!(pub #ident:),
                Member::Unnamed(_) => quote!(pub),
            };
            quote!(#[doc = #doc] #declared <#ty as __nn::Parameters>::Grads)
        });
        let where_clause = &generics.where_clause;
        let declared = Generics { where_clause: None, ..without_defaults(generics) };
        let body = match self.parts.first().map(|p| &p.member) {
            Some(Member::Unnamed(_)) => quote!(( #(#fields),* ) #where_clause;),
            _ => quote!(#where_clause { #(#fields),* }),
        };
        let (vis, name) = (&self.input.vis, &self.grads);
        quote! {
            #[doc = #doc]
            #vis struct #name #declared #body
        }
    }

    /// `Gradients`. What the fields carry is found by the compiler and handed over as a parameter, since the interface of a public
    /// struct must not name what it is made of.
    fn walks(&self, generics: &Generics) -> TokenStream {
        let (name, members) = (&self.grads, self.parts.iter().map(|p| &p.member).collect::<Vec<_>>());
        let names: Vec<TokenStream> = self.parts.iter().map(|p| p.name()).collect();
        let (_, ty_generics, _) = generics.split_for_impl();
        let fields = self.rows(|part| &part.still);
        let (generics, carried) = match self.parts.is_empty() {
            true => (generics.clone(), quote!(())),
            false => {
                let fits = [
                    parse_quote!(for<'__l> __nn::fields::Carrier: __nn::fields::Carry<'__l, #fields, Carried = __C>),
                    parse_quote!(__C: ::adamant::Buffer),
                ];
                (with(generics.clone(), "__C", fits), quote!(__C))
            }
        };
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let lent = rows(&self.parts, &TokenStream::new(), &|part| {
            let member = &part.member;
            quote!(&self.#member)
        });
        let lent_mut = rows(&self.parts, &TokenStream::new(), &|part| {
            let member = &part.member;
            quote!(&mut self.#member)
        });
        let carry = match self.parts.is_empty() {
            true => [quote!(), quote!(let _ = carried;)],
            false => [
                quote!(<__nn::fields::Carrier as __nn::fields::Carry<'_, #fields>>::carried(#lent)),
                quote!(<__nn::fields::Carrier as __nn::fields::Carry<'_, #fields>>::carry(#lent_mut, carried)),
            ],
        };
        let [now, put_back] = carry;
        quote! {
            #[automatically_derived]
            impl #impl_generics __nn::Gradients for #name #ty_generics #where_clause {
                type Carried = #carried;

                #[inline]
                fn carried(&self) -> Self::Carried {
                    #now
                }

                #[inline]
                fn carry(&mut self, carried: &Self::Carried) {
                    #put_back
                }

                #[inline]
                fn zip<const __K: usize, __Z: __nn::Zip<__K>>(&mut self, others: [&Self; __K], zip: &mut __Z) {
                    #(__nn::Gradients::zip(&mut self.#members, others.map(|other| &other.#members), zip);)*
                }

                #[inline]
                fn visit<__V: __nn::Visitor>(&self, name: __nn::Name<'_>, visitor: &mut __V) {
                    #(__nn::Gradients::visit(&self.#members, #names, visitor);)*
                }

                #[inline]
                fn visit_mut<__V: __nn::VisitorMut>(&mut self, name: __nn::Name<'_>, visitor: &mut __V) {
                    #(__nn::Gradients::visit_mut(&mut self.#members, #names, visitor);)*
                }
            }
        }
    }
}
