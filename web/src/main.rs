//! Builds the page that learns, as one file, and serves it: `cargo run --manifest-path web/Cargo.toml`.
//!
//! | argument | |
//! |---|---|
//! | none | builds, serves on `http://127.0.0.1:8080` (or a free port), prints the address |
//! | a port | the same on that port |
//! | `build` | builds alone, and fails where the page is larger or smaller than its budget |

mod module;
mod page;
mod serve;
mod text;

use std::error::Error;
use std::path::Path;

/// What the page may weigh, in bytes: a floor shows what became smaller, so that the budget follows.
const BUDGET: std::ops::RangeInclusive<usize> = 136_000..=143_000;

fn main() -> Result<(), Box<dyn Error>> {
    let argument = std::env::args().nth(1);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = page::build(root)?;
    let path = root.join("target/digits.html");
    std::fs::write(&path, &page)?;
    println!("{} is the page: {} bytes, in a budget of {} to {}", path.display(), page.len(), BUDGET.start(), BUDGET.end());
    match argument.as_deref() {
        Some("build") if !BUDGET.contains(&page.len()) => Err("the page has left its budget".into()),
        Some("build") => Ok(()),
        port => serve::forever(&page, port.map(str::parse).transpose()?),
    }
}
