//! Requests of clients, from the first announce to the sum.

use crate::client;
use crate::links::Packet;
use crate::signing::Request;
use crate::world::World;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};

impl World {
    /// A client asks everybody for signatures, one of each digest. Where parties lie, it may tell
    /// them two different digests.
    pub fn request(&mut self, digests: &[Digest]) -> Vec<Request> {
        let mut requests = Vec::new();
        for digest in digests {
            let Some(at) = (!self.keys.is_empty()).then(|| self.links.dice.below(self.keys.len()))
            else {
                continue;
            };
            let two_faced = self.links.weather.corruption
                && !self.links.weather.spare
                && self.links.dice.happens(3000);
            let other = two_faced.then(|| {
                let mut other = *digest;
                other.flip(248);
                other
            });
            for (id, party) in &mut self.parties {
                let corrupt = self.links.corrupt.contains(id);
                let told = other.filter(|_| self.links.dice.happens(5000)).unwrap_or(*digest);
                party.memory.announced.extend(
                    if corrupt { [Some(*digest), other] } else { [Some(told), None] }
                        .into_iter()
                        .flatten(),
                );
            }
            for digest in std::iter::once(*digest).chain(other) {
                let public_key = self.keys[at].public_key;
                requests.push(Request {
                    public_key,
                    digest,
                    request_key: RequestKey::new([3; 32]),
                    name_hash: NameHash::new([4; 32]),
                });
            }
        }
        requests
    }

    /// One attempt at each request, all at once. Those that remain unsigned come back.
    pub fn sign(&mut self, requests: Vec<Request>, attempt: u16) -> Vec<Request> {
        for request in &requests {
            self.begin_request(request, &requests, attempt);
        }
        self.settle();
        for id in self.epoch.ids() {
            let effects = self.parties[&id].forward();
            self.apply(id, effects);
        }
        self.settle();
        for id in self.epoch.ids() {
            let missing = self.parties.get_mut(&id).unwrap().burn_bound();
            self.complain(id, missing);
        }
        self.links.release_late();
        self.settle();
        let answers = std::mem::take(&mut self.answers);
        let (epoch, corrupt, ledger) = (&self.epoch, &self.links.corrupt, &mut self.ledger);
        requests
            .into_iter()
            .filter(|request| !client::ask(epoch, corrupt, request, &answers, ledger))
            .collect()
    }

    /// Some party that owns a fresh index assigns it. A corrupt one may assign it twice, to two
    /// requests, or one that was assigned before.
    fn begin_request(&mut self, request: &Request, all: &[Request], attempt: u16) {
        let order = self.most_trusted(self.epoch.ids(), self.parties.len());
        let mut order: Vec<_> = self.links.dice.shuffled(order);
        order.sort_by_key(|id| self.complaints(*id));
        for owner in order {
            let lies = self.links.lies(owner);
            let party = self.parties.get_mut(&owner).unwrap();
            if !party.memory.announced.contains(&request.digest) {
                continue;
            }
            let Some((slot, set)) = party.assignable(lies && self.links.dice.happens(3000)) else {
                continue;
            };
            let signed = party.assign(slot, &set, request, attempt);
            let other = if lies { self.links.dice.pick(all) } else { None };
            let other = other.map(|other| party.assign(slot, &set, other, attempt));
            for id in &set {
                let told = other
                    .as_ref()
                    .filter(|_| self.links.dice.happens(5000))
                    .unwrap_or(&signed)
                    .clone();
                if *id == owner {
                    let effects =
                        self.parties.get_mut(id).unwrap().receive(owner, Packet::Assignment(told));
                    self.apply(owner, effects);
                } else {
                    self.links.post(owner, &[*id], Packet::Assignment(told));
                }
            }
            return;
        }
    }
}
