//! The reverse pass. Each entry is forward steps, `next`, and the same steps backwards.
//!
//! The backward pass of a layer encloses what follows it, and so does that of an operation on a value that nothing else reads:
//! the rest of the steps, `next` and the rest's backward steps stand in the closure that it gets. Its output's buffer becomes the
//! output's gradient there, and its input's buffer the input's.
//!
//! `around.rs` writes such steps, `back.rs` the way back of all others, `again.rs` that of loops, `give.rs` where gradients go.

mod again;
mod around;
mod back;
mod give;

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::activity::Mode;
use super::emission::Emission;
use super::names::{local, placed};
use super::onward;
use super::plan::{Gradient, Plan};
use super::steps::{Apply, Call, Choice, Detach, Loop, Lowered, Operand, Output, Pack, Program, Project, Step, Var};
use super::writer::Writer;

/// The body of one of `Backprop`'s entries.
pub fn entry(lowered: &Lowered, mode: Mode) -> TokenStream {
    let plan = Plan::new(lowered, mode);
    let (writer, mut before) = Writer::new(&plan);
    let mut reverse = Reverse { writer, returns: true, seeds: vec![] };
    let (zeros, gives) = reverse.arguments();
    before.extend(zeros);
    let mut body = lowered.program.emit(0, &mut reverse);
    body.backward.extend(gives);
    let body = reverse.close(body);
    quote!(#before #body)
}

struct Reverse<'p> {
    writer: Writer<'p>,
    /// Whether the innermost end calls `next`, whose result is handed out.
    returns: bool,
    /// The gradients of what the loop around carries on.
    seeds: Vec<Option<Ident>>,
}

/// Statements around the one that gives the result, where there is one.
#[derive(Default)]
struct Body {
    /// The values that are read by what encloses the rest, or there.
    read_later: HashSet<Var>,
    forward: TokenStream,
    /// Buffers for gradients of what is read later.
    early: TokenStream,
    before: TokenStream,
    call: TokenStream,
    after: TokenStream,
    /// Buffers for all others.
    late: TokenStream,
    backward: TokenStream,
}

impl Body {
    /// Adds a step whose way back comes after that of all later ones.
    fn add(&mut self, forward: TokenStream, backward: TokenStream) {
        self.forward.extend(forward);
        let later = std::mem::replace(&mut self.backward, backward);
        self.backward.extend(later);
    }
}

