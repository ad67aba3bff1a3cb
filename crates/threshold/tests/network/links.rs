//! The links between parties, and what goes wrong on them.

use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::fault::Fault;
use conclave_threshold::message::{Bulk, Envelope, Machine, To};
use conclave_threshold::party::PartyId;
use conclave_threshold::randomness::Randomness;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet};

/// How often things go wrong: chances out of 1000 for each delivery.
#[derive(Clone, Copy)]
pub struct Weather {
    pub lost: u16,
    pub doubled: u16,
    /// A byte is flipped on the way.
    pub altered: u16,
    /// Any waiting message may be delivered next.
    pub disorder: bool,
    /// As many parties as may be are corrupt.
    pub corruption: bool,
}

impl Weather {
    pub const CALM: Weather = Weather { lost: 0, doubled: 0, altered: 0, disorder: false, corruption: false };
    pub const DISORDERLY: Weather = Weather { doubled: 200, disorder: true, ..Self::CALM };
    pub const LOSSY: Weather = Weather { lost: 10, altered: 10, ..Self::DISORDERLY };
    pub const HOSTILE: Weather = Weather { lost: 3, altered: 3, corruption: true, ..Self::DISORDERLY };
}

/// All the links, the dice that decide their faults, and the keys that corrupt parties lie with.
pub struct Links {
    pub weather: Weather,
    pub corrupt: BTreeSet<PartyId>,
    /// How often each of them lies, out of 1000: to one receiver, or to all alike.
    pub lies: u16,
    pub keys: BTreeMap<PartyId, SigningKey>,
    dice: Randomness,
    /// Every fault that a party met, by party.
    pub faults: Vec<(PartyId, Fault)>,
}

impl Links {
    pub fn new(weather: Weather, corrupt: BTreeSet<PartyId>, keys: BTreeMap<PartyId, SigningKey>, dice: Randomness) -> Self {
        Links { weather, corrupt, lies: 0, keys, dice, faults: Vec::new() }
    }

    pub fn below(&mut self, bound: usize) -> usize {
        u32::from_be_bytes(self.dice.bytes()) as usize % bound
    }

    pub fn happens(&mut self, per_thousand: u16) -> bool {
        self.below(1000) < usize::from(per_thousand)
    }

    /// Whether `party`, if it is corrupt, lies this time.
    pub fn lies(&mut self, party: PartyId) -> bool {
        self.corrupt.contains(&party) && self.happens(self.lies)
    }

    /// A byte flipped somewhere.
    pub fn flip(&mut self, bytes: &mut [u8]) {
        let (at, bit) = (self.below(bytes.len()), self.below(8));
        bytes[at] ^= 1 << bit;
    }

    /// What arrives of a message: nothing, one copy, two, or another one.
    pub fn carry<M: Clone + Encode + Decode>(&mut self, message: &M) -> Vec<M> {
        let mut copies = if self.happens(self.weather.lost) { Vec::new() } else { vec![message.clone()] };
        if self.happens(self.weather.doubled) {
            copies.push(message.clone());
        }
        if self.happens(self.weather.altered) {
            let mut bytes = message.encoded();
            self.flip(&mut bytes);
            copies.extend(M::decode_all(&bytes));
        }
        copies
    }

    /// Takes out what is delivered next.
    pub fn next<T>(&mut self, waiting: &mut Vec<T>) -> Option<T> {
        match waiting.len() {
            0 => None,
            _ if !self.weather.disorder => Some(waiting.remove(0)),
            length => Some(waiting.swap_remove(self.below(length))),
        }
    }

    /// The same message with another body or bulk, signed by its author.
    fn lie(&mut self, envelope: &Envelope) -> Envelope {
        let (mut body, mut bulk) = (envelope.body.0.clone(), envelope.bulk.0.clone());
        let in_bulk = !bulk.is_empty() && self.below(2) == 1;
        self.flip(if in_bulk { &mut bulk } else { &mut body });
        let Envelope { sid, round, from, to, .. } = *envelope;
        Envelope::seal_with_bulk(&self.keys[&from], sid, round, from, to, body, Bulk::new(bulk))
    }

    /// Addresses what `from` sends: the copies for each receiver, which differ when it has two faces.
    fn post(&mut self, envelope: Envelope, parties: &[PartyId]) -> Vec<(PartyId, Envelope)> {
        let lies_to_all = self.lies(envelope.from);
        let envelope = if lies_to_all { self.lie(&envelope) } else { envelope };
        let receivers: Vec<_> = match envelope.to {
            To::One(id) => vec![id],
            To::All => parties.iter().copied().filter(|id| *id != envelope.from).collect(),
        };
        let mut copies = Vec::new();
        for receiver in receivers {
            let copy = if self.lies(envelope.from) { self.lie(&envelope) } else { envelope.clone() };
            copies.push((receiver, copy));
        }
        copies
    }

    /// Runs the machines until nothing is left to deliver. A machine that failed takes no more part.
    pub fn exchange<M: Machine>(&mut self, machines: &mut BTreeMap<PartyId, M>, first: Vec<Envelope>) {
        let parties: Vec<_> = machines.keys().copied().collect();
        let mut waiting: Vec<_> = first.into_iter().flat_map(|envelope| self.post(envelope, &parties)).collect();
        while let Some((receiver, envelope)) = self.next(&mut waiting) {
            // The link is authentic: what it carries may be damaged, whose end it is may not.
            let link = envelope.from;
            for copy in self.carry(&envelope) {
                let Some(machine) = machines.get_mut(&receiver) else { continue };
                match machine.receive(link, copy) {
                    Ok(sent) => {
                        for envelope in sent {
                            waiting.extend(self.post(envelope, &parties));
                        }
                    }
                    Err(fault) => self.faults.push((receiver, fault)),
                }
            }
        }
    }
}
