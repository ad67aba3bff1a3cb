//! The repair of one member's share by the other two.

use crate::honest::{SID, Subject, members, party, seed};
use crate::own_forms::key;
use conclave_threshold::envelope::Envelope;
use conclave_threshold::group::Curve;
use conclave_threshold::machine::Machine;
use conclave_threshold::party::PartyId;
use conclave_threshold::repair::{Ceremony, Config, Part};

pub struct Repair<C: Curve, const TARGET: u16>(Ceremony<C>);

impl<C: Curve, const TARGET: u16> Subject for Repair<C, TARGET> {
    fn participants() -> Vec<PartyId> {
        members().0.ids()
    }

    fn start(me: PartyId) -> (Self, Vec<Envelope>) {
        let (epoch, mut signing_keys) = members();
        let (target, share) = (party(TARGET), key::<C>().remove(&me).unwrap());
        let helpers = epoch.ids().into_iter().filter(|id| *id != target).collect();
        let part = if me == target {
            Part::Target(vec![share.commitments().to_vec()])
        } else {
            Part::Helper(vec![share])
        };
        let (signing_key, randomness) =
            (signing_keys.remove(&me).unwrap(), seed(b"repair", me.number().into()));
        let config = Config { epoch, target, helpers, me, part, signing_key, sid: SID, randomness };
        let (machine, sent) = Ceremony::start(config).unwrap();
        (Repair(machine), sent)
    }

    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Vec<Envelope> {
        self.0.receive(link, envelope).unwrap_or_default()
    }

    /// The target's share; nothing at a helper, for which no sum of addends is another one's to
    /// judge.
    fn output(mut self) -> Option<Vec<u8>> {
        let keys = self.0.output()?;
        Some(
            keys.iter()
                .flat_map(|key| [key.encode_public(), key.encode_secret().to_vec()].concat())
                .collect(),
        )
    }
}
