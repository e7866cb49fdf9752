//! Every model in `models/` is written as it was recorded, compiles, and answers as ONNX Runtime does.
//!
//! `ADAMANT_RECORD=1 cargo test --test models` records anew; read what has changed.
//! `models/README.md` says where the files come from.

use adamant::prelude::*;
use adamant_onnx::Import;

mod common;
use common::{bytes, check, path, tensor};

macro_rules! test_each {
    ($($name:ident($($input:ty),+) -> ($($output:ty),+);)+) => {
        /// What the command writes, as a person's program would have it.
        mod recorded {$(
            #[rustfmt::skip]
            pub mod $name;
        )+}

        const NAMES: &[&str] = &[$(stringify!($name)),+];

        $(#[test]
        fn $name() {
            let name = stringify!($name);
            let imported = Import::new("Net").file(path(&format!("models/{name}.onnx"))).unwrap_or_else(|e| panic!("{e}"));
            compare(name, &imported.source);
            let net = Box::new(recorded::$name::Net::from_bytes(&imported.weights).unwrap());
            let expected = bytes(&format!("models/{name}.expected.safetensors"));
            answer!(net, expected, name, [$($input),+] [$($output),+]);
        })+
    };
}

/// Asks a model, and compares its answers.
macro_rules! answer {
    ($net:ident, $file:ident, $name:ident, [[[i64; 6]; 2]] [$output:ty]) => {
        let y: Tensor<$output> = $net.forward(&tensor::<[[i64; 6]; 2]>(&$file, "input"));
        check($name, &$file, "output", &y);
    };
    ($net:ident, $file:ident, $name:ident, [$input:ty] [$output:ty]) => {
        let y: Tensor<$output> = $net.forward(&tensor::<$input>(&$file, "input"));
        check($name, &$file, "output", &y);
    };
    ($net:ident, $file:ident, $name:ident, [$input:ty] [$a:ty, $b:ty]) => {
        let (a, b): (Tensor<$a>, Tensor<$b>) = $net.forward(&tensor::<$input>(&$file, "input"));
        check($name, &$file, "output", &a);
        check($name, &$file, "output2", &b);
    };
    ($net:ident, $file:ident, $name:ident, [$input:ty] [$a:ty, $b:ty, $c:ty]) => {
        let (a, b, c): (Tensor<$a>, Tensor<$b>, Tensor<$c>) = $net.forward(&tensor::<$input>(&$file, "input"));
        check($name, &$file, "output", &a);
        check($name, &$file, "output2", &b);
        check($name, &$file, "output3", &c);
    };
    ($net:ident, $file:ident, $name:ident, [$a:ty, $b:ty] [$output:ty]) => {
        let y: Tensor<$output> = $net.forward(tensor::<$a>(&$file, "input"), tensor::<$b>(&$file, "input2"));
        check($name, &$file, "output", &y);
    };
    ($net:ident, $file:ident, $name:ident, [$a:ty, $b:ty] [$c:ty, $d:ty]) => {
        let (c, d): (Tensor<$c>, Tensor<$d>) = $net.forward(tensor::<$a>(&$file, "input"), tensor::<$b>(&$file, "input2"));
        check($name, &$file, "output", &c);
        check($name, &$file, "output2", &d);
    };
}

