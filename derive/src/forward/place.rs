//! Fields of the layer in an expression, and calls of layers.

use proc_macro2::Ident;
use syn::{Expr, ExprCall, ExprMethodCall, Member};

/// `self.a.b[i]` as its parts.
pub enum RawPart<'e> {
    Member(&'e Member),
    Index(&'e Expr),
}

/// Without parentheses.
pub fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(e) => bare(&e.expr),
        Expr::Group(e) => bare(&e.expr),
        e => e,
    }
}

/// Without parentheses and `&`.
pub fn value(expr: &Expr) -> &Expr {
    match bare(expr) {
        Expr::Reference(e) if e.mutability.is_none() => value(&e.expr),
        e => e,
    }
}

pub fn is_self(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Path(p) if p.path.is_ident("self"))
}

/// The parts of a field of `self`.
pub fn field(expr: &Expr) -> Option<Vec<RawPart<'_>>> {
    let mut parts = match bare(expr) {
        Expr::Field(e) if is_self(&e.base) => return Some(vec![RawPart::Member(&e.member)]),
        Expr::Field(e) => {
            let mut parts = field(&e.base)?;
            parts.push(RawPart::Member(&e.member));
            return Some(parts);
        }
        Expr::Index(e) => (field(&e.expr)?, &e.index),
        _ => return None,
    };
    parts.0.push(RawPart::Index(parts.1));
    Some(parts.0)
}

/// The `self` of a field.
pub fn self_token(expr: &Expr) -> Option<Ident> {
    match bare(expr) {
        Expr::Field(e) => self_token(&e.base),
        Expr::Index(e) => self_token(&e.expr),
        Expr::Path(e) => e.path.get_ident().cloned(),
        _ => None,
    }
}

/// The layer of `self.layer.forward(…)`.
pub fn method_layer(call: &ExprMethodCall) -> Option<&Expr> {
    let receiver = value(&call.receiver);
    (call.method == "forward" && field(receiver).is_some()).then_some(receiver)
}

/// The layer of `(self.layer)(…)`.
pub fn call_layer(call: &ExprCall) -> Option<&Expr> {
    let layer = value(&call.func);
    field(layer).is_some().then_some(layer)
}
