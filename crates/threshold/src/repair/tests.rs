//! Whole repairs in one thread.

mod conduct;

use super::*;
use crate::codec::{Decode, Message};
use crate::group::{Bls12381G1, Secp256k1};
use crate::machine::RoundShape;
use crate::party::two_thirds;
use crate::testing::delivery::{Delivery, untouched};
use crate::testing::{deal_epoch, deal_key};

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

fn parties(numbers: &[u16]) -> Vec<PartyId> {
    numbers.iter().map(|number| party(*number)).collect()
}

struct Table<C: Curve> {
    epoch: Arc<Epoch>,
    signing_keys: BTreeMap<PartyId, SigningKey>,
    target: PartyId,
    helpers: Vec<PartyId>,
    /// For each key everybody's shares, the lost ones among them.
    shares: Vec<BTreeMap<PartyId, KeyShare<C>>>,
    nonce: u8,
}

impl<C: Curve> Table<C> {
    fn new(members: u16, target: u16, helpers: &[u16], keys: usize) -> Self {
        let mut randomness = Randomness::from_seed([2; 32]);
        let ids: Vec<_> = (1..=members).collect();
        let (epoch, signing_keys) = deal_epoch(&ids, two_thirds(ids.len()), &mut randomness);
        let shares =
            (0..keys).map(|_| deal_key(epoch.threshold(), &epoch.ids(), &mut randomness)).collect();
        Table {
            epoch,
            signing_keys,
            target: party(target),
            helpers: parties(helpers),
            shares,
            nonce: 1,
        }
    }

    fn vectors(&self) -> Vec<Vec<C::Point>> {
        self.shares.iter().map(|shares| shares[&self.target].commitments().to_vec()).collect()
    }

    fn participants(&self) -> Vec<PartyId> {
        self.helpers.iter().copied().chain([self.target]).collect()
    }

    fn sid(&self) -> SessionId {
        let nonces = self.participants().into_iter().map(|id| (id, [self.nonce; 32])).collect();
        session::<C>(&self.epoch, self.target, &self.helpers, &self.vectors(), &nonces)
    }

    fn config(&self, me: PartyId) -> Config<C> {
        let part = if me == self.target {
            Part::Target(self.vectors())
        } else {
            Part::Helper(self.shares.iter().map(|shares| shares[&me].clone()).collect())
        };
        Config {
            epoch: self.epoch.clone(),
            target: self.target,
            helpers: self.helpers.clone(),
            me,
            part,
            signing_key: self.signing_keys[&me].clone(),
            sid: self.sid(),
            randomness: Randomness::from_seed([self.nonce; 32]).fork(b"party", me.number().into()),
        }
    }

    fn start(&self) -> Delivery<Ceremony<C>> {
        Delivery::new(
            self.participants()
                .into_iter()
                .map(|id| (id, Ceremony::start(self.config(id)).unwrap())),
        )
    }

    fn lost(&self) -> Vec<C::Scalar> {
        self.shares.iter().map(|shares| shares[&self.target].share().0).collect()
    }
}

fn secrets<C: Curve>(shares: &[KeyShare<C>]) -> Vec<C::Scalar> {
    shares.iter().map(|share| share.share().0).collect()
}

fn the_target_gets_its_shares<C: Curve>(members: u16, target: u16, helpers: &[u16], keys: usize) {
    let table = Table::<C>::new(members, target, helpers, keys);
    let mut delivery = table.start();
    delivery.settle(&mut untouched);
    assert_eq!(delivery.faults, []);
    let mut outputs = delivery.outputs();
    let repaired = outputs.remove(&table.target).unwrap();
    assert_eq!(secrets(&repaired), table.lost());
    for (share, shares) in repaired.iter().zip(&table.shares) {
        assert!(share.verify() && share.me() == table.target);
        assert_eq!(share.commitments(), shares[&table.target].commitments());
    }
    assert_eq!(outputs.len(), helpers.len());
    assert!(outputs.values().all(Vec::is_empty), "helpers learn nothing");
}

#[test]
fn a_repaired_share_is_the_lost_one() {
    the_target_gets_its_shares::<Secp256k1>(3, 2, &[1, 3], 3);
    the_target_gets_its_shares::<Secp256k1>(5, 5, &[1, 2, 3, 4], 2);
    the_target_gets_its_shares::<Secp256k1>(10, 1, &[2, 4, 5, 7, 8, 9, 10], 2);
    the_target_gets_its_shares::<Secp256k1>(10, 6, &[1, 2, 3, 4, 5, 8, 9], 1);
    the_target_gets_its_shares::<Bls12381G1>(3, 1, &[2, 3], 2);
}

