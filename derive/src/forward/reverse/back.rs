//! The way back of steps beside the rest.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::Reverse;
use crate::forward::names::local;
use crate::forward::steps::{Apply, Call, Operand, Pack, Project};
use crate::forward::writer::function;

impl Reverse<'_> {
    pub(super) fn apply_back(&self, apply: &Apply) -> TokenStream {
        let (span, writer, plan) = (apply.span, &self.writer, self.writer.plan);
        let (function, op) = (function(apply), &apply.op.name);
        let references = writer.references(&apply.operands);
        let (y, d_y) = (writer.value(apply.out), writer.grad(apply.out));
        let names = match references.len() {
            1 => ["backward", ""],
            _ => ["backward_a", "backward_b"],
        };
        // Both passes read both values, so a value that is used up becomes its gradient after them.
        let (mut zeros, mut given) = (TokenStream::new(), TokenStream::new());
        let adds = apply.operands.iter().zip(names).map(|(operand, name)| {
            let name = Ident::new(name, span);
            let pass = |to| quote_spanned!(span=> #function::#name(&#op, #(#references,)* &#y, &#d_y, #to));
            let Some(v) = operand.var().filter(|v| plan.is_given(*v)) else { return self.add(operand, pass) };
            let (value, grad, name) = (writer.value(v), writer.grad(v), writer.grad_name(v));
            let zero = quote!(::adamant::ops::zero_like(&#value));
            if plan.is_own(v) {
                zeros.extend(quote!(let mut #name = #zero;));
                given.extend(quote!(#grad = #name;));
            } else {
                zeros.extend(quote!(#name = #zero;));
            }
            let add = pass(quote!(&mut #name));
            quote!(#add;)
        });
        let adds: TokenStream = adds.collect();
        match zeros.is_empty() {
            true => adds,
            false => quote!({ #zeros #adds #given }),
        }
    }

    /// A layer runs again as it ran before, and leaves no second trace.
    pub(super) fn call_back(&self, call: &Call) -> TokenStream {
        let (y, d_out) = (local("lent"), self.writer.grad(call.out));
        let (before, lent, after) = self.lent_input(call);
        let backprop = self.backprop(call, None, &lent, &quote!(|#y| *#y = #d_out));
        if !self.writer.plan.is_marked(call) {
            return quote!({ #before #backprop; #after });
        }
        let (grads, now, mark) = (call.layer.grads(&local("grads")), local("now"), &call.mark);
        quote! {{
            #before
            let #now = ::adamant::nn::Gradients::carried(&#grads);
            ::adamant::nn::Gradients::carry(&mut #grads, &#mark);
            #backprop;
            ::adamant::nn::Gradients::carry(&mut #grads, &#now);
            #after
        }}
    }

    pub(super) fn pack_back(&self, pack: &Pack) -> TokenStream {
        let d_out = self.writer.grad(pack.out);
        let given = pack.operands.iter().enumerate().map(|(i, operand)| {
            let i = Literal::usize_unsuffixed(i);
            self.give(operand, &quote!(#d_out[#i]))
        });
        given.collect()
    }

    pub(super) fn project_back(&self, project: &Project) -> TokenStream {
        let Operand::Var(of) = project.of else { return TokenStream::new() };
        let (d_out, d_of, index) = (self.writer.grad(project.out), self.writer.grad(of), syn::Index::from(project.index));
        quote!(::adamant::ops::Accumulate::accumulate(&mut #d_of.#index, &#d_out);)
    }
}
