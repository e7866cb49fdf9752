//! Gradients on several threads: the same bits on any number of them.
//!
//! `cargo test --features rayon --test parallel`

use std::collections::HashSet;
use std::sync::Mutex;

use adamant::prelude::*;
use rayon::ThreadPoolBuilder;

type Plain = Sequential![Linear<6, 8>, Tanh, Linear<8, 3>];
type Random = Sequential![Linear<6, 8>, Dropout, Relu, Noise, Linear<8, 3>];

/// Rows of six numbers and their classes.
fn data(len: usize) -> (Vec<[f32; 6]>, Vec<u8>) {
    let rng = &mut SmallRng::seed_from_u64(len as u64);
    ((0..len).map(|_| Tensor::<[f32; 6]>::randn(rng).0).collect(), (0..len).map(|i| (i % 3) as u8).collect())
}

fn on<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

/// Loss and gradients, as bits.
fn bits<M: Parameters + Flat>(loss: f32, grads: &Grads<M>) -> Vec<u32> {
    let grads = M::grads_to_flat::<f32>(grads);
    core::iter::once(&loss).chain(grads.iter()).map(|x| x.to_bits()).collect()
}

macro_rules! of_each_pool {
    ($model:ty, $B:literal, $len:expr) => {{
        let model = <$model>::init(&mut SmallRng::seed_from_u64(1));
        let (x, y) = data($len);
        [1, 2, 3, 5].map(|threads| {
            let (loss, grads) =
                on(threads, || Chunks::<$B>::par_gradients(&model, &x, &y, |p, y| cross_entropy(p, y, Reduction::Sum)));
            bits::<$model>(loss, &grads)
        })
    }};
}

const LENGTHS: [usize; 9] = [0, 1, 5, 64, 65, 127, 255, 513, 2001];

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for len in LENGTHS {
        for [one, others @ ..] in [of_each_pool!(Plain, 4, len), of_each_pool!(Random, 4, len), of_each_pool!(Random, 33, len)]
        {
            assert!(others.iter().all(|other| *other == one), "{len} samples");
        }
    }
}

/// Some samples take longer than others.
#[test]
fn images_in_every_order_of_completion() {
    type Net = Sequential![Conv2d<1, 2, 3>, Relu, Flatten, Linear<32, 3>];
    let model = Net::init(&mut SmallRng::seed_from_u64(3));
    let images: Vec<[[[f32; 6]; 6]; 1]> = (0..603).map(|_| Tensor::randn(&mut SmallRng::seed_from_u64(4)).0).collect();
    let classes: Vec<u8> = (0..603).map(|i| (i % 3) as u8).collect();
    let gradients = |threads, slow: usize| {
        let loss = |p: &mut Tensor<[f32; 3]>, y: &u8| {
            if usize::from(*y) == slow {
                std::thread::yield_now();
            }
            cross_entropy(p, y, Reduction::Sum)
        };
        let (loss, grads) = on(threads, || Chunks::<8>::par_gradients(&model, &images, &classes, loss));
        bits::<Net>(loss, &grads)
    };
    let expected = gradients(1, 0);
    assert!((0..8).all(|i| gradients(2 + i % 4, i % 3) == expected));
}

#[test]
fn near_those_of_one_thread() {
    let model = Plain::init(&mut SmallRng::seed_from_u64(1));
    let loss = |p: &mut Tensor<[f32; 3]>, y: &u8| cross_entropy(p, y, Reduction::Sum);
    for len in &LENGTHS[1..] {
        let (x, y) = data(*len);
        let (right, expected) = Chunks::<4>::gradients(&model, &x, &y, loss);
        let (found, grads) = Chunks::<4>::par_gradients(&model, &x, &y, loss);
        assert!((found - right).abs() < 1e-6, "{len} samples: {found}, not {right}");
        let pairs = Plain::grads_to_flat::<f32>(&grads).into_iter().zip(Plain::grads_to_flat::<f32>(&expected));
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6), "{len} samples");
    }
}

