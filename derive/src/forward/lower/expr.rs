//! Expressions: operators, operations, layers, and what to write instead of what is not understood.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    BinOp, Block, Expr, ExprArray, ExprBinary, ExprCall, ExprLit, ExprMethodCall, ExprPath, ExprUnary, Lit, Member, Path,
    PathArguments, PathSegment, Token, UnOp,
};

use super::assigned::compound;
use super::{Code, Hint, Lower, Target, Work, is_plain};
use crate::forward::constant::{flows, is_cfg, rewrite};
use crate::forward::place::{RawPart, bare, call_layer, field, is_self, method_layer, self_token, value};
use crate::forward::scope::Value;
use crate::forward::steps::{Apply, Call, Callee, Detach, Input, Operand, Pack, Part, Place, Reads, Step};
use crate::forward::table;

impl Lower<'_> {
    pub(super) fn expr(&mut self, code: &mut Code, expr: &Expr, hint: Hint) -> Value {
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
            Expr::Unary(e) if matches!(e.op, UnOp::Deref(_)) => match self.expr(code, &e.expr, hint) {
                Value::Field(place, _) => Value::Field(place, true),
                value => value,
            },
            Expr::Unary(e) if matches!(e.op, UnOp::Neg(_)) => {
                let value = self.expr(code, &e.expr, Hint::default());
                let operand = self.operand(code, value, &e.expr);
                let span = e.op.span();
                let out = self.named(code, hint, "negative");
                let op = self.operation(code, out, quote_spanned!(span=> ::adamant::ops::Neg::new()), false);
                code.steps.push(Step::Apply(Apply { out, op, operands: vec![operand], reads: Reads::Little, span }));
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
                    if let Some(path) = function_call(e) {
                        return self.function(code, path, expr, &e.args, hint);
                    }
                    self.errors.at(&e.func, no_function(&e.func));
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

    pub(super) fn binary(&mut self, code: &mut Code, e: &ExprBinary, whole: &Expr, hint: Hint) -> Value {
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
        let op = self.operation(code, out, quote_spanned!(span=> ::adamant::ops::#name::new()), false);
        code.steps.push(Step::Apply(Apply { out, op, operands, reads, span }));
        Value::Var(out)
    }

    fn method(&mut self, code: &mut Code, e: &ExprMethodCall, hint: Hint) -> Value {
        let (name, span) = (e.method.to_string(), e.method.span());
        let args: Vec<&Expr> = e.args.iter().collect();
        if is_self(value(&e.receiver)) {
            let message = format!(
                "no backward pass can be read off a method of the layer: write its steps here, or make it a layer of its own; a \
                 field is called with `self.{name}.forward(x)`"
            );
            self.errors.at(&e.method, message);
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
                code.steps.push(Step::Detach(Detach { out, of }));
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
                if let Some(call) = args.first().and_then(|first| table::along(&name, &axis(first)?)) {
                    self.errors.at(&e.method, format!("an axis is a constant in angle brackets: `x.{call}`"));
                    return Value::Error;
                }
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
        let (reads, inferred) = table::method(&name).map_or((Reads::Output, false), |m| (m.reads, m.inferred));
        let op = self.operation(code, out, op, !plain || (inferred && e.turbofish.is_none()));
        code.steps.push(Step::Apply(Apply { out, op, operands, reads, span }));
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
        code.steps.push(Step::Pack(Pack { out: array, operands }));
        let (span, arguments) = (stack.ident.span(), &stack.arguments);
        let out = self.named(code, hint, "stack");
        let op = self.operation(code, out, quote_spanned!(span=> ::adamant::ops::Stack #arguments::new()), false);
        code.steps.push(Step::Apply(Apply { out, op, operands: vec![Operand::Var(array)], reads: Reads::Little, span }));
        Value::Var(out)
    }

    fn unknown_method(&mut self, e: &ExprMethodCall) {
        let name = e.method.to_string();
        if let Some(ours) = table::instead(&name) {
            self.errors.at(&e.method, format!("PyTorch's `{name}` is `{ours}` here"));
            return;
        }
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
        args: &Punctuated<Expr, Token![,]>,
        span: Span,
        hint: Hint,
    ) -> Value {
        let Some(parts) = field(layer) else { return Value::Error };
        let name = parts.iter().rev().find_map(|part| match part {
            RawPart::Member(Member::Named(name)) => Some(name.to_string()),
            _ => None,
        });
        let mut place = self.place(code, &parts, layer);
        place.span = span;
        let hint = Hint { name: Some(hint.name.or(name).unwrap_or_else(|| String::from("layer"))), ..hint };
        self.call(code, Callee::Field(place), whole, args, span, hint)
    }

    /// `my_function(x, &y)`, which has `#[forward]`.
    fn function(
        &mut self,
        code: &mut Code,
        path: &Path,
        whole: &Expr,
        args: &Punctuated<Expr, Token![,]>,
        hint: Hint,
    ) -> Value {
        let name = path.segments.last().map_or_else(String::new, |last| last.ident.to_string());
        let mut path = path.clone();
        // The function's parameters follow from what it is given.
        if let Some(last) = path.segments.last_mut() {
            last.arguments = PathArguments::None;
        }
        let hint = Hint { name: hint.name.or(Some(name)), ..hint };
        self.call(code, Callee::Function(path.to_token_stream()), whole, args, path.span(), hint)
    }

    fn call(
        &mut self,
        code: &mut Code,
        layer: Callee,
        whole: &Expr,
        args: &Punctuated<Expr, Token![,]>,
        span: Span,
        hint: Hint,
    ) -> Value {
        if args.is_empty() {
            self.errors.at(whole, "a layer takes an input: `self.hidden.forward(x)`");
            return Value::Error;
        }
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
        let out = self.named(code, hint, "layer");
        let name = code.scope.step_name(span, &self.vars[out].name.to_string());
        let mark = code.scope.value_name(&format!("{}_mark", self.vars[out].name));
        code.steps.push(Step::Call(Call { out, layer, name, input, site, mark, span }));
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
            Operand::Constant(self.written_twice(code, tokens))
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

/// The path of a free function, as far as its spelling tells.
fn function_call(call: &ExprCall) -> Option<&Path> {
    let Expr::Path(ExprPath { qself: None, path, .. }) = bare(&call.func) else { return None };
    let is_type = |segment: &PathSegment| segment.ident.to_string().starts_with(char::is_uppercase);
    (!path.segments.iter().any(is_type)).then_some(path)
}

/// The number of an axis, written as an argument.
fn axis(argument: &Expr) -> Option<String> {
    let (sign, number) = match bare(argument) {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => ("-", bare(expr)),
        number => ("", number),
    };
    let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = number else { return None };
    Some(format!("{sign}{}", number.base10_digits()))
}

/// What to write instead of a function of a type or a trait.
fn no_function(function: &Expr) -> String {
    let name = match bare(function) {
        Expr::Path(ExprPath { path, .. }) => path.segments.last().map_or_else(String::new, |last| last.ident.to_string()),
        _ => String::new(),
    };
    if let Some(ours) = table::instead(&name) {
        return format!("PyTorch's `{name}` is `{ours}` here");
    }
    if table::method(&name).is_some() {
        return format!("`{name}` is a method: `x.{name}(…)`");
    }
    String::from(
        "no backward pass can be read off this function: make it a free function with `#[forward]` before it, a layer \
         (`self.layer.forward(x)`), or an operation with both passes (`x.apply(MyOperation)`, see `adamant::ops::Function`)",
    )
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
