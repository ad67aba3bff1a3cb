//! Runs machines in one thread, with whatever the test makes of each delivery.

use crate::envelope::{Envelope, To};
use crate::fault::Fault;
use crate::machine::Machine;
use crate::party::PartyId;
use std::collections::{BTreeMap, VecDeque};

/// What one delivery becomes; given the receiver and the envelope.
pub type Tamper<'a> = dyn FnMut(PartyId, Envelope) -> Vec<Envelope> + 'a;

/// Delivers as it was sent.
pub fn untouched(_: PartyId, envelope: Envelope) -> Vec<Envelope> {
    vec![envelope]
}

/// Machines, and what is on its way between them.
pub struct Delivery<M> {
    /// The machines, by party.
    pub machines: BTreeMap<PartyId, M>,
    /// Receiver and message, first come first served.
    pub queue: VecDeque<(PartyId, Envelope)>,
    /// Every fault that a party met, but for what reached a dead machine.
    pub faults: Vec<(PartyId, Fault)>,
}

impl<M: Machine> Delivery<M> {
    /// Each machine with the messages that it started with.
    pub fn new(started: impl IntoIterator<Item = (PartyId, (M, Vec<Envelope>))>) -> Self {
        let (mut machines, mut first) = (BTreeMap::new(), Vec::new());
        for (id, (machine, sent)) in started {
            machines.insert(id, machine);
            first.extend(sent);
        }
        let mut delivery = Delivery { machines, queue: VecDeque::new(), faults: Vec::new() };
        delivery.post(first);
        delivery
    }

    /// Puts messages on their way to whom they are for.
    pub fn post(&mut self, envelopes: Vec<Envelope>) {
        for envelope in envelopes {
            let meant = |id: &&PartyId| match envelope.to {
                To::One(receiver) => **id == receiver,
                To::All => **id != envelope.from,
            };
            self.queue.extend(self.machines.keys().filter(meant).map(|id| (*id, envelope.clone())));
        }
    }

    /// Delivers until nothing moves.
    pub fn settle(&mut self, tamper: &mut Tamper<'_>) {
        while let Some((receiver, envelope)) = self.queue.pop_front() {
            let link = envelope.from;
            for envelope in tamper(receiver, envelope) {
                let Some(machine) = self.machines.get_mut(&receiver) else { continue };
                match machine.receive(link, envelope) {
                    Ok(sent) => self.post(sent),
                    Err(Fault::Misuse(_)) => {}
                    Err(fault) => self.faults.push((receiver, fault)),
                }
            }
        }
    }

    /// The outputs of all machines that have one.
    pub fn outputs(&mut self) -> BTreeMap<PartyId, M::Output> {
        self.machines
            .iter_mut()
            .filter_map(|(id, machine)| Some((*id, machine.output()?)))
            .collect()
    }
}
