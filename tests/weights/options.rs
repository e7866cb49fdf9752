//! Prefix, names, strict and lenient; what is passed over; errors.

use adamant::prelude::*;
use adamant::weights::{Problem, SafeTensors};

use crate::files::{Folder, file, model_bytes, saved};

type Mlp = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];

/// A file of `f32` tensors: their names, sizes and first numbers (the others are one more each).
fn floats(tensors: &[(&str, &[usize], f32)]) -> Vec<u8> {
    let (mut header, mut data) = (String::new(), Vec::new());
    for (name, sizes, first) in tensors {
        let begin = data.len();
        let numbers = (0..sizes.iter().product()).map(|i: usize| first + i as f32);
        data.extend(numbers.flat_map(f32::to_le_bytes));
        let entry = format!(r#""{name}":{{"dtype":"F32","shape":{sizes:?},"data_offsets":[{begin},{}]}}"#, data.len());
        header += &format!("{}{entry}", if header.is_empty() { "" } else { "," });
    }
    file(&format!("{{{header}}}"), &data)
}

const WEIGHT: &[usize] = &[2, 3];

fn linear(first: f32) -> Linear<3, 2> {
    let at = |row: usize, column: usize| first + (3 * column + row) as f32;
    let weight = std::array::from_fn(|row| std::array::from_fn(|column| at(row, column)));
    Linear::new(Param(Tensor(weight)), Param(Tensor([10.0 * first, 10.0 * first + 1.0])))
}

/// Loads leniently and gives what is reported.
fn reports<M: StateDict>(load: Load<'_>, model: &mut M, bytes: &[u8]) -> Vec<String> {
    let mut reports = Vec::new();
    let mut report = |difference: &LoadError| {
        let kind = match difference.problem() {
            Problem::Missing => "-",
            Problem::LeftOver => "+",
            other => panic!("{other}"),
        };
        reports.push(format!("{kind}{}", difference.tensor().unwrap()));
    };
    load.lenient(&mut report).bytes(model, bytes).unwrap();
    reports
}

#[test]
fn a_linear_layer_is_stored_transposed() {
    let bytes = floats(&[("bias", &[2], 10.0), ("weight", WEIGHT, 1.0)]);
    assert_eq!(Linear::from_bytes(&bytes).unwrap(), linear(1.0));
    assert_eq!(Linear::<3, 2>::from_bytes(&bytes).unwrap().weight.0, Tensor([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]));
}

/// Gates of one product, over what comes from two directions.
#[derive(Module, Clone, PartialEq, Debug)]
struct Gates {
    #[module(transposed, fused)]
    weight: Param<[[[[f32; 2]; 3]; 1]; 2]>,
    #[module(fused)]
    bias: Param<[[f32; 2]; 3]>,
}

#[test]
fn fused_gates_are_one_dimension_of_a_file() {
    let bytes = floats(&[("bias", &[6], 20.0), ("weight", &[6, 2], 0.0)]);
    let gates = Gates::from_bytes(&bytes).unwrap();
    let row = |input: u8| Tensor::from_fn(|[gate, unit]| f32::from(input) + 2.0 * (2 * gate + unit) as f32);
    assert_eq!(gates.weight.0, Tensor([[row(0).0], [row(1).0]]));
    assert_eq!(gates.bias.0, Tensor([[20.0, 21.0], [22.0, 23.0], [24.0, 25.0]]));
    let numbers: Vec<u8> = (0u8..12).chain(20..26).flat_map(|n| f32::from(n).to_le_bytes()).collect();
    assert!(saved(&gates).ends_with(&numbers));
    assert_eq!(Gates::from_bytes(&saved(&gates)).unwrap(), gates);
    let error = Gates::from_bytes(&floats(&[("bias", &[6], 0.0), ("weight", &[2, 6], 0.0)])).unwrap_err().to_string();
    assert_eq!(error, "tensor `weight`: expected the shape [6, 2], found [2, 6]");
    let mut shapes = Vec::new();
    gates.named_parameters(|info| shapes.push(format!("{} {}", info.name, info.dims)));
    assert_eq!(shapes, ["weight [2, 6]", "bias [6]"]);
}

#[test]
fn strict_says_which_tensor_is_wrong() {
    let error = |tensors: &[(&str, &[usize], f32)]| Linear::<3, 2>::from_bytes(&floats(tensors)).unwrap_err().to_string();
    let (weight, bias): (_, (_, &[usize], _)) = (("weight", WEIGHT, 1.0), ("bias", &[2], 10.0));
    assert_eq!(error(&[bias]), "tensor `weight`: the file does not have it");
    assert_eq!(
        error(&[bias, weight, ("extra", &[1], 0.0)]),
        "tensor `extra`: the file has it, and the model has no place for it"
    );
    assert_eq!(error(&[bias, ("weight", &[3, 2], 1.0)]), "tensor `weight`: expected the shape [2, 3], found [3, 2]");
    assert_eq!(error(&[bias, ("weight", &[6], 1.0)]), "tensor `weight`: expected the shape [2, 3], found [6]");
    assert_eq!(
        error(&[bias, ("weight", &[1, 1, 1, 1, 1, 1, 1, 2, 3], 1.0)]),
        "tensor `weight`: expected the shape [2, 3], found one of 9 dimensions"
    );
    assert_eq!(error(&[bias, weight, bias]), "tensor `bias`: the file has two of this name");
    assert_eq!(error(&[bias, weight, weight]), "tensor `weight`: the file has two of this name");
}

#[test]
fn an_error_changes_nothing() {
    // The first tensors are right, and the last is not.
    let mut net = Mlp::init(&mut SmallRng::seed_from_u64(0));
    let before = net;
    let mut bytes = model_bytes("digits_mlp");
    let name = bytes.windows(6).position(|six| six == b"2.bias").unwrap();
    bytes[name] = b'3';
    let error = net.load_bytes(&bytes).unwrap_err();
    assert_eq!((error.tensor(), net), (Some("2.bias"), before));
    let mut none = |_: &LoadError| ();
    bytes[name] = b'2';
    let shape = bytes.windows(4).position(|four| four == b"[10]").unwrap();
    bytes[shape + 1..shape + 3].copy_from_slice(b"2 ");
    assert!(Load::new().lenient(&mut none).bytes(&mut net, &bytes).is_err());
    assert_eq!(net, before);
}

#[test]
fn lenient_reports_what_is_missing_and_left_over() {
    let bytes = floats(&[("weight", WEIGHT, 1.0), ("extra.0", &[], 0.0), ("extra.1", &[0], 0.0)]);
    let mut layer = linear(5.0);
    assert_eq!(reports(Load::new(), &mut layer, &bytes), ["-bias", "+extra.0", "+extra.1"]);
    assert_eq!(layer.weight, linear(1.0).weight);
    assert_eq!(layer.bias, linear(5.0).bias, "what is missing keeps its value");
    let other = floats(&[("weight", &[3, 2], 1.0)]);
    let mut report = |_: &LoadError| ();
    let error = Load::new().lenient(&mut report).bytes(&mut layer, &other).unwrap_err();
    assert!(matches!(error.problem(), Problem::Shape { .. }), "{error}");
}

#[test]
fn a_prefix_takes_a_part() {
    let bytes = floats(&[
        ("encoder.weight", WEIGHT, 1.0),
        ("encoder.bias", &[2], 10.0),
        ("decoder.weight", WEIGHT, 2.0),
        ("decoder.bias", &[2], 20.0),
        ("decoder.bias.more", &[1], 0.0),
    ]);
    let mut layer = linear(0.0);
    Load::new().prefix("encoder.").bytes(&mut layer, &bytes).unwrap();
    assert_eq!(layer, linear(1.0));
    let error = Load::new().prefix("decoder.").bytes(&mut layer, &bytes).unwrap_err();
    assert_eq!((error.tensor(), layer), (Some("decoder.bias.more"), linear(1.0)));
    assert_eq!(reports(Load::new().prefix("decoder."), &mut layer, &bytes), ["+decoder.bias.more"]);
    assert_eq!(layer, linear(2.0));
    // Without its dot it is another one.
    let error = Load::new().prefix("encoder").bytes(&mut layer, &bytes).unwrap_err();
    assert_eq!(error.to_string(), "tensor `encoderweight`: the file does not have it");
}

#[test]
fn names_are_mapped() {
    type Net = Sequential![Linear<3, 2>, Relu, Linear<3, 2>];
    let bytes = floats(&[
        ("m.fc1.weight", WEIGHT, 1.0),
        ("m.fc1.bias", &[2], 10.0),
        ("m.kernel", WEIGHT, 2.0),
        ("m.fc2.bias", &[2], 20.0),
    ]);
    let mut net = Net::BLANK;
    let names = [("0", "fc1"), ("2.weight", "kernel"), ("2", "fc2")];
    Load::new().prefix("m.").names(&names).bytes(&mut net, &bytes).unwrap();
    assert_eq!((net.0.0, net.0.1.1), (linear(1.0), linear(2.0)));
    // Two layers that share their weights in the file.
    let shared = floats(&[("fc.weight", WEIGHT, 3.0), ("fc.bias", &[2], 30.0)]);
    Load::new().names(&[("0", "fc"), ("2", "fc")]).bytes(&mut net, &shared).unwrap();
    assert_eq!((net.0.0, net.0.1.1), (linear(3.0), linear(3.0)));
    let more = floats(&[("fc.weight", WEIGHT, 3.0), ("fc.bias", &[2], 30.0), ("left", &[], 0.0)]);
    assert_eq!(reports(Load::new().names(&[("0", "fc"), ("2", "fc")]), &mut net, &more), ["+left"]);
}

#[test]
fn names_may_be_written_in_escapes() {
    #[derive(Module)]
    struct Named {
        #[module(name = "größe \"x\"\\")]
        size: Param<[f32; 2]>,
        #[module(name = "a\nb\u{1f}")]
        control: Param<[f32; 1]>,
    }
    let net = Named { size: Param(Tensor([1.0, 2.0])), control: Param(Tensor([3.0])) };
    let bytes = saved(&net);
    let names: Vec<String> = SafeTensors::parse(&bytes).unwrap().tensors().map(|t| t.name().to_string()).collect();
    assert_eq!(names, ["größe \"x\"\\", "a\nb\u{1f}"]);
    let reference = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert!(reference.tensor("größe \"x\"\\").is_ok() && reference.tensor("a\nb\u{1f}").is_ok());
    let again = Named::from_bytes(&bytes).unwrap();
    assert_eq!((again.size, again.control), (net.size, net.control));
    // As Python's `json` writes it.
    let escaped = floats(&[("gr\\u00f6\\u00dfe \\\"x\\\"\\\\", &[2], 5.0), ("a\\nb\\u001f", &[1], 7.0)]);
    assert_eq!(Named::from_bytes(&escaped).unwrap().size.0, Tensor([5.0, 6.0]));
}

#[test]
fn batches_are_not_counted() {
    type Norm = BatchNorm1d<2>;
    let count = r#""num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[32,40]}"#;
    let of = |i: usize| format!(r#"{{"dtype":"F32","shape":[2],"data_offsets":[{},{}]}}"#, 8 * i, 8 * i + 8);
    let names = ["weight", "bias", "running_mean", "running_var"];
    let tensors: Vec<String> = names.iter().enumerate().map(|(i, name)| format!(r#""{name}":{}"#, of(i))).collect();
    let bytes = file(&format!("{{{},{count}}}", tensors.join(",")), &[0; 40]);
    assert!(Norm::from_bytes(&bytes).is_ok());
    let twice = count.replace("32,40", "40,48");
    let error = Norm::from_bytes(&file(&format!("{{{},{count},{twice}}}", tensors.join(",")), &[0; 48])).err().unwrap();
    assert!(matches!(error.problem(), Problem::Duplicate), "{error}");
    // Where nothing is normalised it is a stranger.
    let lonely = file(r#"{"num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"#, &[0; 8]);
    assert_eq!(Relu::from_bytes(&lonely).unwrap_err().tensor(), Some("num_batches_tracked"));
}

static BASE: Linear<3, 2> = Linear::new(Param(Tensor([[1.0; 2]; 3])), Param(Tensor([2.0; 2])));

#[test]
fn what_is_absent_is_not_saved_and_what_is_borrowed_not_loaded() {
    type Net<'b> = (&'b Linear<3, 2>, Option<Linear<3, 2>>, Option<Linear<3, 2>>);
    let net: Net<'_> = (&BASE, None, Some(linear(1.0)));
    let bytes = saved(&net);
    let mut names: Vec<String> = SafeTensors::parse(&bytes).unwrap().tensors().map(|t| t.name().to_string()).collect();
    names.sort();
    assert_eq!(names, ["0.bias", "0.weight", "2.bias", "2.weight"]);
    let base = linear(7.0);
    let mut other: Net<'_> = (&base, None, Some(linear(3.0)));
    other.load_bytes(&bytes).unwrap();
    assert_eq!(other, (&base, None, Some(linear(1.0))));
    let mut absent: Net<'_> = (&base, None, None);
    assert_eq!(absent.load_bytes(&bytes).unwrap_err().tensor(), Some("2.weight"));
}

#[test]
fn a_file_that_is_not_there_says_its_path() {
    let folder = Folder::new("not-there");
    let path = folder.path("net.safetensors");
    let error = Mlp::load(&path).unwrap_err();
    assert!(matches!(error.problem(), Problem::Io(e) if e.kind() == std::io::ErrorKind::NotFound), "{error}");
    assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    let error = Mlp::BLANK.save(folder.path("no/such/folder")).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().contains("no/such/folder"), "{error}");
    assert!(Mlp::BLANK.save("/").is_err());
}

#[test]
fn saving_replaces_a_file() {
    let folder = Folder::new("replaces");
    let path = folder.path("net.safetensors");
    let rng = &mut SmallRng::seed_from_u64(0);
    for _ in 0..3 {
        let net = Mlp::init(rng);
        net.save(&path).unwrap();
        assert_eq!(Mlp::load(&path).unwrap(), net);
        assert_eq!(folder.names(), ["net.safetensors"], "nothing else is left there");
    }
    let error = Linear::<64, 32>::load(&path).unwrap_err();
    let says = format!("{}: tensor `weight`: the file does not have it", path.display());
    assert_eq!(error.to_string(), says);
}

#[cfg(unix)]
#[test]
fn saving_keeps_links_and_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new("links");
    let (path, link) = (folder.path("run5.safetensors"), folder.path("latest.safetensors"));
    let net = Mlp::init(&mut SmallRng::seed_from_u64(0));
    Mlp::BLANK.save(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("run5.safetensors", &link).unwrap();
    net.save(&link).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(Mlp::load(&path).unwrap(), net);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_short_buffer_is_left_alone() {
    let net = linear(1.0);
    let needed = net.saved_len();
    let mut buffer = vec![7; needed - 1];
    let error = net.save_bytes(&mut buffer).unwrap_err();
    assert_eq!((error.needed, error.found), (needed, needed - 1));
    assert_eq!(error.to_string(), format!("the file has {needed} bytes, and the buffer {}", needed - 1));
    assert!(buffer.iter().all(|&byte| byte == 7));
    // A sink that stops.
    let mut left = 3;
    let stopped = net.save_to(|_| {
        left -= 1;
        if left == 0 { Err("full") } else { Ok(()) }
    });
    assert_eq!((stopped, left), (Err("full"), 0));
}

/// What is larger than a stack is never on one.
#[test]
fn a_large_model_is_loaded_on_the_heap() {
    type Large = Sequential![Linear<1024, 1024>, Relu, Linear<1024, 10>];
    let run = || {
        let folder = Folder::new("large");
        let path = folder.path("net.safetensors");
        let net = Large::init_boxed(&mut SmallRng::seed_from_u64(0));
        net.save(&path).unwrap();
        assert!(*Large::load_boxed(&path).unwrap() == *net);
    };
    std::thread::Builder::new().stack_size(128 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn what_is_in_a_file_can_be_listed() {
    let bytes = model_bytes("digits_cnn");
    let lines: Vec<String> = SafeTensors::parse(&bytes).unwrap().tensors().map(|tensor| tensor.to_string()).collect();
    assert_eq!(lines[0], "features.1.num_batches_tracked: I64 []");
    assert_eq!(lines[3], "features.0.weight: F32 [8, 1, 3, 3]");
    assert_eq!(lines.len(), 10);
}
