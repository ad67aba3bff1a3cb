//! A party's part in opening one ciphertext, and what whoever asked makes of them.

use super::ciphertext::{Ciphertext, Header, Scope};
use crate::codec::Encode;
use crate::envelope::verify;
use crate::fault::Fault;
use crate::group::{Curve, Secp256k1, Secret};
use crate::ids::RequestKey;
use crate::key::{KeyShare, lagrange};
use crate::messages;
use crate::party::{Epoch, PartyId};
use crate::randomness::Randomness;
use crate::transcript::{Tag, Transcript};
use crate::verification_keys::{Given, TooFewShares, VerificationKeys};
use ed25519_dalek::{Signer, SigningKey};
use k256::{AffinePoint, ProjectivePoint, Scalar};
use std::collections::BTreeMap;
use thiserror::Error;
use zeroize::Zeroizing;

/// The request that a share answers.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The epoch whose members hold the key.
    pub epoch: &'a Epoch,
    /// [`request_key`](crate::online::request_key).
    pub request_key: &'a RequestKey,
}

messages! {
    /// `D_i = x_i E`, the proof that the logarithm of `X_i` made it, and the party's signature over
    /// both and all that they are for.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct DecryptionShare {
        /// The party that gives it.
        pub from: PartyId,
        /// `D_i`.
        pub point: AffinePoint,
        /// `A = k G`.
        pub on_generator: AffinePoint,
        /// `B = k E`.
        pub on_ephemeral: AffinePoint,
        /// `k + c x_i`.
        pub response: Scalar,
        /// The party's Ed25519 signature over all the rest.
        pub signature: [u8; 64],
    }
}

/// Why a party gives no share. Nothing has been revealed.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum Refused {
    /// A retry helps with the right key.
    #[error("the signing key is not this party's")]
    SigningKey,
    /// The authorisation is for another key.
    #[error("the scope is of another key than the share")]
    Key,
    /// Key or conditions of the ciphertext are not those that were authorised.
    #[error("the ciphertext is for another scope than the authorised")]
    Scope,
    /// The ciphertext could be another one, shifted.
    #[error("the ciphertext's author has not proved to know what it is encrypted under")]
    Proof,
}

/// Why there is no plaintext.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum DecryptError {
    /// Nobody was asked in vain: no party would answer to it either.
    #[error("the ciphertext is for another scope, or its author's proof does not hold")]
    Ciphertext,
    /// The authorisation is for another key.
    #[error("the verification keys are of another key than the scope")]
    Keys,
    /// Fewer shares than the threshold, or one of a party that holds none.
    #[error(transparent)]
    TooFew(#[from] TooFewShares),
    /// One for each share that counts for nothing: leave them out and try again.
    #[error("{} shares are wrong, the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Shares(Vec<Fault>),
    /// Every share is right and the body does not open: its author sealed it under another key.
    #[error("the body is not sealed under the key that the ciphertext holds")]
    Body,
}

impl Header {
    /// This party's share of the plaintext's key, within `scope`: what this party itself has just
    /// authorised whoever asks for.
    ///
    /// # Errors
    /// The ciphertext is for another scope, or its author's proof does not hold. Nothing has been
    /// revealed.
    pub fn share(
        &self,
        scope: &Scope,
        key: &KeyShare<Secp256k1>,
        context: &Context<'_>,
        signing_key: &SigningKey,
        randomness: &mut Randomness,
    ) -> Result<DecryptionShare, Refused> {
        if context.epoch.identity(key.me()) != Some(signing_key.verifying_key().as_bytes()) {
            return Err(Refused::SigningKey);
        }
        if scope.public_key != key.public_key() {
            return Err(Refused::Key);
        }
        if !self.is_for(scope) {
            return Err(Refused::Scope);
        }
        if !self.is_proved(&scope.public_key) {
            return Err(Refused::Proof);
        }
        let ephemeral = ProjectivePoint::from(self.ephemeral);
        let statement = Statement { context, public_key: &scope.public_key, header: self };
        // Of a stream for this statement alone: even randomness that comes twice proves no two
        // statements with one nonce.
        let stream = statement
            .begin(Tag::DecryptionNonce, key.me())
            .with(&randomness.bytes::<32>())
            .finish();
        let nonce = Secret::<Secp256k1>(Secp256k1::random_scalar(&mut randomness.fork(&stream, 0)));
        let affine = |point: ProjectivePoint| AffinePoint::from(point);
        let mut share = DecryptionShare {
            from: key.me(),
            point: affine(Secp256k1::times(&ephemeral, &key.share().0)),
            on_generator: affine(Secp256k1::generator_times(&nonce.0)),
            on_ephemeral: affine(Secp256k1::times(&ephemeral, &nonce.0)),
            response: Scalar::ZERO,
            signature: [0; 64],
        };
        let public_share = affine(Secp256k1::generator_times(&key.share().0));
        share.response = nonce.0 + statement.challenge(&public_share, &share) * key.share().0;
        statement.sign(&mut share, signing_key);
        Ok(share)
    }
}

/// What all shares for one ciphertext and request have in common.
pub(super) struct Statement<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) public_key: &'a ProjectivePoint,
    pub(super) header: &'a Header,
}

