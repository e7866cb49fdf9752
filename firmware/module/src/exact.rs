//! Training in exact arithmetic.

use programs::exact::Training;

/// The hash of what was trained.
#[unsafe(no_mangle)]
pub extern "C" fn hash() -> u64 {
    static mut TRAINING: Training = Training::START;
    let training = &raw mut TRAINING;
    // SAFETY: a module has one thread, and this function does not call itself.
    unsafe { (*training).run() }
}
