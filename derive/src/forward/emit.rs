//! From steps to code: each entry is forward steps, `next`, and the same steps backwards.
//!
//! A layer's backward pass encloses what follows it: the rest of the steps, `next` and the rest's backward steps stand in the
//! closure that it gets. Its output's buffer becomes the output's gradient there, and its input's buffer the input's.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::activity::{Mode, active};
use super::lower::Lowered;
use super::steps::{Carried, End, Input, Loop, Operand, Operation, Output, Place, Program, Step, Var, tuple};

/// Where a value is that stands in a buffer lent by somebody else, who wants the gradient there.
#[derive(Clone)]
struct Spot {
    /// The value: `*h`, `inputs.0`.
    place: TokenStream,
    /// The buffer as `&mut`: `h`, `&mut inputs.0`.
    lent: TokenStream,
}

struct Emit<'p> {
    lowered: &'p Lowered,
    mode: Mode,
    active: Vec<bool>,
    /// The layers whose gradients are lent to the frame that encloses the rest.
    lent_once: HashSet<usize>,
    spots: HashMap<Var, Spot>,
    /// The values whose buffers become their gradients.
    placed: HashSet<Var>,
    /// Whether the innermost end gives `result`.
    result: Option<Ident>,
}

fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The place of what the user wrote, for code with names of its own: what the compiler says of it is shown there.
pub fn placed(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}

