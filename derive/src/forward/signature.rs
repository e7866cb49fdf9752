//! The impl and the function that `#[forward]` stands on.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, FnArg, GenericParam, Generics, ImplItem, ImplItemFn, ItemImpl, Lifetime, Pat, Path, ReceiverKind,
    ReturnType, Safety, Type, TypeParamBound, TypeReference, WherePredicate, parse_quote,
};

use super::errors::Errors;
use super::steps::changed;

/// One argument.
pub struct Argument {
    pub pat: Pat,
    /// Its type within the layer's input.
    pub ty: Type,
    /// Whether a gradient flows to it.
    pub gradient: bool,
    /// Whether the function takes it by reference.
    pub by_ref: bool,
}

pub struct Signature {
    pub name: Ident,
    pub this: Ident,
    pub arguments: Vec<Argument>,
    pub output: Type,
    pub block: Block,
    /// The const parameters of the impl and of the function.
    pub consts: Vec<String>,
    /// Whether `Module` can be written for these types at all.
    pub fits_impls: bool,
    /// Lifetimes of arguments that the user left out.
    lifetimes: Vec<Lifetime>,
    function: Generics,
}

const USE: &str = "`#[forward]` stands on an impl with the forward pass in it, \
                   `impl MyLayer { fn forward(&self, x: Tensor<…>) -> Tensor<…> { … } }`, or on a free function, \
                   `fn my_loss(p: Tensor<…>, y: &Tensor<…>) -> f32 { … }`";

impl Signature {
    pub fn of(item: &ItemImpl, errors: &mut Errors) -> Option<Self> {
        let Some(function) = forward(item) else {
            // The compiler says what is wrong with an impl of a trait that has no such function.
            if item.trait_.is_none() {
                errors.at(&item.self_ty, format!("this impl has no function `forward`\n{USE}"));
            }
            return None;
        };
        Conditional { errors }.visit_impl_item_fn(function);
        let sig = &function.sig;
        if let Some(token) = &sig.asyncness {
            errors.at(token, "a forward pass is not `async`: it computes and waits for nothing");
        }
        if let Safety::Unsafe(token) = &sig.safety {
            errors.at(token, "`Module::forward` is not `unsafe`: make the unsafe step an operation with both passes");
        }
        let receiver = sig.receiver();
        if !receiver.is_some_and(|r| matches!(&r.kind, ReceiverKind::Reference(_, _, None))) {
            let place = sig.inputs.first().map_or_else(|| sig.ident.to_token_stream(), ToTokens::to_token_stream);
            errors.at(place, "`forward` takes `&self` first: a forward pass reads the layer and does not change it");
        }
        let output = match &sig.output {
            ReturnType::Default => {
                errors.at(&sig.ident, "`forward` returns nothing: write `-> Tensor<…>`");
                return None;
            }
            ReturnType::Type(_, ty) => (**ty).clone(),
        };
        match &output {
            Type::ImplTrait(_) => errors.at(&output, "write the output's type: it becomes `Module::Output`"),
            Type::Reference(_) => errors.at(&output, "return the tensor itself: a layer's output is a buffer of its own"),
            _ => {}
        }
        let mut lifetimes = Vec::new();
        let arguments = arguments(item, function, &mut lifetimes, errors);
        let generics = [&item.generics, &sig.generics];
        let mut this = Self {
            name: sig.ident.clone(),
            this: Ident::new("self", receiver.map_or_else(|| sig.ident.span(), |r| r.self_token.span)),
            consts: generics.iter().flat_map(|g| g.const_params()).map(|p| p.ident.to_string()).collect(),
            fits_impls: !matches!(output, Type::ImplTrait(_) | Type::Reference(_)) && arguments.iter().all(Argument::is_sized),
            arguments,
            output,
            block: function.block.clone(),
            lifetimes,
            function: sig.generics.clone(),
        };
        this.fits_impls &= this.check_generics(errors);
        Some(this)
    }

