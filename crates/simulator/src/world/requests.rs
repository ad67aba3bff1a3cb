//! Clients' requests, from the first question to the last answer.

use super::{Event, Happening, Load, World};
use crate::Micros;
use crate::client::{Judged, PATIENCE, Request};
use crate::node::Command;
use crate::workshop::lock;
use conclave_agreement::signing::Outcome;
use conclave_agreement::time::Instant;
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use k256::AffinePoint;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many of some requests were signed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Goodput {
    /// Requests whose end is known.
    pub ended: usize,
    /// Of these, those that were signed.
    pub signed: usize,
    /// All of them.
    pub begun: usize,
}

impl Goodput {
    /// Whether nine of ten are signed, and none is open.
    pub fn is_back(&self) -> bool {
        self.ended == self.begun && 10 * self.signed >= 9 * self.begun && self.begun > 0
    }
}

/// Requests of a hundred for a key that was generated and is on chain for good.
const GENERATED: u64 = 30;
/// Requests of a hundred beside which somebody takes a key of the pool.
const MINTED: u64 = 10;

impl World {
    /// What clients do from now on.
    pub fn set_load(&mut self, load: Load) {
        let before = core::mem::replace(&mut self.load, load);
        match (load, before) {
            (Load::Every(_), Load::Every(_)) | (Load::Nothing, _) => (),
            (Load::Every(_), _) => self.schedule(0, Event::Request),
            (Load::Clients(count), _) => {
                (0..count).for_each(|number| self.schedule(number as u64, Event::Request));
            }
        }
    }

    /// From now on clients ask all nodes.
    pub fn ask_all(&mut self) {
        self.setup.few = 0;
    }

    /// Of the requests that began in a span.
    pub fn goodput(&self, from: Micros, to: Micros) -> Goodput {
        let mut goodput = Goodput::default();
        for request in self.requests.iter().filter(|one| (from..to).contains(&one.begun)) {
            goodput.begun += 1;
            goodput.ended += usize::from(request.ended.is_some());
            goodput.signed += usize::from(request.ended.is_some_and(|(_, signed)| signed));
        }
        goodput
    }

    /// How many requests are under way.
    pub fn open_requests(&self) -> usize {
        self.requests.iter().filter(|request| request.ended.is_none()).count()
    }

    /// A key that clients may use: mostly one of those that were there from the beginning.
    fn some_key(&mut self) -> Option<Arc<KeyShare<Secp256k1>>> {
        if self.chance.percent(GENERATED) {
            let honest = (0..self.nodes.len()).find(|place| !self.is_corrupt(*place))?;
            let settled: Vec<Vec<u8>> = self.chain.settled().cloned().collect();
            if !settled.is_empty() {
                let key = self.chance.pick(&settled);
                let disk = lock(&self.nodes[honest].disk);
                let wallet = disk.shares().get(&key).and_then(|share| share.wallet.clone());
                if wallet.is_some() {
                    return wallet;
                }
            }
        }
        let dealt = self.chance.pick(&self.dealt_keys);
        dealt.into_values().next()
    }

    pub(super) fn request(&mut self) {
        if let Load::Every(pause) = self.load {
            self.schedule(pause, Event::Request);
        }
        if self.load == Load::Nothing {
            return;
        }
        let Some(key) = self.some_key() else { return };
        let places: Vec<usize> = (0..self.nodes.len()).collect();
        let few = self.chance.percent(self.setup.few);
        let count = if few { usize::from(self.epoch.threshold()) } else { places.len() };
        let asked: BTreeSet<usize> = self.chance.some(&places, count).into_iter().collect();
        let number = self.requests.len();
        let mut request = Request::new(number as u64, &key, asked.clone(), self.now);
        // Some were permitted a moment ago, which an endpoint that lags does not show.
        if self.chance.one_in(8) {
            request.permitted_from = self.chain.head();
        }
        if self.chance.percent(MINTED) {
            self.chain.mint();
        }
        self.report.events.add("requests");
        self.requests.push(request);
        for node in asked {
            let after = self.chance.between(300, 3_000);
            self.schedule(after, Event::Ask { request: number, node });
        }
        self.schedule(PATIENCE, Event::GiveUp { request: number });
    }

