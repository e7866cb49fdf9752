//! The command: what it writes, and what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use adamant_onnx::Import;

mod common;
use common::path;

/// A folder of this test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("adamant-onnx-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adamant-onnx")).current_dir(folder).args(args).output().unwrap()
}

fn model(name: &str) -> String {
    path(&format!("models/{name}.onnx")).to_str().unwrap().to_owned()
}

/// For every model: the recorded source, which `models.rs` compiles, and the weights that it compares.
#[test]
fn it_writes_what_is_recorded() {
    let folder = Folder::new("recorded");
    for file in std::fs::read_dir(path("models")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let Some(name) = name.strip_suffix(".onnx") else { continue };
        let output = run(&folder.0, &[&model(name)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let recorded = std::fs::read(path(&format!("recorded/{name}.rs"))).unwrap();
        assert!(folder.read(&format!("{name}.rs")) == recorded, "{name}");
        let imported = Import::new("Net").file(model(name)).unwrap();
        assert!(folder.read(&format!("{name}.safetensors")) == imported.weights, "{name}");
    }
}

#[test]
fn the_folder_and_the_name_are_chosen() {
    let folder = Folder::new("chosen");
    std::fs::create_dir(folder.0.join("inner")).unwrap();
    let output = run(&folder.0, &["--name", "Digits", "-o", "inner", &model("mlp")]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("inner/mlp.rs: ") && said.contains("mlp.safetensors"), "{said}");
    let source = String::from_utf8(folder.read("inner/mlp.rs")).unwrap();
    assert!(source.ends_with("pub type Digits = Sequential![Linear<64, 32>, Relu, Linear<32, 10>];\n"), "{source}");
}

/// A file that only names a size, beside that of the batch.
#[test]
fn a_size_is_given() {
    let folder = Folder::new("sized");
    let file = path("sized/attention.onnx");
    let file = file.to_str().unwrap();
    let output = run(&folder.0, &[file]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains(
            "input `in0`: its size 1 is not known, but called `sequence`\nhelp: say what it is, `--size sequence=32`"
        ),
        "{said}"
    );
    assert!(run(&folder.0, &[file, "--size", "sequence=7"]).status.success());
    let source = String::from_utf8(folder.read("attention.rs")).unwrap();
    assert!(
        source.contains("/// From `[B, 7, 8]` to `[B, 7, 3]`.") && source.contains("pub attention: MultiheadAttention<8, 2>,"),
        "{source}"
    );
}

#[test]
fn it_says_what_is_wrong() {
    let folder = Folder::new("wrong");
    for (args, what) in [
        (&[][..], "error: one file is expected"),
        (&["no.onnx"][..], "error: `no.onnx`: `no.onnx` cannot be read: "),
        (&[&model("mlp"), "--name", "net"][..], "`net` is no name of a type\nhelp: a name such as `Net`"),
        (&[&model("mlp"), "--size", "n"][..], "`n` is no size, as `sequence=32` is"),
        (
            &[&model("mlp"), "--size", "n=3"][..],
            "none of its inputs has a size that is called `n`\nhelp: all its sizes are numbers",
        ),
        (&[&path("sized/attention.onnx").display().to_string(), "--size", "length=3"][..], "`length`\nhelp: it names `"),
        (&[&model("mlp"), "-o", "missing"][..], "cannot be written"),
    ] {
        let output = run(&folder.0, args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(what), "{args:?}: {said}");
    }
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0, "and writes nothing");
    let help = run(&folder.0, &["--help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).starts_with("adamant-onnx FILE.onnx"));
}
