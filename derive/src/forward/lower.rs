//! From the function's body to steps.
//!
//! Statements wait on a stack. An `if` hands the whole stack to both of its branches, so the rest of the function follows in
//! each: no value needs to be kept for a branch that was not taken.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    BinOp, Block, Expr, ExprArray, ExprAssign, ExprBinary, ExprCall, ExprForLoop, ExprIf, ExprLit, ExprMethodCall, Lit, LitInt,
    Local, Member, Pat, PathSegment, RangeLimits, Stmt, Token, Type, UnOp,
};

use super::constant::{UNWRAPPED, flows, is_cfg, rewrite};
use super::emit::{local, placed};
use super::errors::Errors;
use super::place::{RawPart, bare, call_layer, field, is_self, method_layer, self_token, value};
use super::scope::{Scope, Value};
use super::signature::{Signature, mentions};
use super::steps::{Carried, End, Input, Loop, Operand, Operation, Output, Part, Place, Program, Reads, Step, Var, VarInfo};
use super::table;

/// How many ways through the function's `if`s are written out.
const MAX_PATHS: usize = 32;

/// Where an argument is found, and what is done with it.
pub struct Bound {
    /// Its name: of a value, or of a constant.
    pub name: Ident,
    /// The value, if a gradient flows to it.
    pub var: Option<Var>,
    /// Where its type is written.
    pub span: Span,
}

pub struct Lowered {
    pub vars: Vec<VarInfo>,
    pub arguments: Vec<Bound>,
    pub program: Program,
    /// Where the output's type is written.
    pub output: Span,
}

