//! A stride of 0, and other windows that go nowhere.
use adamant::prelude::*;

const _: () = <Conv2d<1, 8, 3, Stride<0>>>::check::<Tensor<[[[f32; 28]; 28]; 1]>>();
const _: () = <Conv2d<1, 8, 0, Same>>::check::<Tensor<[[[f32; 28]; 28]; 1]>>();
const _: () = <ConvTranspose2d<1, 8, 3, (Stride<2>, OutputPadding<2>)>>::check::<Tensor<[[[f32; 28]; 28]; 1]>>();
const _: () = <ConvTranspose1d<1, 8, 3, OutputPadding<1>>>::check::<Tensor<[[f32; 28]; 1]>>();

type Pool = Sequential![MaxPool2d<2, Stride<0, 1>>];
const _: () = Pool::check::<Tensor<[[[f32; 28]; 28]; 1]>>();

type Up = Sequential![ConvTranspose1d<1, 8, 3, (Stride<2>, OutputPadding<2>)>, Relu];
type Still = Sequential![AvgPool1d<2, (Stride<0>, CeilMode)>, Tanh];

fn main() {
    let x = Tensor::<[[f32; 28]; 1]>::zeros();
    Up::BLANK.forward(&x);
    Still::BLANK.forward(&x);
}
