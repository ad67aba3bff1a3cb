use super::*;
use crate::randomness::Randomness;
use crate::testing::{deal_key, reveal_key};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What the unmodified client computes (`computeHDPubKey` of `@lit-protocol/crypto` 7.4.0) for
/// roots whose secrets are the Keccak-256 hashes of "root 1", "root 2" and "root 3": the number of
/// roots, the id, the derived key.
const CLIENT_VECTORS: [(usize, &str, &str); 4] = [
    (
        2,
        "7ad2ffa57ca171733379bb2556979023eb39263ddcc7c51cd95b0cb92867a659",
        "024cb5bdf941c1073c3bfbb0feacf6ce9152f8df03f9573d3ca694bb4b208e2773",
    ),
    (
        2,
        "7647da1ac38c18236274ed101df7db4611895c2d5d6e410bcd0d3c6d966e8025",
        "03eae9c393c2eedb073028a6578a999682526478ded4a62626f5de42ee54e7358d",
    ),
    (
        3,
        "7ad2ffa57ca171733379bb2556979023eb39263ddcc7c51cd95b0cb92867a659",
        "03f35c13d0e1a3b273a3325d95043dce8c579793bc041ce645432ce7c8b3d09fb6",
    ),
    (
        3,
        "7647da1ac38c18236274ed101df7db4611895c2d5d6e410bcd0d3c6d966e8025",
        "02131bd9edbeb8ba8881ae4b8eddc34040c2b15bcdd4a93c5ce872c8ac79662a68",
    ),
];
const CLIENT_ROOTS: [&str; 3] = [
    "02e5f371601b8a129eacc944083522e6d918919ccc13a6fcacc4a4a5a6121ca42b",
    "025a1154760eac0c18ab61f9f01061976ee8b86f1caa47535ba5881ee14ae1bdd1",
    "024454c1152f3ee83090acf333f84a160e4304aba4ff3001c14f29dc74ae49f80a",
];

fn point(compressed: &str) -> ProjectivePoint {
    ProjectivePoint::decode_all(&hex::decode(compressed).unwrap()).unwrap()
}

fn ids(numbers: &[u16]) -> Vec<PartyId> {
    numbers.iter().filter_map(|number| PartyId::new(*number)).collect()
}

/// Every party's shares of `roots` root keys, 3 of 5.
fn dealt(roots: usize, seed: u8) -> BTreeMap<PartyId, RootShares> {
    let parties = ids(&[1, 2, 3, 4, 5]);
    let mut randomness = Randomness::from_seed([seed; 32]);
    let mut keys: Vec<_> =
        (0..roots).map(|_| deal_key::<Secp256k1>(3, &parties, &mut randomness)).collect();
    let shares = |id: PartyId, keys: &mut Vec<BTreeMap<_, _>>| {
        keys.iter_mut().map(|key| key.remove(&id).unwrap()).collect()
    };
    parties.iter().map(|id| (*id, RootShares::new(shares(*id, &mut keys)).unwrap())).collect()
}

#[test]
fn derived_public_keys_are_those_of_the_client() {
    for (roots, id, key) in CLIENT_VECTORS {
        let id: [u8; 32] = hex::decode(id).unwrap().try_into().unwrap();
        let roots =
            RootKeys::new(CLIENT_ROOTS[..roots].iter().map(|root| point(root)).collect()).unwrap();
        assert_eq!(roots.derive(&id), Some(point(key)));
    }
}

#[test]
fn a_derived_share_is_one_of_the_derived_key() {
    for roots in [2, 3, 5] {
        let all = dealt(roots, roots as u8);
        let keys = all.values().next().unwrap().keys().clone();
        assert_eq!(keys.keys().len(), roots);
        let derived: BTreeMap<_, _> =
            all.iter().map(|(id, shares)| (*id, shares.derive(&[9; 32]).unwrap())).collect();
        for (id, share) in &derived {
            assert_eq!((share.me(), share.verify()), (*id, true));
            assert_eq!(Some(share.public_key()), keys.derive(&[9; 32]));
            assert_eq!(
                share.derivation(),
                Derivation::Derived { roots: keys.digest(), id: [9; 32] }
            );
        }
        let inner: Vec<_> =
            derived.values().skip(1).take(3).map(|share| share.key.clone()).collect();
        assert_eq!(Some(Secp256k1::generator_times(&reveal_key(&inner))), keys.derive(&[9; 32]));
        let set = ids(&[1, 3, 4]);
        let public = derived[&set[0]].public_shares(&set).unwrap();
        assert!(public.are_of(&derived[&set[0]].key) && public.set() == set);
        assert!(derived[&set[0]].public_shares(&set[1..]).is_none());
    }
}

