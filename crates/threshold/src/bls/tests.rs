//! Shares, signatures and the three kinds of message; each cheat with who is named for it.

mod messages;

use super::pairing::hash_to_g2;
use super::*;
use crate::codec::{Decode, Encode};
use crate::fault::Fault;
use crate::group::{Bls12381G1, Curve, Secret};
use crate::key::KeyShare;
use crate::party::{PartyId, two_thirds};
use crate::randomness::Randomness;
use crate::testing::deal_key;
use crate::verification_keys::{TooFewShares, VerificationKeys};
use blstrs::{G1Projective, G2Affine, G2Projective, Scalar};
use group::prime::PrimeCurveAffine;
use std::collections::BTreeMap;

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

fn identity(digit: char) -> BlsMessage {
    let hash = digit.to_string().repeat(64);
    Identity::parse(&format!("{IDENTITY_PREFIX}{hash}/{hash}")).unwrap().into()
}

/// A key among parties 1..=n.
struct Table {
    shares: BTreeMap<PartyId, KeyShare<Bls12381G1>>,
    keys: VerificationKeys<Bls12381G1>,
    randomness: Randomness,
}

impl Table {
    fn new(parties: u16) -> Self {
        let mut randomness = Randomness::from_seed([1; 32]);
        let ids: Vec<_> = (1..=parties).map(party).collect();
        let shares = deal_key::<Bls12381G1>(two_thirds(ids.len()), &ids, &mut randomness);
        let keys = VerificationKeys::new(shares[&ids[0]].commitments(), &ids).unwrap();
        Table { shares, keys, randomness }
    }

    fn sign(&self, set: &[u16], message: &BlsMessage) -> BTreeMap<PartyId, SignatureShare> {
        set.iter()
            .map(|number| (party(*number), self.shares[&party(*number)].sign(message)))
            .collect()
    }

    fn check(
        &mut self,
        message: &BlsMessage,
        shares: &BTreeMap<PartyId, SignatureShare>,
    ) -> Result<(), CombineError> {
        self.keys.check_shares(message, shares, &mut self.randomness)
    }
}

/// A share moved by `offset`, through its bytes: the type has no other way in.
fn moved(share: &SignatureShare, offset: G2Projective) -> SignatureShare {
    let point =
        G2Affine::from_compressed(share.to_bytes(party(1)).unwrap()[1..].try_into().unwrap())
            .unwrap();
    let mut bytes = vec![1];
    bytes.extend(G2Affine::from(offset + point).to_compressed());
    SignatureShare::read(party(1), &bytes).unwrap()
}

fn wrong(numbers: &[u16]) -> CombineError {
    CombineError::WrongShares(numbers.iter().copied().map(party).collect())
}

/// The signature of the ciphersuite by another implementation of the curve, the pairing and the
/// hash.
fn verifies_elsewhere(public_key: &G1Projective, message: &[u8], signature: &[u8; 96]) -> bool {
    use bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
    let domain = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
    let hash =
        <bls12_381::G2Projective as HashToCurve<ExpandMsgXmd<sha2_0_9::Sha256>>>::hash_to_curve(
            message, domain,
        );
    let key = bls12_381::G1Affine::from_compressed(&public_key.to_compressed()).unwrap();
    let signature = bls12_381::G2Affine::from_compressed(signature).unwrap();
    bls12_381::pairing(&key, &hash.into())
        == bls12_381::pairing(&bls12_381::G1Affine::generator(), &signature)
}

#[test]
fn points_are_hashed_as_in_rfc_9380() {
    let vectors = [
        (
            "",
            "a5cb8437535e20ecffaef7752baddf98034139c38452458baeefab379ba13dff5bf5dd71b72418717047f5b0f37da03d0141ebfbdca40eb85b87142e130ab689c673cf60f1a3e98d69335266f30d9b8d4ac44c1038e9dcdd5393faf5c41fb78a",
        ),
        (
            "abc",
            "939cddbccdc5e91b9623efd38c49f81a6f83f175e80b06fc374de9eb4b41dfe4ca3a230ed250fbe3a2acf73a41177fd802c2d18e033b960562aae3cab37a27ce00d80ccd5ba4b7fe0e7a210245129dbec7780ccc7954725f4168aff2787776e6",
        ),
        (
            "abcdef0123456789",
            "990d119345b94fbd15497bcba94ecf7db2cbfd1e1fe7da034d26cbba169fb3968288b3fafb265f9ebd380512a71c3f2c121982811d2491fde9ba7ed31ef9ca474f0e1501297f68c298e9f4c0028add35aea8bb83d53c08cfc007c1e005723cd0",
        ),
        (
            &format!("q128_{}", "q".repeat(128)),
            "8934aba516a52d8ae479939a91998299c76d39cc0c035cd18813bec433f587e2d7a4fef038260eef0cef4d02aae3eb9119a84dd7248a1066f737cc34502ee5555bd3c19f2ecdb3c7d9e24dc65d4e25e50d83f0f77105e955d78f4762d33c17da",
        ),
        (
            &format!("a512_{}", "a".repeat(512)),
            "91fca2ff525572795a801eed17eb12785887c7b63fb77a42be46ce4a34131d71f7a73e95fee3f812aea3de78b4d0156901a6ba2f9a11fa5598b2d8ace0fbe0a0eacb65deceb476fbbcb64fd24557c2f4b18ecfc5663e54ae16a84f5ab7f62534",
        ),
    ];
    for (message, point) in vectors {
        let hash =
            hash_to_g2(message.as_bytes(), b"QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_");
        assert_eq!(hex::encode(hash.to_compressed()), point);
    }
}

