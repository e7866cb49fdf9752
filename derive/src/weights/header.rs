//! The header of a [safetensors](https://github.com/huggingface/safetensors) file: eight bytes that say how long it is, and a JSON
//! object with the name, the type, the sizes and the place of each tensor. The numbers follow.
//!
//! What it says is believed of nothing: places must be inside of the file and cover it, each once.

use std::collections::HashSet;
use std::ops::Range;

use super::json::Cursor;

/// The type of a tensor's numbers.
#[derive(Clone, Copy, PartialEq)]
pub struct Dtype {
    pub name: &'static str,
    /// Bytes.
    pub size: usize,
}

const DTYPES: [(&str, usize); 19] = [
    ("F32", 4),
    ("F64", 8),
    ("F16", 2),
    ("BF16", 2),
    ("I64", 8),
    ("I32", 4),
    ("I16", 2),
    ("I8", 1),
    ("U64", 8),
    ("U32", 4),
    ("U16", 2),
    ("U8", 1),
    ("BOOL", 1),
    ("F8_E4M3", 1),
    ("F8_E5M2", 1),
    ("F8_E8M0", 1),
    ("F8_E4M3FNUZ", 1),
    ("F8_E5M2FNUZ", 1),
    ("C64", 8),
];

impl Dtype {
    fn of(name: &str) -> Option<Self> {
        DTYPES.into_iter().find(|(known, _)| *known == name).map(|(name, size)| Self { name, size })
    }

    /// What Rust calls so.
    pub fn of_rust(name: &str) -> Option<Self> {
        matches!(name, "f32" | "f64").then(|| Self::of(&name.to_uppercase())).flatten()
    }
}

/// A tensor of a file.
#[derive(Debug)]
pub struct Tensor {
    pub name: String,
    pub dtype: Dtype,
    pub dims: Vec<usize>,
    /// Where its numbers stand in what follows the header.
    pub data: Range<usize>,
}