/// Turns the function into steps, or notes why not.
pub fn lower(signature: &Signature, errors: &mut Errors) -> Lowered {
    let mut lower = Lower {
        errors,
        vars: vec![],
        this: signature.this.clone(),
        at: signature.name.span(),
        consts: &signature.consts,
        sites: HashMap::new(),
        paths: 1,
    };
    let mut block = Code::new(Scope::new());
    let mut arguments = vec![];
    for argument in &signature.arguments {
        let wanted = match &argument.pat {
            Pat::Ident(pat) => pat.ident.clone(),
            _ => format_ident!("argument{}", arguments.len()),
        };
        lower.at = argument.pat.span();
        let span = argument.ty.span();
        let (bound, value) = if argument.gradient {
            let var = lower.var(&mut block, &wanted.to_string(), None);
            (Bound { name: lower.vars[var].name.clone(), var: Some(var), span }, Value::Var(var))
        } else {
            let name = block.scope.constant_name(&wanted);
            (Bound { name: name.clone(), var: None, span }, Value::Constant(quote!(#name)))
        };
        arguments.push(bound);
        lower.bind(&mut block, &argument.pat, value);
    }
    let start = vec![Work::Block { block: &signature.block, target: Target::Return, leave: 0 }];
    let program = lower.run(block, start, None);
    Lowered { vars: lower.vars, arguments, program, output: signature.output.span() }
}

/// The code so far.
struct Code {
    scope: Scope,
    steps: Vec<Step>,
    /// How many blocks stand around the statements of the function, or of the loop's body.
    depth: usize,
}

impl Code {
    fn new(scope: Scope) -> Self {
        Self { depth: scope.depth() + 1, scope, steps: vec![] }
    }

    /// The code of a branch.
    fn branch(&self) -> Self {
        Self { scope: self.scope.clone(), steps: vec![], depth: self.depth }
    }
}

/// What a loop's body carries on, and where the loop stands.
#[derive(Clone, Copy)]
struct Carries<'e> {
    names: &'e [String],
    at: &'e Token![for],
}

/// What remains to be done.
#[derive(Clone)]
enum Work<'e> {
    Statement(&'e Stmt),
    /// `target = expr`, and then so many blocks end. Without an expression the value is `()`.
    Give {
        target: Target<'e>,
        expr: Option<&'e Expr>,
        leave: usize,
    },
    Block {
        block: &'e Block,
        target: Target<'e>,
        leave: usize,
    },
}

/// Where a value goes.
#[derive(Clone, Copy)]
enum Target<'e> {
    Return,
    Pattern(&'e Pat),
    Variable(&'e Expr),
    /// A part of an expression.
    Operand,
    Nowhere,
}

/// The name and type that the user gives to a value.
#[derive(Clone, Default)]
struct Hint {
    name: Option<String>,
    ty: Option<Type>,
}

struct Lower<'x> {
    errors: &'x mut Errors,
    vars: Vec<VarInfo>,
    this: Ident,
    /// Where the expression stands that is being read.
    at: Span,
    /// The const parameters.
    consts: &'x [String],
    /// Calls of layers by their place in the source.
    sites: HashMap<usize, usize>,
    paths: usize,
}

impl Lower<'_> {
    fn var(&mut self, code: &mut Code, wanted: &str, ty: Option<Type>) -> Var {
        let name = self.name(code, wanted);
        let grad = Ident::new(&format!("d_{name}"), name.span());
        self.vars.push(VarInfo { name, grad, ty });
        self.vars.len() - 1
    }

    /// A name of the emitted code; what the compiler says of it is shown where the user wrote the value.
    fn name(&self, code: &mut Code, wanted: &str) -> Ident {
        let mut name = code.scope.value_name(wanted);
        name.set_span(placed(self.at));
        name
    }

    /// A value with the user's name, or one after what makes it.
    fn named(&mut self, code: &mut Code, hint: Hint, or: &str) -> Var {
        self.var(code, hint.name.as_deref().unwrap_or(or), hint.ty)
    }

    fn run<'e>(&mut self, mut code: Code, mut work: Vec<Work<'e>>, carries: Option<Carries<'_>>) -> Program {
        while let Some(next) = work.pop() {
            match next {
                Work::Statement(statement) => self.statement(&mut code, statement, &mut work),
                Work::Block { block, target, leave } => self.block(&mut code, block, target, leave, &mut work),
                Work::Give { target, expr, leave } => match expr.map(bare) {
                    Some(Expr::Block(e)) if e.label.is_none() => work.push(Work::Block { block: &e.block, target, leave }),
                    Some(whole @ Expr::If(e)) if !is_plain(whole, target, &code.scope) => {
                        return self.branch(code, work, e, target, leave, carries);
                    }
                    expr => {
                        if let Some(output) = self.give(&mut code, target, expr, leave) {
                            return Program { steps: code.steps, end: End::Return(output) };
                        }
                    }
                },
            }
        }
        let states = carries.into_iter().flat_map(|c| c.names.iter().map(move |name| (name, c.at)));
        let states = states.map(|(name, at)| {
            let state = code.scope.get(name).cloned().unwrap_or(Value::Error);
            self.operand(&mut code, state, at)
        });
        let states = states.collect();
        Program { steps: code.steps, end: End::Carry(states) }
    }

    /// Puts a block's statements and its value on the stack.
    fn block<'e>(&mut self, code: &mut Code, block: &'e Block, target: Target<'e>, leave: usize, work: &mut Vec<Work<'e>>) {
        code.scope.enter();
        let wanted = !matches!(target, Target::Nowhere);
        let missing = match target {
            Target::Return => "`forward` ends without a value: its last expression has no `;`",
            _ => "this block has no value: its last expression has no `;`",
        };
        let (tail, statements) = match block.stmts.split_last() {
            Some((Stmt::Expr(tail, semi), statements)) if is_value(tail) && (wanted || semi.is_none()) => {
                if let Some(semi) = semi.as_ref().filter(|_| !never_ends(tail)) {
                    self.errors.at(semi, missing);
                }
                (Some(tail), statements)
            }
            // The macro is an error of its own.
            Some((Stmt::Macro(_), _)) => (None, &block.stmts[..]),
            _ => {
                if wanted {
                    self.errors.at_span(block.brace_token.span.close(), missing);
                }
                (None, &block.stmts[..])
            }
        };
        work.push(Work::Give { target, expr: tail, leave: leave + 1 });
        let from = work.len();
        work.extend(statements.iter().rev().map(Work::Statement));
        if code.scope.depth() == code.depth {
            // An item is known in all of its block.
            work[from..].sort_by_key(|work| matches!(work, Work::Statement(Stmt::Item(_))));
        }
    }

    fn branch<'e>(
        &mut self,
        mut code: Code,
        work: Vec<Work<'e>>,
        e: &'e ExprIf,
        target: Target<'e>,
        leave: usize,
        carries: Option<Carries<'_>>,
    ) -> Program {
        self.paths += 1;
        if self.paths == MAX_PATHS + 1 {
            self.errors.at(e.if_token, "too many ways through this function: move some of its `if`s into layers of their own");
        }
        let gives = matches!(e.then_branch.stmts.last(), Some(Stmt::Expr(_, None)));
        if e.else_branch.is_none() && gives && !matches!(target, Target::Nowhere) {
            self.errors.at(e.if_token, "this `if` gives a value, so it needs an `else`");
        }
        let cond = bare(&e.cond);
        let cond = if let Some(cond) = first_let(cond) {
            self.errors.at(cond, "`if let` is not understood: write `if` on a constant `bool`");
            quote!(true)
        } else if flows(cond, &code.scope) {
            self.errors.at(
                cond,
                "this condition depends on what is computed: a branch is taken on constants only; \
                 choose element by element with `maximum`, `clamp` or a mask that is multiplied",
            );
            quote!(true)
        } else {
            rewrite(cond, &code.scope, self.errors)
        };
        let ends = match self.paths > MAX_PATHS {
            true => vec![],
            false => work,
        };
        let branch = |work: &Vec<Work<'e>>, last: Work<'e>| {
            let mut work = work.clone();
            work.push(last);
            work
        };
        let then = branch(&ends, Work::Block { block: &e.then_branch, target, leave });
        let otherwise = match &e.else_branch {
            Some((_, expr)) => branch(&ends, Work::Give { target, expr: Some(expr), leave }),
            None => branch(&ends, Work::Give { target, expr: None, leave }),
        };
        let then = self.run(code.branch(), then, carries);
        let otherwise = self.run(code.branch(), otherwise, carries);
        let (then, otherwise) = (Box::new(then), Box::new(otherwise));
        Program { steps: std::mem::take(&mut code.steps), end: End::If { cond, then, otherwise } }
    }

    /// Gives a target its value. Returns the output if that was the function's.
    fn give(&mut self, code: &mut Code, target: Target<'_>, expr: Option<&Expr>, leave: usize) -> Option<Output> {
        let hint = hint(target);
        let value = match expr {
            Some(expr) => self.expr(code, expr, hint),
            // That a value is missing is noted where it is.
            None => Value::Error,
        };
        code.scope.leave(leave);
        match target {
            Target::Return => {
                return Some(match expr {
                    Some(expr) => self.output(code, value, expr),
                    None => Output::Tuple(vec![]),
                });
            }
            Target::Pattern(pat) => self.bind(code, pat, value),
            Target::Variable(place) => self.assign(code, place, value),
            Target::Operand => {}
            Target::Nowhere => match (value, expr) {
                (Value::Tuple(parts), _) if parts.is_empty() => {}
                (Value::Error, _) | (_, None) => {}
                (_, Some(expr)) => self.errors.at(expr, "this value is not used: bind it with `let`, or take the line out"),
            },
        }
        None
    }

    fn statement<'e>(&mut self, code: &mut Code, statement: &'e Stmt, work: &mut Vec<Work<'e>>) {
        self.at = statement.span();
        match statement {
            Stmt::Local(local) => self.local(code, local, work),
            Stmt::Item(item) if code.scope.depth() > code.depth => {
                self.errors.at(item, "an item within a block is not understood: move it to the start of `forward`");
            }
            Stmt::Item(item) => code.steps.push(Step::Item(item.to_token_stream())),
            Stmt::Macro(e) => self.errors.at(&e.mac, "a macro hides what it computes: write it outside `forward`"),
            Stmt::Expr(expr, _) => match bare(expr) {
                Expr::Assign(ExprAssign { left, right, .. }) => {
                    work.push(Work::Give { target: Target::Variable(left), expr: Some(right), leave: 0 });
                }
                Expr::Binary(e) if compound(&e.op).is_some() => {
                    let hint = hint(Target::Variable(&e.left));
                    let value = self.binary(code, e, expr, hint);
                    self.assign(code, &e.left, value);
                }
                Expr::ForLoop(e) => self.for_loop(code, e),
                _ => work.push(Work::Give { target: Target::Nowhere, expr: Some(expr), leave: 0 }),
            },
        }
    }

    fn local<'e>(&mut self, code: &mut Code, local: &'e Local, work: &mut Vec<Work<'e>>) {
        let Some(init) = &local.init else {
            self.errors.at(local, "give the variable its value where it is declared: `let h = …;`");
            self.bind(code, &local.pat, Value::Error);
            return;
        };
        if let Some((token, _)) = &init.diverge {
            self.errors.at(token, "`let … else` is not understood: a forward pass has one way out");
        }
        work.push(Work::Give { target: Target::Pattern(&local.pat), expr: Some(&init.expr), leave: 0 });
    }

    fn bind(&mut self, code: &mut Code, pat: &Pat, value: Value) {
        self.bind_typed(code, pat, value, None);
    }

    fn bind_typed(&mut self, code: &mut Code, pat: &Pat, value: Value, ty: Option<&Type>) {
        match pat {
            Pat::Type(pat) => self.bind_typed(code, &pat.pat, value, Some(&pat.ty)),
            Pat::Paren(pat) => self.bind_typed(code, &pat.pat, value, ty),
            Pat::Reference(pat) => self.bind_typed(code, &pat.pat, value, None),
            Pat::Wild(_) => {}
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                let value = self.settle(code, &pat.ident, value, ty);
                code.scope.declare(&pat.ident, value);
            }
            Pat::Tuple(pat) if !pat.elems.iter().any(|p| matches!(p, Pat::Rest(_))) => {
                self.check_length(&value, pat.elems.len(), &pat.elems);
                for (i, pat) in pat.elems.iter().enumerate().filter(|(_, pat)| !matches!(pat, Pat::Wild(_))) {
                    let ty = match ty {
                        Some(Type::Tuple(ty)) => ty.elems.get(i),
                        _ => None,
                    };
                    let part = self.part(code, &value, i, hint_of(pat));
                    self.bind_typed(code, pat, part, ty);
                }
            }
            _ => self.errors.at(pat, "this pattern is not understood: bind a name, `_`, or a tuple of such"),
        }
    }

    /// A constant with a name is a variable of the emitted code, too.
    fn settle(&mut self, code: &mut Code, name: &Ident, value: Value, ty: Option<&Type>) -> Value {
        let tokens = match value {
            Value::Constant(tokens) => tokens,
            Value::Field(place, false) => {
                let last = place.parts.iter().filter(|part| matches!(part, Part::Member(_))).skip(1).last();
                if matches!(last, Some(Part::Member(Member::Unnamed(_)))) {
                    self.errors.at(place.own(), UNWRAPPED);
                }
                let (own, span) = (place.own(), place.span);
                quote_spanned!(span=> *::adamant::nn::setting(&#own))
            }
            value => return value,
        };
        let emitted = code.scope.constant_name(name);
        let ty = ty.map(|ty| quote!(: #ty));
        if emitted != tokens.to_string() {
            code.steps.push(Step::Constant(quote!(let #emitted #ty = #tokens;)));
        }
        Value::Constant(quote!(#emitted))
    }

    /// A component of a tuple, named after the pattern that takes it.
    fn part(&mut self, code: &mut Code, value: &Value, index: usize, hint: Hint) -> Value {
        match value {
            Value::Tuple(parts) => parts.get(index).cloned().unwrap_or(Value::Error),
            Value::Var(of) => {
                let out = self.named(code, hint, "part");
                code.steps.push(Step::Project { out, of: *of, index });
                Value::Var(out)
            }
            Value::Constant(tokens) => {
                let index = syn::Index::from(index);
                Value::Constant(quote!(#tokens.#index))
            }
            Value::Field(place, lent) => {
                let mut place = place.clone();
                place.parts.push(Part::Member(Member::Unnamed(syn::Index::from(index))));
                Value::Field(place, *lent)
            }
            Value::Error => Value::Error,
        }
    }

    /// A tuple that is taken apart has as many parts as are taken.
    fn check_length(&mut self, value: &Value, len: usize, at: &impl ToTokens) {
        if let Value::Tuple(parts) = value
            && parts.len() != len
        {
            self.errors.at(at, format!("this takes {len} values apart, but the tuple has {}", parts.len()));
        }
    }

    fn assign(&mut self, code: &mut Code, place: &Expr, value: Value) {
        match bare(place) {
            Expr::Infer(_) => {}
            Expr::Tuple(places) => {
                self.check_length(&value, places.elems.len(), &places.elems);
                for (i, place) in places.elems.iter().enumerate() {
                    let part = self.part(code, &value, i, hint(Target::Variable(place)));
                    self.assign(code, place, part);
                }
            }
            Expr::Path(path) if path.path.get_ident().is_some() && !is_self(place) => {
                let Some(ident) = path.path.get_ident() else { return };
                let value = self.settle(code, ident, value, None);
                if !code.scope.assign(&ident.to_string(), value) {
                    self.errors.at(ident, "only a variable of this function can be assigned to");
                }
            }
            _ if field(place).is_some() => {
                self.errors
                    .at(place, "a forward pass does not change the layer: return what changes, or carry it in a variable");
            }
            Expr::Field(_) => self.errors.at(place, "assign to a whole variable: give a tuple's parts names of their own"),
            place => self.errors.at(place, "assign to a whole variable: `x = x.with_row(t, &h);` replaces a row"),
        }
    }

    /// `let` a constant that is used as an operand have a name, unless it can be written twice.
    fn operand(&mut self, code: &mut Code, value: Value, at: &impl ToTokens) -> Operand {
        match value {
            Value::Var(v) => Operand::Var(v),
            Value::Field(place, _) => Operand::Field(place),
            Value::Constant(tokens) => Operand::Constant(self.written_twice(code, tokens)),
            Value::Tuple(_) => {
                self.errors.at(at, "a tuple is no operand: use its parts one by one");
                Operand::Constant(quote!(()))
            }
            Value::Error => Operand::Constant(quote!(())),
        }
    }

    fn written_twice(&mut self, code: &mut Code, tokens: TokenStream) -> TokenStream {
        if tokens.clone().into_iter().count() <= 1 {
            return tokens;
        }
        let name = self.name(code, "constant");
        code.steps.push(Step::Constant(quote!(let #name = &#tokens;)));
        quote!(*#name)
    }

    fn output(&mut self, code: &mut Code, value: Value, at: &Expr) -> Output {
        match value {
            Value::Tuple(parts) => Output::Tuple(parts.into_iter().map(|part| self.output(code, part, at)).collect()),
            value => Output::One(self.operand(code, value, at)),
        }
    }

    fn expr(&mut self, code: &mut Code, expr: &Expr, hint: Hint) -> Value {
        let around = std::mem::replace(&mut self.at, expr.span());
        let value = self.read(code, bare(expr), hint);
        self.at = around;
        value
    }

    /// What an expression without parentheses stands for.
    fn read(&mut self, code: &mut Code, expr: &Expr, hint: Hint) -> Value {
        if let Some(parts) = field(expr) {
            return Value::Field(self.place(code, &parts, expr), false);
        }
        if let Expr::Path(path) = expr
            && let Some(ident) = path.path.get_ident()
            && let Some(value) = code.scope.get(&ident.to_string())
        {
            return value.clone();
        }
        if !matches!(expr, Expr::Tuple(_)) && !flows(expr, &code.scope) {
            if let Some(message) = unknown_constant(expr) {
                self.errors.at(expr, message);
                return Value::Error;
            }
            return Value::Constant(rewrite(expr, &code.scope, self.errors));
        }
        match expr {
            Expr::Reference(e) => {
                if e.mutability.is_some() {
                    self.errors.at(expr, "a forward pass does not change its operands: lend it as `&`");
                    return Value::Error;
                }
                match self.expr(code, &e.expr, hint) {
                    Value::Field(place, _) => Value::Field(place, true),
                    value => value,
                }
            }
            Expr::Unary(e) if matches!(e.op, UnOp::Deref(_)) => self.expr(code, &e.expr, hint),
            Expr::Unary(e) if matches!(e.op, UnOp::Neg(_)) => {
                let value = self.expr(code, &e.expr, Hint::default());
                let operand = self.operand(code, value, &e.expr);
                let span = e.op.span();
                let out = self.named(code, hint, "negative");
                let op = Operation::Plain(quote_spanned!(span=> ::adamant::ops::Neg::new()));
                code.steps.push(Step::Apply { out, op, operands: vec![operand], reads: Reads::Little, span });
                Value::Var(out)
            }
            Expr::Binary(e) => self.binary(code, e, expr, hint),
            Expr::MethodCall(e) => match method_layer(e) {
                Some(layer) => self.layer(code, layer, expr, &e.args, e.method.span(), hint),
                None => self.method(code, e, hint),
            },
            Expr::Call(e) => match call_layer(e) {
                Some(layer) => self.layer(code, layer, expr, &e.args, layer.span(), hint),
                None => {
                    if let Some((stack, tensors)) = stack_call(e) {
                        return self.stack(code, stack, tensors, hint);
                    }
                    self.errors.at(
                        &e.func,
                        "no backward pass can be read off a function's name: write its steps here, make it a layer \
                         (`self.layer.forward(x)`), or an operation with both passes (`x.apply(MyOperation)`, see \
                         `adamant::ops::Function`)",
                    );
                    Value::Error
                }
            },
            Expr::Tuple(e) => Value::Tuple(e.elems.iter().map(|part| self.expr(code, part, Hint::default())).collect()),
            Expr::Field(e) => {
                let Member::Unnamed(index) = &e.member else {
                    self.errors.at(&e.member, "a tensor has no fields: only a tuple's parts, `.0`, are taken like this");
                    return Value::Error;
                };
                let index = index.index as usize;
                let base = self.expr(code, &e.base, Hint::default());
                if let Value::Tuple(parts) = &base
                    && parts.len() <= index
                {
                    self.errors.at(&e.member, "the tuple is shorter than this");
                }
                self.part(code, &base, index, hint)
            }
            Expr::Block(e) if e.label.is_none() => self.inline_block(code, &e.block, hint),
            _ => {
                let message = unknown(expr).unwrap_or("this has no backward pass: use operators, operations and layers");
                self.errors.at(expr, message);
                Value::Error
            }
        }
    }

    /// A block within an expression.
    fn inline_block(&mut self, code: &mut Code, block: &Block, hint: Hint) -> Value {
        let mut work = vec![];
        self.block(code, block, Target::Operand, 0, &mut work);
        let mut value = Value::Error;
        while let Some(next) = work.pop() {
            match next {
                Work::Statement(statement) => self.statement(code, statement, &mut work),
                Work::Block { block, target, leave } => self.block(code, block, target, leave, &mut work),
                Work::Give { target: Target::Operand, expr, leave } => {
                    value = expr.map_or(Value::Error, |expr| self.expr(code, expr, hint.clone()));
                    code.scope.leave(leave);
                }
                Work::Give { target, expr, leave } => match expr.map(bare) {
                    Some(Expr::Block(e)) if e.label.is_none() => work.push(Work::Block { block: &e.block, target, leave }),
                    Some(whole @ Expr::If(e)) if !is_plain(whole, target, &code.scope) => {
                        self.errors
                            .at(e.if_token, "an `if` within an operand is not understood: write this block's steps first");
                        self.give(code, target, None, leave);
                    }
                    expr => {
                        self.give(code, target, expr, leave);
                    }
                },
            }
        }
        value
    }

    fn binary(&mut self, code: &mut Code, e: &ExprBinary, whole: &Expr, hint: Hint) -> Value {
        let (name, result) = match (&e.op, compound(&e.op)) {
            (BinOp::Add(_), _) | (_, Some('+')) => ("Add", "sum"),
            (BinOp::Sub(_), _) | (_, Some('-')) => ("Sub", "difference"),
            (BinOp::Mul(_), _) | (_, Some('*')) => ("Mul", "product"),
            (BinOp::Div(_), _) | (_, Some('/')) => ("Div", "quotient"),
            _ => {
                self.errors.at(whole, "this operator has no derivative: `+`, `-`, `*` and `/` have");
                return Value::Error;
            }
        };
        let left = self.expr(code, &e.left, Hint::default());
        let right = self.expr(code, &e.right, Hint::default());
        let span = e.op.span();
        if let (Value::Constant(left), Value::Constant(right), Some(op)) = (&left, &right, compound(&e.op)) {
            let op = proc_macro2::Punct::new(op, proc_macro2::Spacing::Alone);
            return Value::Constant(quote_spanned!(span=> (#left #op #right)));
        }
        let operands = vec![self.operand(code, left, &e.left), self.operand(code, right, &e.right)];
        let out = self.named(code, hint, result);
        let name = Ident::new(name, span);
        let reads = if name == "Add" || name == "Sub" { Reads::Little } else { Reads::Operands };
        let op = Operation::Plain(quote_spanned!(span=> ::adamant::ops::#name::new()));
        code.steps.push(Step::Apply { out, op, operands, reads, span });
        Value::Var(out)
    }

    fn method(&mut self, code: &mut Code, e: &ExprMethodCall, hint: Hint) -> Value {
        let (name, span) = (e.method.to_string(), e.method.span());
        let args: Vec<&Expr> = e.args.iter().collect();
        if is_self(value(&e.receiver)) {
            self.errors.at(
                &e.method,
                "no backward pass can be read off a method of the layer: write its steps here, or make it a layer of its own",
            );
            return Value::Error;
        }
        if name == "forward" {
            self.errors.at(&e.receiver, "only a field of the layer is called: `self.hidden.forward(x)`");
            return Value::Error;
        }
        let receiver = self.expr(code, &e.receiver, Hint::default());
        let (second, op) = match (name.as_str(), &args[..]) {
            ("clone", []) => return receiver,
            ("detach", []) => {
                let of = self.operand(code, receiver, &e.receiver);
                let out = self.named(code, hint, "detached");
                code.steps.push(Step::Detach { out, of });
                return Value::Var(out);
            }
            ("apply", [op]) => (None, self.setting(code, op)),
            ("apply2", [op, second]) => (Some(*second), self.setting(code, op)),
            ("clone" | "detach" | "apply" | "apply2", _) => {
                let call = match name.as_str() {
                    "apply" => "(MyOperation)",
                    "apply2" => "(MyOperation, &y)",
                    _ => "()",
                };
                self.errors.at(&e.method, format!("`{name}` is called like this: `x.{name}{call}`"));
                return Value::Error;
            }
            _ => {
                let Some(method) = table::method(&name) else {
                    self.unknown_method(e);
                    return Value::Error;
                };
                let second = method.second.and_then(|i| args.get(i).copied());
                if method.second.is_some() && second.is_none() {
                    self.errors.at(&e.method, format!("`{name}` takes another tensor: `x.{name}(&y)`"));
                    return Value::Error;
                }
                let settings = args.iter().enumerate().filter(|(i, _)| Some(*i) != method.second);
                let settings: Vec<TokenStream> = settings.map(|(_, arg)| self.setting(code, arg)).collect();
                let ty = Ident::new(&method.operation(), span);
                let generics = e.turbofish.as_ref().map(|t| t.to_token_stream());
                (second, quote_spanned!(span=> ::adamant::ops::#ty #generics::new(#(#settings),*)))
            }
        };
        let mut operands = vec![self.operand(code, receiver, &e.receiver)];
        if let Some(second) = second {
            let value = self.expr(code, second, Hint::default());
            operands.push(self.operand(code, value, second));
        }
        let plain = args.len() == usize::from(second.is_some()) && e.turbofish.is_some() == op.to_string().contains('<');
        let out = self.named(code, hint, &name);
        let needs_name =
            !plain || (e.turbofish.is_none() && ["reshape", "flatten", "split", "add_bias"].contains(&name.as_str()));
        let op = match needs_name {
            true => Operation::Made(code.scope.value_name(&format!("{}_op", self.vars[out].name)), op),
            false => Operation::Plain(op),
        };
        let reads = table::method(&name).map_or(Reads::Output, |m| m.reads);
        code.steps.push(Step::Apply { out, op, operands, reads, span });
        Value::Var(out)
    }

    /// `Tensor::stack::<0>([a, b, c])`
    fn stack(&mut self, code: &mut Code, stack: &PathSegment, tensors: &ExprArray, hint: Hint) -> Value {
        let operands = tensors.elems.iter().map(|tensor| {
            let value = self.expr(code, tensor, Hint::default());
            self.operand(code, value, tensor)
        });
        let operands = operands.collect();
        let array = self.named(code, Hint::default(), "tensors");
        code.steps.push(Step::Pack { out: array, operands });
        let (span, arguments) = (stack.ident.span(), &stack.arguments);
        let op = Operation::Plain(quote_spanned!(span=> ::adamant::ops::Stack #arguments::new()));
        let out = self.named(code, hint, "stack");
        code.steps.push(Step::Apply { out, op, operands: vec![Operand::Var(array)], reads: Reads::Little, span });
        Value::Var(out)
    }

    fn unknown_method(&mut self, e: &ExprMethodCall) {
        let name = e.method.to_string();
        let meant = match table::similar(&name) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => String::from(
                "give it one as an operation (`x.apply(MyOperation)`, see `adamant::ops::Function`) or use it outside the \
                 gradient (`x.detach()`)",
            ),
        };
        self.errors.at(&e.method, format!("`{name}` has no backward pass here: {meant}"));
    }

    /// What an operation is set to: a constant, or a field that is not trained.
    fn setting(&mut self, code: &mut Code, expr: &Expr) -> TokenStream {
        if let (closure @ Expr::Closure(_), Some(message)) = (bare(expr), unknown(bare(expr))) {
            self.errors.at(closure, message);
            return quote!(());
        }
        let lent = matches!(bare(expr), Expr::Reference(_)) && field(value(expr)).is_some();
        if !lent && flows(expr, &code.scope) {
            self.errors.at(
                expr,
                "no gradient flows through this argument: give it a constant, an argument taken by reference, or a field that is \
                 not trained",
            );
            return quote!(());
        }
        rewrite(expr, &code.scope, self.errors)
    }

    fn layer(
        &mut self,
        code: &mut Code,
        layer: &Expr,
        whole: &Expr,
        args: &syn::punctuated::Punctuated<Expr, syn::Token![,]>,
        span: Span,
        hint: Hint,
    ) -> Value {
        let Some(parts) = field(layer) else { return Value::Error };
        if args.is_empty() {
            self.errors.at(whole, "a layer takes an input: `self.hidden.forward(x)`");
            return Value::Error;
        }
        let name = parts.iter().rev().find_map(|part| match part {
            RawPart::Member(Member::Named(name)) => Some(name.to_string()),
            _ => None,
        });
        let mut place = self.place(code, &parts, layer);
        place.span = span;
        let input = match args.first().filter(|_| args.len() == 1).map(value) {
            Some(Expr::Tuple(tuple)) => self.inputs(code, tuple.elems.iter()),
            Some(one) => match self.expr(code, one, Hint::default()) {
                Value::Tuple(parts) => Input::Tuple(parts.into_iter().map(|part| self.operand(code, part, one)).collect()),
                one_value => Input::One(self.operand(code, one_value, one)),
            },
            None => self.inputs(code, args.iter()),
        };
        let count = self.sites.len();
        let site = *self.sites.entry(std::ptr::from_ref(whole) as usize).or_insert(count);
        let out = self.named(code, hint, name.as_deref().unwrap_or("layer"));
        code.steps.push(Step::Call { out, layer: place, input, site, span });
        Value::Var(out)
    }

    /// The parts of a layer's input. What is lent among several is a constant.
    fn inputs<'e>(&mut self, code: &mut Code, args: impl Iterator<Item = &'e Expr>) -> Input {
        let parts = args.map(|arg| {
            if !matches!(bare(arg), Expr::Reference(_)) {
                let value = self.expr(code, arg, Hint::default());
                return self.operand(code, value, arg);
            }
            if field(value(arg)).is_none() && flows(arg, &code.scope) {
                self.errors.at(arg, "among several inputs one by reference is a constant: pass it by value for its gradient");
            }
            let tokens = rewrite(arg, &code.scope, self.errors);
            Operand::Constant(tokens)
        });
        Input::Tuple(parts.collect())
    }

    fn place(&mut self, code: &mut Code, parts: &[RawPart<'_>], at: &Expr) -> Place {
        let mut list = Vec::new();
        for part in parts {
            list.push(match part {
                RawPart::Member(member) => Part::Member((*member).clone()),
                RawPart::Index(index) => {
                    if flows(index, &code.scope) {
                        self.errors.at(index, "an index is a constant or a loop's variable");
                    }
                    Part::Index(rewrite(index, &code.scope, self.errors))
                }
            });
        }
        Place { this: self_token(at).unwrap_or_else(|| self.this.clone()), parts: list, span: at.span() }
    }

    fn for_loop(&mut self, code: &mut Code, e: &ExprForLoop) {
        let Some([range, start, end]) = self.range(code, e) else { return };
        let mut assigned = Assigned(vec![]);
        assigned.visit_block(&e.body);
        let mut names = assigned.0;
        // The loop's own variable is another one.
        names.retain(|name| code.scope.get(name).is_some() && !matches!(&*e.pat, Pat::Ident(pat) if pat.ident == name));
        if names.is_empty() {
            self.errors
                .at(e.for_token, "this loop carries nothing on: assign to a variable that is declared before it (`h = …;`)");
            return;
        }
        names.retain(|name| {
            let tuple = matches!(code.scope.get(name), Some(Value::Tuple(_)));
            if tuple {
                self.errors
                    .at(e.for_token, format!("the loop carries the tuple `{name}`: carry its parts in variables of their own"));
            }
            !tuple
        });
        self.at = e.for_token.span();
        let mut inner = code.branch();
        let mut carried = Vec::new();
        for name in &names {
            let Some(value) = code.scope.get(name).cloned() else { continue };
            let init = self.operand(code, value, &e.for_token);
            let out = self.var(&mut inner, name, None);
            let start = self.var(&mut inner, name, None);
            self.vars[start].grad = self.vars[out].grad.clone();
            let saved = self.name(&mut inner, &format!("{}_saved", self.vars[out].name));
            inner.scope.assign(name, Value::Var(start));
            carried.push(Carried { init, inner: start, out, saved });
        }
        code.scope = inner.scope.clone();
        inner.scope.enter();
        inner.depth = inner.scope.depth() + 1;
        let index = match &*e.pat {
            Pat::Ident(pat) => {
                let name = inner.scope.constant_name(&pat.ident);
                inner.scope.declare(&pat.ident, Value::Constant(quote!(#name)));
                name
            }
            Pat::Wild(_) => local("step"),
            pat => {
                self.errors.at(pat, "a loop's variable is a name: `for t in 0..T`");
                return;
            }
        };
        let body = vec![Work::Block { block: &e.body, target: Target::Nowhere, leave: 0 }];
        let body = self.run(inner, body, Some(Carries { names: &names, at: &e.for_token }));
        for (name, c) in names.iter().zip(&carried) {
            code.scope.assign(name, Value::Var(c.out));
        }
        code.steps.push(Step::Loop(Loop { index: quote!(#index), range, start, end, carried, body, span: e.for_token.span() }));
    }

    /// The range of a loop, its start and its end.
    fn range(&mut self, code: &Code, e: &ExprForLoop) -> Option<[TokenStream; 3]> {
        const RANGE: &str = "a loop runs over a constant range: `for t in 0..T`";
        if let Some(label) = &e.label {
            self.errors.at(label, "a loop in a forward pass runs to its end and needs no label");
        }
        let bounds = match bare(&e.expr) {
            Expr::Range(range) if matches!(range.limits, RangeLimits::HalfOpen(_)) => {
                range.start.as_ref().zip(range.end.as_ref())
            }
            _ => None,
        };
        let Some((start, end)) = bounds else {
            self.errors.at(&e.expr, RANGE);
            return None;
        };
        let is_variable = |expr: &Expr| matches!(bare(expr), Expr::Path(p) if p.path.get_ident().is_some_and(|i| code.scope.get(&i.to_string()).is_some()));
        for bound in [start, end] {
            if is_variable(bound) || flows(bound, &code.scope) || field(bound).is_some() {
                self.errors.at(bound, format!("{RANGE}, where `T` is a literal, a `const` or a const parameter"));
                return None;
            }
        }
        if !matches!(bare(end), Expr::Path(_)) && self.consts.iter().any(|name| mentions(end.to_token_stream(), name)) {
            self.errors.at(end, "a loop runs to a const parameter itself: `for t in 0..T`, where `if` leaves steps out");
        }
        let len = match bare(end) {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
                LitInt::new(number.base10_digits(), number.span()).to_token_stream()
            }
            end => rewrite(end, &code.scope, self.errors),
        };
        let (start, end) = (rewrite(start, &code.scope, self.errors), rewrite(end, &code.scope, self.errors));
        Some([quote_spanned!(e.expr.span()=> #start..#end), start, len])
    }
}

/// Whether an `if` only chooses a constant.
fn is_plain(expr: &Expr, target: Target<'_>, scope: &Scope) -> bool {
    let mut assigned = Assigned(vec![]);
    assigned.visit_expr(expr);
    matches!(target, Target::Pattern(_)) && assigned.0.is_empty() && !flows(expr, scope)
}

/// The generics and the tensors of `Tensor::stack::<0>([a, b, c])`.
fn stack_call(call: &ExprCall) -> Option<(&PathSegment, &ExprArray)> {
    let Expr::Path(path) = bare(&call.func) else { return None };
    let mut segments = path.path.segments.iter().rev();
    let last = segments.next().filter(|last| last.ident == "stack")?;
    segments.next().filter(|of| of.ident == "Tensor")?;
    match call.args.first().map(bare) {
        Some(Expr::Array(tensors)) => Some((last, tensors)),
        _ => None,
    }
}

/// The first `let` of a condition.
fn first_let(cond: &Expr) -> Option<&Expr> {
    match bare(cond) {
        cond @ Expr::Let(_) => Some(cond),
        Expr::Binary(e) => first_let(&e.left).or_else(|| first_let(&e.right)),
        _ => None,
    }
}

/// Whether a block's last expression is its value.
fn is_value(tail: &Expr) -> bool {
    match bare(tail) {
        Expr::ForLoop(_) | Expr::Assign(_) => false,
        Expr::Binary(e) => compound(&e.op).is_none(),
        _ => true,
    }
}

/// Whether an expression gives no value with or without a `;`.
fn never_ends(tail: &Expr) -> bool {
    matches!(bare(tail), Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) | Expr::While(_) | Expr::Loop(_) | Expr::Macro(_))
}

/// The operator of `+=` and the like.
fn compound(op: &BinOp) -> Option<char> {
    match op {
        BinOp::AddAssign(_) => Some('+'),
        BinOp::SubAssign(_) => Some('-'),
        BinOp::MulAssign(_) => Some('*'),
        BinOp::DivAssign(_) => Some('/'),
        _ => None,
    }
}

fn hint(target: Target<'_>) -> Hint {
    match target {
        Target::Pattern(pat) => hint_of(pat),
        Target::Variable(Expr::Path(path)) => Hint { name: path.path.get_ident().map(ToString::to_string), ty: None },
        _ => Hint::default(),
    }
}

fn hint_of(pat: &Pat) -> Hint {
    match pat {
        Pat::Ident(pat) => Hint { name: Some(pat.ident.to_string()), ty: None },
        Pat::Type(pat) => Hint { ty: Some((*pat.ty).clone()), ..hint_of(&pat.pat) },
        Pat::Paren(pat) => hint_of(&pat.pat),
        _ => Hint::default(),
    }
}

/// What to write instead of an expression that is not understood.
fn unknown(expr: &Expr) -> Option<&'static str> {
    Some(match expr {
        Expr::Closure(_) => {
            "a closure has no backward pass: write its steps here, or make them an operation (`x.apply(MyOperation)`)"
        }
        Expr::While(_) | Expr::Loop(_) => "how often this runs is not known when it is compiled: write `for t in 0..T`",
        Expr::ForLoop(_) => "a loop has no value: let it assign to a variable, and use that",
        Expr::Match(_) => "`match` is not understood: write `if` on constants",
        Expr::If(_) => "bind what `if` gives first: `let y = if … { … } else { … };`",
        Expr::Return(_) => "a forward pass has one way out: its last expression",
        Expr::Break(_) | Expr::Continue(_) => {
            "a loop in a forward pass runs to its end: leave steps out with `if` on a constant"
        }
        Expr::Try(_) => "a forward pass cannot fail, so there is nothing for `?` to return",
        Expr::Await(_) | Expr::Async(_) => "a forward pass computes and waits for nothing",
        Expr::Macro(_) => "a macro hides what it computes: write its value as an expression",
        Expr::Unsafe(_) => "no backward pass can be read off `unsafe` code: make it an operation with both passes",
        Expr::Index(_) => "take a row as `x.row(t)`, and several tensors as a tuple",
        Expr::Array(_) | Expr::Repeat(_) => {
            "an array of tensors stands in `Tensor::stack::<0>([a, b])` only: use a tuple, or `with_row`"
        }
        Expr::Struct(_) => "a struct is not understood here: use a tuple",
        Expr::Cast(_) => "no gradient flows through a cast: compute in one type of number",
        Expr::Block(_) => "a block in a forward pass runs to its end and needs no label",
        Expr::Assign(_) => "an assignment is a statement of its own",
        Expr::Path(path) if path.path.is_ident("self") => {
            "the layer as a whole cannot be used here: name a field, `&self.weight` or `self.hidden.forward(…)`"
        }
        _ => return None,
    })
}

/// What even a constant is not made of.
fn unknown_constant(expr: &Expr) -> Option<&'static str> {
    let refused = matches!(
        expr,
        Expr::While(_)
            | Expr::Loop(_)
            | Expr::ForLoop(_)
            | Expr::Return(_)
            | Expr::Break(_)
            | Expr::Continue(_)
            | Expr::Try(_)
            | Expr::Await(_)
            | Expr::Async(_)
            | Expr::Unsafe(_)
            | Expr::Closure(_)
            | Expr::Assign(_)
    ) || matches!(expr, Expr::Macro(e) if !is_cfg(e))
        || is_self(expr);
    unknown(expr).filter(|_| refused)
}

/// The variables that a loop's body assigns to.
struct Assigned(Vec<String>);

impl Assigned {
    fn note(&mut self, place: &Expr) {
        match bare(place) {
            Expr::Tuple(places) => places.elems.iter().for_each(|place| self.note(place)),
            Expr::Path(path) => {
                let name = path.path.get_ident().map(ToString::to_string);
                self.0.extend(name.filter(|name| !self.0.contains(name)));
            }
            _ => {}
        }
    }
}

impl Visit<'_> for Assigned {
    fn visit_expr_assign(&mut self, e: &ExprAssign) {
        self.note(&e.left);
        visit::visit_expr_assign(self, e);
    }

    fn visit_expr_binary(&mut self, e: &ExprBinary) {
        if compound(&e.op).is_some() {
            self.note(&e.left);
        }
        visit::visit_expr_binary(self, e);
    }
}
