//! Files that are none: each is refused with a reason, whatever is asked for, and changes nothing.

use adamant::prelude::*;
use adamant::weights::{Problem, SafeTensors};

use crate::files::{file, saved};

#[derive(Module, Clone, Copy, PartialEq, Debug)]
#[module(custom(forward))]
struct Pair {
    a: Param<[f32; 2]>,
    b: Param<[[f32; 2]; 2]>,
}

const START: Pair = Pair { a: Param(Tensor([1.0, 2.0])), b: Param(Tensor([[3.0, 4.0], [5.0, 6.0]])) };

/// A good file, which the bad ones are made of.
const GOOD: &str =
    r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]}}"#;
const A: &str = r#""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
const B: &str = r#""b":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]}"#;

/// Checks that a file is refused in these words, strictly and leniently.
#[track_caller]
fn refuse(bytes: &[u8], says: &str) {
    let mut model = START;
    let mut report = |_: &LoadError| ();
    let errors = [
        model.load_bytes(bytes).unwrap_err(),
        Load::new().cast().lenient(&mut report).bytes(&mut model, bytes).unwrap_err(),
        Load::new().prefix("x.").cast().lenient(&mut report).bytes(&mut model, bytes).unwrap_err(),
        SafeTensors::parse(bytes).err().unwrap(),
    ];
    for error in errors {
        assert!(error.to_string().contains(says), "{error}\nnot: {says}");
    }
    assert_eq!(model, START);
    assert!(safetensors::SafeTensors::deserialize(bytes).is_err(), "the crate safetensors takes it");
}

/// As [`refuse`], of a header with 24 bytes of data.
#[track_caller]
fn refuse_header(header: &str, says: &str) {
    refuse(&file(header, &[0; 24]), says);
}

/// As [`refuse_header`], where the crate safetensors is not as strict.
#[track_caller]
fn refuse_more(header: &str, says: &str) {
    let error = SafeTensors::parse(&file(header, &[0; 24])).err().unwrap();
    assert!(error.to_string().contains(says), "{error}\nnot: {says}");
}