impl std::fmt::Debug for Dtype {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Tensor {
    /// What PyTorch's batch normalisation counts, and no layer here has.
    pub fn counts_batches(&self) -> bool {
        self.dims.is_empty() && self.name.rsplit('.').next() == Some("num_batches_tracked")
    }
}

/// The tensors, in the order of the header, and their numbers.
pub fn read(file: &[u8]) -> Result<(Vec<Tensor>, &[u8]), String> {
    let cut =
        || format!("it is {} bytes long, and a safetensors file starts with 8 that say how long its header is", file.len());
    let (len, rest) = file.split_first_chunk().ok_or_else(cut)?;
    let len = u64::from_le_bytes(*len);
    let header = usize::try_from(len).ok().and_then(|len| rest.split_at_checked(len));
    let (header, data) =
        header.ok_or_else(|| format!("its header has {len} bytes, it says, and {} follow: it is cut short", rest.len()))?;
    let header =
        std::str::from_utf8(header).map_err(|e| format!("its header is not UTF-8 from byte {} on", e.valid_up_to()))?;
    let tensors = tensors(header)?;
    check(&tensors, data.len())?;
    Ok((tensors, data))
}

fn tensors(header: &str) -> Result<Vec<Tensor>, String> {
    let (mut at, mut tensors) = (Cursor::new(header), vec![]);
    let mut names = HashSet::new();
    at.object(|at, name| {
        if !names.insert(name.clone()) {
            return Err(format!("it names `{name}` twice"));
        }
        match name.as_str() {
            "__metadata__" => at.object(|at, _| at.string().map(|_| ())),
            _ => {
                tensors.push(tensor(at, name)?);
                Ok(())
            }
        }
    })?;
    at.end()?;
    Ok(tensors)
}

fn tensor(at: &mut Cursor<'_>, name: String) -> Result<Tensor, String> {
    let (mut dtype, mut dims, mut place) = (None, None, None);
    at.object(|at, key| {
        let twice = match key.as_str() {
            "dtype" => dtype.replace(at.string()?).is_some(),
            "shape" => dims.replace(at.numbers()?).is_some(),
            "data_offsets" => place.replace(at.numbers()?).is_some(),
            _ => return Err(format!("tensor `{name}` has a `{key}`, which is not known")),
        };
        if twice { Err(format!("tensor `{name}` has two of `{key}`")) } else { Ok(()) }
    })?;
    let lacks = |what: &str| format!("tensor `{name}` lacks its `{what}`");
    let dtype = dtype.ok_or_else(|| lacks("dtype"))?;
    let dtype = Dtype::of(&dtype).ok_or_else(|| format!("tensor `{name}` has the type `{dtype}`, which is not known"))?;
    let dims = dims.ok_or_else(|| lacks("shape"))?;
    let place = place.ok_or_else(|| lacks("data_offsets"))?;
    let [start, end] = place[..] else { return Err(format!("tensor `{name}` has `data_offsets` {place:?}, and not two")) };
    Ok(Tensor { name, dtype, dims, data: start..end })
}

/// Refuses tensors that are not as long as their sizes say, stand outside, overlap, or leave gaps.
fn check(tensors: &[Tensor], len: usize) -> Result<(), String> {
    for Tensor { name, dtype, dims, data } in tensors {
        let bytes = dims.iter().try_fold(dtype.size, |bytes, &n| bytes.checked_mul(n));
        if data.end > len {
            return Err(format!(
                "tensor `{name}` of {dtype:?} {dims:?} ends at byte {}, and {len} are there: it is cut short",
                data.end
            ));
        }
        if bytes.is_none() || data.end.checked_sub(data.start) != bytes {
            let needs = bytes.map_or("more bytes than there can be".to_owned(), |bytes| format!("{bytes} bytes"));
            return Err(format!(
                "tensor `{name}` of {dtype:?} {dims:?} is {needs}, and has those from {} to {}",
                data.start, data.end
            ));
        }
    }
    let mut order: Vec<&Tensor> = tensors.iter().collect();
    order.sort_by_key(|tensor| (tensor.data.start, tensor.data.end));
    let mut end = 0;
    for tensor in order {
        if tensor.data.start != end {
            let what = if tensor.data.start < end { "overlaps the one before it" } else { "leaves a gap before it" };
            return Err(format!("tensor `{}` at byte {} {what}, which ends at {end}", tensor.name, tensor.data.start));
        }
        end = tensor.data.end;
    }
    if end == len { Ok(()) } else { Err(format!("{} bytes at its end are no tensor's", len - end)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: usize) -> Vec<u8> {
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header.bytes());
        file.extend(vec![0; data]);
        file
    }

    fn said(header: &str, data: usize) -> String {
        read(&file(header, data)).map(|(tensors, _)| format!("{tensors:?}")).unwrap_or_else(|e| e)
    }

    #[test]
    fn a_header_is_read() {
        let header = r#" { "__metadata__": {"format": "pt"}, "b\u00e9\n": {"shape":[2, 3],"dtype":"F32","data_offsets":[8,32]},
            "a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}   "#;
        let bytes = file(header, 32);
        let (tensors, data) = read(&bytes).unwrap();
        assert_eq!((tensors[0].name.as_str(), &tensors[0].dims[..], tensors[0].data.clone()), ("bé\n", &[2, 3][..], 8..32));
        assert_eq!((tensors[1].name.as_str(), tensors[1].dtype.name, data.len()), ("a", "I64", 32));
        assert!(read(&file("{}", 0)).unwrap().0.is_empty());
    }

    #[test]
    fn hostile_files_are_refused() {
        let one = |dtype: &str, shape: &str, place: &str| {
            format!(r#"{{"w":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{place}}}}}"#)
        };
        assert!(read(&[1, 2, 3]).unwrap_err().contains("3 bytes long"));
        assert!(read(&u64::MAX.to_le_bytes()).unwrap_err().contains("18446744073709551615 bytes"));
        assert!(read(&[2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]).unwrap_err().contains("UTF-8"));
        for (header, data, expected) in [
            (one("F32", "[2]", "[0,8]"), 4, "tensor `w` of F32 [2] ends at byte 8, and 4 are there"),
            (one("F32", "[2]", "[0,4]"), 4, "is 8 bytes, and has those from 0 to 4"),
            (one("F32", "[3]", "[8,0]"), 8, "is 12 bytes, and has those from 8 to 0"),
            (one("F32", "[2]", "[4,12]"), 12, "leaves a gap"),
            (one("F32", "[2]", "[0,8]"), 9, "1 bytes at its end"),
            (one("F32", "[4294967296,4294967296,4294967296]", "[0,0]"), 0, "more bytes than there can be"),
            (one("F32", "[99999999999999999999]", "[0,0]"), 0, "a number that is too large"),
            (one("F32", "[-1]", "[0,0]"), 0, "`-`"),
            (one("F32", "[1.0]", "[0,4]"), 4, "`.`"),
            (one("F31", "[1]", "[0,4]"), 4, "type `F31`"),
            (one("F32", "[1]", "[0,4,4]"), 4, "and not two"),
            (one("F32", "[1]", "0"), 4, "`0`"),
            (r#"{"w":{"dtype":"F32","shape":[0]}}"#.into(), 0, "lacks its `data_offsets`"),
            (r#"{"w":{"dtype":"F32","dtype":"F32"}}"#.into(), 0, "two of `dtype`"),
            (r#"{"w":{"color":"F32"}}"#.into(), 0, "`color`"),
            (r#"{"__metadata__":{},"__metadata__":{}}"#.into(), 0, "twice"),
            (r#"{"__metadata__":{"a":1}}"#.into(), 0, "`1`"),
            (r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#.into(), 8, "`w` twice"),
            (r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"v":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#.into(), 8, "overlaps"),
            ("{} {}".into(), 0, "`{`"),
            ("{".into(), 0, "ends"),
            ("".into(), 0, "ends"),
            ("[".repeat(1 << 20), 0, "`[`"),
            (r#"{"w"#.into(), 0, "ends"),
            (r#"{"\ud800":{}}"#.into(), 0, "escape"),
            (r#"{"\q":{}}"#.into(), 0, "escape"),
            (r#"{"__metadata__":{},}"#.into(), 0, "`}`"),
        ] {
            let text = said(&header, data);
            assert!(text.contains(expected), "{}: {text}", &header[..header.len().min(80)]);
        }
    }
}
