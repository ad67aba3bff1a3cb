//! The members of one node, one for each epoch that is alive. Every frame goes to the member of the
//! epoch that it names, and what an epoch made dies with it.

use crate::entropy::Entropy;
use crate::frame::{Frame, FrameError, MemberMessage};
use crate::member::{Input, Member, Output};
use crate::time::Instant;
use conclave_threshold::ids::EpochDigest;
use conclave_threshold::party::{Epoch, PartyId};
use std::collections::BTreeMap;

/// A peer on the links: its Ed25519 public key, the same in all epochs.
type Identity = [u8; 32];

/// What one member wants done.
pub struct Addressed {
    /// Digest of the member's epoch.
    pub epoch: EpochDigest,
    /// What it wants.
    pub output: Output,
}

/// The members of one node.
#[derive(Default)]
pub struct Router {
    members: BTreeMap<EpochDigest, Member>,
    /// Open links, and the boot of each peer's process.
    links: BTreeMap<Identity, [u8; 16]>,
}

fn party(epoch: &Epoch, identity: &Identity) -> Option<PartyId> {
    epoch.members().iter().find(|member| member.identity == *identity).map(|member| member.id)
}

impl Router {
    /// Takes a member in; it learns of the links that are open.
    pub fn insert(
        &mut self,
        member: Member,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) -> Vec<Addressed> {
        let epoch = member.epoch().digest();
        self.members.insert(epoch, member);
        let links: Vec<(Identity, [u8; 16])> =
            self.links.iter().map(|(peer, boot)| (*peer, *boot)).collect();
        let opened = links.into_iter().flat_map(|(peer, boot)| {
            self.at_link(&epoch, &peer, now, entropy, |peer| Input::LinkOpened { peer, boot })
        });
        opened.collect()
    }

    /// Ends a member's life, with its calls, exchanges, ceremonies and presignatures.
    pub fn remove(&mut self, epoch: &EpochDigest) -> Option<Member> {
        self.members.remove(epoch)
    }

    /// The member of an epoch.
    pub fn member(&self, epoch: &EpochDigest) -> Option<&Member> {
        self.members.get(epoch)
    }

    /// The epochs that are alive.
    pub fn epochs(&self) -> Vec<EpochDigest> {
        self.members.keys().copied().collect()
    }

    /// The link identity of a party of an epoch.
    pub fn identity(&self, epoch: &EpochDigest, party: PartyId) -> Option<Identity> {
        self.members.get(epoch)?.epoch().identity(party).copied()
    }

    /// Gives one member an input.
    pub fn handle(
        &mut self,
        epoch: &EpochDigest,
        input: Input,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) -> Vec<Addressed> {
        let Some(member) = self.members.get_mut(epoch) else { return Vec::new() };
        let outputs = member.handle(input, now, entropy);
        outputs.into_iter().map(|output| Addressed { epoch: *epoch, output }).collect()
    }

    /// Gives every member an input that it is to have.
    pub fn handle_all(
        &mut self,
        mut input: impl FnMut() -> Input,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) -> Vec<Addressed> {
        let epochs = self.epochs();
        epochs.iter().flat_map(|epoch| self.handle(epoch, input(), now, entropy)).collect()
    }

    fn at_link(
        &mut self,
        epoch: &EpochDigest,
        peer: &Identity,
        now: Instant,
        entropy: &mut dyn Entropy,
        input: impl FnOnce(PartyId) -> Input,
    ) -> Vec<Addressed> {
        let party = self.members.get(epoch).and_then(|member| party(member.epoch(), peer));
        party.map_or_else(Vec::new, |id| self.handle(epoch, input(id), now, entropy))
    }

    /// A peer's link is open: every member that knows the peer hears it.
    pub fn link_opened(
        &mut self,
        peer: Identity,
        boot: [u8; 16],
        now: Instant,
        entropy: &mut dyn Entropy,
    ) -> Vec<Addressed> {
        self.links.insert(peer, boot);
        let opened = |peer| Input::LinkOpened { peer, boot };
        let epochs = self.epochs();
        let heard = epochs.iter().flat_map(|at| self.at_link(at, &peer, now, entropy, opened));
        heard.collect()
    }

    /// A peer's link is closed: every member that knows the peer hears it.
    pub fn link_closed(
        &mut self,
        peer: Identity,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) -> Vec<Addressed> {
        self.links.remove(&peer);
        let closed = |peer| Input::LinkClosed { peer };
        let epochs = self.epochs();
        let heard = epochs.iter().flat_map(|at| self.at_link(at, &peer, now, entropy, closed));
        heard.collect()
    }

    /// Reads a frame from a peer's link: its epoch, the sender's number there, and the message.
    ///
    /// # Errors
    /// Why the frame is dropped. A retry of the same bytes does not help, but for
    /// [`FrameError::OtherEpoch`] once this node has a member there.
    pub fn read(
        &self,
        peer: &Identity,
        bytes: &[u8],
    ) -> Result<(EpochDigest, PartyId, MemberMessage), FrameError> {
        let (epoch, message) = Frame::epoch_of(bytes)?;
        let member = self.members.get(&epoch).ok_or(FrameError::OtherEpoch)?;
        let from = party(member.epoch(), peer).ok_or(FrameError::NotAMember)?;
        Ok((epoch, from, Frame::read_message(message)?))
    }
}
