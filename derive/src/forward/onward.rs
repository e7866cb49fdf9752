//! Steps as they run forward in training, without a way back: `Module::forward_training`, and the bodies of loops, whose way back runs
//! them again.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::activity::Mode;
use super::emission::Emission;
use super::names::local;
use super::plan::Plan;
use super::steps::{Apply, Call, Carried, Choice, Detach, Loop, Lowered, Operand, Output, Pack, Program, Project};
use super::writer::Writer;

/// The body of `Module::forward_training`, where a field is called.
pub fn forward_training(lowered: &Lowered) -> Option<TokenStream> {
    if !lowered.program.calls_fields() {
        return None;
    }
    let plan = Plan::new(lowered, Mode { inputs: true, params: true });
    let (writer, before) = Writer::new(&plan);
    let body = lowered.program.emit(0, &mut Onward { writer: &writer, carried: &[] });
    Some(quote!(#before #body))
}

struct Onward<'w, 'p> {
    writer: &'w Writer<'p>,
    /// What the loop around carries on.
    carried: &'p [Carried],
}

impl<'p> Emission<'p> for Onward<'_, 'p> {
    type Code = TokenStream;

    fn begin(&mut self, _: &'p Program, _: usize) -> TokenStream {
        TokenStream::new()
    }

    fn constant(&mut self, tokens: &'p TokenStream, code: &mut TokenStream) {
        code.extend(tokens.clone());
    }

    fn apply(&mut self, apply: &'p Apply, code: &mut TokenStream) {
        code.extend(self.writer.apply(apply));
    }

    fn call(&mut self, call: &'p Call, code: &mut TokenStream) {
        code.extend(self.writer.trained_call(call, false));
    }

    fn pack(&mut self, pack: &'p Pack, code: &mut TokenStream) {
        code.extend(self.writer.pack(pack));
    }

    fn project(&mut self, project: &'p Project, code: &mut TokenStream) {
        code.extend(self.writer.project(project));
    }

    fn detach(&mut self, detach: &'p Detach, code: &mut TokenStream) {
        code.extend(self.writer.detach(detach));
    }

    fn repeat(&mut self, l: &'p Loop, code: &mut TokenStream) {
        code.extend(repeat(self.writer, l, false));
    }

    fn choose(&mut self, Choice { cond, then, otherwise }: &'p Choice, code: &mut TokenStream) {
        let (then, otherwise) = (then.emit(0, self), otherwise.emit(0, self));
        code.extend(quote!(if #cond { #then } else { #otherwise }));
    }

    fn carry(&mut self, operands: &'p [Operand], code: &mut TokenStream) {
        let outs: Vec<&Ident> = self.carried.iter().map(|c| self.writer.name(c.out)).collect();
        let values = outs.iter().zip(operands).map(|(out, operand)| {
            let value = self.writer.copied(operand);
            quote!(::adamant::ops::fit::Is::like(&#out, #value).it())
        });
        code.extend(match operands.len() {
            1 => quote!(#(#outs = #values;)*),
            _ => quote!((#(#outs),*) = (#(#values),*);),
        });
    }

    fn finish(&mut self, output: &'p Output, code: &mut TokenStream) {
        let (value, ty) = (self.writer.output(output), &self.writer.plan.lowered.output);
        code.extend(quote!(::adamant::ops::fit::Is::<_, #ty>::of(#value).it()));
    }
}

/// A loop. With `keep`, it keeps what its way back starts from.
pub fn repeat<'p>(writer: &Writer<'p>, l: &'p Loop, keep: bool) -> TokenStream {
    let keep = keep && writer.plan.runs_again(l);
    let (index, range, len) = (&l.index, &l.range, &l.end);
    let starts = l.carried.iter().enumerate().map(|(i, c)| {
        let (out, saved, init) = (writer.name(c.out), &c.saved, writer.copied(&c.init));
        let saved = (keep && l.keeps(i)).then(|| quote!(let mut #saved = [::adamant::ops::zero_like(&#out); #len];));
        quote!(let mut #out = #init; #saved)
    });
    let (made, entered) = if keep { marks(writer, l) } else { Default::default() };
    let enter = l.carried.iter().enumerate().map(|(i, c)| {
        let (out, saved, inner) = (writer.name(c.out), &c.saved, writer.name(c.inner));
        let saved = (keep && l.keeps(i)).then(|| quote!(#saved[#index as usize] = #out;));
        quote!(#saved let #inner = #out;)
    });
    let body = l.body.emit(0, &mut Onward { writer, carried: &l.carried });
    quote_spanned!(l.span=> #(#starts)* #made for #index in #range { #entered #(#enter)* #body })
}

/// An array for what the gradients of a loop's layers carry at the start of each iteration, and what fills it.
fn marks(writer: &Writer<'_>, l: &Loop) -> (TokenStream, TokenStream) {
    let marked = writer.plan.marked(l);
    if marked.is_empty() {
        return Default::default();
    }
    let (marks, index, len) = (&l.marks, &l.index, &l.end);
    let empty = marked.iter().map(|_| quote!(::adamant::nn::inside::nothing_carried()));
    let places = marked.iter().map(|m| m.layer.grads(&local("grads")));
    (
        quote!(let mut #marks = [(#(#empty,)*); #len];),
        quote!(#marks[#index as usize] = (#(::adamant::nn::Gradients::carried(&#places),)*);),
    )
}
