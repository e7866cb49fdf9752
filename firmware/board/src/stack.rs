//! How deep the stack has been: what lies below is painted beforehand, and what is no longer paint was used.

use core::ptr::from_ref;

unsafe extern "C" {
    /// Where the static variables end, and the stack may reach.
    static __sheap: u32;
    /// Where the stack begins.
    static _stack_start: u32;
}

const PAINT: u32 = 0xDEAD_BEEF;

/// Paints the free part of the stack.
#[inline(never)]
pub fn paint() {
    let here = 0u32;
    // What this function may still need.
    let end = from_ref(&here).wrapping_sub(64).cast_mut();
    let mut word = (&raw const __sheap).cast_mut();
    while word < end {
        // SAFETY: between the static variables and the stack there is memory, which belongs to nobody.
        unsafe { word.write_volatile(PAINT) };
        word = word.wrapping_add(1);
    }
}

/// The bytes of stack that have been used.
#[inline(never)]
pub fn touched() -> u32 {
    let (mut word, top) = (&raw const __sheap, &raw const _stack_start);
    // SAFETY: as above, and up to where the stack begins.
    while word < top && unsafe { word.read_volatile() } == PAINT {
        word = word.wrapping_add(1);
    }
    (top as usize - word as usize) as u32
}