test_each! {
    branches([[f32; 6]; 3]) -> ([[f32; 3]; 3]);
    depthwise([[[[f32; 12]; 12]; 4]; 1]) -> ([[[[f32; 6]; 6]; 8]; 1]);
    encoder_layer([[[f32; 16]; 5]; 2]) -> ([[[f32; 16]; 5]; 2]);
    gru([[[f32; 8]; 6]; 2]) -> ([[f32; 5]; 2]);
    lstm([[[f32; 8]; 6]; 2]) -> ([[f32; 5]; 2]);
    lenet([[[[f32; 28]; 28]; 1]; 2]) -> ([[f32; 10]; 2]);
    mlp([[f32; 64]; 4]) -> ([[f32; 10]; 4]);
    mlp_dynamo([[f32; 64]; 4]) -> ([[f32; 10]; 4]);
    mlp_opset13([[f32; 16]; 1]) -> ([[f32; 8]; 1]);
    resnet([[[[f32; 16]; 16]; 1]; 2]) -> ([[f32; 10]; 2]);
    bn_chain([[f32; 6]; 4]) -> ([[f32; 3]; 4]);
    signal([[[f32; 32]; 2]; 2]) -> ([[f32; 3]; 2]);
    conv_bn_act([[[[f32; 10]; 9]; 3]; 2]) -> ([[f32; 4]; 2]);
    decoder([[f32; 5]; 2]) -> ([[[[f32; 16]; 16]; 1]; 2]);
    gelus([[f32; 5]; 3]) -> ([[f32; 4]; 3]);
    norms13([[f32; 5]; 3]) -> ([[f32; 6]; 3]);
    groupnorm([[[[f32; 6]; 6]; 2]; 2]) -> ([[[[f32; 4]; 4]; 2]; 2]);
    lstm_bi([[[f32; 4]; 6]; 2]) -> ([[f32; 3]; 2]);
    gru2([[[f32; 4]; 6]; 2]) -> ([[f32; 3]; 2]);
    rnn_seq([[[f32; 4]; 2]; 6]) -> ([[[f32; 3]; 2]; 6]);
    squeeze([[[[f32; 8]; 8]; 3]; 2]) -> ([[f32; 2]; 2]);
    gpt([[i64; 6]; 2]) -> ([[[f32; 11]; 6]; 2]);
    mha([[[f32; 8]; 5]; 2]) -> ([[[f32; 8]; 5]; 2]);
    two_inputs([[f32; 3]; 2], [[f32; 5]; 2]) -> ([[f32; 4]; 2], [[f32; 4]; 2]);
    dynamic_cnn([[[[f32; 8]; 8]; 1]; 2]) -> ([[f32; 3]; 2]);
    normalize([[f32; 4]; 3]) -> ([[f32; 6]; 3]);
    constants([[f32; 4]; 3]) -> ([[f32; 6]; 3]);
    shuffle([[[[f32; 5]; 5]; 1]; 1]) -> ([[[[f32; 10]; 10]; 1]; 1]);
    unet([[[[f32; 8]; 8]; 1]; 1]) -> ([[[[f32; 8]; 8]; 1]; 1]);
    causal([[[f32; 10]; 2]; 2]) -> ([[[f32; 10]; 2]; 2]);
    bilinear([[[[f32; 5]; 5]; 1]; 2]) -> ([[[[f32; 7]; 5]; 2]; 2]);
    vit([[[[f32; 8]; 8]; 1]; 2]) -> ([[f32; 3]; 2]);
    mixer([[[f32; 4]; 5]; 2]) -> ([[f32; 4]; 2]);
    glu([[f32; 4]; 2]) -> ([[f32; 3]; 2]);
    encoder_dynamo([[[f32; 8]; 5]; 2]) -> ([[[f32; 8]; 5]; 2]);
    norms_dynamo([[[[f32; 6]; 6]; 2]; 2]) -> ([[f32; 4]; 2]);
    activations_dynamo([[f32; 4]; 3]) -> ([[f32; 4]; 3]);
    upsampling_dynamo([[[[f32; 4]; 4]; 2]; 1]) -> ([[[[f32; 32]; 32]; 1]; 1]);
    dyn_attn([[[f32; 8]; 6]; 2]) -> ([[[f32; 8]; 6]; 2]);
    dyn_lstm([[[f32; 4]; 6]; 2]) -> ([[f32; 3]; 2]);
    flip([[f32; 4]; 2]) -> ([[f32; 3]; 2]);
    choice([[f32; 4]; 2]) -> ([[f32; 4]; 2]);
    tcn([[[f32; 16]; 2]; 2]) -> ([[f32; 3]; 2]);
    vae([[f32; 6]; 2]) -> ([[f32; 6]; 2], [[f32; 2]; 2], [[f32; 2]; 2]);
    rms([[f32; 4]; 2]) -> ([[f32; 2]; 2]);
    pools_ceil([[[[f32; 9]; 9]; 1]; 2]) -> ([[f32; 2]; 2]);
    unfolded([[[[f32; 4]; 4]; 3]; 2]) -> ([[f32; 3]; 2]);
    shared([[f32; 4]; 2]) -> ([[f32; 4]; 2]);
    film([[[[f32; 5]; 5]; 1]; 2], [[f32; 2]; 2]) -> ([[[[f32; 3]; 3]; 3]; 2]);
    opset21([[[[f32; 6]; 6]; 2]; 2]) -> ([[f32; 4]; 2]);
    attention_parts([[[f32; 8]; 5]; 2]) -> ([[[f32; 3]; 5]; 2]);
    encoder_stack_dynamo([[[f32; 3]; 5]; 2]) -> ([[f32; 4]; 2]);
    cross([[[f32; 8]; 5]; 2], [[[f32; 8]; 3]; 2]) -> ([[[f32; 8]; 5]; 2]);
    multi_out([[f32; 4]; 2]) -> ([[f32; 2]; 2], [f32; 2]);
    norm_conv([[[[f32; 5]; 5]; 3]; 2]) -> ([[[[f32; 3]; 3]; 4]; 2]);
    external_dynamo([[f32; 6]; 4]) -> ([[f32; 3]; 4]);
    mobilenet([[[[f32; 16]; 16]; 3]; 1]) -> ([[f32; 5]; 1]);
}

/// Compares a text with the recorded one, or records it.
fn compare(name: &str, source: &str) {
    let file = path(&format!("recorded/{name}.rs"));
    if std::env::var_os("ADAMANT_RECORD").is_some() {
        std::fs::write(&file, source).unwrap();
    }
    let recorded = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(source == recorded, "{name} is written otherwise than recorded (`ADAMANT_RECORD=1` records it):\n{source}");
}

#[test]
fn every_file_is_tested() {
    let files = std::fs::read_dir(path("models")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = files.filter_map(|name| Some(name.strip_suffix(".onnx")?.to_owned())).collect();
    files.sort();
    let mut names: Vec<&str> = NAMES.to_vec();
    names.sort();
    assert_eq!(files, names);
}

/// What is written is as `rustfmt` would write it, where that is installed.
#[test]
fn it_is_formatted() {
    let folder = std::env::temp_dir().join(format!("adamant-onnx-formatted-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files: Vec<_> = NAMES
        .iter()
        .map(|name| {
            // Away from the settings of this package.
            let copy = folder.join(format!("{name}.rs"));
            std::fs::copy(path(&format!("recorded/{name}.rs")), &copy).unwrap();
            copy
        })
        .collect();
    let output = std::process::Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(&files).output();
    std::fs::remove_dir_all(&folder).unwrap();
    if let Ok(output) = output {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