impl Reverse<'_> {
    /// Buffers for the gradients of arguments, and what gives them to the caller.
    fn arguments(&self) -> (TokenStream, TokenStream) {
        let (mut zeros, mut gives) = (TokenStream::new(), TokenStream::new());
        let plan = self.writer.plan;
        let wanted = plan.lowered.arguments.iter().filter(|_| plan.mode.inputs);
        for (v, span) in wanted.filter_map(|a| Some((a.var?, placed(a.span)))) {
            let (place, grad) = (self.writer.value(v), self.writer.grad_name(v));
            let zero = quote_spanned!(span=> ::adamant::ops::zero_like(&#place));
            match plan.gradient(v) {
                Gradient::Own => {}
                Gradient::None => gives.extend(quote!(#place = #zero;)),
                Gradient::Given | Gradient::Summed => {
                    zeros.extend(quote!(let mut #grad = #zero;));
                    gives.extend(quote!(#place = #grad;));
                }
            }
        }
        (zeros, gives)
    }

    /// Buffers for the gradients of a step's values that are not their own.
    fn buffers(&self, outs: impl IntoIterator<Item = Var>, body: &mut Body) {
        for v in outs {
            let (name, grad) = (self.writer.name(v), self.writer.grad_name(v));
            let zero = quote!(let mut #grad = ::adamant::ops::zero_like(&#name););
            match self.writer.plan.gradient(v) {
                Gradient::None | Gradient::Own => {}
                Gradient::Given => body.early.extend(quote!(let mut #grad = #name;)),
                Gradient::Summed if body.read_later.contains(&v) => body.early.extend(zero),
                Gradient::Summed => body.late.extend(zero),
            }
        }
    }

    /// A step's way back, if a gradient comes that way.
    fn back(&self, out: Var, write: impl FnOnce() -> TokenStream) -> TokenStream {
        if self.writer.plan.is_active(out) { write() } else { TokenStream::new() }
    }

    /// The statements of a body, which end with the result if there is one.
    fn close(&self, body: Body) -> TokenStream {
        let Body { forward, early, before, call, after, late, backward, .. } = body;
        let (before, after, result) = (quote!(#forward #early #before), quote!(#after #late #backward), local("result"));
        match (self.returns, after.is_empty()) {
            (true, true) => quote!(#before #call),
            (true, false) => quote!(#before let #result = #call; #after #result),
            (false, _) if call.is_empty() => quote!(#before #after),
            (false, _) => quote!(#before #call; #after),
        }
    }
}

impl<'p> Emission<'p> for Reverse<'p> {
    type Code = Body;

    fn begin(&mut self, program: &'p Program, from: usize) -> Body {
        let plan = self.writer.plan;
        let split = plan.split(program, from);
        let mut outs = program.steps[from..split].iter().flat_map(Step::outs);
        let asked = outs.any(|v| plan.gradient(v) == Gradient::Summed);
        let read_later = if asked { program.reads(split).collect() } else { HashSet::new() };
        Body { read_later, ..Body::default() }
    }

    fn enclose(&mut self, program: &'p Program, at: usize, body: &mut Body) -> bool {
        let encloses = self.writer.plan.encloses(&program.steps[at]);
        if encloses {
            self.around(program, at, body);
        }
        encloses
    }

    fn constant(&mut self, tokens: &'p TokenStream, body: &mut Body) {
        body.forward.extend(tokens.clone());
    }

    fn apply(&mut self, apply: &'p Apply, body: &mut Body) {
        body.add(self.writer.apply(apply), self.back(apply.out, || self.apply_back(apply)));
        self.buffers([apply.out], body);
    }

    fn call(&mut self, call: &'p Call, body: &mut Body) {
        body.add(self.writer.trained_call(call, true), self.back(call.out, || self.call_back(call)));
        self.buffers([call.out], body);
    }

    fn pack(&mut self, pack: &'p Pack, body: &mut Body) {
        body.add(self.writer.pack(pack), self.back(pack.out, || self.pack_back(pack)));
        self.buffers([pack.out], body);
    }

    fn project(&mut self, project: &'p Project, body: &mut Body) {
        body.add(self.writer.project(project), self.back(project.out, || self.project_back(project)));
        self.buffers([project.out], body);
    }

    fn detach(&mut self, detach: &'p Detach, body: &mut Body) {
        body.forward.extend(self.writer.detach(detach));
    }

    fn repeat(&mut self, l: &'p Loop, body: &mut Body) {
        let forward = onward::repeat(&self.writer, l, true);
        let backward = if self.writer.plan.runs_again(l) { self.again(l) } else { TokenStream::new() };
        body.add(forward, backward);
        self.buffers(l.carried.iter().map(|c| c.out), body);
    }

    fn choose(&mut self, Choice { cond, then, otherwise }: &'p Choice, body: &mut Body) {
        let (then, otherwise) = (then.emit(0, self), otherwise.emit(0, self));
        let (then, otherwise) = (self.close(then), self.close(otherwise));
        body.call = quote!(if #cond { #then } else { #otherwise });
    }

    fn carry(&mut self, operands: &'p [Operand], body: &mut Body) {
        let seeded = operands.iter().zip(&self.seeds);
        let given = seeded.filter_map(|(operand, seed)| {
            let (seed, like) = (seed.as_ref()?, self.writer.copied(operand));
            Some(self.give(operand, &quote!(::adamant::ops::fit::Is::like(&#like, #seed).it())))
        });
        body.before = given.collect();
    }

    fn finish(&mut self, output: &'p Output, body: &mut Body) {
        let (next, at) = (local("next"), placed(self.writer.plan.lowered.output.span()));
        if let Some(lent) = self.lent_output(output) {
            body.call = quote_spanned!(at=> #next(#lent));
            return;
        }
        let (d_output, value) = (Ident::new("d_output", at), self.writer.output(output));
        let lent = self.writer.handed_out(quote_spanned!(at=> &mut #d_output));
        body.before = quote!(let mut #d_output = #value;);
        body.call = quote_spanned!(at=> #next(#lent));
        body.after = self.share(output, quote!(#d_output));
    }
}
