//! A reshare among the same three members, to the epoch after theirs.

use crate::honest::{SID, Subject, members, party, seed};
use crate::own_forms::key;
use conclave_threshold::codec::Encode;
use conclave_threshold::envelope::Envelope;
use conclave_threshold::group::Curve;
use conclave_threshold::machine::Machine;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::reshare::{Ceremony, Config, Dealing, Proposal};
use std::sync::Arc;

/// `FIRST` and the member after it deal; all get shares.
pub struct Reshare<C: Curve, const FIRST: u16>(Ceremony<C>);

pub fn proposal() -> Proposal {
    let (old, _) = members();
    let new = Epoch::new(*old.network(), old.number() + 1, old.members().to_vec(), old.threshold())
        .unwrap();
    Proposal::new(old, Arc::new(new)).unwrap()
}

impl<C: Curve, const FIRST: u16> Subject for Reshare<C, FIRST> {
    fn participants() -> Vec<PartyId> {
        members().0.ids()
    }

    fn start(me: PartyId) -> (Self, Vec<Envelope>) {
        let (proposal, dealers, mine) =
            (proposal(), vec![party(FIRST), party(FIRST + 1)], key::<C>().remove(&me).unwrap());
        let vectors = vec![mine.commitments().to_vec()];
        let dealing = Dealing { permit: proposal.permitted().unwrap(), shares: vec![mine] };
        let dealing = dealers.contains(&me).then_some(dealing);
        let (signing_key, randomness) =
            (members().1.remove(&me).unwrap(), seed(b"reshare", me.number().into()));
        let config =
            Config { proposal, dealers, me, vectors, dealing, signing_key, sid: SID, randomness };
        let (machine, sent) = Ceremony::start(config).unwrap();
        (Reshare(machine), sent)
    }

    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Vec<Envelope> {
        let _ = self.0.compare(&envelope);
        self.0.receive(link, envelope).unwrap_or_default()
    }

    /// The certificate, and the new share.
    fn output(mut self) -> Option<Vec<u8>> {
        let reshared = self.0.output()?;
        let mut bytes = reshared.certificate.encoded();
        for key in &reshared.keys {
            bytes.extend(key.encode_public());
            bytes.extend_from_slice(&key.encode_secret());
        }
        Some(bytes)
    }
}
