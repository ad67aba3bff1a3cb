//! Session ids: what makes two protocol runs different.

use crate::codec::Encode;
use crate::party::{Epoch, PartyId};
use crate::transcript::{Tag, Transcript};
use std::collections::BTreeMap;

/// The id of one run of one protocol: a hash over the network, the epoch, the participants, the
/// parameters and a fresh nonce of every participant.
pub type SessionId = [u8; 32];

/// The id of one run of the protocol `kind`.
///
/// `parameters` are whatever else all participants must agree on, `nonces` one fresh value of every
/// participant, exchanged beforehand: one honest participant suffices that no id ever repeats.
pub fn session_id(
    kind: &str,
    epoch: &Epoch,
    participants: &[PartyId],
    parameters: &[u8],
    nonces: &BTreeMap<PartyId, [u8; 32]>,
) -> SessionId {
    let mut sorted = participants.to_vec();
    sorted.sort_unstable();
    let mut transcript =
        Transcript::new(Tag::Session).with(kind.as_bytes()).with(epoch.digest().as_bytes());
    transcript.append(&sorted.encoded()).append(parameters);
    for (id, nonce) in nonces {
        transcript.append(&id.encoded()).append(nonce);
    }
    transcript.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::Member;

    #[test]
    fn every_input_makes_another_session() {
        let party = |number| PartyId::new(number).unwrap();
        let members: Vec<_> = (1..=3)
            .map(|number| Member { id: party(number), identity: [number as u8; 32] })
            .collect();
        let epoch =
            |network, number| Epoch::new([network; 32], number, members.clone(), 2).unwrap();
        let nonces = |last| BTreeMap::from([(party(1), [1; 32]), (party(2), [last; 32])]);
        let two = [party(1), party(2)];
        let base = session_id("dkg", &epoch(0, 0), &two, b"", &nonces(2));
        let others = [
            session_id("presign", &epoch(0, 0), &two, b"", &nonces(2)),
            session_id("dkg", &epoch(1, 0), &two, b"", &nonces(2)),
            session_id("dkg", &epoch(0, 1), &two, b"", &nonces(2)),
            session_id("dkg", &epoch(0, 0), &[party(1), party(3)], b"", &nonces(2)),
            session_id("dkg", &epoch(0, 0), &two, b"64", &nonces(2)),
            session_id("dkg", &epoch(0, 0), &two, b"", &nonces(3)),
        ];
        assert!(others.iter().all(|other| *other != base));
        assert_eq!(session_id("dkg", &epoch(0, 0), &[party(2), party(1)], b"", &nonces(2)), base);
    }
}
