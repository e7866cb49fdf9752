//! [`Load`]: from a file into a model.

use super::contents::{Lend, Words, stream_words};
use super::dtype::{from_bf16, from_f16};
use super::header::Stored;
use super::layout::Layout;
use super::names::Names;
use super::{Dtype, LoadError, Problem, Quoted, SafeTensors};
use crate::nn::{Info, Name, Parameters, RandomStream, Visitor, VisitorMut};
use crate::shape::{Dims, Shape};
use crate::simd::Float;

/// How a file is loaded where it is not quite the model's: other names, other types of numbers, more tensors or fewer.
///
/// Without a setting it is strict: the file has the model's tensors, in its shapes and types, and no others.
///
/// | setting | |
/// |---|---|
/// | [`prefix`](Self::prefix) | the model is a part of the file: its names begin with this |
/// | [`names`](Self::names) | what the file calls a part of the model |
/// | [`cast`](Self::cast) | numbers are converted: `F16`, `BF16`, `F32`, `F64` |
/// | [`lenient`](Self::lenient) | what is missing and what is left over is reported, and no error |
///
/// Everything is checked before anything is written, so after an error the model is as it was.
///
/// ```
/// use adamant::prelude::*;
///
/// #[derive(Module)]
/// struct Net { body: Sequential![Linear<4, 8>, Relu], head: Linear<8, 3> }
///
/// let rng = &mut SmallRng::seed_from_u64(0);
/// let (trained, mut tuned) = (Net::init(rng), <Sequential![Linear<4, 8>, Relu, Linear<8, 2>]>::init(rng));
/// let mut memory = [0; 2048];
/// let file = trained.save_bytes(&mut memory)?;
///
/// // The body of another model; its new head keeps its start.
/// let mut reports = Vec::new();
/// let mut report = |difference: &LoadError| reports.push(difference.to_string());
/// Load::new().names(&[("0", "body.0")]).lenient(&mut report).bytes(&mut tuned, file)?;
/// assert_eq!(tuned.0.0.weight, trained.body.0.0.weight);
/// assert_eq!(reports[0], "tensor `2.weight`: the file does not have it");
/// assert_eq!(reports[2], "tensor `head.weight`: the file has it, and the model has no place for it");
///
/// // A part of the file: no other name counts.
/// let mut head = Linear::<8, 3>::init(rng);
/// Load::new().prefix("head.").bytes(&mut head, file)?;
/// assert_eq!(head, trained.head);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("load_state_dict", "strict", "map_location"))]
pub struct Load<'a> {
    names: Names<'a>,
    cast: bool,
    report: Option<&'a mut dyn FnMut(&LoadError)>,
}

