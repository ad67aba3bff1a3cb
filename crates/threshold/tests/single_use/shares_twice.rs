use conclave_threshold::online::Bound;
use conclave_threshold::randomness::Randomness;
use ed25519_dalek::SigningKey;

fn twice(bound: Bound, key: &SigningKey, randomness: &mut Randomness) {
    let _ = bound.share(key, randomness);
    let _ = bound.share(key, randomness);
}

fn main() {}
