//! A network as a static library for firmware in C: `digits.h` declares what is here, `main.c` calls it.

#![no_std]

use adamant::memory::{Flash, Memory, Ram};
use adamant::prelude::*;
/// A panic handler that does not link: C is called back by no panic.
use panic_never as _;

type Net = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];
type Tuned = Sequential![Frozen<&'static Linear<64, 32>>, Relu, Linear<32, 10>];
type Pixels = Tensor<[f32; 64]>;

const _: () = Memory::training::<Tuned, Pixels, Adam<Tuned>>().started_from_flash().fits(Flash::kib(10), Ram::kib(7));

static NET: Net = weights!("../../tests/models/digits_mlp.safetensors");
static mut LEARNER: Learner =
    Learner { net: sequential![Frozen(&NET.0.0), Relu, Linear::BLANK], grads: Buffer::ZERO, adam: Adam::BLANK };

struct Learner {
    net: Tuned,
    grads: Grads<Tuned>,
    adam: Adam<Tuned>,
}

fn learner() -> &'static mut Learner {
    let learner = &raw mut LEARNER;
    // SAFETY: one thread calls the library and no interrupt (`digits.h`), each function asks once, and none calls another.
    unsafe { &mut *learner }
}

/// `digits_infer` of `digits.h`.
#[unsafe(no_mangle)]
pub extern "C" fn digits_infer(pixels: &Pixels, logits: &mut Tensor<[f32; 10]>) {
    NET.forward_into(pixels, logits);
}

/// `digits_infer_tuned` of `digits.h`.
#[unsafe(no_mangle)]
pub extern "C" fn digits_infer_tuned(pixels: &Pixels, logits: &mut Tensor<[f32; 10]>) {
    learner().net.forward_into(pixels, logits);
}

/// `digits_learn` of `digits.h`.
#[unsafe(no_mangle)]
pub extern "C" fn digits_learn(pixels: &Pixels, label: u8) -> f32 {
    if label > 9 {
        return f32::NAN;
    }
    let Learner { net, grads, adam } = learner();
    grads.zero();
    let loss = net.add_gradients(pixels, grads, |p| cross_entropy(p, &label, Reduction::Mean));
    adam.step(net, grads);
    loss
}
