//! Lost shares come back, and the keys pass to other members, while the weather lasts.

use crate::view::{MadeKey, Repair, Sharing};
use crate::world::World;
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::{Epoch, Member, PartyId, two_thirds};
use conclave_threshold::repair;
use conclave_threshold::reshare::{self, Ballot, Dealing, Proposal};
use conclave_threshold::session::SessionId;
use conclave_threshold::testing::reveal_key;
use ed25519_dalek::SigningKey;
use k256::ProjectivePoint;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What becomes of the members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    Refresh,
    Join,
    Leave,
    Replace,
}

impl Change {
    pub const ALL: [Change; 4] = [Change::Refresh, Change::Join, Change::Leave, Change::Replace];

    fn joins(self) -> bool {
        matches!(self, Change::Join | Change::Replace)
    }

    fn leaves(self) -> bool {
        matches!(self, Change::Leave | Change::Replace)
    }
}

impl World {
    fn vectors(&self) -> Vec<Vec<ProjectivePoint>> {
        self.keys.iter().map(|key| key.vector.clone()).collect()
    }

    fn nonces(&mut self, participants: &[PartyId]) -> BTreeMap<PartyId, [u8; 32]> {
        participants
            .iter()
            .map(|id| (*id, self.parties.get_mut(id).unwrap().stream().bytes()))
            .collect()
    }

    fn shares_of(&self, id: PartyId) -> Vec<KeyShare<Secp256k1>> {
        self.keys.iter().map(|key| self.parties[&id].keys[&key.session].1.clone()).collect()
    }

    /// A party loses its disk, and asks others for its shares: with other helpers, a few times.
    pub fn lose_and_repair(&mut self, attempts: usize) {
        let holders = self.holders();
        if self.keys.is_empty() || holders.len() <= usize::from(self.epoch.threshold()) {
            return;
        }
        let target = *self.links.dice.pick(&holders).unwrap();
        let lost = self.shares_of(target);
        self.parties.get_mut(&target).unwrap().keys.clear();
        if self.repair(target, attempts) {
            let same = |(share, lost): (&KeyShare<Secp256k1>, &KeyShare<Secp256k1>)| {
                share.share().0 == lost.share().0
            };
            assert!(
                self.shares_of(target).iter().zip(&lost).all(same),
                "repaired shares are others"
            );
        }
    }

    /// Members that were not there when the keys were made get their shares from those that were.
    /// Who gets none speaks against nobody: it was absent, and may be what fails.
    pub fn repair_absent(&mut self, attempts: usize) {
        let complaints = self.complaints.clone();
        for target in self.epoch.ids() {
            if !self.holders().contains(&target) {
                self.repair(target, attempts);
            }
        }
        self.complaints = complaints;
    }

    /// Whether the target has its shares now. Nobody is asked while fewer than a threshold have
    /// those of every key.
    fn repair(&mut self, target: PartyId, attempts: usize) -> bool {
        let threshold = usize::from(self.epoch.threshold());
        for _ in 0..attempts {
            let helpers = self.most_trusted(self.holders(), threshold);
            if helpers.len() < threshold {
                return false;
            }
            let participants: Vec<_> = helpers.iter().copied().chain([target]).collect();
            let (vectors, nonces) = (self.vectors(), self.nonces(&participants));
            let sid =
                repair::session::<Secp256k1>(&self.epoch, target, &helpers, &vectors, &nonces);
            let sharings = self.keys.iter().map(|key| key.sharing).collect();
            self.repairs.insert(sid, Repair { target, helpers: helpers.clone(), sharings });
            for &me in &participants {
                let part = if me == target {
                    repair::Part::Target(vectors.clone())
                } else {
                    repair::Part::Helper(self.shares_of(me))
                };
                let party = self.parties.get_mut(&me).unwrap();
                let (epoch, signing_key, randomness) =
                    (self.epoch.clone(), party.key.clone(), party.stream());
                let helpers = helpers.clone();
                let config = repair::Config {
                    epoch,
                    target,
                    helpers,
                    me,
                    part,
                    signing_key,
                    sid,
                    randomness,
                };
                let effects = party.begin_repair(config);
                self.apply(me, effects);
            }
            self.settle();
            let repaired = self.parties.get_mut(&target).unwrap().repaired(&sid);
            self.end_ceremonies();
            if let Some(shares) = repaired {
                assert!(
                    shares.len() == self.keys.len() && shares.iter().all(KeyShare::verify),
                    "a repaired share is of no key"
                );
                for (key, share) in self.keys.iter().zip(shares) {
                    let transcript = self.ledger.certified(&key.session).expect("a registered key");
                    self.parties
                        .get_mut(&target)
                        .unwrap()
                        .keys
                        .insert(key.session, (transcript, share));
                }
                return true;
            }
            self.complain(target, helpers);
        }
        false
    }

