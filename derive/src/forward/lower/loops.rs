//! `for` loops.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, ExprForLoop, ExprLit, Lit, LitInt, Pat, RangeLimits};

use super::assigned::Assigned;
use super::{Carries, Code, Lower, Target, Work};
use crate::forward::constant::{flows, rewrite};
use crate::forward::names::local;
use crate::forward::place::{bare, field};
use crate::forward::scope::Value;
use crate::forward::signature::mentions;
use crate::forward::steps::{Carried, Loop, Step};

impl Lower<'_> {
    pub(super) fn for_loop(&mut self, code: &mut Code, e: &ExprForLoop) {
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
        let marks = self.name(&mut inner, "marks");
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
        let (index, span) = (quote!(#index), e.for_token.span());
        code.steps.push(Step::Loop(Loop { index, range, start, end, carried, body, marks, span }));
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
