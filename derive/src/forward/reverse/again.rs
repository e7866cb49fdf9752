//! The way back of loops.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::Reverse;
use crate::forward::names::local;
use crate::forward::steps::Loop;

impl<'p> Reverse<'p> {
    /// The iterations backwards: each runs its body forward again from the state that was kept, and then back.
    pub(super) fn again(&mut self, l: &'p Loop) -> TokenStream {
        let (index, range) = (&l.index, &l.range);
        let (enter, seeds) = self.enter(l);
        let around = (std::mem::replace(&mut self.returns, false), std::mem::replace(&mut self.seeds, seeds));
        let body = l.body.emit(0, self);
        let body = self.close(body);
        (self.returns, self.seeds) = around;
        let active = l.carried.iter().filter(|c| self.writer.plan.is_active(c.out));
        let inits = active.map(|c| {
            let d_out = self.writer.grad_name(c.out);
            self.give(&c.init, &quote!(#d_out))
        });
        let marked = self.writer.plan.marked(l);
        let (marks, grads, now) = (&l.marks, local("grads"), local("now"));
        let wholes: Vec<TokenStream> = marked.iter().map(|m| m.whole.grads(&grads)).collect();
        let number = (0..marked.len()).map(syn::Index::from).collect::<Vec<_>>();
        let places = marked.iter().map(|m| m.layer.grads(&grads));
        quote_spanned! {l.span=>
            {
                let #now = (#(::adamant::nn::Gradients::carried(&#wholes),)*);
                for #index in (#range).rev() {
                    #(::adamant::nn::Gradients::carry(&mut #places, &#marks[#index as usize].#number);)*
                    #enter
                    #body
                }
                #(::adamant::nn::Gradients::carry(&mut #wholes, &#now.#number);)*
            }
            #(#inits)*
        }
    }

    /// What an iteration starts from, and the gradients of what it carried on.
    fn enter(&self, l: &Loop) -> (TokenStream, Vec<Option<Ident>>) {
        let mut enter = TokenStream::new();
        let mut seeds = Vec::new();
        for (i, c) in l.carried.iter().enumerate() {
            let (inner, saved, out) = (self.writer.name(c.inner), &c.saved, self.writer.name(c.out));
            let (index, d_out) = (&l.index, self.writer.grad_name(c.out));
            enter.extend(match l.keeps(i) {
                true => quote!(let #inner = #saved[#index as usize];),
                false => quote!(let #inner = ::adamant::ops::zero_like(&#out);),
            });
            seeds.push(self.writer.plan.is_active(c.out).then(|| {
                let seed = format_ident!("{d_out}_next", span = Span::mixed_site());
                enter.extend(quote!(let #seed = ::core::mem::replace(&mut #d_out, ::adamant::ops::zero_like(&#inner));));
                seed
            }));
        }
        (enter, seeds)
    }
}
