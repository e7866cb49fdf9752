//! The weights' file: [safetensors](https://github.com/huggingface/safetensors).

use crate::tensor::Data;
use crate::write::Named;

/// A file of tensors. (Their names are those of fields, so that nothing in them has to be escaped.)
pub fn write(tensors: &[Named]) -> Vec<u8> {
    let (mut entries, mut data) = (vec![], vec![]);
    for (name, tensor) in tensors {
        let begin = data.len();
        if let Data::F32(values) = &tensor.data {
            data.extend(values.iter().flat_map(|x| x.to_le_bytes()));
        }
        entries.push(format!(
            r#""{name}":{{"dtype":"F32","shape":{:?},"data_offsets":[{begin},{}]}}"#,
            tensor.dims,
            data.len()
        ));
    }
    let mut header = format!("{{{}}}", entries.join(","));
    // The numbers start at a multiple of eight.
    header.extend(std::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}
