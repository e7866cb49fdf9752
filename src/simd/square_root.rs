//! √x as one instruction, where the target has it.
//!
//! `core` has no name for the instruction on stable, and `libm`'s routine takes 58. But the compiler knows C's `sqrtf`: it emits
//! the instruction, and a call for the numbers below zero alone. Either rounds correctly, so they give the same bits.
//!
//! In WebAssembly `core` has one for vectors. The compiler makes it that for a single number, or for the numbers of a loop, which a call
//! would keep it from.

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

        #[cfg(not(any(
            all(target_arch = "wasm32", target_feature = "simd128"),
            all(not(feature = "std"), any(target_os = "none", target_os = "unknown"), $($instruction)+)
        )))]
        #[inline(always)]
        pub fn $float(x: $float) -> $float {
            num_traits::Float::sqrt(x)
        }
    };
}

square_root!(f32, sqrtf where any(
    all(target_arch = "arm", target_abi = "eabihf"),
    all(any(target_arch = "riscv32", target_arch = "riscv64"), target_feature = "f"),
    all(target_arch = "wasm32", not(target_feature = "simd128")),
));
square_root!(f64, sqrt where any(
    all(any(target_arch = "riscv32", target_arch = "riscv64"), target_feature = "d"),
    all(target_arch = "wasm32", not(target_feature = "simd128")),
));

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vectors {
    use core::arch::wasm32::*;

    #[inline(always)]
    pub fn f32(x: f32) -> f32 {
        f32x4_extract_lane::<0>(f32x4_sqrt(f32x4_splat(x)))
    }

    #[inline(always)]
    pub fn f64(x: f64) -> f64 {
        f64x2_extract_lane::<0>(f64x2_sqrt(f64x2_splat(x)))
    }
}
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use vectors::*;
