//! [`SafeTensors`]: a file of tensors in memory.
//!
//! A reader of our own: the crate `safetensors` allocates, and one reader for firmware and servers is less than two. It borrows
//! what it reads, and its work is linear in the header's length, whatever stands there.

use core::fmt::{self, Display, Formatter};

use super::json::{Json, Quoted, Unexpected};
use super::{Dtype, LoadError, Problem};
use crate::shape::Dims;

/// The longest header that is read, as in the crate `safetensors`.
const LONGEST: usize = 100_000_000;

/// A file of tensors in memory, checked and borrowed: no byte of it is copied.
///
/// After [the format's description](https://github.com/huggingface/safetensors#format): the length of a header in JSON, the header,
/// and the tensors' bytes side by side.
///
/// ```
/// use adamant::prelude::*;
/// use adamant::weights::SafeTensors;
///
/// let net = Linear::<3, 2>::init(&mut SmallRng::seed_from_u64(0));
/// let mut memory = [0; 1024];
/// let file = net.save_bytes(&mut memory)?;
/// for tensor in SafeTensors::parse(file)?.tensors() {
///     println!("{tensor}"); // weight: F32 [2, 3]
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct SafeTensors<'a> {
    header: &'a str,
    data: &'a [u8],
}

/// One tensor of a file: its name, its type, its shape, its bytes.
#[derive(Clone, Copy)]
pub struct Stored<'a> {
    name: Quoted<'a>,
    dtype: Dtype,
    sizes: Numbers<'a>,
    range: (usize, usize),
    bytes: &'a [u8],
}

impl<'a> SafeTensors<'a> {
    /// Checks a file: every tensor lies within it and has the bytes that its shape takes, and together they are all that there is.
    ///
    /// Of names that occur twice it says nothing: whoever looks for one sees the first. [Loading](super::Load) does.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LoadError> {
        let (header, data) = halves(bytes)?;
        let header = core::str::from_utf8(header)
            .map_err(|e| LoadError::new(Problem::Header { at: e.valid_up_to(), expected: "a text in UTF-8" }))?;
        let file = Self { header, data };
        file.check()?;
        Ok(file)
    }

    /// The tensors, in the order of the header.
    pub fn tensors(self) -> impl Iterator<Item = Stored<'a>> + use<'a> {
        self.entries().flatten()
    }

    /// The names of the tensors, in the order of the header.
    pub(super) fn names(self) -> impl Iterator<Item = Quoted<'a>> {
        let mut entries = self.entries();
        core::iter::from_fn(move || {
            let name = entries.name().ok()??;
            entries.json.pass('}');
            Some(name)
        })
    }

    /// The first tensor with such a name. Those before it are passed over: they were checked.
    pub(super) fn find(self, is: impl Fn(Quoted<'a>) -> bool) -> Option<Stored<'a>> {
        let mut entries = self.entries();
        loop {
            let name = entries.name().ok()??;
            if is(name) {
                return entries.tensor(name).ok();
            }
            entries.json.pass('}');
        }
    }

    fn entries(self) -> Entries<'a> {
        Entries { file: self, json: Json::new(self.header), next: Next::First, name: None, has_metadata: false }
    }

    /// Checks every tensor by itself, and that each byte belongs to one of them and to no other.
    fn check(self) -> Result<(), LoadError> {
        let mut ends = Ends::default();
        for tensor in self.entries() {
            let tensor = tensor?;
            tensor.check(self.data.len())?;
            ends.add(tensor.range);
        }
        if ends.meet(self.data.len()) { Ok(()) } else { Err(self.first_gap()) }
    }

    /// The first tensor that does not begin where the one before it in the header ends.
    fn first_gap(self) -> LoadError {
        let mut at = 0;
        for tensor in self.tensors() {
            let (begin, end) = tensor.range;
            if begin != at {
                return tensor.error(Problem::Gap { expected: at, found: begin });
            }
            at = end;
        }
        LoadError::new(Problem::End { expected: at, found: self.data.len() })
    }
}

