//! `adamant-onnx net.onnx` writes `net.rs` and `net.safetensors`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use adamant_onnx::Import;
use pico_args::Arguments;

const USAGE: &str = "\
adamant-onnx FILE.onnx [-o DIR] [--name NAME] [--size NAME=NUMBER]...

Writes FILE.rs, a model of adamant's layers, and FILE.safetensors, its weights.

  -o DIR              where to write them, instead of the current folder
  --name NAME         what the model's type is called, instead of Net
  --size NAME=NUMBER  how large a size is that the file only names (the size of a batch needs no number)
";

fn main() -> ExitCode {
    match run(Arguments::from_env()) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments ask for, and says what was done.
fn run(mut args: Arguments) -> Result<String, String> {
    if args.contains(["-h", "--help"]) {
        return Ok(USAGE.to_owned());
    }
    let wrong = |what: String| format!("{what}\n\n{USAGE}");
    let text = |e: pico_args::Error| wrong(e.to_string());
    let folder: PathBuf = args.opt_value_from_str("-o").map_err(text)?.unwrap_or_default();
    let name: String = args.opt_value_from_str("--name").map_err(text)?.unwrap_or_else(|| "Net".to_owned());
    let sizes: Vec<String> = args.values_from_str("--size").map_err(text)?;
    let rest = args.finish();
    let [file] = &rest[..] else { return Err(wrong("one file is expected".to_owned())) };
    let mut import = Import::new(name);
    for given in sizes {
        let (name, size) = given.split_once('=').ok_or_else(|| wrong(format!("`{given}` is no size, as `sequence=32` is")))?;
        let size = size.parse().map_err(|_| wrong(format!("`{size}` is no number")))?;
        import = import.size(name, size);
    }
    write(&import, Path::new(file), &folder)
}

fn write(import: &Import, file: &Path, folder: &Path) -> Result<String, String> {
    let imported = import.file(file).map_err(|e| format!("`{}`: {e}", file.display()))?;
    let stem = file.file_stem().ok_or_else(|| format!("`{}` has no name", file.display()))?;
    let mut written = String::new();
    for (ending, bytes) in [("rs", imported.source.as_bytes()), ("safetensors", &imported.weights)] {
        let path = folder.join(stem).with_added_extension(ending);
        std::fs::write(&path, bytes).map_err(|e| format!("`{}` cannot be written: {e}", path.display()))?;
        written += &format!("{}: {} bytes\n", path.display(), bytes.len());
    }
    Ok(written)
}
