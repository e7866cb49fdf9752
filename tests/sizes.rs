//! Large and odd sizes: each computes, and gives the right values.

use adamant::prelude::*;

/// Numbers that differ from place to place and are exact in sums.
fn wave<S: Shape<Elem = f32>>() -> Box<Tensor<S>> {
    let mut x = Tensor::<S>::boxed();
    x.as_mut_slice().iter_mut().enumerate().for_each(|(i, x)| *x = (i * 7 % 19) as f32 - 9.0);
    x
}

/// One output of a convolution of one channel, by the definition; `start` is where the kernel's first tap lies.
fn taps(x: &[f32], weight: &[f32], start: isize) -> f32 {
    let at = |i: isize| usize::try_from(i).ok().and_then(|i| x.get(i)).copied().unwrap_or(0.0);
    weight.iter().zip(start..).map(|(w, i)| w * at(i)).sum()
}

/// A convolution with small whole weights and no bias, so that sums are exact.
fn whole<L: Init + Parameters>() -> Box<L> {
    struct Whole;
    impl VisitorMut for Whole {
        fn visit_mut<T: Float>(&mut self, info: &Info<'_>, values: &mut [T]) {
            let is_weight = info.dims.as_slice().len() > 1;
            for (i, value) in values.iter_mut().enumerate() {
                *value = T::from_f64(if is_weight { (i % 5) as f64 - 2.0 } else { 0.0 });
            }
        }
    }
    let mut layer = L::init_boxed(&mut SmallRng::seed_from_u64(0));
    layer.visit_mut(Name::ROOT, &mut Whole);
    layer
}

#[test]
fn strided_convolutions_over_audio() {
    type Layer = Conv1d<1, 1, 10, Stride<5>>;
    let layer = whole::<Layer>();
    let weight: Vec<f32> = layer.weight.iter().copied().collect();
    let x = wave::<[[f32; 44_100]; 1]>();
    let y: Tensor<[[f32; 8819]; 1]> = layer.forward(&*x);
    assert!(y.iter().enumerate().all(|(i, &y)| y == taps(x.as_slice(), &weight, 5 * i as isize)));
    let x = wave::<[[f32; 48_000]; 1]>();
    let y: Tensor<[[f32; 9599]; 1]> = layer.forward(&*x);
    assert!(y.iter().enumerate().all(|(i, &y)| y == taps(x.as_slice(), &weight, 5 * i as isize)));
}

#[test]
fn a_chain_over_audio_trains() {
    type Net = Sequential![Conv1d<1, 2, 400, Stride<160>>, Relu, Flatten<-2>, Linear<596, 3>];
    let net = Net::init(&mut SmallRng::seed_from_u64(0));
    let x = wave::<[[f32; 48_000]; 1]>();
    let (loss, grads) = net.gradients(&*x, |p| mse_loss(p, &Tensor::zeros(), Reduction::Sum));
    assert!(loss.is_finite() && grads.norm() > 0.0);
}

#[test]
fn padding_and_long_kernels() {
    let layer = whole::<Conv1d<1, 1, 3, Padding<1>>>();
    let weight: Vec<f32> = layer.weight.iter().copied().collect();
    let x = wave::<[[f32; 1025]; 1]>();
    let y: Tensor<[[f32; 1025]; 1]> = layer.forward(&*x);
    assert!(y.iter().enumerate().all(|(i, &y)| y == taps(x.as_slice(), &weight, i as isize - 1)));

    let layer = whole::<Conv1d<1, 1, 1025, Same>>();
    let weight: Vec<f32> = layer.weight.iter().copied().collect();
    let x = wave::<[[f32; 1100]; 1]>();
    let y: Tensor<[[f32; 1100]; 1]> = layer.forward(&*x);
    assert!(y.iter().enumerate().all(|(i, &y)| y == taps(x.as_slice(), &weight, i as isize - 512)));

    let x = wave::<[[f32; 4095]; 2]>();
    let y: Tensor<[[f32; 2047]; 2]> = MaxPool1d::<2>::new().forward(&*x);
    assert!(y.at::<1>().iter().zip(x.at::<1>().as_slice().chunks(2)).all(|(&y, x)| y == x[0].max(x[1])));
}

#[test]
fn joined_and_cut() {
    let (a, b) = (wave::<[f32; 1000]>(), wave::<[f32; 25]>());
    let joined: Tensor<[f32; 1025]> = a.concat::<0, _>(&b);
    assert_eq!((&joined.as_slice()[..1000], &joined.as_slice()[1000..]), (a.as_slice(), b.as_slice()));
    let part = joined.slice::<0, 1, 1024>();
    assert_eq!(part.as_slice(), &joined.as_slice()[1..]);
    let all: Tensor<[f32; 8191]> = wave::<[f32; 4095]>().concat::<0, _>(&wave::<[f32; 4096]>());
    assert_eq!(all.at::<4095>(), wave::<[f32; 4096]>().at::<0>());
}

#[test]
fn flat() {
    let x = wave::<[[[f32; 129]; 33]; 1]>();
    let y: Tensor<[f32; 4257]> = Flatten::<-3>.forward(&*x);
    assert_eq!(y.as_slice(), x.as_slice());
    assert_eq!(x.flatten(), y);
    assert_eq!(x.reshape::<[f32; 4257]>(), y);
    assert_eq!(y.reshape::<[[[f32; 129]; 33]; 1]>(), *x);
    let x = wave::<[[[f32; 56]; 56]; 32]>();
    let y: Tensor<[f32; 100_352]> = Flatten::<-3>.forward(&*x);
    assert_eq!(y.as_slice(), x.as_slice());
}

/// Past the table, counts are compared all the same.
#[test]
fn reshaped_past_the_table() {
    let x = wave::<[[f32; 301]; 300]>();
    let y = Box::new(x.reshape::<[[[f32; 10]; 301]; 30]>());
    assert_eq!(y.as_slice(), x.as_slice());
}

#[test]
fn flattened_into_a_linear_layer() {
    type Net = Sequential![Flatten, Linear<100_352, 2>];
    let mut net = Net::init_boxed(&mut SmallRng::seed_from_u64(0));
    let x = wave::<[[[f32; 56]; 56]; 32]>();
    let y: Tensor<[f32; 2]> = net.forward(&*x);
    assert!(y.iter().all(|y| y.is_finite()));
    net.0.1.weight.fill(0.0);
    net.0.1.bias.fill(1.0);
    assert_eq!(net.forward(&*x), Tensor([1.0; 2]));
}

#[test]
fn one_repeats_along_many() {
    let x = wave::<[f32; 1025]>();
    assert_eq!(*x + Tensor([2.0]), *x + 2.0);
    assert_eq!(Tensor([2.0]) - *x, 2.0 - *x);
    let rows = wave::<[[f32; 1025]; 3]>();
    let mean = rows.mean_axis::<-1>().insert_axis::<-1>();
    let centred = *rows - mean;
    assert!(centred.rows().zip(rows.rows()).zip(mean.iter()).all(|((c, r), &m)| *c == *r - m));
}