impl Statement<'_> {
    fn begin(&self, tag: Tag, from: PartyId) -> Transcript {
        let transcript = Transcript::new(tag)
            .with(self.context.epoch.digest().as_bytes())
            .with(self.context.request_key.as_bytes());
        transcript
            .with(&self.public_key.encoded())
            .with(&self.header.encoded())
            .with(&from.encoded())
    }

    fn challenge(&self, public_share: &AffinePoint, share: &DecryptionShare) -> Scalar {
        let mut transcript = self.begin(Tag::DecryptionProof, share.from);
        for point in [public_share, &share.point, &share.on_generator, &share.on_ephemeral] {
            transcript.append(&point.encoded());
        }
        transcript.finish_scalar::<Secp256k1>()
    }

    fn signed_hash(&self, share: &DecryptionShare) -> [u8; 32] {
        let transcript = self.begin(Tag::DecryptionShare, share.from).with(&share.point.encoded());
        let transcript =
            transcript.with(&share.on_generator.encoded()).with(&share.on_ephemeral.encoded());
        transcript.with(&share.response.encoded()).finish()
    }

    pub(super) fn sign(&self, share: &mut DecryptionShare, key: &SigningKey) {
        share.signature = key.sign(&self.signed_hash(share)).to_bytes();
    }

    /// Whether the share is `link`'s, signed for all this.
    fn check_signature(&self, link: PartyId, share: &DecryptionShare) -> Result<(), Fault> {
        if share.from != link {
            return Err(Fault::Rejected { link, reason: "it is another party's decryption share" });
        }
        let identity = self.context.epoch.identity(link);
        let signed = identity
            .is_some_and(|identity| verify(identity, &self.signed_hash(share), &share.signature));
        if signed {
            Ok(())
        } else {
            Err(Fault::Rejected { link, reason: "it is not signed, or for another request" })
        }
    }

    /// `z G = A + c X_i` and `z E = B + c D_i`, weighted, as one sum of products that has to be the
    /// identity.
    fn equation(
        &self,
        key: &ProjectivePoint,
        share: &DecryptionShare,
        weights: [Scalar; 2],
    ) -> Terms {
        let challenge = self.challenge(&AffinePoint::from(*key), share);
        let [first, second] = weights;
        Terms {
            generator: first * share.response,
            ephemeral: second * share.response,
            others: vec![
                (ProjectivePoint::from(share.on_generator), -first),
                (*key, -(first * challenge)),
                (ProjectivePoint::from(share.on_ephemeral), -second),
                (ProjectivePoint::from(share.point), -(second * challenge)),
            ],
        }
    }
}

/// A sum of products over the generator, `E`, and other points.
#[derive(Default)]
struct Terms {
    generator: Scalar,
    ephemeral: Scalar,
    others: Vec<(ProjectivePoint, Scalar)>,
}

impl Terms {
    fn add(&mut self, other: Terms) {
        self.generator += other.generator;
        self.ephemeral += other.ephemeral;
        self.others.extend(other.others);
    }

    fn vanish(mut self, header: &Header) -> bool {
        self.others.push((header.ephemeral.into(), self.ephemeral));
        Secp256k1::is_identity(
            &(Secp256k1::generator_times(&self.generator)
                + Secp256k1::public_sum_of_products(&self.others)),
        )
    }
}

/// The plaintext, from the shares of as many parties as it takes, by the link that each came over.
/// All are checked in one equation, one by one when it fails; the coefficients that fold it come
/// from `randomness`, drawn now that the shares are in.
///
/// # Errors
/// [`DecryptError::Shares`] names whose shares are wrong: [`Fault::Rejected`] when nothing shows
/// that the party sent it, [`Fault::Proven`] when the party signed it.
pub fn decrypt(
    ciphertext: &Ciphertext,
    scope: &Scope,
    keys: &VerificationKeys<Secp256k1>,
    context: &Context<'_>,
    shares: &BTreeMap<PartyId, DecryptionShare>,
    randomness: &mut Randomness,
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    if scope.public_key != keys.public_key() {
        return Err(DecryptError::Keys);
    }
    if !ciphertext.verify(scope) {
        return Err(DecryptError::Ciphertext);
    }
    let quorum = keys.quorum(shares)?;
    let statement =
        Statement { context, public_key: &scope.public_key, header: &ciphertext.header };
    check(&statement, &quorum, randomness).map_err(DecryptError::Shares)?;

    let set: Vec<_> = quorum.iter().map(|given| given.party).collect();
    let coefficient = |party: PartyId| lagrange::<Secp256k1>(party, &set).unwrap_or_default();
    let terms: Vec<_> =
        quorum.iter().map(|given| (given.share.point.into(), coefficient(given.party))).collect();
    let shared = Zeroizing::new(Secp256k1::public_sum_of_products(&terms));
    ciphertext.open(scope, &shared).ok_or(DecryptError::Body)
}

fn check(
    statement: &Statement<'_>,
    shares: &[Given<'_, Secp256k1, DecryptionShare>],
    randomness: &mut Randomness,
) -> Result<(), Vec<Fault>> {
    let unsigned =
        shares.iter().filter_map(|given| statement.check_signature(given.party, given.share).err());
    let unsigned: Vec<_> = unsigned.collect();
    if !unsigned.is_empty() {
        return Err(unsigned);
    }
    let mut all = Terms::default();
    let mut equation = |given: &Given<'_, Secp256k1, DecryptionShare>| {
        let weights = [(); 2].map(|()| Secp256k1::random_coefficient(randomness));
        statement.equation(&given.key, given.share, weights)
    };
    for given in shares {
        all.add(equation(given));
    }
    if all.vanish(statement.header) {
        return Ok(());
    }
    let wrong = shares.iter().filter(|given| !equation(given).vanish(statement.header));
    Err(wrong
        .map(|given| Fault::Proven { party: given.party, check: "decryption share" })
        .collect())
}
