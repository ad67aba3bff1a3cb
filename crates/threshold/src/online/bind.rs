//! Binding: a fresh presignature becomes one key's, for one digest, and stays so.

use super::assignment::{Assignment, AssignmentFault, Equivocation, SignedAssignment, index_owner};
use crate::codec::{Decode, DecodeError, Encode};
use crate::derivation::SigningShare;
use crate::envelope::verify;
use crate::fault::Fault;
use crate::group::{Secp256k1, Secret};
use crate::key::PublicShares;
use crate::messages;
use crate::party::{Epoch, PartyId};
use crate::presignature::{
    BatchCertificate, Leaf, LeafPoints, Presignature, PresignatureSecrets, entropy_commitment,
};
use crate::transcript::{Tag, Transcript};
use core::fmt;
use ed25519_dalek::{Signer, SigningKey};
use k256::{AffinePoint, Scalar};
use std::sync::Arc;
use thiserror::Error;

/// The longest encoded bind message, in bytes.
pub const MAX_BIND_MESSAGE: usize = 640;

messages! {
    /// What a member tells all of the set when it binds. Its author's signature decides, whoever
    /// forwards it.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct BindMessage {
        /// What the presignature is bound to.
        pub assignment: SignedAssignment,
        /// The member that binds.
        pub from: PartyId,
        /// `lambda_i x_i - b_i`.
        pub delta: Scalar,
        /// `e_i`, which the batch committed to.
        pub entropy: [u8; 32],
        /// The author's, over the assignment and all the rest.
        pub signature: [u8; 64],
    }

    /// A bind message without what all of a set's have in common.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Opened {
        /// `lambda_i x_i - b_i`.
        pub delta: Scalar,
        /// `e_i`, which the batch committed to.
        pub entropy: [u8; 32],
        /// The author's, over the assignment and all the rest.
        pub signature: [u8; 64],
    }
}

impl Opened {
    fn signed_hash(
        assignment: &Assignment,
        from: PartyId,
        delta: &Scalar,
        entropy: &[u8; 32],
    ) -> [u8; 32] {
        let transcript =
            Transcript::new(Tag::Bind).with(&assignment.encoded()).with(&from.encoded());
        transcript.with(&delta.encoded()).with(entropy).finish()
    }

    fn sign(
        assignment: &Assignment,
        from: PartyId,
        delta: Scalar,
        entropy: [u8; 32],
        key: &SigningKey,
    ) -> Self {
        let signature = key.sign(&Self::signed_hash(assignment, from, &delta, &entropy)).to_bytes();
        Opened { delta, entropy, signature }
    }

    /// Whether `from` signed this for `assignment`. Never checked in a batch: a crafted signature
    /// that passes in one member's batch and fails alone at the client would hold that member to
    /// blame.
    pub(super) fn is_signed(&self, epoch: &Epoch, assignment: &Assignment, from: PartyId) -> bool {
        let hash = Self::signed_hash(assignment, from, &self.delta, &self.entropy);
        epoch.identity(from).is_some_and(|identity| verify(identity, &hash, &self.signature))
    }

    pub(super) fn with(&self, assignment: &SignedAssignment, from: PartyId) -> BindMessage {
        let Opened { delta, entropy, signature } = self.clone();
        BindMessage { assignment: assignment.clone(), from, delta, entropy, signature }
    }
}

impl BindMessage {
    /// Whether its author signed it. Says nothing about the assignment's own signature, nor about
    /// what it opens.
    pub fn verify(&self, epoch: &Epoch) -> bool {
        let opened = Opened { delta: self.delta, entropy: self.entropy, signature: self.signature };
        opened.is_signed(epoch, &self.assignment.assignment, self.from)
    }

    /// Replaces the signature, for tests of authors who lie.
    #[cfg(any(test, feature = "testing"))]
    pub fn resign(&self, key: &SigningKey) -> Self {
        Opened::sign(&self.assignment.assignment, self.from, self.delta, self.entropy, key)
            .with(&self.assignment, self.from)
    }

    /// Decodes what came over a link.
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BIND_MESSAGE {
            Err(DecodeError::TooLong)
        } else {
            Self::decode_all(bytes)
        }
    }
}

