//! Whole reshares in one thread: honest ones here, everything else in the child modules.

mod alterations;
mod cheats;
mod conduct;
mod generations;
mod policy;
mod views;

use super::*;
use crate::codec::{Decode, Message};
use crate::group::{Bls12381G1, Secp256k1};
use crate::party::{Epoch, Member, RosterError, two_thirds};
use crate::testing::delivery::{Delivery, untouched};
use crate::testing::{deal_key, reveal_key};
use std::sync::Arc;

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

fn parties(numbers: &[u16]) -> Vec<PartyId> {
    numbers.iter().map(|number| party(*number)).collect()
}

fn signing_key(id: PartyId) -> SigningKey {
    SigningKey::from_bytes(&Randomness::from_seed([id.number() as u8; 32]).bytes())
}

fn epoch(number: u64, ids: &[u16], threshold: u16) -> Arc<Epoch> {
    let member = |id| Member { id, identity: signing_key(id).verifying_key().to_bytes() };
    Arc::new(
        Epoch::new([7; 32], number, parties(ids).into_iter().map(member).collect(), threshold)
            .unwrap(),
    )
}

/// Keys of one epoch, and the change to the next.
struct Table<C: Curve> {
    proposal: Proposal,
    dealers: Vec<PartyId>,
    /// For each key the old members' shares.
    shares: Vec<BTreeMap<PartyId, KeyShare<C>>>,
    /// Of the attempt: it makes the session and everybody's randomness.
    attempt: u8,
}

impl<C: Curve> Table<C> {
    /// Fresh keys of `old` members, each side's threshold two thirds.
    fn new(old: &[u16], new: &[u16], dealers: &[u16], keys: usize) -> Self {
        let (old, new) =
            (epoch(1, old, two_thirds(old.len())), epoch(2, new, two_thirds(new.len())));
        let mut randomness = Randomness::from_seed([3; 32]);
        let shares =
            (0..keys).map(|_| deal_key(old.threshold(), &old.ids(), &mut randomness)).collect();
        Table {
            proposal: Proposal::new(old, new).unwrap(),
            dealers: parties(dealers),
            shares,
            attempt: 1,
        }
    }

    fn vectors(&self) -> Vec<Vec<C::Point>> {
        self.shares
            .iter()
            .filter_map(|shares| Some(shares.values().next()?.commitments().to_vec()))
            .collect()
    }

    fn shares_of(&self, id: PartyId) -> Vec<KeyShare<C>> {
        self.shares.iter().filter_map(|shares| shares.get(&id).cloned()).collect()
    }

    fn participants(&self) -> Vec<PartyId> {
        self.proposal.participants(&self.dealers).into_keys().collect()
    }

    fn sid(&self) -> SessionId {
        let nonces = self.participants().into_iter().map(|id| (id, [self.attempt; 32])).collect();
        session::<C>(&self.proposal, &self.dealers, &self.vectors(), &nonces)
    }

    fn config(&self, me: PartyId) -> Config<C> {
        let consent = Consent { proposal: self.proposal.digest() };
        let permit = self.proposal.consented(&consent).unwrap();
        Config {
            proposal: self.proposal.clone(),
            dealers: self.dealers.clone(),
            me,
            vectors: self.vectors(),
            dealing: self
                .dealers
                .contains(&me)
                .then(|| Dealing { permit, shares: self.shares_of(me) }),
            signing_key: signing_key(me),
            sid: self.sid(),
            randomness: Randomness::from_seed([self.attempt; 32])
                .fork(b"party", u64::from(me.number())),
        }
    }

    fn start(&self) -> Delivery<Ceremony<C>> {
        Delivery::new(
            self.participants()
                .into_iter()
                .map(|id| (id, Ceremony::start(self.config(id)).unwrap())),
        )
    }

    /// An undisturbed run.
    fn run(&self) -> BTreeMap<PartyId, Reshared<C>> {
        let mut delivery = self.start();
        delivery.settle(&mut untouched);
        assert_eq!(delivery.faults, []);
        delivery.outputs()
    }
}

