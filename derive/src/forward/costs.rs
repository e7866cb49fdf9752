//! What a pass costs: its steps in a function that never runs, whose result names the type of each step. The constants of
//! `Module` and `Backprop` add them up, and the table of a model's layers finds the layers inside.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Member;
use syn::ext::IdentExt;

use super::activity::Mode;
use super::emission::Emission;
use super::plan::{Lent, Plan};
use super::signature::Signature;
use super::steps::{
    Apply, Call, Choice, Detach, End, Loop, Lowered, Operand, Output, Pack, Part, Place, Program, Project, Step, Var, changed,
};
use super::writer::{Writer, input_name};

/// The mode whose steps are counted: both other entries do less.
const MODE: Mode = Mode { inputs: true, params: true };

/// `Module::EVALUATION`.
pub fn evaluation(signature: &Signature, lowered: &Lowered) -> TokenStream {
    let plan = Plan::new(lowered, MODE);
    let (costs, steps) = Costs::of(&plan, false);
    let (steps, counts) = (costs.function(signature, steps), &costs.counts);
    quote! {
        #[allow(unused, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        const EVALUATION: ::adamant::nn::inside::Evaluation =
            ::adamant::nn::inside::Evaluation::of(#steps, &[#(#counts),*]);
    }
}

/// `Backprop::TRAINING` and what it gives.
pub fn training(signature: &Signature, lowered: &Lowered) -> TokenStream {
    let plan = Plan::new(lowered, MODE);
    let (costs, steps) = Costs::of(&plan, true);
    let (steps, counts) = (costs.function(signature, steps), &costs.counts);
    let (names, input) = (costs.layers.iter().map(|place| place.name()), signature.input());
    quote! {
        const TRAINING: ::adamant::nn::inside::Training =
            ::adamant::nn::inside::Training::of(#steps, &[#(#counts),*], &[#(#names),*]);
        const BACKPROP_BYTES: usize = <Self as ::adamant::nn::Backprop<#input>>::TRAINING.bytes;
    }
}

struct Costs<'p> {
    plan: &'p Plan<'p>,
    writer: Writer<'p>,
    /// Whether the backward pass is counted.
    training: bool,
    /// What the program stands in.
    around: Around,
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
    /// The values that are returned here.
    returned: Vec<Var>,
    /// Whether the way back of the step that comes encloses those after it.
    encloses: bool,
    code: TokenStream,
    costs: Vec<TokenStream>,
    layers: Vec<TokenStream>,
}

impl Block {
    /// Adds a block after this one.
    fn add(&mut self, after: Self) {
        self.code.extend(after.code);
        self.costs.extend(after.costs);
        self.layers.extend(after.layers);
    }

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
    fn of(plan: &'p Plan<'p>, training: bool) -> (Self, TokenStream) {
        let (writer, constants) = Writer::new(plan);
        let around = Around { count: quote!(1), items: vec![] };
        let mut costs = Self { plan, writer, training, around, counts: vec![], layers: vec![], names: 0 };
        let mut all =
            Block { code: quote!(use ::adamant::ops::cost::{Priced as _, Unpriced as _}; #constants), ..Block::default() };
        if training {
            let beside = plan.lowered.arguments.iter().filter_map(|a| a.var).filter(|v| plan.is_beside(*v));
            all.costs.extend(beside.map(|v| marker("Held", &[costs.writer.value(v)])));
        }
        all.add(plan.lowered.program.emit(0, &mut costs));
        (costs, all.finish())
    }

    fn function(&self, signature: &Signature, steps: TokenStream) -> TokenStream {
        let this = Ident::new(THIS, signature.this.span());
        let (x, input) = (input_name(self.plan.lowered), signature.input());
        let pick = (!self.training).then(|| quote!(.0));
        let steps = renamed(steps);
        quote!(|#this: &Self, #x: &#input| #steps #pick)
    }

    fn name(&mut self, after: &str) -> Ident {
        self.names += 1;
        format_ident!("__{after}{}", self.names, span = Span::mixed_site())
    }

    /// A program within another one.
    fn within(&mut self, program: &'p Program, around: Around) -> Block {
        let outside = std::mem::replace(&mut self.around, around);
        let block = program.emit(0, self);
        self.around = outside;
        block
    }

    /// A step's code and the buffers of its value: one for it, if nothing encloses the rest or gives it out, and one for its gradient.
    fn value(&self, code: TokenStream, v: Var, block: &mut Block) {
        block.code.extend(code);
        let value = self.writer.name(v);
        let held = marker("Held", &[quote!(#value)]);
        if !block.encloses && (self.training || !block.returned.contains(&v)) {
            block.costs.push(held.clone());
        }
        if self.training && self.plan.is_beside(v) {
            block.costs.push(held);
        }
    }

    /// What a step costs, by a name.
    fn cost(&mut self, cost: TokenStream, block: &mut Block) -> Ident {
        let name = self.name("cost");
        block.code.extend(quote!(let #name = #cost;));
        name
    }

    /// Lists a layer, if it is not.
    fn list(&mut self, call: &'p Call, cost: &Ident, block: &mut Block) {
        if let Some(layer) = call.layer.field()
            && !self.layers.iter().any(|known| known.name() == layer.name())
        {
            self.layers.push(layer);
            block.layers.push(quote!(#cost));
        }
    }

    /// What a layer's input and what its gradients carry take in training.
    fn input(&self, call: &Call, block: &mut Block) {
        if !block.encloses && self.plan.is_marked(call) {
            let own = call.layer.own();
            block.costs.push(quote!(::adamant::nn::inside::Marked::of(&#own)));
        }
        if matches!(self.plan.lent(&call.input), Lent::Copy) {
            let kind = if block.encloses { "Held" } else { "Passing" };
            block.costs.push(marker(kind, &[self.writer.input(&call.layer, &call.input)]));
        }
    }

    /// The gradients of operands whose own buffers take them in the end.
    fn passing(&self, operands: &[Operand], block: &mut Block) {
        let own = operands.iter().filter_map(Operand::var).filter(|v| self.plan.is_own(*v));
        block.costs.extend(own.map(|v| marker("Passing", &[self.writer.value(v)])));
    }

    /// What an iteration starts from.
    fn enter(&self, l: &Loop, number: usize) -> Block {
        let mut inner = Block::default();
        let (index, start) = (&l.index, &l.start);
        inner.code.extend(quote!(let #index = ::adamant::ops::cost::some(#start);));
        for c in &l.carried {
            let (name, init) = (self.writer.name(c.inner), self.writer.copied(&c.init));
            inner.code.extend(quote!(let #name = #init;));
            if self.training {
                let held = marker("Held", &[quote!(#name)]);
                // The state that the iteration starts from, and the gradient of the one that it ends with.
                inner.costs.extend(self.plan.is_active(c.out).then(|| held.clone()));
                inner.costs.push(held);
            }
        }
        let marked = if self.training { self.plan.marked(l) } else { vec![] };
        let k = Literal::usize_unsuffixed(number);
        inner.costs.extend(marked.iter().map(|marked| {
            let own = marked.layer.own();
            quote!(::adamant::nn::inside::MarkedEach::<_, #k>::of(&#own))
        }));
        inner
    }

    /// What a loop gives, and what is kept of it.
    fn leave(&self, l: &Loop, number: usize, block: &mut Block) {
        let k = Literal::usize_unsuffixed(number);
        for (i, c) in l.carried.iter().enumerate() {
            let (name, init) = (self.writer.name(c.out), self.writer.copied(&c.init));
            block.code.extend(quote!(let #name = #init;));
            block.costs.push(marker("Held", &[quote!(#name)]));
            if self.training && self.plan.is_active(c.out) {
                block.costs.push(marker("Held", &[quote!(#name)]));
                if l.keeps(i) {
                    block.costs.push(quote!(::adamant::ops::cost::Kept::<_, #k>::of(&#name)));
                }
            }
        }
    }
}

impl<'p> Emission<'p> for Costs<'p> {
    type Code = Block;

    fn begin(&mut self, program: &'p Program, _: usize) -> Block {
        let items = program.steps.iter().filter_map(|step| match step {
            Step::Item(item) => Some(item.clone()),
            _ => None,
        });
        self.around.items.extend(Some(items.collect()).filter(|items: &TokenStream| !items.is_empty()));
        let returned = match &program.end {
            End::Return(output) => output.operands().into_iter().filter_map(Operand::var).collect(),
            _ => vec![],
        };
        Block { returned, ..Block::default() }
    }

    fn enclose(&mut self, program: &'p Program, at: usize, block: &mut Block) -> bool {
        // What encloses the rest holds its buffers as long as the rest does: nothing else is to be known of the order.
        block.encloses = self.training && self.plan.encloses(&program.steps[at]);
        false
    }

    fn constant(&mut self, tokens: &'p TokenStream, block: &mut Block) {
        block.code.extend(tokens.clone());
    }

    fn apply(&mut self, apply: &'p Apply, block: &mut Block) {
        self.value(self.writer.apply(apply), apply.out, block);
        let (op, references) = (&apply.op.name, self.writer.references(&apply.operands));
        let applied = Ident::new(if references.len() == 1 { "Applied" } else { "Applied2" }, Span::mixed_site());
        if self.training && !block.encloses {
            self.passing(&apply.operands, block);
        }
        let name = self.cost(quote!(::adamant::ops::cost::#applied::of(&#op, #(#references),*)), block);
        match (self.training, block.encloses) {
            (false, _) => block.costs.push(quote!(#name)),
            (true, true) => block.costs.push(marker("Around", &[quote!(#name)])),
            (true, false) => {}
        }
    }

    fn call(&mut self, call: &'p Call, block: &mut Block) {
        self.value(self.writer.call(call), call.out, block);
        let (layer, reference) = (&call.name, self.writer.input_reference(&call.layer, &call.input));
        if !self.training {
            let name = self.cost(quote!(::adamant::nn::inside::Evaluated::of(#layer, #reference)), block);
            block.costs.push(quote!(#name));
            return;
        }
        self.input(call, block);
        // Whether the layer has a backward pass is asked elsewhere.
        let name = self.cost(quote!((&::adamant::nn::inside::Trained::of(#layer, #reference)).price()), block);
        block.costs.push(marker(if block.encloses { "Around" } else { "Apart" }, &[quote!(#name)]));
        self.list(call, &name, block);
    }

    fn pack(&mut self, pack: &'p Pack, block: &mut Block) {
        self.value(self.writer.pack(pack), pack.out, block);
    }

    fn project(&mut self, project: &'p Project, block: &mut Block) {
        self.value(self.writer.project(project), project.out, block);
    }

    fn detach(&mut self, detach: &'p Detach, block: &mut Block) {
        self.value(self.writer.detach(detach), detach.out, block);
    }

    fn repeat(&mut self, l: &'p Loop, block: &mut Block) {
        let (start, end, count) = (self.around.number(&l.start), self.around.number(&l.end), &self.around.count);
        let inside = quote!(#count * u64::saturating_sub(#end, #start));
        self.counts.push(if self.training { end } else { inside.clone() });
        let number = self.counts.len();
        let mut inner = self.enter(l, number);
        inner.add(self.within(&l.body, Around { count: inside, ..self.around.clone() }));
        let (body, inner, k) = (self.name("body"), inner.finish(), Literal::usize_unsuffixed(number));
        block.code.extend(quote!(let #body = #inner;));
        block.costs.push(quote!(::adamant::ops::cost::Repeated::<_, #k>::of(&#body.0)));
        block.layers.push(quote!(#body.1));
        self.leave(l, number, block);
    }

    fn choose(&mut self, choice: &'p Choice, block: &mut Block) {
        let branches = [&choice.then, &choice.otherwise].map(|branch| {
            let inner = self.within(branch, self.around.clone());
            let (name, inner) = (self.name("branch"), inner.finish());
            block.code.extend(quote!(let #name = #inner;));
            block.layers.push(quote!(#name.1));
            quote!(#name.0)
        });
        block.costs.push(marker("Either", &branches));
    }

    fn carry(&mut self, _: &'p [Operand], _: &mut Block) {}

    fn finish(&mut self, output: &'p Output, block: &mut Block) {
        let (value, ty) = (self.writer.output(output), &self.plan.lowered.output);
        // The output's type may decide what an operation gives.
        if self.plan.lowered.program.infers() {
            block.code.extend(quote!(let _: #ty = #value;));
        }
        if self.training && self.plan.handed_out(output).is_none() {
            block.costs.push(marker("Held", &[value]));
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
