//! Which changes of members a node deals for. The chain that names the members could otherwise take
//! every key by an honest reshare: it has only to name enough new members of its own.

use crate::party::{Epoch, PartyId};
use crate::transcript::{Tag, Transcript};
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;

/// The change from one epoch to the one after it.
#[derive(Clone, Debug)]
pub struct Proposal {
    old: Arc<Epoch>,
    new: Arc<Epoch>,
}

/// Why two epochs do not follow each other, whoever consents.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum ProposalError {
    /// Two networks never share a key.
    #[error("the two epochs are of different networks")]
    Network,
    /// Epochs ascend.
    #[error("epoch {new} is not later than epoch {old}")]
    Number {
        /// The number of the present epoch.
        old: u64,
        /// The number of the proposed one.
        new: u64,
    },
    /// An id is the point of a share: it is never given to another member, nor a member given
    /// another id.
    #[error("party {0} is another member in the new epoch, or has another id")]
    Reassigned(PartyId),
}

/// Why a node does not deal for a change without its operator's consent.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum Objection {
    /// Fewer than the old threshold: those who leave could be enough to keep the old key.
    #[error("{staying} old members stay where {needed} must")]
    TooFewStay {
        /// Old members of the new epoch.
        staying: usize,
        /// The old threshold.
        needed: u16,
    },
    /// Fewer than the new threshold: the newcomers would be trusted with more than the old members
    /// granted each other.
    #[error("{known} of the new members are old ones where {needed} must be")]
    TooFewKnown {
        /// Old members of the new epoch.
        known: usize,
        /// The new threshold.
        needed: u16,
    },
    /// The operator was shown other epochs than these.
    #[error("the operator consented to another change")]
    OtherConsent,
}

/// The operator's consent to one exact change of members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Consent {
    /// The [digest](Proposal::digest) of the change that the operator was shown and agreed to.
    pub proposal: [u8; 32],
}

/// That this node may deal for one change. Only the policy makes it: [`Proposal::permitted`] or
/// [`Proposal::consented`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Permit {
    proposal: [u8; 32],
}

impl Permit {
    pub(super) fn is_for(&self, proposal: &Proposal) -> bool {
        self.proposal == proposal.digest()
    }
}

impl Proposal {
    /// Checks what no consent can make good.
    ///
    /// # Errors
    /// The two epochs do not follow each other.
    pub fn new(old: Arc<Epoch>, new: Arc<Epoch>) -> Result<Self, ProposalError> {
        if old.network() != new.network() {
            return Err(ProposalError::Network);
        }
        if new.number() <= old.number() {
            return Err(ProposalError::Number { old: old.number(), new: new.number() });
        }
        let mut others = old.members().iter().filter(|member| !new.members().contains(member));
        let clash = others.find(|member| {
            new.members()
                .iter()
                .any(|next| next.id == member.id || next.identity == member.identity)
        });
        match clash {
            Some(member) => Err(ProposalError::Reassigned(member.id)),
            None => Ok(Proposal { old, new }),
        }
    }

    /// The epoch whose members hold the shares.
    pub fn old_epoch(&self) -> &Arc<Epoch> {
        &self.old
    }

    /// The epoch whose members get theirs.
    pub fn new_epoch(&self) -> &Arc<Epoch> {
        &self.new
    }

    /// Hash of both epochs, each with its network, number, threshold and members.
    pub fn digest(&self) -> [u8; 32] {
        Transcript::new(Tag::ReshareProposal)
            .with(self.old.digest().as_bytes())
            .with(self.new.digest().as_bytes())
            .finish()
    }

    /// The local policy. A pure function: that no more than one such change happens within a
    /// timelock is the caller's to see to, and it is what lets operators notice that many permitted
    /// steps are replacing everybody.
    pub fn permitted(&self) -> Result<Permit, Objection> {
        let staying =
            self.old.members().iter().filter(|member| self.new.members().contains(member)).count();
        if staying < usize::from(self.old.threshold()) {
            return Err(Objection::TooFewStay { staying, needed: self.old.threshold() });
        }
        if staying < usize::from(self.new.threshold()) {
            return Err(Objection::TooFewKnown { known: staying, needed: self.new.threshold() });
        }
        Ok(Permit { proposal: self.digest() })
    }

    /// Anything else than the policy permits: only when the operator consented to exactly this.
    pub fn consented(&self, consent: &Consent) -> Result<Permit, Objection> {
        let proposal = self.digest();
        if consent.proposal != proposal {
            return Err(Objection::OtherConsent);
        }
        Ok(Permit { proposal })
    }

    /// Everybody who takes part: the dealers and the new members, in ascending order, with the keys
    /// they sign with.
    pub(super) fn participants(&self, dealers: &[PartyId]) -> BTreeMap<PartyId, [u8; 32]> {
        let dealers = self.old.members().iter().filter(|member| dealers.contains(&member.id));
        dealers.chain(self.new.members()).map(|member| (member.id, member.identity)).collect()
    }
}
