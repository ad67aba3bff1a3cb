//! Whole signatures, made by presignatures and shares, verified by two libraries that have nothing
//! in common, and written down for Solidity's `ecrecover`, which `contracts/test/Signatures.t.sol`
//! asks about the same file.

use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{
    Assignment, Checked, Derivation, Expected, Progress, Signature, combine, index_owner,
};
use conclave_threshold::party::PartyId;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_batch, deal_epoch, deal_key};
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use sha3::{Digest as _, Keccak256};
use std::collections::BTreeMap;
use std::sync::Arc;

struct Made {
    public_key: [u8; 33],
    digest: Digest,
    signature: Signature,
}

/// `count` signatures of one key, each on a digest of its own.
fn signatures(count: u32, batch: u64) -> Vec<Made> {
    let root = Randomness::from_seed([6; 32]);
    let (epoch, keys) = deal_epoch(&[1, 2, 3], 2, &mut root.fork(b"identities", 0));
    let set = epoch.ids()[..2].to_vec();
    let shares: BTreeMap<PartyId, KeyShare<Secp256k1>> =
        deal_key(2, &epoch.ids(), &mut root.fork(b"key", batch));
    let public_key: [u8; 33] = shares[&set[0]].public_key().encoded().try_into().unwrap();
    let mut batches = deal_batch(&epoch, &set, count, &keys, &mut root.fork(b"batch", batch));
    let mut made = Vec::new();
    for index in 0..count {
        let digest = Digest::new(root.fork(b"digest", batch << 32 | u64::from(index)).bytes());
        let (mut bound, mut messages) = (Vec::new(), Vec::new());
        for id in &set {
            let presignature = batches.get_mut(id).unwrap().presignatures.remove(0);
            let assignment = Assignment {
                sid: *presignature.sid(),
                index,
                set: set.clone(),
                epoch: epoch.digest(),
                public_key,
                derivation: Derivation::None,
                digest,
                request_key: RequestKey::new([1; 32]),
                name_hash: NameHash::new([2; 32]),
                attempt: 0,
            };
            let signed = assignment.sign(&keys[&index_owner(&epoch, index)]);
            let public = Arc::new(shares[id].public_shares(&set).unwrap());
            let (one, message) =
                presignature.bind(&signed, &shares[id], &public, &epoch, &keys[id]).unwrap();
            bound.push(one);
            messages.push(message);
        }
        let expected =
            Expected { public_key, digest, name_hash: NameHash::new([2; 32]), set: None };
        let mut answers: Vec<Checked> = Vec::new();
        for mut one in bound {
            messages.iter().for_each(|message| _ = one.receive(message.clone()));
            assert_eq!(one.progress(), Progress::Complete);
            let id = one.messages()[answers.len()].from;
            let ready = one.check(&mut root.fork(b"fold", index.into())).unwrap();
            let (answer, _) = ready.share(&keys[&id]).unwrap();
            answers.push(answer.verify(&epoch, &expected).unwrap());
        }
        made.push(Made { public_key, digest, signature: combine(&answers).unwrap() });
    }
    made
}

fn address(key: &secp256k1::PublicKey) -> Vec<u8> {
    Keccak256::digest(&key.serialize_uncompressed()[1..])[12..].to_vec()
}

/// Both libraries accept the signature, of this key and no other digest, and both recover the key
/// from it.
fn check(made: &Made) {
    let Made { public_key, digest, signature: Signature { r, s, recovery_id } } = made;
    let compact = [*r, *s].concat();
    let secp = secp256k1::Secp256k1::verification_only();
    let key = secp256k1::PublicKey::from_slice(public_key).unwrap();
    let theirs = secp256k1::ecdsa::Signature::from_compact(&compact).unwrap();
    assert!(
        secp.verify_ecdsa(secp256k1::Message::from_digest(*digest.as_bytes()), &theirs, &key)
            .is_ok(),
        "libsecp256k1"
    );
    let mut other = *digest;
    other.flip(0);
    assert!(
        secp.verify_ecdsa(secp256k1::Message::from_digest(*other.as_bytes()), &theirs, &key)
            .is_err()
    );
    let id = secp256k1::ecdsa::RecoveryId::try_from(i32::from(*recovery_id)).unwrap();
    let recoverable = secp256k1::ecdsa::RecoverableSignature::from_compact(&compact, id).unwrap();
    assert_eq!(
        secp.recover_ecdsa(secp256k1::Message::from_digest(*digest.as_bytes()), &recoverable)
            .unwrap(),
        key
    );

    let verifier = k256::ecdsa::VerifyingKey::from_sec1_bytes(public_key).unwrap();
    let ours = k256::ecdsa::Signature::from_slice(&compact).unwrap();
    assert!(verifier.verify_prehash(digest.as_bytes(), &ours).is_ok(), "k256");
    assert_eq!(ours.normalize_s(), ours, "s is low");
    let id = k256::ecdsa::RecoveryId::from_byte(*recovery_id).unwrap();
    assert_eq!(
        k256::ecdsa::VerifyingKey::recover_from_prehash(digest.as_bytes(), &ours, id).unwrap(),
        verifier
    );
}

/// One line for each: digest, v, r, s and signer, as Solidity's words.
fn file(made: &[Made]) -> String {
    let line = |Made { public_key, digest, signature: Signature { r, s, recovery_id } }: &Made| {
        let signer = address(&secp256k1::PublicKey::from_slice(public_key).unwrap());
        let words =
            [digest.as_bytes().to_vec(), vec![27 + recovery_id], r.to_vec(), s.to_vec(), signer];
        let words = words.map(|word| [vec![0; 32 - word.len()], word].concat());
        format!("0x{}\n", hex::encode(words.concat()))
    };
    made.iter().map(line).collect()
}

/// The file is what is made here, from fixed seeds: neither a change of the protocol nor of the
/// file goes unnoticed. `CONCLAVE_PIN=1` writes it anew.
#[test]
fn two_libraries_accept_what_ecrecover_is_asked_about() {
    let made = signatures(32, 0);
    made.iter().for_each(check);
    assert!([0, 1].iter().all(|id| made.iter().any(|made| made.signature.recovery_id == *id)));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/test/vectors/signatures.txt");
    if std::env::var_os("CONCLAVE_PIN").is_some() {
        std::fs::write(path, file(&made)).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), file(&made));
}

#[test]
#[ignore = "10 000 signatures"]
fn long_two_libraries_accept_every_signature() {
    for batch in 0..40 {
        signatures(256, batch).iter().for_each(check);
    }
    println!(
        "long: 10240 signatures of 40 keys, each verified and its key recovered by k256 and by libsecp256k1"
    );
}
