use conclave_threshold::decryption::{Context, DecryptionShare, Header, Refused, Scope};
use conclave_threshold::derivation::DerivedShare;
use conclave_threshold::randomness::Randomness;
use ed25519_dalek::SigningKey;

fn decrypt(
    share: &DerivedShare,
    header: &Header,
    scope: &Scope,
    context: &Context<'_>,
    key: &SigningKey,
    randomness: &mut Randomness,
) -> Result<DecryptionShare, Refused> {
    header.share(scope, share, context, key, randomness)
}

fn main() {}
