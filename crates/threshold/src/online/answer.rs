//! What a member answers a client: its share, with everything that shows what the share should be.

use super::assignment::SignedAssignment;
use super::bind::{BindMessage, Opened};
use super::nonce::{Nonce, h_of, use_bytes};
use crate::codec::{Decode, DecodeError, Encode};
use crate::envelope::verify;
use crate::group::{Curve, Secp256k1};
use crate::ids::{Digest, NameHash};
use crate::messages;
use crate::party::{Epoch, PartyId};
use crate::presignature::{BatchCertificate, Leaf, entropy_commitment};
use crate::transcript::{Tag, Transcript};
use ed25519_dalek::{Signer, SigningKey};
use k256::{AffinePoint, ProjectivePoint, Scalar};
use thiserror::Error;

/// The longest encoded answer, in bytes: above every honest one of the largest epoch.
pub const MAX_ANSWER: usize = 1 << 15;

messages! {
    /// A share with its certificate. Anybody who knows the epoch can check it, without asking
    /// another member.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Answer {
        /// The member that answers.
        pub from: PartyId,
        /// Of the batch, signed by its whole set.
        pub certificate: BatchCertificate,
        /// The public part of the presignature.
        pub leaf: Leaf,
        /// From the leaf to the certificate's root.
        pub path: Vec<[u8; 32]>,
        /// What the presignature was used for.
        pub assignment: SignedAssignment,
        /// The bind messages, in the order of the set.
        pub opened: Vec<Opened>,
        /// `R'`.
        pub big_r: AffinePoint,
        /// `s_i`.
        pub share: Scalar,
        /// The member's, over all the rest.
        pub signature: [u8; 64],
    }
}

/// What the client asked for.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Compressed.
    pub public_key: [u8; 33],
    /// The 32 bytes to be signed.
    pub digest: Digest,
    /// Hash of the name that the request gives this signature.
    pub name_hash: NameHash,
    /// When the client knows which members answer together.
    pub set: Option<Vec<PartyId>>,
}

/// Why an answer counts for nothing. Agreement of several answers is never asked for: each stands
/// or falls by itself.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum AnswerFault {
    /// Nothing shows that this party sent it: the link it came over is at fault.
    #[error("the answer is not signed by party {party}, whose it claims to be")]
    NotSigned {
        /// Whose it claims to be.
        party: PartyId,
    },
    /// The party signed an answer that no honest one gives.
    #[error("the answer of party {party} fails the check \"{check}\"")]
    Certificate {
        /// Who signed it.
        party: PartyId,
        /// What does not hold.
        check: &'static str,
    },
    /// The party answered something else.
    #[error("the answer of party {party} is for another {field}")]
    Unexpected {
        /// Who signed it.
        party: PartyId,
        /// What differs from the question.
        field: &'static str,
    },
    /// The party's certificate holds and its share does not fit it.
    #[error("party {party} gave a wrong share")]
    Share {
        /// Who signed it.
        party: PartyId,
    },
}

impl AnswerFault {
    /// Who answered, as the answer claims: with `NotSigned` nobody is shown to be at fault.
    pub fn party(&self) -> PartyId {
        match self {
            AnswerFault::NotSigned { party }
            | AnswerFault::Certificate { party, .. }
            | AnswerFault::Unexpected { party, .. }
            | AnswerFault::Share { party } => *party,
        }
    }
}

/// An answer of which everything holds but, perhaps, the share.
#[derive(Clone, Debug)]
pub struct Checked {
    pub(super) from: PartyId,
    pub(super) set: Vec<PartyId>,
    pub(super) public_key: [u8; 33],
    pub(super) digest: Digest,
    pub(super) big_r: AffinePoint,
    pub(super) share: Scalar,
    /// `(h + r delta) / u` and `r / u`, the factors of `fh` and `wh`.
    pub(super) factors: (Scalar, Scalar),
    fh: AffinePoint,
    wh: AffinePoint,
}

impl Answer {
    /// The share itself, 32 bytes.
    pub fn share_bytes(&self) -> [u8; 32] {
        self.share.to_bytes().into()
    }

    /// `R'`, compressed, as the answer claims it.
    pub fn big_r(&self) -> [u8; 33] {
        let mut bytes = [0; 33];
        bytes.copy_from_slice(&self.big_r.encoded());
        bytes
    }

