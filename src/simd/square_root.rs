//! √x as one instruction, where the target has it.
//!
//! `core` has no name for the instruction on stable, and `libm`'s routine takes 58. But the compiler knows C's `sqrtf`: it emits
//! the instruction, and a call for the numbers below zero alone. Either rounds correctly, so they give the same bits.

/// Which functions have an instruction that their C name stands for. The symbols are there where there is no operating system, too:
/// they are among the compiler's own routines.
macro_rules! square_root {
    ($float:ident, $c:ident where $($instruction:tt)+) => {
        #[cfg(all(not(feature = "std"), any(target_os = "none", target_os = "unknown"), $($instruction)+))]
        #[inline(always)]
        pub fn $float(x: $float) -> $float {
            // SAFETY: this is its signature in C, and it is defined for every number.
            unsafe extern "C" {
                safe fn $c(x: $float) -> $float;
            }
            $c(x)
        }

        #[cfg(not(all(not(feature = "std"), any(target_os = "none", target_os = "unknown"), $($instruction)+)))]
        #[inline(always)]
        pub fn $float(x: $float) -> $float {
            num_traits::Float::sqrt(x)
        }
    };
}

square_root!(f32, sqrtf where any(
    all(target_arch = "arm", target_abi = "eabihf"),
    all(any(target_arch = "riscv32", target_arch = "riscv64"), target_feature = "f"),
    target_arch = "wasm32",
));
square_root!(f64, sqrt where any(
    all(any(target_arch = "riscv32", target_arch = "riscv64"), target_feature = "d"),
    target_arch = "wasm32",
));