/// Whoever sends the target or a helper something else: nobody but the target notices, it has
/// nothing, and nobody is named.
fn fails_without_blame(
    round: u16,
    from: u16,
    to: u16,
    alter: impl Fn(&mut Vec<Secret<Secp256k1>>),
) {
    let table = Table::<Secp256k1>::new(4, 4, &[1, 2, 3], 2);
    let mut delivery = table.start();
    delivery.settle(&mut |_, mut envelope: Envelope| {
        if (envelope.round, envelope.from, envelope.to) == (round, party(from), To::One(party(to)))
        {
            let mut secrets = Vec::<Secret<Secp256k1>>::decode_all(&envelope.body.0).unwrap();
            alter(&mut secrets);
            let key = &table.signing_keys[&party(from)];
            envelope = Envelope::seal_bytes(
                key,
                envelope.sid,
                round,
                party(from),
                envelope.to,
                secrets.encoded(),
            );
        }
        vec![envelope]
    });
    let fault = Fault::Joint { check: "repaired shares" };
    assert_eq!(fault.culprit(), None);
    assert_eq!(delivery.faults, [(party(4), fault)]);
    assert_eq!(delivery.outputs().keys().copied().collect::<Vec<_>>(), table.helpers);
}

#[test]
fn an_altered_addend_or_sum_fails_the_repair_and_names_nobody() {
    for (round, from, to) in [(ADD, 1, 2), (ADD, 3, 1), (SUM, 1, 4), (SUM, 3, 4)] {
        for key in 0..2 {
            fails_without_blame(round, from, to, |secrets| secrets[key].0 += Secp256k1::scalar(1));
        }
        fails_without_blame(round, from, to, |secrets| secrets.swap(0, 1));
        fails_without_blame(round, from, to, |secrets| {
            secrets[0].0 += Secp256k1::scalar(1);
            secrets[1].0 -= Secp256k1::scalar(1);
        });
    }
}

#[test]
fn a_vector_that_the_chain_does_not_know_is_no_help() {
    // Helpers of another key than the target asks for: the sums fit their vector, not the target's.
    let table = Table::<Secp256k1>::new(3, 2, &[1, 3], 2);
    let mut delivery = table.start();
    let vectors = table.vectors();
    let swapped = Config {
        part: Part::Target(vec![vectors[1].clone(), vectors[0].clone()]),
        ..table.config(party(2))
    };
    delivery.machines.insert(party(2), Ceremony::start(swapped).unwrap().0);
    delivery.settle(&mut untouched);
    assert_eq!(delivery.faults, [(party(2), Fault::Joint { check: "repaired shares" })]);
}

#[test]
fn sums_of_two_runs_do_not_show_what_they_hide() {
    // With addends that depended on the pair and the key alone, two helper sets would give a
    // corrupt target `x_j` of each honest helper: the difference of two sums would be known
    // multiples of it.
    let sums = |table: &Table<Secp256k1>| {
        let mut sums = BTreeMap::new();
        table.start().settle(&mut |_, envelope: Envelope| {
            if envelope.round == SUM {
                sums.insert(envelope.from, envelope.open::<Sums<Secp256k1>>().unwrap().sums[0].0);
            }
            vec![envelope]
        });
        sums
    };
    let lambda = |table: &Table<_>, id: PartyId| {
        let ids: Vec<_> = table.helpers.iter().map(|id| u64::from(id.number())).collect();
        lagrange_at::<Secp256k1>(id.number().into(), &ids, table.target.number().into()).unwrap()
    };
    let one = Table::<Secp256k1>::new(5, 5, &[1, 2, 3, 4], 1);
    let again = Table { nonce: 2, ..Table::new(5, 5, &[1, 2, 3, 4], 1) };
    let [first, second] = [sums(&one), sums(&again)];
    for id in &one.helpers {
        assert_ne!(first[id], second[id]);
        assert_ne!(first[id], lambda(&one, *id) * one.shares[0][id].share().0);
    }
    assert_eq!(first.values().copied().sum::<k256::Scalar>(), one.lost()[0]);
    assert_eq!(second.values().copied().sum::<k256::Scalar>(), one.lost()[0]);
    // Nor does randomness that comes twice repeat an addend in another session.
    let addends = |sid| {
        let started = Ceremony::start(Config { sid, ..one.config(party(1)) }).unwrap();
        started.1.iter().map(|envelope| envelope.body.clone()).collect::<Vec<_>>()
    };
    assert_eq!(addends([1; 32]), addends([1; 32]));
    assert!(addends([1; 32]).iter().zip(addends([2; 32])).all(|(one, other)| *one != other));
}