    /// Decodes what came over a link.
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_ANSWER { Err(DecodeError::TooLong) } else { Self::decode_all(bytes) }
    }

    fn signed_hash(&self) -> [u8; 32] {
        let mut unsigned = self.encoded();
        unsigned.truncate(unsigned.len() - self.signature.len());
        Transcript::new(Tag::ShareAnswer).with(&unsigned).finish()
    }

    /// Replaces the signature.
    pub(super) fn sign(mut self, key: &SigningKey) -> Self {
        self.signature = key.sign(&self.signed_hash()).to_bytes();
        self
    }

    /// Replaces the signature, for tests of authors who lie.
    #[cfg(any(test, feature = "testing"))]
    pub fn resign(&self, key: &SigningKey) -> Self {
        self.clone().sign(key)
    }

    /// All bind messages, in the order of the set.
    pub fn bind_messages(&self) -> Vec<BindMessage> {
        let set = self.certificate.set.iter().zip(&self.opened);
        set.map(|(id, opened)| opened.with(&self.assignment, *id)).collect()
    }

    /// Checks everything except the share itself, which is [`Checked::check_share`].
    ///
    /// # Errors
    /// What does not verify is the answering party's own fault, unless its signature is missing.
    pub fn verify(&self, epoch: &Epoch, expected: &Expected) -> Result<Checked, AnswerFault> {
        let party = self.from;
        let ensure = |holds: bool, check| {
            if holds { Ok(()) } else { Err(AnswerFault::Certificate { party, check }) }
        };
        let fits = |holds: bool, field| {
            if holds { Ok(()) } else { Err(AnswerFault::Unexpected { party, field }) }
        };

        let signed = epoch
            .identity(party)
            .is_some_and(|identity| verify(identity, &self.signed_hash(), &self.signature));
        if !signed {
            return Err(AnswerFault::NotSigned { party });
        }
        let (certificate, assignment) = (&self.certificate, &self.assignment.assignment);
        fits(assignment.epoch == epoch.digest(), "epoch")?;
        fits(assignment.public_key == expected.public_key, "public key")?;
        fits(assignment.digest == expected.digest, "digest")?;
        fits(assignment.name_hash == expected.name_hash, "signature name")?;
        fits(expected.set.as_ref().is_none_or(|set| *set == assignment.set), "set")?;

        ensure(certificate.verify(epoch), "batch certificate")?;
        ensure(certificate.contains(&self.leaf, &self.path), "leaf")?;
        ensure(self.assignment.verify(epoch).is_ok(), "assignment")?;
        let same = assignment.sid == certificate.sid
            && assignment.index == self.leaf.index
            && assignment.set == certificate.set;
        ensure(same, "assignment of this leaf")?;
        self.check_opened(epoch)?;

        let mine = self
            .leaf
            .party(party)
            .ok_or(AnswerFault::Certificate { party, check: "member of the set" })?;
        let points = self.leaf.points().ok_or(AnswerFault::Certificate { party, check: "leaf" })?;
        let public_key = AffinePoint::decode_all(&assignment.public_key)
            .map_err(|_| AnswerFault::Certificate { party, check: "key" })?;
        let delta: Scalar = self.opened.iter().map(|opened| opened.delta).sum();
        ensure(
            Secp256k1::generator_times(&delta) + points.b == ProjectivePoint::from(public_key),
            "deltas",
        )?;

        let entropies: Vec<_> = self.opened.iter().map(|opened| opened.entropy).collect();
        let nonce = Nonce::new(&use_bytes(assignment, &points, &entropies), &points);
        let nonce = nonce
            .filter(|nonce| nonce.big_r == self.big_r)
            .ok_or(AnswerFault::Certificate { party, check: "nonce" })?;
        Ok(Checked {
            from: party,
            set: certificate.set.clone(),
            public_key: expected.public_key,
            digest: expected.digest,
            big_r: self.big_r,
            share: self.share,
            factors: (
                (h_of(&expected.digest) + nonce.r * delta) * points.u_inverse,
                nonce.r * points.u_inverse,
            ),
            fh: mine.fh,
            wh: mine.wh,
        })
    }

    /// Every member's bind message, for this assignment, with the entropy that the batch committed
    /// to.
    fn check_opened(&self, epoch: &Epoch) -> Result<(), AnswerFault> {
        let assignment = &self.assignment.assignment;
        let holds = |(opened, party): (&Opened, &crate::presignature::LeafParty)| {
            entropy_commitment(&assignment.sid, assignment.index, party.id, &opened.entropy)
                == party.entropy_commitment
                && opened.is_signed(epoch, assignment, party.id)
        };
        let complete = self.opened.len() == self.leaf.parties.len()
            && self.opened.iter().zip(&self.leaf.parties).all(holds);
        if complete {
            Ok(())
        } else {
            Err(AnswerFault::Certificate { party: self.from, check: "bind messages" })
        }
    }
}

impl Checked {
    /// The member that answered.
    pub fn from(&self) -> PartyId {
        self.from
    }

    /// The members that answer together.
    pub fn set(&self) -> &[PartyId] {
        &self.set
    }

    /// `R'`, compressed.
    pub fn big_r(&self) -> [u8; 33] {
        let mut bytes = [0; 33];
        bytes.copy_from_slice(&self.big_r.encoded());
        bytes
    }

    /// `s_i R' = (h + r delta) F_i + r W_i`.
    ///
    /// # Errors
    /// [`AnswerFault::Share`]: the signed answer is the proof.
    pub fn check_share(&self) -> Result<(), AnswerFault> {
        let terms = [
            (ProjectivePoint::from(self.big_r), -self.share),
            (ProjectivePoint::from(self.fh), self.factors.0),
            (ProjectivePoint::from(self.wh), self.factors.1),
        ];
        let holds = Secp256k1::is_identity(&Secp256k1::public_sum_of_products(&terms));
        if holds && self.share != Scalar::ZERO {
            Ok(())
        } else {
            Err(AnswerFault::Share { party: self.from })
        }
    }
}
