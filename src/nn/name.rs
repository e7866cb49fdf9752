//! A tensor's dotted name, built on the stack.

use core::cmp::Ordering;
use core::fmt::{self, Display, Formatter};

use crate::shape::Dims;
use crate::text::{Text, decimal, digits};

/// The name of a tensor or a layer in a model, as PyTorch's `named_parameters()` gives it: `encoder.0.weight`.
///
/// A name is a chain of references up to the model, so it needs no heap; [`Display`] writes the dots.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    parent: Option<&'a Name<'a>>,
    step: Step<'a>,
}

/// One part of a [`Name`]: from a layer to one of its fields or items.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    part: Part<'a>,
    stored: Stored,
}

/// How PyTorch stores a tensor, where it differs.
#[derive(Clone, Copy, Debug)]
struct Stored {
    transposed: bool,
    fused: bool,
}

impl Stored {
    /// As it is here.
    const SAME: Self = Self { transposed: false, fused: false };

    /// What either says.
    const fn and(self, other: Self) -> Self {
        Self { transposed: self.transposed || other.transposed, fused: self.fused || other.fused }
    }
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    Same,
    Field(&'a str),
    Index(usize),
    /// An array of layers whose numbers stand behind their tensors' names, and that of the first.
    Layers(usize),
    /// One of them, or what it is in one direction of time.
    Layer(Layer),
    /// A tensor of it: `weight_ih_l0`.
    OfLayer(&'a str, Layer),
}

/// A layer of a recurrent network, as it stands behind the names of its tensors.
#[derive(Clone, Copy, Debug)]
struct Layer {
    number: usize,
    reverse: bool,
}

impl Layer {
    /// What stands behind the number.
    const fn direction(self) -> &'static str {
        if self.reverse { "_reverse" } else { "" }
    }
}

impl<'a> Step<'a> {
    /// To what has the name of the whole.
    pub const SAME: Self = Self { part: Part::Same, stored: Stored::SAME };

    /// To a field of this name.
    pub const fn field(name: &'a str) -> Self {
        Self { part: Part::Field(name), stored: Stored::SAME }
    }

    /// To the item of this number.
    pub const fn index(index: usize) -> Self {
        Self { part: Part::Index(index), stored: Stored::SAME }
    }

    /// To an array of layers whose numbers, from `first` on, stand behind the names of their tensors: `weight_ih_l1`. Where an item is an
    /// array itself, its second one runs backwards in time: `weight_ih_l1_reverse`.
    pub const fn layers(first: usize) -> Self {
        Self { part: Part::Layers(first), stored: Stored::SAME }
    }

    /// To the layer of that number alone. See [`layers`](Self::layers).
    pub const fn layer(number: usize) -> Self {
        Self { part: Part::Layer(Layer { number, reverse: false }), stored: Stored::SAME }
    }

    /// The same to a tensor that PyTorch stores with its last two dimensions exchanged.
    pub const fn transposed(self) -> Self {
        Self { stored: self.stored.and(Stored { transposed: true, fused: false }), ..self }
    }

    /// The same to a tensor whose last two dimensions are one for PyTorch, and all before them another one: the gates of a layer, whose
    /// products are one.
    pub const fn fused(self) -> Self {
        Self { stored: self.stored.and(Stored { transposed: false, fused: true }), ..self }
    }
}

impl<'a> Name<'a> {
    /// The model itself: an empty name.
    pub const ROOT: Self = Self { parent: None, step: Step::SAME };

    /// The name one step below this one.
    pub const fn then(&'a self, step: Step<'a>) -> Self {
        let part = match (self.step.part, step.part) {
            (part, Part::Same) => return Self { step: Step { stored: self.step.stored.and(step.stored), part }, ..*self },
            (Part::Layers(first), Part::Index(i)) => Part::Layer(Layer { number: first + i, reverse: false }),
            (Part::Layer(layer), Part::Index(direction)) => Part::Layer(Layer { reverse: direction == 1, ..layer }),
            (Part::Layer(layer), Part::Field(name)) => Part::OfLayer(name, layer),
            _ => return Self { parent: Some(self), step },
        };
        // A layer and its tensor are one part.
        Self { parent: self.parent, step: Step { part, ..step } }
    }

