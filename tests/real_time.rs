//! A step of a stream allocates nothing, and each does the same work once the latency has passed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use adamant::prelude::*;
use adamant::stream::After;

/// Refuses while a thread is in a step.
struct Refusing;

thread_local! {
    static IN_STEP: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: it is the system's, or refuses as an allocator may.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if IN_STEP.get() { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Refusing = Refusing;

fn in_step<R>(f: impl FnOnce() -> R) -> R {
    IN_STEP.set(true);
    let result = f();
    IN_STEP.set(false);
    result
}

type Frame<const C: usize> = Tensor<[[f32; 1]; C]>;

/// Counts the frames that come here.
#[derive(Module)]
#[module(custom(forward))]
struct Counter(usize);

static COUNTED: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];

impl<const C: usize> Stream<Frame<C>> for Counter {
    type Output = Frame<C>;
    type State = ();
    type Delay = After<0>;

    fn step<R>(&self, (): &mut (), x: &mut Frame<C>, next: impl FnOnce(&mut Frame<C>) -> R) -> Option<R> {
        COUNTED[self.0].fetch_add(1, Ordering::Relaxed);
        Some(next(x))
    }
}

type Net = Sequential![
    Counter,
    Conv1d<2, 16, 3, (Causal, Dilation<4>)>,
    Residual<Sequential![Conv1d<16, 16, 5, Same>, Gelu, Conv1d<16, 16, 3, (Same, Depthwise)>]>,
    Counter,
    BatchNorm1d<16, -2>,
    Conv1d<16, 40, 4, (Stride<2>, Padding<1>)>,
    Counter,
    MaxPool1d<3, (Stride<1>, Padding<1>)>,
    AvgPool1d<2>,
    Transpose,
    Linear<40, 8>,
    LayerNorm<[f32; 8]>,
    Transpose,
    Counter
];

type Live = Streaming<Net, Frame<2>>;

fn live() -> Box<Live> {
    let mut net = Net::init(&mut SmallRng::seed_from_u64(0));
    net.0.0.0 = 0;
    net.0.1.1.1.0.0 = 1;
    net.0.1.1.1.1.1.1.0.0 = 2;
    net.0.1.1.1.1.1.1.1.1.1.1.1.1.1.0 = 3;
    Streaming::boxed(net)
}

fn counted() -> [usize; 4] {
    [0, 1, 2, 3].map(|i| COUNTED[i].load(Ordering::Relaxed))
}

#[test]
fn steps_allocate_nothing_and_do_the_same_work() {
    let rng = &mut SmallRng::seed_from_u64(1);
    let frames: Vec<Frame<2>> = (0..201).map(|_| Tensor::randn(rng)).collect();
    let mut live = live();
    // The kernels' instructions are chosen once, which asks the operating system.
    live.step(&frames[0]);
    let mut before = counted();
    let mut outputs = 0;
    for (chunk, frames) in frames[1..].chunks_exact(Live::STRIDE).enumerate() {
        in_step(|| live.process(frames, |_| outputs += 1));
        let now = counted();
        // Each layer computes at its rate as soon as the latency has passed, and never more.
        let work: Vec<usize> = now.iter().zip(before).map(|(now, before)| now - before).collect();
        if chunk * Live::STRIDE >= Live::LATENCY {
            assert_eq!(work, [4, 4, 2, 1], "chunk {chunk}");
        } else {
            assert!(work.iter().zip([4, 4, 2, 1]).all(|(&work, most)| work <= most), "chunk {chunk}: {work:?}");
        }
        before = now;
    }
    const { assert!(Live::STRIDE == 4 && Live::LATENCY > 0) };
    assert_eq!(outputs, (frames.len() - Live::LATENCY).div_ceil(Live::STRIDE));
    in_step(|| live.finish(|_| outputs += 1));
    in_step(|| live.reset());
}

#[test]
fn recurrent_steps_allocate_nothing() {
    type Net = Sequential![Lstm<3, 16, Layers<2>>, LayerNorm<[f32; 16]>, Gru<16, 40>, Rnn<40, 8>, Linear<8, 2>];
    let net = Net::init(&mut SmallRng::seed_from_u64(0));
    let mut live = net.stream::<Tensor<[[f32; 3]; 1]>>();
    let mut outputs = 0;
    live.step(&Tensor([[0.0; 3]]));
    in_step(|| live.process(&[Tensor([[1.0, -1.0, 0.5]]); 100], |_| outputs += 1));
    in_step(|| live.finish(|_| outputs += 1));
    assert_eq!(outputs, 100);
}

/// What the documentation of `stream` advises: a constant of 10⁻²⁰ in the input keeps a state that decays from numbers which some
/// processors are slow with.
#[test]
fn a_small_constant_keeps_states_from_denormals() {
    type Net = Gru<1, 12, (NoBias, Layers<2>)>;
    let net = Net::init(&mut SmallRng::seed_from_u64(0));
    let after = |silence: f32| {
        let mut state = Net::zero_state();
        net.step(&Tensor([1.0]), &mut state);
        let mut denormal = 0;
        for _ in 0..2000 {
            net.step(&Tensor([silence]), &mut state);
            denormal += state.as_slice().iter().filter(|h| h.is_subnormal()).count();
        }
        denormal
    };
    assert!(after(0.0) > 0, "without it the state decays to denormal numbers");
    assert_eq!(after(1e-20), 0);
}

#[test]
fn attention_steps_allocate_nothing() {
    type Layer = TransformerEncoderLayer<16, 2, 32, (Context<64>, RotaryPositions)>;
    let net = <Sequential![Linear<3, 16>, TransformerEncoder<Layer, 2>, Linear<16, 2>]>::init(&mut SmallRng::seed_from_u64(0));
    let mut live = net.stream::<Tensor<[[f32; 3]; 1]>>();
    let mut outputs = 0;
    live.step(&Tensor([[0.0; 3]]));
    in_step(|| live.process(&[Tensor([[1.0, -1.0, 0.5]]); 80], |_| outputs += 1));
    in_step(|| live.finish(|_| outputs += 1));
    assert_eq!(outputs, 63);
}

#[test]
fn upsampling_steps_allocate_nothing() {
    type Net = Sequential![
        Conv1d<2, 8, 4, (Stride<2>, Padding<1>)>, ConvTranspose1d<8, 40, 16, (Stride<8>, Padding<4>)>, Tanh,
        ConvTranspose1d<40, 2, 4, (Stride<2>, Padding<1>, Groups<2>)>
    ];
    let net = Net::init(&mut SmallRng::seed_from_u64(0));
    let mut live = net.stream::<Frame<2>>();
    let mut outputs = 0;
    live.process(&[Tensor([[0.0]; 2]); 4], |_| outputs += 1);
    in_step(|| live.process(&[Tensor([[1.0], [-1.0]]); 96], |_| outputs += 1));
    in_step(|| live.finish(|_| outputs += 1));
    assert_eq!(outputs, 800);
}

#[test]
fn what_a_state_takes_is_known() {
    type Causal2 = Sequential![Conv1d<4, 4, 3, (Causal, Dilation<8>)>, Tanh];
    type Look = Streaming<Causal2, Frame<4>>;
    // 16 frames of four numbers, the weight, and where the window is.
    const WINDOW: usize = 16 * 4 * 4 + 4 * size_of::<usize>();
    const { assert!(Look::STATE_BYTES >= WINDOW && Look::STATE_BYTES <= (WINDOW + 4 * 4 * 3 * 4).next_multiple_of(64)) };
    assert_eq!((Look::LATENCY, Look::RECEPTIVE_FIELD, Look::STRIDE), (0, 17, 1));
}
