//! What a pass costs: its steps in a function that never runs, whose result names the type of each step. The constants of
//! `Module` and `Backprop` add them up, and the table of a model's layers finds the layers inside.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Member;
use syn::ext::IdentExt;

use super::activity::Mode;
use super::emit::{Emit, input_name};
use super::signature::Signature;
use super::steps::{Callee, End, Input, Loop, Lowered, Operand, Output, Part, Place, Program, Step, Var, changed};

/// `Module::EVALUATION`.
pub fn evaluation(signature: &Signature, lowered: &Lowered) -> TokenStream {
    let (costs, steps) = Costs::of(signature, lowered, false);
    let (steps, counts) = (costs.function(steps), &costs.counts);
    quote! {
        #[allow(unused, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        const EVALUATION: ::adamant::nn::inside::Evaluation =
            ::adamant::nn::inside::Evaluation::of(#steps, &[#(#counts),*]);
    }
}

/// `Backprop::TRAINING` and what it gives.
pub fn training(signature: &Signature, lowered: &Lowered) -> TokenStream {
    let (costs, steps) = Costs::of(signature, lowered, true);
    let (steps, counts) = (costs.function(steps), &costs.counts);
    let (names, input) = (costs.layers.iter().map(|place| place.name()), signature.input());
    quote! {
        const TRAINING: ::adamant::nn::inside::Training =
            ::adamant::nn::inside::Training::of(#steps, &[#(#counts),*], &[#(#names),*]);
        const BACKPROP_BYTES: usize = <Self as ::adamant::nn::Backprop<#input>>::TRAINING.bytes;
    }
}

struct Costs<'p> {
    signature: &'p Signature,
    emit: Emit<'p>,
    /// Whether the backward pass is counted.
    training: bool,
    /// How often each loop runs, or how many states it keeps.
    counts: Vec<TokenStream>,
    /// The layers that are listed.
    layers: Vec<&'p Place>,
    /// How many names were given.
    names: usize,
}

/// What a program stands in.
#[derive(Clone)]
struct Around {
    /// How often it runs.
    count: TokenStream,
    /// The items of each block around, which the count of a loop may name.
    items: Vec<TokenStream>,
}

impl Around {
    /// A number as it is counted here.
    fn number(&self, tokens: &TokenStream) -> TokenStream {
        let number = self.items.iter().rev().fold(quote!(#tokens), |number, items| quote!({ #items #number }));
        quote!((#number as u64))
    }
}

/// What stands for the steps of a block: expressions.
#[derive(Default)]
struct Block {
    code: TokenStream,
    costs: Vec<TokenStream>,
    layers: Vec<TokenStream>,
}

impl Block {
    /// The block as an expression: a pair of nested pairs.
    fn finish(self) -> TokenStream {
        let (code, costs, layers) = (self.code, pairs(&self.costs), pairs(&self.layers));
        quote!({ #code (#costs, #layers) })
    }
}

/// Pairs of pairs, as flat as can be: the compiler follows a type only so deep.
fn pairs(parts: &[TokenStream]) -> TokenStream {
    match parts {
        [] => quote!(()),
        [part] => part.clone(),
        parts => {
            let (left, right) = parts.split_at(parts.len() / 2);
            let (left, right) = (pairs(left), pairs(right));
            quote!((#left, #right))
        }
    }
}

fn marker(name: &str, operands: &[TokenStream]) -> TokenStream {
    let name = Ident::new(name, Span::mixed_site());
    quote!(::adamant::ops::cost::#name::of(#(&#operands),*))
}

impl<'p> Costs<'p> {
    fn of(signature: &'p Signature, lowered: &'p Lowered, training: bool) -> (Self, TokenStream) {
        let (emit, constants) = Emit::new(lowered, Mode { inputs: true, params: true });
        let mut costs = Self { signature, emit, training, counts: vec![], layers: vec![], names: 0 };
        let code = quote!(use ::adamant::ops::cost::{Priced as _, Unpriced as _}; #constants);
        let mut block = Block { code, ..Block::default() };
        if training {
            let inputs = lowered.arguments.iter().filter_map(|a| a.var);
            let held: Vec<Var> = inputs.filter(|v| costs.emit.active[*v] && !costs.emit.own.contains(v)).collect();
            block.costs.extend(held.into_iter().map(|v| marker("Held", &[costs.emit.value(v)])));
        }
        costs.program(&lowered.program, &mut block, &Around { count: quote!(1), items: vec![] });
        (costs, block.finish())
    }

    fn function(&self, steps: TokenStream) -> TokenStream {
        let this = Ident::new(THIS, self.signature.this.span());
        let (x, input) = (input_name(self.emit.lowered), self.signature.input());
        let pick = (!self.training).then(|| quote!(.0));
        let steps = renamed(steps);
        quote!(|#this: &Self, #x: &#input| #steps #pick)
    }

    fn name(&mut self, after: &str) -> Ident {
        self.names += 1;
        format_ident!("__{after}{}", self.names, span = Span::mixed_site())
    }

    fn program(&mut self, program: &'p Program, block: &mut Block, around: &Around) {
        let own = program.steps.iter().filter_map(|step| match step {
            Step::Item(item) => Some(item.clone()),
            _ => None,
        });
        let mut around = around.clone();
        around.items.extend(Some(own.collect()).filter(|items: &TokenStream| !items.is_empty()));
        for (at, step) in program.steps.iter().enumerate() {
            match step {
                Step::Loop(l) => self.for_loop(l, block, &around),
                step => self.step(program, at, step, block),
            }
        }
        match &program.end {
            End::Return(output) => {
                let (value, ty) = (self.emit.output(output), &self.signature.output);
                let copied = match output {
                    Output::One(Operand::Var(v)) => !self.emit.used_up.contains(v),
                    _ => true,
                };
                // The output's type may decide what an operation gives.
                if self.emit.lowered.program.infers() {
                    block.code.extend(quote!(let _: #ty = #value;));
                }
                if self.training && copied {
                    block.costs.push(marker("Held", &[value]));
                }
            }
            End::Carry(_) => {}
            End::If { then, otherwise, .. } => {
                let branches = [then, otherwise].map(|branch| {
                    let mut inner = Block::default();
                    self.program(branch, &mut inner, &around);
                    let (name, inner) = (self.name("branch"), inner.finish());
                    block.code.extend(quote!(let #name = #inner;));
                    block.layers.push(quote!(#name.1));
                    quote!(#name.0)
                });
                block.costs.push(marker("Either", &branches));
            }
        }
    }

    fn step(&mut self, program: &'p Program, at: usize, step: &'p Step, block: &mut Block) {
        block.code.extend(self.emit.forward(step));
        let returned = |v: Var| {
            let mut found = false;
            if let End::Return(output) = &program.end {
                output.operands(&mut |operand| found |= matches!(operand, Operand::Var(w) if *w == v));
            }
            found
        };
        let around = self.training && self.emit.encloses(program, at);
        for v in step.outs() {
            let value = self.emit.name(v);
            let held = marker("Held", &[quote!(#value)]);
            if !around && (self.training || !returned(v)) {
                block.costs.push(held.clone());
            }
            // Its gradient, where that has a buffer of its own.
            if self.training && self.emit.active[v] && !self.emit.own.contains(&v) {
                block.costs.push(held);
            }
        }
        let cost = match step {
            Step::Apply { op, operands, .. } => {
                let op = &op.name;
                let references = operands.iter().map(|operand| self.emit.reference(operand));
                let applied = Ident::new(if operands.len() == 1 { "Applied" } else { "Applied2" }, Span::mixed_site());
                let cost = quote!(::adamant::ops::cost::#applied::of(#op, #(#references),*));
                if self.training && !around {
                    self.passing(operands, block);
                }
                cost
            }
            Step::Call { layer, name: called, input, .. } => {
                if self.training && !around && layer.field().is_some() {
                    let own = layer.own();
                    block.costs.push(quote!(::adamant::nn::inside::Marked::of(&#own)));
                }
                let reference = self.emit.input_reference(layer, input);
                let lent = matches!(input, Input::One(Operand::Var(v)) if self.emit.used_up.contains(v));
                if self.training && !lent && input.operands().iter().any(|operand| self.emit.is_active(operand)) {
                    let kind = if around { "Held" } else { "Passing" };
                    block.costs.push(marker(kind, &[self.emit.input(layer, input)]));
                }
                match self.training {
                    true => quote!(::adamant::nn::inside::Trained::of(#called, #reference)),
                    false => quote!(::adamant::nn::inside::Evaluated::of(#called, #reference)),
                }
            }
            _ => return,
        };
        let name = self.name("cost");
        let cost = match (self.training, step) {
            // Whether a layer has a backward pass is asked here, too.
            (true, Step::Call { .. }) => quote!((&#cost).price()),
            _ => cost,
        };
        block.code.extend(quote!(let #name = #cost;));
        block.costs.push(match (self.training, around) {
            (false, _) => quote!(#name),
            (true, true) => marker("Around", &[quote!(#name)]),
            (true, false) if matches!(step, Step::Call { .. }) => marker("Apart", &[quote!(#name)]),
            (true, false) => return,
        });
        if let Step::Call { layer: Callee::Field(layer), .. } = step
            && self.training
            && !self.layers.iter().any(|known| known.name() == layer.name())
        {
            self.layers.push(layer);
            block.layers.push(quote!(#name));
        }
    }

    /// The gradients of operands whose own buffers take them in the end.
    fn passing(&self, operands: &[Operand], block: &mut Block) {
        for operand in operands {
            if let Operand::Var(v) = operand
                && self.emit.own.contains(v)
            {
                block.costs.push(marker("Passing", &[self.emit.value(*v)]));
            }
        }
    }

    fn for_loop(&mut self, l: &'p Loop, block: &mut Block, around: &Around) {
        let (start, end, count) = (around.number(&l.start), around.number(&l.end), &around.count);
        let inside = quote!(#count * u64::saturating_sub(#end, #start));
        self.counts.push(match self.training {
            true => end,
            false => inside.clone(),
        });
        let k = proc_macro2::Literal::usize_unsuffixed(self.counts.len());
        let mut inner = Block::default();
        let (index, start) = (&l.index, &l.start);
        inner.code.extend(quote!(let #index = ::adamant::ops::cost::some(#start);));
        for c in &l.carried {
            let (name, init) = (self.emit.name(c.inner), self.emit.copied(&c.init));
            inner.code.extend(quote!(let #name = #init;));
            if self.training {
                let held = marker("Held", &[quote!(#name)]);
                // The state that the iteration starts from, and the gradient of the one that it ends with.
                inner.costs.extend(self.emit.active[c.out].then(|| held.clone()));
                inner.costs.push(held);
            }
        }
        if self.training {
            for marked in l.marked() {
                let own = marked.layer.own();
                inner.costs.push(quote!(::adamant::nn::inside::MarkedEach::<_, #k>::of(&#own)));
            }
        }
        self.program(&l.body, &mut inner, &Around { count: inside, ..around.clone() });
        let (body, inner) = (self.name("body"), inner.finish());
        block.code.extend(quote!(let #body = #inner;));
        block.costs.push(quote!(::adamant::ops::cost::Repeated::<_, #k>::of(&#body.0)));
        block.layers.push(quote!(#body.1));
        for (i, c) in l.carried.iter().enumerate() {
            let (name, init) = (self.emit.name(c.out), self.emit.copied(&c.init));
            block.code.extend(quote!(let #name = #init;));
            block.costs.push(marker("Held", &[quote!(#name)]));
            if self.training && self.emit.active[c.out] {
                block.costs.push(marker("Held", &[quote!(#name)]));
                if l.keeps(i) {
                    block.costs.push(quote!(::adamant::ops::cost::Kept::<_, #k>::of(&#name)));
                }
            }
        }
    }
}

impl Place {
    /// The field's name in a model, without indices: `block.layers`.
    fn name(&self) -> String {
        let members = self.parts.iter().filter_map(|part| match part {
            Part::Member(Member::Named(name)) => Some(name.unraw().to_string()),
            Part::Member(Member::Unnamed(index)) => Some(index.index.to_string()),
            Part::Index(_) => None,
        });
        members.collect::<Vec<_>>().join(".")
    }
}

/// What `self` is called in a function that has none.
const THIS: &str = "__self";

/// The tokens with `self` renamed.
fn renamed(tokens: TokenStream) -> TokenStream {
    changed(tokens, &|token| match token {
        TokenTree::Ident(ident) if ident == "self" => TokenTree::Ident(Ident::new(THIS, ident.span())),
        token => token,
    })
}
