//! An owner who assigns one index to many uses, with corrupt members who bind to each of them:
//! every honest member answers for at most one, and all for the same.

use crate::presigning::{Table, randomness};
use crate::report;
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{
    Assignment, BindMessage, Bound, Derivation, Progress, SignedAssignment, index_owner,
};
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::{Batch, Presignature};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_batch, deal_key};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

struct Dice(Randomness);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        u32::from_be_bytes(self.0.bytes()) as usize % bound
    }
}

struct Stage<'a> {
    table: &'a Table,
    shares: &'a BTreeMap<PartyId, KeyShare<Secp256k1>>,
    corrupt: BTreeSet<PartyId>,
    versions: Vec<SignedAssignment>,
}

impl Stage<'_> {
    fn bind(&self, presignature: Presignature, signed: &SignedAssignment) -> (Bound, BindMessage) {
        let (me, set) = (presignature.me(), &signed.assignment.set);
        let public = Arc::new(self.shares[&me].public_shares(set).unwrap());
        presignature
            .bind(signed, &self.shares[&me], &public, &self.table.epoch, &self.table.keys[&me])
            .unwrap()
    }

    /// What a corrupt member sends for each version: its `delta` fits all of them.
    fn binds_to_all(&self, presignature: Presignature) -> Vec<BindMessage> {
        let key = &self.table.keys[&presignature.me()];
        let (_, message) = self.bind(presignature, &self.versions[0]);
        let version = |signed: &SignedAssignment| {
            BindMessage { assignment: signed.clone(), ..message.clone() }.resign(key)
        };
        self.versions.iter().map(version).collect()
    }

    /// The uses for which honest members answered, by member.
    fn play(
        &self,
        presignatures: Vec<Presignature>,
        dice: &mut Dice,
    ) -> BTreeMap<PartyId, Vec<Vec<u8>>> {
        let (mut bound, mut waiting) = (BTreeMap::new(), Vec::new());
        for presignature in presignatures {
            let me = presignature.me();
            if self.corrupt.contains(&me) {
                waiting.extend(self.binds_to_all(presignature));
            } else {
                // Mostly one version, now and then another: only then is there something to catch.
                let version = if dice.below(4) == 0 { dice.below(self.versions.len()) } else { 0 };
                let (one, message) = self.bind(presignature, &self.versions[version]);
                bound.insert(me, one);
                waiting.push(message);
            }
        }
        let mut uses: BTreeMap<PartyId, Vec<Vec<u8>>> = BTreeMap::new();
        let mut deliveries: Vec<_> = waiting
            .iter()
            .flat_map(|message| bound.keys().map(move |to| (*to, message.clone())))
            .collect();
        while !deliveries.is_empty() {
            let (to, message) = deliveries.swap_remove(dice.below(deliveries.len()));
            let Some(one) = bound.get_mut(&to) else { continue };
            match one.receive(message) {
                Ok(Progress::Complete) => {
                    let ready = bound.remove(&to).unwrap().check(&mut dice.0).unwrap();
                    let (_, served) = ready.share(&self.table.keys[&to]).unwrap();
                    for version in &self.versions {
                        let again = served
                            .answer_for(&version.assignment)
                            .map(|answer| answer.assignment.encoded());
                        uses.entry(to).or_default().extend(again);
                    }
                }
                Ok(Progress::WaitingFor(_)) => {}
                Err(fault) => {
                    let owner = index_owner(&self.table.epoch, self.versions[0].assignment.index);
                    assert_eq!(fault.culprit(), Some(owner), "{fault}");
                    assert!(
                        one.equivocation()
                            .is_some_and(|proof| proof.culprit(&self.table.epoch) == Some(owner))
                    );
                    bound.remove(&to);
                }
            }
        }
        uses
    }
}

/// Runs with each size of network in turn. Returns how many ended with answers, and with none.
fn equivocate(runs: usize) -> (usize, usize) {
    const BATCH: u32 = 64;
    let (mut answered, mut burnt) = (0, 0);
    let mut dice = Dice(randomness(b"equivocation", runs as u64));
    for (at, members) in [3, 4, 5].into_iter().enumerate() {
        let table = Table::new(members);
        let (set, ids) = (table.set(), table.epoch.ids());
        let shares = deal_key::<Secp256k1>(table.epoch.threshold(), &ids, &mut dice.0);
        let public_key: [u8; 33] = shares[&set[0]].public_key().encoded().try_into().unwrap();
        let mut batch: Vec<Vec<Presignature>> = Vec::new();
        for _ in 0..(runs + 2 - at) / 3 {
            if batch.is_empty() {
                let dealt = deal_batch(&table.epoch, &set, BATCH, &table.keys, &mut dice.0);
                let mut parts: Vec<_> = dealt
                    .into_values()
                    .map(|Batch { presignatures, .. }| presignatures.into_iter())
                    .collect();
                batch = (0..BATCH)
                    .map(|_| parts.iter_mut().map(|part| part.next().unwrap()).collect())
                    .collect();
            }
            let presignatures = batch.pop().unwrap();
            let (sid, index) = (*presignatures[0].sid(), presignatures[0].index());
            let owner = index_owner(&table.epoch, index);
            // All of the set but one or two lie, or none of it: the owner may stand outside.
            let corrupt = set.iter().copied().skip(1 + dice.below(set.len())).collect();
            let sign = |version: u8| {
                let (epoch, set, derivation) =
                    (table.epoch.digest(), set.clone(), Derivation::None);
                let (request_key, name_hash) =
                    (RequestKey::new([version; 32]), NameHash::new([4; 32]));
                let digest = Digest::new([version / 2; 32]);
                Assignment {
                    sid,
                    index,
                    set,
                    epoch,
                    public_key,
                    derivation,
                    digest,
                    request_key,
                    name_hash,
                    attempt: 0,
                }
                .sign(&table.keys[&owner])
            };
            let versions = (0..2 + dice.below(3) as u8).map(sign).collect();
            let stage = Stage { table: &table, shares: &shares, corrupt, versions };
            let uses = stage.play(presignatures, &mut dice);
            assert!(uses.values().all(|uses| uses.len() == 1), "one member answered twice");
            assert!(
                uses.values().collect::<BTreeSet<_>>().len() <= 1,
                "honest members answered for different uses"
            );
            *(if uses.is_empty() { &mut burnt } else { &mut answered }) += 1;
        }
    }
    (answered, burnt)
}

#[test]
fn an_owner_with_many_versions_gets_answers_for_one_of_them_or_none() {
    let (answered, burnt) = equivocate(600);
    assert!(
        answered + burnt == 600 && answered > 10 && burnt > 10,
        "{answered} answered, {burnt} burnt"
    );
}

#[test]
#[ignore = "long"]
fn long_equivocating_owners() {
    let (answered, burnt) = equivocate(10_000);
    assert_eq!(answered + burnt, 10_000);
    report(format_args!(
        "10000 equivocating owners: {answered} got answers for one use, {burnt} for none, 0 for two"
    ));
}
