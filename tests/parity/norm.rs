//! Normalisation, upsampling, pixel shuffling.

use crate::golden::{Golden, check_layer};
use adamant::prelude::*;

#[test]
fn layer_norm() {
    check_layer::<_, [[f32; 6]; 3], _>("layer_norm", LayerNorm::<[f32; 6]>::BLANK);
    check_layer::<_, [[[f32; 6]; 4]; 3], _>("layer_norm_2d", LayerNorm::<[[f32; 6]; 4]>::BLANK);
}

#[test]
fn rms_norm() {
    check_layer::<_, [[f32; 6]; 3], _>("rms_norm", RMSNorm::<[f32; 6]>::BLANK);
}

#[test]
fn group_norm() {
    type X = [[[[f32; 3]; 3]; 4]; 2];
    check_layer::<_, X, _>("group_norm", GroupNorm::<2, 4>::BLANK);
    check_layer::<_, X, _>("group_norm", GroupNorm::<2, 4, 1>::BLANK);
}

#[test]
fn instance_norm() {
    check_layer::<_, [[[[f32; 4]; 4]; 3]; 2], _>("instance_norm2d", InstanceNorm2d::<3>::BLANK);
}

#[test]
fn batch_norm() {
    check_batch_norm::<_, [[f32; 5]; 6]>("batch_norm1d", BatchNorm1d::<5>::BLANK);
    check_batch_norm::<_, [[[[f32; 5]; 5]; 3]; 4]>("batch_norm2d", BatchNorm2d::<3>::BLANK);
}

/// Training, the running statistics after it, and evaluation by them.
fn check_batch_norm<M, X>(name: &str, mut layer: M)
where
    X: Shape<Elem: Float>,
    M: Backprop<Tensor<X>, Output = Tensor<X>>,
{
    let golden = Golden::open(name);
    golden.load(&mut layer);
    let x: Tensor<X> = golden.tensor("input");

    let mut grads = layer.zero_grads();
    let mut dx = x;
    layer.backprop(&mut dx, &mut grads, |y| {
        golden.check("output", y.as_slice());
        *y = golden.tensor("grad_output");
    });
    golden.check("grad_input", dx.as_slice());
    golden.check_grads(&grads);

    let mut grads = layer.zero_grads();
    layer.backprop_params(&x, &mut grads, |y| {
        golden.check("output", y.as_slice());
        *y = golden.tensor("grad_output");
    });
    golden.check_grads(&grads);

    layer.absorb(&grads);
    golden.check_buffers(&layer);
    golden.check("output_eval", layer.forward(&x).as_slice());
    layer.backprop_input(&mut x.clone(), |y| golden.check("output_eval", y.as_slice()));
}

#[test]
fn upsample() {
    check_layer::<_, [[[[f32; 4]; 3]; 2]; 2], _>("upsample_nearest", Upsample::<2>);
}

#[test]
fn pixel_shuffle() {
    check_layer::<_, [[[[f32; 3]; 3]; 8]; 1], _>("pixel_shuffle", PixelShuffle::<2>);
}
