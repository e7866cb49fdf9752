//! What the tests run on several ranks: trains a model that has what is treated in a way of its own (statistics, random streams), and
//! writes what came out, bit by bit. Each argument is a `key=value`.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::process::{self, ExitCode};
use std::thread;
use std::time::Duration;

use adamant::prelude::*;
use adamant_mpi::{DataParallel, Order, World};

#[derive(Module)]
struct Net {
    norm: BatchNorm1d<6>,
    first: Linear<6, 400>,
    drop: Dropout,
    body: Sequential![Tanh, Linear<400, 8>, Relu],
    noise: Jitter,
    block: Residual<Sequential![Linear<8, 8>, Tanh]>,
    last: Linear<8, 3>,
}

/// y = x + w ε, with a gradient that chance has a part in.
#[derive(Module)]
struct Jitter {
    w: Param<[f32; 8]>,
    noise: Noise,
}

#[forward]
impl Jitter {
    fn forward<const B: usize>(&self, x: Tensor<[[f32; 8]; B]>) -> Tensor<[[f32; 8]; B]> {
        x + self.noise.forward(x) * &self.w
    }
}

const PART: usize = 4;
const SAMPLES: usize = 203;

/// The arguments.
struct Given(HashMap<String, String>);

impl Given {
    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn number(&self, key: &str, otherwise: usize) -> usize {
        self.text(key).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    }

    /// Whether `key` names this rank and this step: `1@7`.
    fn is_now(&self, key: &str, rank: usize, step: u64) -> bool {
        self.text(key) == Some(&format!("{rank}@{step}"))
    }
}

fn data() -> (Vec<[f32; 6]>, Vec<u8>) {
    let rng = &mut SmallRng::seed_from_u64(9);
    ((0..SAMPLES).map(|_| Tensor::<[f32; 6]>::randn(rng).0).collect(), (0..SAMPLES).map(|i| (i % 3) as u8).collect())
}

/// One step, in the way that is asked for.
fn gradients<'p>(
    given: &Given,
    parallel: &'p mut DataParallel<'_, Net>,
    net: &Net,
    batches: &mut Batches<'_, PART, [f32; 6], u8>,
) -> Option<(f32, &'p mut Grads<Net>)> {
    let loss = |p: &mut Tensor<[[f32; 3]; PART]>, y: &[u8; PART]| cross_entropy(p, y, Reduction::Mean);
    #[cfg(feature = "rayon")]
    if given.text("threads").is_some() {
        return parallel.par_gradients(net, batches, loss);
    }
    assert!(given.text("threads").is_none(), "threads need the feature");
    parallel.gradients(net, batches, loss)
}

/// What happens to a rank.
fn fate(given: &Given, world: &World, step: u64) {
    thread::sleep(Duration::from_millis(given.number("pause", 0) as u64));
    if given.is_now("stuck", world.rank(), step) {
        thread::sleep(Duration::from_secs(3600));
    }
    assert!(!given.is_now("panic", world.rank(), step), "as the test wants it");
}

/// The class of each sample, in their order.
fn classes(world: &World, net: &Net, x: &[[f32; 6]]) -> Vec<u8> {
    let mut classes = Vec::new();
    Chunks::<16>::forward(net, &x[world.share(x.len())], |_, p: &Tensor<[f32; 3]>| {
        classes.push(p.argmax_index().map_or(9, |class| class.get() as u8));
    });
    world.gather(classes)
}

fn train(given: &Given, world: &World) -> Result<(), Box<dyn Error>> {
    let (x, y) = data();
    // Rank 0's model is everyone's.
    let mut net = Net::init(&mut SmallRng::seed_from_u64(world.rank() as u64));
    let mut adam = Adam::new(&net).lr(1e-2);
    world.broadcast(&mut net, &mut adam)?;
    let path = given.text("checkpoint");
    let resumed = path.map_or(Ok(false), |path| world.resume(&mut net, &mut adam, path))?;
    let order = if given.text("order") == Some("mpi") { Order::Mpi } else { Order::Fixed };
    let parts = given.number("parts", 8);
    let mut parallel = DataParallel::<_>::in_order(world, &net, parts, order)?
        .bucket_bytes(given.number("bucket", 1 << 20))
        .overlapping(given.text("after").is_none());
    let per_epoch = (SAMPLES / (PART * parts)) as u64;
    let mut losses = Vec::new();
    while adam.steps() < given.number("steps", 6) as u64 {
        let epoch = adam.steps() / per_epoch;
        let mut batches = Batches::<PART>::new(&x, &y, &mut SmallRng::seed_from_u64(epoch));
        batches.skip_batches((adam.steps() % per_epoch) as usize * parts);
        fate(given, world, adam.steps());
        let (loss, grads) = gradients(given, &mut parallel, &net, &mut batches).ok_or("no batch")?;
        adam.step(&mut net, grads);
        losses.push(loss.to_bits());
        if let Some(path) = path {
            world.checkpoint(&net, &adam, path)?;
        }
    }
    if let Some(out) = given.text("out") {
        let bits: Vec<String> = net.to_flat::<f32>().iter().map(|x| format!("{:08x}", x.to_bits())).collect();
        let (norm, streams) = (net.norm, (net.drop.stream, net.noise.noise.stream));
        let text = format!(
            "resumed {resumed}\nlosses {losses:x?}\nmodel {}\nstate {norm:?} {streams:?}\nclasses {:?}\n",
            bits.join(" "),
            classes(world, &net, &x)
        );
        fs::write(format!("{out}.{}", world.rank()), text)?;
        fs::write(format!("{out}.early.{}", world.rank()), format!("{:?}", parallel.sent_early()))?;
    }
    Ok(())
}

fn start(given: &Given) -> Result<(), Box<dyn Error>> {
    let mut world = World::start()?;
    if let Some(deadline) = given.text("deadline") {
        world = world.with_deadline(Duration::from_millis(deadline.parse()?));
    }
    if let Some(pids) = given.text("pids") {
        fs::write(format!("{pids}.{}", world.rank()), process::id().to_string())?;
    }
    train(given, &world)
}

fn main() -> ExitCode {
    let pairs = std::env::args().skip(1).filter_map(|arg| arg.split_once('=').map(|(key, value)| (key.into(), value.into())));
    match start(&Given(pairs.collect())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
