//! `unsafe` stands in few places and nowhere else.
//!
//! The compiler's lint cannot say so: what `in_place!` of `heap.rs` expands to stands, to the lint, where the macro is called.

use std::path::Path;

/// Instructions; memory that is filled in place, when the program runs and when it is compiled.
const AUDITED: [&str; 4] = ["src/simd", "src/heap.rs", "src/nn/layout.rs", "src/weights/constant.rs"];

#[test]
fn unsafe_stands_in_few_places() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = 0;
    let mut folders = vec![root.join("src"), root.join("derive/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match () {
                () if AUDITED.iter().any(|audited| path == root.join(audited)) => {}
                () if path.is_dir() => folders.push(path),
                () => {
                    files += 1;
                    check(&path);
                }
            }
        }
    }
    assert!(files > 100, "only {files} files were read");
}

fn check(path: &Path) {
    let source = std::fs::read_to_string(path).unwrap();
    for (number, line) in source.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let forms = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe trait", "unsafe extern", "unsafe("];
        assert!(!forms.iter().any(|form| code.contains(form)), "{}:{}: {line}", path.display(), number + 1);
    }
}
