//! After round 1 is sent: committed, and transfers offered.

use super::Shares;
use super::multiplied::Multiplied;
use crate::codec::Bytes;
use crate::fault::Fault;
use crate::message::{Envelope, Inbox};
use crate::multiplication::{MESSAGE_BYTES, Multiplier, TRANSFERS};
use crate::ot::PairSeeds;
use crate::ot::base::AliceSeeds;
use crate::ot::extension::{Receiver, Sender};
use crate::party::PartyId;
use crate::presign::Frame;
use crate::presign::contribution::{Contribution, affine, commitment, opening};
use crate::presign::messages::{Commitment, ExtensionMessage, Multiplication, Opening};
use k256::{AffinePoint, ProjectivePoint, Scalar};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// With each peer: what is left of the pair.
struct Peer {
    /// As Alice: seeds until the peer's extension message is in.
    seeds: AliceSeeds,
    /// As Bob: the transfers with the choices.
    receiver: Receiver,
}

pub struct Committed {
    contributions: Vec<Contribution>,
    opening: Opening,
    peers: BTreeMap<PartyId, Peer>,
}

impl Committed {
    pub fn begin(frame: &Frame, ots: BTreeMap<PartyId, PairSeeds>) -> (Self, Vec<Envelope>) {
        let mut randomness = frame.fork(b"contributions", 0);
        let contributions: Vec<_> = (0..frame.size).map(|_| Contribution::random(&mut randomness)).collect();
        let opening = opening(&frame.sid, frame.me, &contributions, randomness.bytes());
        let mut messages = vec![frame.to_all(1, &commitment(&frame.sid, frame.me, &opening))];
        let rows = frame.size as usize * TRANSFERS;
        let peers = ots.into_iter().map(|(id, PairSeeds { alice, bob })| {
            let (receiver, message) = Receiver::extend(bob, &frame.sid, rows, frame.fork(b"extension", id.number()));
            messages.push(frame.to_one(1, id, &message));
            (id, Peer { seeds: alice, receiver })
        });
        let peers = peers.collect();
        (Committed { contributions, opening, peers }, messages)
    }

    /// Round 2: opens, and multiplies as Alice with everybody.
    pub fn multiply(self, frame: &Frame, inbox: &Inbox, messages: &mut Vec<Envelope>) -> Result<Multiplied, Fault> {
        let commitments: BTreeMap<_, Commitment> = inbox.broadcasts(1)?;
        let multiplier = Multiplier::new(&frame.sid);
        let rows = frame.size as usize * TRANSFERS;
        messages.push(frame.to_all(2, &self.opening));
        let mut peers = BTreeMap::new();
        for (id, Peer { seeds, receiver }) in self.peers {
            let extension: ExtensionMessage = inbox.direct(1, id)?;
            let sender = Sender::extend(seeds, &frame.sid, rows, &extension)?;
            let (rows, shares) = send(frame, &multiplier, &sender, id, &self.contributions);
            let chi = Zeroizing::new((0..frame.size).map(|index| multiplier.multiplier(&receiver, index)).collect::<Vec<_>>());
            let psi = self.contributions.iter().zip(chi.iter()).map(|(contribution, chi)| contribution.phi - chi);
            let [gamma_u, gamma_v] = [0, 1].map(|input| times_generator(&shares, input));
            messages.push(frame.to_one(2, id, &Multiplication { rows: Bytes(rows), gamma_u, gamma_v, psi: psi.collect() }));
            peers.insert(id, super::multiplied::Peer { receiver, chi, shares });
        }
        Ok(Multiplied { contributions: self.contributions, opening: self.opening, multiplier, commitments, peers })
    }
}

/// Alice's messages and shares of all indices towards one peer.
fn send(frame: &Frame, multiplier: &Multiplier, sender: &Sender, peer: PartyId, contributions: &[Contribution]) -> (Vec<u8>, Shares) {
    let mut randomness = frame.fork(b"multiplication", peer.number());
    let mut rows = Vec::with_capacity(contributions.len() * MESSAGE_BYTES);
    let mut shares = Zeroizing::new(Vec::with_capacity(contributions.len()));
    for (contribution, index) in contributions.iter().zip(0..) {
        let inputs = Zeroizing::new([contribution.k, contribution.b]);
        shares.push(multiplier.send(sender, index, &inputs, &mut randomness, &mut rows));
    }
    (rows, shares)
}

fn times_generator(shares: &[[Scalar; 2]], input: usize) -> Vec<AffinePoint> {
    affine(&shares.iter().map(|share| ProjectivePoint::mul_by_generator(&share[input])).collect::<Vec<_>>())
}
