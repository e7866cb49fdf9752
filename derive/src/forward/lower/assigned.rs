//! What statements assign to.

use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprAssign, ExprBinary};

use crate::forward::place::bare;

/// The operator of `+=` and the like.
pub fn compound(op: &BinOp) -> Option<char> {
    match op {
        BinOp::AddAssign(_) => Some('+'),
        BinOp::SubAssign(_) => Some('-'),
        BinOp::MulAssign(_) => Some('*'),
        BinOp::DivAssign(_) => Some('/'),
        _ => None,
    }
}

/// The variables that a loop's body assigns to.
pub struct Assigned(pub Vec<String>);

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
