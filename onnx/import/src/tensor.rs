//! Tensors that are known when the file is read.

use std::path::{Component, Path};

use crate::error::{Error, Result, bail};
use crate::proto::TensorProto;

/// How many numbers a tensor that is computed here may have: no file can ask for more memory than this.
pub const LARGEST: usize = 1 << 22;
/// The largest number of dimensions that a tensor of adamant has.
pub const RANK: usize = 8;

/// Numbers: every float is an `f32` here, every integer an `i64`.
#[derive(Clone, PartialEq, Debug)]
pub enum Data {
    F32(Vec<f32>),
    I64(Vec<i64>),
    Bool(Vec<bool>),
}

/// Numbers and their sizes, which fit each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Tensor {
    pub dims: Vec<usize>,
    pub data: Data,
}

/// The product of sizes, unless it is larger than any tensor may be. (A size of 0 does not make the others harmless.)
pub fn count(dims: &[usize]) -> Result<usize> {
    within(dims, 1 << 31)
}

fn within(dims: &[usize], limit: usize) -> Result<usize> {
    if dims.len() > RANK {
        bail!("there are {} dimensions, and {RANK} are the most", dims.len());
    }
    let nonzero = dims.iter().try_fold(1usize, |count, &n| count.checked_mul(n.max(1)));
    match nonzero.filter(|&count| count <= limit) {
        Some(count) => Ok(if dims.contains(&0) { 0 } else { count }),
        None => bail!("sizes of {dims:?} are more than {limit} numbers, which is the most there may be here"),
    }
}

/// As [`count`], for what is computed here.
pub fn small(dims: &[usize]) -> Result<usize> {
    within(dims, LARGEST)
}

/// Sizes as a file has them.
pub fn sizes(dims: &[i64]) -> Result<Vec<usize>> {
    let sizes: Option<Vec<usize>> = dims.iter().map(|&n| usize::try_from(n).ok()).collect();
    match sizes {
        Some(sizes) => count(&sizes).map(|_| sizes),
        None => bail!("it has the sizes {dims:?}, and none can be negative"),
    }
}

impl Tensor {
    pub fn new(dims: Vec<usize>, data: Data) -> Result<Self> {
        let count = count(&dims)?;
        let len = match &data {
            Data::F32(values) => values.len(),
            Data::I64(values) => values.len(),
            Data::Bool(values) => values.len(),
        };
        if len != count {
            bail!("sizes of {dims:?} are {count} numbers, and {len} are there");
        }
        Ok(Self { dims, data })
    }

    pub fn f32(dims: Vec<usize>, data: Vec<f32>) -> Result<Self> {
        Self::new(dims, Data::F32(data))
    }

    pub fn ints(data: Vec<i64>) -> Self {
        Self { dims: vec![data.len()], data: Data::I64(data) }
    }

