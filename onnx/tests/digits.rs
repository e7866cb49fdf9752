//! An imported model trains on: the digits' network out of `mlp.onnx`, for one epoch.

use adamant::prelude::*;
use adamant_onnx::onnx;

#[path = "../../examples/data/digits.rs"]
mod digits;

onnx!(Digits, "tests/models/mlp.onnx");

/// The part of the test images that the model names rightly.
fn accuracy(net: &Digits, images: &[[f32; 64]], labels: &[u8]) -> f32 {
    let is_right = |(image, label): (&[f32; 64], &u8)| {
        let logits: Tensor<[f32; 10]> = net.forward(&Tensor(*image));
        logits.argmax_axis::<0>().0 == usize::from(*label)
    };
    let right = images.iter().zip(labels).filter(|&pair| is_right(pair)).count();
    right as f32 / images.len() as f32
}

#[test]
fn one_epoch_of_an_imported_model() {
    let (images, labels) = digits::embedded(|pixels| pixels);
    let (train, test) = (&images[..digits::TRAIN], &images[digits::TRAIN..]);
    let (train_labels, test_labels) = (&labels[..digits::TRAIN], &labels[digits::TRAIN..]);
    let mut net: Digits = DIGITS;
    let before = accuracy(&net, test, test_labels);
    let mut adam = Adam::new(&net).lr(1e-2);
    let rng = &mut SmallRng::seed_from_u64(0);
    let losses: Vec<f32> = Batches::<32, _, _>::new(train, train_labels, rng)
        .map(|(x, y)| {
            let (loss, grads) = net.gradients(&x, |p| cross_entropy(p, &y, Reduction::Mean));
            adam.step(&mut net, &grads);
            loss
        })
        .collect();
    let (first, last) = (losses[..5].iter().sum::<f32>() / 5.0, losses[losses.len() - 5..].iter().sum::<f32>() / 5.0);
    let after = accuracy(&net, test, test_labels);
    println!("loss {first} -> {last}, accuracy {before} -> {after} in {} steps", losses.len());
    assert!(last < 0.6 * first, "{losses:?}");
    assert!(after > 0.8 && after > before, "{before} -> {after}");
}