#[test]
fn the_good_one_is_taken() {
    let zeros = Pair { a: Param(Tensor([0.0; 2])), b: Param(Tensor([[0.0; 2]; 2])) };
    assert_eq!(Pair::from_bytes(&file(GOOD, &[0; 24])).unwrap(), zeros);
    let spaced = GOOD.replace(',', " ,\n").replace(':', "\t: ").replace('[', " [ ") + "  ";
    assert_eq!(Pair::from_bytes(&file(&spaced, &[0; 24])).unwrap(), zeros);
    // In any order, with any texts beside them.
    let turned = format!(r#"{{"__metadata__":{{"format":"pt","\u0061":"[{{"}},{B},{A}}}"#);
    assert_eq!(Pair::from_bytes(&file(&turned, &[0; 24])).unwrap(), zeros);
    assert!(Relu::from_bytes(&file("{}", &[])).is_ok());
    assert!(Relu::from_bytes(&file(r#"{"__metadata__":{}}  "#, &[])).is_ok());
}

#[test]
fn a_file_is_cut_short() {
    let whole = file(GOOD, &[0; 24]);
    refuse(&[], "the file is cut short: expected 8 bytes or more, found 0");
    for len in 0..whole.len() {
        let mut model = START;
        assert!(model.load_bytes(&whole[..len]).is_err(), "{len} bytes");
        assert_eq!(model, START);
    }
    refuse(&whole[..7], "the file is cut short: expected 8 bytes or more, found 7");
    refuse(&whole[..60], "the file is cut short: expected 118 bytes or more, found 60");
    refuse(&whole[..whole.len() - 1], "tensor `b`: expected 24 bytes of data, found 23");
    refuse(&[&whole[..], &[0]].concat(), "expected 24 bytes of data, found 25");
}

#[test]
fn a_header_is_longer_than_the_file() {
    let with_length = |length: u64| [&length.to_le_bytes()[..], GOOD.as_bytes(), &[0; 24]].concat();
    refuse(&with_length(u64::MAX), "the header says that it has 18446744073709551615 bytes");
    refuse(&with_length(u64::MAX - 7), "and none has more than 100 million");
    refuse(&with_length(1 << 63), "and none has more than 100 million");
    refuse(&with_length(1 << 30), "the header says that it has 1073741824 bytes, and none has more than 100 million");
    refuse(&with_length(100_000_000), "the file is cut short: expected 100000008 bytes or more");
    refuse(&with_length(0), "expected `{` at byte 0 of the header");
    refuse(&with_length(GOOD.len() as u64 - 1), "expected `,` or `}` at byte");
    refuse(&with_length(GOOD.len() as u64 + 1), "tensor `b`: expected 24 bytes of data, found 23");
}

/// A gigabyte of header that is there.
#[test]
#[ignore = "needs a gigabyte of memory"]
fn a_gigabyte_of_header() {
    let mut bytes = vec![b' '; (1 << 30) + 8];
    bytes[..8].copy_from_slice(&(1u64 << 30).to_le_bytes());
    refuse(&bytes, "and none has more than 100 million");
}

/// As long as a header may be, and all of it tensors: the time is that of reading it.
#[test]
fn many_tensors_are_read_in_one_pass() {
    let count = 20_000;
    let entries: Vec<String> =
        (0..count).rev().map(|i| format!(r#""{i}":{{"dtype":"U8","shape":[1],"data_offsets":[{i},{}]}}"#, i + 1)).collect();
    let good = file(&format!("{{{}}}", entries.join(",")), &vec![0; count]);
    let start = std::time::Instant::now();
    assert_eq!(SafeTensors::parse(&good).unwrap().tensors().count(), count);
    let mut model = START;
    let error = model.load_bytes(&good).unwrap_err();
    assert!(matches!(error.problem(), Problem::Missing));
    let mut reports = 0;
    Load::new().lenient(&mut |_| reports += 1).bytes(&mut model, &good).unwrap();
    assert_eq!((reports, model), (count + 2, START));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_header_is_no_json() {
    for (header, says) in [
        ("", "expected `{` at byte 0"),
        ("x", "expected `{` at byte 0"),
        ("null", "expected `{` at byte 0"),
        ("[]", "expected `{` at byte 0"),
        ("\"a\"", "expected `{` at byte 0"),
        ("\u{feff}{}", "expected `{` at byte 0"),
        ("{", "expected a text in quotes at byte 1"),
        ("{}{}", "expected nothing but spaces at byte 2"),
        ("{}\0", "expected nothing but spaces at byte 2"),
        ("{,}", "expected a text in quotes at byte 1"),
        ("{a:1}", "expected a text in quotes at byte 1"),
        ("{'a':1}", "expected a text in quotes at byte 1"),
        ("{\"a\"}", "expected `:` at byte 4"),
        ("{\"a\":}", "expected `{` at byte 5"),
        ("{\"a\":1}", "tensor `a`: expected `{` at byte 5"),
        ("{\"a\":null}", "tensor `a`: expected `{` at byte 5"),
        ("{\"a\":{}}", "tensor `a`: expected a text in quotes at byte 6"),
        ("{\"a", "expected the end of the text"),
        ("{\"a\\", "expected an escape that JSON knows"),
        ("{\"\\x\":{}}", "expected an escape that JSON knows"),
        ("{\"\\ud800\":{}}", "expected the second half of a surrogate pair"),
        ("{\"\\u12g4\":{}}", "expected four hexadecimal digits"),
        ("{\"a\nb\":{}}", "expected a text without control characters"),
    ] {
        refuse_header(header, says);
    }
    refuse_header(&format!("{{{A},{B},}}"), "expected a text in quotes");
    refuse_header(&format!("{{{A} {B}}}"), "expected `,` or `}`");
    refuse_header(&format!("{{{A},,{B}}}"), "expected a text in quotes");
    refuse_header(&format!("{{{A},{B}]"), "expected `,` or `}`");
}

#[test]
fn a_header_is_no_utf8() {
    let mut bytes = file(GOOD, &[0; 24]);
    for byte in [0x80, 0xc0, 0xff] {
        bytes[8 + 2] = byte;
        refuse(&bytes, "expected a text in UTF-8 at byte 2 of the header");
    }
    // Cut within a sign.
    let mut header = GOOD.replace("\"a\"", "\"aé\"").into_bytes();
    header.truncate(4);
    let bytes = [&4u64.to_le_bytes()[..], &header].concat();
    refuse(&bytes, "expected a text in UTF-8 at byte 3 of the header");
}

#[test]
fn metadata_are_texts() {
    for metadata in ["1", "[]", "{\"a\":1}", "{\"a\":{}}", "{\"a\":[\"b\"]}", "{\"a\":\"b\",}", "{1:\"b\"}", "{\"a\" \"b\"}"] {
        refuse_header(&format!("{{\"__metadata__\":{metadata},{A},{B}}}"), "expected ");
    }
    refuse_more(&format!("{{\"__metadata__\":null,{A},{B}}}"), "expected `{` at byte 16");
    refuse_header(&format!("{{\"__metadata__\":{{}},{A},\"__metadata__\":{{}},{B}}}"), "expected `__metadata__` only once");
}

/// Checks headers whose tensor `a` has one part replaced.
#[track_caller]
fn refuse_part(part: &str, others: &[(&str, &str)]) {
    for (other, says) in others {
        let header = GOOD.replacen(part, other, 1);
        assert_ne!(header, GOOD);
        refuse_header(&header, says);
    }
}

#[test]
fn a_tensor_is_described_otherwise() {
    let type_says = "tensor `a`: expected the name of a type, such as \"F32\"";
    refuse_part("\"F32\"", &[("\"f32\"", type_says), ("\"F33\"", type_says), ("\"\"", type_says), ("\"F32 \"", type_says)]);
    refuse_part(
        "\"F32\"",
        &[("32", "expected a text in quotes"), ("null", "expected a text in quotes"), ("[]", "a text in quotes")],
    );
    let number = "tensor `a`: expected a whole number";
    refuse_part(
        "[2]",
        &[("[-2]", number), ("[ ,]", number), ("[2,]", number), ("[\"2\"]", number), ("[02]", number), ("[[2]]", number)],
    );
    refuse_part(
        "[2]",
        &[("2", "tensor `a`: expected `[`"), ("\"2\"", "expected `[`"), ("{}", "expected `[`"), ("null", "expected `[`")],
    );
    let bracket = "tensor `a`: expected `,` or `]`";
    refuse_part("[2]", &[("[2.0]", bracket), ("[2e0]", bracket), ("[2 2]", bracket), ("[2}", bracket)]);
    let count = "tensor `a`: expected a number that the machine can count to";
    refuse_part("[2]", &[("[18446744073709551616]", count), (&format!("[{}]", "9".repeat(500)), count)]);
    let offsets = "tensor `a`: expected two offsets before";
    refuse_part("[0,8]", &[("[0]", offsets), ("[0,8,8]", offsets), ("[]", offsets)]);
    refuse_part("[0,8]", &[("[-1,8]", number), ("[0,8.0]", bracket), ("[0,99999999999999999999]", count)]);
    let keys = "tensor `a`: expected `dtype`, `shape` and `data_offsets`, each once";
    refuse_part("\"dtype\":\"F32\",", &[("", keys), ("\"dtype\":\"F32\",\"dtype\":\"F32\",", keys)]);
    refuse_part("\"shape\":[2],", &[("", keys), ("\"shape\":[2],\"shape\":[2],", keys)]);
    refuse_part(",\"data_offsets\":[0,8]", &[("", keys)]);
    refuse_more(&GOOD.replacen("\"shape\"", "\"layout\":1,\"shape\"", 1), keys);
}

#[test]
fn a_shape_takes_other_bytes() {
    let bytes = "tensor `a`: its shape and type take";
    refuse_part(
        "[2]",
        &[("[3]", bytes), ("[1]", bytes), ("[]", bytes), ("[0]", bytes), ("[2,2]", bytes), ("[4294967296]", bytes)],
    );
    refuse_part("\"F32\"", &[("\"F64\"", bytes), ("\"U8\"", bytes), ("\"BF16\"", bytes), ("\"F4\"", bytes)]);
    let overflow = "tensor `a`: its shape takes more bytes than can be counted";
    refuse_part(
        "[2]",
        &[
            ("[18446744073709551615]", overflow),
            ("[4294967296,4294967296]", overflow),
            ("[4294967296,4294967296,0]", overflow),
            ("[9223372036854775808,2]", overflow),
            ("[2305843009213693952,8]", overflow),
            ("[65536,65536,65536,65536]", overflow),
        ],
    );
    // Three numbers of four bits are no whole bytes.
    let header = r#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}"#;
    refuse(&file(header, &[0; 2]), "tensor `a`: its shape and type take 2 bytes");
}

#[test]
fn offsets_lie_outside_or_apart() {
    refuse_part("[0,8]", &[("[8,0]", "tensor `a`: it would end before it begins")]);
    refuse_part("[0,8]", &[("[18446744073709551615,7]", "tensor `a`: it would end before it begins")]);
    refuse_part("[0,8]", &[("[24,32]", "tensor `a`: expected 32 bytes of data, found 24")]);
    refuse_part(
        "[0,8]",
        &[("[18446744073709551607,18446744073709551615]", "expected 18446744073709551615 bytes of data, found 24")],
    );
    refuse_part("[8,24]", &[("[9,25]", "tensor `b`: expected 25 bytes of data, found 24")]);
    let gap = "tensor `a`: expected to begin at byte 0 of the data, where the tensor before it ends, found to begin at byte";
    refuse_part("[0,8]", &[("[4,12]", gap), ("[8,16]", gap), ("[16,24]", gap), ("[1,9]", gap)]);
    refuse_part(
        "[8,24]",
        &[("[0,16]", "tensor `b`: expected to begin at byte 8"), ("[7,23]", "tensor `b`: expected to begin at byte 8")],
    );
    refuse_part("[8,24]", &[("[4,20]", "tensor `b`: expected to begin at byte 8 of the data")]);
    // Between them, before them, behind them.
    let apart = |a: usize, b: usize, len: usize| {
        let header = GOOD.replace("[0,8]", &format!("[{a},{}]", a + 8)).replace("[8,24]", &format!("[{b},{}]", b + 16));
        file(&header, &vec![0; len])
    };
    refuse(&apart(0, 9, 25), "tensor `b`: expected to begin at byte 8 of the data");
    refuse(&apart(1, 9, 25), "tensor `a`: expected to begin at byte 0 of the data");
    refuse(&apart(0, 8, 25), "expected 24 bytes of data, found 25");
    // All of it twice, and the rest not at all.
    let header = r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#;
    refuse(&file(header, &[0; 4]), "tensor `b`: expected to begin at byte 2");
    // What takes no byte lies within the file all the same.
    let header = GOOD.replacen('{', r#"{"e":{"dtype":"F32","shape":[0],"data_offsets":[25,25]},"#, 1);
    refuse_header(&header, "tensor `e`: expected 25 bytes of data, found 24");
}

#[test]
fn two_tensors_have_one_name() {
    refuse_more(&format!("{{{A},{A},{B}}}"), "tensor `a`: expected to begin at byte 8");
    let c = A.replace("\"a\"", "\"c\"");
    // Two of a name that the model knows, by different writings, with bytes of their own.
    for second in ["a", "\\u0061"] {
        let second = A.replace("\"a\"", &format!("\"{second}\"")).replace("[0,8]", "[24,32]");
        let bytes = file(&format!("{{{A},{B},{second}}}"), &[0; 32]);
        for lenient in [false, true] {
            let mut model = START;
            let mut report = |_: &LoadError| ();
            let load = if lenient { Load::new().lenient(&mut report) } else { Load::new() };
            let error = load.bytes(&mut model, &bytes).unwrap_err();
            assert_eq!((error.to_string().as_str(), model), ("tensor `a`: the file has two of this name", START));
        }
    }
    let empty = r#""a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#;
    assert!(Pair::from_bytes(&file(&format!("{{{empty},{A},{B}}}"), &[0; 24])).is_err());
    assert!(Pair::from_bytes(&file(&format!("{{{c},{B}}}"), &[0; 24])).is_err());
}

#[test]
fn nesting_is_deep() {
    for depth in [100, 1_000_000] {
        let brackets = "[".repeat(depth);
        refuse_header(&brackets, "expected `{` at byte 0");
        refuse_header(&format!("{{\"a\":{brackets}"), "tensor `a`: expected `{` at byte 5");
        refuse_header(&GOOD.replacen("[2]", &brackets, 1), "tensor `a`: expected a whole number");
        refuse_header(&"{\"a\":".repeat(depth), "tensor `a`: expected `dtype`, `shape` and `data_offsets`");
        refuse_header(&format!("{{\"__metadata__\":{}", "{\"a\":".repeat(depth)), "expected a text in quotes");
        refuse_header(&format!("{{\"{}", "\\\\".repeat(depth)), "expected the end of the text");
    }
}

/// A name is shown as far as there is room.
#[test]
fn a_name_is_very_long() {
    let long = "é".repeat(1_000_000);
    let header = GOOD.replacen("\"a\"", &format!("\"{long}\""), 1);
    let error = Pair::from_bytes(&file(&header, &[0; 24])).unwrap_err();
    assert_eq!(error.tensor(), Some("a"));
    let error = Relu::from_bytes(&file(&header, &[0; 24])).unwrap_err();
    assert!(error.to_string().len() < 300, "{error}");
}

/// Bytes are bytes: NaN with any payload, infinities, what is denormal and −0 come through.
#[test]
fn numbers_keep_every_bit() {
    let bits = [0x7fc0_0001u32, 0xff80_0000, 0x7f80_0001, 0x8000_0000, 0x0000_0001, 0xffff_ffff];
    let data: Vec<u8> = bits.into_iter().flat_map(u32::to_le_bytes).collect();
    let model = Pair::from_bytes(&file(GOOD, &data)).unwrap();
    assert_eq!(model.a.0.0.map(f32::to_bits), bits[..2]);
    let bytes = saved(&model);
    assert_eq!(bytes[bytes.len() - 24..], data);
}