/// Why a presignature was not bound. Nothing of it has been revealed: it is as fresh as before.
#[derive(Debug, Error)]
#[error("the presignature is as fresh as before, for it was not bound: {fault}")]
pub struct NotBound {
    /// It can be bound again.
    pub presignature: Presignature,
    /// What did not fit.
    #[source]
    pub fault: Fault,
}

/// A presignature that serves one assignment or none. Dropped, or after a fatal fault, it is burnt.
pub struct Bound {
    pub(super) certificate: Arc<BatchCertificate>,
    pub(super) leaf: Leaf,
    pub(super) path: Vec<[u8; 32]>,
    pub(super) points: LeafPoints,
    pub(super) me: PartyId,
    pub(super) epoch: Arc<Epoch>,
    pub(super) public: Arc<PublicShares>,
    pub(super) assignment: SignedAssignment,
    /// In the order of the set.
    pub(super) opened: Vec<Option<Opened>>,
    /// `None` once burnt.
    pub(super) secrets: Option<BoundSecrets>,
    equivocation: Option<Equivocation>,
}

/// `f_i` and `w_i`; `b_i` was erased when delta was made.
pub(super) struct BoundSecrets {
    pub(super) f: Secret<Secp256k1>,
    pub(super) w: Secret<Secp256k1>,
}

/// How far a [`Bound`] is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Whose bind messages it lacks.
    WaitingFor(Vec<PartyId>),
    /// It can give its share.
    Complete,
}

impl Presignature {
    /// Ties this presignature to `signed`, which the caller has itself agreed to. From here on it
    /// can serve nothing else.
    ///
    /// `public` is [`KeyShare::public_shares`](crate::key::KeyShare::public_shares) of this set,
    /// which a caller may keep. The derivation that the share came by has to be the assignment's.
    ///
    /// # Errors
    /// The assignment, the share or the epoch do not fit. The presignature comes back untouched.
    pub fn bind<'a>(
        self,
        signed: &SignedAssignment,
        share: impl Into<SigningShare<'a>>,
        public: &Arc<PublicShares>,
        epoch: &Arc<Epoch>,
        signing_key: &SigningKey,
    ) -> Result<(Bound, BindMessage), Box<NotBound>> {
        let addend = match self.check_assignment(signed, share.into(), public, epoch, signing_key) {
            Ok(addend) => addend,
            Err(fault) => return Err(Box::new(NotBound { presignature: self, fault })),
        };
        let Presignature { certificate, leaf, path, points, me, secrets } = self;
        let PresignatureSecrets { f, w, b, entropy } = secrets;
        let delta = addend.0 - b.0;
        drop((addend, b));
        let mine = Opened::sign(&signed.assignment, me, delta, *entropy, signing_key);
        let message = mine.with(signed, me);
        let opened = certificate.set.iter().map(|id| (*id == me).then(|| mine.clone())).collect();
        let bound = Bound {
            certificate,
            leaf,
            path,
            points,
            me,
            epoch: epoch.clone(),
            public: public.clone(),
            assignment: signed.clone(),
            opened,
            secrets: Some(BoundSecrets { f, w }),
            equivocation: None,
        };
        Ok((bound, message))
    }

    /// This party's addend of the key, `lambda_i x_i`, if everything fits.
    fn check_assignment(
        &self,
        signed: &SignedAssignment,
        SigningShare { key, derivation }: SigningShare<'_>,
        public: &PublicShares,
        epoch: &Epoch,
        signing_key: &SigningKey,
    ) -> Result<Secret<Secp256k1>, Fault> {
        let assignment = &signed.assignment;
        let owner = index_owner(epoch, assignment.index);
        let mismatch = |field| Err(Fault::Mismatch { party: owner, field });
        if self.certificate.epoch != epoch.digest() {
            return Err(Fault::Misuse("the presignature is of another epoch"));
        }
        if epoch.identity(self.me) != Some(signing_key.verifying_key().as_bytes()) {
            return Err(Fault::Misuse("the signing key is not this party's"));
        }
        if assignment.sid != self.certificate.sid || assignment.index != self.leaf.index {
            return mismatch("presignature");
        }
        signed.verify(epoch).map_err(|fault| match fault {
            AssignmentFault::Epoch => Fault::Mismatch { party: owner, field: "epoch" },
            AssignmentFault::Set(_) => {
                Fault::Rejected { link: owner, reason: "the assignment's set is no signing set" }
            }
            AssignmentFault::PublicKey => {
                Fault::Rejected { link: owner, reason: "the assignment's public key is none" }
            }
            AssignmentFault::NotSigned { .. } => Fault::Rejected {
                link: owner,
                reason: "the assignment is not signed by its index's owner",
            },
        })?;
        if assignment.set != self.certificate.set {
            return Err(Fault::Proven {
                party: owner,
                check: "the set of an assignment is its batch's",
            });
        }
        if assignment.derivation != derivation {
            return mismatch("derivation");
        }
        if AffinePoint::from(key.public_key()).encoded() != assignment.public_key {
            return mismatch("public key");
        }
        if key.me() != self.me || !public.are_of(key) || public.set() != assignment.set {
            return Err(Fault::Misuse(
                "the key share, its public shares and the presignature do not belong together",
            ));
        }
        key.addend(&assignment.set).ok_or(Fault::Misuse("this party is not of the set"))
    }
}