    /// Out of a file. What lies in another file is looked for in `folder`.
    pub fn read(proto: &TensorProto, folder: Option<&Path>) -> Result<Self> {
        let dims = sizes(&proto.dims)?;
        let external;
        let raw: &[u8] = match proto.data_location {
            0 => &proto.raw_data,
            1 => {
                external = read_external(proto, folder)?;
                &external
            }
            other => bail!("its numbers are at a location {other}, which is not known"),
        };
        let has_raw = !raw.is_empty();
        let data = match proto.data_type {
            1 if has_raw => Data::F32(decode(raw, f32::from_le_bytes)?),
            1 => Data::F32(proto.float_data.clone()),
            11 if has_raw => Data::F32(decode(raw, |bytes| f64::from_le_bytes(bytes) as f32)?),
            11 => Data::F32(proto.double_data.iter().map(|&x| x as f32).collect()),
            10 if has_raw => Data::F32(decode(raw, |bytes| half(u16::from_le_bytes(bytes)))?),
            10 => Data::F32(proto.int32_data.iter().map(|&x| half(x as u16)).collect()),
            16 if has_raw => Data::F32(decode(raw, |bytes| bfloat(u16::from_le_bytes(bytes)))?),
            16 => Data::F32(proto.int32_data.iter().map(|&x| bfloat(x as u16)).collect()),
            7 if has_raw => Data::I64(decode(raw, i64::from_le_bytes)?),
            7 => Data::I64(proto.int64_data.clone()),
            6 if has_raw => Data::I64(decode(raw, |bytes| i32::from_le_bytes(bytes).into())?),
            5 if has_raw => Data::I64(decode(raw, |bytes| i16::from_le_bytes(bytes).into())?),
            4 if has_raw => Data::I64(decode(raw, |bytes| u16::from_le_bytes(bytes).into())?),
            3 if has_raw => Data::I64(decode(raw, |bytes| i8::from_le_bytes(bytes).into())?),
            2 if has_raw => Data::I64(decode(raw, |[byte]| i64::from(byte))?),
            12 if has_raw => Data::I64(decode(raw, |bytes| u32::from_le_bytes(bytes).into())?),
            13 if has_raw => Data::I64(decode(raw, i64::from_le_bytes)?),
            2..=6 => Data::I64(proto.int32_data.iter().map(|&x| x.into()).collect()),
            12 | 13 => Data::I64(proto.uint64_data.iter().map(|&x| x as i64).collect()),
            9 if has_raw => Data::Bool(raw.iter().map(|&byte| byte != 0).collect()),
            9 => Data::Bool(proto.int32_data.iter().map(|&x| x != 0).collect()),
            other => bail!("its numbers are of the type {}, which is not supported", type_name(other)),
        };
        Self::new(dims, data)
    }

    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    pub fn floats(&self) -> Result<&[f32]> {
        match &self.data {
            Data::F32(values) => Ok(values),
            _ => bail!("floats are expected, and a constant of integers stands there"),
        }
    }

    pub fn integers(&self) -> Result<&[i64]> {
        match &self.data {
            Data::I64(values) => Ok(values),
            _ => bail!("integers are expected, and a constant of another type stands there"),
        }
    }

    pub fn bools(&self) -> Result<&[bool]> {
        match &self.data {
            Data::Bool(values) => Ok(values),
            _ => bail!("truth values are expected, and a constant of numbers stands there"),
        }
    }

    /// The one float that it is, if it is one.
    pub fn single(&self) -> Option<f32> {
        match &self.data {
            Data::F32(values) if values.len() == 1 => values.first().copied(),
            _ => None,
        }
    }

    /// Whether all its floats are this one.
    pub fn is_all(&self, value: f32) -> bool {
        matches!(&self.data, Data::F32(values) if values.iter().all(|&x| x == value))
    }

    /// The same numbers with other sizes.
    pub fn reshaped(&self, dims: Vec<usize>) -> Result<Self> {
        Self::new(dims, self.data.clone())
    }

    /// Without the dimensions of 1 at its front, which repeat by themselves, as far as `rank` dimensions stay.
    pub fn without_leading_ones(&self) -> Self {
        let ones = self.dims.iter().take_while(|&&n| n == 1).count();
        Self { dims: self.dims.split_at(ones).1.to_vec(), data: self.data.clone() }
    }

    /// With the axes in another order, which is one.
    pub fn permuted(&self, order: &[usize]) -> Result<Self> {
        let dims: Vec<usize> = order.iter().filter_map(|&axis| self.dims.get(axis).copied()).collect();
        let strides = strides(&self.dims);
        let places = places(&dims, &order.iter().filter_map(|&axis| strides.get(axis).copied()).collect::<Vec<_>>());
        self.picked(dims, &places)
    }

    /// Repeated to sizes that it can have.
    pub fn broadcast(&self, dims: &[usize]) -> Result<Self> {
        small(dims)?;
        let own = strides(&self.dims);
        let missing = dims.len().saturating_sub(self.dims.len());
        let mut steps = vec![0; dims.len()];
        for (axis, (&n, &step)) in self.dims.iter().zip(&own).enumerate() {
            match dims.get(axis + missing) {
                Some(&wanted) if wanted == n => steps[axis + missing] = step,
                Some(_) if n == 1 => {}
                _ => bail!("sizes of {:?} do not repeat to {dims:?}", self.dims),
            }
        }
        self.picked(dims.to_vec(), &places(dims, &steps))
    }

