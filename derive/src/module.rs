//! `#[derive(Module)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
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
            (Some(name), _) => quote!(name.field(#name)),
            (None, Member::Named(ident)) => {
                let name = ident.to_string();
                let name = name.trim_start_matches("r#");
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
        match &self.options.name {
            Some(name) => name.value(),
            None => self.member.to_token_stream().to_string(),
        }
    }

    /// The last name of the type's path.
    fn type_name(&self) -> Option<String> {
        let mut ty = self.ty;
        while let Type::Group(group) = ty {
            ty = &group.elem;
        }
        let Type::Path(path) = ty else { return None };
        path.path.segments.last().map(|s| s.ident.to_string())
    }

    /// Whether the type is written as a parameter, a tensor or a plain number: no layer, so nothing to chain.
    fn is_plain(&self) -> bool {
        const PLAIN: [&str; 18] = [
            "Param",
            "Running",
            "Tensor",
            "PhantomData",
            "f32",
            "f64",
            "bool",
            "usize",
            "isize",
            "u8",
            "u16",
            "u32",
            "u64",
            "i8",
            "i16",
            "i32",
            "i64",
            "Option",
        ];
        self.type_name().is_some_and(|name| PLAIN.contains(&name.as_str()) || name.starts_with("Tensor"))
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
    let doubtful = |part: &&Part<'_>| !part.is_plain() || part.type_name().is_some_and(|name| name == "Option");
    parts.iter().filter(doubtful).map(|part| part.ty).filter(move |ty| !mentions(ty.to_token_stream(), &names))
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
        let value = part.options.value.clone();
        value.unwrap_or_else(|| quote!(<#ty as ::adamant::init::Init>::BLANK))
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

/// `Module` and `Backprop` of a struct whose fields are all layers: each takes what the one before gives.
fn chain(input: &DeriveInput, parts: &[Part<'_>], custom: &Custom) -> TokenStream {
    let plain = parts.iter().any(Part::is_plain);
    let Some((last, before)) = parts.split_last().filter(|_| !custom.forward && !plain) else {
        return TokenStream::new();
    };
    let name = &input.ident;
    let (_, ty_generics, _) = input.generics.split_for_impl();
    let (module, backprop) = (quote!(__nn::Module), quote!(__nn::Backprop));

    // What flows between the layers: `__X` into the first, `__Y0` into the second, and so on.
    let flow: Vec<Ident> =
        (0..parts.len()).map(|i| if i == 0 { format_ident!("__X") } else { format_ident!("__Y{}", i - 1) }).collect();
    let module_generics = chained(input, parts, &flow, &module);
    let (impl_module, _, where_module) = module_generics.split_for_impl();
    let mut backprop_generics = chained(input, parts, &flow, &backprop);
    backprop_generics.make_where_clause().predicates.push(parse_quote!(__X: ::core::clone::Clone));
    let (impl_backprop, _, where_backprop) = backprop_generics.split_for_impl();
    let (last_ty, last_x) = (last.ty, &flow[flow.len() - 1]);

    // The same layers as nested pairs say what the chain costs.
    let types = parts.iter().map(|p| p.ty.to_token_stream()).rev();
    let pairs = types.reduce(|rest, ty| quote!((#ty, #rest)));

    let own = |part: &Part<'_>| {
        let member = &part.member;
        quote!(&self.#member)
    };
    let grads = |part: &Part<'_>| {
        let member = &part.member;
        quote!(&mut grads.#member)
    };
    let last_layer = own(last);
    let with = |part: &Part<'_>, next: TokenStream| {
        let layer = own(part);
        quote!(#module::forward_with(#layer, x, |x| #next))
    };
    let over = quote!(#module::forward_over(#last_layer, x, y));
    let forward_over = nest(before, over.clone(), with);
    let forward_into = match parts.split_first() {
        Some((first, rest)) if !rest.is_empty() => {
            let (layer, y0) = (own(first), &flow[1]);
            let rest = nest(&before[1..], over, with);
            quote! {
                let mut h = <#y0 as ::adamant::Buffer>::ZERO;
                #module::forward_into(#layer, x, &mut h);
                let x = &mut h;
                #rest
            }
        }
        _ => quote!(#module::forward_into(#last_layer, x, y)),
    };
    let forward_with = nest(before, quote!(#module::forward_with(#last_layer, x, next)), with);
    let last_grads = grads(last);
    let backprop_from = |from: usize| {
        nest(&before[from..], quote!(#backprop::backprop(#last_layer, x, #last_grads, next)), |part, next| {
            let (layer, grads) = (own(part), grads(part));
            quote!(#backprop::backprop(#layer, x, #grads, |x| #next))
        })
    };
    // As long as nothing before a layer is trained, nobody reads the gradient with respect to its input.
    let mut from = before.len();
    let backprop_params = nest(before, quote!(#backprop::backprop_params(#last_layer, x, #last_grads, next)), |part, next| {
        let all = backprop_from(from);
        from -= 1;
        let (layer, grads, ty) = (own(part), grads(part), part.ty);
        quote! {
            #backprop::backprop_params(#layer, x, #grads, |x| {
                if <#ty as __nn::Parameters>::PARAMETERS == 0 { #next } else { #all }
            })
        }
    });
    let forward_training = parts.iter().zip(&flow).enumerate().map(|(i, (part, x))| {
        let (layer, grads, ty) = (own(part), grads(part), part.ty);
        let input = if i == 0 { quote!(x) } else { quote!(&x) };
        quote!(let x = <#ty as #module<#x>>::forward_training(#layer, #input, #grads);)
    });
    let forward_training = quote!(#(#forward_training)* x);
    let backprop_input = nest(before, quote!(#backprop::backprop_input(#last_layer, x, next)), |part, next| {
        let layer = own(part);
        quote!(#backprop::backprop_input(#layer, x, |x| #next))
    });
    let backprop_all = backprop_from(0);
    let layer_types = parts.iter().map(|p| p.ty);
    let layer_names = parts.iter().map(Part::name);
    quote! {
        impl #impl_module #module<__X> for #name #ty_generics #where_module {
            type Output = <#last_ty as #module<#last_x>>::Output;
            const MACS: usize = <#pairs as #module<__X>>::MACS;
            const FORWARD_BYTES: usize = <#pairs as #module<__X>>::FORWARD_BYTES;
            const FORWARD_OVER_BYTES: usize = <#pairs as #module<__X>>::FORWARD_OVER_BYTES;
            const FORWARD_WITH_BYTES: usize = <#pairs as #module<__X>>::FORWARD_WITH_BYTES;

            #[inline]
            fn forward_into(&self, x: &__X, y: &mut Self::Output) {
                #forward_into
            }

            #[inline]
            fn forward_over(&self, x: &mut __X, y: &mut Self::Output) {
                #forward_over
            }

            #[inline]
            fn forward_with<__R>(&self, x: &mut __X, next: impl ::core::ops::FnOnce(&mut Self::Output) -> __R) -> __R {
                #forward_with
            }

            #[inline]
            fn forward_training(&self, x: &__X, grads: &mut Self::Grads) -> Self::Output {
                #forward_training
            }
        }

        impl #impl_backprop #backprop<__X> for #name #ty_generics #where_backprop {
            const BACKPROP_BYTES: usize = <#pairs as #backprop<__X>>::BACKPROP_BYTES;

            #[inline]
            fn backprop<__R>(
                &self,
                x: &mut __X,
                grads: &mut Self::Grads,
                next: impl ::core::ops::FnOnce(&mut Self::Output) -> __R,
            ) -> __R {
                #backprop_all
            }

            #[inline]
            fn backprop_params<__R>(
                &self,
                x: &__X,
                grads: &mut Self::Grads,
                next: impl ::core::ops::FnOnce(&mut Self::Output) -> __R,
            ) -> __R {
                #backprop_params
            }

            #[inline]
            fn backprop_input<__R>(&self, x: &mut __X, next: impl ::core::ops::FnOnce(&mut Self::Output) -> __R) -> __R {
                #backprop_input
            }

            fn layers<__V: __nn::LayerVisitor>(name: __nn::Name<'_>, depth: usize, visitor: &mut __V) {
                visitor.layer(&__nn::LayerSummary::of::<__X, Self>(name, depth));
                #(<#layer_types as #backprop<#flow>>::layers(#layer_names, depth + 1, visitor);)*
            }
        }
    }
}

/// Calls nested in continuations: the first layer's around the second's, and so on around `last`.
fn nest(before: &[Part<'_>], last: TokenStream, mut around: impl FnMut(&Part<'_>, TokenStream) -> TokenStream) -> TokenStream {
    before.iter().rev().fold(last, |inner, part| around(part, inner))
}

/// The struct's generics and one parameter for each value that flows, with the bounds that make the layers fit.
fn chained(input: &DeriveInput, parts: &[Part<'_>], flow: &[Ident], bound: &TokenStream) -> Generics {
    let mut generics = strip_defaults(&bounded(&input.generics, parts, &quote!(__nn::Parameters)));
    generics.params.extend(flow.iter().map(|x| -> GenericParam { parse_quote!(#x) }));
    let predicates = &mut generics.make_where_clause().predicates;
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
    generics
}
