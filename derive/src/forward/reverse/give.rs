//! Where gradients go.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::Reverse;
use crate::forward::names::{local, placed};
use crate::forward::plan::Lent;
use crate::forward::steps::{Call, Input, Operand, Output, respanned};

impl Reverse<'_> {
    /// Adds to an operand's gradient what `contribution` adds to the place that it is given, if somebody wants it.
    pub(super) fn add(&self, operand: &Operand, contribution: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
        if !self.writer.plan.wants(operand) {
            return TokenStream::new();
        }
        match operand {
            Operand::Var(v) => {
                let added = contribution(self.writer.lend(*v));
                quote!(#added;)
            }
            Operand::Field(place) => {
                let (grads, d) = (place.grads(&local("grads")), local("d_param"));
                let added = contribution(quote!(#d));
                quote_spanned!(place.span=> ::adamant::ops::Sink::accumulate(&mut #grads, |#d| #added);)
            }
            Operand::Constant(_) => TokenStream::new(),
        }
    }

    /// Gives a value that is used up its gradient, or adds to that of any other.
    pub(super) fn give(&self, operand: &Operand, gradient: &TokenStream) -> TokenStream {
        match operand {
            Operand::Var(v) if self.writer.plan.is_given(*v) => {
                let grad = self.writer.grad(*v);
                quote!(#grad = #gradient;)
            }
            operand => self.add(operand, |to| quote!(::adamant::ops::Accumulate::accumulate(#to, &#gradient))),
        }
    }

    /// Gives each part of the output its part of the gradient.
    pub(super) fn share(&self, output: &Output, gradient: TokenStream) -> TokenStream {
        match output {
            Output::One(operand) => self.give(operand, &gradient),
            Output::Tuple(parts) => {
                let shares = parts.iter().enumerate().map(|(i, part)| {
                    let index = syn::Index::from(i);
                    self.share(part, quote!(#gradient.#index))
                });
                shares.collect()
            }
        }
    }

    /// Gives each part of a layer's input its part of the gradient.
    fn share_input(&self, input: &Input, gradient: &Ident) -> TokenStream {
        match input {
            Input::One(operand) => self.give(operand, &quote!(#gradient)),
            Input::Tuple(operands) => {
                let shares = operands.iter().enumerate().map(|(i, operand)| {
                    let index = syn::Index::from(i);
                    self.give(operand, &quote!(#gradient.#index))
                });
                shares.collect()
            }
        }
    }

    /// What a layer is lent as its input, with what goes before and after.
    pub(super) fn lent_input(&self, call: &Call) -> (TokenStream, TokenStream, TokenStream) {
        let none = TokenStream::new;
        match self.writer.plan.lent(&call.input) {
            Lent::Read => (none(), self.writer.input_reference(&call.layer, &call.input), none()),
            Lent::Own(v) => (none(), self.writer.lend(v), none()),
            Lent::Copy => {
                let (buffer, value) = (local("d_input"), self.writer.input(&call.layer, &call.input));
                (quote!(let mut #buffer = #value;), quote!(&mut #buffer), self.share_input(&call.input, &buffer))
            }
        }
    }

    /// The output, where it is lent itself.
    pub(super) fn lent_output(&self, output: &Output) -> Option<TokenStream> {
        let lent = self.writer.lend(self.writer.plan.handed_out(output)?);
        Some(self.writer.handed_out(respanned(lent, placed(self.writer.plan.lowered.output.span()))))
    }
}
