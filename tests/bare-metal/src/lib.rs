//! What a firmware calls: inference, a training step, an optimiser's step, each as a C function over static memory.
//!
//! `.ci/run` builds this for a Cortex-M4F and looks at what came out: no symbol of an allocator, and no call of a panic.

#![no_std]

use adamant::prelude::*;

type Net = Sequential![Linear<16, 32>, Relu, Residual<Sequential![Linear<32, 32>, Tanh]>, Linear<32, 4>];
type Batch = Tensor<[[f32; 16]; 8]>;

/// y = net(x).
#[unsafe(no_mangle)]
pub extern "C" fn infer(net: &Net, x: &Tensor<[f32; 16]>, y: &mut Tensor<[f32; 4]>) {
    net.forward_into(x, y);
}

/// The loss of a batch; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn(net: &Net, x: &Batch, labels: &[u8; 8], grads: &mut Grads<Net>) -> f32 {
    net.add_gradients(x, grads, |p| cross_entropy(p, labels, Reduction::Mean))
}

/// One step of Adam; sets the gradients to zero.
#[unsafe(no_mangle)]
pub extern "C" fn step(net: &mut Net, adam: &mut Adam<Net>, grads: &mut Grads<Net>) {
    adam.step(net, grads);
    grads.zero();
}

/// A model from a seed.
#[unsafe(no_mangle)]
pub extern "C" fn start(net: &mut Net, seed: u64) {
    net.reset_parameters(&mut SmallRng::seed_from_u64(seed));
}

type Images = Tensor<[[[[f32; 12]; 12]; 1]; 4]>;
type Cnn = Sequential![
    Conv2d<1, 4, 3, Padding<1>>,
    BatchNorm2d<4>,
    Relu,
    MaxPool2d<2>,
    Conv2d<4, 8, 3, (Stride<2>, Padding<1>)>,
    Silu,
    Flatten,
    Linear<72, 3>
];

/// The loss of a batch of images; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn_images(net: &Cnn, x: &Images, labels: &[u8; 4], grads: &mut Grads<Cnn>) -> f32 {
    net.add_gradients(x, grads, |p| cross_entropy(p, labels, Reduction::Mean))
}

/// A recurrent network whose backward pass is derived.
#[derive(Module)]
#[module(custom(forward))]
pub struct Rnn {
    input: Linear<3, 8>,
    state: Linear<8, 8, NoBias>,
    out: Linear<8, 1>,
}

#[forward]
impl Rnn {
    fn forward(&self, x: Tensor<[[f32; 3]; 16]>) -> Tensor<[f32; 1]> {
        let mut h = Tensor::<[f32; 8]>::zeros();
        for t in 0..16 {
            h = (self.input.forward(x.row(t)) + self.state.forward(h)).tanh();
        }
        self.out.forward(h)
    }
}

/// The squared error of one sequence; adds the gradients.
#[unsafe(no_mangle)]
pub extern "C" fn learn_sequence(net: &Rnn, x: &Tensor<[[f32; 3]; 16]>, y: &Tensor<[f32; 1]>, grads: &mut Grads<Rnn>) -> f32 {
    net.add_gradients(x, grads, |p| mse_loss(p, y, Reduction::Sum))
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
