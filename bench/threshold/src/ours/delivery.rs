//! Carries messages between the machines of a run, as bytes: encoding is the sender's cost,
//! decoding the receiver's.

use crate::meter::{Meter, timed};
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::machine::Machine;
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// What a piece of work was for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Step {
    /// The first message.
    Start,
    /// Taking a message of a round: decoding, its signature.
    Take(u16),
    /// The last message of a round and everything that it set off.
    Work(u16),
    /// Encoding what is sent.
    Send,
}

struct Parcel {
    from: PartyId,
    to: usize,
    round: u16,
    bytes: Rc<Vec<u8>>,
}

/// The machines of one run and the messages under way.
pub struct Delivery<M> {
    pub machines: Vec<(PartyId, M)>,
    pub meter: Meter,
    /// Of all parties together.
    pub steps: BTreeMap<Step, Duration>,
    queue: VecDeque<Parcel>,
}

impl<M: Machine> Delivery<M> {
    /// `start` makes the machine of each party and its first messages. What the meter has counted
    /// before stays counted.
    pub fn begin(
        parties: &[PartyId],
        meter: Meter,
        mut start: impl FnMut(PartyId) -> (M, Vec<Envelope>),
    ) -> Self {
        let mut delivery = Delivery {
            machines: Vec::new(),
            meter,
            steps: BTreeMap::new(),
            queue: VecDeque::new(),
        };
        let mut first = Vec::new();
        for (at, id) in parties.iter().enumerate() {
            let (machine, messages) = delivery.charge(at, Step::Start, |_| start(*id));
            delivery.machines.push((*id, machine));
            first.push(messages);
        }
        for (at, messages) in first.into_iter().enumerate() {
            delivery.post(at, messages);
        }
        delivery
    }

    fn charge<R>(&mut self, at: usize, step: Step, work: impl FnOnce(&mut Self) -> R) -> R {
        let (result, took) = timed(|| work(self));
        self.meter.add(at, took);
        *self.steps.entry(step).or_default() += took;
        result
    }

    /// Has one party do something that sends messages.
    pub fn act(&mut self, at: usize, step: Step, work: impl FnOnce(&mut M) -> Vec<Envelope>) {
        let messages = self.charge(at, step, |delivery| work(&mut delivery.machines[at].1));
        self.post(at, messages);
    }

    fn post(&mut self, from: usize, messages: Vec<Envelope>) {
        for envelope in messages {
            let bytes = Rc::new(self.charge(from, Step::Send, |_| envelope.encoded()));
            let sender = self.machines[from].0;
            for (at, (id, _)) in self.machines.iter().enumerate() {
                if at != from && [To::All, To::One(*id)].contains(&envelope.to) {
                    self.meter.sent(from, bytes.len());
                    self.queue.push_back(Parcel {
                        from: sender,
                        to: at,
                        round: envelope.round,
                        bytes: bytes.clone(),
                    });
                }
            }
        }
    }

    /// Delivers until nothing moves.
    ///
    /// # Panics
    /// When a machine refuses a message.
    pub fn settle(&mut self) {
        while let Some(Parcel { from, to, round, bytes }) = self.queue.pop_front() {
            let step =
                if self.machines[to].1.waiting_for() == [from] { Step::Work } else { Step::Take };
            let sent = self.charge(to, step(round), |delivery| {
                let envelope = Envelope::decode_all(&bytes).expect("an envelope");
                delivery.machines[to].1.receive(from, envelope).expect("an honest message")
            });
            self.post(to, sent);
        }
    }
}