#[test]
fn every_set_makes_the_same_signature_and_another_library_verifies_it() {
    for (parties, sets) in [
        (3, vec![vec![1, 2], vec![2, 3], vec![1, 2, 3]]),
        (10, vec![vec![1, 2, 3, 4, 5, 6, 7], vec![1, 3, 4, 6, 8, 9, 10]]),
    ] {
        let mut table = Table::new(parties);
        let message = identity('a');
        let mut signatures = Vec::new();
        for set in sets {
            let shares = table.sign(&set, &message);
            assert_eq!(table.check(&message, &shares), Ok(()));
            signatures.push(table.keys.combine(&message, &shares).unwrap());
            assert_eq!(table.keys.combine_checked(&shares), signatures.last().copied());
        }
        assert!(signatures.windows(2).all(|pair| pair[0] == pair[1]));
        let (signature, key) = (signatures[0], table.keys.public_key());
        assert!(signature.verify(&key, &message));
        assert!(!signature.verify(&key, &identity('b')));
        assert!(
            !signature.verify(&(key + Bls12381G1::generator_times(&Scalar::from(1))), &message)
        );
        let bytes: [u8; 96] = signature.encoded().try_into().unwrap();
        assert!(verifies_elsewhere(&key, message.bytes(), &bytes));
        assert!(!verifies_elsewhere(&key, identity('b').bytes(), &bytes));
    }
}

#[test]
fn a_wrong_share_names_its_party() {
    let mut table = Table::new(5);
    let message = identity('a');
    for cheat in [1, 3, 5] {
        let mut shares = table.sign(&[1, 2, 3, 5], &message);
        let share = shares.get_mut(&party(cheat)).unwrap();
        *share = moved(share, G2Projective::from(G2Affine::generator()));
        assert_eq!(table.check(&message, &shares), Err(wrong(&[cheat])));
        assert_eq!(table.keys.combine(&message, &shares), Err(wrong(&[cheat])));
        for (party, share) in &shares {
            let expected = if party.number() == cheat { Err(wrong(&[cheat])) } else { Ok(()) };
            assert_eq!(table.keys.check_share(&message, *party, share), expected);
        }
    }
}

#[test]
fn shares_whose_errors_cancel_name_both_parties() {
    let mut table = Table::new(5);
    let message = identity('a');
    let offset = G2Projective::from(G2Affine::generator());
    let mut shares = table.sign(&[1, 2, 3, 4], &message);
    let (one, two) = (moved(&shares[&party(2)], offset), moved(&shares[&party(4)], -offset));
    shares.extend([(party(2), one), (party(4), two)]);
    assert_eq!(table.check(&message, &shares), Err(wrong(&[2, 4])));
    assert_eq!(table.keys.combine(&message, &shares), Err(wrong(&[2, 4])));
}

#[test]
fn a_share_of_another_message_or_another_party_is_wrong() {
    let mut table = Table::new(3);
    let message = identity('a');
    let other = table.shares[&party(2)].sign(&identity('b'));
    let mut shares = table.sign(&[1, 2], &message);
    shares.insert(party(2), other);
    assert_eq!(table.check(&message, &shares), Err(wrong(&[2])));
    shares.insert(party(2), shares[&party(1)]);
    assert_eq!(table.check(&message, &shares), Err(wrong(&[2])));
}

#[test]
fn shares_too_few_or_of_strangers_are_not_combined() {
    let mut table = Table::new(5);
    let message = identity('a');
    let shares = table.sign(&[1, 2, 3], &message);
    assert_eq!(
        table.keys.combine(&message, &shares),
        Err(TooFewShares::Count { given: 3, needed: 4 }.into())
    );
    assert_eq!(table.check(&message, &shares), Ok(()));
    assert_eq!(table.check(&message, &BTreeMap::new()), Ok(()));
    let mut shares = table.sign(&[1, 2, 3, 4], &message);
    shares.insert(party(6), shares[&party(4)]);
    assert_eq!(table.keys.combine(&message, &shares), Err(TooFewShares::Stranger(party(6)).into()));
    assert_eq!(table.check(&message, &shares), Err(TooFewShares::Stranger(party(6)).into()));
    assert_eq!(
        table.keys.check_share(&message, party(6), &shares[&party(6)]),
        Err(TooFewShares::Stranger(party(6)).into())
    );
}

