//! Files that are nearly right: whatever a byte is changed to, nothing panics, and a model is loaded whole or left alone.
//!
//! `ADAMANT_FUZZ_SECONDS=600 cargo test --release --test weights -- --ignored --nocapture fuzz` looks for more, as long as it says.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use adamant::prelude::*;
use adamant::weights::{Dtype, SafeTensors};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::files::{model_bytes, saved};

#[derive(Module, Clone, Copy, PartialEq, Debug)]
struct Net {
    body: Sequential![Linear<3, 2>, BatchNorm1d<2>, Dropout],
    #[module(name = "é\"")]
    head: Linear<2, 1>,
    scale: Scale,
}

/// Of another type.
#[derive(Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward))]
struct Scale {
    by: Param<[f64; 2]>,
    unit: Tensor<f32>,
}

fn net() -> Net {
    Net::init(&mut SmallRng::seed_from_u64(7))
}

/// What is there before a load.
fn other() -> (Net, Adam<Net>) {
    (Net::init(&mut SmallRng::seed_from_u64(8)), Adam::BLANK)
}

/// The same tensors as half precision, for casts.
fn halves() -> Vec<u8> {
    let model = saved(&net());
    let tensors: Vec<_> = SafeTensors::parse(&model).unwrap().tensors().map(|t| t.to_string()).collect();
    let (mut header, mut data) = (String::new(), Vec::new());
    for (line, dtype) in tensors.iter().zip(["F16", "BF16"].into_iter().cycle()) {
        let (name, shape) = line.split_once(": F").unwrap();
        let (_, shape) = shape.split_once(' ').unwrap();
        let count: usize = shape.trim_matches(['[', ']']).split(", ").filter_map(|n| n.parse::<usize>().ok()).product();
        let begin = data.len();
        data.extend((0..count).flat_map(|i| (0x3c00 + i as u16).to_le_bytes()));
        let name = name.replace('"', "\\\"");
        header += &format!(r#","{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{}]}}"#, data.len());
    }
    crate::files::file(&format!("{{{}}}", &header[1..]), &data)
}

/// The files that are changed.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let (net, mut adam) = (net(), Adam::<Net>::BLANK);
    let (mut trained, grads) = (net, net.zero_grads());
    adam.step(&mut trained, &grads);
    let mut checkpoint = vec![0; adam.checkpoint_len(&net)];
    adam.checkpoint_bytes(&trained, &mut checkpoint).unwrap();
    vec![saved(&net), halves(), checkpoint, model_bytes("digits_cnn")]
});

/// All bits of a model and its optimiser.
fn bits((net, adam): &(Net, Adam<Net>)) -> Vec<u8> {
    let mut bytes = vec![0; adam.checkpoint_len(net)];
    adam.checkpoint_bytes(net, &mut bytes).unwrap();
    bytes
}

/// The ways to load: strictly, with casts, leniently (in parts, too), and as a run.
const WAYS: usize = 5;

fn load(way: usize, (net, adam): &mut (Net, Adam<Net>), bytes: &[u8]) -> Result<(), LoadError> {
    let mut report = |difference: &LoadError| assert!(!difference.to_string().is_empty());
    match way {
        0 => net.load_bytes(bytes),
        1 => Load::new().cast().bytes(net, bytes),
        2 => Load::new().cast().lenient(&mut report).bytes(net, bytes),
        3 => Load::new()
            .prefix("model.")
            .names(&[("head", "head"), ("scale.unit", "unit")])
            .lenient(&mut report)
            .bytes(net, bytes),
        _ => adam.resume_bytes(net, bytes),
    }
}

/// What the crate safetensors makes of a file: its tensors by name, unless it refuses it.
fn reference(bytes: &[u8]) -> Option<HashMap<String, Vec<u8>>> {
    let file = safetensors::SafeTensors::deserialize(bytes).ok()?;
    Some(file.tensors().into_iter().map(|(name, tensor)| (name, tensor.data().to_vec())).collect())
}

/// Checks all that must hold of any bytes, and says in which ways they were loaded.
fn check(bytes: &[u8]) -> Vec<usize> {
    let reference = reference(bytes);
    if let Ok(file) = SafeTensors::parse(bytes) {
        check_parsed(file, reference.as_ref());
    }
    (0..WAYS).filter(|&way| check_way(way, bytes, reference.as_ref())).collect()
}

