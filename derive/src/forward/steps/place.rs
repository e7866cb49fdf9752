//! Fields of the layer, and what is called.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Member;

use super::tokens::respanned;

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
    pub fn whole(&self) -> Self {
        let parts = self.parts.iter().take_while(|part| matches!(part, Part::Member(_))).cloned().collect();
        Self { this: self.this.clone(), parts, span: self.span }
    }

    /// Whether every index is the variable of this name.
    pub fn is_indexed_by(&self, variable: &TokenStream) -> bool {
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
