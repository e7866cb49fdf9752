//! [`summary`](Backprop::summary): a model's layers as a table.

use core::fmt::{self, Display, Formatter, Write};
use core::marker::PhantomData;

use super::{Backprop, Name};
use crate::tensor::Buffer;

/// What a table of layers says of one.
#[derive(Clone, Copy, Debug)]
pub struct LayerSummary<'a> {
    /// Its name in the model.
    pub name: Name<'a>,
    /// How many layers it stands in.
    pub depth: usize,
    /// Its type, without path and parameters.
    pub kind: &'static str,
    /// Writes the output's shape.
    pub output: fn(&mut Formatter<'_>) -> fmt::Result,
    /// How many numbers it trains, or would if it were not frozen.
    pub parameters: usize,
    /// Whether it stands in a [`Frozen`](super::Frozen) model or a borrowed one, and keeps its parameters.
    pub frozen: bool,
    /// Multiply-accumulates of one forward pass.
    pub macs: u64,
    /// Bytes of buffers that it makes in inference: 0 for a layer that works in place.
    pub inference_bytes: usize,
    /// Bytes of buffers that it makes in training.
    pub training_bytes: usize,
}

impl<'a> LayerSummary<'a> {
    /// What is known of a layer by its type.
    pub fn of<X: Clone, M: Backprop<X>>(name: Name<'a>, depth: usize) -> Self {
        let path = core::any::type_name::<M>();
        let path = path.split_once('<').map_or(path, |(path, _)| path);
        Self {
            name,
            depth,
            kind: path.rsplit_once("::").map_or(path, |(_, name)| name),
            output: M::Output::fmt_shape,
            parameters: M::PARAMETERS,
            frozen: false,
            macs: M::MACS,
            inference_bytes: M::FORWARD_WITH_BYTES,
            training_bytes: M::BACKPROP_BYTES,
        }
    }
}

/// Is shown every layer of a model, each before those inside it.
pub trait LayerVisitor {
    /// Is given one layer.
    fn layer(&mut self, layer: &LayerSummary<'_>);
}

impl<V: LayerVisitor + ?Sized> LayerVisitor for &mut V {
    fn layer(&mut self, layer: &LayerSummary<'_>) {
        (**self).layer(layer);
    }
}

/// The table for a model `M` on an input `X`, for `{}`.
pub struct Summary<M, X>(PhantomData<fn(M, X)>);

impl<M, X> Summary<M, X> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A column's text, written without a heap; what is longer than its column is cut.
struct Cell {
    text: [u8; Self::MAX],
    len: usize,
}

impl Cell {
    const MAX: usize = 64;

    fn new(content: fmt::Arguments<'_>) -> Self {
        let mut cell = Self { text: [0; Self::MAX], len: 0 };
        // Only a text that is too long fails, and that one is cut.
        let _ = cell.write_fmt(content);
        cell
    }

    fn as_str(&self) -> &str {
        self.text.get(..self.len).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or("…")
    }
}

impl Write for Cell {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let place = self.text.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// What stands in the two columns of text.
struct Texts {
    name: Cell,
    shape: Cell,
}

impl Texts {
    fn of(layer: &LayerSummary<'_>) -> Self {
        struct Shape(fn(&mut Formatter<'_>) -> fmt::Result);
        impl Display for Shape {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                (self.0)(f)
            }
        }
        let indent = 2 * layer.depth;
        let name = match layer.depth {
            0 => Cell::new(format_args!("{}", layer.kind)),
            _ => Cell::new(format_args!("{:indent$}{} ({})", "", layer.kind, layer.name)),
        };
        Self { name, shape: Cell::new(format_args!("{}", Shape(layer.output))) }
    }
}

/// How wide the columns of text are: as the longest text, and no narrower than their heads.
struct Widths {
    name: usize,
    shape: usize,
}

impl Widths {
    const HEADS: Self = Self { name: 34, shape: 20 };