/// What is taken here the crate safetensors takes, too, and reads the same.
fn check_parsed(file: SafeTensors<'_>, reference: Option<&HashMap<String, Vec<u8>>>) {
    let names: Vec<String> = file.tensors().map(|tensor| tensor.name().to_string()).collect();
    let is_unique = names.iter().all(|name| names.iter().filter(|other| *other == name).count() == 1);
    // A tensor without numbers may lie anywhere here.
    let has_empty = file.tensors().any(|tensor| tensor.bytes().is_empty());
    match reference {
        Some(reference) if is_unique => {
            assert_eq!(reference.len(), names.len());
            file.tensors().for_each(|tensor| assert_eq!(reference[&tensor.name().to_string()], tensor.bytes()));
        }
        Some(_) => {}
        None => assert!(has_empty || !is_unique, "{names:?}"),
    }
}

/// Loads in one way: either nothing has changed, or all is as the file says.
fn check_way(way: usize, bytes: &[u8], reference: Option<&HashMap<String, Vec<u8>>>) -> bool {
    let before = other();
    let mut loaded = before.clone();
    match load(way, &mut loaded, bytes) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(bits(&loaded) == bits(&before), "{error}, and the model has changed");
            false
        }
        Ok(()) => {
            if let (0, Some(reference)) = (way, reference) {
                let own = saved(&loaded.0);
                for tensor in SafeTensors::parse(&own).unwrap().tensors() {
                    assert_eq!(reference[&tensor.name().to_string()], tensor.bytes(), "{tensor}");
                    assert!(matches!(tensor.dtype(), Dtype::F32 | Dtype::F64));
                }
            }
            true
        }
    }
}

#[test]
fn what_is_not_changed_is_loaded() {
    let loaded: Vec<Vec<usize>> = SEEDS.iter().map(|bytes| check(bytes)).collect();
    assert_eq!(loaded, [&[0, 1, 2, 3][..], &[1, 2, 3], &[2, 3, 4], &[2, 3]]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_may_change(
        seed in 0..4usize,
        edits in prop::collection::vec((any::<Index>(), any::<u8>(), any::<bool>()), 1..6),
        cut in prop::option::weighted(0.2, any::<Index>()),
    ) {
        let mut bytes = SEEDS[seed].clone();
        let header = 8 + u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
        for (place, byte, anywhere) in edits {
            let end = if anywhere { bytes.len() } else { header };
            bytes[place.index(end)] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes);
    }

    #[test]
    fn any_header_may_stand_there(header in "[\\{\\}\\[\\]:,\" a0-9\\\\u]{0,60}", data in prop::collection::vec(any::<u8>(), 0..9)) {
        check(&crate::files::file(&header, &data));
    }
}

/// Words and numbers that a header is made of, and some that it should not be.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    " ",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "\u{0}",
    "\u{80}",
    "é",
    "null",
    "true",
    "-1",
    "0.5",
    "1e9",
    "0",
    "1",
    "2",
    "3",
    "8",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "\"dtype\"",
    "\"shape\"",
    "\"data_offsets\"",
    "\"__metadata__\"",
    "\"F32\"",
    "\"F64\"",
    "\"F16\"",
    "\"BF16\"",
    "\"I64\"",
    "\"U64\"",
    "\"F4\"",
    "[]",
    "[0]",
    "{}",
    "\"model.\"",
    "num_batches_tracked",
];

