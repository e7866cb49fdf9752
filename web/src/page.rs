//! Puts the page together: a file that asks for nothing else.

use std::error::Error;
use std::num::NonZeroU64;
use std::path::Path;

use crate::{module, text};

/// The page, and what its parts weigh on the terminal.
pub fn build(root: &Path) -> Result<String, Box<dyn Error>> {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"));
    let module = module::build(root)?;
    let deflated = deflate(&module)?;
    let (style, script) = (read("page/style.css")?, read("page/script.js")?);
    let parts = [
        ("style", style),
        ("script", script),
        ("mlp", escaped(&declaration(&read("module/src/mlp.rs")?))),
        ("cnn", escaped(&declaration(&read("module/src/cnn.rs")?))),
        ("step", escaped(&excerpt(&read("module/src/learner.rs")?, "grads.zero();", "adam.step(")?)),
        ("module", text::encode(&deflated)),
    ];
    println!("{:>9} bytes: the module, which {} deflated", module.len(), deflated.len());
    let mut page = read("page/index.html")?;
    println!("{:>9} bytes: the text", page.len());
    for (name, part) in &parts {
        println!("{:>9} bytes: {name}", part.len());
        page = filled(&page, name, part)?;
    }
    // Three digits for its own size: it is between 100 and 999 kB.
    let size = (filled(&page, "size", "000")?.len() + 500) / 1000;
    filled(&page, "size", &size.to_string())
}

/// The page with a part in its place.
fn filled(page: &str, name: &str, part: &str) -> Result<String, Box<dyn Error>> {
    let place = format!("{{{{{name}}}}}");
    let (before, after) = page.split_once(&place).ok_or_else(|| format!("the page has no place {place}"))?;
    Ok([before, part, after].concat())
}

fn deflate(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut deflated = Vec::new();
    let rounds = NonZeroU64::new(4);
    let options = zopfli::Options { iteration_count: rounds.ok_or("no rounds")?, ..Default::default() };
    zopfli::compress(options, zopfli::Format::Deflate, bytes, &mut deflated)?;
    Ok(deflated)
}

/// A source file without its head: comments and imports.
fn declaration(source: &str) -> String {
    let head = |line: &&str| line.is_empty() || line.starts_with("//!") || line.starts_with("use ");
    source.lines().skip_while(head).collect::<Vec<_>>().join("\n")
}

/// The lines of a source file from one that begins so to one that begins so, without what they are indented by.
fn excerpt(source: &str, first: &str, last: &str) -> Result<String, String> {
    let mut lines = Vec::new();
    for line in source.lines().map(str::trim_start).skip_while(|line| !line.starts_with(first)) {
        lines.push(line);
        if line.starts_with(last) {
            return Ok(lines.join("\n"));
        }
    }
    Err(format!("no lines from `{first}` to `{last}`"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
