//! Running machines, fed with altered messages.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    conclave_fuzz::machines::choose(data);
});
