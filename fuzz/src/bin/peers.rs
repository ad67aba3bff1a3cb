//! Every decoder of what other members send.
#![no_main]

use conclave_fuzz::decoders::{PEERS, choose};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    choose(PEERS, data);
});
