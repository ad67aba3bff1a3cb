//! The links between parties: what is on its way, what becomes of it, and the lies of corrupt
//! senders.

use crate::weather::{Dice, Weather};
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::envelope::{Bulk, Envelope, To};
use conclave_threshold::group::{Curve, Secp256k1};
use conclave_threshold::online::{BindMessage, SignedAssignment};
use conclave_threshold::ot::base::{AliceMessage, BobMessage};
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::BatchCertificate;
use conclave_threshold::reshare;
use conclave_threshold::session::SessionId;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet};

/// One presignature: its batch and its index there.
pub type Slot = (SessionId, u32);

#[derive(Clone)]
pub enum Packet {
    /// Base transfers for a presigning session.
    BaseRequest(SessionId, AliceMessage),
    BaseAnswer(SessionId, BobMessage),
    Ceremony(Envelope),
    Certificate(BatchCertificate),
    Reshared(reshare::Certificate),
    Assignment(SignedAssignment),
    Bind(BindMessage),
}

impl Packet {
    pub fn encoded(&self) -> Vec<u8> {
        match self {
            Packet::BaseRequest(sid, message) => [sid.encoded(), message.encoded()].concat(),
            Packet::BaseAnswer(sid, message) => [sid.encoded(), message.encoded()].concat(),
            Packet::Ceremony(envelope) => envelope.encoded(),
            Packet::Certificate(certificate) => certificate.encoded(),
            Packet::Reshared(certificate) => certificate.encoded(),
            Packet::Assignment(assignment) => assignment.encoded(),
            Packet::Bind(message) => message.encoded(),
        }
    }
}

pub struct Delivery {
    pub from: PartyId,
    pub to: PartyId,
    pub packet: Packet,
    /// How often the receiver had restarted when this was sent: a link does not outlive the process
    /// at its end.
    boot: u64,
}

pub struct Links {
    pub weather: Weather,
    pub dice: Dice,
    pub corrupt: BTreeSet<PartyId>,
    /// How many of 10 000 deliveries from or to a failing party are lost.
    pub failing: BTreeMap<PartyId, u16>,
    /// How often a corrupt sender lies, out of 10 000: to one receiver, or to all alike.
    pub lies: u16,
    pub keys: BTreeMap<PartyId, SigningKey>,
    boots: BTreeMap<PartyId, u64>,
    waiting: Vec<Delivery>,
    late: Vec<Delivery>,
    /// Bodies that were sent at each place of a protocol, by whomever, in whichever session: a liar
    /// repeats them as its own.
    bodies: BTreeMap<(u16, bool), Vec<Vec<u8>>>,
    /// All assignments that anybody signed for one slot.
    assignments: BTreeMap<Slot, Vec<SignedAssignment>>,
    /// Everything that was ever sent to a corrupt party.
    pub seen: Vec<Packet>,
}

impl Links {
    pub fn new(weather: Weather, keys: BTreeMap<PartyId, SigningKey>, dice: Dice) -> Self {
        Links {
            weather,
            dice,
            corrupt: BTreeSet::new(),
            failing: BTreeMap::new(),
            lies: 0,
            boots: keys.keys().map(|id| (*id, 0)).collect(),
            keys,
            waiting: Vec::new(),
            late: Vec::new(),
            bodies: BTreeMap::new(),
            assignments: BTreeMap::new(),
            seen: Vec::new(),
        }
    }

    /// Whether `party`, if it is corrupt, lies this time.
    pub fn lies(&mut self, party: PartyId) -> bool {
        self.corrupt.contains(&party) && self.dice.happens(self.lies)
    }

    /// Puts what `from` sends on its way. With two faces it sends different receivers different
    /// things.
    pub fn post(&mut self, from: PartyId, receivers: &[PartyId], packet: Packet) {
        self.remember(&packet);
        let packet = if self.lies(from) { self.lie(from, &packet) } else { packet };
        for &to in receivers.iter().filter(|to| **to != from) {
            let packet = if self.lies(from) { self.lie(from, &packet) } else { packet.clone() };
            if self.corrupt.contains(&to) && !self.corrupt.contains(&from) {
                self.seen.push(packet.clone());
            }
            self.waiting.push(Delivery { from, to, packet, boot: self.boots[&to] });
        }
    }

    fn remember(&mut self, packet: &Packet) {
        match packet {
            Packet::Ceremony(envelope) if !self.corrupt.is_empty() => {
                let bodies =
                    self.bodies.entry((envelope.round, envelope.to == To::All)).or_default();
                if bodies.len() < 32 {
                    bodies.push(envelope.body.0.clone());
                }
            }
            Packet::Assignment(signed) => {
                let slot = (signed.assignment.sid, signed.assignment.index);
                self.assignments.entry(slot).or_default().push(signed.clone());
            }
            _ => {}
        }
    }

