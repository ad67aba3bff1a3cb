use conclave_threshold::online::{Bound, Ready};
use conclave_threshold::randomness::Randomness;
use ed25519_dalek::SigningKey;

fn checks_twice(bound: Bound, randomness: &mut Randomness) {
    let _ = bound.check(randomness);
    let _ = bound.check(randomness);
}

fn shares_twice(ready: Ready, key: &SigningKey) {
    let _ = ready.share(key);
    let _ = ready.share(key);
}

fn main() {}