impl Default for Load<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Load<'a> {
    /// Strict, and with the model's own names and types.
    pub const fn new() -> Self {
        Self { names: Names::SAME, cast: false, report: None }
    }

    /// The model is a part of the file: its names begin with `prefix`, dot included (`"encoder."`). The file's other tensors do not
    /// count.
    #[must_use]
    pub const fn prefix(mut self, prefix: &'a str) -> Self {
        self.names.prefix = prefix;
        self
    }

    /// What the file calls a part of the model: `names(&[("0", "fc1"), ("2.weight", "kernel")])` looks for `fc1.weight` and `fc1.bias`
    /// where the model has `0.weight` and `0.bias`. The first pair that fits counts; a prefix comes before.
    #[must_use]
    pub const fn names(mut self, names: &'a [(&'a str, &'a str)]) -> Self {
        self.names.map = names;
        self
    }

    /// Converts numbers to the model's type: each `F16`, `BF16`, `F32` or `F64` becomes the nearest one, which is infinite where
    /// it is too large.
    #[doc(alias("half", "f16", "bf16", "to", "dtype"))]
    #[must_use]
    pub const fn cast(mut self) -> Self {
        self.cast = true;
        self
    }

    /// Gives `report` what is missing in the file and what is left over there, as the errors that they would be otherwise. What is
    /// missing keeps its value. A shape or a type that differs is still an error, as in PyTorch.
    #[must_use]
    pub const fn lenient<'r>(self, report: &'r mut dyn FnMut(&LoadError)) -> Load<'r>
    where
        'a: 'r,
    {
        Load { names: self.names, cast: self.cast, report: Some(report) }
    }

    /// Loads a file that is in memory.
    ///
    /// # Errors
    /// Where the file is not well-formed, or not the model's; the model is as it was.
    pub fn bytes<M: Parameters>(self, model: &mut M, bytes: &[u8]) -> Result<(), LoadError> {
        self.into_contents(model, bytes)
    }

    /// Loads the file at a path.
    ///
    /// # Errors
    /// Where it cannot be read, is not well-formed, or is not the model's; the model is as it was.
    #[cfg(feature = "std")]
    pub fn file<M: Parameters>(self, model: &mut M, path: impl AsRef<std::path::Path>) -> Result<(), LoadError> {
        super::disk::read(path.as_ref(), |bytes| self.bytes(model, bytes))
    }

    /// Checks everything, then writes.
    pub(super) fn into_contents<C: Lend>(mut self, contents: &mut C, bytes: &[u8]) -> Result<(), LoadError> {
        let file = SafeTensors::parse(bytes)?;
        let mut check = Check { file, load: &mut self, training: C::TRAINING, result: Ok(()) };
        contents.lend(&mut check);
        check.result?;
        self.check_rest(file, contents)?;
        contents.lend(&mut Write { file, names: self.names, training: C::TRAINING });
        Ok(())
    }

    /// Looks at every tensor of the file that is none of the model's, and at every one that is there twice.
    fn check_rest<C: Lend>(&mut self, file: SafeTensors<'_>, contents: &C) -> Result<(), LoadError> {
        let names = self.names;
        for name in file.names().filter(|name| names.has(*name)) {
            let mut known = Known { name, names, is_known: false };
            contents.show(&mut known);
            if !known.is_known {
                self.report(name.error(Problem::LeftOver))?;
            } else if file.names().filter(|other| other.chars().eq(name.chars())).nth(1).is_some() {
                return Err(name.error(Problem::Duplicate));
            }
        }
        Ok(())
    }

    /// An error, or a report of it.
    fn report(&mut self, error: LoadError) -> Result<(), LoadError> {
        match &mut self.report {
            Some(report) => {
                report(&error);
                Ok(())
            }
            None => Err(error),
        }
    }
}

/// The tensor of the file that is the model's of this name.
fn find<'a>(file: SafeTensors<'a>, names: &Names<'_>, name: &Name<'_>) -> Option<Stored<'a>> {
    file.find(|stored| names.is(name, stored))
}

/// Checks what the model asks of the file.
struct Check<'c, 'l, 'a> {
    file: SafeTensors<'a>,
    load: &'c mut Load<'l>,
    training: bool,
    result: Result<(), LoadError>,
}

impl Check<'_, '_, '_> {
    fn check(&mut self, name: &Name<'_>, dims: Dims, dtype: Dtype) {
        if self.result.is_ok() {
            self.result = match find(self.file, &self.load.names, name) {
                Some(stored) => self.compare(&stored, dims, dtype),
                None => self.load.report(self.load.names.error(name, Problem::Missing)),
            };
        }
    }

    fn compare(&self, stored: &Stored<'_>, expected: Dims, dtype: Dtype) -> Result<(), LoadError> {
        let Some(found) = stored.dims() else {
            return Err(stored.error(Problem::Dimensions { expected, found: stored.sizes().count() }));
        };
        if found != expected {
            return Err(stored.error(Problem::Shape { expected, found }));
        }
        let found = stored.dtype();
        match found == dtype || (self.load.cast && is_float(found) && is_float(dtype)) {
            true => Ok(()),
            false => Err(stored.error(Problem::Dtype { expected: dtype, found })),
        }
    }
}

