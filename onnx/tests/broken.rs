//! Files that are broken, or beyond what is supported: an error that says where and what, never a panic, and no memory that a file asks for.
//!
//! `ADAMANT_FUZZ_SECONDS=600 cargo test --release --test broken -- --ignored --nocapture fuzz` looks for more, as long as it says.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use adamant::prelude::*;
use adamant_onnx::{Import, Imported};
use adamant_onnx_import::proto::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto};
use prost::Message;

mod common;
use common::path;

/// All models, by their names.
static MODELS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let mut models: Vec<_> = std::fs::read_dir(path("models"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| file.extension().is_some_and(|ending| ending == "onnx") && !file.ends_with("external_dynamo.onnx"))
        .map(|file| (file.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(&file).unwrap()))
        .collect();
    models.sort();
    models
});

fn model(name: &str) -> ModelProto {
    let (_, bytes) = MODELS.iter().find(|(own, _)| own == name).unwrap();
    ModelProto::decode(&bytes[..]).unwrap()
}

fn import(bytes: &[u8]) -> adamant_onnx::Result<Imported> {
    Import::new("Net").bytes(bytes)
}

/// The error of a model that is changed so.
fn broken(name: &str, change: impl FnOnce(&mut GraphProto)) -> String {
    let mut model = model(name);
    change(model.graph.as_mut().unwrap());
    import(&model.encode_to_vec()).expect_err("it is imported").to_string()
}

