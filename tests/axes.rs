//! What takes an axis takes each of eight, counted from either side.

use adamant::prelude::*;

type Eight = Tensor<[[[[[[[[f32; 2]; 3]; 1]; 2]; 3]; 1]; 2]; 2]>;

fn wave() -> Eight {
    let mut i = 0;
    Eight::from_fn(|_| {
        i += 1;
        (i * 7 % 19) as f32 - 9.0
    })
}

/// Reductions, normalisations, parts and joins along one axis, the same from either side.
macro_rules! same_axis {
    ($($axis:literal = $from_inside:literal;)+) => {$({
        let x = wave();
        assert_eq!(x.sum_axis::<$axis>(), x.sum_axis::<$from_inside>());
        assert_eq!(x.max_axis::<$axis>(), x.max_axis::<$from_inside>());
        assert_eq!(x.var_population_axis::<$axis>(), x.var_population_axis::<$from_inside>());
        assert_eq!(x.norm_axis::<$axis>(), x.norm_axis::<$from_inside>());
        assert_eq!(x.logsumexp_axis::<$axis>(), x.logsumexp_axis::<$from_inside>());
        assert_eq!(x.softmax::<$axis>(), x.softmax::<$from_inside>());
        assert_eq!(x.slice::<$axis, 0, 1>(), x.slice::<$from_inside, 0, 1>());
        assert_eq!(x.concat::<$axis, _>(&x), x.concat::<$from_inside, _>(&x));
        assert_eq!(x.swap_axes::<$axis, 0>(), x.swap_axes::<$from_inside, -8>());
        // Of size 1, an axis goes, comes back and repeats.
        let one = x.slice::<$axis, 0, 1>();
        let without = one.remove_axis::<$from_inside>();
        assert_eq!(without, one.remove_axis::<$axis>());
        assert_eq!((without.insert_axis::<$axis>(), without.insert_axis::<$from_inside>()), (one, one));
        assert_eq!(one.expand::<$axis, 3>(), one.expand::<$from_inside, 3>());
        assert_eq!(one.expand::<$axis, 3>().sum_axis::<$axis>(), without * 3.0);
        assert_eq!(Softmax::<$axis>.forward(&x), Softmax::<$from_inside>.forward(&x));
    })+};
}

#[test]
fn along_each_of_eight() {
    same_axis! { 0 = -8; 1 = -7; 2 = -6; 3 = -5; }
    same_axis! { 4 = -4; 5 = -3; 6 = -2; 7 = -1; }
}

/// `Flatten` merges the last dimensions, as many as are asked for, and those between two axes.
#[test]
fn flattened_from_each_axis() {
    let x = wave();
    macro_rules! flattened {
        ($($axis:literal = $from_inside:literal;)+) => {$(
            let y = Flatten::<$from_inside>.forward(&x);
            assert_eq!((y.as_slice(), y), (x.as_slice(), Flatten::<$axis>.forward(&x)));
            assert_eq!(y, Flatten::<$axis, 7>.forward(&x));
        )+};
    }
    flattened! { 0 = -8; 1 = -7; 2 = -6; 3 = -5; 4 = -4; 5 = -3; 6 = -2; 7 = -1; }
    let y: Tensor<[[[[f32; 2]; 3]; 12]; 2]> = Flatten::<1, 5>.forward(&x);
    assert_eq!(y.as_slice(), x.as_slice());
    let y: Tensor<[[[[f32; 2]; 18]; 1]; 4]> = Flatten::<2, 3>.forward(&Flatten::<0, 1>.forward(&Flatten::<3, 5>.forward(&x)));
    assert_eq!(y.as_slice(), x.as_slice());
}

/// A tail that is given another shape.
#[test]
fn reshaped_from_each_axis() {
    let x = wave();
    let (all, last) = (
        Reshape::<[f32; 144], -8>::new().forward(&x),
        Reshape::<[[f32; 1]; 2]>::new().forward(&Flatten::<-8>.forward(&x).slice::<0, 0, 2>()),
    );
    assert_eq!((all.as_slice(), last.as_slice()), (x.as_slice(), &x.as_slice()[..2]));
    let five: Tensor<[[[[f32; 36]; 1]; 2]; 2]> = Reshape::<[f32; 36], -5>::new().forward(&x);
    assert_eq!((five.as_slice(), five), (x.as_slice(), Reshape::<[f32; 36], 3>::new().forward(&x)));
}

/// Channels along any axis: each channel of each sample is normalised over the positions inside it.
#[test]
fn channels_along_each_axis() {
    let x = wave();
    macro_rules! normalised {
        ($($axis:literal: $channels:literal of $positions:literal;)+) => {$(
            let y = GroupNorm::<$channels, $channels, $axis, NoAffine>::BLANK.forward(&x);
            for (y, x) in y.as_slice().chunks($positions).zip(x.as_slice().chunks($positions)) {
                let mean = x.iter().sum::<f32>() / $positions as f32;
                let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / $positions as f32;
                assert!(y.iter().zip(x).all(|(y, x)| (y - (x - mean) / (variance + 1e-5).sqrt()).abs() < 1e-5));
            }
        )+};
    }
    normalised! { -8: 2 of 72; -7: 2 of 36; -6: 1 of 36; -5: 3 of 12; -4: 2 of 6; -3: 1 of 6; -2: 3 of 2; -1: 2 of 1; }
    normalised! { 1: 2 of 36; }
}

/// A window slides over images, signals, planes and lines under as many dimensions as make eight.
#[test]
fn windows_under_leading_dimensions() {
    let x = wave();
    let mut image = Conv2d::<1, 1, 1>::BLANK;
    image.weight.fill(2.0);
    image.bias.fill(1.0);
    assert_eq!(image.forward(&x), x * 2.0 + 1.0);
    let mut signal = Conv1d::<3, 3, 1>::BLANK;
    signal.weight.fill(1.0);
    signal.bias.fill(0.0);
    assert_eq!(signal.forward(&x), x.sum_axis::<-2>().insert_axis::<-2>().expand::<-2, 3>());
    assert_eq!(MaxPool1d::<2>::new().forward(&x), x.max_axis::<-1>().insert_axis::<-1>());
    let pooled = MaxPool2d::<3, KernelWidth<2>>::new().forward(&x);
    assert_eq!(pooled, x.max_axis::<-1>().max_axis::<-1>().insert_axis::<-1>().insert_axis::<-1>());
}
