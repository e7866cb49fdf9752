//! The function as the user wrote it, but for calls of layers: `self.hidden.forward(h)` means `Module`'s, whether the
//! layer has a function of that name itself or not; and it takes what a gradient flows to by value or by reference, as every layer
//! does.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FnArg, Pat, Stmt, Token, Type, parse_quote_spanned};

use super::names::placed;
use super::place::{bare, call_layer, method_layer};
use super::signature::Argument;
use super::steps::respanned;

pub struct Rewrite {
    /// The arguments that the function takes by reference.
    by_ref: Vec<String>,
}

impl Rewrite {
    pub fn new(arguments: &[Argument]) -> Self {
        let names = arguments.iter().filter(|a| a.by_ref).filter_map(|a| match &a.pat {
            Pat::Ident(pat) => Some(pat.ident.to_string()),
            _ => None,
        });
        Self { by_ref: names.collect() }
    }

    /// What a layer is lent.
    fn input(&self, args: &Punctuated<Expr, Token![,]>) -> TokenStream {
        let span = args.span();
        match args.first().filter(|_| args.len() == 1).map(bare) {
            Some(arg @ Expr::Reference(_)) => quote!(#arg),
            Some(Expr::Path(path)) if path.path.get_ident().is_some_and(|i| self.by_ref.contains(&i.to_string())) => {
                quote_spanned!(span=> ::adamant::ops::operand(&#path))
            }
            Some(arg @ (Expr::Path(_) | Expr::Field(_) | Expr::MethodCall(_) | Expr::Call(_) | Expr::Tuple(_))) => {
                quote_spanned!(span=> &#arg)
            }
            Some(arg) => quote_spanned!(span=> &(#arg)),
            None => quote_spanned!(span=> &(#args)),
        }
    }
}

impl VisitMut for Rewrite {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        let (layer, args, span) = match &*expr {
            Expr::MethodCall(call) if !call.args.is_empty() => (method_layer(call), &call.args, call.method.span()),
            Expr::Call(call) if !call.args.is_empty() => (call_layer(call), &call.args, call.func.span()),
            _ => return,
        };
        let Some(layer) = layer else { return };
        let (input, layer) = (self.input(args), respanned(layer.to_token_stream(), span));
        let function = quote_spanned!(span=> ::adamant::nn::Module::forward_inside);
        let rewritten: Expr = parse_quote_spanned!(span=> #function(&#layer, #input));
        *expr = rewritten;
    }
}

/// Makes the arguments that a gradient flows to inputs that are lent, and returns what gives them the names and types that they have.
pub fn lend(inputs: &mut Punctuated<FnArg, Token![,]>, arguments: &[Argument]) -> Vec<Stmt> {
    let mut values = Vec::new();
    let typed = inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (i, (typed, argument)) in typed.zip(arguments).enumerate().filter(|(_, (_, argument))| argument.gradient) {
        let span = placed(typed.ty.span());
        let name = match &*typed.pat {
            Pat::Ident(pat) => pat.ident.clone(),
            _ => format_ident!("argument{i}", span = span),
        };
        let (pat, ty) = (&typed.pat, &typed.ty);
        let lent = quote_spanned!(span=> ::adamant::nn::Lent::lent(&#name));
        // The value has the argument's name, as in the user's own code.
        values.push(match argument.by_ref {
            true => parse_quote_spanned!(span=> #[allow(clippy::shadow_reuse)] let #pat: #ty = #lent;),
            false => parse_quote_spanned!(span=> #[allow(clippy::shadow_reuse)] let #pat: #ty = *#lent;),
        });
        let value = match &*typed.ty {
            Type::Reference(reference) if argument.by_ref => &reference.elem,
            ty => ty,
        };
        *typed.ty = parse_quote_spanned!(span=> impl ::adamant::nn::Lent<Input = #value>);
        *typed.pat = parse_quote_spanned!(span=> #name);
    }
    values
}
