//! One field of the struct.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Field, Index, Member, PathSegment, Type, TypeReference};

use super::generics::Lifetimes;
use crate::attributes::FieldOptions;

/// One field of the struct.
pub struct Part<'a> {
    /// How it is reached: `weight`, or `0`.
    pub member: Member,
    pub ty: &'a Type,
    /// The type where its gradients are declared, which live on their own: each lifetime is `'static`.
    pub still: Type,
    pub options: FieldOptions,
}

impl<'a> Part<'a> {
    pub fn of((index, field): (usize, &'a Field), lifetimes: &Lifetimes) -> syn::Result<Self> {
        Ok(Self {
            member: match &field.ident {
                Some(ident) => Member::Named(ident.clone()),
                None => Member::Unnamed(Index::from(index)),
            },
            ty: &field.ty,
            still: lifetimes.still(&field.ty)?,
            options: FieldOptions::of(&field.attrs)?,
        })
    }

    /// Its name below the struct's name.
    pub fn name(&self) -> TokenStream {
        let step = self.step();
        quote!(name.then(__nn::Step::#step))
    }

    /// What it is called, as a call of `Name`'s and of `Step`'s constructors.
    pub fn step(&self) -> TokenStream {
        let step = match (&self.options.name, &self.member) {
            _ if self.options.layer.is_some() => {
                let number = &self.options.layer;
                quote!(layer(#number))
            }
            _ if self.options.layers.is_some() => {
                let first = &self.options.layers;
                quote!(layers(#first))
            }
            (None, Member::Named(_)) | (Some(_), _) => {
                let name = self.label();
                quote!(field(#name))
            }
            (None, Member::Unnamed(index)) => {
                let index = index.index as usize;
                quote!(index(#index))
            }
        };
        let step = if self.options.transposed { quote!(#step.transposed()) } else { step };
        if self.options.fused { quote!(#step.fused()) } else { step }
    }

    /// Its label when the struct is printed.
    pub fn label(&self) -> String {
        match (&self.options.name, &self.member) {
            (Some(name), _) => name.value(),
            (None, Member::Named(ident)) => ident.unraw().to_string(),
            (None, Member::Unnamed(index)) => index.index.to_string(),
        }
    }

    /// Whether the type is called like a parameter, a tensor or a number: no layer, so nothing to chain. The name spares the
    /// compiler the question; [`plain`](super::chain) asks it whether that is true.
    pub fn looks_plain(&self) -> bool {
        const PLAIN: [&str; 19] = [
            "Param", "Tensor", "Tensor1", "Tensor2", "Tensor3", "Tensor4", "f32", "f64", "bool", "usize", "isize", "u8", "u16",
            "u32", "u64", "i8", "i16", "i32", "i64",
        ];
        let Type::Path(path) = element(self.ty) else { return false };
        path.path.segments.last().is_some_and(|last| PLAIN.iter().any(|name| last.ident == name))
    }

    /// Whether it borrows: nobody makes what a reference points to.
    pub fn borrows(&self) -> bool {
        let mut borrows = Borrows(false);
        borrows.visit_type(self.ty);
        borrows.0
    }

    /// What is wrong with an array of numbers that does not say where it starts: it was meant to train, or to be saved.
    pub fn check_array(&self) -> syn::Result<()> {
        let is_float = matches!(element(self.ty), Type::Path(path) if path.path.is_ident("f32") || path.path.is_ident("f64"));
        if !matches!(self.ty, Type::Array(_)) || !is_float || self.options.value.is_some() || self.options.init.is_some() {
            return Ok(());
        }
        let ty = self.ty.to_token_stream().to_string().replace(" ;", ";");
        let message = format!(
            "an array of numbers is a setting, which does not train: a parameter is `Param<{ty}>`, state that is saved `Tensor<{ty}>`, \
             and a setting says what it is with `#[module(value = …)]`"
        );
        Err(syn::Error::new_spanned(self.ty, message))
    }

    /// Code about the field: what the compiler says of it is shown at the field's type.
    pub fn at(&self, tokens: TokenStream) -> TokenStream {
        let span = Span::call_site().located_at(self.ty.span());
        let located = |mut token: TokenTree| {
            token.set_span(span);
            token
        };
        tokens.into_iter().map(located).collect()
    }
}

/// The type of an array's elements, or the type itself.
fn element(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => element(&group.elem),
        Type::Array(array) => element(&array.elem),
        ty => ty,
    }
}

/// Looks for a reference; `PhantomData<&T>` holds none.
struct Borrows(bool);

impl Visit<'_> for Borrows {
    fn visit_type_reference(&mut self, _: &TypeReference) {
        self.0 = true;
    }

    fn visit_path_segment(&mut self, segment: &PathSegment) {
        if segment.ident != "PhantomData" {
            visit::visit_path_segment(self, segment);
        }
    }
}
