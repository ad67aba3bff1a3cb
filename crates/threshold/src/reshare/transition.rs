//! From the certificates of all batches to the chain's decision. Until that is final a node holds
//! both epochs' shares and uses those of the epoch that its finalised head names; afterwards it
//! erases the others. Erased before, one crash or one reorganised chain could leave fewer shares
//! than the threshold (Aumasson and Shlomovits, ePrint 2020/1052, "forget and forgive").

use super::Reshared;
use super::proposal::Proposal;
use super::record::Certificate;
use crate::group::Curve;
use crate::key::KeyShare;
use crate::transcript::{Tag, Transcript};
use core::fmt;
use std::collections::BTreeSet;

/// A new member's vote on one attempt: over every batch of it, in no order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ballot {
    proposal: [u8; 32],
    transcripts: BTreeSet<[u8; 32]>,
}

/// That the chain has finally committed one attempt. Only [`Ballot::committed`] makes it, and
/// nothing erases an old share without it.
#[derive(Debug)]
pub struct Committed<'a>(&'a Ballot);

impl Ballot {
    /// `None` when there is no batch, or some certificate does not verify. The caller gives the
    /// batches of *all* keys, and has stored its new shares of them, before it casts this.
    pub fn new<'a>(
        proposal: &Proposal,
        certificates: impl IntoIterator<Item = &'a Certificate>,
    ) -> Option<Self> {
        let transcript = |certificate: &Certificate| {
            certificate.verify(proposal).then(|| certificate.record.transcript())
        };
        let transcripts: BTreeSet<_> =
            certificates.into_iter().map(transcript).collect::<Option<_>>()?;
        (!transcripts.is_empty()).then_some(Ballot { proposal: proposal.digest(), transcripts })
    }

    /// What goes on chain. The commit needs it of every new member, by the attempt's deadline.
    pub fn hash(&self) -> [u8; 32] {
        let mut transcript = Transcript::new(Tag::ReshareVote).with(&self.proposal);
        for batch in &self.transcripts {
            transcript.append(batch);
        }
        transcript.finish()
    }

    /// `None` unless the hash that the chain's *finalised* head committed is this one.
    pub fn committed(&self, finalised: &[u8; 32]) -> Option<Committed<'_>> {
        (self.hash() == *finalised).then_some(Committed(self))
    }
}

/// One member's shares of one batch in both epochs. Whoever stays out of one of them has none
/// there.
pub struct Transition<C: Curve> {
    transcript: [u8; 32],
    old: Vec<KeyShare<C>>,
    new: Vec<KeyShare<C>>,
}

impl<C: Curve> Transition<C> {
    /// Both epochs' shares of one batch, held until the chain has decided.
    pub fn new(old: Vec<KeyShare<C>>, reshared: Reshared<C>) -> Self {
        Transition { transcript: reshared.certificate.record.transcript(), old, new: reshared.keys }
    }

    /// The old epoch's shares: those in use until the commit is final.
    pub fn old(&self) -> &[KeyShare<C>] {
        &self.old
    }

    /// The new epoch's shares: to store, not to use.
    pub fn provisional(&self) -> &[KeyShare<C>] {
        &self.new
    }

    /// The new shares. The old ones are erased here; the caller erases its copies, their backups
    /// and the old epoch's presignatures and transfers. The old set can sign until as many of it
    /// have done so as it takes to leave fewer than its threshold.
    ///
    /// # Errors
    /// The transition itself, when another attempt was committed.
    pub fn commit(self, committed: &Committed<'_>) -> Result<Vec<KeyShare<C>>, Self> {
        if !committed.0.transcripts.contains(&self.transcript) {
            return Err(self);
        }
        Ok(self.new)
    }

    /// The old shares. The new ones are erased: for when the chain marks the attempt dead, or
    /// commits another.
    pub fn abandon(self) -> Vec<KeyShare<C>> {
        self.old
    }
}

impl<C: Curve> fmt::Debug for Transition<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transition({:?} to {:?})", self.old, self.new)
    }
}
