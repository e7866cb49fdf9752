//! The forward pass as a list of steps in A-normal form: each step gives one value to operands that have names.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Member, Type};

/// The number of a value that a gradient may flow to.
pub type Var = usize;

/// What is known of a value.
pub struct VarInfo {
    /// Its name in the emitted code, after the user's.
    pub name: Ident,
    /// The name of its gradient.
    pub grad: Ident,
    /// The type, where the user wrote it.
    pub ty: Option<Type>,
}

/// Where an argument is found, and what is done with it.
pub struct Bound {
    /// Its name: of a value, or of a constant.
    pub name: Ident,
    /// The value, if a gradient flows to it.
    pub var: Option<Var>,
    /// Where its type is written.
    pub span: Span,
}

/// The function as steps.
pub struct Lowered {
    pub vars: Vec<VarInfo>,
    pub arguments: Vec<Bound>,
    pub program: Program,
    /// The output's type.
    pub output: Type,
}

/// Steps, then one end.
pub struct Program {
    pub steps: Vec<Step>,
    pub end: End,
}

pub enum End {
    /// The function returns.
    Return(Output),
    /// An iteration of a loop ends with these values of the carried variables.
    Carry(Vec<Operand>),
    /// The rest of the function, once for each branch.
    If { cond: TokenStream, then: Box<Program>, otherwise: Box<Program> },
}

/// What is returned: a value or a tuple of such.
pub enum Output {
    One(Operand),
    Tuple(Vec<Output>),
}

pub enum Step {
    /// An item of the function's body.
    Item(TokenStream),
    /// `let name: ty = value;` of a constant.
    Constant(TokenStream),
    /// An operation: `op` makes it.
    Apply {
        out: Var,
        op: Operation,
        operands: Vec<Operand>,
        reads: Reads,
        span: Span,
    },
    /// Several values as an array.
    Pack {
        out: Var,
        operands: Vec<Operand>,
    },
    /// A component of a tuple.
    Project {
        out: Var,
        of: Var,
        index: usize,
    },
    /// The same value, through which no gradient flows.
    Detach {
        out: Var,
        of: Operand,
    },
    /// A layer, or a function with `#[forward]`.
    Call {
        out: Var,
        layer: Callee,
        /// The name of what is called.
        name: Ident,
        input: Input,
        site: usize,
        /// The name of what the layer's gradients carried before the call.
        mark: Ident,
        span: Span,
    },
    Loop(Loop),
}

/// What the backward pass of an operation reads.
#[derive(Clone, Copy, PartialEq)]
pub enum Reads {
    /// Neither its first operand nor its output.
    Little,
    /// Its operands.
    Operands,
    /// Its output, too.
    Output,
}

/// An operation's value.
pub struct Operation {
    /// Its name in the emitted code.
    pub name: Ident,
    /// What makes it.
    pub make: TokenStream,
    /// Whether its type may follow from that of its output.
    pub inferred: bool,
}

/// `for index in range { … }`
pub struct Loop {
    pub index: TokenStream,
    /// `start..end`
    pub range: TokenStream,
    pub start: TokenStream,
    /// So many states are kept.
    pub end: TokenStream,
    pub carried: Vec<Carried>,
    pub body: Program,
    /// The name of the array of what the gradients of [`marked`](Self::marked) layers carried at the start of each iteration.
    pub marks: Ident,
    pub span: Span,
}

/// A variable that a loop carries from one iteration to the next.
pub struct Carried {
    pub init: Operand,
    /// The value at the start of an iteration.
    pub inner: Var,
    /// The value after the loop.
    pub out: Var,
    /// The name of the array of the values at the start of each iteration.
    pub saved: Ident,
}

#[derive(Clone)]
pub enum Operand {
    Var(Var),
    /// A field of the layer; its gradient goes to the same field of the gradients.
    Field(Place),
    /// A constant: an expression that may be written several times.
    Constant(TokenStream),
}

/// What is called.
#[derive(Clone)]
pub enum Callee {
    /// A field of the layer.
    Field(Place),
    /// A function with `#[forward]`: the path of its type, which has no parameters.
    Function(TokenStream),
}

/// A layer that a loop's body calls.
pub struct Marked {
    /// As it is found at the start of an iteration.
    pub layer: Place,
    /// As it is found around the loop: without indices.
    pub whole: Place,
}

