//! Many attempts and many epochs: whatever is lost, exactly one epoch comes out with enough shares,
//! and old shares stay worthless.

use super::*;
use rand_core::Rng;

/// What every member holds, as the chain decides about attempt after attempt.
struct Chain {
    table: Table<Secp256k1>,
    secret: <Secp256k1 as Curve>::Scalar,
    /// The votes of the attempt that was committed.
    committed: Option<[u8; 32]>,
    settled: BTreeMap<PartyId, Vec<KeyShare<Secp256k1>>>,
}

impl Chain {
    fn new(table: Table<Secp256k1>) -> Self {
        let shares: Vec<_> = table.shares[0].values().cloned().collect();
        let secret = reveal_key(&shares[..usize::from(table.proposal.old_epoch().threshold())]);
        Chain { table, secret, committed: None, settled: BTreeMap::new() }
    }

    /// One attempt. New members with a certificate vote, unless they crash first; the chain commits
    /// with every new member's vote.
    fn attempt(
        &mut self,
        tamper: &mut crate::testing::delivery::Tamper<'_>,
        crashes: Option<PartyId>,
    ) {
        let mut delivery = self.table.start();
        delivery.settle(tamper);
        let mut outputs = delivery.outputs();
        let new = self.table.proposal.new_epoch().ids();
        let ballot =
            |id: &PartyId| Ballot::new(&self.table.proposal, [&outputs.get(id)?.certificate]);
        let votes: Vec<_> =
            new.iter().filter(|id| Some(**id) != crashes).filter_map(ballot).collect();
        let agreed =
            votes.len() == new.len() && votes.iter().all(|vote| vote.hash() == votes[0].hash());
        self.committed = agreed.then(|| votes[0].hash());
        // Who leaves, and lacks a signature when the chain has committed, asks the others.
        if let Some((&holder, certificate)) =
            outputs.iter().next().map(|(id, reshared)| (id, reshared.certificate.clone()))
        {
            let asks = |id: &PartyId| self.committed.is_some() && !new.contains(id);
            for (id, machine) in delivery.machines.iter_mut().filter(|(id, _)| asks(id)) {
                if machine.complete(holder, &certificate).is_ok() {
                    outputs.insert(*id, machine.output().unwrap());
                }
            }
        }
        // Who was away, or crashed after it stored its shares, finds out from the chain.
        for (id, reshared) in outputs {
            let ballot = Ballot::new(&self.table.proposal, [&reshared.certificate]).unwrap();
            let transition = Transition::new(self.table.shares_of(id), reshared);
            let committed = self.committed.and_then(|hash| ballot.committed(&hash));
            let shares = match &committed {
                Some(committed) => transition.commit(committed).unwrap(),
                None => transition.abandon(),
            };
            self.settled.insert(id, shares);
        }
    }

    /// Every member holds shares of one epoch, the one that the chain names, and they make the key.
    fn assert_one_whole_epoch(&self) {
        let (old, new) = (self.table.proposal.old_epoch(), self.table.proposal.new_epoch());
        let epoch = if self.committed.is_some() { new } else { old };
        let held = |id: PartyId| {
            self.settled.get(&id).cloned().unwrap_or_else(|| self.table.shares_of(id))
        };
        let shares: Vec<_> = epoch.ids().into_iter().flat_map(held).collect();
        assert_eq!(shares.len(), epoch.members().len());
        assert!(
            shares.iter().all(|share| share.commitments() == shares[0].commitments()),
            "one epoch"
        );
        assert_eq!(reveal_key(&shares[..usize::from(epoch.threshold())]), self.secret);
        let left = old
            .ids()
            .into_iter()
            .filter(|id| self.committed.is_some() && new.identity(*id).is_none());
        assert!(left.flat_map(held).next().is_none(), "who left has erased its shares");
    }
}

#[test]
fn whichever_message_is_lost_exactly_one_epoch_comes_out_whole() {
    let table = || Table::<Secp256k1>::new(&[1, 2, 3, 4], &[1, 2, 3, 5], &[1, 2, 4], 1);
    let mut count = 0;
    table().start().settle(&mut |_, envelope| {
        count += 1;
        vec![envelope]
    });
    // Of 3 dealers and 5 participants: commitments, openings, shares, signatures.
    assert_eq!(count, 3 * 4 + 3 * 4 + (3 + 3 + 4) + 5 * 4);
    for lost in 0..count {
        let mut chain = Chain::new(table());
        let mut at = 0;
        let drop_one = &mut |_, envelope| {
            at += 1;
            if at == lost + 1 { vec![] } else { vec![envelope] }
        };
        chain.attempt(drop_one, None);
        chain.assert_one_whole_epoch();
        if chain.committed.is_none() {
            chain.settled.clear();
            chain.table.attempt += 1;
            chain.attempt(&mut untouched, None);
        }
        assert!(chain.committed.is_some(), "message {lost}: after healing");
        chain.assert_one_whole_epoch();
    }
}

