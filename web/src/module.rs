//! Builds the module of WebAssembly.

use std::error::Error;
use std::path::Path;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// The module's bytes.
pub fn build(root: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    ensure_target()?;
    let target = root.join("target");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--package", "module", "--target", TARGET]).current_dir(root);
    build.env("CARGO_TARGET_DIR", &target);
    // Vectors. What the environment adds for the machine's own programs is not for the module.
    build.env("RUSTFLAGS", "-C target-feature=+simd128").env_remove("CARGO_ENCODED_RUSTFLAGS");
    run(&mut build)?;
    Ok(std::fs::read(target.join(TARGET).join("release/module.wasm"))?)
}

/// Has rustup add the target, where it is missing.
fn ensure_target() -> Result<(), Box<dyn Error>> {
    let library = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output()?;
    if Path::new(String::from_utf8_lossy(&library.stdout).trim()).is_dir() {
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", TARGET]))
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    if command.status()?.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}
