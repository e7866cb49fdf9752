//! What a struct of layers computes: its fields in order, all at once and frame by frame.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{GenericParam, Generics, Ident, parse_quote};

use super::generics::without_defaults;
use super::{Model, Part, rows};
use crate::claim;

impl Model<'_> {
    /// An inherent `check`, since a trait's function cannot be called in a constant.
    pub fn check(&self) -> TokenStream {
        if self.custom.check {
            return TokenStream::new();
        }
        let input = self.input;
        let name = &input.ident;
        let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #impl_generics #name #ty_generics #where_clause {
                /// Checks at compile time that the model takes an input of type `__X`.
                #[allow(dead_code)]
                pub const fn check<__X>()
                where
                    Self: __nn::Module<__X>,
                {
                }
            }
        }
    }

    /// Every struct is a layer that others may chain.
    pub fn chainable(&self) -> TokenStream {
        let input = self.input;
        let name = &input.ident;
        let mut generics = without_defaults(&input.generics);
        generics.params.push(parse_quote!(__S));
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (_, ty_generics, _) = input.generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #impl_generics __nn::Chainable<__S> for #name #ty_generics #where_clause {}
        }
    }

    /// Asks of the fields that look like no layers whether they are none: a function that is only type-checked.
    fn plain(&self) -> TokenStream {
        let input = self.input;
        let (impl_generics, _, where_clause) = input.generics.split_for_impl();
        let asked = self.parts.iter().filter(|part| part.looks_plain()).map(|part| {
            let ty = part.ty;
            let (before, after) = (part.at(quote!(__nn::fields::plain::<)), part.at(quote!(>())));
            quote!(#before #ty #after;)
        });
        quote! {
            #[allow(dead_code)]
            fn __plain #impl_generics() #where_clause {
                #(#asked)*
            }
        }
    }

    /// `Module` and `Backprop` of a struct whose fields are all layers: each takes what the one before gives. Where a field is none,
    /// which its type decides, the impls do not apply and leave their place to others.
    pub fn chain(&self) -> TokenStream {
        let (input, parts) = (self.input, &self.parts);
        match () {
            () if self.custom.forward || parts.is_empty() => return TokenStream::new(),
            () if parts.iter().any(Part::looks_plain) => return self.plain(),
            () => {}
        }
        let name = &input.ident;
        let (_, ty_generics, _) = input.generics.split_for_impl();
        // The fields, and what the struct lends of itself and of its gradients.
        let fields = self.rows(|part| part.ty);
        let layers = rows(parts, &TokenStream::new(), &|part| {
            let member = &part.member;
            quote!(&self.#member)
        });
        let grads = rows(parts, &TokenStream::new(), &|part| {
            let member = &part.member;
            quote!(&mut grads.#member)
        });
        let (flow, flow_back) = (quote!(__nn::fields::Flow), quote!(__nn::fields::FlowBack));
        let module_generics = self.chained(&fields, &quote!(__nn::Module), &flow);
        let (impl_module, _, where_module) = module_generics.split_for_impl();
        let mut backprop_generics = self.chained(&fields, &quote!(__nn::Backprop), &flow_back);
        backprop_generics.make_where_clause().predicates.push(parse_quote!(__X: ::core::clone::Clone));
        let (impl_backprop, _, where_backprop) = backprop_generics.split_for_impl();
        let names = parts.iter().map(Part::name);
        let output = format_ident!("__Y{}", parts.len() - 1);
        let (forward, back) = (quote!(<__X as #flow<#fields>>), quote!(<__X as #flow_back<#fields>>));
        let own_forward = claim::is_made(name, &input.generics);
        let stream = self.stream(&fields, &layers);
        quote! {
            const __OWN: bool = #own_forward;

            /// Stands for the struct in bounds that its own crate decides.
            pub struct __Struct;

            #[automatically_derived]
            impl #impl_module __nn::Module<__X> for #name #ty_generics #where_module {
                type Output = #output;
                const MACS: u64 = #forward::MACS;
                const FORWARD_BYTES: usize = #forward::FORWARD_BYTES;
                const FORWARD_OVER_BYTES: usize = #forward::FORWARD_OVER_BYTES;
                const FORWARD_WITH_BYTES: usize = #forward::FORWARD_WITH_BYTES;

                #[inline]
                fn forward_into(&self, x: &__X, y: &mut Self::Output) {
                    #forward::forward_into(#layers, x, y)
                }

                #[inline]
                fn forward_over(&self, x: &mut __X, y: &mut Self::Output) {
                    #forward::forward_over(#layers, x, y)
                }

                #[inline]
                fn forward_with<__R>(&self, x: &mut __X, next: impl ::core::ops::FnOnce(&mut Self::Output) -> __R) -> __R {
                    #forward::forward_with(#layers, x, next)
                }

                #[inline]
                fn forward_training(&self, x: &__X, grads: &mut Self::Grads) -> Self::Output {
                    #forward::forward_training(#layers, x, #grads)
                }
            }

            #[automatically_derived]
            impl #impl_backprop __nn::Backprop<__X> for #name #ty_generics #where_backprop {
                const BACKPROP_BYTES: usize = #back::BACKPROP_BYTES;

                #[inline]
                fn backprop<__R>(
                    &self,
                    x: &mut __X,
                    grads: &mut Self::Grads,
                    next: impl ::core::ops::FnOnce(&mut Self::Output) -> __R,
                ) -> __R {
                    #back::backprop(#layers, x, #grads, next)
                }

                #[inline]
                fn backprop_params<__R>(
                    &self,
                    x: &__X,
                    grads: &mut Self::Grads,
                    next: impl ::core::ops::FnOnce(&mut Self::Output) -> __R,
                ) -> __R {
                    #back::backprop_params(#layers, x, #grads, next)
                }

                #[inline]
                fn backprop_input<__R>(&self, x: &mut __X, next: impl ::core::ops::FnOnce(&mut Self::Output) -> __R) -> __R {
                    #back::backprop_input(#layers, x, next)
                }

                #[inline]
                fn backprop_watched<__W: __nn::Watch, __R>(
                    &self,
                    wanted: bool,
                    x: &mut __X,
                    grads: &mut Self::Grads,
                    watch: &mut __W,
                    next: impl ::core::ops::FnOnce(&mut Self::Output, &mut __W) -> __R,
                ) -> __R {
                    #back::backprop_watched(#layers, wanted, x, #grads, watch, next)
                }

                fn layers<__V: __nn::LayerVisitor>(name: __nn::Name<'_>, depth: usize, visitor: &mut __V) {
                    visitor.layer(&__nn::LayerSummary::of::<__X, Self>(name, depth));
                    #back::layers(&[#(#names),*], depth + 1, visitor);
                }
            }

            #stream
        }
    }

    /// `Stream`: the fields one after the other. A struct that borrows a layer has none: of `&'a M` the compiler would no longer see that its
    /// state is that of any other.
    fn stream(&self, fields: &TokenStream, layers: &TokenStream) -> TokenStream {
        if self.parts.iter().any(|part| self.lifetimes.occur_in(part.ty)) {
            return TokenStream::new();
        }
        let name = &self.input.ident;
        let (_, ty_generics, _) = self.input.generics.split_for_impl();
        let mut generics = without_defaults(&self.bounded(&self.input.generics, &quote!(__nn::Parameters)));
        // What is kept and what is given are parameters, since the interface of a public struct must not name the types of its fields.
        for param in ["__X", "__Y", "__State", "__Delay"] {
            let param = Ident::new(param, proc_macro2::Span::call_site());
            generics.params.push(parse_quote!(#param));
        }
        let predicates = &mut generics.make_where_clause().predicates;
        predicates.push(parse_quote!(__nn::fields::Only<#fields, __X>: __nn::fields::Layers<__Struct>));
        predicates
            .push(parse_quote!(__nn::fields::Only<__nn::fields::Own<__OWN>, __X>: __stream::fields::InOrder<__Struct, __X>));
        predicates.push(parse_quote!(__X: ::adamant::Buffer));
        predicates.push(parse_quote!(#fields: __stream::fields::Passes<__X, Output = __Y, State = __State, Delay = __Delay>));
        predicates.push(parse_quote!(__Y: ::adamant::Buffer));
        predicates.push(parse_quote!(__State: ::adamant::Buffer));
        predicates.push(parse_quote!(__Delay: __stream::Lag));
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let passes = quote!(<#fields as __stream::fields::Passes<__X>>);
        quote! {
            use ::adamant::stream as __stream;

            #[automatically_derived]
            impl #impl_generics __stream::Stream<__X> for #name #ty_generics #where_clause {
                type Output = __Y;
                type State = __State;
                type Delay = __Delay;
                const STRIDE: usize = #passes::STRIDE;
                const RATE: usize = #passes::RATE;
                const LATENCY: usize = #passes::LATENCY;
                const RECEPTIVE_FIELD: usize = #passes::RECEPTIVE_FIELD;
                const STEP_BYTES: usize = #passes::STEP_BYTES;

                #[inline]
                fn start(&self, state: &mut __State) {
                    #passes::start(#layers, state)
                }

                #[inline]
                fn step<__R>(
                    &self,
                    state: &mut __State,
                    x: &mut __X,
                    next: impl ::core::ops::FnOnce(&mut __Y) -> __R,
                ) -> ::core::option::Option<__R> {
                    #passes::step(#layers, state, x, next)
                }

                fn rest(&self, state: &mut __State, next: &mut dyn ::core::ops::FnMut(&mut __Y)) {
                    #passes::rest(#layers, state, next)
                }

                fn finish(&self, state: &mut __State, next: &mut dyn ::core::ops::FnMut(&mut __Y)) {
                    #passes::finish(#layers, state, next)
                }
            }
        }
    }

    /// The struct's generics and one parameter for each value that flows, with the bounds that make the layers fit: one for each
    /// field, which the compiler shows where it fails, and the one that the code rests on. The output is a parameter, too, since the
    /// interface of a public struct must not name the types of its fields.
    fn chained(&self, fields: &TokenStream, bound: &TokenStream, flows: &TokenStream) -> Generics {
        let mut generics = without_defaults(&self.bounded(&self.input.generics, &quote!(__nn::Parameters)));
        // `__X` into the first layer, `__Y0` into the second, and so on; the last one gives the output.
        let flow: Vec<Ident> =
            (0..=self.parts.len()).map(|i| if i == 0 { format_ident!("__X") } else { format_ident!("__Y{}", i - 1) }).collect();
        generics.params.extend(flow.iter().map(|x| -> GenericParam { parse_quote!(#x) }));
        let predicates = &mut generics.make_where_clause().predicates;
        predicates.push(parse_quote!(__nn::fields::Only<#fields, __X>: __nn::fields::Layers<__Struct>));
        predicates.push(parse_quote!(__nn::fields::Only<__nn::fields::Own<__OWN>, __X>: __nn::fields::Chains<__Struct, __X>));
        for (i, part) in self.parts.iter().enumerate() {
            let (ty, x, y) = (part.ty, &flow[i], &flow[i + 1]);
            if self.lifetimes.occur_in(ty) {
                let bound = part.at(quote!(__nn::fields::Fits<Output = #y>));
                predicates.push(parse_quote!(__nn::fields::Only<#ty, #x>: #bound));
            } else {
                let bound = part.at(quote!(#bound<#x, Output = #y>));
                predicates.push(parse_quote!(#ty: #bound));
            }
        }
        // What a layer gives is a buffer, but the compiler does not conclude that from `Output = …`.
        for y in &flow[1..] {
            predicates.push(parse_quote!(#y: ::adamant::Buffer));
        }
        let output = &flow[self.parts.len()];
        predicates.push(parse_quote!(__X: #flows<#fields, Output = #output>));
        generics
    }
}
