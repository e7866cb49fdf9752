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
    net.backprop_params(x, grads, |p| cross_entropy(p, labels, Reduction::Mean))
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

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