impl Bound {
    /// The one use that it has.
    pub fn assignment(&self) -> &SignedAssignment {
        &self.assignment
    }

    /// How many bind messages it still lacks.
    pub fn progress(&self) -> Progress {
        let set = self.certificate.set.iter().zip(&self.opened);
        let missing: Vec<_> =
            set.filter(|(_, opened)| opened.is_none()).map(|(id, _)| *id).collect();
        if missing.is_empty() { Progress::Complete } else { Progress::WaitingFor(missing) }
    }

    /// Every bind message that is here, this party's own among them, for whoever lacks one.
    pub fn messages(&self) -> Vec<BindMessage> {
        let set = self.certificate.set.iter().zip(&self.opened);
        set.filter_map(|(id, opened)| Some(opened.as_ref()?.with(&self.assignment, *id))).collect()
    }

    /// The proof, when the fault was two assignments of this index.
    pub fn equivocation(&self) -> Option<&Equivocation> {
        self.equivocation.as_ref()
    }

    /// Takes another member's bind message, in any order and from whomever it comes.
    ///
    /// # Errors
    /// After a fatal one the index is burnt.
    pub fn receive(&mut self, message: BindMessage) -> Result<Progress, Fault> {
        if self.secrets.is_none() {
            return Err(Fault::Misuse("this index is burnt"));
        }
        let taken = self.take(message);
        if taken.as_ref().is_err_and(Fault::is_fatal) {
            self.secrets = None;
        }
        taken.map(|()| self.progress())
    }

    fn take(&mut self, message: BindMessage) -> Result<(), Fault> {
        let BindMessage { assignment: signed, from, delta, entropy, signature } = message;
        let opened = Opened { delta, entropy, signature };
        let rejected = |reason| Err(Fault::Rejected { link: from, reason });
        let (theirs, ours) = (&signed.assignment, &self.assignment.assignment);
        if theirs.epoch != ours.epoch {
            return Err(Fault::Mismatch { party: from, field: "epoch" });
        }
        if theirs.sid != ours.sid || theirs.index != ours.index {
            return Err(Fault::Mismatch { party: from, field: "presignature" });
        }
        let Some(at) = self.certificate.set.iter().position(|id| *id == from) else {
            return rejected("its author is not of the set");
        };
        if !opened.is_signed(&self.epoch, theirs, from) {
            return rejected("it is not signed by its author");
        }
        if theirs != ours {
            let proof = Equivocation { first: self.assignment.clone(), second: signed };
            let Some(owner) = proof.culprit(&self.epoch) else {
                return rejected("its assignment is not signed by the index's owner");
            };
            self.equivocation = Some(proof);
            return Err(Fault::Proven { party: owner, check: "one assignment per index" });
        }
        let (Some(place), Some(party)) = (self.opened.get_mut(at), self.leaf.parties.get(at))
        else {
            return rejected("its author is not of the set");
        };
        if let Some(first) = place {
            let same = first.delta == opened.delta && first.entropy == opened.entropy;
            return if same {
                Ok(())
            } else {
                Err(Fault::Proven { party: from, check: "one bind message per index" })
            };
        }
        if entropy_commitment(&ours.sid, ours.index, from, &opened.entropy)
            != party.entropy_commitment
        {
            return Err(Fault::Proven { party: from, check: "entropy" });
        }
        *place = Some(opened);
        Ok(())
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bound(index {}, {:?})", self.leaf.index, self.progress())
    }
}
