//! A chain of layers: its type, its value, what the compiler knows of it, and training it on a curve.
//!
//! `cargo run --release --example 02_sequential`

use adamant::prelude::*;

/// Layers one after the other. The type says every shape; the compiler works out what fits.
type Net = Sequential![Linear<1, 32>, Tanh, Residual<Sequential![Linear<32, 32>, Tanh]>, Linear<32, 1>];

/// A batch of 64 points.
type Points = Tensor<[[f32; 1]; 64]>;

// The layers fit each other and a batch; the model keeps to its budget. Neither costs anything at run time.
const _: () = Net::check::<Points>();
const _: () = assert!(Net::PARAMETERS * size_of::<f32>() <= 5 * 1024, "the weights outgrew 5 KiB");

fn main() {
    let rng = &mut SmallRng::seed_from_u64(0);
    let mut net = Net::init(rng);
    println!("{net}");
    net.named_parameters(|tensor| println!("{:10} {}", tensor.name.to_string(), tensor.dims));
    println!(
        "{} parameters, {} multiply-accumulates a batch, {} bytes of activations in training\n",
        Net::PARAMETERS,
        <Net as Module<Points>>::MACS,
        <Net as Backprop<Points>>::BACKPROP_BYTES
    );

    const STEPS: usize = 2000;
    let schedule = CosineAnnealingLr::new(3e-3, STEPS);
    let mut adam = AdamW::new(&net).weight_decay(1e-4);
    for step in 0..STEPS {
        let x = Points::uniform(-3.0, 3.0, rng);
        let y = x.map(|x| (2.0 * x).sin());
        let (loss, mut grads) = net.gradients(&x, |p| smooth_l1_loss(p, &y, 1.0, Reduction::Mean));
        grads.clip_norm(1.0);
        adam.set_lr(schedule.lr(step));
        adam.step(&mut net, &grads);
        if step % 400 == 0 || step == STEPS - 1 {
            println!("step {step:4}, loss {loss:.6}");
        }
    }

    println!("\n    x   sin 2x  model");
    for x in [-2.5f32, -1.0, 0.0, 0.5, 2.0] {
        let y: Tensor<[f32; 1]> = net.forward(&Tensor([x]));
        println!("{x:5.1} {:7.3} {:7.3}", (2.0 * x).sin(), y.at::<0>());
    }
}
