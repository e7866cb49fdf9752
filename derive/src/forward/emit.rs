//! From steps to code: each entry is forward steps, `next`, and the same steps backwards.
//!
//! The backward pass of a layer encloses what follows it, and so does that of an operation on a value that nothing else reads:
//! the rest of the steps, `next` and the rest's backward steps stand in the closure that it gets. Its output's buffer becomes the
//! output's gradient there, and its input's buffer the input's.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::activity::{Mode, active};
use super::names::{local, placed};
use super::steps::{
    Callee, Carried, End, Input, Loop, Lowered, Operand, Operation, Output, Program, Reads, Step, Var, respanned, tuple,
};

/// So many operations of a program may enclose each other: the compiler's time grows faster than their depth.
const MAX_DEPTH: usize = 32;

/// Where a value is that stands in a buffer lent by somebody else, who wants the gradient there.
#[derive(Clone)]
struct Spot {
    /// The value: `*h`, `inputs.0`.
    place: TokenStream,
    /// The buffer as `&mut`: `h`, `&mut inputs.0`.
    lent: TokenStream,
}

/// What is known of the values while steps become code.
pub struct Emit<'p> {
    pub lowered: &'p Lowered,
    mode: Mode,
    pub active: Vec<bool>,
    /// The layers that begin: what they give depends on nothing that has a gradient but on themselves.
    first: HashMap<Var, &'p Callee>,
    /// The layers whose gradients are lent to the frame that encloses the rest.
    lent_once: HashSet<usize>,
    spots: HashMap<Var, Spot>,
    /// The values that are read once, by what gives them their whole gradient.
    pub used_up: HashSet<Var>,
    /// Those of them whose own buffer becomes the gradient. Any other has a buffer for it.
    pub own: HashSet<Var>,
    /// Whether the innermost end calls `next`, whose result is handed out.
    returns: bool,
}

/// Statements around the one that gives the result, where there is one.
#[derive(Default)]
struct Body {
    before: TokenStream,
    call: TokenStream,
    after: TokenStream,
}

