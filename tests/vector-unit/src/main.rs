//! Runs every kernel once on a set of instructions, `vector-unit Target` or `vector-unit Avx2`, and says over how many elements.
//! `check` counts what each executes, and reads what it consists of.

#![forbid(unsafe_code)]

mod kernels;

use adamant::simd::Instructions;

fn main() -> Result<(), String> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let set = Instructions::available()
        .find(|set| format!("{set:?}") == name)
        .ok_or_else(|| format!("this machine has no set of instructions called '{name}'"))?;
    set.limit();
    kernels::run();
    Ok(())
}
