//! What would be another value when the way back runs it again.
use std::sync::atomic::{AtomicU64, Ordering};

use adamant::prelude::*;

static COUNTER: AtomicU64 = AtomicU64::new(0);

#[derive(Module)]
struct Noisy {
    scale: Param<[f32; 3]>,
}

#[forward]
impl Noisy {
    fn forward(&self, x: Tensor<[f32; 3]>) -> Tensor<[f32; 3]> {
        let mut h = x;
        for _ in 0..3 {
            h = h + Tensor::randn(&mut SmallRng::seed_from_u64(COUNTER.fetch_add(1, Ordering::Relaxed))) * &self.scale;
        }
        let time = std::time::Instant::now().elapsed().as_secs_f32();
        let seed = COUNTER.fetch_add(1, Ordering::Relaxed) as f32;
        h * time * seed
    }
}

#[forward]
fn noisy_loss(p: Tensor<[f32; 3]>, rng: &mut SmallRng) -> f32 {
    (p * Tensor::randn(rng)).sum()
}

/// An associated function.
#[forward]
fn other_loss(p: Tensor<[f32; 3]>) -> f32 {
    Noisy::helper(p).sum()
}

/// A parameter that nothing decides.
#[forward]
fn undecided<const K: usize>(p: Tensor<[f32; 3]>) -> f32 {
    p.sum() * K as f32
}

#[forward]
fn constant_loss(p: &Tensor<[f32; 3]>, y: &Tensor<[f32; 3]>) -> f32 {
    (p - y).sum()
}

fn main() {}
