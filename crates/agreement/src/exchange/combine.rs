//! Shares put together at every node, and the signature passed on: it proves itself.

use super::exchanges::Desk;
use super::running::{End, Outcome, Running, Want};
use super::word::{SignedWord, Word};
use crate::note::Note;
use conclave_threshold::ids::Digest;
use conclave_threshold::online::{Answer, Expected, Signature, assemble};
use conclave_threshold::party::PartyId;
use k256::ecdsa::{self, RecoveryId, VerifyingKey};
use std::collections::BTreeMap;

/// How the exchange ends, if it does.
pub(super) fn advance(running: &mut Running, desk: &Desk<'_>) -> Option<End> {
    let Want::Combine { public_key, digest, name_hash, .. } = &running.wish.want else {
        return None;
    };
    let (public_key, digest, name_hash) = (*public_key, *digest, *name_hash);
    if let Some(shown) = running.heard.signature.take()
        && let Word::Signature(signature) = shown.word
        && verifies(&signature, &public_key, &digest)
    {
        return Some((Outcome::Combined(signature), Some(shown)));
    }
    let expected = Expected { public_key, digest, name_hash, set: None };
    if let Some(signature) = combine(running, desk, &expected) {
        let own = desk.say(running, Word::Signature(signature));
        return Some((Outcome::Combined(signature), Some(own)));
    }
    // Everybody who has a share gives it at once: the time is for the way, and for the signature
    // from somebody who has them all.
    (desk.now >= running.begun + 2 * desk.timing.patience).then_some((Outcome::NoSignature, None))
}

/// The signature that the shares make. Only if they make none is every one of them checked, and
/// what is wrong forgotten.
fn combine(running: &mut Running, desk: &Desk<'_>, expected: &Expected) -> Option<Signature> {
    let count = running.heard.shares.len();
    if count < desk.threshold || count == running.heard.tried {
        return None;
    }
    let mut uses: BTreeMap<[u8; 33], Vec<(PartyId, Answer)>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (author, signed) in &running.heard.shares {
        match read(signed).filter(|answer| answer.from == *author) {
            Some(answer) => uses.entry(answer.big_r()).or_default().push((*author, answer)),
            None => wrong.push(*author),
        }
    }
    let complete = uses.values().filter(|answers| answers.len() >= desk.threshold);
    for answers in complete {
        let shares: Vec<_> = answers.iter().map(|(_, answer)| answer.share).collect();
        let big_r = answers.first().map(|(_, answer)| answer.big_r)?;
        if let Some(signature) = assemble(&expected.public_key, &expected.digest, &big_r, &shares) {
            return Some(signature);
        }
        let holds = |answer: &Answer| {
            answer.verify(desk.epoch, expected).is_ok_and(|checked| checked.check_share().is_ok())
        };
        wrong
            .extend(answers.iter().filter(|(_, answer)| !holds(answer)).map(|(author, _)| *author));
    }
    for author in wrong {
        running.notes.push(Note::WrongShare { author });
        running.heard.shares.remove(&author);
        running.heard.lost.insert(author);
    }
    running.heard.tried = running.heard.shares.len();
    None
}

fn read(signed: &SignedWord) -> Option<Answer> {
    let Word::Share(bytes) = &signed.word else { return None };
    Answer::read(bytes).ok()
}

/// Whether it is the signature that the shares make, in the one form that every node gives to its
/// action.
fn verifies(signature: &Signature, public_key: &[u8; 33], digest: &Digest) -> bool {
    let Ok(parts) = ecdsa::Signature::from_scalars(signature.r, signature.s) else { return false };
    let Some(id) = RecoveryId::from_byte(signature.recovery_id) else { return false };
    let Ok(key) = VerifyingKey::from_sec1_bytes(public_key) else { return false };
    let low = parts.normalize_s() == parts;
    let signer = VerifyingKey::recover_from_prehash(digest.as_bytes(), &parts, id);
    low && signer.is_ok_and(|signer| signer == key)
}
