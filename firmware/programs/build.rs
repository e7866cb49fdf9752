//! Tells the programs how they are optimised, on which what their calls take depends.

use std::env;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(small)");
    if matches!(env::var("OPT_LEVEL").as_deref(), Ok("s" | "z")) {
        println!("cargo::rustc-cfg=small");
    }
}