#[track_caller]
fn says(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

#[test]
fn cut_files() {
    for (name, bytes) in &*MODELS {
        let whole = import(bytes).unwrap();
        let step = (bytes.len() / 150).max(1);
        let near_the_end = bytes.len().saturating_sub(40)..bytes.len();
        for cut in (0..bytes.len()).step_by(step).chain(near_the_end) {
            match import(&bytes[..cut]) {
                Err(error) => assert!(!error.to_string().is_empty()),
                // What follows is notes.
                Ok(imported) => assert!(imported == whole && cut + 40 > bytes.len(), "{name} to {cut}"),
            }
        }
    }
    says(
        &import(&[]).unwrap_err().to_string(),
        &["it does not say which opset it uses", "help: is it an ONNX file, and a whole one?"],
    );
    says(&import(b"no model").unwrap_err().to_string(), &["it is no ONNX file, or a part of one", "is it cut short?"]);
}

#[test]
fn initialisers_that_are_missing_or_wrong() {
    for index in 0..4 {
        let (name, _) = [("2.weight", 0), ("2.bias", 0), ("0.weight", 0), ("0.bias", 0)][index];
        let error = broken("mlp", |graph| graph.initializer.retain(|tensor| tensor.name != name));
        says(&error, &["node `/", "(Gemm): its input `", name, "` is given by no node before it, no input and no initialiser"]);
    }
    let at = |change: fn(&mut TensorProto)| broken("mlp", |graph| change(&mut graph.initializer[0]));
    says(&at(|t| t.dims = vec![-32, 64]), &["tensor `0.weight`: it has the sizes [-32, 64], and none can be negative"]);
    says(
        &at(|t| t.dims = vec![1 << 62, 4]),
        &["tensor `0.weight`: sizes of [4611686018427387904, 4] are more than 2147483648 numbers"],
    );
    says(&at(|t| t.dims = vec![1 << 40, 0]), &["sizes of [1099511627776, 0] are more than"]);
    says(&at(|t| t.dims = vec![1; 9]), &["there are 9 dimensions, and 8 are the most"]);
    says(&at(|t| t.dims = vec![32, 63]), &["sizes of [32, 63] are 2016 numbers, and 2048 are there"]);
    says(&at(|t| t.dims = vec![64, 32]), &["sizes of [4, 64] do not multiply with a weight of 32 rows"]);
    says(&at(|t| t.raw_data.truncate(7)), &["7 bytes are no whole number of 4 each"]);
    says(&at(|t| t.data_type = 8), &["its numbers are of the type string, which is not supported"]);
    says(&at(|t| t.data_type = 99), &["its numbers are of the type number 99"]);
    says(&at(|t| t.data_type = 7), &["sizes of [32, 64] are 2048 numbers, and 1024 are there"]);
    says(&at(|t| (t.data_location, t.raw_data) = (1, vec![])), &["its numbers lie in another file, ``, which is not read"]);
    says(&at(|t| t.data_location = 7), &["its numbers are at a location 7"]);
    // A size of 0 does not make the others harmless.
    let empty = broken("gru", |graph| {
        let constant = |dims: &[i64]| TensorProto {
            name: "empty".to_owned(),
            data_type: 1,
            dims: dims.to_vec(),
            ..TensorProto::default()
        };
        graph.initializer.push(constant(&[1 << 30, 0]));
        (graph.node[1].op_type, graph.node[1].input) = ("ReduceSum".to_owned(), vec!["empty".to_owned()]);
    });
    says(&empty, &["node `/r/"]);
    let integers = broken("mlp", |graph| {
        let weight = &mut graph.initializer[0];
        (weight.data_type, weight.raw_data, weight.int64_data) = (7, vec![], vec![1; 2048]);
    });
    says(&integers, &["node `/0/Gemm` (Gemm)", "floats are expected, and a constant of integers stands there"]);
    says(
        &broken("mlp", |graph| graph.initializer.push(graph.initializer[0].clone())),
        &["tensor `0.weight`: there are two of this name"],
    );
}

/// Weights in another file: only in the folder of the model, and as many as it says.
#[test]
fn files_beside_the_model() {
    let bytes = std::fs::read(path("models/external_dynamo.onnx")).unwrap();
    says(
        &import(&bytes).unwrap_err().to_string(),
        &["tensor `0.weight`: its numbers lie in another file, `ext.onnx.data`", "imported by the path"],
    );
    let folder = std::env::temp_dir().join(format!("adamant-onnx-beside-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let changed = |key: &str, value: &str| {
        let mut model = ModelProto::decode(&bytes[..]).unwrap();
        let entries = &mut model.graph.as_mut().unwrap().initializer[0].external_data;
        entries.retain(|entry| entry.key != key);
        entries.push(adamant_onnx_import::proto::StringStringEntryProto { key: key.to_owned(), value: value.to_owned() });
        std::fs::write(folder.join("net.onnx"), model.encode_to_vec()).unwrap();
        Import::new("Net").file(folder.join("net.onnx")).unwrap_err().to_string()
    };
    for outside in ["../ext.onnx.data", "/outside", ""] {
        says(&changed("location", outside), &[&format!("its numbers lie in another file, `{outside}`, which is not read")]);
    }
    says(&changed("location", "nothing"), &["its numbers lie in `nothing`, which cannot be read"]);
    std::fs::copy(path("models/ext.onnx.data"), folder.join("ext.onnx.data")).unwrap();
    says(&changed("offset", "99999999999999999999"), &["the `offset` of its external data is no number"]);
    says(&changed("offset", "1440"), &["its numbers end outside of `ext.onnx.data`, which is 1440 bytes long"]);
    says(&changed("length", "7"), &["7 bytes are no whole number of 4 each"]);
    says(&changed("length", "40"), &["sizes of [40, 6] are 240 numbers, and 10 are there"]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn graphs_that_are_none() {
    says(&broken("mlp", |graph| graph.node.reverse()), &["its input `/1/Relu_output_0` is given by no node before it"]);
    let cycle = broken("mlp", |graph| graph.node[0].input[0] = graph.node[1].output[0].clone());
    says(&cycle, &["node `/0/Gemm` (Gemm): its input `/1/Relu_output_0` is given by no node before it"]);
    let own = broken("mlp", |graph| graph.node[1].input[0] = graph.node[1].output[0].clone());
    says(&own, &["node `/1/Relu` (Relu)"]);
    let twice = broken("mlp", |graph| graph.node[1].output[0] = graph.node[0].output[0].clone());
    says(&twice, &["node `/1/Relu` (Relu): there is another `/0/Gemm_output_0` before it"]);
    says(&broken("mlp", |graph| graph.output[0].name = "nothing".to_owned()), &["output `nothing`: no node gives it"]);
    says(&broken("mlp", |graph| graph.output.clear()), &["its graph has no output"]);
    says(&broken("mlp", |graph| graph.input.clear()), &["its graph has no input, so that there is nothing to compute from"]);
    says(&broken("mlp", |graph| graph.node.clear()), &["output `output`: no node gives it"]);
    let same = broken("mlp", |graph| graph.output[0].name = graph.input[0].name.clone());
    says(&same, &["its outputs are its inputs: there is nothing to compute"]);
    let constant = broken("mlp", |graph| graph.output[0].name = "0.weight".to_owned());
    says(&constant, &["output `0.weight`: it does not depend on any input"]);
    says(&broken("mlp", |graph| graph.input.push(graph.input[0].clone())), &["input `input`: there are two of this name"]);
}

#[test]
fn inputs_of_no_shape() {
    let sized = |sizes: &'static [i64]| {
        broken("mlp", |graph| {
            let shape = graph.input[0].r#type.as_mut().unwrap().tensor_type.as_mut().unwrap().shape.as_mut().unwrap();
            shape.dim = sizes
                .iter()
                .map(|&n| adamant_onnx_import::proto::DimensionProto { dim_value: Some(n), dim_param: None })
                .collect();
        })
    };
    says(&sized(&[-4, 64]), &["input `input`: its size 0 is -4"]);
    says(&sized(&[4, 0]), &["its size 1 is 0"]);
    says(&sized(&[1 << 40, 64]), &["input `input`: sizes of [1099511627776, 64] are more than"]);
    says(&sized(&[4, 63]), &["sizes of [4, 63] do not multiply with a weight of 64 rows"]);
    says(&sized(&[4]), &["node `/0/Gemm` (Gemm): its first input has the sizes [4], and is no matrix"]);
    says(&broken("mlp", |graph| graph.input[0].r#type = None), &["input `input`: it is no tensor"]);
    let named = broken("mlp", |graph| {
        let shape = graph.input[0].r#type.as_mut().unwrap().tensor_type.as_mut().unwrap().shape.as_mut().unwrap();
        (shape.dim[1].dim_value, shape.dim[1].dim_param) = (None, Some("features".to_owned()));
    });
    says(&named, &["its size 1 is not known, but called `features`", "help: say what it is, `--size features=32`"]);
    let elements = broken("mlp", |graph| graph.input[0].r#type.as_mut().unwrap().tensor_type.as_mut().unwrap().elem_type = 8);
    says(&elements, &["its numbers are of the type string, and only floats and indices are supported"]);
    let indices = broken("mlp", |graph| graph.input[0].r#type.as_mut().unwrap().tensor_type.as_mut().unwrap().elem_type = 7);
    says(&indices, &["node `/0/Gemm` (Gemm): it computes with an input of integers"]);
}

#[test]
fn what_is_not_supported_says_so() {
    let other = broken("mlp", |graph| graph.node[1].op_type = "Einsum".to_owned());
    says(
        &other,
        &["node `/1/Relu` (Einsum): the operation `Einsum` is not supported", "\nhelp: write that part of the model with"],
    );
    let domain = broken("mlp", |graph| graph.node[1].domain = "com.microsoft".to_owned());
    says(&domain, &["operations of the domain `com.microsoft` are not known", "inline_local_functions"]);
    let unnamed = broken("mlp", |graph| (graph.node[1].name, graph.node[1].op_type) = (String::new(), "Foo".to_owned()));
    says(&unnamed, &["node of `/1/Relu_output_0` (Foo): the operation `Foo`"]);
    for (version, is_known) in [(12, false), (13, true), (21, true), (22, false)] {
        let mut model = model("mlp");
        model.opset_import[0].version = version;
        let result = import(&model.encode_to_vec());
        assert_eq!(result.is_ok(), is_known);
        if let Err(error) = result {
            says(&error.to_string(), &[&format!("it uses opset {version}, and 13 to 21 are understood"), "opset_version=18"]);
        }
    }
    let state = broken("gru", |graph| {
        let zeros = graph.node[0].attribute[0].t.as_mut().unwrap();
        zeros.raw_data.fill(1);
    });
    says(&state, &["node `/r/GRU` (GRU): its first state is not zero", "starts from zeros"]);
    let pool = broken("lenet", |graph| {
        let pads = graph.node[2].attribute.iter_mut().find(|attribute| attribute.name == "pads").unwrap();
        pads.ints = vec![0, 0, 1, 1];
    });
    says(&pool, &["node `/2/AveragePool` (AveragePool): its padding differs between the sides", "help: pad before it"]);
}

/// Names of nodes and tensors are somebody's; what is not a name in Rust or in a file is none here.
#[test]
fn names_are_not_trusted() {
    let mut model = model("mlp");
    let graph = model.graph.as_mut().unwrap();
    graph.node[0].name = "/a\"]; evil() //\n/Gemm".to_owned();
    graph.node[2].name = format!("{}/Gemm", "/deep".repeat(100_000));
    for tensor in &mut graph.initializer {
        let other = format!("{}\"\\", tensor.name);
        graph
            .node
            .iter_mut()
            .flat_map(|node| &mut node.input)
            .filter(|name| **name == tensor.name)
            .for_each(|name| name.clone_from(&other));
        tensor.name = other;
    }
    let imported = import(&model.encode_to_vec()).unwrap();
    assert_eq!(imported.source.lines().last(), Some("pub type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];"));
    adamant::weights::SafeTensors::parse(&imported.weights).unwrap();
}

/// Long chains of operations neither exhaust the stack nor take forever.
#[test]
fn long_graphs() {
    let of_length = |length: usize, op: &'static str| {
        let mut model = model("mlp");
        let graph = model.graph.as_mut().unwrap();
        let mut last = graph.node[1].output[0].clone();
        for i in 0..length {
            let output = format!("long{i}");
            let input = if op == "Mul" { vec![last, "0".to_owned()] } else { vec![last] };
            let node = NodeProto { input, output: vec![output.clone()], op_type: op.to_owned(), ..NodeProto::default() };
            graph.node.insert(2 + i, node);
            last = output;
        }
        graph.node[2 + length].input[0] = last;
        let half = TensorProto { name: "0".to_owned(), data_type: 1, float_data: vec![0.5], ..TensorProto::default() };
        graph.initializer.push(half);
        import(&model.encode_to_vec())
    };
    assert!(of_length(500, "Mul").is_ok() && of_length(500, "Tanh").is_ok());
    says(&of_length(10_001, "Tanh").unwrap_err().to_string(), &["it has 10004 nodes, and 10000 are the most that are read"]);
}

/// What an import may be of: either it is refused with a reason, or there is source.
fn check(bytes: &[u8]) -> bool {
    let start = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| import(bytes)));
    assert!(start.elapsed() < Duration::from_secs(20), "it takes {:?}", start.elapsed());
    match result {
        Ok(Ok(imported)) => {
            assert!(imported.source.starts_with("use adamant::prelude::*;\n") && imported.weights.len() > 8);
            true
        }
        Ok(Err(error)) => {
            assert!(!error.to_string().is_empty());
            false
        }
        Err(panic) => {
            let file = std::env::temp_dir().join("adamant-onnx-panics.onnx");
            std::fs::write(&file, bytes).unwrap();
            eprintln!("the file is {}", file.display());
            std::panic::resume_unwind(panic);
        }
    }
}

const OPS: &str = "Add Sub Mul Div Pow Min Max Neg Abs Sqrt Exp Log Relu LeakyRelu Elu Clip PRelu Sigmoid Tanh Erf Gelu Softmax LogSoftmax \
    Gemm MatMul Conv ConvTranspose BatchNormalization InstanceNormalization LayerNormalization GroupNormalization MaxPool AveragePool \
    GlobalAveragePool GlobalMaxPool DepthToSpace Resize ReduceMean ReduceSum ReduceMax ReduceL2 ReduceProd Flatten Reshape Squeeze \
    Unsqueeze Transpose Concat Split Slice Gather Expand Tile Where Pad Shape Size Cast ConstantOfShape Range Trilu Not Equal Greater And \
    RNN GRU LSTM Identity Dropout Constant HardSigmoid Softplus Mod Sum Mean";

const NUMBERS: [i64; 18] =
    [0, 1, 2, 3, 4, 5, 7, 8, 16, -1, -2, -3, 1 << 20, 1 << 31, 1 << 40, i64::MAX, i64::MIN, i64::MIN + 1];

fn number(rng: &mut SmallRng) -> i64 {
    if rng.random_range(0..4) == 0 { rng.random_range(-4..40) } else { NUMBERS[rng.random_range(0..NUMBERS.len())] }
}

fn change_numbers(numbers: &mut Vec<i64>, rng: &mut SmallRng) {
    match rng.random_range(0..4) {
        0 if !numbers.is_empty() => drop(numbers.remove(rng.random_range(0..numbers.len()))),
        1 => numbers.insert(rng.random_range(0..=numbers.len()), number(rng)),
        _ if !numbers.is_empty() => {
            let at = rng.random_range(0..numbers.len());
            numbers[at] = number(rng);
        }
        _ => numbers.push(number(rng)),
    }
}

fn change_tensor(tensor: &mut TensorProto, rng: &mut SmallRng) {
    match rng.random_range(0..6) {
        0 | 1 => change_numbers(&mut tensor.dims, rng),
        2 => tensor.data_type = rng.random_range(0..18),
        3 => tensor.raw_data.truncate(rng.random_range(0..=tensor.raw_data.len())),
        // Integers that shapes are made of.
        _ if tensor.data_type == 7 && tensor.raw_data.len() >= 8 => {
            let at = 8 * rng.random_range(0..tensor.raw_data.len() / 8);
            tensor.raw_data[at..at + 8].copy_from_slice(&number(rng).to_le_bytes());
        }
        _ => {
            let mut values = vec![];
            (0..rng.random_range(0..4)).for_each(|_| values.push(number(rng)));
            (tensor.data_type, tensor.dims, tensor.raw_data, tensor.int64_data) =
                (7, vec![values.len() as i64], vec![], values);
        }
    }
}

fn change_attribute(attribute: &mut AttributeProto, rng: &mut SmallRng) {
    match rng.random_range(0..5) {
        0 => attribute.i = number(rng),
        1 => attribute.f = [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-9, 6.0][rng.random_range(0..6)],
        2 => change_numbers(&mut attribute.ints, rng),
        3 => {
            let names =
                ["axis", "pads", "strides", "group", "perm", "axes", "keepdims", "auto_pad", "kernel_shape", "num_groups"];
            attribute.name = names[rng.random_range(0..names.len())].to_owned();
        }
        _ => match attribute.t.as_mut() {
            Some(tensor) => change_tensor(tensor, rng),
            None => {
                let texts =
                    ["SAME_UPPER", "SAME_LOWER", "VALID", "reflect", "linear", "nearest", "reverse", "bidirectional", "tanh"];
                attribute.s = texts[rng.random_range(0..texts.len())].as_bytes().to_vec();
            }
        },
    }
}

fn change_node(nodes: &mut Vec<NodeProto>, names: &[String], rng: &mut SmallRng) {
    if nodes.is_empty() {
        return;
    }
    let (at, count) = (rng.random_range(0..nodes.len()), nodes.len());
    match rng.random_range(0..9) {
        0 => drop(nodes.remove(at)),
        1 => nodes.swap(at, rng.random_range(0..count)),
        2 => nodes.insert(at, nodes[rng.random_range(0..count)].clone()),
        3 | 4 => {
            let ops: Vec<&str> = OPS.split_whitespace().collect();
            nodes[at].op_type = ops[rng.random_range(0..ops.len())].to_owned();
        }
        5 | 6 => {
            let inputs = &mut nodes[at].input;
            let name =
                if rng.random_range(0..6) == 0 { String::new() } else { names[rng.random_range(0..names.len())].clone() };
            let place = rng.random_range(0..=inputs.len());
            if place < inputs.len() { inputs[place] = name } else { inputs.push(name) }
        }
        7 => drop(nodes[at].input.pop()),
        _ => {
            let attributes = &mut nodes[at].attribute;
            match (attributes.len(), rng.random_range(0..4)) {
                (0, _) => {
                    attributes.push(AttributeProto { name: "axis".to_owned(), i: number(rng), ..AttributeProto::default() })
                }
                (n, 0) => drop(attributes.remove(rng.random_range(0..n))),
                (n, _) => change_attribute(&mut attributes[rng.random_range(0..n)], rng),
            }
        }
    }
}

/// Changes a model in one of several ways that leave it a message.
fn change(model: &mut ModelProto, rng: &mut SmallRng) {
    let Some(graph) = model.graph.as_mut() else { return };
    let initialisers = graph.initializer.iter().map(|tensor| tensor.name.clone());
    let outputs = graph.node.iter().flat_map(|node| node.output.iter().cloned());
    let names: Vec<String> = graph.input.iter().map(|input| input.name.clone()).chain(initialisers).chain(outputs).collect();
    match rng.random_range(0..10) {
        0 if !graph.initializer.is_empty() => {
            let at = rng.random_range(0..graph.initializer.len());
            change_tensor(&mut graph.initializer[at], rng);
        }
        1 if !graph.input.is_empty() => {
            let at = rng.random_range(0..graph.input.len());
            let shape = graph.input[at].r#type.as_mut().and_then(|ty| ty.tensor_type.as_mut()).and_then(|ty| ty.shape.as_mut());
            if let Some(dim) = shape.and_then(|shape| {
                let n = shape.dim.len();
                shape.dim.get_mut(rng.random_range(0..n.max(1)))
            }) {
                dim.dim_value = if rng.random() { Some(number(rng)) } else { None };
            }
        }
        2 if !graph.output.is_empty() && !names.is_empty() => {
            graph.output[0].name = names[rng.random_range(0..names.len())].clone();
        }
        _ if !names.is_empty() => change_node(&mut graph.node, &names, rng),
        _ => {}
    }
}

/// Changes files until the time is over: messages, and bytes. What is still imported is changed further.
fn fuzz(mut is_over: impl FnMut(usize) -> bool, rng: &mut SmallRng) -> (usize, usize) {
    let mut corpus: Vec<Vec<u8>> = MODELS.iter().map(|(_, bytes)| bytes.clone()).filter(|bytes| bytes.len() < 40_000).collect();
    let seeds = corpus.len();
    let (mut files, mut imported) = (0, 0);
    while !is_over(files) {
        let mut bytes = corpus[rng.random_range(0..corpus.len())].clone();
        if rng.random_range(0..4) == 0 {
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(0..bytes.len());
                bytes[at] = if rng.random() { rng.random() } else { bytes[at] ^ (1 << rng.random_range(0..8)) };
            }
        } else if let Ok(mut model) = ModelProto::decode(&bytes[..]) {
            (0..rng.random_range(1..4)).for_each(|_| change(&mut model, rng));
            bytes = model.encode_to_vec();
        }
        files += 1;
        if check(&bytes) {
            imported += 1;
            if bytes.len() < 40_000 {
                match rng.random_range(seeds..seeds + 256) {
                    slot if slot < corpus.len() => corpus[slot] = bytes,
                    _ => corpus.push(bytes),
                }
            }
        }
    }
    (files, imported)
}

#[test]
fn several_hundred_changes() {
    let (files, imported) = fuzz(|files| files == 1500, &mut SmallRng::seed_from_u64(1));
    assert!(files == 1500 && imported > 100, "{imported} of {files} imported");
}

/// As many changes as there is time for.
#[test]
#[ignore = "runs for ten minutes"]
fn fuzz_for_a_while() {
    let seconds = std::env::var("ADAMANT_FUZZ_SECONDS").map_or(600, |seconds| seconds.parse().expect("a number of seconds"));
    let (start, time) = (Instant::now(), Duration::from_secs(seconds));
    let seed = std::process::id().into();
    println!("seed {seed}");
    let (files, imported) = fuzz(|_| start.elapsed() >= time, &mut SmallRng::seed_from_u64(seed));
    println!("{files} files in {seconds} s, {imported} of them imported, none with a panic");
}
