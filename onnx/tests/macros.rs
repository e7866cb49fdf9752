//! `onnx!`: models that are imported when this test is compiled answer as ONNX Runtime does.

use adamant::prelude::*;
use adamant_onnx::onnx;

mod common;
use common::{bytes, check, tensor};

macro_rules! answers {
    ($($test:ident: $model:ident = $static:ident of $file:literal ($input:ty) -> $output:ty;)+) => {$(
        onnx!($model, $file);

        #[test]
        fn $test() {
            let expected = bytes(&$file.replace("tests/", "").replace(".onnx", ".expected.safetensors"));
            let y: Tensor<$output> = $static.forward(&tensor::<$input>(&expected, "input"));
            check($file, &expected, "output", &y);
            let _: &$model = &$static;
        }
    )+};
}

answers! {
    branches: Branches = BRANCHES of "tests/models/branches.onnx" ([[f32; 6]; 3]) -> [[f32; 3]; 3];
    depthwise: Depthwise4 = DEPTHWISE4 of "tests/models/depthwise.onnx" ([[[[f32; 12]; 12]; 4]; 1]) -> [[[[f32; 6]; 6]; 8]; 1];
    encoder_layer: EncoderLayer = ENCODER_LAYER of "tests/models/encoder_layer.onnx" ([[[f32; 16]; 5]; 2]) -> [[[f32; 16]; 5]; 2];
    gru: GruNet = GRU_NET of "tests/models/gru.onnx" ([[[f32; 8]; 6]; 2]) -> [[f32; 5]; 2];
    lstm: LstmNet = LSTM_NET of "tests/models/lstm.onnx" ([[[f32; 8]; 6]; 2]) -> [[f32; 5]; 2];
    lenet: LeNet = LE_NET of "tests/models/lenet.onnx" ([[[[f32; 28]; 28]; 1]; 2]) -> [[f32; 10]; 2];
    mlp: Mlp = MLP of "tests/models/mlp.onnx" ([[f32; 64]; 4]) -> [[f32; 10]; 4];
    mlp_dynamo: MlpDynamo = MLP_DYNAMO of "tests/models/mlp_dynamo.onnx" ([[f32; 64]; 4]) -> [[f32; 10]; 4];
    mlp_opset13: MlpOpset13 = MLP_OPSET13 of "tests/models/mlp_opset13.onnx" ([[f32; 16]; 1]) -> [[f32; 8]; 1];
    resnet: ResNet = RES_NET of "tests/models/resnet.onnx" ([[[[f32; 16]; 16]; 1]; 2]) -> [[f32; 10]; 2];
}

/// A size that the file only names, and weights beside the file.
#[test]
fn sizes_and_other_files() {
    onnx!(SizedNet, "tests/sized/attention.onnx", sequence = 4);
    onnx!(External, "tests/models/external_dynamo.onnx");
    let y: Tensor<[[[f32; 3]; 4]; 2]> = SIZED_NET.forward(&Tensor([[[0.5; 8]; 4]; 2]));
    let expected = bytes("models/external_dynamo.expected.safetensors");
    let z: Tensor<[[f32; 3]; 4]> = EXTERNAL.forward(&tensor::<[[f32; 6]; 4]>(&expected, "input"));
    check("external", &expected, "output", &z);
    assert!(y.iter().all(|y| y.is_finite()));
}

mod inner {
    adamant_onnx::onnx!(pub Visible, "tests/models/mlp.onnx");
}

#[test]
fn it_may_be_public_and_stand_in_a_function() {
    onnx!(Local, "tests/models/mlp.onnx");
    let x = Tensor([[0.25f32; 64]; 3]);
    let y: Tensor<[[f32; 10]; 3]> = LOCAL.forward(&x);
    assert_eq!(y, inner::VISIBLE.forward(&x));
    let copy: inner::Visible = inner::VISIBLE;
    let _: Local = copy;
}