    /// The keys pass to the next epoch, or stay where they are: `attempts` times each of who is to
    /// take part makes its own dealing anew.
    pub fn reshare(&mut self, change: Change, attempts: usize) -> bool {
        let threshold = usize::from(self.epoch.threshold());
        if self.keys.is_empty() || self.holders().len() < threshold {
            return false;
        }
        let newcomer = change.joins().then(|| self.newcomer());
        for attempt in 0..attempts {
            let left_out = usize::from(change.leaves()) + attempt.min(self.to_spare());
            let Some(proposal) = self.propose(left_out, newcomer) else { return false };
            let dealers = self.most_trusted(self.holders(), threshold);
            let sid = self.deal(&proposal, &dealers);
            self.settle();
            self.links.release_late();
            self.settle();
            self.end_ceremonies();
            if self.decide(&proposal, sid) {
                return true;
            }
            // The old epoch goes on with all that it had.
            assert!(self.holders().len() >= threshold);
        }
        false
    }

    fn newcomer(&mut self) -> Member {
        // The smallest number that nobody had: it may stand before all others.
        let id = (1..).filter_map(PartyId::new).find(|id| !self.parties.contains_key(id)).unwrap();
        let key = SigningKey::from_bytes(&self.stream(b"newcomer").bytes());
        self.add_party(id, key.clone());
        Member { id, identity: key.verifying_key().to_bytes() }
    }

    /// The change that leaves out so many of those who were most in the way. `None` when no honest
    /// node deals for it, or when more than the new threshold allows would be corrupt.
    fn propose(&mut self, left_out: usize, newcomer: Option<Member>) -> Option<Proposal> {
        let mut order = self.most_trusted(self.epoch.ids(), self.epoch.members().len());
        // Where corrupt parties are, it is one of them that leaves.
        order.sort_by_key(|id| (self.complaints(*id), self.links.corrupt.contains(id)));
        order.truncate(self.epoch.members().len().checked_sub(left_out)?);
        let staying =
            self.epoch.members().iter().filter(|member| order.contains(&member.id)).copied();
        let mut members: Vec<_> = staying.chain(newcomer).collect();
        members.sort_unstable_by_key(|member| member.id);
        let threshold = (two_thirds(members.len()) + self.margin).min(members.len() as u16);
        let new =
            Epoch::new(*self.epoch.network(), self.epoch.number() + 1, members, threshold).ok()?;
        let corrupt = new.ids().iter().filter(|id| self.links.corrupt.contains(id)).count();
        let proposal = Proposal::new(self.epoch.clone(), Arc::new(new)).unwrap();
        (corrupt < usize::from(threshold) && proposal.permitted().is_ok()).then_some(proposal)
    }

