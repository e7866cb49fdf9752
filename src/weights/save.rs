//! From a model to a file's bytes.

use core::convert::Infallible;
use core::fmt::{self, Display, Formatter};

use super::Dtype;
use super::contents::{Show, Words, stream_words};
use super::layout::Layout;
use super::load::words_dims;
use crate::nn::{Info, Name, RandomStream, Visitor};
use crate::shape::Dims;
use crate::simd::Float;
use crate::text::decimal;

/// A buffer that has no room for a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooShort {
    /// How many bytes the file has.
    pub needed: usize,
    /// How many the buffer has.
    pub found: usize,
}

impl Display for TooShort {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the file has {} bytes, and the buffer {}", self.needed, self.found)
    }
}

impl core::error::Error for TooShort {}

/// How many bytes the file has.
pub(super) fn len<C: Show>(contents: &C) -> usize {
    let mut data = 0;
    let header = header_len(contents, &mut data);
    8 + header + data
}

/// Writes a file into a buffer and gives the part that it takes.
pub(super) fn to_bytes<'b, C: Show>(contents: &C, bytes: &'b mut [u8]) -> Result<&'b mut [u8], TooShort> {
    let (needed, found) = (len(contents), bytes.len());
    let file = bytes.get_mut(..needed).ok_or(TooShort { needed, found })?;
    let mut rest = &mut *file;
    let Ok(()) = to_sink(contents, &mut |part: &[u8]| {
        // There is room for each part.
        if let Some((front, behind)) = core::mem::take(&mut rest).split_at_mut_checked(part.len()) {
            front.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            rest = behind;
        }
        Ok::<(), Infallible>(())
    });
    Ok(file)
}

/// Gives a file to `sink`, part by part, up to the first error.
pub(super) fn to_sink<C: Show, E>(contents: &C, sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let header = header_len(contents, &mut 0);
    let mut written = 0;
    sink(&(header as u64).to_le_bytes())?;
    to_header(contents, &mut 0, &mut |part: &str| {
        written += part.len();
        sink(part.as_bytes())
    })?;
    (written..header).try_for_each(|_| sink(b" "))?;
    in_order(contents, Data { sink, training: C::TRAINING, width: 0, result: Ok(()) })
}

/// The length of the header, filled up so that the data are aligned.
fn header_len<C: Show>(contents: &C, data: &mut usize) -> usize {
    let mut len = 0;
    let Ok(()) = to_header(contents, data, &mut |part: &str| {
        len += part.len();
        Ok::<(), Infallible>(())
    });
    len.div_ceil(8) * 8
}

/// Gives the header to `sink`, and counts the bytes of the data.
fn to_header<C: Show, E>(contents: &C, data: &mut usize, sink: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    // What PyTorch's own files say of themselves.
    sink(r#"{"__metadata__":{"format":"pt"}"#)?;
    in_order(contents, Header { sink: &mut *sink, data, training: C::TRAINING, width: 0, result: Ok(()) })?;
    sink("}")
}

/// A walk that looks at tensors whose numbers have so many bytes.
trait Walk<E>: Visitor + Words {
    fn at_width(&mut self, width: usize);
    fn result(self) -> Result<(), E>;
}

/// The wide numbers first: then each tensor is aligned.
fn in_order<C: Show, E>(contents: &C, mut walk: impl Walk<E>) -> Result<(), E> {
    for width in [8, 4] {
        walk.at_width(width);
        contents.show(&mut walk);
    }
    walk.result()
}

/// Writes what is in the file.
struct Header<'s, F, E> {
    sink: &'s mut F,
    data: &'s mut usize,
    training: bool,
    width: usize,
    result: Result<(), E>,
}

impl<E, F: FnMut(&str) -> Result<(), E>> Header<'_, F, E> {
    fn entry(&mut self, name: &Name<'_>, dtype: Dtype, dims: Dims, numbers: usize) {
        if self.result.is_ok() && self.width == dtype.bits() / 8 {
            self.result = self.write(name, dtype, dims, numbers);
        }
    }

    fn write(&mut self, name: &Name<'_>, dtype: Dtype, dims: Dims, numbers: usize) -> Result<(), E> {
        let begin = *self.data;
        *self.data += numbers * self.width;
        (self.sink)(",\"")?;
        name.parts(&mut |part| escape(part, self.sink))?;
        (self.sink)("\":{\"dtype\":\"")?;
        (self.sink)(dtype.name())?;
        (self.sink)("\",\"shape\":")?;
        self.numbers(dims.as_slice())?;
        (self.sink)(",\"data_offsets\":")?;
        self.numbers(&[begin, *self.data])?;
        (self.sink)("}")
    }

    fn numbers(&mut self, numbers: &[usize]) -> Result<(), E> {
        let mut sign = "[";
        for n in numbers {
            (self.sink)(sign)?;
            (self.sink)(decimal(*n, &mut [0; 20]))?;
            sign = ",";
        }
        (self.sink)(if numbers.is_empty() { "[]" } else { "]" })
    }
}

