use conclave_threshold::decryption::{Context, DecryptionShare, Header, Refused};
use conclave_threshold::derivation::DerivedShare;
use conclave_threshold::randomness::Randomness;
use ed25519_dalek::SigningKey;

fn decrypt(
    share: &DerivedShare,
    header: &Header,
    conditions: &[u8; 32],
    context: &Context<'_>,
    key: &SigningKey,
    randomness: &mut Randomness,
) -> Result<DecryptionShare, Refused> {
    header.share(conditions, share, context, key, randomness)
}

fn main() {}
