//! What a reshare came to, signed by everybody in it.

use super::messages::{SIGN, Signoff};
use super::proposal::Proposal;
use crate::codec::{Bytes, Encode};
use crate::envelope::{Envelope, To};
use crate::feldman::vector_hash;
use crate::group::Curve;
use crate::ids::EpochDigest;
use crate::messages;
use crate::party::PartyId;
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript};

messages! {
    /// One batch of keys: who dealt what, and every key's new vector.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Record {
        /// The run.
        pub sid: SessionId,
        /// Digests of the two epochs.
        pub old: EpochDigest,
        /// Of the epoch that gets the shares.
        pub new: EpochDigest,
        /// In ascending order.
        pub dealers: Vec<PartyId>,
        /// Each dealer's commitment, which its opening was checked against: it stands for all the
        /// dealer's vectors.
        pub commitments: Vec<[u8; 32]>,
        /// For each key the [hash](vector_hash) of its new vector, whose constant term is the key.
        /// They follow from the openings; here they are so that who knows the chain's vote can
        /// check one vector without those.
        pub vectors: Vec<[u8; 32]>,
    }

    /// A record with the signatures of all dealers and all new members: each of them has checked
    /// the record, and each new member holds its shares. It also completes a participant who missed
    /// some.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Certificate {
        /// What all of them signed.
        pub record: Record,
        /// In ascending order of the signers.
        pub signatures: Vec<[u8; 64]>,
    }
}

impl Record {
    /// The hash that everybody signs.
    pub fn transcript(&self) -> [u8; 32] {
        Transcript::new(Tag::ReshareTranscript).with(&self.encoded()).finish()
    }

    /// Whether `vector` is the new one of key number `key` of the batch.
    pub fn holds<C: Curve>(&self, key: usize, vector: &[C::Point]) -> bool {
        self.vectors.get(key) == Some(&vector_hash::<C>(vector))
    }
}

impl Certificate {
    /// Whether this is a record of the proposed change by a proper set of dealers, signed by every
    /// one of them and every new member.
    pub fn verify(&self, proposal: &Proposal) -> bool {
        let Record { sid, old, new, dealers, commitments, .. } = &self.record;
        let participants = proposal.participants(dealers);
        let body = Bytes(Signoff { transcript: self.record.transcript() }.encoded());
        let signed = |((id, identity), signature): ((&PartyId, &[u8; 32]), &[u8; 64])| {
            let (body, bulk) = (body.clone(), Bytes(Vec::new()));
            let envelope = Envelope {
                sid: *sid,
                round: SIGN,
                from: *id,
                to: To::All,
                body,
                bulk,
                signature: *signature,
            };
            envelope.is_signed_by(identity)
        };
        (*old, *new) == (proposal.old_epoch().digest(), proposal.new_epoch().digest())
            && proposal.old_epoch().signing_set(dealers).is_ok()
            && commitments.len() == dealers.len()
            && self.signatures.len() == participants.len()
            && participants.iter().zip(&self.signatures).all(signed)
    }
}