    /// The layer's input: the argument's type, or the tuple of the arguments' types.
    pub fn input(&self) -> TokenStream {
        let types = self.arguments.iter().map(|a| &a.ty);
        match &self.arguments[..] {
            [one] => one.ty.to_token_stream(),
            _ => quote!((#(#types,)*)),
        }
    }

    /// The same within the function, where the lifetimes that were left out have no names.
    pub fn input_inside(&self) -> TokenStream {
        changed(self.input(), &|token| match token {
            TokenTree::Ident(ident) if self.lifetimes.iter().any(|l| ident == l.ident) => {
                TokenTree::Ident(Ident::new("_", ident.span()))
            }
            token => token,
        })
    }

    /// The generics of the impl and of the function. With `backprop`, a layer that is asked to be a `Module` must be `Backprop`.
    pub fn generics(&self, item: &ItemImpl, backprop: bool) -> Generics {
        let mut generics = item.generics.clone();
        let params = self.function.params.iter().cloned();
        let own = self.lifetimes.iter().map(|l| -> GenericParam { parse_quote!(#l) });
        let mut all: Vec<GenericParam> = generics.params.iter().cloned().chain(params).chain(own).collect();
        all.sort_by_key(|p| !matches!(p, GenericParam::Lifetime(_)));
        generics.params = all.into_iter().collect();
        let clause = generics.make_where_clause();
        if let Some(of_function) = &self.function.where_clause {
            clause.predicates.extend(of_function.predicates.iter().cloned());
        }
        clause.predicates.extend(statics(item));
        if backprop {
            Strengthen.visit_generics_mut(&mut generics);
        }
        generics
    }

    /// A parameter of the function must be found from the input's type, or the impl would be ambiguous.
    fn check_generics(&self, errors: &mut Errors) -> bool {
        let mut found = true;
        let input = self.input();
        let bounds = self.function.where_clause.to_token_stream();
        let in_bounds: TokenStream = self.function.params.iter().map(ToTokens::to_token_stream).collect();
        for param in &self.function.params {
            let ident = match param {
                GenericParam::Type(p) => &p.ident,
                GenericParam::Const(p) => &p.ident,
                GenericParam::Lifetime(_) => continue,
            };
            let in_params =
                in_bounds.clone().into_iter().filter(|t| matches!(t, TokenTree::Ident(i) if i == ident)).count() > 1;
            if !in_params && !mentions(input.clone(), &ident.to_string()) && !mentions(bounds.clone(), &ident.to_string()) {
                let message =
                    format!("no argument's type mentions `{ident}`, so nothing decides it: make it a parameter of a layer");
                errors.at(ident, message);
                found = false;
            }
        }
        found
    }
}

/// What `#[derive(Module)]` asks of a type parameter.
pub fn statics(item: &ItemImpl) -> impl Iterator<Item = WherePredicate> {
    item.generics.type_params().map(|p| &p.ident).map(|p| parse_quote!(#p: 'static))
}

impl Argument {
    /// Whether an impl can name its type.
    fn is_sized(&self) -> bool {
        !matches!(self.ty, Type::ImplTrait(_) | Type::Slice(_))
    }
}

/// The impl as one of no trait: its `forward` is what was meant.
pub fn inherent(mut item: ItemImpl, errors: &mut Errors) -> ItemImpl {
    if let Some((path, _)) = &item.trait_ {
        errors.at(path, format!("{USE}; `Module` and `Backprop` are written for you"));
        if forward(&item).is_some() {
            item.trait_ = None;
            item.items.retain(|item| matches!(item, ImplItem::Fn(function) if function.sig.ident == "forward"));
        }
    }
    item
}

/// Notes that the macro stands on something else.
pub fn misplaced(tokens: &TokenStream, error: syn::Error, errors: &mut Errors) {
    let other = syn::parse2::<ImplItemFn>(tokens.clone()).is_ok() || syn::parse2::<syn::Item>(tokens.clone()).is_ok();
    match other {
        true => errors.at_span(error.span(), USE),
        false => errors.at_span(error.span(), error),
    }
}

/// Finds conditions that are decided after the backward pass is written.
struct Conditional<'e> {
    errors: &'e mut Errors,
}

impl Visit<'_> for Conditional<'_> {
    fn visit_attribute(&mut self, attribute: &Attribute) {
        let decides = attribute.path().is_ident("cfg")
            || (attribute.path().is_ident("cfg_attr") && mentions(attribute.meta.to_token_stream(), "cfg"));
        if decides {
            self.errors
                .at(attribute, "`#[forward]` cannot decide this condition: put it on the whole impl, or write `if cfg!(…)`");
        }
    }

    // An item is copied with its attributes.
    fn visit_item(&mut self, _: &syn::Item) {}
}

/// The function `forward` of an impl.
pub fn forward(item: &ItemImpl) -> Option<&ImplItemFn> {
    item.items.iter().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == "forward" => Some(function),
        _ => None,
    })
}

fn arguments(item: &ItemImpl, function: &ImplItemFn, lifetimes: &mut Vec<Lifetime>, errors: &mut Errors) -> Vec<Argument> {
    let numbers = numbers(&[&item.generics, &function.sig.generics]);
    let typed: Vec<_> = function
        .sig
        .inputs
        .iter()
        .filter_map(|arg| match arg {
            FnArg::Typed(arg) => Some(arg),
            FnArg::Receiver(_) => None,
        })
        .collect();
    if typed.is_empty() {
        errors.at(&function.sig.ident, "a forward pass takes an input: `x: Tensor<…>`");
    }
    let sole = typed.len() == 1;
    let mut arguments = Vec::new();
    for arg in typed {
        let mut ty = (*arg.ty).clone();
        let mut by_ref = false;
        match &*arg.ty {
            Type::ImplTrait(_) => {
                errors.at(&arg.ty, "write the argument's type, or name it as a parameter: `fn forward<X: …>(…)`")
            }
            Type::Reference(reference) => {
                by_ref = true;
                if let Some(token) = &reference.mutability {
                    errors.at(token, "a forward pass does not change its arguments: take it by value, or by `&`");
                }
                if sole && matches!(*reference.elem, Type::Slice(_)) {
                    errors.at(&arg.ty, "a layer's input has a size: write `&Tensor<[f32; N]>`");
                }
                ty = Type::Reference(TypeReference { mutability: None, ..reference.clone() });
                // A sole input by reference is the input itself, as in `Module::forward`.
                if sole {
                    ty = (*reference.elem).clone();
                }
            }
            _ => {}
        }
        let gradient = (sole || !by_ref) && !is_number(&ty, &numbers);
        NameLifetimes { lifetimes }.visit_type_mut(&mut ty);
        arguments.push(Argument { pat: (*arg.pat).clone(), ty, gradient, by_ref });
    }
    if arguments.len() > 1 && arguments.iter().all(|a| a.by_ref) {
        let message = "with several arguments, one by reference is a constant: take by value what a gradient flows to";
        errors.at(&function.sig.inputs, message);
    }
    arguments
}

/// The type parameters that stand for numbers.
fn numbers(generics: &[&Generics]) -> Vec<String> {
    let is_float = |bounds: &syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>| {
        bounds
            .iter()
            .any(|b| matches!(b, TypeParamBound::Trait(t) if t.path.segments.last().is_some_and(|s| s.ident == "Float")))
    };
    let mut numbers = Vec::new();
    for generics in generics {
        let params = generics.type_params().filter(|p| is_float(&p.bounds));
        numbers.extend(params.map(|p| p.ident.to_string()));
        let predicates = generics.where_clause.iter().flat_map(|c| &c.predicates);
        numbers.extend(predicates.filter_map(|p| match p {
            WherePredicate::Type(p) if is_float(&p.bounds) => Some(p.bounded_ty.to_token_stream().to_string()),
            _ => None,
        }));
    }
    numbers
}

const INTEGERS: [&str; 13] = ["bool", "usize", "isize", "u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128"];

/// A plain number, or a tensor of integers: no gradient flows there.
fn is_number(ty: &Type, numbers: &[String]) -> bool {
    let text = ty.to_token_stream().to_string();
    let plain = text == "f32" || text == "f64" || numbers.contains(&text);
    plain || INTEGERS.iter().any(|name| mentions(ty.to_token_stream(), name))
}

/// Whether a name occurs in tokens.
pub fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(found) => found == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// Names the lifetimes that were left out.
struct NameLifetimes<'l> {
    lifetimes: &'l mut Vec<Lifetime>,
}

impl VisitMut for NameLifetimes<'_> {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            let name = format!("'input{}", self.lifetimes.len());
            let lifetime = Lifetime::new(&name, proc_macro2::Span::mixed_site());
            self.lifetimes.push(lifetime.clone());
            reference.lifetime = Some(lifetime);
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }
}

/// Makes `M: Module<X>` into `M: Backprop<X>`.
struct Strengthen;

impl VisitMut for Strengthen {
    fn visit_type_param_bound_mut(&mut self, bound: &mut TypeParamBound) {
        if let TypeParamBound::Trait(bound) = bound
            && let Some(last) = bound.path.segments.last().filter(|s| s.ident == "Module")
        {
            let arguments = &last.arguments;
            let span = last.ident.span();
            let path: Path = syn::parse_quote_spanned!(span=> ::adamant::nn::Backprop #arguments);
            bound.path = path;
        }
    }
}