/// The body of one of `Backprop`'s entries.
pub fn entry(lowered: &Lowered, mode: Mode) -> TokenStream {
    let (mut emit, mut before) = Emit::new(lowered, mode);
    let mut after = TokenStream::new();
    if mode.inputs {
        for (v, span) in lowered.arguments.iter().filter_map(|a| Some((a.var?, placed(a.span)))) {
            if emit.own.contains(&v) {
                continue;
            }
            let place = emit.value(v);
            let zero = quote_spanned!(span=> ::adamant::ops::zero_like(&#place));
            if emit.active[v] {
                let grad = emit.grad_name(v);
                before.extend(quote!(let mut #grad = #zero;));
                after.extend(quote!(#place = #grad;));
            } else {
                after.extend(quote!(#place = #zero;));
            }
        }
    }
    let mut body = emit.program(&lowered.program, 0, &[]);
    body.after.extend(after);
    let body = emit.finish(body);
    quote!(#before #body)
}

/// The body of `Module::forward_training`, where a field is called.
pub fn forward_training(lowered: &Lowered) -> Option<TokenStream> {
    if !lowered.program.calls_fields() {
        return None;
    }
    let (emit, before) = Emit::new(lowered, Mode { inputs: true, params: true });
    let body = emit.forward_only(&lowered.program);
    Some(quote!(#before #body))
}

/// The parameter's name: the user's, where there is one argument.
pub fn input_name(lowered: &Lowered) -> Ident {
    match &lowered.arguments[..] {
        [one] if one.var.is_some() => one.name.clone(),
        _ => local("inputs"),
    }
}

impl<'p> Emit<'p> {
    /// The state before the first step, and what gives the constant arguments their names.
    pub fn new(lowered: &'p Lowered, mode: Mode) -> (Self, TokenStream) {
        let inputs: Vec<Var> = lowered.arguments.iter().filter_map(|a| a.var).collect();
        let mut emit = Self {
            lowered,
            mode,
            active: active(&lowered.program, lowered.vars.len(), &inputs, mode),
            first: HashMap::new(),
            lent_once: lowered.program.lent_once(),
            spots: HashMap::new(),
            used_up: HashSet::new(),
            own: HashSet::new(),
            returns: true,
        };
        emit.find_first(&lowered.program);
        emit.find_used_up(&inputs);
        let parameter = input_name(lowered);
        let mut constants = quote! {
            use ::adamant::ops::fit::{Fitting as _, Other as _, Same as _, Unfitting as _};
        };
        for (i, argument) in lowered.arguments.iter().enumerate() {
            let span = placed(argument.span);
            let mut parameter = parameter.clone();
            parameter.set_span(span);
            let index = syn::Index { index: i as u32, span };
            let spot = match lowered.arguments.len() {
                1 => Spot { place: quote_spanned!(span=> *#parameter), lent: quote!(#parameter) },
                _ => Spot { place: quote_spanned!(span=> #parameter.#index), lent: quote!(&mut #parameter.#index) },
            };
            match argument.var {
                Some(var) => {
                    emit.spots.insert(var, spot);
                }
                None => {
                    let (name, place) = (&argument.name, spot.place);
                    constants.extend(quote_spanned!(span=> let #name = #place;));
                }
            }
        }
        (emit, constants)
    }

    pub fn name(&self, v: Var) -> &Ident {
        &self.lowered.vars[v].name
    }

    /// The name of a value's gradient, where it has a buffer for it.
    fn grad_name(&self, v: Var) -> &Ident {
        &self.lowered.vars[v].grad
    }

    /// The place of a value's gradient.
    fn grad(&self, v: Var) -> TokenStream {
        if self.own.contains(&v) {
            return self.value(v);
        }
        self.grad_name(v).to_token_stream()
    }

    /// The value itself, to copy.
    pub fn value(&self, v: Var) -> TokenStream {
        match self.spots.get(&v) {
            Some(spot) => spot.place.clone(),
            None => {
                let name = self.name(v);
                quote!(#name)
            }
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

    /// Adds to an operand's gradient what `contribution` adds to the place that it is given, if somebody wants it.
    fn add(&self, operand: &Operand, contribution: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
        match operand {
            Operand::Var(v) if self.active[*v] => {
                let added = contribution(self.lend(*v));
                quote!(#added;)
            }
            Operand::Field(place) if self.mode.params => {
                let (grads, d) = (place.grads(&local("grads")), local("d_param"));
                let added = contribution(quote!(#d));
                quote_spanned!(place.span=> ::adamant::ops::Sink::accumulate(&mut #grads, |#d| #added);)
            }
            _ => TokenStream::new(),
        }
    }

    pub fn is_active(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Var(v) => self.active[*v],
            Operand::Field(_) => self.mode.params,
            Operand::Constant(_) => false,
        }
    }

    fn find_first(&mut self, program: &'p Program) {
        for step in &program.steps {
            if let Step::Call { out, layer, input, .. } = step
                && !input.operands().iter().any(|operand| self.is_active(operand))
            {
                self.first.insert(*out, layer);
            }
        }
    }

    /// Finds the values that are used up, and those whose own buffer becomes their gradient.
    fn find_used_up(&mut self, inputs: &[Var]) {
        let program = &self.lowered.program;
        let active = &self.active;
        self.used_up.extend(inputs.iter().filter(|v| active[**v] && program.used_up(0, **v)));
        program.each_used_up(&mut |v| {
            if active[v] {
                self.used_up.insert(v);
            }
        });
        self.own.extend(inputs.iter().filter(|v| self.used_up.contains(v)));
        self.find_own(program);
    }

    fn find_own(&mut self, program: &Program) {
        for (at, step) in program.steps.iter().enumerate() {
            match step {
                // The way back needs what a loop gave, and what an operation gave that reads it.
                Step::Loop(l) => self.find_own(&l.body),
                Step::Apply { reads: Reads::Output, .. } if !self.encloses(program, at) => {}
                step => self.own.extend(step.outs().into_iter().filter(|v| self.used_up.contains(v))),
            }
        }
        if let End::If { then, otherwise, .. } = &program.end {
            self.find_own(then);
            self.find_own(otherwise);
        }
    }

    /// Whether the rest of the steps goes into this step's continuation.
    pub fn encloses(&self, program: &Program, at: usize) -> bool {
        match &program.steps[at] {
            Step::Call { out, site, .. } => self.active[*out] && self.lent_once.contains(site),
            Step::Apply { operands, .. } => {
                let (first, rest) = match &operands[..] {
                    [Operand::Var(first), rest @ ..] => (*first, rest),
                    _ => return false,
                };
                let lendable = |operand: &Operand| match operand {
                    Operand::Var(v) => !self.active[*v],
                    Operand::Field(place) => !self.mode.params || !program.uses(at + 1, place),
                    Operand::Constant(_) => true,
                };
                let before = program.steps[..at].iter().filter(|step| matches!(step, Step::Apply { .. })).count();
                before < MAX_DEPTH && self.used_up.contains(&first) && rest.iter().all(lendable)
            }
            _ => false,
        }
    }

    /// The place of a value's gradient as `&mut`.
    fn lend(&self, v: Var) -> TokenStream {
        match self.spots.get(&v) {
            Some(spot) if self.own.contains(&v) => spot.lent.clone(),
            _ => {
                let grad = self.grad(v);
                quote_spanned!(grad.span()=> &mut #grad)
            }
        }
    }

    /// Gives a value that is used up its gradient, or adds to that of any other.
    fn give(&self, operand: &Operand, gradient: &TokenStream) -> TokenStream {
        match operand {
            Operand::Var(v) if self.used_up.contains(v) => {
                let grad = self.grad(*v);
                quote!(#grad = #gradient;)
            }
            operand => self.add(operand, |to| quote!(::adamant::ops::Accumulate::accumulate(#to, &#gradient))),
        }
    }

    /// The steps from `from` on, the end, and the same steps backwards. `seeds` are the gradients of what a loop carries on.
    fn program(&mut self, program: &Program, from: usize, seeds: &[Option<Ident>]) -> Body {
        let split = (from..program.steps.len()).find(|at| self.encloses(program, *at)).unwrap_or(program.steps.len());
        let steps = &program.steps[from..split];

        let mut read_later = HashSet::new();
        program.reads(split, &mut |v| {
            read_later.insert(v);
        });
        let forward: TokenStream = steps.iter().map(|step| self.forward_in_training(step, true)).collect();
        let (mut early, mut late) = (TokenStream::new(), TokenStream::new());
        for v in steps.iter().flat_map(Step::outs) {
            if self.active[v] && !self.own.contains(&v) {
                let (name, grad) = (self.name(v), self.grad_name(v));
                if self.used_up.contains(&v) {
                    early.extend(quote!(let mut #grad = #name;));
                } else if read_later.contains(&v) {
                    early.extend(quote!(let mut #grad = ::adamant::ops::zero_like(&#name);));
                } else {
                    late.extend(quote!(let mut #grad = ::adamant::ops::zero_like(&#name);));
                }
            }
        }
        let mut body = match program.steps.get(split) {
            Some(step) => self.enclosing(program, split, step, seeds),
            None => self.end(program, seeds),
        };
        let backward: TokenStream = steps.iter().rev().map(|step| self.backward(step)).collect();
        let inner = body.before;
        body.before = quote!(#forward #early #inner);
        body.after.extend(quote!(#late #backward));
        body
    }

    /// The statements of a body, which end with the result if there is one.
    fn finish(&self, body: Body) -> TokenStream {
        let (Body { before, call, after }, result) = (body, local("result"));
        match (self.returns, after.is_empty()) {
            (true, true) => quote!(#before #call),
            (true, false) => quote!(#before let #result = #call; #after #result),
            (false, _) if call.is_empty() => quote!(#before #after),
            (false, _) => quote!(#before #call; #after),
        }
    }

    fn end(&mut self, program: &Program, seeds: &[Option<Ident>]) -> Body {
        match &program.end {
            End::Return(output) => self.next(output),
            End::Carry(operands) => {
                let seeded = operands.iter().zip(seeds);
                let given = seeded.filter_map(|(operand, seed)| {
                    let (seed, like) = (seed.as_ref()?, self.copied(operand));
                    Some(self.give(operand, &quote!(::adamant::ops::fit::Is::like(&#like, #seed).it())))
                });
                Body { before: given.collect(), ..Body::default() }
            }
            End::If { cond, then, otherwise } => {
                let (then, otherwise) = (self.program(then, 0, seeds), self.program(otherwise, 0, seeds));
                let (then, otherwise) = (self.finish(then), self.finish(otherwise));
                Body { call: quote!(if #cond { #then } else { #otherwise }), ..Body::default() }
            }
        }
    }

    fn next(&self, output: &Output) -> Body {
        let (next, at) = (local("next"), placed(self.lowered.output.span()));
        if let Output::One(Operand::Var(v)) = output
            && self.used_up.contains(v)
        {
            let lent = self.handed_out(respanned(self.lend(*v), at));
            return Body { call: quote_spanned!(at=> #next(#lent)), ..Body::default() };
        }
        let (d_output, value) = (Ident::new("d_output", at), self.output(output));
        let lent = self.handed_out(quote_spanned!(at=> &mut #d_output));
        Body {
            before: quote!(let mut #d_output = #value;),
            call: quote!(#next(#lent)),
            after: self.share(output, quote!(#d_output)),
        }
    }

    /// What is lent as the function's output.
    fn handed_out(&self, lent: TokenStream) -> TokenStream {
        let (ty, at) = (&self.lowered.output, placed(self.lowered.output.span()));
        quote_spanned!(at=> ::adamant::ops::fit::Is::<_, &mut #ty>::of(#lent).it())
    }

    pub fn output(&self, output: &Output) -> TokenStream {
        match output {
            Output::One(operand) => self.copied(operand),
            Output::Tuple(parts) => tuple(parts.iter().map(|part| self.output(part))),
        }
    }

    /// Gives each part of the output its part of the gradient.
    fn share(&self, output: &Output, gradient: TokenStream) -> TokenStream {
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

    /// A step's backward pass around the rest.
    fn enclosing(&mut self, program: &Program, at: usize, step: &Step, seeds: &[Option<Ident>]) -> Body {
        let Some(&out) = step.outs().first() else { return Body::default() };
        let (name, grad) = (self.name(out).clone(), self.grad_name(out).clone());
        self.spots.insert(out, Spot { place: quote!(*#name), lent: quote!(#name) });
        let (own, next) = (self.own.contains(&out), local("next"));
        let last = at + 1 == program.steps.len();
        let closure = match (&program.end, last && own) {
            (End::Return(Output::One(_)), true) => {
                let at = placed(self.lowered.output.span());
                let lent = self.handed_out(quote!(#name));
                quote_spanned!(at=> |#name| #next(#lent))
            }
            _ => {
                let mut rest = self.program(program, at + 1, seeds);
                let mut zero = TokenStream::new();
                if !own {
                    zero = quote!(let mut #grad = ::adamant::ops::zero_like(&*#name););
                    rest.after.extend(quote!(*#name = #grad;));
                }
                let (rest, ty) = (self.finish(rest), self.lowered.vars[out].ty.as_ref());
                let typed = ty.map(|ty| quote!(let #name = ::adamant::ops::fit::Is::<_, &mut #ty>::of(#name).it();));
                quote!(|#name| { #typed #zero #rest })
            }
        };
        let (before, call, after) = match step {
            Step::Call { layer, name, input, span, .. } => {
                let varies = input.operands().iter().any(|operand| self.is_active(operand));
                let fitted = self.fitted_layer(layer, name, input, *span);
                let (before, lent, after) = self.input_buffer(layer, input, varies);
                let first = self.first_before(input);
                (quote!(#fitted #before), self.layer(layer, name, *span, varies, first, &lent, &closure), after)
            }
            Step::Apply { op, operands, span, .. } => {
                let fitted = self.fitted(op, operands, *span);
                (fitted, self.lend_operands(&op.name, operands, *span, &closure), TokenStream::new())
            }
            _ => Default::default(),
        };
        Body { before, call, after }
    }

    /// An operation around the rest: its first operand becomes its own gradient.
    fn lend_operands(&self, op: &Ident, operands: &[Operand], span: Span, next: &TokenStream) -> TokenStream {
        let function = function(operands, span);
        let lent = operands.iter().enumerate().map(|(i, operand)| match operand {
            Operand::Var(v) if i == 0 => self.lend(*v),
            Operand::Field(place) if self.mode.params => {
                let (own, grads) = (self.reference(operand), place.grads(&local("grads")));
                quote_spanned!(place.span=> #own, &mut #grads)
            }
            operand => {
                let own = self.reference(operand);
                quote!(#own, &mut ())
            }
        });
        quote_spanned!(span=> #function::backprop(#op, #(#lent,)* #next))
    }

    /// What a layer is lent as its input, with what goes before and after.
    fn input_buffer(&self, layer: &Callee, input: &Input, varies: bool) -> (TokenStream, TokenStream, TokenStream) {
        if !varies {
            return (TokenStream::new(), self.input_reference(layer, input), TokenStream::new());
        }
        if let Input::One(Operand::Var(v)) = input
            && self.used_up.contains(v)
        {
            return (TokenStream::new(), self.lend(*v), TokenStream::new());
        }
        let (buffer, value) = (local("d_input"), self.input(layer, input));
        (quote!(let mut #buffer = #value;), quote!(&mut #buffer), self.share_input(input, &buffer))
    }

    /// The layer whose output is the input, where only its own parameters want the gradient.
    fn first_before(&self, input: &Input) -> Option<&'p Callee> {
        match input {
            Input::One(Operand::Var(v)) if self.used_up.contains(v) => self.first.get(v).copied(),
            _ => None,
        }
    }

    /// A layer's backward pass. Where there is a `first` layer before, only its parameters want the input's gradient.
    fn layer(
        &self,
        layer: &Callee,
        name: &Ident,
        span: Span,
        varies: bool,
        first: Option<&Callee>,
        input: &TokenStream,
        next: &TokenStream,
    ) -> TokenStream {
        let grads = layer.grads(&local("grads"));
        match (varies, self.mode.params) {
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

    /// A variable for a value.
    fn variable(&self, v: Var, value: &TokenStream) -> TokenStream {
        let (name, mutable) = (self.name(v), self.own.contains(&v).then(|| quote!(mut)));
        match &self.lowered.vars[v].ty {
            Some(ty) => quote!(let #mutable #name = ::adamant::ops::fit::Is::<_, #ty>::of(#value).it();),
            None => quote!(let #mutable #name = #value;),
        }
    }

    /// An operation, if it fits.
    fn fitted(&self, op: &Operation, operands: &[Operand], span: Span) -> TokenStream {
        let (name, make) = (&op.name, &op.make);
        let references = operands.iter().map(|operand| self.reference(operand));
        let applied = Ident::new(if operands.len() == 1 { "Applied" } else { "Applied2" }, Span::mixed_site());
        let at = placed(span);
        quote_spanned! {at=>
            let #name = #make;
            let #name = (&::adamant::ops::fit::#applied::of(&#name, #(#references),*)).fitting();
        }
    }

    /// A layer, if it fits.
    fn fitted_layer(&self, layer: &Callee, name: &Ident, input: &Input, span: Span) -> TokenStream {
        let (own, input, at) = (layer.called(span), self.input_reference(layer, input), placed(span));
        quote_spanned!(at=> let #name = (&::adamant::nn::inside::Called::of(&#own, #input)).fitting();)
    }

    /// One step before its backward pass. With `keep`, a layer's call and a loop keep what their own start from.
    fn forward_in_training(&self, step: &Step, keep: bool) -> TokenStream {
        match step {
            Step::Loop(l) => self.loop_forward(l, keep),
            Step::Call { out, layer: layer @ Callee::Field(_), name, input, mark, span, .. } if self.mode.params => {
                let (fitted, input) = (self.fitted_layer(layer, name, input, *span), self.input_reference(layer, input));
                let grads = layer.grads(&local("grads"));
                let marked = keep.then(|| quote!(let #mark = ::adamant::nn::Gradients::carried(&#grads);));
                let call = quote_spanned!(*span=> ::adamant::nn::Module::forward_training(#name, #input, &mut #grads));
                let out = self.variable(*out, &call);
                quote!(#marked #fitted #out)
            }
            step => self.forward(step),
        }
    }

    /// One step that is no loop.
    pub fn forward(&self, step: &Step) -> TokenStream {
        match step {
            Step::Item(tokens) | Step::Constant(tokens) => tokens.clone(),
            Step::Apply { out, op, operands, span, .. } => {
                let (fitted, name) = (self.fitted(op, operands, *span), &op.name);
                let function = function(operands, *span);
                let operands = operands.iter().map(|operand| self.reference(operand));
                let out = self.variable(*out, &quote_spanned!(*span=> #function::forward(#name, #(#operands),*)));
                quote!(#fitted #out)
            }
            Step::Project { out, of, index } => {
                let (of, index) = (self.value(*of), syn::Index::from(*index));
                let of = if of.to_string().starts_with('*') { quote!((#of)) } else { of };
                self.variable(*out, &quote!(#of.#index))
            }
            Step::Pack { out, operands } => {
                let operands = operands.iter().map(|operand| self.copied(operand));
                self.variable(*out, &quote!([#(#operands),*]))
            }
            Step::Detach { out, of } => self.variable(*out, &self.copied(of)),
            Step::Call { out, layer, name, input, span, .. } => {
                let (fitted, input) = (self.fitted_layer(layer, name, input, *span), self.input_reference(layer, input));
                let out = self.variable(*out, &quote_spanned!(*span=> ::adamant::nn::Module::forward_inside(#name, #input)));
                quote!(#fitted #out)
            }
            Step::Loop(_) => TokenStream::new(),
        }
    }

    fn loop_forward(&self, l: &Loop, keep: bool) -> TokenStream {
        let keep = keep && l.carried.iter().any(|c| self.active[c.out]);
        let (index, range, len) = (&l.index, &l.range, &l.end);
        let starts = l.carried.iter().enumerate().map(|(i, c)| {
            let (out, saved, init) = (self.name(c.out), &c.saved, self.copied(&c.init));
            let saved = (keep && l.keeps(i)).then(|| quote!(let mut #saved = [::adamant::ops::zero_like(&#out); #len];));
            quote!(let mut #out = #init; #saved)
        });
        let marked = if keep && self.mode.params { l.marked() } else { vec![] };
        let (marks, grads) = (&l.marks, local("grads"));
        let (made, entered) = match marked.is_empty() {
            true => <(TokenStream, TokenStream)>::default(),
            false => {
                let empty = marked.iter().map(|_| quote!(::adamant::nn::inside::nothing_carried()));
                let places = marked.iter().map(|m| m.layer.grads(&grads));
                (
                    quote!(let mut #marks = [(#(#empty,)*); #len];),
                    quote!(#marks[#index as usize] = (#(::adamant::nn::Gradients::carried(&#places),)*);),
                )
            }
        };
        let enter = l.carried.iter().enumerate().map(|(i, c)| {
            let (out, saved, inner) = (self.name(c.out), &c.saved, self.name(c.inner));
            let saved = (keep && l.keeps(i)).then(|| quote!(#saved[#index as usize] = #out;));
            quote!(#saved let #inner = #out;)
        });
        let body = self.loop_body(&l.body, &l.carried);
        quote_spanned!(l.span=> #(#starts)* #made for #index in #range { #entered #(#enter)* #body })
    }

    /// Steps and end of the function, forward only.
    fn forward_only(&self, program: &Program) -> TokenStream {
        let steps: TokenStream = program.steps.iter().map(|step| self.forward_in_training(step, false)).collect();
        let end = match &program.end {
            End::Return(output) => {
                let (value, ty) = (self.output(output), &self.lowered.output);
                quote!(::adamant::ops::fit::Is::<_, #ty>::of(#value).it())
            }
            End::If { cond, then, otherwise } => {
                let (then, otherwise) = (self.forward_only(then), self.forward_only(otherwise));
                quote!(if #cond { #then } else { #otherwise })
            }
            End::Carry(_) => TokenStream::new(),
        };
        quote!(#steps #end)
    }

    /// A loop's body, forward only.
    fn loop_body(&self, program: &Program, carried: &[Carried]) -> TokenStream {
        let steps: TokenStream = program.steps.iter().map(|step| self.forward_in_training(step, false)).collect();
        let end = match &program.end {
            End::Carry(operands) => {
                let outs: Vec<&Ident> = carried.iter().map(|c| self.name(c.out)).collect();
                let values = outs.iter().zip(operands).map(|(out, operand)| {
                    let value = self.copied(operand);
                    quote!(::adamant::ops::fit::Is::like(&#out, #value).it())
                });
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
            Step::Item(_) | Step::Constant(_) | Step::Detach { .. } => TokenStream::new(),
            Step::Apply { out, op, operands, span, .. } => self.apply_backward(*out, op, operands, *span),
            Step::Pack { out, operands } => {
                let d_out = self.grad(*out);
                let given = operands.iter().enumerate().map(|(i, operand)| {
                    let i = proc_macro2::Literal::usize_unsuffixed(i);
                    self.give(operand, &quote!(#d_out[#i]))
                });
                given.collect()
            }
            Step::Project { out, of, index } => {
                let (d_out, d_of, index) = (self.grad(*out), self.grad(*of), syn::Index::from(*index));
                quote!(::adamant::ops::Accumulate::accumulate(&mut #d_of.#index, &#d_out);)
            }
            Step::Call { out, layer, name, input, mark, span, .. } => {
                let varies = input.operands().iter().any(|operand| self.is_active(operand));
                let (y, d_out) = (local("lent"), self.grad(*out));
                let next = quote!(|#y| *#y = #d_out);
                let (before, lent, after) = self.input_buffer(layer, input, varies);
                let call = self.layer(layer, name, *span, varies, None, &lent, &next);
                // It runs again as it ran before, and leaves no second trace.
                let again = match layer {
                    Callee::Field(place) if self.mode.params => {
                        let (grads, now) = (place.grads(&local("grads")), local("now"));
                        quote! {
                            let #now = ::adamant::nn::Gradients::carried(&#grads);
                            ::adamant::nn::Gradients::carry(&mut #grads, &#mark);
                            #call;
                            ::adamant::nn::Gradients::carry(&mut #grads, &#now);
                        }
                    }
                    _ => quote!(#call;),
                };
                quote!({ #before #again #after })
            }
            Step::Loop(l) => self.loop_backward(l),
        }
    }

    fn apply_backward(&self, out: Var, op: &Operation, operands: &[Operand], span: Span) -> TokenStream {
        let (function, op) = (function(operands, span), &op.name);
        let references: Vec<TokenStream> = operands.iter().map(|operand| self.reference(operand)).collect();
        let (y, d_y) = (self.value(out), self.grad(out));
        let names = match operands.len() {
            1 => ["backward", ""],
            _ => ["backward_a", "backward_b"],
        };
        // Both passes read both values, so a value that is used up becomes its gradient after them.
        let (mut zeros, mut given) = (TokenStream::new(), TokenStream::new());
        let adds = operands.iter().zip(names).map(|(operand, name)| {
            let name = Ident::new(name, span);
            let pass = |to| quote_spanned!(span=> #function::#name(#op, #(#references,)* &#y, &#d_y, #to));
            let Operand::Var(v) = operand else { return self.add(operand, pass) };
            if !self.used_up.contains(v) {
                return self.add(operand, pass);
            }
            let (value, grad, name) = (self.value(*v), self.grad(*v), self.grad_name(*v));
            let zero = quote!(::adamant::ops::zero_like(&#value));
            if self.own.contains(v) {
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

    /// The iterations backwards: each runs its body forward again from the state that was kept, and then back.
    fn loop_backward(&mut self, l: &Loop) -> TokenStream {
        let (index, range) = (&l.index, &l.range);
        let mut enter = TokenStream::new();
        let mut seeds = Vec::new();
        for (i, c) in l.carried.iter().enumerate() {
            let (inner, saved, d_out) = (self.name(c.inner), &c.saved, self.grad_name(c.out));
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
        let returns = std::mem::replace(&mut self.returns, false);
        let body = self.program(&l.body, 0, &seeds);
        let body = self.finish(body);
        self.returns = returns;
        let inits = l.carried.iter().map(|c| {
            let d_out = self.grad_name(c.out);
            match self.active[c.out] {
                true => self.give(&c.init, &quote!(#d_out)),
                false => TokenStream::new(),
            }
        });
        let marked = if self.mode.params { l.marked() } else { vec![] };
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
}

/// The trait of an operation on so many operands.
pub fn function(operands: &[Operand], span: Span) -> TokenStream {
    match operands.len() {
        1 => quote_spanned!(span=> ::adamant::ops::Function),
        _ => quote_spanned!(span=> ::adamant::ops::Function2),
    }
}
