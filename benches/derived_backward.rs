//! What a backward pass that `#[forward]` derives costs, beside the same network as a chain of layers whose backward passes
//! are written by hand: instructions and stack of a training step, which valgrind counts exactly.
//!
//! `cargo bench --bench derived_backward` (needs valgrind)

use std::hint::black_box;
use std::process::Command;

use adamant::prelude::*;

type Batch = Tensor<[[f32; 64]; 32]>;

/// Backward passes by hand.
type Chain = Sequential![Linear<64, 128>, Relu, Linear<128, 64>, Tanh, Linear<64, 10>];

/// The same layers, called by a function.
#[derive(Module)]
#[module(custom(forward))]
struct Layers {
    fc1: Linear<64, 128>,
    act1: Relu,
    fc2: Linear<128, 64>,
    act2: Tanh,
    fc3: Linear<64, 10>,
}

#[forward]
impl Layers {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; 64]; N]>) -> Tensor<[[f32; 10]; N]> {
        let h = self.act1.forward(self.fc1.forward(x));
        let h = self.act2.forward(self.fc2.forward(h));
        self.fc3.forward(h)
    }
}

/// The same linear layers with the activations as methods.
#[derive(Module)]
#[module(custom(forward))]
struct Methods {
    fc1: Linear<64, 128>,
    fc2: Linear<128, 64>,
    fc3: Linear<64, 10>,
}

#[forward]
impl Methods {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; 64]; N]>) -> Tensor<[[f32; 10]; N]> {
        let h = self.fc1.forward(x).relu();
        let h = self.fc2.forward(h).tanh();
        self.fc3.forward(h)
    }
}

/// The same network from operations alone.
#[derive(Module)]
struct Dense<const IN: usize, const OUT: usize> {
    weight: Param<[[f32; OUT]; IN]>,
    bias: Param<[f32; OUT]>,
}

#[forward]
impl<const IN: usize, const OUT: usize> Dense<IN, OUT> {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; IN]; N]>) -> Tensor<[[f32; OUT]; N]> {
        x.matmul(&self.weight) + &self.bias
    }
}

#[derive(Module)]
#[module(custom(forward))]
struct Operations {
    fc1: Dense<64, 128>,
    fc2: Dense<128, 64>,
    fc3: Dense<64, 10>,
}

#[forward]
impl Operations {
    fn forward<const N: usize>(&self, x: Tensor<[[f32; 64]; N]>) -> Tensor<[[f32; 10]; N]> {
        let h = self.fc1.forward(x).apply(Relu);
        let h = self.fc2.forward(h).tanh();
        self.fc3.forward(h)
    }
}

/// One training step, in a frame of its own.
#[inline(never)]
fn step<M>(model: &M, x: &Batch, grads: &mut Grads<M>) -> f32
where
    M: Backprop<Batch, Output = Tensor<[[f32; 10]; 32]>>,
{
    model.add_gradients(x, grads, |p| cross_entropy(p, &[3u8; 32], Reduction::Mean))
}

/// Trains `steps` steps on one batch.
fn train<M>(steps: usize)
where
    M: Init + Backprop<Batch, Output = Tensor<[[f32; 10]; 32]>>,
{
    let rng = &mut SmallRng::seed_from_u64(0);
    let model = M::init_boxed(rng);
    let mut grads = model.boxed_grads();
    let mut x = Batch::boxed();
    x.fill_normal(0.0, 1.0, rng);
    for _ in 0..steps {
        black_box(step(black_box(&*model), black_box(&x), &mut grads));
    }
}

/// Runs this program under a tool of valgrind and returns what it wrote.
fn valgrind(tool: &[&str], network: &str, steps: usize) -> String {
    let this = std::env::current_exe().expect("the path of this program");
    let out = Command::new("valgrind").args(tool).arg(this).args([network, &steps.to_string()]).output();
    let out = out.expect("valgrind is installed");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// Instructions of a training step.
fn instructions(network: &str) -> f64 {
    let count = |steps| -> f64 {
        let text = valgrind(&["--tool=callgrind", "--callgrind-out-file=/dev/null"], network, steps);
        let line = text.lines().find_map(|line| line.split_once("Collected : ")).expect("a count");
        line.1.trim().parse().expect("a number")
    };
    (count(11) - count(1)) / 10.0
}

/// The deepest stack of the program, in bytes.
fn stack(network: &str) -> f64 {
    let file = std::env::temp_dir().join(format!("derived_backward.{}.{network}", std::process::id()));
    valgrind(&["--tool=massif", "--stacks=yes", &format!("--massif-out-file={}", file.display())], network, 1);
    let text = std::fs::read_to_string(&file).expect("massif's output");
    let _ = std::fs::remove_file(file);
    let sizes = text.lines().filter_map(|line| line.strip_prefix("mem_stacks_B="));
    sizes.filter_map(|size| size.parse().ok()).fold(0.0, f64::max)
}

/// What the network says of its stack: the bytes of its buffers.
const fn constant<M: Backprop<Batch>>() -> usize {
    M::BACKPROP_BYTES
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["chain", steps] => train::<Chain>(steps.parse().unwrap_or(1)),
        ["layers", steps] => train::<Layers>(steps.parse().unwrap_or(1)),
        ["methods", steps] => train::<Methods>(steps.parse().unwrap_or(1)),
        ["operations", steps] => train::<Operations>(steps.parse().unwrap_or(1)),
        // `cargo test --benches` calls every benchmark with `--test`: one step of each is enough.
        ["--test", ..] => {
            [train::<Chain>, train::<Layers>, train::<Methods>, train::<Operations>].iter().for_each(|train| train(1))
        }
        _ => {
            let networks = [
                ("chain", constant::<Chain>()),
                ("layers", constant::<Layers>()),
                ("methods", constant::<Methods>()),
                ("operations", constant::<Operations>()),
            ];
            let rows = networks.map(|(network, constant)| (network, instructions(network), stack(network), constant));
            println!(
                "64-128-64-10, a batch of 32: one training step\n\n{:12} {:>14} {:>8} {:>10} {:>8} {:>15}",
                "", "instructions", "", "stack B", "", "BACKPROP_BYTES"
            );
            let (_, base_instructions, base_stack, _) = rows[0];
            for (network, instructions, stack, constant) in rows {
                let (a, b) = (instructions / base_instructions, stack / base_stack);
                println!("{network:12} {instructions:14.0} {a:7.3}x {stack:10.0} {b:7.3}x {constant:15}");
            }
        }
    }
}
