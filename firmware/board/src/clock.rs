//! Instructions counted: the emulator's time advances by one nanosecond for each (`-icount shift=0`).

#[cfg(target_arch = "arm")]
mod systick {
    //! The core's timer counts down at the processor's clock: 25 MHz on the mps2 board, so once in 40 instructions.

    const NANOSECONDS: u32 = 40;
    const LIMIT: u32 = 0x00FF_FFFF;
    const CONTROL: *mut u32 = 0xE000_E010 as *mut u32;
    const RELOAD: *mut u32 = 0xE000_E014 as *mut u32;
    const CURRENT: *mut u32 = 0xE000_E018 as *mut u32;

    /// Starts the timer.
    pub fn start() {
        // SAFETY: these are the registers of SysTick on every Cortex-M, and nobody else uses it.
        unsafe {
            RELOAD.write_volatile(LIMIT);
            CURRENT.write_volatile(0);
            CONTROL.write_volatile(0b101);
        }
    }

    /// A moment.
    pub fn now() -> u32 {
        // SAFETY: as above.
        unsafe { CURRENT.read_volatile() }
    }

    /// The instructions since then, if less than 671 million.
    pub fn since(begin: u32) -> u32 {
        (begin.wrapping_sub(now()) & LIMIT) * NANOSECONDS
    }
}

#[cfg(target_arch = "arm")]
pub use systick::{now, since, start};

#[cfg(target_arch = "riscv32")]
mod counter {
    //! The core counts its instructions.

    /// It runs.
    pub fn start() {}

    /// A moment.
    pub fn now() -> u32 {
        riscv::register::minstret::read() as u32
    }

    /// The instructions since then.
    pub fn since(begin: u32) -> u32 {
        now().wrapping_sub(begin)
    }
}

#[cfg(target_arch = "riscv32")]
pub use counter::{now, since, start};