#[test]
fn whoever_crashes_in_whichever_round_exactly_one_epoch_comes_out_whole() {
    for (crashed, round) in [1, 2, 3, 4, 5]
        .into_iter()
        .flat_map(|id| [COMMIT, OPEN, SIGN, SIGN + 1].map(|round| (id, round)))
    {
        let mut chain = Chain::new(Table::new(&[1, 2, 3, 4], &[1, 2, 3, 5], &[1, 2, 4], 1));
        let crash = &mut |receiver, envelope: Envelope| {
            let silent = |id: PartyId| id == party(crashed) && envelope.round >= round;
            if silent(envelope.from) || silent(receiver) { vec![] } else { vec![envelope] }
        };
        chain.attempt(crash, Some(party(crashed)));
        chain.assert_one_whole_epoch();
        assert_eq!(
            chain.committed.is_some(),
            crashed == 4 && round > SIGN,
            "all but a vote of who leaves is needed"
        );
        if chain.committed.is_none() {
            chain.settled.clear();
            chain.table.attempt += 1;
            chain.attempt(&mut untouched, None);
        }
        assert!(chain.committed.is_some());
        chain.assert_one_whole_epoch();
    }
}

/// Refreshes a key of four members (threshold three) again and again. An adversary keeps the shares
/// of two members of each epoch, not always the same; no three of what it ever saw, together with
/// nothing or with one honest share of the last epoch, make the key.
fn refreshed(times: u8, mixes: u32) {
    let ids = [1, 2, 3, 4];
    let mut table = Table::<Secp256k1>::new(&ids, &ids, &[1, 2, 3], 1);
    let public_key = table.vectors()[0][0];
    let (mut seen, mut randomness) = (Vec::new(), Randomness::from_seed([6; 32]));
    let mut below = |bound: usize| randomness.next_u32() as usize % bound;
    for refresh in 0..times {
        let corrupt =
            parties(&[refresh as u16 % 4 + 1, (refresh as u16 / 4 + 1 + refresh as u16) % 4 + 1]);
        seen.extend(
            corrupt
                .iter()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .flat_map(|id| table.shares_of(*id)),
        );
        let reshared = table.run();
        let dealers =
            (0..4u16).filter(|at| *at != refresh as u16 % 4).map(|at| party(at + 1)).collect();
        let new = Arc::new(
            Epoch::new(
                [7; 32],
                u64::from(refresh) + 3,
                table.proposal.new_epoch().members().to_vec(),
                3,
            )
            .unwrap(),
        );
        let proposal = Proposal::new(table.proposal.new_epoch().clone(), new).unwrap();
        table = Table { proposal, dealers, shares: by_key(&reshared), attempt: 1 };
        assert_eq!(table.vectors()[0][0], public_key, "refresh {refresh}");
    }
    let now: Vec<_> = table.shares[0].values().cloned().collect();
    assert_eq!(Secp256k1::generator_times(&reveal_key(&now[1..])), public_key);
    let fails =
        |mix: &[KeyShare<Secp256k1>]| Secp256k1::generator_times(&reveal_key(mix)) != public_key;
    let mut tried = 0;
    while tried < mixes {
        let mut mix: Vec<_> = (0..3).map(|_| seen[below(seen.len())].clone()).collect();
        mix[0] = now[below(4)].clone();
        let distinct = (1..3).all(|at| mix[..at].iter().all(|other| other.me() != mix[at].me()));
        if distinct {
            tried += 1;
            assert!(fails(&mix));
        }
    }
}

#[test]
fn old_shares_mixed_with_new_ones_make_nothing_after_many_refreshes() {
    refreshed(12, 200);
}

#[test]
#[ignore = "long"]
fn long_old_shares_mixed_with_new_ones_make_nothing_after_many_refreshes() {
    refreshed(200, 10_000);
}
