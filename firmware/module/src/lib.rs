//! What a page or Node calls.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
use panic_never as _;
use programs::exact::Training;

/// The hash of training in exact arithmetic.
#[unsafe(no_mangle)]
pub extern "C" fn hash() -> u64 {
    static mut TRAINING: Training = Training::START;
    let training = &raw mut TRAINING;
    // SAFETY: a module has one thread, and this function does not call itself.
    unsafe { (*training).run() }
}
