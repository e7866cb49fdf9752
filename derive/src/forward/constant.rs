//! Expressions that no gradient flows through: they are kept as they are.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprMacro, ExprMethodCall, FieldValue, Member, PatIdent, UnOp};

use super::errors::Errors;
use super::place::{bare, call_layer, field, is_self, method_layer, value};
use super::scope::{Scope, Value};
use super::table;

/// Whether a gradient may flow through an expression: it mentions such a value, lends a field, or calls a layer.
pub fn flows(expr: &Expr, scope: &Scope) -> bool {
    let mut find = Find { scope, found: false };
    find.visit_expr(expr);
    find.found
}

struct Find<'s> {
    scope: &'s Scope,
    found: bool,
}

impl Visit<'_> for Find<'_> {
    fn visit_expr(&mut self, expr: &Expr) {
        self.found |= match expr {
            Expr::Reference(e) => field(&e.expr).is_some(),
            // A parameter's tensor: a setting is no reference.
            Expr::Unary(e) => matches!(e.op, UnOp::Deref(_)) && field(&e.expr).is_some(),
            Expr::MethodCall(e) => method_layer(e).is_some() || (field(value(&e.receiver)).is_some() && is_operation(e)),
            Expr::Call(e) => call_layer(e).is_some(),
            Expr::Path(e) => e.path.get_ident().is_some_and(|i| match self.scope.get(&i.to_string()) {
                Some(value) => !is_constant(value),
                None => false,
            }),
            _ => false,
        };
        visit::visit_expr(self, expr);
    }
}

fn is_operation(call: &ExprMethodCall) -> bool {
    let name = call.method.to_string();
    // A number's `max` takes another number, a tensor's takes nothing.
    let of_numbers = ["max", "min"].contains(&name.as_str()) && !call.args.is_empty();
    !of_numbers && (table::method(&name).is_some() || ["apply", "apply2", "detach"].contains(&name.as_str()))
}

/// Whether this is `cfg!(…)`, the one macro whose value is known to be a constant.
pub fn is_cfg(e: &ExprMacro) -> bool {
    e.mac.path.is_ident("cfg")
}

fn is_constant(value: &Value) -> bool {
    match value {
        // One mistake is one error: what follows from it is passed over.
        Value::Constant(_) | Value::Error => true,
        Value::Tuple(parts) => parts.iter().all(is_constant),
        Value::Var(_) | Value::Field(..) => false,
    }
}

/// A constant expression as the backward pass writes it: renamed constants have their new names, and fields of the layer are
/// known not to be trained.
pub fn rewrite(expr: &Expr, scope: &Scope, errors: &mut Errors) -> TokenStream {
    let mut expr = bare(expr).clone();
    if let Some(place) = impure(&expr) {
        errors.at(place, IMPURE);
        return expr.to_token_stream();
    }
    Rewrite { scope, errors }.visit_expr_mut(&mut expr);
    match &expr {
        Expr::Binary(_) | Expr::Cast(_) | Expr::Range(_) | Expr::Unary(_) => quote_spanned!(expr.span()=> (#expr)),
        _ => expr.to_token_stream(),
    }
}

const IMPURE: &str = "a forward pass is a pure function, since the way back runs parts of it again and must find the same values: \
                      randomness is a layer, `noise: Noise` and `self.noise.forward(x)`, or an argument";

/// What may give another value when it runs again, as far as its spelling tells: what borrows something to change it, generators of
/// random numbers, clocks, atomics.
fn impure(expr: &Expr) -> Option<TokenStream> {
    let mut find = Impure(None);
    find.visit_expr(expr);
    find.0
}

struct Impure(Option<TokenStream>);

impl Visit<'_> for Impure {
    fn visit_expr(&mut self, expr: &Expr) {
        let found = match expr {
            Expr::Reference(e) => e.mutability.is_some(),
            Expr::Path(e) => {
                let names = ["rand", "SmallRng", "StdRng", "ThreadRng", "Instant", "SystemTime"];
                let functions = ["randn", "random", "seed_from_u64", "from_rng"];
                let called = e.path.segments.last().is_some_and(|last| functions.iter().any(|name| last.ident == name));
                called || e.path.segments.iter().any(|s| names.iter().any(|name| s.ident == name))
            }
            Expr::MethodCall(e) => {
                let name = e.method.to_string();
                let draws = ["random", "random_range", "random_bool", "next_u32", "next_u64", "compare_exchange"];
                name.starts_with("fetch_") || draws.contains(&name.as_str())
            }
            _ => false,
        };
        if found && self.0.is_none() {
            self.0 = Some(expr.to_token_stream());
        }
        visit::visit_expr(self, expr);
    }
}

struct Rewrite<'s> {
    scope: &'s Scope,
    errors: &'s mut Errors,
}

const SELF: &str = "the layer as a whole cannot be used here: name a field, `&self.weight` or `self.hidden.forward(…)`";

/// What is wrong with `self.weight.0` as a constant.
pub const UNWRAPPED: &str = "if this is a parameter's tensor, its gradient would be lost: lend the parameter, `&self.weight`; \
                             a setting has a field of its own, not a place in a tuple";

/// Whether an expression may take the tensor out of a parameter: `self.weight.0`.
fn unwraps(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Index(e) => unwraps(&e.expr),
        Expr::Field(e) => matches!(e.member, Member::Unnamed(_)) && !is_self(&e.base),
        _ => false,
    }
}

impl VisitMut for Rewrite<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let lent = matches!(expr, Expr::Reference(_));
        if field(value(expr)).is_some() {
            if unwraps(value(expr)) {
                self.errors.at(&*expr, UNWRAPPED);
            }
            let span = expr.span();
            let mut place = value(expr).clone();
            visit_index(self, &mut place);
            let setting = quote_spanned!(span=> ::adamant::nn::setting(&#place));
            *expr = Expr::Verbatim(if lent { setting } else { quote_spanned!(span=> (*#setting)) });
            return;
        }
        if is_self(expr) {
            self.errors.at(&*expr, SELF);
        }
        match expr {
            Expr::Return(e) => self.errors.at(e, "a forward pass has one way out: its last expression"),
            Expr::Try(e) => {
                self.errors.at(e.question_token, "a forward pass cannot fail, so there is nothing for `?` to return")
            }
            Expr::Await(e) => self.errors.at(e.await_token, "a forward pass computes and waits for nothing"),
            Expr::Macro(e) if !is_cfg(e) => {
                self.errors.at(e, "a macro hides what it computes: write its value as an expression")
            }
            Expr::Path(e) => {
                let name = e.path.get_ident().map(ToString::to_string);
                if let Some(Value::Constant(tokens)) = name.and_then(|name| self.scope.get(&name)) {
                    *expr = Expr::Verbatim(tokens.clone());
                }
                return;
            }
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        // A constant may have another name here, so `S { k }` is written `S { k: k }`.
        field.colon_token.get_or_insert_default();
        visit_mut::visit_field_value_mut(self, field);
    }

    fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
        if self.scope.get(&pat.ident.to_string()).is_some() {
            self.errors.at(&pat.ident, "this name is taken outside this expression: choose another");
        }
    }
}

/// Visits the indices in `self.layers[i].weight`, not the `self`.
fn visit_index(rewrite: &mut Rewrite<'_>, place: &mut Expr) {
    match place {
        Expr::Field(e) => visit_index(rewrite, &mut e.base),
        Expr::Paren(e) => visit_index(rewrite, &mut e.expr),
        Expr::Index(e) => {
            visit_index(rewrite, &mut e.expr);
            rewrite.visit_expr_mut(&mut e.index);
        }
        _ => {}
    }
}
