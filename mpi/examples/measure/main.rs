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

/// The duration in seconds that a tenth of some stay below: what else runs on the machine makes others longer.
fn fastest(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 10]
}

fn seconds(f: impl FnOnce()) -> f64 {
    let start = Instant::now();
    f();
    start.elapsed().as_secs_f64()
}

/// What one rank does; rank 0 prints `what seconds`.
fn rank(quick: bool) -> Result<(), Box<dyn Error>> {
    let world = World::start()?;
    let times = if quick { 3 } else { 51 };
    let say = |what: String, seconds: f64| {
        if world.is_root() {
            println!("measured {what} {seconds:e}");
        }
    };
    say("ask".into(), fastest((0..10 * times).map(|_| seconds(|| world.barrier())).collect()));
    if world.size() > 1 {
        let sizes = if quick { 8..13 } else { 8..23 };
        for (name, order) in [("fixed", Order::Fixed), ("mpi", Order::Mpi)] {
            for bytes in sizes.clone().step_by(2).map(|log| 1usize << log) {
                say(format!("{name}/{bytes}"), all_reduce(&world, order, bytes, times));
            }
        }
    }
    steps::<Small, 64, 10, 32>(&world, MODELS[0].0, if quick { 3 } else { 1001 }, &say)?;
    if !quick {
        steps::<Medium, 784, 10, 64>(&world, MODELS[1].0, 101, &say)?;
        steps::<Large, 1024, 1000, 64>(&world, MODELS[2].0, 31, &say)?;
    }
    Ok(())
}

/// Seconds for one of several sums in a row.
fn all_reduce(world: &World, order: Order, bytes: usize, times: usize) -> f64 {
    const ROW: u32 = 4;
    let mut numbers = vec![1e-30f32; bytes / 4];
    let sums = |_| {
        world.barrier();
        seconds(|| (0..ROW).for_each(|_| numbers = world.sum(order, std::mem::take(&mut numbers)))) / f64::from(ROW)
    };
    fastest((0..times).map(sums).collect())
}

/// In how many parts a rank computes where it has several.
const PARTS: usize = 4;

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
    let samples: Vec<[f32; IN]> = (0..PARTS * B * world.size()).map(|_| Tensor::<[f32; IN]>::randn(rng).0).collect();
    let labels: Vec<u8> = vec![1; samples.len()];
    let batches = Batches::<B>::in_order(&samples, &labels);
    let mut grads = model.boxed_grads();
    let mut alone = || {
        let (mut x, mut y) = (Tensor::boxed(), [0; B]);
        batches.clone().next_into(&mut x, &mut y);
        grads.zero();
        black_box(model.add_gradients(&x, &mut grads, |p| cross_entropy(p, &y, Reduction::Mean)));
    };
    let together = |parts, overlaps| -> Result<_, Box<dyn Error>> {
        let mut parallel = DataParallel::new(world, &*model, parts * world.size())?.overlapping(overlaps);
        let (model, batches) = (&model, &batches);
        Ok(move || _ = black_box(parallel.gradients(model, &mut batches.clone(), |p, y| cross_entropy(p, y, Reduction::Mean))))
    };
    let (mut eager, mut late, mut many) = (together(1, true)?, together(1, false)?, together(PARTS, true)?);
    // In turn, so that what else runs meets all of them.
    let mut ways: [(&str, &mut dyn FnMut(), usize); 4] =
        [("alone", &mut alone, 1), ("together", &mut eager, 1), ("after", &mut late, 1), ("parts", &mut many, PARTS)];
    let mut all = [const { Vec::new() }; 4];
    for _ in 0..times {
        for ((_, step, parts), all) in ways.iter_mut().zip(&mut all) {
            world.barrier();
            all.push(seconds(step) / *parts as f64);
        }
    }
    ways.iter().zip(all).for_each(|((how, ..), all)| say(format!("{name}/{how}"), fastest(all)));
    Ok(())
}

