//! What the compiler says of a mistake is part of the interface: each file in `ui/` must not compile, with this text.

#[test]
fn compile_errors() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

/// Those of `#[forward]`.
#[test]
fn forward_errors() {
    trybuild::TestCases::new().compile_fail("tests/ui_forward/*.rs");
}
