//! Models in constants: what `weights!` makes when a program is compiled is what is loaded when it runs.

use adamant::prelude::*;

use crate::files::model_path;
use crate::models::{Cnn, GruNet, Mlp, check_cnn, check_gru, check_mlp, check_rounded};

static MLP: Mlp = weights!("tests/models/digits_mlp.safetensors");

#[test]
fn a_chain() {
    assert_eq!(MLP, Mlp::load(model_path("digits_mlp")).unwrap());
    check_mlp(&MLP, 1e-5);
}

#[test]
fn a_struct_with_running_statistics() {
    static CNN: Cnn = weights!("tests/models/digits_cnn.safetensors");
    assert_eq!(CNN, Cnn::load(model_path("digits_cnn")).unwrap());
    check_cnn(&CNN);
}

#[test]
fn a_layer_of_ones_own() {
    static GRU: GruNet = weights!("tests/models/digits_gru.safetensors");
    assert_eq!(GRU, GruNet::load(model_path("digits_gru")).unwrap());
    check_gru(&GRU);
}

#[test]
fn other_numbers_are_converted_if_that_is_asked_for() {
    static F16: Mlp = weights!("tests/models/digits_mlp_float16.safetensors", as f32);
    static BF16: Mlp = weights!("tests/models/digits_mlp_bfloat16.safetensors", as f32);
    static F64: Mlp = weights!("tests/models/digits_mlp_float64.safetensors", as f32);
    check_rounded(&F16, &MLP, |x| half::f16::from_f32(x).to_f32());
    check_rounded(&BF16, &MLP, |x| half::bf16::from_f32(x).to_f32());
    check_rounded(&F64, &MLP, |x| x);
    type Double = Sequential![Linear<64, 32, Bias, f64>, Relu, Linear<32, 10, Bias, f64>];
    static DOUBLE: Double = weights!("tests/models/digits_mlp.safetensors", as f64);
    assert_eq!(DOUBLE.to_flat::<f32>(), MLP.to_flat::<f32>());
}

#[test]
fn a_file_may_have_other_names() {
    #[derive(Module)]
    struct Net {
        hidden: Linear<64, 32>,
        relu: Relu,
        output: Linear<32, 10>,
    }
    static NET: Net = weights!("tests/models/digits_mlp.safetensors", names("hidden" = "0", "output" = "2"));
    assert_eq!((&NET.hidden, &NET.output), (&MLP.0.0, &MLP.0.1.1));
}

/// A base in flash and a head in RAM, both out of one file.
#[test]
fn a_part_of_a_file_is_a_model() {
    static FIRST: Linear<64, 32> = weights!("tests/models/digits_mlp.safetensors", prefix = "0.");
    const SECOND: Linear<32, 10> = weights!("tests/models/digits_mlp.safetensors", prefix = "2.");
    let mut tuned = sequential![Frozen(&FIRST), Relu, SECOND];
    let x = Tensor([[0.5; 64]; 4]);
    assert_eq!(tuned.forward(&x), MLP.forward(&x));
    let loss = |p: &mut Tensor<_>| cross_entropy(p, &[3u8; 4], Reduction::Mean);
    let (before, grads) = tuned.gradients(&x, loss);
    Sgd::new(&tuned).lr(0.1).step(&mut tuned, &grads);
    assert!(tuned.gradients(&x, loss).0 < before);
    assert_eq!(FIRST, MLP.0.0);
}

/// A file may stand in the program itself, as a macro writes it that makes weights of something else.
#[test]
fn from_bytes() {
    static NET: Linear<1, 2, NoBias> = weights!(
        b"\x40\0\0\0\0\0\0\0{\"weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}   \0\0\x80\x3f\0\0\0\xc0"
    );
    assert_eq!(NET.forward(&Tensor([3.0])), Tensor([3.0, -6.0]));
}
