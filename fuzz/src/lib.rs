//! What libFuzzer runs is what the crate's own short test of it runs: the same files.

#[path = "../../crates/threshold/tests/fuzz/decoders.rs"]
pub mod decoders;
#[path = "../../crates/threshold/tests/fuzz/honest.rs"]
pub mod honest;
#[path = "../../crates/threshold/tests/fuzz/machines.rs"]
pub mod machines;
