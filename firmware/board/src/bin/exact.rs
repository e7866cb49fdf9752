#![no_std]
#![no_main]

use board::programs::exact::Training;

static mut TRAINING: Training = Training::START;

#[board::entry]
fn main() -> ! {
    let training = &raw mut TRAINING;
    // SAFETY: the chip starts `main` once, and nothing else uses it.
    let training = unsafe { &mut *training };
    board::tell_hash(training.run())
}
