//! A program that could use a presignature twice does not compile.

#[test]
fn a_second_use_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/single_use/*.rs");
}
