//! 4096-4096-4096: 134 MB of parameters, as much of gradients, twice as much of Adam's moments, all of it on the heap. Around it
//! stands what does not start from zeros: a normalisation, statistics, settings, a part that may be absent.
//!
//! `large init` makes all of it, `large train` takes two steps, each on a stack of 2 MiB.

#![forbid(unsafe_code)]

use adamant::prelude::*;

const N: usize = 4096;

#[derive(Module)]
struct Net {
    hidden: Sequential![Linear<N, N>, Tanh],
    out: Linear<N, N>,
}

#[derive(Module)]
#[module(custom(forward))]
struct Settled {
    norm: LayerNorm<[f32; 1_000_000]>,
    statistics: BatchNorm1d<1_000_000>,
    slopes: PRelu<1_000_000>,
    #[module(value = 1e-5)]
    eps: f64,
    absent: Option<Linear<N, N>>,
    drop: Dropout,
    both: (Residual<Linear<N, N>>, [Frozen<Linear<1024, 1024>>; 2]),
}

fn run(train: bool) {
    let rng = &mut SmallRng::seed_from_u64(0);
    let mut net = Net::init_boxed(rng);
    let mut grads = net.boxed_grads();
    let mut adam = Adam::<Net>::boxed();
    adam.lr = 1e-4;
    let settled = Settled::init_boxed(rng);
    let kept = settled.boxed_grads();
    let (nadam, mut rmsprop) = (NAdam::<Settled>::boxed(), RmsProp::<Settled, 1, 1>::boxed());
    rmsprop.momentum = 0.9;
    assert_eq!(settled.norm.weight.iter().sum::<f32>(), 1e6);
    assert_eq!((kept.statistics.running_var.0.0[N], settled.slopes.weight.0.0[N]), (1.0, 0.25));
    assert_eq!((settled.eps, settled.drop.p, settled.absent.is_none(), nadam.lr, rmsprop.lr), (1e-5, 0.5, true, 2e-3, 1e-2));
    if train {
        let x = Tensor::<[f32; N]>::randn(rng);
        let y = Tensor::zeros();
        let losses = [(); 2].map(|()| {
            grads.zero();
            let loss = net.add_gradients(&x, &mut grads, |p| mse_loss(p, &y, Reduction::Mean));
            adam.step(&mut net, &grads);
            loss
        });
        assert!(losses[1] < losses[0], "{losses:?}");
    }
}

fn main() {
    let train = std::env::args().nth(1).is_some_and(|what| what == "train");
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || run(train));
    thread.expect("a thread").join().expect("a run without a panic");
}