#[test]
fn a_share_travels_as_clients_read_it() {
    let table = Table::new(3);
    let share = table.shares[&party(2)].sign(&identity('a'));
    let bytes = share.to_bytes(party(2)).unwrap();
    assert_eq!(bytes[0], 2);
    assert_eq!(SignatureShare::read(party(2), &bytes), Ok(share));
    assert_eq!(share.to_bytes(party(255)).unwrap()[0], 255);
    assert_eq!(share.to_bytes(party(256)), None);

    let rejected = |link, reason| Err(Fault::Rejected { link: party(link), reason });
    assert_eq!(
        SignatureShare::read(party(3), &bytes),
        rejected(3, "it is another party's signature share")
    );
    assert_eq!(
        SignatureShare::read(party(258), &bytes),
        rejected(258, "it is another party's signature share")
    );
    let none = rejected(2, "it is no signature share");
    assert_eq!(SignatureShare::read(party(2), &[]), none);
    assert_eq!(SignatureShare::read(party(2), &bytes[..96]), none);
    assert_eq!(SignatureShare::read(party(2), &[&bytes[..], &[0]].concat()), none);
    assert_eq!(
        SignatureShare::read(party(2), &[&[2], &G2Affine::identity().to_compressed()[..]].concat()),
        none
    );
}

#[test]
fn a_point_outside_the_group_is_no_signature() {
    let mut outside = 0;
    for number in 1..=20u8 {
        let mut bytes = [0; 96];
        (bytes[0], bytes[95]) = (0x80, number);
        let on_curve = bool::from(G2Affine::from_compressed_unchecked(&bytes).is_some());
        outside += u32::from(on_curve);
        assert!(Signature::decode_all(&bytes).is_err());
    }
    assert!(outside > 0, "some of them are points of the curve");
}

#[test]
fn a_signature_has_one_encoding() {
    let bytes = Table::new(3).shares[&party(1)].sign(&identity('a')).to_bytes(party(1)).unwrap();
    let signature = Signature::decode_all(&bytes[1..]).unwrap();
    assert_eq!(signature.encoded(), bytes[1..]);
    for bit in 0..8 {
        let mut altered = bytes[1..].to_vec();
        altered[0] ^= 1 << bit;
        if let Ok(other) = Signature::decode_all(&altered) {
            assert_eq!((other != signature, other.encoded()), (true, altered));
        }
    }
}

/// The unmodified client combines these shares to this signature and verifies it (`blsCombine` and
/// `blsVerify` of `@lit-protocol/wasm` 7.4.0).
#[test]
fn known_shares_make_the_signature_that_the_client_makes_of_them() {
    let share = |number, secret: u64| {
        KeyShare::<Bls12381G1>::new(
            party(number),
            vec![G1Projective::from(blstrs::G1Affine::generator()); 2],
            Secret(Scalar::from(secret)),
        )
        .unwrap()
        .sign(&identity('a'))
    };
    // The polynomial 12345 + 678 z.
    let commitments =
        [12345, 678].map(|number: u64| Bls12381G1::generator_times(&Scalar::from(number)));
    let keys = VerificationKeys::<Bls12381G1>::new(&commitments, &[1, 2, 3].map(party)).unwrap();
    let shares = BTreeMap::from([(party(1), share(1, 13023)), (party(3), share(3, 14379))]);
    let signature = keys.combine(&identity('a'), &shares).unwrap();
    assert_eq!(
        hex::encode(keys.public_key().encoded()),
        "8530c1bdc4cd6b1408be0933c4a41ac3513350eef36850b804708e1f338932ce01b655a163344a4500b281c8750c461f"
    );
    let known = [
        "01810db141cbdad88cab0d7753ad0f5ac565a211d125ccc5c6de809dda597de56080bed1891a26c87f72b0cc8f1961a5ed09b8a042c90cef000e5d1cbf2e0e784446c170b32d23d16deed3774c1b160eef7a32b4f0f31f842591742349e84a02e8",
        "03a0f5280b4b00621bc9e5436e880d36c4b5f311f33f4a0eaca543fc893b150bda897fa3e596e84f40407ad4aab6e3785417fe0b3a77623cb111a6f88ea210279bb70c9a01b2d327f8f3930e111bb79ded8f522af5c39b33291c091cd5e1c8d427",
    ];
    let made: Vec<_> =
        shares.iter().map(|(id, share)| hex::encode(share.to_bytes(*id).unwrap())).collect();
    assert_eq!(made, known);
    assert_eq!(
        hex::encode(signature.encoded()),
        "ab3147494b29fd06bfa4073fae77de5e65562cf1344a481d96ea45116f57be9fca293a6ba5cf9a7e45539e69bf2b9a051954a4143165205206dc92c1818086e0164e33cd790831b75077377287158797e95a2fd55eb17945cc7e77cc4aa9b637"
    );
}
