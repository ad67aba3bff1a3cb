//! Every decoder of what clients get and of what is kept on disk.
#![no_main]

use conclave_fuzz::decoders::{CLIENTS_AND_DISK, choose};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    choose(CLIENTS_AND_DISK, data);
});
