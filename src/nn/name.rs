//! A tensor's dotted name, built on the stack.

use core::fmt::{self, Display, Formatter};

use crate::text::decimal;

/// The name of a tensor or a layer in a model, as PyTorch's `named_parameters()` gives it: `encoder.0.weight`.
///
/// A name is a chain of references up to the model, so it needs no heap; [`Display`] writes the dots.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    parent: Option<&'a Name<'a>>,
    part: Part<'a>,
    transposed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    Root,
    Field(&'a str),
    Index(usize),
}

impl<'a> Name<'a> {
    /// The model itself: an empty name.
    pub const ROOT: Self = Self { parent: None, part: Part::Root, transposed: false };

    /// A field's name under this one.
    pub const fn field(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), part: Part::Field(name), transposed: false }
    }

    /// A number's name under this one: the layer of a chain, the item of an array.
    pub const fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), part: Part::Index(index), transposed: false }
    }

    /// The same name of a tensor that PyTorch stores with its last two dimensions exchanged, as `Linear`'s weight.
    pub const fn transposed(self) -> Self {
        Self { transposed: true, ..self }
    }

    /// Whether PyTorch stores this tensor with its last two dimensions exchanged.
    pub const fn is_transposed(&self) -> bool {
        self.transposed
    }

    /// Where this is the field of that name, the name of another field beside it.
    pub(crate) fn beside(&self, field: &str, other: &'a str) -> Option<Self> {
        let parent = self.parent.filter(|_| matches!(self.part, Part::Field(own) if own == field));
        parent.map(|parent| parent.field(other))
    }

    /// Gives `f` the name part by part, dots included, up to the first error. [`Display`] writes the same, by way of formats, which
    /// firmware would rather not link.
    pub fn parts<E>(&self, f: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        if let Some(parent) = self.parent {
            parent.parts(f)?;
            if !matches!(parent.part, Part::Root) {
                f(".")?;
            }
        }
        match self.part {
            Part::Root => Ok(()),
            Part::Field(name) => f(name),
            Part::Index(index) => f(decimal(index, &mut [0; 20])),
        }
    }
}

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.parts(&mut |part| f.write_str(part))
    }
}

/// Names are compared with the text that a file or a user gives, without writing them out anywhere.
impl PartialEq<str> for Name<'_> {
    fn eq(&self, text: &str) -> bool {
        let mut rest = text;
        let begins = self.parts(&mut |part| rest.strip_prefix(part).map(|after| rest = after).ok_or(()));
        begins.is_ok() && rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dotted() {
        let root = Name::ROOT;
        let (encoder, other) = (root.field("encoder"), root.index(2));
        let layer = encoder.index(0);
        let weight = layer.field("weight");
        assert!(weight == *"encoder.0.weight");
        assert!(weight != *"encoder.0.weights");
        assert!(weight != *"encoder.0.weigh");
        assert!(other.field("bias") == *"2.bias");
        assert!(root == *"");
    }
}
