//! After round 1 is sent: committed, and transfers offered.

use super::multiplied::Multiplied;
use crate::envelope::Envelope;
use crate::fault::Fault;
use crate::group::Uncompressed;
use crate::machine::Inbox;
use crate::multiplication::{INPUTS, Multiplier, TRANSFERS};
use crate::ot::PairSeeds;
use crate::ot::base::AliceSeeds;
use crate::ot::extension::{Receiver, Sender};
use crate::party::PartyId;
use crate::presign::Frame;
use crate::presign::contribution::{Contribution, commitment, opening};
use crate::presign::messages::{Commitment, ExtensionMessage, Multiplication, Opening};
use crate::randomness::Randomness;
use k256::{AffinePoint, ProjectivePoint, Scalar};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// With each peer: what is left of the pair.
struct Peer {
    /// As Alice: seeds until the peer's extension message is in.
    seeds: AliceSeeds,
    /// As Bob: the transfers with the choices.
    receiver: Receiver,
    /// As Alice: draws the check values of the multiplication.
    checks: Randomness,
}

pub(crate) struct Committed {
    contributions: Vec<Contribution>,
    opening: Opening,
    peers: BTreeMap<PartyId, Peer>,
    /// Draws the nonces of the proofs.
    proofs: Randomness,
}

impl Committed {
    pub(crate) fn begin(
        frame: &Frame,
        ots: BTreeMap<PartyId, PairSeeds>,
        randomness: Randomness,
    ) -> (Self, Vec<Envelope>) {
        let mut own = randomness.fork(b"contributions", 0);
        let contributions: Vec<_> =
            (0..frame.size).map(|_| Contribution::random(&mut own)).collect();
        let opening = opening(&frame.sid, frame.me, &contributions, own.bytes());
        let mut messages = vec![frame.to_all(1, &commitment(&frame.sid, frame.me, &opening))];
        let transfers = frame.size as usize * TRANSFERS;
        let peers = ots.into_iter().map(|(id, PairSeeds { alice, bob })| {
            let [choices, checks] = [&b"choices"[..], b"checks"]
                .map(|part| randomness.fork(part, u64::from(id.number())));
            let (receiver, message, corrections) =
                Receiver::extend(bob, &frame.sid, transfers, choices);
            messages.push(frame.to_one(1, id, &message, corrections));
            (id, Peer { seeds: alice, receiver, checks })
        });
        let peers = peers.collect();
        let proofs = randomness.fork(b"proofs", 0);
        (Committed { contributions, opening, peers, proofs }, messages)
    }

    /// Round 2: opens, and multiplies as Alice with everybody.
    pub(crate) fn multiply(
        self,
        frame: &Frame,
        inbox: &mut Inbox,
        messages: &mut Vec<Envelope>,
    ) -> Result<Multiplied, Fault> {
        let Committed { contributions, opening, peers: pairs, proofs } = self;
        let commitments: BTreeMap<_, Commitment> = inbox.broadcasts(1)?;
        let multiplier = Multiplier::new(&frame.sid, frame.size);
        let inputs = Zeroizing::new(
            contributions
                .iter()
                .map(|contribution| [contribution.k, contribution.b])
                .collect::<Vec<_>>(),
        );
        let transfers = frame.size as usize * TRANSFERS;
        messages.push(frame.to_all(2, &opening));
        let mut peers = BTreeMap::new();
        for (id, Peer { seeds, receiver, mut checks }) in pairs {
            let (extension, corrections): (ExtensionMessage, _) = inbox.direct_with_bulk(1, id)?;
            let sender = Sender::extend(seeds, &frame.sid, transfers, &extension, &corrections)?;
            drop(corrections);
            let (shares, rows, check) = multiplier.send(&sender, &inputs, &mut checks);
            let chi = Zeroizing::new(
                (0..frame.size)
                    .map(|index| multiplier.multiplier(&receiver, index))
                    .collect::<Vec<_>>(),
            );
            let psi = contributions
                .iter()
                .zip(chi.iter())
                .map(|(contribution, chi)| contribution.phi - chi);
            let [gamma_u, gamma_v] = [0, 1].map(|input| gamma(&shares, input));
            messages.push(frame.to_one(
                2,
                id,
                &Multiplication { check, gamma_u, gamma_v, psi: psi.collect() },
                rows,
            ));
            peers.insert(id, super::multiplied::Peer { receiver, chi, shares });
        }
        Ok(Multiplied { contributions, opening, multiplier, commitments, peers, proofs })
    }
}

/// The sum of Alice's shares of one product, in the exponent.
#[expect(clippy::indexing_slicing, reason = "its callers name an input below INPUTS")]
fn gamma(shares: &[[Scalar; INPUTS]], input: usize) -> Uncompressed<AffinePoint> {
    let sum = Zeroizing::new(shares.iter().map(|share| share[input]).sum::<Scalar>());
    Uncompressed(ProjectivePoint::mul_by_generator(&sum).to_affine())
}
