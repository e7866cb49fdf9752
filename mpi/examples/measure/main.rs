//! What many ranks cost: measures on this machine, and predicts for others. `cargo run --release --example measure`
//!
//! It starts itself on 1, 2 and 4 ranks. `--quick` measures small sizes a few times, to see that it works.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use adamant::prelude::*;
use adamant_mpi::{DataParallel, Order, World};

mod cost;

use cost::{Measured, Network};

type Small = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
type Medium = Sequential![Linear<784, 512>, Relu, Linear<512, 512>, Relu, Linear<512, 10>];
type Large = Sequential![Linear<1024, 2048>, Relu, Linear<2048, 2048>, Relu, Linear<2048, 1000>];

/// The models, with their inputs and samples in a step of each rank.
const MODELS: [(&str, usize); 3] =
    [("64-32-10", Small::PARAMETERS), ("784-512-512-10", Medium::PARAMETERS), ("1024-2048-2048-1000", Large::PARAMETERS)];

/// The networks of the table, beside this machine: what their makers and benchmarks say, rounded.
const NETWORKS: [(&str, f64, f64); 2] =
    [("10 Gbit/s Ethernet", 25e-6, 8.0 / 10e9), ("100 Gbit/s InfiniBand", 2e-6, 8.0 / 100e9)];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let quick = args.iter().any(|arg| arg == "--quick");
    match args.iter().any(|arg| arg == "--rank") {
        true => rank(quick),
        false => report(quick),
    }
}

/// The median of some durations in seconds.
fn median(times: usize, mut f: impl FnMut() -> f64) -> f64 {
    let mut all: Vec<f64> = (0..times).map(|_| f()).collect();
    all.sort_by(f64::total_cmp);
    all[times / 2]
}

fn seconds(f: impl FnOnce()) -> f64 {
    let start = Instant::now();
    f();
    start.elapsed().as_secs_f64()
}

/// What one rank does; rank 0 prints `what seconds`.
fn rank(quick: bool) -> Result<(), Box<dyn Error>> {
    let world = World::start()?;
    let times = if quick { 3 } else { 21 };
    let say = |what: String, seconds: f64| {
        if world.is_root() {
            println!("measured {what} {seconds:e}");
        }
    };
    say("ask".into(), median(10 * times, || seconds(|| world.barrier())));
    if world.size() > 1 {
        let sizes = if quick { 8..13 } else { 8..25 };
        for (name, order) in [("fixed", Order::Fixed), ("mpi", Order::Mpi)] {
            for bytes in sizes.clone().step_by(2).map(|log| 1usize << log) {
                say(format!("{name}/{bytes}"), all_reduce(&world, order, bytes, times));
            }
        }
    }
    steps::<Small, 64, 10, 32>(&world, MODELS[0].0, if quick { 3 } else { 1001 }, &say)?;
    if !quick {
        steps::<Medium, 784, 10, 64>(&world, MODELS[1].0, 51, &say)?;
        steps::<Large, 1024, 1000, 64>(&world, MODELS[2].0, 11, &say)?;
    }
    Ok(())
}

/// Seconds for one of several sums in a row.
fn all_reduce(world: &World, order: Order, bytes: usize, times: usize) -> f64 {
    const ROW: u32 = 4;
    let mut numbers = vec![1e-30f32; bytes / 4];
    median(times, || {
        world.barrier();
        seconds(|| (0..ROW).for_each(|_| numbers = world.sum(order, std::mem::take(&mut numbers)))) / f64::from(ROW)
    })
}

/// Seconds for a step of one batch a rank: its gradients alone, and by all ranks.
fn steps<M, const IN: usize, const OUT: usize, const B: usize>(
    world: &World,
    name: &str,
    times: usize,
    say: &impl Fn(String, f64),
) -> Result<(), Box<dyn Error>>
where
    M: Init + Backprop<Tensor<[[f32; IN]; B]>, Output = Tensor<[[f32; OUT]; B]>>,
{
    let rng = &mut SmallRng::seed_from_u64(0);
    let model = M::init_boxed(rng);
    let samples: Vec<[f32; IN]> = (0..B * world.size()).map(|_| Tensor::<[f32; IN]>::randn(rng).0).collect();
    let labels: Vec<u8> = vec![1; samples.len()];
    let mut grads = model.boxed_grads();
    let mut alone = || {
        let batch = Batches::<B>::in_order(&samples, &labels);
        let (mut x, mut y) = (Tensor::boxed(), [0; B]);
        batch.clone().next_into(&mut x, &mut y);
        grads.zero();
        black_box(model.add_gradients(&x, &mut grads, |p| cross_entropy(p, &y, Reduction::Mean)));
    };
    say(format!("{name}/alone"), median(times, || seconds(&mut alone)));
    for (how, overlapping) in [("together", true), ("after", false)] {
        let mut parallel = DataParallel::new(world, &*model, world.size())?.overlapping(overlapping);
        let mut together = || {
            let mut batches = Batches::<B>::in_order(&samples, &labels);
            black_box(parallel.gradients(&*model, &mut batches, |p, y| cross_entropy(p, y, Reduction::Mean)));
        };
        together();
        world.barrier();
        say(format!("{name}/{how}"), median(times, || seconds(&mut together)));
    }
    Ok(())
}