#[test]
fn a_derived_share_that_is_wrong_does_not_verify() {
    let mut share = dealt(2, 1).pop_first().unwrap().1.derive(&[9; 32]).unwrap();
    share.key =
        KeyShare::new(share.me(), share.key.commitments().to_vec(), Secret(Scalar::ONE)).unwrap();
    assert!(!share.verify());
}

#[test]
fn roots_are_two_or_more_distinct_keys() {
    let [one, two, three] =
        [1, 2, 3].map(|number| Secp256k1::generator_times(&Scalar::from(number as u64)));
    assert_eq!(RootKeys::new(Vec::new()), Err(RootsError::TooFew(0)));
    assert_eq!(RootKeys::new(vec![one]), Err(RootsError::TooFew(1)));
    assert!(RootKeys::new(vec![one, two]).is_ok());
    assert_eq!(RootKeys::new(vec![one, two, three, two]), Err(RootsError::NotDistinct));
    assert_eq!(RootKeys::new(vec![one, ProjectivePoint::IDENTITY]), Err(RootsError::NotDistinct));
}

#[test]
fn root_shares_are_of_one_party_with_one_threshold() {
    let parties = ids(&[1, 2, 3]);
    let mut randomness = Randomness::from_seed([1; 32]);
    let [one, two] = [(); 2].map(|()| deal_key::<Secp256k1>(2, &parties, &mut randomness));
    let higher = deal_key::<Secp256k1>(3, &parties, &mut randomness);
    let new = |a: &KeyShare<Secp256k1>, b: &KeyShare<Secp256k1>| {
        RootShares::new(vec![a.clone(), b.clone()]).map(|_| ())
    };
    let [first, second] = [parties[0], parties[1]];
    assert_eq!(new(&one[&first], &two[&first]), Ok(()));
    assert_eq!(new(&one[&first], &two[&second]), Err(RootsError::NotOneParty));
    assert_eq!(new(&one[&first], &higher[&first]), Err(RootsError::NotOneParty));
    assert_eq!(new(&one[&first], &one[&first]), Err(RootsError::NotDistinct));
    assert_eq!(RootShares::new(vec![one[&first].clone()]).map(|_| ()), Err(RootsError::TooFew(1)));
}

#[test]
fn a_derived_key_that_is_the_identity_does_not_exist() {
    let root = Secp256k1::generator_times(&Scalar::from(5u64));
    let opposite = RootKeys::new(vec![-(root * coefficient(&[9; 32])), root]).unwrap();
    assert_eq!(opposite.derive(&[9; 32]), None);
    assert!(opposite.derive(&[8; 32]).is_some());
}

#[test]
fn the_digest_of_the_roots_depends_on_each_and_on_their_order() {
    let [one, two, three] =
        [1, 2, 3].map(|number| Secp256k1::generator_times(&Scalar::from(number as u64)));
    let digest = |keys: &[ProjectivePoint]| RootKeys::new(keys.to_vec()).unwrap().digest();
    let digests = [
        digest(&[one, two]),
        digest(&[two, one]),
        digest(&[one, three]),
        digest(&[one, two, three]),
    ];
    for (at, first) in digests.iter().enumerate() {
        assert!(digests.iter().skip(at + 1).all(|second| first != second));
    }
}

#[test]
fn a_derivation_has_one_encoding() {
    for derivation in [Derivation::None, Derivation::Derived { roots: [1; 32], id: [2; 32] }] {
        let bytes = derivation.encoded();
        assert_eq!(Derivation::decode_all(&bytes), Ok(derivation));
        assert!(Derivation::decode_all(&bytes[..bytes.len() - 1]).is_err());
        assert!(Derivation::decode_all(&[bytes, vec![0]].concat()).is_err());
    }
    assert_eq!(
        Derivation::Derived { roots: [1; 32], id: [2; 32] }.encoded(),
        [vec![1], vec![1; 32], vec![2; 32]].concat()
    );
    assert_eq!(Derivation::decode_all(&[2]), Err(DecodeError::NotCanonical("derivation")));
    assert_eq!(Derivation::decode_all(&[]), Err(DecodeError::TooShort));
}

#[test]
fn debug_shows_no_derived_share() {
    let share = dealt(2, 1).pop_first().unwrap().1.derive(&[9; 32]).unwrap();
    let shown = format!("{share:?} {:?}", SigningShare::from(&share));
    assert!(!shown.to_lowercase().contains(&hex::encode(share.key.encode_secret().as_slice())));
    assert!(shown.contains("DerivedShare(KeyShare(1 of"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn different_ids_derive_different_keys(one: [u8; 32], other: [u8; 32]) {
        let roots = RootKeys::new(CLIENT_ROOTS.iter().map(|root| point(root)).collect()).unwrap();
        prop_assert_eq!(one == other, roots.derive(&one) == roots.derive(&other));
        prop_assert_eq!(roots.derivation(one), Derivation::Derived { roots: roots.digest(), id: one });
    }
}
