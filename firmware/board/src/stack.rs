//! How deep the stack has been: what lies below is painted beforehand, and what is no longer paint was used.

use core::arch::asm;

unsafe extern "C" {
    /// Where the static variables end, and the stack may reach.
    static __sheap: u32;
}

const PAINT: u32 = 0xDEAD_BEEF;

/// Paints the stack below the function that this stands in, and gives where that begins.
#[inline(always)]
pub fn paint() -> *const u32 {
    let top: *const u32;
    // Assembly, for a function that were called here would stand in what is painted.
    // SAFETY: between the static variables and the stack there is memory, which belongs to nobody.
    #[cfg(target_arch = "arm")]
    unsafe {
        asm!(
            "mov {top}, sp",
            "2: cmp {word}, {top}",
            "bhs 3f",
            "str {paint}, [{word}]",
            "adds {word}, {word}, #4",
            "b 2b",
            "3:",
            word = inout(reg) &raw const __sheap => _,
            paint = in(reg) PAINT,
            top = out(reg) top,
            options(nostack),
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "riscv32")]
    unsafe {
        asm!(
            "mv {top}, sp",
            "2: bgeu {word}, {top}, 3f",
            "sw {paint}, 0({word})",
            "addi {word}, {word}, 4",
            "j 2b",
            "3:",
            word = inout(reg) &raw const __sheap => _,
            paint = in(reg) PAINT,
            top = out(reg) top,
            options(nostack),
        );
    }
    top
}

/// The bytes of stack that have been used since, below its beginning.
#[inline(never)]
pub fn touched(top: *const u32) -> u32 {
    let mut word = &raw const __sheap;
    // SAFETY: as above.
    while word < top && unsafe { word.read_volatile() } == PAINT {
        word = word.wrapping_add(1);
    }
    (top as usize - word as usize) as u32
}
