//! Steps whose backward pass encloses the rest.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Body, Reverse};
use crate::forward::names::{local, placed};
use crate::forward::plan::Lent;
use crate::forward::steps::{Apply, Call, Callee, End, Operand, Output, Program, Step, Var};
use crate::forward::writer::function;

impl<'p> Reverse<'p> {
    /// A step around the rest.
    pub(super) fn around(&mut self, program: &'p Program, at: usize, body: &mut Body) {
        match &program.steps[at] {
            Step::Call(call) => {
                let rest = self.rest(program, at, call.out);
                let made = self.writer.layer(call);
                let (before, lent, after) = self.lent_input(call);
                let first = self.writer.plan.first_before(&call.input);
                body.before = quote!(#made #before);
                body.call = self.backprop(call, first, &lent, &rest);
                body.after = after;
            }
            Step::Apply(apply) => {
                let rest = self.rest(program, at, apply.out);
                body.before = self.writer.operation(apply);
                body.call = self.lend_operands(apply, &rest);
            }
            _ => {}
        }
    }

    /// The rest as a closure that is lent the step's value.
    fn rest(&mut self, program: &'p Program, at: usize, out: Var) -> TokenStream {
        self.writer.lend_by_name(out);
        let (name, own) = (self.writer.name(out).clone(), self.writer.plan.is_own(out));
        let ends = matches!(&program.end, End::Return(Output::One(_))) && at + 1 == program.steps.len();
        if ends && own {
            // Not `next` itself: a wrong type is shown at the output's.
            let (at, next) = (placed(self.writer.plan.lowered.output.span()), local("next"));
            let lent = self.writer.handed_out(quote!(#name));
            return quote_spanned!(at=> |#name| #next(#lent));
        }
        let mut rest = program.emit(at + 1, self);
        let mut zero = TokenStream::new();
        if !own {
            let grad = self.writer.grad_name(out);
            zero = quote!(let mut #grad = ::adamant::ops::zero_like(&*#name););
            rest.backward.extend(quote!(*#name = #grad;));
        }
        let (rest, ty) = (self.close(rest), self.writer.plan.lowered.vars[out].ty.as_ref());
        let typed = ty.map(|ty| quote!(let #name = ::adamant::ops::fit::Is::<_, &mut #ty>::of(#name).it();));
        quote!(|#name| { #typed #zero #rest })
    }

    /// An operation around the rest: its first operand becomes its own gradient.
    fn lend_operands(&self, apply: &Apply, next: &TokenStream) -> TokenStream {
        let (function, op) = (function(apply), &apply.op.name);
        let lent = apply.operands.iter().enumerate().map(|(i, operand)| match operand {
            Operand::Var(v) if i == 0 => self.writer.lend(*v),
            Operand::Field(place) if self.writer.plan.wants(operand) => {
                let (own, grads) = (self.writer.reference(operand), place.grads(&local("grads")));
                quote_spanned!(place.span=> #own, &mut #grads)
            }
            operand => {
                let own = self.writer.reference(operand);
                quote!(#own, &mut ())
            }
        });
        quote_spanned!(apply.span=> #function::backprop(&#op, #(#lent,)* #next))
    }

    /// A layer's backward pass. Where there is a `first` layer before, only its parameters want the input's gradient.
    pub(super) fn backprop(&self, call: &Call, first: Option<&Callee>, input: &TokenStream, next: &TokenStream) -> TokenStream {
        let (span, name, plan) = (call.span, &call.name, self.writer.plan);
        let (grads, varies) = (call.layer.grads(&local("grads")), !matches!(plan.lent(&call.input), Lent::Read));
        match (varies, plan.mode.params) {
            (true, true) if let Some(first) = first => {
                let first = first.own();
                let wanted = quote!(::adamant::nn::inside::is_trained(&#first));
                quote_spanned!(span=> ::adamant::nn::Backprop::backprop_if(#name, #wanted, #input, &mut #grads, #next))
            }
            (true, true) => quote_spanned!(span=> ::adamant::nn::Backprop::backprop(#name, #input, &mut #grads, #next)),
            (false, true) => quote_spanned!(span=> ::adamant::nn::Backprop::backprop_params(#name, #input, &mut #grads, #next)),
            (_, false) => quote_spanned!(span=> ::adamant::nn::Backprop::backprop_input(#name, #input, #next)),
        }
    }
}