#[test]
fn few_samples_are_taken_in_turn() {
    let model = Random::init(&mut SmallRng::seed_from_u64(1));
    let (x, y) = data(61);
    let loss = |p: &mut Tensor<[f32; 3]>, y: &u8| cross_entropy(p, y, Reduction::Sum);
    let (a, expected) = Chunks::<16>::gradients(&model, &x, &y, loss);
    let (b, grads) = Chunks::<16>::par_gradients(&model, &x, &y, loss);
    assert_eq!(bits::<Random>(a, &expected), bits::<Random>(b, &grads));
}

#[test]
fn of_no_sample_there_is_no_mean() {
    let model = Plain::init(&mut SmallRng::seed_from_u64(1));
    let (x, y) = data(7);
    for (x, y) in [(&x[..0], &y[..0]), (&x[..], &y[..0]), (&x[..0], &y[..])] {
        let (loss, grads) = Chunks::<4>::par_gradients(&model, x, y, |p, y| cross_entropy(p, y, Reduction::Sum));
        assert!(loss.is_nan() && grads.norm() == 0.0);
    }
}

#[test]
fn the_shorter_slice_counts() {
    let model = Plain::init(&mut SmallRng::seed_from_u64(1));
    let (x, y) = data(300);
    let gradients = |x: &[[f32; 6]], y: &[u8]| {
        let (loss, grads) = Chunks::<4>::par_gradients(&model, x, y, |p, y| cross_entropy(p, y, Reduction::Sum));
        bits::<Plain>(loss, &grads)
    };
    let expected = gradients(&x[..277], &y[..277]);
    assert_eq!(gradients(&x, &y[..277]), expected);
    assert_eq!(gradients(&x[..277], &y), expected);
}

/// No sample has the mask of another, in any part, call or worker; a run repeats.
#[test]
fn parts_drop_independently() {
    type Net = Sequential![Linear<1, 64>, Dropout];
    let mut model = Net::init(&mut SmallRng::seed_from_u64(5));
    model.0.0.bias.fill(1.0);
    let (x, y) = (vec![[1.0f32]; 2048], vec![(); 2048]);
    let seen = Mutex::new(Vec::new());
    let gradients = |grads: &mut Grads<Net>| {
        let loss = |p: &mut Tensor<[f32; 64]>, (): &()| {
            seen.lock().unwrap().push(p.0.map(|x| x != 0.0));
            mse_loss(p, &Tensor::zeros(), Reduction::Sum)
        };
        Chunks::<4>::par_add_gradients(&model, grads, &x, &y, loss)
    };
    let mut grads = model.boxed_grads();
    gradients(&mut grads);
    gradients(&mut grads); // before any step: other masks again
    let masks: HashSet<_> = seen.lock().unwrap().drain(..).collect();
    assert_eq!(masks.len(), 4096);

    let mut again = model.boxed_grads();
    gradients(&mut again);
    gradients(&mut again);
    assert!(seen.lock().unwrap().iter().all(|mask| masks.contains(mask)));
    assert_eq!(*again, *grads);

    let mut other = Box::new(model.worker_grads(1));
    seen.lock().unwrap().clear();
    gradients(&mut other);
    assert!(seen.lock().unwrap().iter().all(|mask| !masks.contains(mask)));
}

#[test]
fn every_thread_has_room() {
    type Wide = Sequential![Linear<6, 4096>, Relu, Linear<4096, 3>];
    let model = Wide::init_boxed(&mut SmallRng::seed_from_u64(6));
    let (x, y) = data(256);
    let (mut one, mut two) = (model.boxed_grads(), model.boxed_grads());
    let loss = |p: &mut Tensor<[f32; 3]>, y: &u8| cross_entropy(p, y, Reduction::Sum);
    on(1, || Chunks::<128>::par_add_gradients(&*model, &mut one, &x, &y, loss));
    on(2, || Chunks::<128>::par_add_gradients(&*model, &mut two, &x, &y, loss));
    assert!(*one == *two && one.norm() > 0.0);
}
