//! A program that exports, stores or decrypts with a derived key does not compile.

#[test]
fn nothing_but_signing_compiles() {
    trybuild::TestCases::new().compile_fail("tests/derived_keys/*.rs");
}
