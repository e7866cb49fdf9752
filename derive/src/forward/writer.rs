//! How values and single steps are written, as a plan has it.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::names::{local, placed};
use super::plan::Plan;
use super::steps::{Apply, Bound, Call, Callee, Detach, Input, Lowered, Operand, Output, Pack, Project, Var, respanned, tuple};

/// Where a value is that stands in a buffer lent by somebody else, who wants the gradient there.
#[derive(Clone)]
struct Spot {
    /// The value: `*h`, `inputs.0`.
    place: TokenStream,
    /// The buffer as `&mut`: `h`, `&mut inputs.0`.
    lent: TokenStream,
}

impl Spot {
    /// Of an argument.
    fn of(lowered: &Lowered, index: usize, argument: &Bound) -> Self {
        let span = placed(argument.span);
        let mut parameter = input_name(lowered);
        parameter.set_span(span);
        let index = syn::Index { index: index as u32, span };
        match lowered.arguments.len() {
            1 => Self { place: quote_spanned!(span=> *#parameter), lent: quote!(#parameter) },
            _ => Self { place: quote_spanned!(span=> #parameter.#index), lent: quote!(&mut #parameter.#index) },
        }
    }
}

/// The parameter's name: the user's, where there is one argument.
pub fn input_name(lowered: &Lowered) -> Ident {
    match &lowered.arguments[..] {
        [one] if one.var.is_some() => one.name.clone(),
        _ => local("inputs"),
    }
}

pub struct Writer<'p> {
    pub plan: &'p Plan<'p>,
    spots: HashMap<Var, Spot>,
}

impl<'p> Writer<'p> {
    /// The state before the first step, and what gives the constant arguments their names.
    pub fn new(plan: &'p Plan<'p>) -> (Self, TokenStream) {
        let mut spots = HashMap::new();
        let mut constants = quote! {
            use ::adamant::nn::inside::Absent as _;
            use ::adamant::ops::fit::{Other as _, Unfitting as _};
        };
        for (i, argument) in plan.lowered.arguments.iter().enumerate() {
            let spot = Spot::of(plan.lowered, i, argument);
            match argument.var {
                Some(var) => {
                    spots.insert(var, spot);
                }
                None => {
                    let (name, place, span) = (&argument.name, spot.place, placed(argument.span));
                    constants.extend(quote_spanned!(span=> let #name = #place;));
                }
            }
        }
        (Self { plan, spots }, constants)
    }

    /// From here on a value stands in a buffer that is lent by this name.
    pub fn lend_by_name(&mut self, v: Var) {
        let name = self.name(v);
        let spot = Spot { place: quote!(*#name), lent: quote!(#name) };
        self.spots.insert(v, spot);
    }

    pub fn name(&self, v: Var) -> &'p Ident {
        &self.plan.lowered.vars[v].name
    }

    /// The name of a value's gradient, where it has a buffer for it.
    pub fn grad_name(&self, v: Var) -> &'p Ident {
        &self.plan.lowered.vars[v].grad
    }

    /// The place of a value's gradient.
    pub fn grad(&self, v: Var) -> TokenStream {
        match self.plan.is_own(v) {
            true => self.value(v),
            false => self.grad_name(v).to_token_stream(),
        }
    }

    /// The place of a value's gradient as `&mut`.
    pub fn lend(&self, v: Var) -> TokenStream {
        match self.spots.get(&v) {
            Some(spot) if self.plan.is_own(v) => spot.lent.clone(),
            _ => {
                let grad = self.grad(v);
                quote_spanned!(grad.span()=> &mut #grad)
            }
        }
    }

    /// The value itself, to copy.
    pub fn value(&self, v: Var) -> TokenStream {
        match self.spots.get(&v) {
            Some(spot) => spot.place.clone(),
            None => self.name(v).to_token_stream(),
        }
    }

    pub fn reference(&self, operand: &Operand) -> TokenStream {
        match operand {
            Operand::Var(v) => {
                let value = self.value(*v);
                quote!(&#value)
            }
            Operand::Field(place) => {
                let own = place.own();
                quote_spanned!(place.span=> ::adamant::ops::operand(&#own))
            }
            Operand::Constant(tokens) => quote_spanned!(tokens.span()=> ::adamant::ops::operand(&#tokens)),
        }
    }

    pub fn references(&self, operands: &[Operand]) -> Vec<TokenStream> {
        operands.iter().map(|operand| self.reference(operand)).collect()
    }

    /// An operand by value.
    pub fn copied(&self, operand: &Operand) -> TokenStream {
        match operand {
            Operand::Var(v) => self.value(*v),
            operand => {
                let reference = self.reference(operand);
                quote!(*#reference)
            }
        }
    }

    pub fn input(&self, callee: &Callee, input: &Input) -> TokenStream {
        let operands = match input {
            Input::One(operand) => return self.copied(operand),
            Input::Tuple(operands) => operands,
        };
        let tuple = tuple(operands.iter().map(|operand| match operand {
            Operand::Constant(tokens) => tokens.clone(),
            operand => self.copied(operand),
        }));
        match callee {
            Callee::Field(_) => tuple,
            // What does not fit is said of this once, wherever it stands.
            Callee::Function(path) => respanned(tuple, path.span()),
        }
    }

    pub fn input_reference(&self, callee: &Callee, input: &Input) -> TokenStream {
        match input {
            Input::One(operand) => self.reference(operand),
            Input::Tuple(_) => {
                let input = self.input(callee, input);
                quote!(&#input)
            }
        }
    }

    pub fn output(&self, output: &Output) -> TokenStream {
        match output {
            Output::One(operand) => self.copied(operand),
            Output::Tuple(parts) => tuple(parts.iter().map(|part| self.output(part))),
        }
    }

    /// What is lent as the function's output.
    pub fn handed_out(&self, lent: TokenStream) -> TokenStream {
        let ty = &self.plan.lowered.output;
        quote_spanned!(placed(ty.span())=> ::adamant::ops::fit::Is::<_, &mut #ty>::of(#lent).it())
    }

    /// A variable for a value.
    pub fn variable(&self, v: Var, value: &TokenStream) -> TokenStream {
        let (name, mutable) = (self.name(v), self.plan.is_own(v).then(|| quote!(mut)));
        match &self.plan.lowered.vars[v].ty {
            Some(ty) => quote!(let #mutable #name = ::adamant::ops::fit::Is::<_, #ty>::of(#value).it();),
            None => quote!(let #mutable #name = #value;),
        }
    }

    /// An operation, if it fits.
    pub fn operation(&self, apply: &Apply) -> TokenStream {
        let (name, make) = (&apply.op.name, &apply.op.make);
        let references = self.references(&apply.operands);
        let applied = Ident::new(if references.len() == 1 { "Applied" } else { "Applied2" }, Span::mixed_site());
        quote_spanned!(placed(apply.span)=> let #name = ::adamant::ops::fit::#applied::of(#make, #(#references),*).fitting();)
    }

    /// A layer, if it fits.
    pub fn layer(&self, call: &Call) -> TokenStream {
        let (name, own, input) = (&call.name, call.layer.called(call.span), self.input_reference(&call.layer, &call.input));
        quote_spanned!(placed(call.span)=> let #name = ::adamant::nn::inside::Called::of(&#own, #input).fitting();)
    }

    pub fn apply(&self, apply: &Apply) -> TokenStream {
        let (made, name, function) = (self.operation(apply), &apply.op.name, function(apply));
        let operands = self.references(&apply.operands);
        let out = self.variable(apply.out, &quote_spanned!(apply.span=> #function::forward(&#name, #(#operands),*)));
        quote!(#made #out)
    }

    /// A call in evaluation.
    pub fn call(&self, call: &Call) -> TokenStream {
        let (made, name, input) = (self.layer(call), &call.name, self.input_reference(&call.layer, &call.input));
        let value = quote_spanned!(call.span=> ::adamant::nn::Module::forward_inside(#name, #input));
        let out = self.variable(call.out, &value);
        quote!(#made #out)
    }

    /// A call in training. With `keep`, what the layer's gradients carry is kept for the way back.
    pub fn trained_call(&self, call: &Call, keep: bool) -> TokenStream {
        if !self.plan.is_marked(call) {
            return self.call(call);
        }
        let (made, name, mark) = (self.layer(call), &call.name, &call.mark);
        let (input, grads) = (self.input_reference(&call.layer, &call.input), call.layer.grads(&local("grads")));
        let marked = keep.then(|| quote!(let #mark = ::adamant::nn::Gradients::carried(&#grads);));
        let value = quote_spanned!(call.span=> ::adamant::nn::Module::forward_training(#name, #input, &mut #grads));
        let out = self.variable(call.out, &value);
        quote!(#marked #made #out)
    }

    pub fn pack(&self, pack: &Pack) -> TokenStream {
        let operands = pack.operands.iter().map(|operand| self.copied(operand));
        self.variable(pack.out, &quote!([#(#operands),*]))
    }

    pub fn project(&self, project: &Project) -> TokenStream {
        let (of, index) = (self.copied(&project.of), syn::Index::from(project.index));
        let of = if of.to_string().starts_with('*') { quote!((#of)) } else { of };
        self.variable(project.out, &quote!(#of.#index))
    }

    pub fn detach(&self, detach: &Detach) -> TokenStream {
        self.variable(detach.out, &self.copied(&detach.of))
    }
}

/// The trait of an operation.
pub fn function(apply: &Apply) -> TokenStream {
    match apply.operands.len() {
        1 => quote_spanned!(apply.span=> ::adamant::ops::Function),
        _ => quote_spanned!(apply.span=> ::adamant::ops::Function2),
    }
}