/// Whether numbers can be converted from and to it.
const fn is_float(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::F16 | Dtype::BF16 | Dtype::F32 | Dtype::F64)
}

impl VisitorMut for Check<'_, '_, '_> {
    fn visit_mut<T: Float>(&mut self, info: &Info<'_>, _: &mut [T]) {
        self.check(&info.name, Layout::dims(info), Dtype::of::<T>());
    }

    fn stream_mut(&mut self, name: Name<'_>, stream: &mut RandomStream) {
        if self.training {
            stream_words(&name, stream, self);
        }
    }
}

impl Words for Check<'_, '_, '_> {
    fn words<const N: usize>(&mut self, name: &Name<'_>, _: &mut [u64; N]) {
        self.check(name, words_dims::<N>(), Dtype::U64);
    }
}

/// A single number has no dimensions.
pub(super) const fn words_dims<const N: usize>() -> Dims {
    if N == 1 { Dims::SCALAR } else { <[u64; N]>::DIMS }
}

/// Asks whether the model has a tensor of the file.
struct Known<'a, 'n> {
    name: Quoted<'a>,
    names: Names<'n>,
    is_known: bool,
}

impl Known<'_, '_> {
    fn compare(&mut self, name: &Name<'_>) {
        self.is_known |= self.names.is(name, self.name);
    }
}

impl Visitor for Known<'_, '_> {
    fn visit<T: Float>(&mut self, info: &Info<'_>, _: &[T]) {
        self.compare(&info.name);
        // PyTorch counts batches for a momentum that adamant does not have.
        if let Some(count) = info.name.beside("running_mean", "num_batches_tracked") {
            self.compare(&count);
        }
    }

    /// Passed over where only the model is loaded.
    fn stream(&mut self, name: Name<'_>, _: &RandomStream) {
        self.compare(&name);
    }
}

impl Words for Known<'_, '_> {
    fn words<const N: usize>(&mut self, name: &Name<'_>, _: &mut [u64; N]) {
        self.compare(name);
    }
}

/// Writes what was checked.
struct Write<'a, 'n> {
    file: SafeTensors<'a>,
    names: Names<'n>,
    training: bool,
}

impl VisitorMut for Write<'_, '_> {
    fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
        if let Some(stored) = find(self.file, &self.names, &info.name) {
            read(&stored, Layout::of(info), values);
        }
    }

    fn stream_mut(&mut self, name: Name<'_>, stream: &mut RandomStream) {
        if self.training {
            stream_words(&name, stream, self);
        }
    }
}

impl Words for Write<'_, '_> {
    fn words<const N: usize>(&mut self, name: &Name<'_>, words: &mut [u64; N]) {
        if let Some(stored) = find(self.file, &self.names, name) {
            let (numbers, _) = stored.bytes().as_chunks();
            words.iter_mut().zip(numbers).for_each(|(to, from)| *to = u64::from_le_bytes(*from));
        }
    }
}

/// Fills a tensor with a file's numbers, whatever floats they are.
fn read<T: Float>(stored: &Stored<'_>, layout: Layout, values: &mut [T]) {
    let bytes = stored.bytes();
    let halves = || bytes.as_chunks().0.iter().map(|half| u16::from_le_bytes(*half));
    match stored.dtype() {
        dtype if dtype == Dtype::of::<T>() => layout.fill(values, bytes.chunks_exact(size_of::<T>()).map(T::read_le)),
        Dtype::F16 => layout.fill(values, halves().map(|half| T::from_f64(from_f16(half).into()))),
        Dtype::BF16 => layout.fill(values, halves().map(|half| T::from_f64(from_bf16(half).into()))),
        Dtype::F32 => layout.fill(values, bytes.chunks_exact(4).map(|number| T::from_f64(f32::read_le(number).into()))),
        Dtype::F64 => layout.fill(values, bytes.chunks_exact(8).map(|number| T::from_f64(f64::read_le(number)))),
        _ => {} // no other passed the check
    }
}
