//! Derived keys sign like any other, and only by the derivation that everybody agreed to.

use super::*;
use crate::codec::DecodeError;
use crate::derivation::{DerivedShare, RootShares};
use proptest::test_runner::TestRunner;

/// A table whose key is derived from two roots, with every party's share of it.
struct DerivedTable {
    table: Table,
    shares: BTreeMap<PartyId, DerivedShare>,
}

impl DerivedTable {
    fn new(set: &[u16], parties: u16, id: [u8; 32]) -> Self {
        let mut table = Table::new(set, parties, 1, 1);
        let second = deal_key::<Secp256k1>(
            two_thirds(parties.into()),
            &table.epoch.ids(),
            &mut table.randomness,
        );
        let roots = |party| {
            RootShares::new(vec![table.shares[party].clone(), second[party].clone()]).unwrap()
        };
        let shares: BTreeMap<_, _> =
            table.shares.keys().map(|party| (*party, roots(party).derive(&id).unwrap())).collect();
        table.public = Arc::new(shares[&table.set[0]].public_shares(&table.set).unwrap());
        DerivedTable { table, shares }
    }

    fn derivation(&self) -> Derivation {
        self.shares[&self.table.set[0]].derivation()
    }

    fn bind(
        &mut self,
        id: PartyId,
        signed: &SignedAssignment,
    ) -> Result<(Bound, BindMessage), Box<NotBound>> {
        let presignature = self.table.take(id, signed.assignment.index);
        presignature.bind(
            signed,
            &self.shares[&id],
            &self.table.public,
            &self.table.epoch,
            &self.table.keys[&id],
        )
    }
}

#[test]
fn a_derived_key_signs() {
    for (set, parties) in [([1, 3].as_slice(), 3), (&[1, 2, 4, 5], 5)] {
        let mut derived = DerivedTable::new(set, parties, [9; 32]);
        let assignment =
            Assignment { derivation: derived.derivation(), ..derived.table.assignment(0, DIGEST) };
        let signed = derived.table.signed(assignment);
        let (mut all, mut messages) = (BTreeMap::new(), Vec::new());
        for id in derived.table.set.clone() {
            let (bound, message) = derived.bind(id, &signed).unwrap();
            assert!(message.encoded().len() <= MAX_BIND_MESSAGE);
            all.insert(id, bound);
            messages.push(message);
        }
        deliver_all(&mut all, &messages);
        let answers: Vec<_> =
            all.into_values().map(|bound| derived.table.share(bound).unwrap().0).collect();
        let expected = derived.table.expected(DIGEST);
        let checked: Vec<_> = answers
            .iter()
            .map(|answer| answer.verify(&derived.table.epoch, &expected).unwrap())
            .collect();
        assert!(checked.iter().all(|checked| checked.check_share().is_ok()));
        assert_signs(&combine(&checked).unwrap(), &expected.public_key, DIGEST);
    }
}

#[test]
fn an_assignment_by_another_derivation_than_the_shares_is_a_mismatch_and_binds_nothing() {
    let id = party(1);
    let mut derived = DerivedTable::new(&[1, 3], 3, [9; 32]);
    let Derivation::Derived { roots, .. } = derived.derivation() else { panic!() };
    let mut other_roots = roots;
    other_roots[0] ^= 1;
    let others = [
        Derivation::None,
        Derivation::Derived { roots, id: [8; 32] },
        Derivation::Derived { roots: other_roots, id: [9; 32] },
    ];
    for derivation in others {
        let assignment = Assignment { derivation, ..derived.table.assignment(0, DIGEST) };
        let signed = derived.table.signed(assignment);
        let refused = derived.bind(id, &signed).unwrap_err();
        assert_eq!(
            refused.fault,
            Fault::Mismatch { party: index_owner(&derived.table.epoch, 0), field: "derivation" }
        );
        derived.table.presignatures.get_mut(&id).unwrap()[0] = Some(refused.presignature);
    }

    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let assignment = Assignment { derivation: derived.derivation(), ..table.assignment(0, DIGEST) };
    let signed = table.signed(assignment);
    let refused = table.bind(id, &signed).unwrap_err();
    assert_eq!(
        refused.fault,
        Fault::Mismatch { party: index_owner(&table.epoch, 0), field: "derivation" }
    );
}

#[test]
fn an_assignment_of_another_key_than_the_derived_one_is_a_mismatch() {
    let mut derived = DerivedTable::new(&[1, 3], 3, [9; 32]);
    let root = Table::new(&[1, 3], 3, 1, 1).assignment(0, DIGEST).public_key;
    let assignment = Assignment {
        derivation: derived.derivation(),
        public_key: root,
        ..derived.table.assignment(0, DIGEST)
    };
    let signed = derived.table.signed(assignment);
    let refused = derived.bind(party(1), &signed).unwrap_err();
    assert_eq!(
        refused.fault,
        Fault::Mismatch { party: index_owner(&derived.table.epoch, 0), field: "public key" }
    );
}

#[test]
fn the_longest_bind_message_of_the_largest_epoch_is_within_the_limit() {
    let ids: Vec<_> = (1..=crate::party::MAX_MEMBERS as u16).map(party).collect();
    let derivation = Derivation::Derived { roots: [1; 32], id: [2; 32] };
    let assignment =
        Assignment { set: ids, derivation, ..Table::new(&[1, 3], 3, 1, 1).assignment(0, DIGEST) };
    let message = BindMessage {
        assignment: SignedAssignment { assignment, signature: [0; 64] },
        from: party(1),
        delta: k256::Scalar::ONE,
        entropy: [0; 32],
        signature: [0; 64],
    };
    let bytes = message.encoded();
    assert!(bytes.len() <= MAX_BIND_MESSAGE);
    assert_eq!(BindMessage::read(&bytes), Ok(message));
    assert_eq!(
        BindMessage::read(&vec![0; MAX_BIND_MESSAGE]),
        Err(DecodeError::NotCanonical("party id"))
    );
    assert_eq!(BindMessage::read(&vec![0; MAX_BIND_MESSAGE + 1]), Err(DecodeError::TooLong));
}

#[test]
fn a_changed_derivation_is_another_nonce() {
    let table = Table::new(&[1, 3], 3, 1, 1);
    let points = &table.presignatures[&party(1)][0].as_ref().unwrap().points;
    let nonce = |derivation| {
        let assignment = Assignment { derivation, ..table.assignment(0, DIGEST) };
        nonce::Nonce::new(&nonce::use_bytes(&assignment, points, &[[1; 32]; 2]), points)
            .unwrap()
            .big_r
    };
    let own = nonce(Derivation::None);
    let cases = (any::<[u8; 32]>(), any::<[u8; 32]>(), 1..65usize, 1..=255u8);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(1000));
    let checked = runner.run(&cases, |(roots, id, byte, flip)| {
        let derived = Derivation::Derived { roots, id };
        let mut bytes = derived.encoded();
        bytes[byte] ^= flip;
        prop_assert_ne!(nonce(derived), own);
        prop_assert_ne!(nonce(derived), nonce(Derivation::decode_all(&bytes).unwrap()));
        Ok(())
    });
    checked.unwrap();
}
