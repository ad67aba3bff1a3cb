//! Actions on workers that were taken over.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    conclave_fuzz::worker_sessions::choose(data);
});