    /// Another message in the place of this one, signed by its corrupt author.
    fn lie(&mut self, from: PartyId, packet: &Packet) -> Packet {
        let key = self.keys[&from].clone();
        match packet {
            Packet::Ceremony(envelope) => {
                let repeated = self
                    .bodies
                    .get(&(envelope.round, envelope.to == To::All))
                    .map_or(&[][..], Vec::as_slice);
                let repeated =
                    self.dice.pick(repeated).filter(|body| **body != envelope.body.0).cloned();
                let (mut body, mut bulk) = (envelope.body.0.clone(), envelope.bulk.0.clone());
                match repeated {
                    Some(other) if self.dice.happens(5000) => body = other,
                    _ if !bulk.is_empty() && self.dice.below(2) == 1 => self.dice.flip(&mut bulk),
                    _ => self.dice.flip(&mut body),
                }
                let Envelope { sid, round, to, .. } = *envelope;
                Packet::Ceremony(Envelope::seal_with_bulk(
                    &key,
                    sid,
                    round,
                    from,
                    to,
                    body,
                    Bulk::new(bulk),
                ))
            }
            Packet::Bind(message) => {
                let mut lie = message.clone();
                match self.dice.below(4) {
                    0 => lie.delta += Secp256k1::scalar(1),
                    1 => lie.entropy[0] ^= 1,
                    2 => lie.assignment.assignment.digest.flip(0),
                    _ => {
                        let slot = (lie.assignment.assignment.sid, lie.assignment.assignment.index);
                        let others = self.assignments.get(&slot).map_or(&[][..], Vec::as_slice);
                        lie.assignment =
                            self.dice.pick(others).unwrap_or(&message.assignment).clone();
                    }
                }
                Packet::Bind(lie.resign(&key))
            }
            Packet::Assignment(signed) => {
                let mut lie = signed.assignment.clone();
                lie.request_key.flip(0);
                Packet::Assignment(lie.sign(&key))
            }
            unsigned => self.flipped(unsigned).unwrap_or_else(|| unsigned.clone()),
        }
    }

    /// The same packet with a bit flipped. `None` when that is no packet of its kind any more: the
    /// link's codec drops it.
    fn flipped(&mut self, packet: &Packet) -> Option<Packet> {
        fn flip<T: Encode + Decode>(dice: &mut Dice, message: &T) -> Option<T> {
            let mut bytes = message.encoded();
            dice.flip(&mut bytes);
            T::decode_all(&bytes).ok()
        }
        let dice = &mut self.dice;
        Some(match packet {
            Packet::BaseRequest(sid, message) => Packet::BaseRequest(*sid, flip(dice, message)?),
            Packet::BaseAnswer(sid, message) => Packet::BaseAnswer(*sid, flip(dice, message)?),
            Packet::Ceremony(envelope) => Packet::Ceremony(flip(dice, envelope)?),
            Packet::Certificate(certificate) => Packet::Certificate(flip(dice, certificate)?),
            Packet::Reshared(certificate) => Packet::Reshared(flip(dice, certificate)?),
            Packet::Assignment(signed) => Packet::Assignment(flip(dice, signed)?),
            Packet::Bind(message) => Packet::Bind(flip(dice, message)?),
        })
    }

    /// What is delivered next, with what becomes of it: no copy, one, two, or another one as well.
    pub fn next(&mut self) -> Option<(Delivery, Vec<Packet>)> {
        while !self.waiting.is_empty() {
            let at = if self.weather.disorder { self.dice.below(self.waiting.len()) } else { 0 };
            let delivery = if self.weather.disorder {
                self.waiting.swap_remove(at)
            } else {
                self.waiting.remove(at)
            };
            if delivery.boot != self.boots[&delivery.to] {
                continue;
            }
            if self.dice.happens(self.weather.delayed) {
                self.late.push(delivery);
                continue;
            }
            let failing = [delivery.from, delivery.to]
                .iter()
                .filter_map(|id| self.failing.get(id))
                .max()
                .copied();
            let lost = self.dice.happens(failing.unwrap_or(self.weather.lost));
            let mut copies = if lost { Vec::new() } else { vec![delivery.packet.clone()] };
            if !lost && self.dice.happens(self.weather.doubled) {
                copies.push(delivery.packet.clone());
            }
            // What is not signed is the link's own, which drops what was altered.
            let signed =
                !matches!(delivery.packet, Packet::BaseRequest(..) | Packet::BaseAnswer(..));
            if signed && self.dice.happens(self.weather.altered) {
                let flipped = self.flipped(&delivery.packet);
                copies.splice(0..0, flipped);
            }
            return Some((delivery, copies));
        }
        None
    }

    /// A party that was not there before.
    pub fn join(&mut self, party: PartyId, key: SigningKey) {
        self.keys.insert(party, key);
        self.boots.insert(party, 0);
    }

    pub fn restarted(&mut self, party: PartyId) {
        *self.boots.entry(party).or_default() += 1;
    }

    /// What was delayed may arrive from now on.
    pub fn release_late(&mut self) {
        self.waiting.append(&mut self.late);
    }
}