/// The body of one of `Backprop`'s entries.
pub fn entry(lowered: &Lowered, mode: Mode) -> TokenStream {
    let inputs: Vec<Var> = lowered.arguments.iter().filter_map(|a| a.var).collect();
    let mut emit = Emit {
        lowered,
        mode,
        active: active(&lowered.program, lowered.vars.len(), &inputs, mode),
        lent_once: lowered.program.lent_once(),
        spots: HashMap::new(),
        placed: HashSet::new(),
        result: Some(local("result")),
    };
    let sole = lowered.arguments.len() == 1;
    let parameter = input_name(lowered);
    let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
    for (i, argument) in lowered.arguments.iter().enumerate() {
        let span = placed(argument.span);
        let mut parameter = parameter.clone();
        parameter.set_span(span);
        let index = syn::Index { index: i as u32, span };
        let spot = match sole {
            true => Spot { place: quote_spanned!(span=> *#parameter), lent: quote!(#parameter) },
            false => Spot { place: quote_spanned!(span=> #parameter.#index), lent: quote!(&mut #parameter.#index) },
        };
        let (name, place) = (&argument.name, spot.place.clone());
        let Some(var) = argument.var else {
            before.extend(quote_spanned!(span=> let #name = #place;));
            continue;
        };
        emit.spots.insert(var, spot);
        if !mode.inputs || emit.in_place(&lowered.program, 0, var) {
            continue;
        }
        if emit.active[var] {
            let grad = &lowered.vars[var].grad;
            before.extend(quote_spanned!(span=> let mut #grad = ::adamant::ops::zero_like(&#place);));
            after.extend(quote!(#place = #grad;));
        } else {
            after.extend(quote_spanned!(span=> #place = ::adamant::ops::zero_like(&#place);));
        }
    }
    let body = emit.program(&lowered.program, 0, &[]);
    let result = local("result");
    quote!(#before #body #after #result)
}

/// The parameter's name: the user's, where there is one argument.
pub fn input_name(lowered: &Lowered) -> Ident {
    match &lowered.arguments[..] {
        [one] if one.var.is_some() => one.name.clone(),
        _ => local("inputs"),
    }
}

impl Emit<'_> {
    fn name(&self, v: Var) -> &Ident {
        &self.lowered.vars[v].name
    }

    fn grad(&self, v: Var) -> &Ident {
        &self.lowered.vars[v].grad
    }

    /// The value itself, to copy.
    fn value(&self, v: Var) -> TokenStream {
        match self.spots.get(&v) {
            Some(spot) => spot.place.clone(),
            None => {
                let name = self.name(v);
                quote!(#name)
            }
        }
    }

    fn reference(&self, operand: &Operand) -> TokenStream {
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

    fn copy(&self, operand: &Operand) -> TokenStream {
        match operand {
            Operand::Var(v) => self.value(*v),
            operand => {
                let reference = self.reference(operand);
                quote!(*#reference)
            }
        }
    }

    fn input(&self, input: &Input) -> TokenStream {
        match input {
            Input::One(operand) => self.copy(operand),
            Input::Tuple(operands) => tuple(operands.iter().map(|operand| match operand {
                Operand::Constant(tokens) => tokens.clone(),
                operand => self.copy(operand),
            })),
        }
    }

    fn input_reference(&self, input: &Input) -> TokenStream {
        match input {
            Input::One(operand) => self.reference(operand),
            Input::Tuple(_) => {
                let input = self.input(input);
                quote!(&#input)
            }
        }
    }

    /// Adds to an operand's gradient what `contribution` adds to the place that it is given, if somebody wants it.
    fn add(&self, operand: &Operand, contribution: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
        match operand {
            Operand::Var(v) if self.active[*v] => {
                let grad = self.grad(*v);
                let added = contribution(quote!(&mut #grad));
                quote!(#added;)
            }
            Operand::Field(place) if self.mode.params => {
                let (grads, d) = (place.grads(&local("grads")), local("d"));
                let added = contribution(quote!(#d));
                quote_spanned!(place.span=> ::adamant::ops::Sink::accumulate(&mut #grads, |#d| #added);)
            }
            _ => TokenStream::new(),
        }
    }

    fn add_value(&self, operand: &Operand, gradient: &TokenStream) -> TokenStream {
        self.add(operand, |to| quote!(::adamant::ops::Accumulate::accumulate(#to, #gradient)))
    }

    fn is_active(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Var(v) => self.active[*v],
            Operand::Field(_) => self.mode.params,
            Operand::Constant(_) => false,
        }
    }

    /// Whether the rest of the steps goes into this step's continuation.
    fn encloses(&self, step: &Step) -> bool {
        matches!(step, Step::Call { out, site, .. } if self.active[*out] && self.lent_once.contains(site))
    }

    /// Whether the only use of a value that is defined before step `from` is one that turns its buffer into its gradient.
    fn in_place(&mut self, program: &Program, from: usize, v: Var) -> bool {
        let mut reads = 0;
        program.reads(from, &mut |read| reads += usize::from(read == v));
        let is_v = |operand: &Operand| matches!(operand, Operand::Var(x) if *x == v);
        let by_layer = |step: &Step| match step {
            Step::Call { input: Input::One(operand), .. } => is_v(operand) && self.encloses(step),
            _ => false,
        };
        let by_next = matches!(&program.end, End::Return(Output::One(operand)) if is_v(operand));
        let placed = self.active[v] && reads == 1 && (by_next || program.steps[from..].iter().any(by_layer));
        if placed {
            self.placed.insert(v);
        }
        placed
    }

    /// The buffer of a value that is used in place.
    fn lend(&self, v: Var) -> TokenStream {
        match self.spots.get(&v) {
            Some(spot) => spot.lent.clone(),
            None => {
                let grad = self.grad(v);
                quote_spanned!(grad.span()=> &mut #grad)
            }
        }
    }

    /// The steps from `from` on, the end, and the same steps backwards. `seeds` are the gradients of what a loop carries on.
    fn program(&mut self, program: &Program, from: usize, seeds: &[Option<Ident>]) -> TokenStream {
        let rest = &program.steps[from..];
        let split = from + rest.iter().position(|step| self.encloses(step)).unwrap_or(rest.len());
        let steps = &program.steps[from..split];

        let mut read_later = HashSet::new();
        program.reads(split, &mut |v| {
            read_later.insert(v);
        });
        let forward: TokenStream = steps.iter().map(|step| self.forward(step, true)).collect();
        let (mut early, mut late) = (TokenStream::new(), TokenStream::new());
        for (i, step) in steps.iter().enumerate() {
            let outs: Vec<Var> = step.outs().into_iter().filter(|v| self.active[*v]).collect();
            for v in outs {
                let (name, grad) = (self.name(v).clone(), self.grad(v).clone());
                if self.in_place(program, from + i + 1, v) {
                    early.extend(quote!(let mut #grad = #name;));
                } else if read_later.contains(&v) {
                    early.extend(quote!(let mut #grad = ::adamant::ops::zero_like(&#name);));
                } else {
                    late.extend(quote!(let mut #grad = ::adamant::ops::zero_like(&#name);));
                }
            }
        }
        let middle = match program.steps.get(split) {
            Some(Step::Call { out, layer, input, span, .. }) => {
                self.enclosing(program, split, *out, layer, input, *span, seeds)
            }
            _ => self.end(program, seeds),
        };
        let backward: TokenStream = steps.iter().rev().map(|step| self.backward(step)).collect();
        quote!(#forward #early #middle #late #backward)
    }

    fn end(&mut self, program: &Program, seeds: &[Option<Ident>]) -> TokenStream {
        match &program.end {
            End::Return(output) => self.next(output),
            End::Carry(operands) => {
                let seeded = operands.iter().zip(seeds);
                seeded
                    .filter_map(|(operand, seed)| seed.as_ref().map(|seed| self.add_value(operand, &quote!(&#seed))))
                    .collect()
            }
            End::If { cond, then, otherwise } => {
                let (then, otherwise) = (self.program(then, 0, seeds), self.program(otherwise, 0, seeds));
                match &self.result {
                    Some(result) => quote! {
                        let #result = if #cond { #then #result } else { #otherwise #result };
                    },
                    None => quote!(if #cond { #then } else { #otherwise }),
                }
            }
        }
    }

    fn next(&self, output: &Output) -> TokenStream {
        let (result, next) = (local("result"), local("next"));
        if let Output::One(Operand::Var(v)) = output
            && self.placed.contains(v)
        {
            let lent = self.lend(*v);
            return quote!(let #result = #next(#lent););
        }
        let at = placed(self.lowered.output);
        let (d_output, value) = (Ident::new("d_output", at), self.output(output));
        let lent = quote_spanned!(at=> &mut #d_output);
        let shares = self.share(output, quote!(#d_output));
        quote! {
            let mut #d_output = #value;
            let #result = #next(#lent);
            #shares
        }
    }

    fn output(&self, output: &Output) -> TokenStream {
        match output {
            Output::One(operand) => self.copy(operand),
            Output::Tuple(parts) => tuple(parts.iter().map(|part| self.output(part))),
        }
    }

    /// Gives each part of the output its part of the gradient.
    fn share(&self, output: &Output, gradient: TokenStream) -> TokenStream {
        match output {
            Output::One(operand) => self.add_value(operand, &quote!(&#gradient)),
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
            Input::One(operand) => self.add_value(operand, &quote!(&#gradient)),
            Input::Tuple(operands) => {
                let shares = operands.iter().enumerate().map(|(i, operand)| {
                    let index = syn::Index::from(i);
                    self.add_value(operand, &quote!(&#gradient.#index))
                });
                shares.collect()
            }
        }
    }

    /// A layer's backward pass around the rest.
    #[allow(clippy::too_many_arguments, reason = "the fields of a step")]
    fn enclosing(
        &mut self,
        program: &Program,
        at: usize,
        out: Var,
        layer: &Place,
        input: &Input,
        span: Span,
        seeds: &[Option<Ident>],
    ) -> TokenStream {
        let (name, grad) = (self.name(out).clone(), self.grad(out).clone());
        let varies = input.operands().iter().any(|operand| self.is_active(operand));
        // Before the output gets its place: the input is never the output.
        let (before, lent, after) = self.input_buffer(input, varies);
        self.spots.insert(out, Spot { place: quote!(*#name), lent: quote!(#name) });
        let in_place = self.in_place(program, at + 1, out);
        let next = local("next");
        let last = at + 1 == program.steps.len();
        let closure = if last && in_place && matches!(program.end, End::Return(_)) {
            quote!(#next)
        } else {
            let rest = self.program(program, at + 1, seeds);
            let (zero, give) = match in_place {
                true => (TokenStream::new(), TokenStream::new()),
                false => (quote!(let mut #grad = ::adamant::ops::zero_like(&*#name);), quote!(*#name = #grad;)),
            };
            let result = &self.result;
            quote!(|#name| { #zero #rest #give #result })
        };
        let call = self.layer(layer, span, varies, &lent, &closure);
        let bound = self.result.as_ref().map(|result| quote!(let #result =));
        quote!(#before #bound #call; #after)
    }

    /// What a layer is lent as its input, with what goes before and after.
    fn input_buffer(&self, input: &Input, varies: bool) -> (TokenStream, TokenStream, TokenStream) {
        if !varies {
            return (TokenStream::new(), self.input_reference(input), TokenStream::new());
        }
        if let Input::One(Operand::Var(v)) = input
            && self.placed.contains(v)
        {
            return (TokenStream::new(), self.lend(*v), TokenStream::new());
        }
        let (buffer, value) = (local("d_input"), self.input(input));
        (quote!(let mut #buffer = #value;), quote!(&mut #buffer), self.share_input(input, &buffer))
    }

    fn layer(&self, layer: &Place, span: Span, varies: bool, input: &TokenStream, next: &TokenStream) -> TokenStream {
        let own = layer.own();
        let grads = layer.grads(&local("grads"));
        match (varies, self.mode.params) {
            (true, true) => quote_spanned!(span=> ::adamant::nn::Backprop::backprop(&#own, #input, &mut #grads, #next)),
            (false, true) => quote_spanned!(span=> ::adamant::nn::Backprop::backprop_params(&#own, #input, &mut #grads, #next)),
            (_, false) => quote_spanned!(span=> ::adamant::nn::Backprop::backprop_input(&#own, #input, #next)),
        }
    }

    fn typed(&self, v: Var) -> TokenStream {
        let name = self.name(v);
        match &self.lowered.vars[v].ty {
            Some(ty) => quote!(#name: #ty),
            None => quote!(#name),
        }
    }

    /// One step. With `keep`, a loop keeps the states that its backward pass starts from.
    fn forward(&self, step: &Step, keep: bool) -> TokenStream {
        match step {
            Step::Constant(tokens) => tokens.clone(),
            Step::Apply { out, op, operands, span, .. } => {
                let out = self.typed(*out);
                let function = function(operands, *span);
                let operands = operands.iter().map(|operand| self.reference(operand));
                let (made, op) = match op {
                    Operation::Plain(op) => (TokenStream::new(), op.clone()),
                    Operation::Made(name, op) => (quote!(let #name = #op;), quote!(#name)),
                };
                let call = quote_spanned!(*span=> #function::forward(&#op, #(#operands),*));
                quote!(#made let #out = #call;)
            }
            Step::Project { out, of, index } => {
                let (out, of, index) = (self.typed(*out), self.value(*of), syn::Index::from(*index));
                let of = if of.to_string().starts_with('*') { quote!((#of)) } else { of };
                quote!(let #out = #of.#index;)
            }
            Step::Detach { out, of } => {
                let (out, of) = (self.typed(*out), self.copy(of));
                quote!(let #out = #of;)
            }
            Step::Call { out, layer, input, span, .. } => {
                let (out, own, input) = (self.typed(*out), layer.own(), self.input_reference(input));
                let call = quote_spanned!(*span=> ::adamant::nn::Module::forward(&#own, #input));
                quote!(let #out = #call;)
            }
            Step::Loop(l) => self.loop_forward(l, keep),
        }
    }

    fn loop_forward(&self, l: &Loop, keep: bool) -> TokenStream {
        let keep = keep && l.carried.iter().any(|c| self.active[c.out]);
        let (index, range, len) = (&l.index, &l.range, &l.len);
        let starts = l.carried.iter().enumerate().map(|(i, c)| {
            let (out, saved, init) = (self.name(c.out), &c.saved, self.copy(&c.init));
            let saved = (keep && l.keeps(i)).then(|| quote!(let mut #saved = [::adamant::ops::zero_like(&#out); #len];));
            quote!(let mut #out = #init; #saved)
        });
        let enter = l.carried.iter().enumerate().map(|(i, c)| {
            let (out, saved, inner) = (self.name(c.out), &c.saved, self.name(c.inner));
            let saved = (keep && l.keeps(i)).then(|| quote!(#saved[#index as usize] = #out;));
            quote!(#saved let #inner = #out;)
        });
        let body = self.loop_body(&l.body, &l.carried);
        quote_spanned!(l.span=> #(#starts)* for #index in #range { #(#enter)* #body })
    }

    /// A loop's body, forward only.
    fn loop_body(&self, program: &Program, carried: &[Carried]) -> TokenStream {
        let steps: TokenStream = program.steps.iter().map(|step| self.forward(step, false)).collect();
        let end = match &program.end {
            End::Carry(operands) => {
                let outs = carried.iter().map(|c| self.name(c.out));
                let values = operands.iter().map(|operand| self.copy(operand));
                match operands.len() {
                    1 => quote!(#(#outs = #values;)*),
                    _ => quote!((#(#outs),*) = (#(#values),*);),
                }
            }
            End::If { cond, then, otherwise } => {
                let (then, otherwise) = (self.loop_body(then, carried), self.loop_body(otherwise, carried));
                quote!(if #cond { #then } else { #otherwise })
            }
            End::Return(_) => TokenStream::new(),
        };
        quote!(#steps #end)
    }

    fn backward(&mut self, step: &Step) -> TokenStream {
        if !step.outs().iter().any(|out| self.active[*out]) {
            return TokenStream::new();
        }
        match step {
            Step::Constant(_) | Step::Detach { .. } => TokenStream::new(),
            Step::Apply { out, op, operands, span, .. } => self.apply_backward(*out, op, operands, *span),
            Step::Project { out, of, index } => {
                let (d_out, d_of, index) = (self.grad(*out), self.grad(*of), syn::Index::from(*index));
                quote!(::adamant::ops::Accumulate::accumulate(&mut #d_of.#index, &#d_out);)
            }
            Step::Call { out, layer, input, span, .. } => {
                let varies = input.operands().iter().any(|operand| self.is_active(operand));
                let (buffer, y, d_out) = (local("d_input"), local("y"), self.grad(*out));
                let next = quote!(|#y| *#y = #d_out);
                if !varies {
                    let call = self.layer(layer, *span, false, &self.input_reference(input), &next);
                    return quote!(#call;);
                }
                let value = self.input(input);
                let call = self.layer(layer, *span, true, &quote!(&mut #buffer), &next);
                let shares = self.share_input(input, &buffer);
                quote!({ let mut #buffer = #value; #call; #shares })
            }
            Step::Loop(l) => self.loop_backward(l),
        }
    }

    fn apply_backward(&self, out: Var, op: &Operation, operands: &[Operand], span: Span) -> TokenStream {
        let op = match op {
            Operation::Plain(op) => op.clone(),
            Operation::Made(name, _) => quote!(#name),
        };
        let function = function(operands, span);
        let references: Vec<TokenStream> = operands.iter().map(|operand| self.reference(operand)).collect();
        let (y, d_y) = (self.name(out), self.grad(out));
        let names = match operands.len() {
            1 => ["backward", ""],
            _ => ["backward_a", "backward_b"],
        };
        let adds = operands.iter().zip(names).map(|(operand, name)| {
            let name = Ident::new(name, span);
            self.add(operand, |to| quote_spanned!(span=> #function::#name(&#op, #(#references,)* &#y, &#d_y, #to)))
        });
        adds.collect()
    }

    /// The iterations backwards: each runs its body forward again from the state that was kept, and then back.
    fn loop_backward(&mut self, l: &Loop) -> TokenStream {
        let (index, range) = (&l.index, &l.range);
        let mut enter = TokenStream::new();
        let mut seeds = Vec::new();
        for (i, c) in l.carried.iter().enumerate() {
            let (inner, saved, d_out) = (self.name(c.inner), &c.saved, self.grad(c.out));
            let out = self.name(c.out);
            enter.extend(match l.keeps(i) {
                true => quote!(let #inner = #saved[#index as usize];),
                false => quote!(let #inner = ::adamant::ops::zero_like(&#out);),
            });
            seeds.push(self.active[c.out].then(|| {
                let seed = format_ident!("{d_out}_next", span = Span::mixed_site());
                enter.extend(quote!(let #seed = ::core::mem::replace(&mut #d_out, ::adamant::ops::zero_like(&#inner));));
                seed
            }));
        }
        let result = self.result.take();
        let body = self.program(&l.body, 0, &seeds);
        self.result = result;
        let inits = l.carried.iter().map(|c| {
            let d_out = self.grad(c.out);
            match self.active[c.out] {
                true => self.add_value(&c.init, &quote!(&#d_out)),
                false => TokenStream::new(),
            }
        });
        quote_spanned!(l.span=> for #index in (#range).rev() { #enter #body } #(#inits)*)
    }
}

fn function(operands: &[Operand], span: Span) -> TokenStream {
    match operands.len() {
        1 => quote_spanned!(span=> ::adamant::ops::Function),
        _ => quote_spanned!(span=> ::adamant::ops::Function2),
    }
}
