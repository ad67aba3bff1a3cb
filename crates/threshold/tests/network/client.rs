//! The client: it believes nobody, and sums.

use crate::rules::Ledger;
use crate::signing::Request;
use conclave_threshold::online::{Answer, AnswerFault, Checked, CombineError, Expected, combine};
use conclave_threshold::party::{Epoch, PartyId};
use std::collections::{BTreeMap, BTreeSet};

/// What the client makes of `answers` if it asked for `asked`: whether there is a signature.
pub fn ask(
    epoch: &Epoch,
    corrupt: &BTreeSet<PartyId>,
    asked: &Request,
    answers: &[Answer],
    ledger: &mut Ledger,
) -> bool {
    let Request { public_key, digest, name_hash, .. } = *asked;
    let expected = Expected { public_key, digest, name_hash, set: None };
    let mut slots: BTreeMap<_, Vec<Checked>> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.assignment.assignment.digest == digest) {
        match answer.verify(epoch, &expected) {
            Ok(checked) => {
                slots.entry((answer.certificate.sid, answer.leaf.index)).or_default().push(checked)
            }
            Err(fault @ AnswerFault::Certificate { .. }) => {
                assert!(corrupt.contains(&fault.party()), "an honest party is blamed: {fault}");
            }
            Err(_) => {}
        }
    }
    let mut signed = false;
    for (slot, checked) in slots {
        match combine(&checked) {
            Ok(signature) => {
                let secp = secp256k1::Secp256k1::verification_only();
                let key = secp256k1::PublicKey::from_slice(&public_key).unwrap();
                let theirs =
                    secp256k1::ecdsa::Signature::from_compact(&[signature.r, signature.s].concat())
                        .unwrap();
                assert!(
                    secp.verify_ecdsa(
                        secp256k1::Message::from_digest(*digest.as_bytes()),
                        &theirs,
                        &key
                    )
                    .is_ok()
                );
                ledger.signature(slot, digest, signature.r);
                signed = true;
            }
            Err(CombineError::WrongShares { liars }) => {
                assert!(
                    liars.iter().all(|liar| corrupt.contains(liar)),
                    "an honest party is blamed: {liars:?}"
                );
            }
            Err(CombineError::FalseCertificate) => {
                panic!("an honest party certified a presignature that cannot sign")
            }
            Err(CombineError::Incomplete { .. }) => {}
        }
    }
    signed
}
