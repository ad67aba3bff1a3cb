//! What libFuzzer runs is what the crates' own short tests of it run: the same files.

#[path = "../../crates/threshold/tests/fuzz/decoders.rs"]
pub mod decoders;
#[path = "../../crates/threshold/tests/fuzz/honest.rs"]
pub mod honest;
#[path = "../../crates/threshold/tests/fuzz/machines.rs"]
pub mod machines;
#[path = "../../crates/threshold/tests/fuzz/own_forms.rs"]
pub mod own_forms;
#[path = "../../crates/threshold/tests/fuzz/repair.rs"]
pub mod repair;
#[path = "../../crates/threshold/tests/fuzz/reshare.rs"]
pub mod reshare;
#[path = "../../crates/actions/tests/fuzz/frames.rs"]
pub mod worker_frames;
#[path = "../../crates/actions/tests/fuzz/sessions.rs"]
pub mod worker_sessions;
