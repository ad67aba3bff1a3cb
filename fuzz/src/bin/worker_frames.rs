//! Every message between a node and the worker of an action.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    conclave_fuzz::worker_frames::choose(data);
});
