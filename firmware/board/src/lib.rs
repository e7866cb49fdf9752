//! A chip that runs a program [`RUNS`] times and tells what it took, through the emulator's (or a debugger's) semihosting:
//!
//! ```text
//! instructions 33636
//! stack 1496
//! promised 94500
//! value 3f8ccccd
//! …
//! told 4048f5c3
//! …
//! ```
//!
//! A line each for the instructions of a run, the bytes of stack that the deepest one touched, the bytes of RAM that the program's types
//! promise, the bits of what each run gave, and of what the program tells afterwards.

#![no_std]

mod clock;
mod print;
mod stack;

use core::hint::black_box;

#[cfg(target_arch = "arm")]
pub use cortex_m_rt::entry;
pub use programs;
#[cfg(target_arch = "riscv32")]
pub use riscv_rt::entry;

use print::line;
use programs::{Program, RUNS};

/// A panic handler that does not link: a program that could panic is none.
#[cfg(not(debug_assertions))]
use panic_never as _;

/// Without optimisation paths to a panic remain that nothing takes.
#[cfg(debug_assertions)]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    semihosting::process::exit(101)
}

/// The firmware of a program: its memory, and where it starts.
#[macro_export]
macro_rules! firmware {
    ($program:ident) => {
        #[$crate::entry]
        fn main() -> ! {
            use $crate::programs::{Program, $program};
            static mut MODEL: <$program as Program>::Model = $program::MODEL;
            static mut MEMORY: <$program as Program>::Memory = $program::MEMORY;
            let (model, memory) = (&raw mut MODEL, &raw mut MEMORY);
            // SAFETY: the chip starts `main` once, and nothing else knows these names.
            let (model, memory) = unsafe { (&mut *model, &mut *memory) };
            $crate::measure::<$program>(model, memory)
        }
    };
}

/// Runs the program and ends the emulation.
pub fn measure<P: Program>(model: &mut P::Model, memory: &mut P::Memory) -> ! {
    let mut values = [0.0; RUNS];
    clock::start();
    let top = stack::paint();
    let begin = clock::now();
    for value in &mut values {
        *value = once::<P>(model, memory);
    }
    let took = clock::since(begin);
    line("stack", stack::touched(top), 10);
    line("promised", P::PROMISE.get() as u32, 10);
    line("instructions", took / RUNS as u32, 10);
    for value in values {
        line("value", value.to_bits(), 16);
    }
    P::tell(model, memory, |number| line("told", number.to_bits(), 16));
    semihosting::process::exit(0)
}

/// A frame of its own, whose depth is the program's.
#[inline(never)]
fn once<P: Program>(model: &mut P::Model, memory: &mut P::Memory) -> f32 {
    P::run(black_box(model), black_box(memory))
}

/// Tells a hash and ends the emulation.
pub fn tell_hash(hash: u64) -> ! {
    line("hash", (hash >> 32) as u32, 16);
    line("hash", hash as u32, 16);
    semihosting::process::exit(0)
}