/// What rank 0 of so many measured.
fn measured(ranks: usize, quick: bool) -> Result<Times, Box<dyn Error>> {
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

/// What was measured on some ranks: seconds by name.
type Times = BTreeMap<String, f64>;

/// Measures, fits and predicts.
fn report(quick: bool) -> Result<(), Box<dyn Error>> {
    let [one, two, four] = [measured(1, quick)?, measured(2, quick)?, measured(4, quick)?];
    print_steps(&one, &two);
    let here = print_sums(&two, &four);
    print_predictions("this machine's memory", here, &one);
    let ask = one.get("ask").copied().unwrap_or_default();
    for (name, latency, byte) in NETWORKS {
        print_predictions(name, Network { latency, byte, ask }, &one);
    }
    Ok(())
}

/// Microseconds.
fn micro(seconds: Option<&f64>) -> String {
    seconds.map_or("-".into(), |s| format!("{:.1}", s * 1e6))
}

fn print_steps(one: &Times, two: &Times) {
    println!(
        "Microseconds for a batch (alone: without this crate; after: gradients leave after the pass; of 4: of four batches a step)\n"
    );
    println!("| model | parameters | alone | 1 rank | 1 rank, of 4 | two alone | 2 ranks | 2 ranks, after | 2 ranks, of 4 |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, parameters) in MODELS.into_iter().filter(|(name, _)| one.contains_key(&format!("{name}/alone"))) {
        let of = |all: &Times, hows: &[&str]| -> Vec<String> {
            hows.iter().map(|how| micro(all.get(&format!("{name}/{how}")))).collect()
        };
        let cells = [of(one, &["alone", "together", "parts"]), of(two, &["alone", "together", "after", "parts"])].concat();
        println!("| {name} | {parameters} | {} |", cells.join(" | "));
    }
}

/// Prints the all-reduces beside the model that fits them.
fn print_sums(two: &Times, four: &Times) -> Network {
    let fixed = [sums(2, two), sums(4, four)];
    let in_buckets: Vec<_> = fixed.concat().into_iter().filter(|one| one.bytes <= cost::BUCKET).collect();
    let here = Network::fitted(&in_buckets);
    println!(
        "\nMicroseconds for an all-reduce (model: α = {:.1} µs, 1/β = {:.2} GB/s)\n",
        here.latency * 1e6,
        1e-9 / here.byte
    );
    println!("| bytes | 2 ranks | model | MPI's order | 4 ranks | model | MPI's order |\n|---|---|---|---|---|---|---|");
    for (on_two, on_four) in fixed[0].iter().zip(&fixed[1]) {
        let cells = [(on_two, two), (on_four, four)].map(|(row, all)| {
            let mpi = micro(all.get(&format!("mpi/{}", row.bytes)));
            format!("{:.1} | {:.1} | {mpi}", row.seconds * 1e6, here.all_reduce(row.ranks, row.bytes) * 1e6)
        });
        println!("| {} | {} |", on_two.bytes, cells.join(" | "));
    }
    here
}

/// The all-reduces in the fixed order, by size.
fn sums(ranks: usize, all: &Times) -> Vec<Measured> {
    let row = |(what, &seconds): (&String, &f64)| {
        let bytes = what.strip_prefix("fixed/")?.parse().ok()?;
        Some(Measured { ranks, bytes, seconds })
    };
    let mut rows: Vec<_> = all.iter().filter_map(row).collect();
    rows.sort_by(|a, b| a.bytes.total_cmp(&b.bytes));
    rows
}

fn print_predictions(network: &str, costs: Network, one: &Times) {
    println!("\nWhat of a step's time is computing, over {network}, %\n");
    println!("| model | 2 | 4 | 16 | 64 | 256 | 1,024 ranks |\n|---|---|---|---|---|---|---|");
    for (name, parameters) in MODELS {
        let Some(&compute) = one.get(&format!("{name}/alone")) else { continue };
        let of = |ranks| format!("{:.1}", 100.0 * costs.efficiency(ranks, compute, 4.0 * parameters as f64));
        println!("| {name} | {} |", [2, 4, 16, 64, 256, 1024].map(of).join(" | "));
    }
}
