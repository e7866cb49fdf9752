//! What a step of a stream costs: instructions, which valgrind counts exactly, at its beginning and later, beside the same network's
//! offline form of as many frames. And what it costs when all of its numbers are denormal: instructions, and time on this machine.
//!
//! `cargo bench --bench stream_steps` (needs valgrind)

#![recursion_limit = "256"]

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use adamant::prelude::*;

/// Frames of a span.
const SPAN: usize = 2048;

type Frame = Tensor<[[f32; 1]; 1]>;
type Cell<const C: usize, const D: usize> =
    Residual<Sequential![Conv1d<C, C, 3, (Causal, Dilation<D>)>, Tanh, Conv1d<C, C, 1>]>;
type Stack<const C: usize> = Sequential![Cell<C, 1>, Cell<C, 2>, Cell<C, 4>, Cell<C, 8>, Cell<C, 16>, Cell<C, 32>, Cell<C, 64>];

/// Dilated causal convolutions, as a WaveNet has them.
type Causally = Sequential![Conv1d<1, 16, 1>, Stack<16>, Conv1d<16, 8, 1>, Stack<8>, Conv1d<8, 1, 1>];
/// One that looks ahead, pools and strides.
type Ahead = Sequential![
    Conv1d<1, 8, 5, Same>,
    Residual<Sequential![Conv1d<8, 8, 3, Same>, Relu]>,
    MaxPool1d<2>,
    Conv1d<8, 16, 4, (Stride<2>, Padding<1>)>,
    Relu,
    Conv1d<16, 1, 1>
];

/// Layers without biases, through which numbers near nothing stay near nothing.
type Silent = Sequential![
    Conv1d<1, 16, 3, (Causal, Dilation<4>, NoBias)>, Tanh, Residual<Sequential![Conv1d<16, 16, 3, (Causal, NoBias)>, Tanh]>,
    Transpose, Gru<16, 16, NoBias>, Lstm<16, 16, NoBias>, Linear<16, 1, NoBias>, Transpose
];

fn input<const L: usize>() -> Box<Tensor<[[f32; L]; 1]>> {
    let mut x = Tensor::boxed();
    Tensor::fill_normal(&mut *x, 0.0, 1.0, &mut SmallRng::seed_from_u64(1));
    x
}

/// Streams so many spans.
fn stream<M: Init + Stream<Frame>>(spans: usize) {
    let x = input::<SPAN>();
    let mut stream = Streaming::<M, Frame>::boxed(M::init(&mut SmallRng::seed_from_u64(0)));
    for _ in 0..spans {
        for &x in x.as_slice() {
            stream.step_with(&mut Tensor([[x]]), |y| _ = black_box(y));
        }
    }
}

/// Streams so many spans, each number of whose input is multiplied by this.
fn scaled(spans: usize, scale: f32) {
    let x = input::<SPAN>();
    let mut stream = Streaming::<Silent, Frame>::boxed(Silent::init(&mut SmallRng::seed_from_u64(0)));
    for _ in 0..spans {
        for &x in x.as_slice() {
            stream.step_with(&mut Tensor([[black_box(x * scale)]]), |y| _ = black_box(y));
        }
    }
}

/// Between the smallest number of full precision, 1.2 · 10⁻³⁸, and the smallest of all, 1.4 · 10⁻⁴⁵.
const DENORMAL: f32 = 1e-41;

/// The time of denormal numbers as a multiple of that of others, in the middle of many pairs of runs.
fn slower_when_denormal() -> f64 {
    let seconds = |scale| {
        let start = Instant::now();
        scaled(2, scale);
        start.elapsed().as_secs_f64()
    };
    let mut ratios: Vec<f64> =
        (0..101).map(|_| (seconds(1.0), seconds(DENORMAL))).map(|(normal, tiny)| tiny / normal).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// Computes so many spans at once each.
fn offline<M: Init + Module<Tensor<[[f32; SPAN]; 1]>>>(spans: usize) {
    let (x, net) = (input::<SPAN>(), M::init_boxed(&mut SmallRng::seed_from_u64(0)));
    let mut y = M::Output::boxed();
    for _ in 0..spans {
        net.forward_into(black_box(&x), &mut y);
        black_box(&y);
    }
}

/// Runs this program under valgrind: the instructions of a network over so many spans.
fn instructions(network: &str, spans: usize) -> f64 {
    let this = std::env::current_exe().expect("the path of this program");
    let tool = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--main-stacksize=67108864"];
    let out = Command::new("valgrind").args(tool).arg(this).args([network, &spans.to_string()]).output();
    let out = out.expect("valgrind is installed");
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{text}");
    let line = text.lines().find_map(|line| line.split_once("Collected : ")).expect("a count");
    line.1.trim().parse().expect("a number")
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let spans = args.get(1).and_then(|spans| spans.parse().ok()).unwrap_or(1);
    match args.first().map(String::as_str) {
        Some("causal") => stream::<Causally>(spans),
        Some("ahead") => stream::<Ahead>(spans),
        Some("causal-offline") => offline::<Causally>(spans),
        Some("ahead-offline") => offline::<Ahead>(spans),
        Some("normal") => scaled(spans, 1.0),
        Some("denormal") => scaled(spans, DENORMAL),
        // `cargo test --benches` calls every benchmark with `--test`: a span of each is enough.
        Some("--test") => {
            [stream::<Causally>, stream::<Ahead>, offline::<Causally>, offline::<Ahead>].iter().for_each(|f| f(1))
        }
        _ => {
            println!("instructions a frame{:>16} {:>12} {:>12} {:>12}", "first span", "second", "third", "offline");
            for network in ["causal", "ahead"] {
                let counts = [0, 1, 2, 3].map(|spans| instructions(network, spans));
                let each = [0, 1, 2].map(|i| (counts[i + 1] - counts[i]) / SPAN as f64);
                let name = format!("{network}-offline");
                let offline = (instructions(&name, 2) - instructions(&name, 1)) / SPAN as f64;
                println!("{network:20}{:16.1} {:12.1} {:12.1} {offline:12.1}", each[0], each[1], each[2]);
                assert!((each[1] / each[2] - 1.0).abs() < 1e-3, "every step does the same work");
            }
            let [normal, denormal] =
                ["normal", "denormal"].map(|scale| (instructions(scale, 2) - instructions(scale, 1)) / SPAN as f64);
            println!(
                "instructions a frame: {normal:.1}, of denormal numbers {denormal:.1}; their time × {:.2}",
                slower_when_denormal()
            );
            assert!((normal / denormal - 1.0).abs() < 1e-3, "denormal numbers take the same way");
        }
    }
}
