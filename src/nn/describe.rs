//! Printing a model as PyTorch prints it.

use core::fmt::{self, Display, Formatter, Write};

use super::Parameters;
use crate::shape::Dims;

/// Writes what passes through it two columns further in, after each line's end.
struct Indented<'a, 'b>(&'a mut Formatter<'b>);

impl Write for Indented<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for line in text.split_inclusive('\n') {
            self.0.write_str(line)?;
            if line.ends_with('\n') {
                self.0.write_str("  ")?;
            }
        }
        Ok(())
    }
}

/// A layer with children: `Name(`, the children that `children` writes, `)`.
pub fn parent(f: &mut Formatter<'_>, name: &str, children: impl FnOnce(&mut Formatter<'_>) -> fmt::Result) -> fmt::Result {
    write!(f, "{name}(")?;
    children(f)?;
    f.write_str("\n)")
}

/// One child on a line of its own: `(label): Layer(…)`. What is no layer, a parameter or a plain number, is left out.
pub fn child<M: Parameters + ?Sized>(f: &mut Formatter<'_>, label: &dyn Display, layer: &M) -> fmt::Result {
    if !M::IS_LAYER {
        return Ok(());
    }
    f.write_str("\n  ")?;
    write!(Indented(f), "({label}): {}", super::Printed(layer))
}

/// A value, or `None`, as Python prints it.
pub(crate) struct OrNone<T>(pub(crate) Option<T>);

impl<T: Display> Display for OrNone<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("None"),
        }
    }
}

/// Sizes as a Python tuple: `(4, 6)`, and `(6,)` of one.
pub(crate) struct Sizes(pub(crate) Dims);

impl Display for Sizes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("()"),
            [one] => write!(f, "({one},)"),
            [first, rest @ ..] => {
                write!(f, "({first}")?;
                rest.iter().try_for_each(|size| write!(f, ", {size}"))?;
                f.write_str(")")
            }
        }
    }
}