/// Changes a file in one of several ways.
fn mutate(bytes: &mut Vec<u8>, rng: &mut SmallRng) {
    let length = bytes.first_chunk().map_or(0, |length| u64::from_le_bytes(*length)) as usize;
    let header = length.min(bytes.len().saturating_sub(8));
    let in_header = |rng: &mut SmallRng| 8 + rng.random_range(0..=header.max(1) - 1);
    match rng.random_range(0..14) {
        0 if !bytes.is_empty() => {
            let at = rng.random_range(0..bytes.len());
            bytes[at] = rng.random();
        }
        1 => bytes.truncate(rng.random_range(0..=bytes.len())),
        2 => bytes.extend((0..rng.random_range(1..20)).map(|_| rng.random::<u8>())),
        3 if bytes.len() >= 8 => {
            let near = (length as u64).wrapping_add_signed(rng.random_range(-3..=3));
            let length = [near, rng.random(), 0, u64::MAX, 1 << rng.random_range(0..64u32)][rng.random_range(0..5)];
            bytes[..8].copy_from_slice(&length.to_le_bytes());
        }
        4 if header > 0 => {
            let at = in_header(rng);
            bytes[at] = rng.random_range(b' '..=b'~');
        }
        // Numbers that stand there become others.
        5 | 6 => {
            let digits: Vec<usize> = (8..8 + header).filter(|&i| bytes[i].is_ascii_digit()).collect();
            if !digits.is_empty() {
                let at = digits[rng.random_range(0..digits.len())];
                let len = bytes[at..8 + header].iter().take_while(|byte| byte.is_ascii_digit()).count();
                splice(bytes, header, at, len, WORDS[rng.random_range(15..31)].as_bytes());
            }
        }
        // A word comes in, in the place of some bytes or none.
        7 if header > 0 => {
            let (at, len) = (in_header(rng), rng.random_range(0..6));
            splice(bytes, header, at, len, WORDS[rng.random_range(0..WORDS.len())].as_bytes());
        }
        // What a header may have: other spaces, another order.
        8 | 9 if header > 0 => {
            let signs: Vec<usize> = (8..8 + header).filter(|&i| b",:[{".contains(&bytes[i])).collect();
            if !signs.is_empty() {
                splice(bytes, header, signs[rng.random_range(0..signs.len())] + 1, 0, b" ");
            }
        }
        10..=12 if header > 1 => {
            let text = String::from_utf8_lossy(&bytes[8..8 + header]).into_owned();
            if let Some(inner) = text.trim_end().strip_prefix('{').and_then(|text| text.strip_suffix("]}}")) {
                let mut entries: Vec<&str> = inner.split("]},").collect();
                let (from, to) = (rng.random_range(0..entries.len()), rng.random_range(0..entries.len()));
                entries.swap(from, to);
                splice(bytes, header, 8, header, format!("{{{}]}}}}", entries.join("]},")).as_bytes());
            }
        }
        // A part stands twice, or elsewhere, or not at all.
        _ if header > 1 => {
            let (from, to) = (in_header(rng), in_header(rng));
            let part = bytes[from..(from + rng.random_range(1..100)).min(8 + header)].to_vec();
            let len = if rng.random() { 0 } else { rng.random_range(0..100) };
            splice(bytes, header, to, len, if rng.random_range(0..4) == 0 { &[] } else { &part });
        }
        _ => {}
    }
}

/// Replaces a part of the header, whose length follows.
fn splice(bytes: &mut Vec<u8>, header: usize, at: usize, len: usize, new: &[u8]) {
    let end = (at + len).min(8 + header);
    bytes.splice(at..end, new.iter().copied());
    let header = header + new.len() - (end - at);
    bytes[..8].copy_from_slice(&(header as u64).to_le_bytes());
}

/// Changes files until the time is over; what is still well-formed is changed further.
fn fuzz(mut is_over: impl FnMut(usize) -> bool, rng: &mut SmallRng) -> (usize, usize, usize) {
    let mut corpus = SEEDS.clone();
    let (mut files, mut parsed, mut loaded) = (0, 0, 0);
    while !is_over(files) {
        let mut bytes = corpus[rng.random_range(0..corpus.len())].clone();
        for _ in 0..rng.random_range(1..4) {
            mutate(&mut bytes, rng);
        }
        files += 1;
        let ways = check(&bytes);
        loaded += usize::from(ways.iter().any(|way| [0, 1, 4].contains(way)));
        if SafeTensors::parse(&bytes).is_ok() {
            parsed += 1;
            let slot = rng.random_range(4..512);
            if bytes.len() < 16_384 && slot >= corpus.len() {
                corpus.push(bytes);
            } else if bytes.len() < 16_384 {
                corpus[slot] = bytes;
            }
        }
    }
    (files, parsed, loaded)
}

#[test]
fn several_hundred_changes() {
    let (files, parsed, loaded) = fuzz(|files| files == 600, &mut SmallRng::seed_from_u64(1));
    assert!(files == 600 && parsed > 50 && loaded > 20, "{parsed} well-formed, {loaded} loaded");
}

/// As many changes as there is time for.
#[test]
#[ignore = "runs for ten minutes"]
fn fuzz_for_a_while() {
    let seconds = std::env::var("ADAMANT_FUZZ_SECONDS").map_or(600, |seconds| seconds.parse().expect("a number of seconds"));
    let (start, time) = (Instant::now(), Duration::from_secs(seconds));
    let seed = std::process::id().into();
    println!("seed {seed}");
    let (files, parsed, loaded) = fuzz(|_| start.elapsed() >= time, &mut SmallRng::seed_from_u64(seed));
    println!("{files} files in {seconds} s: {parsed} well-formed, {loaded} loaded strictly, none with a panic or half a model");
}
