//! `#[derive(Module)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, GenericParam, Generics, Ident, Index, Member, Type, WherePredicate, parse_quote};

use crate::attributes::{Custom, FieldOptions};

/// One field of the struct.
struct Part<'a> {
    /// How it is reached: `weight`, or `0`.
    member: Member,
    ty: &'a Type,
    options: FieldOptions,
}

impl Part<'_> {
    /// Its name below the struct's name.
    fn name(&self) -> TokenStream {
        let name = match (&self.options.name, &self.member) {
            (None, Member::Named(_)) | (Some(_), _) => {
                let name = self.label();
                quote!(name.field(#name))
            }
            (None, Member::Unnamed(index)) => {
                let index = index.index as usize;
                quote!(name.index(#index))
            }
        };
        if self.options.transposed { quote!(#name.transposed()) } else { name }
    }

    /// Its label when the struct is printed.
    fn label(&self) -> String {
        match (&self.options.name, &self.member) {
            (Some(name), _) => name.value(),
            (None, Member::Named(ident)) => ident.unraw().to_string(),
            (None, Member::Unnamed(index)) => index.index.to_string(),
        }
    }

    /// Whether the type is called like a parameter, a tensor or a number: no layer, so nothing to chain. The name spares the
    /// compiler the question; [`plain`] asks it whether that is true.
    fn looks_plain(&self) -> bool {
        const PLAIN: [&str; 19] = [
            "Param", "Tensor", "Tensor1", "Tensor2", "Tensor3", "Tensor4", "f32", "f64", "bool", "usize", "isize", "u8", "u16",
            "u32", "u64", "i8", "i16", "i32", "i64",
        ];
        let mut ty = self.ty;
        while let Type::Group(group) = ty {
            ty = &group.elem;
        }
        let Type::Path(path) = ty else { return false };
        path.path.segments.last().is_some_and(|last| PLAIN.iter().any(|name| last.ident == name))
    }
}

pub fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        let place = match &input.data {
            Data::Enum(data) => data.enum_token.span,
            Data::Union(data) => data.union_token.span,
            Data::Struct(data) => data.struct_token.span,
        };
        let message = "`#[derive(Module)]` takes a struct: a layer's fields are its parameters and inner layers";
        return Err(syn::Error::new(place, message));
    };
    if let Some(lifetime) = input.generics.lifetimes().next() {
        let message = "a layer has no lifetime, since its gradients live on their own; it may borrow with `&'static`";
        return Err(syn::Error::new_spanned(lifetime, message));
    }
    let custom = Custom::of(&input.attrs)?;
    let parts = data.fields.iter().enumerate().map(part).collect::<syn::Result<Vec<_>>>()?;
    for (i, part) in parts.iter().enumerate() {
        if let Some(name) = &part.options.name
            && parts.iter().enumerate().any(|(j, other)| i != j && part.label() == other.label())
        {
            return Err(syn::Error::new_spanned(name, "two fields have this name"));
        }
    }
    let items = [
        fields(input, &parts),
        gradients(input, &parts),
        parameters(input, &parts, &custom),
        display(input, &parts, &custom),
        init(input, &parts, &custom),
        check(input),
        chainable(input),
        chain(input, &parts, &custom),
    ];
    Ok(quote! {
        #[doc(hidden)]
        const _: () = {
            use ::adamant::nn as __nn;
            #(#items)*
        };
    })
}

fn part((index, field): (usize, &Field)) -> syn::Result<Part<'_>> {
    Ok(Part {
        member: match &field.ident {
            Some(ident) => Member::Named(ident.clone()),
            None => Member::Unnamed(Index::from(index)),
        },
        ty: &field.ty,
        options: FieldOptions::of(&field.attrs)?,
    })
}

/// Code about a field: what the compiler says of it is shown at the field's type.
fn at(ty: &Type, tokens: TokenStream) -> TokenStream {
    let span = Span::call_site().located_at(ty.span());
    let located = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(located).collect()
}

/// The field types that are known where the struct is defined and may yet be no part of a model.
fn known<'p>(generics: &Generics, parts: &'p [Part<'_>]) -> impl Iterator<Item = &'p Type> {
    let names: Vec<String> = generics
        .params
        .iter()
        .map(|param| match param {
            GenericParam::Type(p) => p.ident.to_string(),
            GenericParam::Const(p) => p.ident.to_string(),
            GenericParam::Lifetime(p) => p.lifetime.ident.to_string(),
        })
        .collect();
    parts
        .iter()
        .filter(|part| !part.looks_plain())
        .map(|part| part.ty)
        .filter(move |ty| !mentions(ty.to_token_stream(), &names))
}

/// A constant that asks of the known fields that they can be part of a model. Every impl mentions it: where it is an error, the
/// compiler says so once and passes over the impls.
fn fields(input: &DeriveInput, parts: &[Part<'_>]) -> TokenStream {
    let asked = known(&input.generics, parts).map(|ty| {
        let (before, after) = (quote!(let _ = ::core::marker::PhantomData::<<), quote!(as __nn::Parameters>::Count>;));
        let (before, after) = (at(ty, before), at(ty, after));
        quote!(#before #ty #after)
    });
    quote! {
        const __FIELDS: usize = {
            #(#asked)*
            0
        };
    }
}

/// The struct's generics, with `bound` asked of every field type that mentions a type parameter. The others are decided where
/// the struct is defined.
fn bounded(generics: &Generics, parts: &[Part<'_>], bound: &TokenStream) -> Generics {
    let gate: Option<WherePredicate> =
        known(generics, parts).next().map(|_| parse_quote!([(); __FIELDS]: ::core::marker::Sized));
    let mut generics = generics.clone();
    let names: Vec<String> = generics.type_params().map(|p| p.ident.to_string()).collect();
    let generic = parts.iter().filter(|p| mentions(p.ty.to_token_stream(), &names));
    let predicates: Vec<WherePredicate> = generic
        .map(|p| {
            let ty = p.ty;
            parse_quote!(#ty: #bound)
        })
        .collect();
    let params: Vec<WherePredicate> = generics
        .type_params()
        .map(|p| {
            let ident = &p.ident;
            parse_quote!(#ident: 'static)
        })
        .collect();
    let predicates: Vec<WherePredicate> = predicates.into_iter().chain(params).chain(gate).collect();
    if !predicates.is_empty() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    generics
}

fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|n| ident == n),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}

fn grads_name(input: &DeriveInput) -> Ident {
    format_ident!("{}Grads", input.ident)
}

/// Field declarations or initialisers in the struct's own style: `{ a: …, b: … }` works for tuple structs too (`{ 0: … }`).
fn braced(parts: &[Part<'_>], value: impl Fn(&Part<'_>) -> TokenStream) -> TokenStream {
    let fields = parts.iter().map(|part| {
        let (member, value) = (&part.member, value(part));
        quote!(#member: #value)
    });
    quote!({ #(#fields),* })
}

/// Pairs of pairs with one leaf a field, as flat as can be: the compiler follows a type only so deep.
fn pairs<P>(parts: &[P], leaf: &impl Fn(&P) -> TokenStream) -> TokenStream {
    match parts {
        [] => quote!(()),
        [part] => leaf(part),
        parts => {
            let (left, right) = parts.split_at(parts.len() / 2);
            let (left, right) = (pairs(left, leaf), pairs(right, leaf));
            quote!((#left, #right))
        }
    }
}

/// Where each leaf of [`pairs`] is found: `.0.1`.
fn places(len: usize) -> Vec<TokenStream> {
    if len < 2 {
        return vec![TokenStream::new(); len];
    }
    let left = places(len / 2).into_iter().map(|place| quote!(.0 #place));
    let right = places(len - len / 2).into_iter().map(|place| quote!(.1 #place));
    left.chain(right).collect()
}

/// The struct of gradients: the same fields, each the gradients of the field's type.
fn gradients(input: &DeriveInput, parts: &[Part<'_>]) -> TokenStream {
    let name = grads_name(input);
    let generics = bounded(&input.generics, parts, &quote!(__nn::Parameters));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let doc = format!("The gradients of [`{}`].", input.ident);
    let fields = parts.iter().map(|part| {
        let ty = part.ty;
        let doc = format!("Those of `{}`.", part.label());
        let declared = match &part.member {
            Member::Named(ident) => quote!(pub #ident:),
            Member::Unnamed(_) => quote!(pub),
        };
        quote!(#[doc = #doc] #declared <#ty as __nn::Parameters>::Grads)
    });
    let declared = Generics { where_clause: None, ..strip_defaults(&generics) };
    let body = match &parts.first().map(|p| &p.member) {
        Some(Member::Unnamed(_)) => quote!(( #(#fields),* ) #where_clause;),
        _ => quote!(#where_clause { #(#fields),* }),
    };
    let zero = braced(parts, |part| {
        let ty = part.ty;
        quote!(<<#ty as __nn::Parameters>::Grads as ::adamant::Buffer>::ZERO)
    });
    let zero_in = braced(parts, |part| {
        let ty = part.ty;
        quote!(<<#ty as __nn::Parameters>::Grads as ::adamant::Buffer>::zero_in)
    });
    let members: Vec<&Member> = parts.iter().map(|p| &p.member).collect();
    let names = parts.iter().map(Part::name);
    let carried = pairs(parts, &|part| {
        let ty = part.ty;
        quote!(<<#ty as __nn::Parameters>::Grads as __nn::Gradients>::Carried)
    });
    let carried_now = (!parts.is_empty()).then(|| {
        pairs(parts, &|part| {
            let member = &part.member;
            quote!(__nn::Gradients::carried(&self.#member))
        })
    });
    let carried_parts = places(parts.len());
    let debug_names = parts.iter().map(Part::label);
    let (text, vis) = (name.to_string(), &input.vis);
    quote! {
        #[doc = #doc]
        #vis struct #name #declared #body

        impl #impl_generics ::core::clone::Clone for #name #ty_generics #where_clause {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl #impl_generics ::core::marker::Copy for #name #ty_generics #where_clause {}

        impl #impl_generics ::core::cmp::PartialEq for #name #ty_generics #where_clause {
            fn eq(&self, other: &Self) -> bool {
                let _ = other;
                true #(&& self.#members == other.#members)*
            }
        }

        impl #impl_generics ::core::fmt::Debug for #name #ty_generics #where_clause {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#text)#(.field(#debug_names, &self.#members))*.finish()
            }
        }

        impl #impl_generics ::adamant::Buffer for #name #ty_generics #where_clause {
            const ZERO: Self = Self #zero;

            fn zero_in(slot: ::adamant::heap::Slot<'_, Self>) -> ::adamant::heap::Filled<'_, Self> {
                ::adamant::in_place!(slot, Self #zero_in)
            }
        }

        impl #impl_generics __nn::Gradients for #name #ty_generics #where_clause {
            type Carried = #carried;

            #[inline]
            fn carried(&self) -> Self::Carried {
                #carried_now
            }

            #[inline]
            fn carry(&mut self, carried: &Self::Carried) {
                #(__nn::Gradients::carry(&mut self.#members, &carried #carried_parts);)*
            }

            #[inline]
            fn zip<const __K: usize, __Z: __nn::Zip<__K>>(&mut self, others: [&Self; __K], zip: &mut __Z) {
                #(__nn::Gradients::zip(&mut self.#members, others.map(|other| &other.#members), zip);)*
            }

            #[inline]
            fn visit<__V: __nn::Visitor>(&self, name: __nn::Name<'_>, visitor: &mut __V) {
                #(__nn::Gradients::visit(&self.#members, #names, visitor);)*
            }
        }
    }
}

/// Parameter defaults are not allowed where a struct is declared again.
fn strip_defaults(generics: &Generics) -> Generics {
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

fn parameters(input: &DeriveInput, parts: &[Part<'_>], custom: &Custom) -> TokenStream {
    let (name, grads) = (&input.ident, grads_name(input));
    let generics = bounded(&input.generics, parts, &quote!(__nn::Parameters));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let types: Vec<&Type> = parts.iter().map(|p| p.ty).collect();
    let members: Vec<&Member> = parts.iter().map(|p| &p.member).collect();
    let names: Vec<TokenStream> = parts.iter().map(Part::name).collect();
    let count = types
        .iter()
        .map(|ty| quote!(<#ty as __nn::Parameters>::Count))
        .rev()
        .reduce(|rest, count| quote!(__nn::Plus<#count, #rest>))
        .unwrap_or_else(|| quote!(__nn::Nothing));
    let describe = if custom.display { quote!(::core::fmt::Display::fmt(self, f)) } else { described(input, parts) };
    quote! {
        impl #impl_generics __nn::Parameters for #name #ty_generics #where_clause {
            type Grads = #grads #ty_generics;
            type Count = #count;
            const PARAMETERS: usize = 0 #(+ <#types as __nn::Parameters>::PARAMETERS)*;
            const NUMBERS: usize = 0 #(+ <#types as __nn::Parameters>::NUMBERS)*;
            const TRAINS_DIFFERENTLY: bool = false #(|| <#types as __nn::Parameters>::TRAINS_DIFFERENTLY)*;
            const COUPLES_SAMPLES: bool = false #(|| <#types as __nn::Parameters>::COUPLES_SAMPLES)*;

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

/// `Name(5, 3)` with the constant parameters for a layer without inner layers; the inner layers, indented, for others.
fn described(input: &DeriveInput, parts: &[Part<'_>]) -> TokenStream {
    let text = input.ident.to_string();
    let consts: Vec<&Ident> = input.generics.const_params().map(|p| &p.ident).collect();
    let format = format!("{text}({})", vec!["{}"; consts.len()].join(", "));
    let types = parts.iter().map(|p| p.ty);
    let children = parts.iter().map(|part| {
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

fn display(input: &DeriveInput, parts: &[Part<'_>], custom: &Custom) -> TokenStream {
    if custom.display {
        return TokenStream::new();
    }
    let name = &input.ident;
    let generics = bounded(&input.generics, parts, &quote!(__nn::Parameters));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    quote! {
        impl #impl_generics ::core::fmt::Display for #name #ty_generics #where_clause {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __nn::Parameters::describe(self, f)
            }
        }
    }
}

fn init(input: &DeriveInput, parts: &[Part<'_>], custom: &Custom) -> TokenStream {
    if custom.init {
        return TokenStream::new();
    }
    let name = &input.ident;
    let generics = bounded(&input.generics, parts, &quote!(::adamant::init::Init));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let blank = braced(parts, |part| {
        let ty = part.ty;
        match &part.options.value {
            Some(value) => value.to_token_stream(),
            None => quote!(<#ty as ::adamant::init::Init>::BLANK),
        }
    });
    let blank_in = braced(parts, |part| match &part.options.value {
        Some(value) => quote!(|slot| slot.write(#value)),
        None => {
            // A closure, so that a type without `Init` is an error at the field and not in the macro.
            let (blank_in, slot) = (at(part.ty, quote!(::adamant::init::Init::blank_in)), at(part.ty, quote!(slot)));
            quote!(|#slot| #blank_in(#slot))
        }
    });
    let resets = parts.iter().filter(|p| p.options.value.is_none() || p.options.init.is_some()).map(|part| {
        let member = &part.member;
        match &part.options.init {
            Some(path) => quote!(#path(&mut self.#member, rng);),
            None => {
                let reset = at(part.ty, quote!(::adamant::init::Init::reset_parameters));
                let field = at(part.ty, quote!(&mut self.#member));
                quote!(#reset(#field, rng);)
            }
        }
    });
    quote! {
        impl #impl_generics ::adamant::init::Init for #name #ty_generics #where_clause {
            const BLANK: Self = Self #blank;

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

/// An inherent `check`, since a trait's function cannot be called in a constant.
fn check(input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    quote! {
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
fn chainable(input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let mut generics = strip_defaults(&input.generics);
    generics.params.push(parse_quote!(__S));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = input.generics.split_for_impl();
    quote!(impl #impl_generics __nn::Chainable<__S> for #name #ty_generics #where_clause {})
}

/// Asks of the fields that look like no layers whether they are none: a function that is only type-checked.
fn plain(input: &DeriveInput, parts: &[Part<'_>]) -> TokenStream {
    let (impl_generics, _, where_clause) = input.generics.split_for_impl();
    let asked = parts.iter().filter(|part| part.looks_plain()).map(|part| {
        let ty = part.ty;
        let (before, after) = (at(ty, quote!(__nn::fields::plain::<)), at(ty, quote!(>())));
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
fn chain(input: &DeriveInput, parts: &[Part<'_>], custom: &Custom) -> TokenStream {
    match () {
        () if custom.forward || parts.is_empty() => return TokenStream::new(),
        () if parts.iter().any(Part::looks_plain) => return plain(input, parts),
        () => {}
    }
    let name = &input.ident;
    let (_, ty_generics, _) = input.generics.split_for_impl();
    // The fields, and what the struct lends of itself and of its gradients.
    let fields = rows(parts, &quote!(__nn::fields::Pair), &|part| part.ty.to_token_stream());
    let layers = rows(parts, &TokenStream::new(), &|part| {
        let member = &part.member;
        quote!(&self.#member)
    });
    let grads = rows(parts, &TokenStream::new(), &|part| {
        let member = &part.member;
        quote!(&mut grads.#member)
    });
    let (flow, flow_back) = (quote!(__nn::fields::Flow<#fields>), quote!(__nn::fields::FlowBack<#fields>));
    let module_generics = chained(input, parts, &fields, &quote!(__nn::Module), &flow);
    let (impl_module, _, where_module) = module_generics.split_for_impl();
    let mut backprop_generics = chained(input, parts, &fields, &quote!(__nn::Backprop), &flow_back);
    backprop_generics.make_where_clause().predicates.push(parse_quote!(__X: ::core::clone::Clone));
    let (impl_backprop, _, where_backprop) = backprop_generics.split_for_impl();
    let names = parts.iter().map(Part::name);
    let (forward, back) = (quote!(<__X as #flow>), quote!(<__X as #flow_back>));
    quote! {
        /// Stands for the struct in bounds that its own crate decides.
        pub struct __Struct;

        impl #impl_module __nn::Module<__X> for #name #ty_generics #where_module {
            type Output = #forward::Output;
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

            fn layers<__V: __nn::LayerVisitor>(name: __nn::Name<'_>, depth: usize, visitor: &mut __V) {
                visitor.layer(&__nn::LayerSummary::of::<__X, Self>(name, depth));
                #back::layers(&[#(#names),*], depth + 1, visitor);
            }
        }
    }
}

/// Rows of up to eight fields, as pairs of pairs of equal halves.
fn rows(parts: &[Part<'_>], pair: &TokenStream, field: &impl Fn(&Part<'_>) -> TokenStream) -> TokenStream {
    const ROW: usize = 8;
    if parts.len() <= ROW {
        let fields = parts.iter().map(field);
        return quote!((#(#fields,)*));
    }
    let (left, right) = parts.split_at(parts.len().div_ceil(ROW).div_ceil(2) * ROW);
    let (left, right) = (rows(left, pair, field), rows(right, pair, field));
    match pair.is_empty() {
        true => quote!((#left, #right)),
        false => quote!(#pair<#left, #right>),
    }
}

/// The struct's generics and one parameter for each value that flows, with the bounds that make the layers fit: one for each
/// field, which the compiler shows where it fails, and the one that the code rests on.
fn chained(
    input: &DeriveInput,
    parts: &[Part<'_>],
    fields: &TokenStream,
    bound: &TokenStream,
    flows: &TokenStream,
) -> Generics {
    let mut generics = strip_defaults(&bounded(&input.generics, parts, &quote!(__nn::Parameters)));
    // `__X` into the first layer, `__Y0` into the second, and so on.
    let flow: Vec<Ident> =
        (0..parts.len()).map(|i| if i == 0 { format_ident!("__X") } else { format_ident!("__Y{}", i - 1) }).collect();
    generics.params.extend(flow.iter().map(|x| -> GenericParam { parse_quote!(#x) }));
    let predicates = &mut generics.make_where_clause().predicates;
    predicates.push(parse_quote!(__nn::fields::Only<#fields, __X>: __nn::fields::Layers<__Struct>));
    for (i, part) in parts.iter().enumerate() {
        let (ty, x) = (part.ty, &flow[i]);
        let bound = match flow.get(i + 1) {
            Some(y) => quote!(#bound<#x, Output = #y>),
            None => quote!(#bound<#x>),
        };
        let bound = at(ty, bound);
        predicates.push(parse_quote!(#ty: #bound));
    }
    // What a layer gives is a buffer, but the compiler does not conclude that from `Output = …`.
    for y in &flow[1..] {
        predicates.push(parse_quote!(#y: ::adamant::Buffer));
    }
    predicates.push(parse_quote!(__X: #flows));
    generics
}