/// For each key the new members' shares.
fn by_key<C: Curve>(
    reshared: &BTreeMap<PartyId, Reshared<C>>,
) -> Vec<BTreeMap<PartyId, KeyShare<C>>> {
    let keys = reshared.values().map(|one| one.keys.len()).max().unwrap();
    let of = |key: usize| {
        reshared.iter().filter_map(move |(id, one)| Some((*id, one.keys.get(key)?.clone())))
    };
    (0..keys).map(|key| of(key).collect()).collect()
}

fn keys_pass_on<C: Curve>(old: &[u16], new: &[u16], dealers: &[u16], keys: usize) {
    let table = Table::<C>::new(old, new, dealers, keys);
    let reshared = table.run();
    let (new_epoch, participants) = (table.proposal.new_epoch(), table.participants());
    assert_eq!(reshared.keys().copied().collect::<Vec<_>>(), participants);
    let certificate = &reshared[&participants[0]].certificate;
    assert!(certificate.verify(&table.proposal));
    for (id, one) in &reshared {
        assert_eq!(one.certificate, *certificate);
        assert_eq!(
            one.keys.len(),
            if new_epoch.identity(*id).is_some() { keys } else { 0 },
            "{id}"
        );
    }
    let new_shares = by_key(&reshared);
    for (key, (shares, old)) in new_shares.iter().zip(&table.shares).enumerate() {
        let old: Vec<_> = old.values().cloned().collect();
        let secret = reveal_key(&old[..usize::from(table.proposal.old_epoch().threshold())]);
        let threshold = usize::from(new_epoch.threshold());
        let shares: Vec<_> = shares.values().cloned().collect();
        assert_eq!(shares.len(), new.len());
        for (share, id) in shares.iter().zip(parties(new)) {
            assert!(share.verify() && share.me() == id && share.threshold() == threshold);
            assert_eq!(share.public_key(), C::generator_times(&secret));
            assert_eq!(share.commitments(), shares[0].commitments());
            assert!(certificate.record.holds::<C>(key, share.commitments()));
        }
        for start in 0..shares.len() {
            let some: Vec<_> = shares.iter().cycle().skip(start).take(threshold).cloned().collect();
            assert_eq!(reveal_key(&some), secret);
            assert_ne!(reveal_key(&some[1..]), secret, "one share fewer");
        }
    }
    assert!(!certificate.record.holds::<C>(0, &table.vectors()[0]), "not the old vector");
    assert!(
        !certificate.record.holds::<C>(keys, new_shares[0].values().next().unwrap().commitments()),
        "no such key"
    );
}

#[test]
fn keys_pass_to_members_who_join_leave_or_stay() {
    keys_pass_on::<Secp256k1>(&[1, 2, 3], &[1, 2, 3], &[1, 3], 3);
    keys_pass_on::<Secp256k1>(&[1, 2, 3], &[1, 2, 3, 4], &[2, 3], 2);
    keys_pass_on::<Secp256k1>(&[1, 2, 3, 4], &[1, 2, 4], &[1, 2, 3], 2);
    keys_pass_on::<Secp256k1>(&[1, 2, 3, 4, 5], &[2, 3, 4, 5, 6, 7, 300], &[1, 2, 4, 5], 2);
    keys_pass_on::<Secp256k1>(&[1, 2, 3, 4, 5, 6, 7], &[2, 7], &[1, 2, 3, 4, 5], 1);
    keys_pass_on::<Secp256k1>(&[1, 2], &[8, 9, 10], &[1, 2], 1);
    keys_pass_on::<Bls12381G1>(&[1, 2, 3], &[2, 3, 4, 5], &[1, 2], 1);
}

#[test]
fn a_reshare_from_known_seeds_makes_the_known_transcript() {
    let reshared = Table::<Secp256k1>::new(&[1, 2, 3], &[1, 2, 3, 4], &[1, 2], 2).run();
    let transcript = reshared[&party(4)].certificate.record.transcript();
    assert_eq!(
        hex::encode(transcript),
        "908bd53e20fa541f8f52583df4b7510484718f4c0485ecdbf533f8e10bc8d664"
    );
}
