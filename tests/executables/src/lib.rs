//! A firmware with static optimisers, and a model that is made in a static: all of it must lie in memory that starts as zeros.

#![no_std]

use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

use adamant::prelude::*;

type Net = Sequential![Linear<16, 128>, BatchNorm1d<128>, Relu, Dropout, Linear<128, 16>];
type Batch = Tensor<[[f32; 16]; 4]>;

static ONCE: AtomicBool = AtomicBool::new(false);

/// What a firmware keeps behind a lock of its own.
#[unsafe(no_mangle)]
static mut MODEL: MaybeUninit<Net> = MaybeUninit::uninit();
#[unsafe(no_mangle)]
static mut ADAM: Adam<Net> = Adam::BLANK;
#[unsafe(no_mangle)]
static mut RADAM: RAdam<Net> = RAdam::BLANK;
#[unsafe(no_mangle)]
static mut NADAM: NAdam<Net> = NAdam::BLANK;
#[unsafe(no_mangle)]
static mut RMSPROP: RmsProp<Net, 1, 1> = RmsProp::BLANK;
#[unsafe(no_mangle)]
static mut SGD: Sgd<Net, 1> = Sgd::BLANK;

/// Takes one step with each, once.
#[unsafe(no_mangle)]
pub extern "C" fn train(x: &Batch, y: &Batch, grads: &mut Grads<Net>) -> f32 {
    if ONCE.swap(true, Ordering::Relaxed) {
        return 0.0;
    }
    // SAFETY: the first call alone comes here.
    #[allow(static_mut_refs, reason = "the same")]
    let (model, adam, radam, nadam, rmsprop, sgd) =
        unsafe { (&mut MODEL, &mut ADAM, &mut RADAM, &mut NADAM, &mut RMSPROP, &mut SGD) };
    let model = Net::init_in(model, &mut SmallRng::seed_from_u64(0));
    adam.lr = 1e-2;
    sgd.momentum = 0.9;
    let loss = model.add_gradients(x, grads, |p| mse_loss(p, y, Reduction::Mean));
    adam.step(model, grads);
    radam.step(model, grads);
    nadam.step(model, grads);
    rmsprop.step(model, grads);
    sgd.step(model, grads);
    loss
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
