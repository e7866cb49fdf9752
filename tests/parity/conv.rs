//! Convolutions and pools.

use crate::golden::check_layer;
use adamant::prelude::*;

type Images<const C: usize, const H: usize, const W: usize> = [[[[f32; W]; H]; C]; 2];

#[test]
fn conv2d() {
    check_layer::<_, Images<2, 7, 6>, Images<3, 5, 4>>("conv2d_00", Conv2d::<2, 3, 3>::BLANK);
    check_layer::<_, Images<2, 7, 6>, Images<4, 7, 6>>("conv2d_01", Conv2d::<2, 4, 3, Padding<1>>::BLANK);
    check_layer::<_, Images<2, 7, 6>, Images<4, 7, 6>>("conv2d_01", Conv2d::<2, 4, 3, Same>::BLANK);
    check_layer::<_, Images<2, 7, 6>, Images<3, 4, 3>>("conv2d_02", Conv2d::<2, 3, 3, (Stride<2>, Padding<1>)>::BLANK);
    check_layer::<_, Images<2, 7, 6>, Images<3, 5, 4>>("conv2d_03", Conv2d::<2, 3, 2, Dilation<2>>::BLANK);
    check_layer::<_, Images<4, 7, 6>, Images<6, 7, 6>>("conv2d_04", Conv2d::<4, 6, 3, (Groups<2>, Padding<1>)>::BLANK);
    check_layer::<_, Images<4, 7, 6>, Images<4, 7, 6>>("conv2d_05", Conv2d::<4, 4, 3, (Groups<4>, Padding<1>)>::BLANK);
    check_layer::<_, Images<4, 7, 6>, Images<4, 7, 6>>("conv2d_05", Conv2d::<4, 4, 3, (Depthwise, Same)>::BLANK);
    check_layer::<_, Images<2, 7, 6>, Images<3, 5, 4>>("conv2d_06", Conv2d::<2, 3, 3, NoBias>::BLANK);
    check_layer::<_, Images<2, 7, 6>, Images<3, 7, 6>>("conv2d_07", Conv2d::<2, 3, 3, (Padding<1>, Reflect)>::BLANK);
    check_layer::<_, Images<2, 7, 6>, Images<3, 7, 6>>("conv2d_08", Conv2d::<2, 3, 3, (Padding<1>, Replicate)>::BLANK);
    check_layer::<_, Images<2, 7, 6>, Images<3, 7, 6>>("conv2d_09", Conv2d::<2, 3, 3, (Padding<1>, Circular)>::BLANK);
    check_layer::<_, Images<3, 7, 6>, Images<5, 7, 6>>("conv2d_10", Conv2d::<3, 5, 1>::BLANK);
    type Oblong = Conv2d<2, 3, 3, (KernelWidth<2>, Stride<2, 1>, Padding<1, 0>)>;
    check_layer::<_, Images<2, 7, 6>, Images<3, 4, 5>>("conv2d_11", Oblong::BLANK);
}

#[test]
fn conv1d() {
    check_layer::<_, [[[f32; 9]; 2]; 2], [[[f32; 7]; 3]; 2]>("conv1d_00", Conv1d::<2, 3, 3>::BLANK);
    type Gaps = Conv1d<2, 3, 3, (Stride<2>, Padding<1>, Dilation<2>)>;
    check_layer::<_, [[[f32; 9]; 2]; 2], [[[f32; 4]; 3]; 2]>("conv1d_01", Gaps::BLANK);
}

/// The golden files' parameters are called `conv.weight` and `conv.bias`.
#[derive(Module)]
struct Shifted<O: Conv1dOptions<2, 3, 3>> {
    conv: Conv1d<2, 3, 3, O>,
}

/// PyTorch pads before the layer; here causal is an option, and also a padding of one side.
#[test]
fn conv1d_causal() {
    type X = [[[f32; 9]; 2]; 2];
    type Y = [[[f32; 9]; 3]; 2];
    check_layer::<_, X, Y>("conv1d_causal_00", Shifted::<Causal>::BLANK);
    check_layer::<_, X, Y>("conv1d_causal_01", Shifted::<(Causal, Dilation<2>)>::BLANK);
    check_layer::<_, X, Y>("conv1d_causal_00", Shifted::<(Padding<2>, PaddingEnd<0>)>::BLANK);
    check_layer::<_, X, Y>("conv1d_causal_01", Shifted::<(PaddingEnd<0>, Dilation<2>, Padding<4>)>::BLANK);
}

