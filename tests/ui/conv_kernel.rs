//! A kernel that is larger than its padded input.
use adamant::prelude::*;

const _: () = <Conv2d<1, 8, 5>>::check::<Tensor<[[[f32; 28]; 4]; 1]>>();
const _: () = <Conv2d<1, 8, 5>>::check::<Tensor<[[[[f32; 28]; 4]; 1]; 32]>>();
const _: () = <Conv1d<1, 8, 3, (Dilation<4>, Padding<1>)>>::check::<Tensor<[[f32; 6]; 1]>>();

const _: () = <Conv1d<1, 8, 9, (Padding<2>, PaddingEnd<4>)>>::check::<Tensor<[[f32; 2]; 1]>>();

type Pool = Sequential![MaxPool2d<3>];
const _: () = Pool::check::<Tensor<[[[f32; 2]; 2]; 1]>>();

type Ceil = Sequential![MaxPool2d<5, (Stride<2>, CeilMode)>];
const _: () = Ceil::check::<Tensor<[[[f32; 3]; 3]; 1]>>();

type Net = Sequential![Conv2d<1, 8, 3>, MaxPool2d<2>, Conv2d<8, 8, 3>, MaxPool2d<2>, Conv2d<8, 8, 3>];
const _: () = Net::check::<Tensor<[[[[f32; 10]; 10]; 1]; 32]>>();

fn main() {}