    /// A field's name under this one.
    pub const fn field(&'a self, name: &'a str) -> Self {
        self.then(Step::field(name))
    }

    /// A number's name under this one: the layer of a chain, the item of an array.
    pub const fn index(&'a self, index: usize) -> Self {
        self.then(Step::index(index))
    }

    /// The same name of a tensor that PyTorch stores with its last two dimensions exchanged, as `Linear`'s weight.
    pub const fn transposed(self) -> Self {
        Self { step: self.step.transposed(), ..self }
    }

    /// The same name of a tensor whose last two dimensions, and all before them, are one each for PyTorch. See [`Step::fused`].
    pub const fn fused(self) -> Self {
        Self { step: self.step.fused(), ..self }
    }

    /// Whether PyTorch stores this tensor with its last two dimensions exchanged.
    pub const fn is_transposed(&self) -> bool {
        self.step.stored.transposed
    }

    /// The sizes of the tensor of this name, given those of its type: they differ where it is [fused](Step::fused).
    pub(crate) const fn dims(&self, of_type: Dims) -> Dims {
        if self.step.stored.fused { of_type.fused() } else { of_type }
    }

    /// Where this is the field of that name, the name of another field beside it.
    pub(crate) fn beside(&self, field: &str, other: &'a str) -> Option<Self> {
        let parent = self.parent.filter(|_| matches!(self.step.part, Part::Field(own) if own == field));
        parent.map(|parent| parent.field(other))
    }

    /// Gives `f` the name part by part, dots included, up to the first error. [`Display`] writes the same, by way of formats, which
    /// firmware would rather not link.
    pub fn parts<E>(&self, f: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        if let Some(parent) = self.parent {
            parent.parts(f)?;
            if !matches!(parent.step.part, Part::Same) {
                f(".")?;
            }
        }
        match self.step.part {
            Part::Same | Part::Layers(_) => Ok(()),
            Part::Field(name) => f(name),
            Part::Index(index) => f(decimal(index, &mut [0; 20])),
            Part::Layer(layer) => numbered("", layer, f),
            Part::OfLayer(name, layer) => numbered(name, layer, f),
        }
    }

    /// How much of `text`, from `at` on, this name is; else how the name stands to it. (Constants know no [`Display`].)
    const fn matched(&self, text: &[u8], at: usize) -> Result<usize, Ordering> {
        let mut at = at;
        if let Some(parent) = self.parent {
            at = match parent.matched(text, at) {
                Ok(at) => at,
                Err(other) => return Err(other),
            };
            if !matches!(parent.step.part, Part::Same) {
                at = match begins(text, at, b".") {
                    Ok(at) => at,
                    Err(other) => return Err(other),
                };
            }
        }
        match self.step.part {
            Part::Same | Part::Layers(_) => Ok(at),
            Part::Field(name) => begins(text, at, name.as_bytes()),
            Part::Index(index) => begins_number(text, at, index),
            Part::Layer(layer) => begins_layer(text, at, "", layer),
            Part::OfLayer(name, layer) => begins_layer(text, at, name, layer),
        }
    }

    /// How this name stands to a text, byte by byte.
    pub(crate) const fn compared(&self, text: &str) -> Ordering {
        match self.matched(text.as_bytes(), 0) {
            Ok(at) if at == text.len() => Ordering::Equal,
            Ok(_) => Ordering::Less,
            Err(other) => other,
        }
    }

    /// Whether a text is this name, or one below it.
    pub(crate) const fn holds(&self, text: &str) -> bool {
        match self.matched(text.as_bytes(), 0) {
            Ok(0) => true,
            Ok(at) => at == text.len() || text.as_bytes()[at] == b'.',
            Err(_) => false,
        }
    }

