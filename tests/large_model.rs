//! A model that is larger than a test thread's stack: 784-512-10 is 1.6 MB, its gradients as much, Adam's state twice as much.
//!
//! In a debug build nothing is optimised away, so this passes only because nothing large is ever on the stack.
#![cfg(feature = "alloc")]

use adamant::prelude::*;

type Net = Sequential![Linear<784, 512>, Relu, Linear<512, 10>];

#[test]
fn a_large_model_trains_on_a_small_stack() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let mut net = Net::init_boxed(rng);
    let mut adam = Adam::<Net>::boxed();
    let mut grads = net.boxed_grads();
    let mut x = Tensor::<[[f32; 784]; 16]>::boxed();
    x.fill_normal(0.0, 1.0, rng);
    let labels: [u8; 16] = std::array::from_fn(|i| (i % 10) as u8);
    let mut losses = Vec::new();
    for _ in 0..5 {
        grads.zero();
        losses.push(net.add_gradients(&x, &mut grads, |p| cross_entropy(p, &labels, Reduction::Mean)));
        adam.step(&mut net, &grads);
    }
    assert!(losses.is_sorted_by(|a, b| a > b), "{losses:?}");
}