#[test]
fn conv_transpose1d() {
    type X = [[[f32; 6]; 4]; 2];
    check_layer::<_, X, [[[f32; 8]; 2]; 2]>("conv_transpose1d_00", ConvTranspose1d::<4, 2, 3>::BLANK);
    check_layer::<_, X, [[[f32; 12]; 2]; 2]>("conv_transpose1d_01", ConvTranspose1d::<4, 2, 4, (Stride<2>, Padding<1>)>::BLANK);
    type Grouped = ConvTranspose1d<4, 2, 3, (Stride<2>, OutputPadding<1>, Groups<2>)>;
    check_layer::<_, X, [[[f32; 14]; 2]; 2]>("conv_transpose1d_02", Grouped::BLANK);
}

#[test]
fn conv_transpose2d() {
    check_layer::<_, Images<3, 4, 5>, Images<2, 6, 7>>("conv_transpose2d_00", ConvTranspose2d::<3, 2, 3>::BLANK);
    type Twice = ConvTranspose2d<3, 2, 3, (Stride<2>, Padding<1>, OutputPadding<1>)>;
    check_layer::<_, Images<3, 4, 5>, Images<2, 8, 10>>("conv_transpose2d_01", Twice::BLANK);
}

#[test]
fn max_pool() {
    check_layer::<_, [[[f32; 8]; 3]; 2], [[[f32; 4]; 3]; 2]>("max_pool1d", MaxPool1d::<2>::new());
    check_layer::<_, Images<3, 6, 6>, Images<3, 3, 3>>("max_pool2d", MaxPool2d::<2>::new());
    check_layer::<_, Images<3, 6, 6>, Images<3, 3, 3>>("max_pool2d_stride", MaxPool2d::<3, (Stride<2>, Padding<1>)>::new());
    type Gaps = MaxPool1d<3, (Stride<2>, Padding<1>, Dilation<2>)>;
    check_layer::<_, [[[f32; 9]; 3]; 2], [[[f32; 4]; 3]; 2]>("max_unaligned_pool1d", Gaps::new());
    check_layer::<_, Images<3, 6, 6>, Images<3, 3, 3>>("max_pool2d_ceil", MaxPool2d::<3, (Stride<2>, CeilMode)>::new());
}

#[test]
fn avg_pool() {
    check_layer::<_, Images<3, 6, 6>, Images<3, 3, 3>>("avg_pool2d", AvgPool2d::<2>::new());
    check_layer::<_, Images<3, 6, 6>, Images<3, 3, 3>>("avg_pool2d_pad", AvgPool2d::<3, (Stride<2>, Padding<1>)>::new());
    type Ceil = AvgPool2d<3, (CeilMode, Stride<2>, Padding<1>)>;
    check_layer::<_, Images<3, 6, 6>, Images<3, 4, 4>>("avg_pool2d_ceil", Ceil::new());
    check_layer::<_, Images<3, 6, 6>, Images<3, 1, 1>>("adaptive_avg_pool2d", AdaptiveAvgPool2d::<1>);
    check_layer::<_, Images<3, 6, 6>, Images<3, 3, 3>>("adaptive_avg_pool2d_3", AdaptiveAvgPool2d::<3>);
}

#[test]
fn upsample() {
    check_layer::<_, [[[f32; 5]; 2]; 2], [[[f32; 15]; 2]; 2]>("upsample_linear", UpsampleLinear::<Scale<3>>::new());
    check_layer::<_, [[[f32; 5]; 2]; 2], [[[f32; 15]; 2]; 2]>("upsample_linear", UpsampleLinear::<Size<15>>::new());
    check_layer::<_, Images<2, 3, 4>, Images<2, 6, 8>>("upsample_bilinear", UpsampleBilinear::<Scale<2>>::new());
    check_layer::<_, Images<2, 3, 4>, Images<2, 6, 8>>("upsample_bilinear", UpsampleBilinear::<Size<6, 8>>::new());
    type Corners = UpsampleBilinear<(Size<5, 7>, AlignCorners)>;
    check_layer::<_, Images<2, 3, 4>, Images<2, 5, 7>>("upsample_bilinear_corners", Corners::new());
}