    /// The name at the end of a text that is put together in a constant.
    pub(crate) const fn written(&self, text: Text) -> Text {
        let text = match self.parent {
            Some(parent) if matches!(parent.step.part, Part::Same) => parent.written(text),
            Some(parent) => parent.written(text).add("."),
            None => text,
        };
        match self.step.part {
            Part::Same | Part::Layers(_) => text,
            Part::Field(name) => text.add(name),
            Part::Index(index) => text.plain(index),
            Part::Layer(layer) => text.add("_l").plain(layer.number).add(layer.direction()),
            Part::OfLayer(name, layer) => text.add(name).add("_l").plain(layer.number).add(layer.direction()),
        }
    }
}

/// Gives `f` a tensor's name and its layer's number.
fn numbered<E>(name: &str, layer: Layer, f: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    for part in [name, "_l", decimal(layer.number, &mut [0; 20]), layer.direction()] {
        f(part)?;
    }
    Ok(())
}

/// As [`begins`], of the same.
const fn begins_layer(text: &[u8], at: usize, name: &str, layer: Layer) -> Result<usize, Ordering> {
    let at = match begins(text, at, name.as_bytes()) {
        Ok(at) => at,
        Err(other) => return Err(other),
    };
    let at = match begins(text, at, b"_l") {
        Ok(at) => at,
        Err(other) => return Err(other),
    };
    let at = match begins_number(text, at, layer.number) {
        Ok(at) => at,
        Err(other) => return Err(other),
    };
    begins(text, at, layer.direction().as_bytes())
}

/// As [`begins`], of a number.
const fn begins_number(text: &[u8], at: usize, number: usize) -> Result<usize, Ordering> {
    let (digits, from) = digits(number);
    begins(text, at, digits.split_at(from).1)
}

/// The place after `part` in `text`, if it stands at `at`; else how the part stands to what is there.
const fn begins(text: &[u8], at: usize, part: &[u8]) -> Result<usize, Ordering> {
    let mut i = 0;
    while i < part.len() {
        if at + i == text.len() || part[i] > text[at + i] {
            return Err(Ordering::Greater);
        }
        if part[i] < text[at + i] {
            return Err(Ordering::Less);
        }
        i += 1;
    }
    Ok(at + part.len())
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
    use std::string::ToString;

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

    #[test]
    fn constants_compare_names_as_texts() {
        let (root, zero, twelve) = (Name::ROOT, Name::ROOT.index(0), Name::ROOT.index(12));
        let (body, same) = (root.field("body"), root.then(Step::SAME));
        let (first, upper) = (root.then(Step::layer(0)), body.then(Step::layers(1)));
        let (back, second, eleventh) = (first.index(1), upper.index(0), upper.index(10));
        let names = [root, zero, zero.field("weight"), twelve.field("b"), body, body.index(7), same.field("x")];
        let layers = [first.field("w"), back.field("w"), second.field("b"), eleventh.field("b"), upper.index(1)];
        let texts = ["", "0", "0.weight", "0.weights", "12.b", "12", "body", "body.7", "body.70", "x", "1"];
        let of_layers =
            ["w_l0", "w_l0_reverse", "w_l0_reverses", "body.b_l1", "body.b_l11", "body.b_l11.c", "body.b", "body._l2"];
        assert_eq!(back.field("w").to_string(), "w_l0_reverse");
        assert_eq!(eleventh.field("b").to_string(), "body.b_l11");
        let (names, texts) = (names.into_iter().chain(layers), texts.into_iter().chain(of_layers));
        for name in names {
            for text in texts.clone() {
                assert_eq!(name.compared(text), name.to_string().as_str().cmp(text), "{name} {text}");
                let below = name.to_string() + ".";
                assert_eq!(name.holds(text), name == *text || name == *"" || text.starts_with(&below), "{name} {text}");
            }
            assert_eq!(name.written(Text::new()).as_str(), name.to_string());
        }
    }
}