    /// Of the whole table.
    const fn all(&self) -> usize {
        self.name + self.shape + 51
    }
}

impl LayerVisitor for Widths {
    fn layer(&mut self, layer: &LayerSummary<'_>) {
        let Texts { name, shape } = Texts::of(layer);
        *self = Self { name: self.name.max(name.len), shape: self.shape.max(shape.len) };
    }
}

/// Writes the rows and keeps the first error, since a visitor cannot return one.
struct Rows<'f, 'a> {
    f: &'f mut Formatter<'a>,
    widths: Widths,
    result: fmt::Result,
}

impl LayerVisitor for Rows<'_, '_> {
    fn layer(&mut self, layer: &LayerSummary<'_>) {
        self.result = self.result.and_then(|()| row(self.f, &self.widths, layer));
    }
}

/// The numbers of what is frozen stand in parentheses, as torchinfo has them.
fn row(f: &mut Formatter<'_>, widths: &Widths, layer: &LayerSummary<'_>) -> fmt::Result {
    let LayerSummary { parameters, macs, inference_bytes, training_bytes, .. } = layer;
    let Texts { name, shape } = Texts::of(layer);
    let parameters = match layer.frozen && *parameters > 0 {
        true => Cell::new(format_args!("({parameters})")),
        false => Cell::new(format_args!("{parameters}")),
    };
    let (name, shape, parameters) = (name.as_str(), shape.as_str(), parameters.as_str());
    let Widths { name: wide, shape: high } = *widths;
    writeln!(f, "{name:<wide$} {shape:<high$} {parameters:>11} {macs:>13} {inference_bytes:>11} {training_bytes:>11}")
}

impl<M: Backprop<X>, X: Clone> Display for Summary<M, X> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut widths = Widths::HEADS;
        M::layers(Name::ROOT, 0, &mut widths);
        let (all, wide, high) = (widths.all(), widths.name, widths.shape);
        writeln!(f, "{:=<all$}", "")?;
        write!(f, "{:<wide$} {:<high$} ", "Layer", "Output shape")?;
        writeln!(f, "{:>11} {:>13} {:>11} {:>11}", "Parameters", "Mult-adds", "Inference B", "Training B")?;
        writeln!(f, "{:=<all$}", "")?;
        let mut rows = Rows { f, widths, result: Ok(()) };
        M::layers(Name::ROOT, 0, &mut rows);
        rows.result?;
        writeln!(f, "{:=<all$}", "")?;
        writeln!(f, "Trainable parameters: {} ({} numbers in all)", M::PARAMETERS, M::NUMBERS)?;
        writeln!(f, "Multiply-accumulates: {}", M::MACS)?;
        writeln!(f, "Activations in inference: {} bytes, and {} of output", M::FORWARD_BYTES, size_of::<M::Output>())?;
        writeln!(f, "Activations in training: {} bytes, and {} of gradients", M::BACKPROP_BYTES, size_of::<M::Grads>())?;
        write!(f, "{:=<all$}", "")
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use std::string::ToString;

    #[test]
    fn a_table_of_every_layer() {
        #[derive(crate::Module)]
        struct Net {
            base: Frozen<Sequential![Linear<3, 4>]>,
            body: Sequential![Relu, Residual<Linear<4, 4>>],
            head: Linear<4, 2>,
        }
        let text = Net::BLANK.summary(&Tensor::<[[f32; 3]; 8]>::zeros()).to_string();
        let rows: Vec<Vec<&str>> = text.lines().skip(3).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[0], ["Net", "[8,", "2]", "30", "288", "320", "576"]);
        assert_eq!(rows[1], ["Sequential", "(base)", "[8,", "4]", "(16)", "96", "128", "128"]);
        assert_eq!(rows[2], ["Linear", "(base.0)", "[8,", "4]", "(16)", "96", "128", "128"]);
        assert_eq!(rows[3], ["Sequential", "(body)", "[8,", "4]", "20", "128", "128", "384"]);
        assert_eq!(rows[4], ["Relu", "(body.0)", "[8,", "4]", "0", "0", "0", "128"]);
        assert_eq!(rows[5], ["Residual", "(body.1)", "[8,", "4]", "20", "128", "128", "256"]);
        assert_eq!(rows[7], ["Linear", "(head)", "[8,", "2]", "10", "64", "64", "64"]);
        assert!(text.contains("Trainable parameters: 30 (46 numbers in all)"), "{text}");
    }

    /// A layer of several outputs has the shapes of all, and a unit its own name.
    #[test]
    fn a_recurrent_layer() {
        let x = (Tensor::<[[[f32; 3]; 5]; 2]>::zeros(), Lengths::new([5, 2]).unwrap());
        let text = Gru::<3, 4>::BLANK.summary(&x).to_string();
        let row = text.lines().nth(3).unwrap();
        assert!(row.starts_with("GRU ") && row.contains(" ([2, 5, 4], [1, 2, 4]) "), "{text}");
    }

    /// The numbers stand in columns, however long a name is.
    #[test]
    fn a_column_is_as_wide_as_its_longest_text() {
        #[derive(crate::Module)]
        struct Net {
            a_name_that_is_longer_than_the_column: Sequential![Linear<3, 4>],
        }
        let text = Net::BLANK.summary(&Tensor::<[[[[[f32; 3]; 1]; 1]; 1]; 100]>::zeros()).to_string();
        let table: Vec<&str> = text.lines().take(6).collect();
        assert!(table.iter().all(|line| line.len() == table[0].len()), "{text}");
        assert!(table[5].starts_with("    Linear (a_name_that_is_longer_than_the_column.0) [100, 1, 1, 1, 4] "), "{text}");
    }
}
