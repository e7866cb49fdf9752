//! Sizes that adamant's table does not hold: each message says what the limit is and what to do.

use adamant::prelude::*;

type Audio = Sequential![Conv1d<1, 4, 10, Stride<5>>, Relu];
const _: () = Audio::check::<Tensor<[[f32; 48_001]; 1]>>();
const _: () = <Conv1d<1, 4, 3, Padding<9001>>>::check::<Tensor<[[f32; 100]; 1]>>();
const _: () = <Conv1d<1, 4, 3>>::check::<Tensor<[[f32; 44_100]; 1]>>(); // 44,098

type Pool = Sequential![MaxPool1d<2>];
const _: () = Pool::check::<Tensor<[[f32; 48_001]; 1]>>();

type Flat = Sequential![Flatten];
const _: () = Flat::check::<Tensor<[[[f32; 9001]; 2]; 1]>>();
const _: () = Flat::check::<Tensor<[[[f32; 1001]; 1001]; 3]>>();

fn main() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let x = Tensor::<[[f32; 9001]; 2]>::zeros();
    let mean = x.mean_axis::<-1>().insert_axis::<-1>();
    let _ = x - mean;
    let _ = &mean * &x;
    let mut y = x;
    y -= mean;
    let _ = x.maximum(&mean);
    Audio::init(rng).forward(&Tensor::<[[f32; 48_001]; 1]>::zeros());
    PRelu::<9001>::init(rng).forward(&x);
    GroupNorm::<2, 9001, -1>::init(rng).forward(&x);
    x.concat::<1, _>(&mean);
    x.slice::<1, 0, 2>();
    x.flatten();
    x.reshape::<[f32; 18_002]>();
    Tensor::<[[f32; 137]; 137]>::zeros().flatten();
    Tensor::<[[f32; 301]; 300]>::zeros().reshape::<[f32; 90_300]>();
}
