//! Images whose channels are not the layer's.
use adamant::prelude::*;

const _: () = <Conv2d<1, 8, 3>>::check::<Tensor<[[[f32; 28]; 28]; 3]>>();
const _: () = <Conv2d<1, 8, 3, (Stride<2>, Padding<1>)>>::check::<Tensor<[[[[f32; 28]; 28]; 3]; 10]>>();
const _: () = <Conv1d<2, 4, 5>>::check::<Tensor<[[f32; 100]; 1]>>();
const _: () = <ConvTranspose2d<8, 4, 2, Stride<2>>>::check::<Tensor<[[[f32; 7]; 7]; 4]>>();

type Net = Sequential![Conv2d<1, 8, 3, Same>, Relu, MaxPool2d<2>, Conv2d<16, 16, 3, Same>];
const _: () = Net::check::<Tensor<[[[[f32; 8]; 8]; 1]; 32]>>();

fn main() {
    let layer = Conv2d::<1, 8, 3>::init(&mut SmallRng::seed_from_u64(0));
    layer.forward(&Tensor::<[[[f32; 28]; 28]; 3]>::zeros());
}