    /// A question is at a node, which asks the chain whether it may sign.
    pub(super) fn ask(&mut self, request: usize, place: usize) {
        let node = &self.nodes[place];
        if node.process.is_none() {
            return self.answered(request, place);
        }
        let permitted_from = self.requests[request].permitted_from;
        let head = self.chain.ask(&mut self.chance);
        let after = self.chance.between(500, 8_000);
        match head {
            Ok(head) => {
                let permitted = head >= permitted_from;
                self.schedule_to(place, after, Happening::Judged { request, permitted });
            }
            // A node that cannot read the permission signs nothing.
            Err(_) => self.answered(request, place),
        }
    }

    pub(super) fn judged(&mut self, place: usize, request: usize, permitted: bool) {
        let asked = &self.requests[request];
        let disk = lock(&self.nodes[place].disk);
        let known = disk.shares().get(asked.public_key.as_slice());
        let mut key = known.and_then(|share| share.wallet.clone());
        let dealt = self.dealt_keys.iter().any(|dealt| {
            let share = dealt.values().next();
            share.is_some_and(|share| {
                AffinePoint::from(share.public_key()).encoded() == asked.public_key
            })
        });
        // A store that has failed gives out only what the process has read before.
        if disk.is_latched() && !dealt {
            key = None;
        }
        drop(disk);
        let wish = asked.wish(permitted, key, self.now);
        let call = asked.call();
        if let Some(process) = &mut self.nodes[place].process {
            process.waiters.entry(call.0).or_default().push(request);
            process.commands.push_back(Command::Sign(Box::new(wish)));
        }
        self.pump(place);
    }

    pub(super) fn tell(
        &mut self,
        place: usize,
        requests: &[usize],
        outcome: &Outcome,
        say_before: Instant,
    ) {
        let Some(process) = &self.nodes[place].process else { return };
        if process.clock(self.now) >= say_before {
            self.report.events.add("answers that came too late to be given");
            return requests.iter().for_each(|request| self.answered(*request, place));
        }
        let name = match outcome {
            Outcome::Share(_) => "answers with a share",
            Outcome::Empty => "empty answers",
            Outcome::Refused { .. } => "refusals",
            Outcome::Split(_) => "answers that name a split",
            Outcome::Retry => "answers to retry",
            Outcome::NoPresignature => "answers without a presignature",
            Outcome::TimedOut => "answers that time ran out",
        };
        self.report.events.add(name);
        for number in requests {
            if let Outcome::Share(answer) = outcome {
                let call = self.requests[*number].call();
                let corrupt = self.is_corrupt(place);
                if !corrupt && let Err(what) = self.told.share(call, answer) {
                    self.report.violate(self.now, what);
                }
                match self.requests[*number].take(answer, &self.epoch) {
                    Judged::Signed => self.end_request(*number, true),
                    Judged::Bad(what) if !corrupt => {
                        let what = format!("an honest answer does not verify: {what}");
                        self.report.violate(self.now, what);
                    }
                    Judged::Waiting | Judged::Bad(_) => (),
                }
            }
            self.answered(*number, place);
        }
    }

    /// A node has said all it will say.
    fn answered(&mut self, request: usize, place: usize) {
        self.requests[request].asked.remove(&place);
        if self.requests[request].asked.is_empty() {
            self.end_request(request, false);
        }
    }

    pub(super) fn end_request(&mut self, number: usize, signed: bool) {
        let now = self.now;
        let request = &mut self.requests[number];
        if request.ended.is_some() {
            return;
        }
        request.ended = Some((now, signed));
        self.report.events.add(if signed { "requests signed" } else { "requests not signed" });
        if let Load::Clients(_) = self.load {
            self.schedule(1_000, Event::Request);
        }
    }
}

impl World {
    /// Requests that wait for a node's answer.
    pub(super) fn open_at(&self, place: usize) -> Vec<usize> {
        let open = self
            .requests
            .iter()
            .enumerate()
            .filter(|(_, request)| request.ended.is_none() && request.asked.contains(&place));
        open.map(|(number, _)| number).collect()
    }

    /// The connection of a request to a node is cut.
    pub(super) fn lost(&mut self, request: usize, place: usize) {
        self.answered(request, place);
    }
}
