//! From the function's body to steps.
//!
//! Statements wait on a stack. An `if` hands the whole stack to both of its branches, so the rest of the function follows in
//! each: no value needs to be kept for a branch that was not taken.

mod assigned;
mod expr;
mod loops;

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Block, Expr, ExprAssign, ExprIf, Local, Member, Pat, Stmt, Token, Type};

use super::constant::{UNWRAPPED, flows, rewrite};
use super::errors::Errors;
use super::names::placed;
use super::place::{bare, field, is_self};
use super::scope::{Scope, Value};
use super::signature::Signature;
use super::steps::{Bound, Choice, End, Lowered, Operand, Operation, Output, Part, Program, Project, Step, Var, VarInfo};
use assigned::{Assigned, compound};

/// How many ways through the function's `if`s are written out.
const MAX_PATHS: usize = 32;

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
    Lowered { vars: lower.vars, arguments, program, output: signature.output.clone() }
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
        let grad = format_ident!("d_{}", name);
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

    /// An operation, which gives `out`.
    fn operation(&self, code: &mut Code, out: Var, make: TokenStream, inferred: bool) -> Operation {
        let name = code.scope.step_name(make.span(), &self.vars[out].name.to_string());
        Operation { name, make, inferred }
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
        Program { steps: std::mem::take(&mut code.steps), end: End::If(Choice { cond, then, otherwise }) }
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
                code.steps.push(Step::Project(Project { out, of: Operand::Var(*of), index }));
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
}

/// Whether an `if` only chooses a constant.
fn is_plain(expr: &Expr, target: Target<'_>, scope: &Scope) -> bool {
    let mut assigned = Assigned(vec![]);
    assigned.visit_expr(expr);
    matches!(target, Target::Pattern(_)) && assigned.0.is_empty() && !flows(expr, scope)
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
