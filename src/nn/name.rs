//! A tensor's dotted name, built on the stack.

use core::fmt::{self, Display, Formatter};

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
}

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !matches!(parent.part, Part::Root) {
                f.write_str(".")?;
            }
        }
        match self.part {
            Part::Root => Ok(()),
            Part::Field(name) => f.write_str(name),
            Part::Index(index) => write!(f, "{index}"),
        }
    }
}

/// Names are compared with the text that a file or a user gives, without writing them out anywhere.
impl PartialEq<str> for Name<'_> {
    fn eq(&self, text: &str) -> bool {
        struct Compare<'t>(&'t str);
        impl fmt::Write for Compare<'_> {
            fn write_str(&mut self, part: &str) -> fmt::Result {
                self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
                Ok(())
            }
        }
        let mut rest = Compare(text);
        fmt::write(&mut rest, format_args!("{self}")).is_ok() && rest.0.is_empty()
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
