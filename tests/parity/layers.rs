//! Layers.

use crate::golden::{Golden, check_layer};
use adamant::prelude::*;

#[test]
fn linear() {
    check_layer::<_, [[f32; 5]; 4], [[f32; 7]; 4]>("linear", Linear::<5, 7>::BLANK);
    check_layer::<_, [f32; 5], [f32; 7]>("linear_1d", Linear::<5, 7>::BLANK);
    check_layer::<_, [[[f32; 5]; 4]; 2], [[[f32; 7]; 4]; 2]>("linear_3d", Linear::<5, 7>::BLANK);
    check_layer::<_, [[f32; 5]; 4], [[f32; 7]; 4]>("linear_no_bias", Linear::<5, 7, NoBias>::BLANK);
}

#[test]
fn bilinear() {
    let golden = Golden::open("bilinear");
    let mut layer = Bilinear::<5, 4, 7>::BLANK;
    golden.load(&mut layer);
    let x = (golden.tensor::<[[f32; 5]; 4]>("input"), golden.tensor::<[[f32; 4]; 4]>("input2"));
    golden.check("output", layer.forward(&x).as_slice());

    let (mut dx, mut grads) = (x, layer.zero_grads());
    layer.backprop(&mut dx, &mut grads, |y| *y = golden.tensor("grad_output"));
    golden.check("grad_input", dx.0.as_slice());
    golden.check("grad_input2", dx.1.as_slice());
    golden.check_grads(&grads);

    let mut grads = layer.zero_grads();
    layer.backprop_params(&x, &mut grads, |y| *y = golden.tensor("grad_output"));
    golden.check_grads(&grads);

    let mut dx = x;
    layer.backprop_input(&mut dx, |y| *y = golden.tensor("grad_output"));
    golden.check("grad_input", dx.0.as_slice());
    golden.check("grad_input2", dx.1.as_slice());
}
