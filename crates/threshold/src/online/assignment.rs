//! What a presignature is to be used for, signed by the one member who may say so.

use crate::codec::{Decode, Encode};
use crate::derivation::Derivation;
use crate::envelope::verify;
use crate::ids::{Digest, EpochDigest, NameHash, RequestKey};
use crate::messages;
use crate::party::{Epoch, PartyId, RosterError};
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript};
use ed25519_dalek::{Signer, SigningKey};
use k256::AffinePoint;
use thiserror::Error;

messages! {
    /// One index of one batch, and the only use it may have.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Assignment {
        /// The run that made the batch.
        pub sid: SessionId,
        /// The presignature of the batch, from 0.
        pub index: u32,
        /// The members that sign together, ascending.
        pub set: Vec<PartyId>,
        /// [`Epoch::digest`].
        pub epoch: EpochDigest,
        /// `X`, compressed.
        pub public_key: [u8; 33],
        /// How the key comes from others, if it does.
        pub derivation: Derivation,
        /// The 32 bytes to be signed.
        pub digest: Digest,
        /// Hash of what the client asked for: see [`request_key`](super::request_key).
        pub request_key: RequestKey,
        /// Hash of the name that the request gives this signature.
        pub name_hash: NameHash,
        /// From 0; each has a presignature of its own.
        pub attempt: u16,
    }

    /// An assignment with the signature of its index's owner.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct SignedAssignment {
        /// What the owner says.
        pub assignment: Assignment,
        /// The owner's, Ed25519.
        pub signature: [u8; 64],
    }
}

/// The only member who may assign an index: its number in the epoch's list, modulo the list's
/// length.
pub fn index_owner(epoch: &Epoch, index: u32) -> PartyId {
    let members = epoch.members();
    #[expect(
        clippy::indexing_slicing,
        reason = "an epoch has members, and the place is among them"
    )]
    members[index as usize % members.len()].id
}

/// Why an assignment binds nobody.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum AssignmentFault {
    /// The members have changed since, or the author is of another epoch.
    #[error("the assignment is of another epoch")]
    Epoch,
    /// The set is out of order, of strangers, or of another size than the threshold.
    #[error("the assignment's set is no signing set: {0}")]
    Set(#[from] RosterError),
    /// A retry with the same bytes fails again.
    #[error("the assignment's public key is not a point in compressed form")]
    PublicKey,
    /// Another member, or nobody, says so.
    #[error("the assignment is not signed by {owner}, the owner of its index")]
    NotSigned {
        /// Who alone may assign the index.
        owner: PartyId,
    },
}

impl Assignment {
    /// What the owner signs.
    pub fn digest_to_sign(&self) -> [u8; 32] {
        Transcript::new(Tag::Assignment).with(&self.encoded()).finish()
    }

    /// Signs with the Ed25519 key of the owner of the index.
    pub fn sign(self, owner: &SigningKey) -> SignedAssignment {
        let signature = owner.sign(&self.digest_to_sign()).to_bytes();
        SignedAssignment { assignment: self, signature }
    }
}

impl SignedAssignment {
    /// Whether the owner of the index signed this for members of `epoch`.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, epoch: &Epoch) -> Result<(), AssignmentFault> {
        if self.assignment.epoch != epoch.digest() {
            return Err(AssignmentFault::Epoch);
        }
        epoch.signing_set(&self.assignment.set)?;
        AffinePoint::decode_all(&self.assignment.public_key)
            .map_err(|_| AssignmentFault::PublicKey)?;
        let owner = index_owner(epoch, self.assignment.index);
        let signed = epoch.identity(owner).is_some_and(|identity| {
            verify(identity, &self.assignment.digest_to_sign(), &self.signature)
        });
        if signed { Ok(()) } else { Err(AssignmentFault::NotSigned { owner }) }
    }
}

messages! {
    /// Proof, to anybody, that the owner of an index assigned it twice.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Equivocation {
        /// One use.
        pub first: SignedAssignment,
        /// Another use of the same index.
        pub second: SignedAssignment,
    }
}

impl Equivocation {
    /// The member it convicts. `None` when it proves nothing.
    pub fn culprit(&self, epoch: &Epoch) -> Option<PartyId> {
        let (first, second) = (&self.first.assignment, &self.second.assignment);
        let same_index = first.sid == second.sid && first.index == second.index;
        let signed = self.first.verify(epoch).is_ok() && self.second.verify(epoch).is_ok();
        (same_index && first != second && signed).then(|| index_owner(epoch, first.index))
    }
}