/// The header and what follows it.
fn halves(bytes: &[u8]) -> Result<(&[u8], &[u8]), LoadError> {
    let cut = |expected| LoadError::new(Problem::Cut { expected, found: bytes.len() });
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(|| cut(8))?;
    let length = u64::from_le_bytes(*length);
    match usize::try_from(length) {
        Ok(header) if header <= LONGEST => rest.split_at_checked(header).ok_or_else(|| cut(length + 8)),
        _ => Err(LoadError::new(Problem::TooLong { bytes: length })),
    }
}

/// Whether intervals cover a range, each point once, in any order and without memory of them.
///
/// At a point x lie as many intervals as begin up to x, less those that end up to x. So they cover \[0, n) once exactly if the
/// beginnings and n are the same numbers as the ends and 0, each as often. Two such collections are compared by the sums of a
/// scrambled value of each. (Who makes up numbers whose sums meet by design gets tensors that share bytes, which harms nobody:
/// each lies within the file all the same.) An interval without a length may lie anywhere.
#[derive(Default)]
struct Ends(u64);

impl Ends {
    fn add(&mut self, (begin, end): (usize, usize)) {
        self.0 = self.0.wrapping_add(scrambled(begin)).wrapping_sub(scrambled(end));
    }

    fn meet(mut self, len: usize) -> bool {
        self.add((len, 0));
        self.0 == 0
    }
}

/// A number without a pattern: the finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, *Fast splittable pseudorandom number
/// generators*, 2014).
const fn scrambled(n: usize) -> u64 {
    let mut z = (n as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl<'a> Stored<'a> {
    /// Its name.
    pub const fn name(&self) -> Quoted<'a> {
        self.name
    }

    /// The type of its numbers.
    pub const fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Its sizes, outermost first; `None` where they are more than a [`Tensor`](crate::Tensor) can have.
    pub fn dims(&self) -> Option<Dims> {
        Dims::from_sizes(self.sizes())
    }

    /// Its sizes, outermost first.
    pub fn sizes(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.sizes.fuse()
    }

    /// Its bytes: its numbers in row-major order, each with its least significant byte first.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// That something is wrong with it.
    pub(super) fn error(&self, problem: Problem) -> LoadError {
        self.name.error(problem)
    }

    /// Checks that it has the bytes that its shape takes, within so many of data.
    fn check(&self, data: usize) -> Result<(), LoadError> {
        let (begin, end) = self.range;
        let numbers = self.sizes().try_fold(1usize, usize::checked_mul);
        let bits = numbers.and_then(|n| n.checked_mul(self.dtype.bits()));
        let (expected, found) = (bits.map(|bits| bits.div_ceil(8)), end.checked_sub(begin));
        if bits.is_none_or(|bits| bits % 8 != 0) || expected != found {
            return Err(self.error(Problem::Bytes { expected, found }));
        }
        if end > data { Err(self.error(Problem::End { expected: end, found: data })) } else { Ok(()) }
    }
}

/// `weight: F32 [2, 3]`.
impl Display for Stored<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ", self.name, self.dtype)?;
        let mut list = f.debug_list();
        list.entries(self.sizes()).finish()
    }
}

/// The tensors of a header, one after the other, up to the first thing that is wrong.
struct Entries<'a> {
    file: SafeTensors<'a>,
    json: Json<'a>,
    next: Next,
    /// The tensor that is being read.
    name: Option<Quoted<'a>>,
    has_metadata: bool,
}

/// What comes next.
enum Next {
    First,
    Further,
    Nothing,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Stored<'a>, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let tensor = self.advance();
        if !matches!(tensor, Ok(Some(_))) {
            self.next = Next::Nothing;
        }
        tensor.map_err(|wrong| self.error(wrong)).transpose()
    }
}

