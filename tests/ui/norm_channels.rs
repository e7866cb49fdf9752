//! Normalisations of another number of channels than the input has.
use adamant::prelude::*;

type Images = Tensor<[[[[f32; 5]; 5]; 4]; 2]>;
type Image = Tensor<[[[f32; 5]; 5]; 4]>;

const _: () = BatchNorm2d::<3>::check::<Images>();
const _: () = BatchNorm2d::<3>::check::<Image>();
const _: () = <Sequential![Linear<4, 8>, BatchNorm1d<6>, Relu]>::check::<Tensor<[[f32; 4]; 16]>>();
const _: () = InstanceNorm2d::<3>::check::<Images>();
const _: () = GroupNorm::<3, 6>::check::<Images>();

fn main() {
    let norm = BatchNorm2d::<3>::init(&mut SmallRng::seed_from_u64(0));
    norm.forward(&Images::zeros());
}
