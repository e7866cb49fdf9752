//! The handwritten digits of adamant's third example, on as many ranks as there are: `mpirun -n 2 target/release/examples/digits`.
//!
//! It prints the same on any number of ranks that is a power of two, up to the last bit of the model. With a path it saves a checkpoint
//! after each epoch, and goes on from it when it is started again, on the same number of ranks or another.

use std::error::Error;
use std::hash::{DefaultHasher, Hasher};

use adamant::prelude::*;
use adamant_mpi::{DataParallel, World};
use indicatif::{ProgressBar, ProgressStyle};

#[path = "../../examples/data/digits.rs"]
mod digits;

use digits::TRAIN;

type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];

const EPOCHS: u64 = 30;
/// A step is of 8 parts of 4 images, so of 32, which up to 8 ranks share.
const PARTS: usize = 8;
const PART: usize = 4;

/// A bar on the terminal of rank 0.
fn bar(world: &World) -> ProgressBar {
    if !world.is_root() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40.green/dim} epoch {pos}/{len}  {msg}  {elapsed}");
    ProgressBar::new(EPOCHS).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Counts what the model says of the test images, each rank of its share.
fn test(world: &World, net: &Net, images: &[[f32; 64]], labels: &[u8]) -> ConfusionMatrix<10> {
    let (own, mut confusion) = (world.share(images.len()), ConfusionMatrix::new());
    let labels = &labels[own.clone()];
    Chunks::<32>::forward(net, &images[own], |i, logits: &Tensor<[f32; 10]>| confusion.add(&Tensor([logits.0]), &[labels[i]]));
    world.total(&confusion)
}

/// One number for all bits of the model.
fn fingerprint(net: &Net) -> u64 {
    let mut hasher = DefaultHasher::new();
    let Ok(()) = net.save_to(|part| -> Result<(), std::convert::Infallible> {
        hasher.write(part);
        Ok(())
    });
    hasher.finish()
}

fn main() -> Result<(), Box<dyn Error>> {
    let world = World::start()?;
    let path = std::env::args().nth(1);
    let (images, labels) = digits::embedded(|pixels| pixels);
    let (train, others) = images.split_at(TRAIN);

    let mut net = Net::init(&mut SmallRng::seed_from_u64(0));
    let mut adam = Adam::new(&net).lr(3e-3);
    match &path {
        Some(path) => _ = world.resume(&mut net, &mut adam, path)?,
        None => world.broadcast(&mut net, &mut adam)?,
    }
    let mut parallel = DataParallel::new(&world, &net, PARTS)?;
    let steps = (TRAIN / (PARTS * PART)) as u64;
    let bar = bar(&world).with_position(adam.steps() / steps);
    for epoch in adam.steps() / steps..EPOCHS {
        // Every rank has the same order of the images, and makes its own parts of each batch.
        let rng = &mut SmallRng::seed_from_u64(epoch);
        let mut batches = Batches::<PART>::new(train, &labels[..TRAIN], rng);
        while let Some((loss, grads)) = parallel.gradients(&net, &mut batches, |p, y| cross_entropy(p, y, Reduction::Mean)) {
            adam.step(&mut net, grads);
            bar.set_message(format!("loss {loss:.4}"));
        }
        bar.inc(1);
        if let Some(path) = &path {
            world.checkpoint(&net, &adam, path)?;
        }
    }
    bar.finish();

    let confusion = test(&world, &net, others, &labels[TRAIN..]);
    if world.is_root() {
        println!("{confusion}\ntest accuracy {:.4}, fingerprint {:016x}", confusion.accuracy(), fingerprint(&net));
    }
    Ok(())
}