impl<'a> Entries<'a> {
    fn advance(&mut self) -> Result<Option<Stored<'a>>, Unexpected> {
        let Some(name) = self.name()? else { return Ok(None) };
        self.name = Some(name);
        let tensor = self.tensor(name)?;
        self.name = None;
        Ok(Some(tensor))
    }

    /// The name of the next tensor, which follows.
    fn name(&mut self) -> Result<Option<Quoted<'a>>, Unexpected> {
        while self.comes()? {
            let name = self.json.text()?;
            self.json.expect(':', "`:`")?;
            if name != *"__metadata__" {
                return Ok(Some(name));
            }
            metadata(&mut self.json)?;
            if core::mem::replace(&mut self.has_metadata, true) {
                return Err(Unexpected("`__metadata__` only once, before this"));
            }
        }
        Ok(None)
    }

    /// Whether there is one more.
    fn comes(&mut self) -> Result<bool, Unexpected> {
        let ends = match core::mem::replace(&mut self.next, Next::Further) {
            Next::Nothing => return Ok(false),
            Next::First => {
                self.json.expect('{', "`{`")?;
                self.json.take('}')
            }
            Next::Further if self.json.take(',') => false,
            Next::Further => self.json.expect('}', "`,` or `}`").map(|()| true)?,
        };
        if ends && !self.json.is_at_end() {
            return Err(Unexpected("nothing but spaces"));
        }
        Ok(!ends)
    }

    /// `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`, in any order and with nothing else.
    fn tensor(&mut self, name: Quoted<'a>) -> Result<Stored<'a>, Unexpected> {
        let json = &mut self.json;
        let (mut dtype, mut sizes, mut range) = (None, None, None);
        json.expect('{', "`{`")?;
        loop {
            let key = json.text()?;
            json.expect(':', "`:`")?;
            match () {
                () if key == *"dtype" && dtype.is_none() => dtype = Some(type_of(json)?),
                () if key == *"shape" && sizes.is_none() => sizes = Some(Numbers::of(json)?),
                () if key == *"data_offsets" && range.is_none() => range = Some(pair(json)?),
                () => return Err(Unexpected(KEYS)),
            }
            if !json.take(',') {
                break;
            }
        }
        let (Some(dtype), Some(sizes), Some(range)) = (dtype, sizes, range) else { return Err(Unexpected(KEYS)) };
        json.expect('}', "`,` or `}`")?;
        let bytes = self.file.data.get(range.0..range.1).unwrap_or_default();
        Ok(Stored { name, dtype, sizes, range, bytes })
    }

    fn error(&self, Unexpected(expected): Unexpected) -> LoadError {
        let problem = Problem::Header { at: self.file.header.len() - self.json.left(), expected };
        match self.name {
            Some(name) => name.error(problem),
            None => LoadError::new(problem),
        }
    }
}

const KEYS: &str = "`dtype`, `shape` and `data_offsets`, each once";

/// Texts by name, which tell nothing of tensors.
fn metadata(json: &mut Json<'_>) -> Result<(), Unexpected> {
    json.expect('{', "`{`")?;
    if json.take('}') {
        return Ok(());
    }
    loop {
        json.text()?;
        json.expect(':', "`:`")?;
        json.text()?;
        if !json.take(',') {
            return json.expect('}', "`,` or `}`");
        }
    }
}

fn type_of(json: &mut Json<'_>) -> Result<Dtype, Unexpected> {
    let before = *json;
    let name = json.text()?;
    Dtype::named(|known| name == *known).ok_or_else(|| {
        *json = before;
        Unexpected("the name of a type, such as \"F32\"")
    })
}

fn pair(json: &mut Json<'_>) -> Result<(usize, usize), Unexpected> {
    let mut numbers = Numbers::of(json)?.fuse();
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(begin), Some(end), None) => Ok((begin, end)),
        _ => Err(Unexpected("two offsets before")),
    }
}

/// A list of numbers.
#[derive(Clone, Copy)]
struct Numbers<'a> {
    json: Json<'a>,
    is_first: bool,
}

/// Those of a list that was read through before.
impl Iterator for Numbers<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.advance().ok().flatten()
    }
}

impl<'a> Numbers<'a> {
    /// Reads a list through.
    fn of(json: &mut Json<'a>) -> Result<Self, Unexpected> {
        json.expect('[', "`[`")?;
        let list = Self { json: *json, is_first: true };
        let mut through = list;
        loop {
            let number = through.advance();
            *json = through.json;
            if number?.is_none() {
                return Ok(list);
            }
        }
    }

    fn advance(&mut self) -> Result<Option<usize>, Unexpected> {
        let ends = match core::mem::replace(&mut self.is_first, false) {
            true => self.json.take(']'),
            false if self.json.take(',') => false,
            false => self.json.expect(']', "`,` or `]`").map(|()| true)?,
        };
        if ends { Ok(None) } else { self.json.number().map(Some) }
    }
}
