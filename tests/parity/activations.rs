//! Activations. The files do not name every layer's arguments; where they are not PyTorch's defaults, input and output tell.

use crate::golden::check_layer;
use adamant::prelude::*;

/// Checks a layer that keeps the shape.
fn check(name: &str, layer: impl Backprop<Tensor<[[f32; 8]; 4]>, Output = Tensor<[[f32; 8]; 4]>>) {
    check_layer(name, layer);
}

#[test]
fn element_by_element() {
    check("act_celu", Celu::new(0.5)); // −0.5 far below 0
    check("act_elu", Elu::new(0.7)); // y / (eˣ − 1) below 0
    check("act_gelu", Gelu);
    check("act_gelu_tanh", GeluTanh);
    check("act_hardsigmoid", Hardsigmoid);
    check("act_hardswish", Hardswish);
    check("act_hardtanh", Hardtanh::default());
    check("act_leaky_relu", LeakyRelu::new(0.1)); // y / x below 0
    check("act_logsigmoid", LogSigmoid);
    check("act_mish", Mish);
    check("act_relu", Relu);
    check("act_relu6", Relu6);
    check("act_selu", Selu);
    check("act_sigmoid", Sigmoid);
    check("act_silu", Silu);
    check("act_softplus", Softplus::default());
    check("act_softsign", Softsign);
    check("act_tanh", Tanh);
    check("act_tanhshrink", Tanhshrink);
}

#[test]
fn softmax() {
    check("act_softmax", Softmax::<-1>);
    check("act_softmax_dim0", Softmax::<0>);
    check("act_log_softmax", LogSoftmax::<-1>);
}

#[test]
fn glu() {
    check_layer::<_, [[f32; 8]; 4], [[f32; 4]; 4]>("act_glu", Glu::<-1>);
}

#[test]
fn prelu() {
    check("act_prelu", PRelu::<1>::BLANK);
}