/// What a layer takes.
pub enum Input {
    One(Operand),
    Tuple(Vec<Operand>),
}

/// A field of the layer: `self.block.weight`, `self.layers[2]`.
#[derive(Clone)]
pub struct Place {
    pub this: Ident,
    pub parts: Vec<Part>,
    pub span: Span,
}

#[derive(Clone)]
pub enum Part {
    Member(Member),
    Index(TokenStream),
}

impl Place {
    fn below(&self, root: TokenStream) -> TokenStream {
        self.parts.iter().fold(root, |place, part| match part {
            Part::Member(member) => quote_spanned!(self.span=> #place.#member),
            Part::Index(index) => quote_spanned!(self.span=> #place[#index]),
        })
    }

    /// The field itself.
    pub fn own(&self) -> TokenStream {
        let this = &self.this;
        self.below(quote!(#this))
    }

    /// The same field of the gradients.
    pub fn grads(&self, grads: &Ident) -> TokenStream {
        self.below(quote!(#grads))
    }

    /// The field as a layer that is called at `span`. All of it stands there: the compiler reports what does not fit once for
    /// each place.
    pub fn called(&self, span: Span) -> TokenStream {
        respanned(self.own(), span)
    }

    /// The same up to the first index.
    fn whole(&self) -> Self {
        let parts = self.parts.iter().take_while(|part| matches!(part, Part::Member(_))).cloned().collect();
        Self { this: self.this.clone(), parts, span: self.span }
    }

    /// Whether every index is the variable of this name.
    fn is_indexed_by(&self, variable: &TokenStream) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Member(_) => true,
            Part::Index(index) => index.to_string() == variable.to_string(),
        })
    }

    /// Whether gradients of both places cannot be lent at the same time.
    pub fn overlaps(&self, other: &Self) -> bool {
        let members = |place: &Self| -> Vec<Member> {
            let parts = place.parts.iter();
            parts
                .map_while(|part| match part {
                    Part::Member(member) => Some(member.clone()),
                    Part::Index(_) => None,
                })
                .collect()
        };
        members(self).iter().zip(&members(other)).all(|(a, b)| a == b)
    }
}

impl Callee {
    /// What is called, as a value.
    pub fn own(&self) -> TokenStream {
        match self {
            Self::Field(place) => place.own(),
            Self::Function(path) => quote!(#path {}),
        }
    }

    /// As [`own`](Self::own), all of it at `span`.
    pub fn called(&self, span: Span) -> TokenStream {
        match self {
            Self::Field(place) => place.called(span),
            Self::Function(_) => self.own(),
        }
    }

    /// Where its gradients are.
    pub fn grads(&self, grads: &Ident) -> TokenStream {
        match self {
            Self::Field(place) => place.grads(grads),
            Self::Function(_) => quote!(()),
        }
    }

    /// The field, if it is one.
    pub fn field(&self) -> Option<&Place> {
        match self {
            Self::Field(place) => Some(place),
            Self::Function(_) => None,
        }
    }
}

impl Step {
    /// The values that the step defines.
    pub fn outs(&self) -> Vec<Var> {
        match self {
            Self::Item(_) | Self::Constant(_) => vec![],
            Self::Apply { out, .. }
            | Self::Pack { out, .. }
            | Self::Project { out, .. }
            | Self::Detach { out, .. }
            | Self::Call { out, .. } => vec![*out],
            Self::Loop(l) => l.carried.iter().map(|c| c.out).collect(),
        }
    }

    /// Calls `f` with each operand, those of a loop's body too.
    pub fn operands<'s>(&'s self, f: &mut dyn FnMut(&'s Operand)) {
        match self {
            Self::Item(_) | Self::Constant(_) | Self::Project { .. } => {}
            Self::Detach { of, .. } => f(of),
            Self::Apply { operands, .. } | Self::Pack { operands, .. } => operands.iter().for_each(f),
            Self::Call { input, .. } => input.operands().iter().for_each(f),
            Self::Loop(l) => {
                l.carried.iter().for_each(|c| f(&c.init));
                l.body.operands(0, f);
            }
        }
    }

    /// Calls `f` with each value that the step reads.
    pub fn reads(&self, f: &mut dyn FnMut(Var)) {
        if let Self::Project { of, .. } = self {
            f(*of);
        }
        if let Self::Loop(l) = self {
            l.carried.iter().for_each(|c| c.init.read(f));
            l.body.reads(0, f);
        } else {
            self.operands(&mut |operand| operand.read(f));
        }
    }
}

impl Operand {
    fn read(&self, f: &mut dyn FnMut(Var)) {
        if let Self::Var(v) = self {
            f(*v);
        }
    }
}

impl Input {
    pub fn operands(&self) -> &[Operand] {
        match self {
            Self::One(operand) => std::slice::from_ref(operand),
            Self::Tuple(operands) => operands,
        }
    }
}

impl Output {
    pub fn operands<'s>(&'s self, f: &mut dyn FnMut(&'s Operand)) {
        match self {
            Self::One(operand) => f(operand),
            Self::Tuple(parts) => parts.iter().for_each(|part| part.operands(f)),
        }
    }
}

impl Program {
    /// Calls `f` with each operand of the steps from `from` on and of the end.
    fn operands<'s>(&'s self, from: usize, f: &mut dyn FnMut(&'s Operand)) {
        self.steps[from..].iter().for_each(|step| step.operands(f));
        match &self.end {
            End::Return(output) => output.operands(f),
            End::Carry(operands) => operands.iter().for_each(f),
            End::If { then, otherwise, .. } => {
                then.operands(0, f);
                otherwise.operands(0, f);
            }
        }
    }

    /// Calls `f` with each value that is read by the steps from `from` on, or by the end.
    pub fn reads(&self, from: usize, f: &mut dyn FnMut(Var)) {
        self.steps[from..].iter().for_each(|step| step.reads(f));
        match &self.end {
            End::Return(output) => output.operands(&mut |operand| operand.read(f)),
            End::Carry(operands) => operands.iter().for_each(|operand| operand.read(f)),
            End::If { then, otherwise, .. } => {
                then.reads(0, f);
                otherwise.reads(0, f);
            }
        }
    }

    /// Whether the only use of a value that is defined before step `from` is one that can turn its buffer into its gradient.
    pub fn used_up(&self, from: usize, v: Var) -> bool {
        let mut count = 0;
        self.reads(from, &mut |read| count += usize::from(read == v));
        let mut here = false;
        let mut find = |operand: &Operand| here |= matches!(operand, Operand::Var(read) if *read == v);
        for step in &self.steps[from..] {
            match step {
                Step::Apply { operands, .. } | Step::Pack { operands, .. } => operands.iter().for_each(&mut find),
                Step::Call { input, .. } => input.operands().iter().for_each(&mut find),
                _ => {}
            }
        }
        match &self.end {
            End::Return(output) => output.operands(&mut find),
            End::Carry(operands) => operands.iter().for_each(&mut find),
            End::If { .. } => {}
        }
        count == 1 && here
    }

    /// Calls `f` with each value that a step defines and that is used up, those of branches and loops too.
    pub fn each_used_up(&self, f: &mut dyn FnMut(Var)) {
        for (i, step) in self.steps.iter().enumerate() {
            step.outs().into_iter().filter(|v| self.used_up(i + 1, *v)).for_each(&mut *f);
            if let Step::Loop(l) = step {
                l.body.each_used_up(f);
            }
        }
        if let End::If { then, otherwise, .. } = &self.end {
            then.each_used_up(f);
            otherwise.each_used_up(f);
        }
    }

    /// Whether a layer is called.
    pub fn calls_fields(&self) -> bool {
        let (mut calls, mut fields) = (Vec::new(), Vec::new());
        self.places(0, &mut calls, &mut fields);
        calls.iter().any(|(_, callee)| callee.field().is_some())
    }

    /// Whether some operation's type may follow from that of its output.
    pub fn infers(&self) -> bool {
        let by_step = |step: &Step| match step {
            Step::Apply { op, .. } => op.inferred,
            Step::Loop(l) => l.body.infers(),
            _ => false,
        };
        let by_end = match &self.end {
            End::If { then, otherwise, .. } => then.infers() || otherwise.infers(),
            _ => false,
        };
        self.steps.iter().any(by_step) || by_end
    }

    /// Whether a field of the layer is used by the steps from `from` on, or one that it overlaps.
    pub fn uses(&self, from: usize, field: &Place) -> bool {
        let (mut calls, mut fields) = (Vec::new(), Vec::new());
        self.places(from, &mut calls, &mut fields);
        calls.iter().filter_map(|(_, callee)| callee.field()).chain(fields).any(|place| place.overlaps(field))
    }

    /// The layers that are called in one place of the source and overlap no other field in use, and the functions. Only their
    /// gradients may be lent to a frame that encloses the rest.
    pub fn lent_once(&self) -> std::collections::HashSet<usize> {
        let mut calls: Vec<(usize, &Callee)> = Vec::new();
        let mut fields: Vec<&Place> = Vec::new();
        self.places(0, &mut calls, &mut fields);
        let overlap = |a: &Callee, b: &Callee| a.field().zip(b.field()).is_some_and(|(a, b)| a.overlaps(b));
        let alone = |(site, layer): &&(usize, &Callee)| {
            !fields.iter().any(|field| layer.field().is_some_and(|layer| field.overlaps(layer)))
                && calls.iter().all(|(other, callee)| other == site || !overlap(callee, layer))
        };
        calls.iter().filter(alone).map(|(site, _)| *site).collect()
    }

    /// Notes the layers and fields that are used from step `from` on.
    fn places<'s>(&'s self, from: usize, calls: &mut Vec<(usize, &'s Callee)>, fields: &mut Vec<&'s Place>) {
        for step in &self.steps[from..] {
            match step {
                Step::Call { layer, site, .. } => calls.push((*site, layer)),
                Step::Loop(l) => l.body.places(0, calls, fields),
                _ => {}
            }
        }
        if let End::If { then, otherwise, .. } = &self.end {
            then.places(0, calls, fields);
            otherwise.places(0, calls, fields);
        }
        self.operands(from, &mut |operand| {
            if let Operand::Field(place) = operand {
                fields.push(place);
            }
        });
    }
}

impl Loop {
    /// The layers that the body calls, each once.
    pub fn marked(&self) -> Vec<Marked> {
        let (mut calls, mut fields) = (Vec::new(), Vec::new());
        self.body.places(0, &mut calls, &mut fields);
        let direct =
            |site: usize| self.body.steps.iter().any(|s| matches!(s, Step::Call { site: other, .. } if *other == site));
        let mut marked: Vec<Marked> = Vec::new();
        for (site, place) in calls.into_iter().filter_map(|(site, callee)| Some((site, callee.field()?))) {
            // Within a branch, or a loop inside, an index may be out of range at the start of the iteration.
            let found = direct(site) && place.is_indexed_by(&self.index);
            let layer = if found { place.clone() } else { place.whole() };
            if !marked.iter().any(|other| other.layer.own().to_string() == layer.own().to_string()) {
                marked.push(Marked { layer, whole: place.whole() });
            }
        }
        marked
    }

    /// Whether the way back needs what a variable was at the start of each iteration. It does not where the variable only
    /// gathers, as in `sum += h;` or `ys = ys.with_row(t, &h);`.
    pub fn keeps(&self, index: usize) -> bool {
        let inner = self.carried[index].inner;
        let reads = |v: Var| {
            let mut count = 0;
            self.body.reads(0, &mut |read| count += usize::from(read == v));
            count
        };
        let End::Carry(ends) = &self.body.end else { return true };
        let gathers = |step: &Step| match step {
            Step::Apply { out, operands, reads: Reads::Little, .. } => {
                matches!(operands[0], Operand::Var(v) if v == inner)
                    && matches!(ends[index], Operand::Var(v) if v == *out)
                    && reads(*out) == 1
            }
            _ => false,
        };
        reads(inner) != 1 || !self.body.steps.iter().any(gathers)
    }
}

/// The tokens with each changed by `change`, a group after those inside it.
pub fn changed(tokens: TokenStream, change: &dyn Fn(TokenTree) -> TokenTree) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), changed(group.stream(), change));
            inner.set_span(group.span());
            change(TokenTree::Group(inner))
        }
        token => change(token),
    });
    tokens.collect()
}

/// The same tokens in one place of the source.
pub fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    changed(tokens, &|mut token| {
        token.set_span(span.resolved_at(token.span()));
        token
    })
}

/// Tokens of a tuple.
pub fn tuple(parts: impl IntoIterator<Item = TokenStream>) -> TokenStream {
    let parts = parts.into_iter();
    quote!((#(#parts,)*))
}