/// What rank 0 of so many measured.
fn measured(ranks: usize, quick: bool) -> Result<BTreeMap<String, f64>, Box<dyn Error>> {
    let mut command = Command::new("mpirun");
    command.args(["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", &ranks.to_string()]);
    command.arg(std::env::current_exe()?).arg("--rank").args(quick.then_some("--quick"));
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{ranks} ranks: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let lines = text.lines().filter_map(|line| line.strip_prefix("measured ")?.split_once(' '));
    lines.map(|(what, seconds)| Ok((what.to_string(), seconds.parse()?))).collect()
}

/// Measures, fits and predicts.
fn report(quick: bool) -> Result<(), Box<dyn Error>> {
    let [one, two, four] = [measured(1, quick)?, measured(2, quick)?, measured(4, quick)?];
    let micro = |seconds: Option<&f64>| seconds.map_or("-".into(), |s| format!("{:.1}", s * 1e6));

    println!("A step of one batch a rank, µs (alone: without this crate; after: gradients leave after the pass)\n");
    println!(
        "| model | parameters | alone, 1 rank | 1 rank | alone, 2 at once | 2 ranks | 2 ranks, after |\n|---|---|---|---|---|---|---|"
    );
    for (name, parameters) in MODELS {
        let of = |all: &BTreeMap<String, f64>, how: &str| micro(all.get(&format!("{name}/{how}")));
        let (alone, together) = (of(&one, "alone"), of(&one, "together"));
        let (alone_two, two_ranks, after) = (of(&two, "alone"), of(&two, "together"), of(&two, "after"));
        println!("| {name} | {parameters} | {alone} | {together} | {alone_two} | {two_ranks} | {after} |");
    }

    let sums = |name: &'static str, ranks, all: &BTreeMap<String, f64>| -> Vec<Measured> {
        let rows =
            all.iter().filter_map(|(what, seconds)| Some((what.split_once('/').filter(|(n, _)| *n == name)?.1, *seconds)));
        let mut rows: Vec<_> =
            rows.filter_map(|(bytes, seconds)| Some(Measured { ranks, bytes: bytes.parse().ok()?, seconds })).collect();
        rows.sort_by(|a, b| a.bytes.total_cmp(&b.bytes));
        rows
    };
    let fixed = [sums("fixed", 2, &two), sums("fixed", 4, &four)];
    let ask = one.get("ask").copied().unwrap_or_default();
    let in_buckets: Vec<_> = fixed.concat().into_iter().filter(|one| one.bytes <= cost::BUCKET).collect();
    let here = Network::fitted(ask, &in_buckets);
    println!(
        "\nAn all-reduce, µs (model: α = {:.2} µs, 1/β = {:.2} GB/s, {:.1} µs to ask)\n",
        here.latency * 1e6,
        1e-9 / here.byte,
        ask * 1e6
    );
    println!("| bytes | 2 ranks | model | MPI's order | 4 ranks | model | MPI's order |\n|---|---|---|---|---|---|---|");
    for (two_ranks, four_ranks) in fixed[0].iter().zip(&fixed[1]) {
        let cells = [(two_ranks, &two), (four_ranks, &four)].map(|(row, all)| {
            let mpi = micro(all.get(&format!("mpi/{}", row.bytes)));
            format!("{:.1} | {:.1} | {mpi}", row.seconds * 1e6, here.all_reduce(row.ranks, row.bytes) * 1e6)
        });
        println!("| {} | {} |", two_ranks.bytes, cells.join(" | "));
    }

    let networks = NETWORKS.map(|(name, latency, byte)| (name, Network { latency, byte, ask }));
    for (network, costs) in [("this machine's memory", here)].into_iter().chain(networks) {
        println!(
            "\nWhat of a step's time is computing, over {network}, %\n\n| model | 2 | 4 | 16 | 64 | 256 | 1,024 ranks |\n|---|---|---|---|---|---|---|"
        );
        for (name, parameters) in MODELS {
            let Some(&compute) = one.get(&format!("{name}/alone")) else { continue };
            let cells = [2, 4, 16, 64, 256, 1024]
                .map(|ranks| format!("{:.1}", 100.0 * costs.efficiency(ranks, compute, 4.0 * parameters as f64)));
            println!("| {name} | {} |", cells.join(" | "));
        }
    }
    Ok(())
}