/// A part of a name as it stands in quotes.
fn escape<E>(part: &str, sink: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    part.split_inclusive(|c: char| c == '"' || c == '\\' || c < ' ').try_for_each(|piece| {
        let Some(last) = piece.chars().next_back().filter(|c| matches!(c, '"' | '\\' | '\0'..' ')) else { return sink(piece) };
        sink(piece.strip_suffix(last).unwrap_or_default())?;
        match last {
            '"' => sink("\\\""),
            '\\' => sink("\\\\"),
            c => {
                const DIGITS: &str = "0123456789abcdef";
                sink("\\u00")?;
                sink(if c < '\u{10}' { "0" } else { "1" })?;
                let digit = c as usize % 16;
                sink(DIGITS.get(digit..=digit).unwrap_or_default())
            }
        }
    })
}

impl<E, F: FnMut(&str) -> Result<(), E>> Visitor for Header<'_, F, E> {
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
        self.entry(&info.name, Dtype::of::<T>(), Layout::dims(info), values.len());
    }

    fn stream(&mut self, name: Name<'_>, stream: &RandomStream) {
        if self.training {
            stream_words(&name, &mut { *stream }, self);
        }
    }
}

impl<E, F: FnMut(&str) -> Result<(), E>> Words for Header<'_, F, E> {
    fn words<const N: usize>(&mut self, name: &Name<'_>, _: &mut [u64; N]) {
        self.entry(name, Dtype::U64, words_dims::<N>(), N);
    }
}

impl<E, F: FnMut(&str) -> Result<(), E>> Walk<E> for Header<'_, F, E> {
    fn at_width(&mut self, width: usize) {
        self.width = width;
    }

    fn result(self) -> Result<(), E> {
        self.result
    }
}

/// Writes the numbers.
struct Data<'s, F, E> {
    sink: &'s mut F,
    training: bool,
    width: usize,
    result: Result<(), E>,
}

impl<E, F: FnMut(&[u8]) -> Result<(), E>> Data<'_, F, E> {
    fn write<T: Float>(&mut self, layout: Layout, values: &[T]) -> Result<(), E> {
        let mut buffer = [0; 256];
        let mut filled = 0;
        layout.try_each(values, |value| {
            if let Some(room) = buffer.get_mut(filled..filled + size_of::<T>()) {
                value.write_le(room);
                filled += size_of::<T>();
            }
            if filled < buffer.len() {
                return Ok(());
            }
            filled = 0;
            (self.sink)(&buffer)
        })?;
        (self.sink)(buffer.get(..filled).unwrap_or_default())
    }
}

impl<E, F: FnMut(&[u8]) -> Result<(), E>> Visitor for Data<'_, F, E> {
    fn visit<T: Float>(&mut self, info: &Info<'_>, values: &[T]) {
        if self.result.is_ok() && self.width == size_of::<T>() {
            self.result = self.write(Layout::of(info), values);
        }
    }

    fn stream(&mut self, name: Name<'_>, stream: &RandomStream) {
        if self.training {
            stream_words(&name, &mut { *stream }, self);
        }
    }
}

impl<E, F: FnMut(&[u8]) -> Result<(), E>> Words for Data<'_, F, E> {
    fn words<const N: usize>(&mut self, _: &Name<'_>, words: &mut [u64; N]) {
        if self.width == size_of::<u64>() {
            for word in words {
                if self.result.is_ok() {
                    self.result = (self.sink)(&word.to_le_bytes());
                }
            }
        }
    }
}

impl<E, F: FnMut(&[u8]) -> Result<(), E>> Walk<E> for Data<'_, F, E> {
    fn at_width(&mut self, width: usize) {
        self.width = width;
    }

    fn result(self) -> Result<(), E> {
        self.result
    }
}
