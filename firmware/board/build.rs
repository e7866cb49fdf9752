//! The memory of each emulated board, and the linker's script.

use std::{env, fs, path::Path};

/// ARM's mps2 boards have 4 MB each of flash and RAM.
const MPS2: &str = "MEMORY { FLASH : ORIGIN = 0x00000000, LENGTH = 4M\n RAM : ORIGIN = 0x20000000, LENGTH = 4M }\n";

/// QEMU's RISC-V board `virt` starts in RAM, all of it.
const VIRT: &str = "MEMORY { FLASH : ORIGIN = 0x80000000, LENGTH = 4M\n RAM : ORIGIN = 0x80400000, LENGTH = 4M }
REGION_ALIAS(\"REGION_TEXT\", FLASH);\nREGION_ALIAS(\"REGION_RODATA\", FLASH);\nREGION_ALIAS(\"REGION_DATA\", RAM);
REGION_ALIAS(\"REGION_BSS\", RAM);\nREGION_ALIAS(\"REGION_HEAP\", RAM);\nREGION_ALIAS(\"REGION_STACK\", RAM);\n";

fn main() {
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let memory = match arch.as_str() {
        "arm" => MPS2,
        "riscv32" => VIRT,
        _ => return,
    };
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("memory.x"), memory).expect("a build directory can be written to");
    println!("cargo::rustc-link-search={out}");
    if arch == "riscv32" {
        println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
}