    /// Everybody begins the run.
    fn deal(&mut self, proposal: &Proposal, dealers: &[PartyId]) -> SessionId {
        let participants: BTreeSet<_> =
            dealers.iter().copied().chain(proposal.new_epoch().ids()).collect();
        let participants: Vec<_> = participants.into_iter().collect();
        let (vectors, nonces) = (self.vectors(), self.nonces(&participants));
        let sid = reshare::session::<Secp256k1>(proposal, dealers, &vectors, &nonces);
        let parents = self.keys.iter().map(|key| key.sharing).collect();
        let coefficients = usize::from(proposal.new_epoch().threshold());
        self.sharings.insert(sid, Sharing { dealers: dealers.to_vec(), coefficients, parents });
        for &me in &participants {
            let permit = proposal.permitted().unwrap();
            let dealing =
                dealers.contains(&me).then(|| Dealing { permit, shares: self.shares_of(me) });
            let party = self.parties.get_mut(&me).unwrap();
            let (signing_key, randomness) = (party.key.clone(), party.stream());
            let (proposal, dealers, vectors) =
                (proposal.clone(), dealers.to_vec(), vectors.clone());
            let config = reshare::Config {
                proposal,
                dealers,
                me,
                vectors,
                dealing,
                signing_key,
                sid,
                randomness,
            };
            let effects = party.begin_reshare(&participants, config);
            self.apply(me, effects);
        }
        sid
    }

    /// The chain commits when all new members vote for one record, and everybody turns to the epoch
    /// that it names.
    fn decide(&mut self, proposal: &Proposal, sid: SessionId) -> bool {
        let members = proposal.new_epoch().ids();
        let ballot = |id: &PartyId| {
            let (_, certificate) = self.parties[id].transitions.get(&sid)?;
            Some((
                certificate.record.clone(),
                Ballot::new(proposal, [certificate]).expect("a whole certificate"),
            ))
        };
        let ballots: Vec<_> = members.iter().filter_map(ballot).collect();
        let votes: BTreeSet<_> = ballots.iter().map(|(_, ballot)| ballot.hash()).collect();
        assert!(votes.len() <= 1, "two records of one reshare");
        if ballots.len() < members.len() {
            self.parties.values_mut().for_each(|party| party.transitions.clear());
            return false;
        }
        let (record, ballot) = &ballots[0];
        let committed = ballot.committed(&ballot.hash()).unwrap();
        let old_holder = self.holders()[0];
        let old_shares = self.shares_of(old_holder);
        for (id, party) in &mut self.parties {
            let transition = party
                .transitions
                .remove(&sid)
                .map(|(transition, _)| transition.commit(&committed).unwrap());
            let new = transition.filter(|_| members.contains(id)).unwrap_or_default();
            party.keys.clear();
            for (key, share) in self.keys.iter().zip(new) {
                let transcript = self.ledger.certified(&key.session).expect("a registered key");
                party.keys.insert(key.session, (transcript, share));
            }
            party.transitions.clear();
            party.enter(proposal.new_epoch().clone());
        }
        for (at, key) in self.keys.iter_mut().enumerate() {
            let vector = self.parties[&members[0]].keys[&key.session].1.commitments().to_vec();
            assert!(record.holds::<Secp256k1>(at, &vector));
            assert_eq!(vector[0].encoded(), key.public_key, "the key changed");
            (key.vector, key.sharing) = (vector, sid);
        }
        self.enter(proposal.new_epoch().clone());
        for (key, old) in self.keys.iter().zip(old_shares) {
            self.assert_no_key_of(key, old);
        }
        true
    }

    /// An old share makes the key with no `t - 1` new ones.
    fn assert_no_key_of(&self, key: &MadeKey, old: KeyShare<Secp256k1>) {
        let me = old.me();
        let others = self.holders().into_iter().filter(|id| *id != me);
        let new = others
            .take(usize::from(self.epoch.threshold()) - 1)
            .map(|id| self.parties[&id].keys[&key.session].1.clone());
        let mixed: Vec<_> = new.chain([old]).collect();
        let point = ProjectivePoint::mul_by_generator(&reveal_key(&mixed));
        assert_ne!(point.encoded(), key.public_key, "an old share still counts");
    }
}