    /// The numbers at these places.
    pub fn picked(&self, dims: Vec<usize>, places: &[usize]) -> Result<Self> {
        fn pick<T: Copy>(values: &[T], places: &[usize]) -> Option<Vec<T>> {
            places.iter().map(|&place| values.get(place).copied()).collect()
        }
        let data = match &self.data {
            Data::F32(values) => pick(values, places).map(Data::F32),
            Data::I64(values) => pick(values, places).map(Data::I64),
            Data::Bool(values) => pick(values, places).map(Data::Bool),
        };
        match data {
            Some(data) => Self::new(dims, data),
            None => bail!("an index is outside of sizes {:?}", self.dims),
        }
    }
}

/// How far neighbours along each axis are apart.
pub fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis];
    }
    strides
}

/// The places of all elements of sizes `dims`, row by row, if a step along each axis is so long.
pub fn places(dims: &[usize], steps: &[usize]) -> Vec<usize> {
    // Sizes before one of 0 may be of any number.
    let mut places = if dims.contains(&0) { vec![] } else { vec![0] };
    for (&n, &step) in dims.iter().zip(steps) {
        places = places.iter().flat_map(|&place| (0..n).map(move |i| place + i * step)).collect();
    }
    places
}

/// Numbers of so many bytes each.
fn decode<const N: usize, T>(bytes: &[u8], f: impl Fn([u8; N]) -> T) -> Result<Vec<T>> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        bail!("{} bytes are no whole number of {N} each", bytes.len());
    }
    Ok(chunks.iter().map(|&chunk| f(chunk)).collect())
}

/// IEEE 754's half precision.
fn half(bits: u16) -> f32 {
    let (sign, exponent, mantissa) = (u32::from(bits >> 15) << 31, (bits >> 10) & 31, u32::from(bits & 1023));
    match exponent {
        0 => f32::from_bits(sign) + (if sign == 0 { 1.0 } else { -1.0 }) * mantissa as f32 * 2f32.powi(-24),
        31 => f32::from_bits(sign | 0x7f80_0000 | (mantissa << 13)),
        _ => f32::from_bits(sign | ((u32::from(exponent) + 112) << 23) | (mantissa << 13)),
    }
}

/// The upper half of a single precision.
fn bfloat(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// What lies in another file beside this one.
fn read_external(proto: &TensorProto, folder: Option<&Path>) -> Result<Vec<u8>> {
    let entry = |key: &str| proto.external_data.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str());
    let number = |key: &str| match entry(key).map(str::parse::<u64>) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(Error::file(format!("the `{key}` of its external data is no number"))),
    };
    let (start, len) = (number("offset")?.unwrap_or(0), number("length")?);
    let location = entry("location").unwrap_or_default();
    let inside = Path::new(location).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let Some(folder) = folder.filter(|_| inside && !location.is_empty()) else {
        return Err(Error::file(format!("its numbers lie in another file, `{location}`, which is not read"))
            .help("the other file must lie in the folder of the `.onnx` or below it, and be imported by the path"));
    };
    let failed = |e: std::io::Error| Error::file(format!("its numbers lie in `{location}`, which cannot be read: {e}"));
    let bytes = std::fs::read(folder.join(location)).map_err(failed)?;
    let end = len.map_or(Some(bytes.len() as u64), |len| start.checked_add(len));
    let range = end.and_then(|end| Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?));
    match range.and_then(|range| bytes.get(range)) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => bail!("its numbers end outside of `{location}`, which is {} bytes long", bytes.len()),
    }
}

/// What ONNX calls a type of numbers.
pub fn type_name(data_type: i32) -> String {
    const NAMES: [&str; 17] = [
        "undefined",
        "float",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "double",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
    ];
    let known = usize::try_from(data_type).ok().and_then(|index| NAMES.get(index));
    known.map_or_else(|| format!("number {data_type}"), |name| (*name).to_owned())
}
