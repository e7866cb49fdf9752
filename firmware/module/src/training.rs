//! Digits are written into [`images`] and [`labels`], and [`train`] learns them.

use adamant::prelude::*;
use programs::DigitsNet;

use crate::learner::Learner;

static mut LEARNER: Learner = Learner::BLANK;

/// The learner, for as long as one call from outside takes.
fn learner<'a>() -> &'a mut Learner {
    let learner = &raw mut LEARNER;
    // SAFETY: a module has one thread, and each exported function asks once.
    unsafe { &mut *learner }
}

pub fn net<'a>() -> &'a DigitsNet {
    &learner().net
}

/// Where the caller writes 1,437 images that train and 360 that test: 8×8 pixels from 0 to 1 each.
#[unsafe(no_mangle)]
pub extern "C" fn images() -> *mut f32 {
    learner().images.as_mut_ptr().cast()
}

/// Where the caller writes the digit on each image, a byte.
#[unsafe(no_mangle)]
pub extern "C" fn labels() -> *mut u8 {
    learner().labels.as_mut_ptr()
}

/// Draws fresh weights.
#[unsafe(no_mangle)]
pub extern "C" fn start(seed: u32) {
    learner().start(u64::from(seed));
}

/// Trains for an epoch, each of which has another order, and gives the mean loss.
#[unsafe(no_mangle)]
pub extern "C" fn train(epoch: u32, learning_rate: f64) -> f32 {
    learner().train(u64::from(epoch), learning_rate)
}

/// How many of the images that test are classified rightly, from 0 to 1.
#[unsafe(no_mangle)]
pub extern "C" fn accuracy() -> f32 {
    learner().accuracy()
}

/// How many numbers are trained.
#[unsafe(no_mangle)]
pub extern "C" fn parameters() -> usize {
    DigitsNet::PARAMETERS
}
