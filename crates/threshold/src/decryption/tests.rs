//! Honest decryptions, every alteration of what is sent, and every cheat with who is named for it.

use super::share::*;
use super::*;
use crate::codec::{Bytes, Decode, DecodeError, Encode, Message};
use crate::fault::Fault;
use crate::group::{Curve, Secp256k1};
use crate::ids::RequestKey;
use crate::key::KeyShare;
use crate::party::{Epoch, PartyId, two_thirds};
use crate::randomness::Randomness;
use crate::testing::{deal_epoch, deal_key};
use crate::transcript::{Tag, Transcript};
use crate::verification_keys::{TooFewShares, VerificationKeys};
use ed25519_dalek::SigningKey;
use k256::{AffinePoint, ProjectivePoint, Scalar};
use std::collections::BTreeMap;
use std::sync::Arc;

const CONDITIONS: [u8; 32] = [8; 32];
const REQUEST: RequestKey = RequestKey::new([3; 32]);
const PLAINTEXT: &[u8] = b"what only those who meet the conditions may read";

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

struct Table {
    epoch: Arc<Epoch>,
    signing_keys: BTreeMap<PartyId, SigningKey>,
    shares: BTreeMap<PartyId, KeyShare<Secp256k1>>,
    keys: VerificationKeys<Secp256k1>,
    randomness: Randomness,
}

impl Table {
    fn new(parties: u16) -> Self {
        let mut randomness = Randomness::from_seed([1; 32]);
        let ids: Vec<_> = (1..=parties).collect();
        let (epoch, signing_keys) = deal_epoch(&ids, two_thirds(ids.len()), &mut randomness);
        let shares = deal_key::<Secp256k1>(epoch.threshold(), &epoch.ids(), &mut randomness);
        let keys = VerificationKeys::new(shares[&party(1)].commitments(), &epoch.ids()).unwrap();
        Table { epoch, signing_keys, shares, keys, randomness }
    }

    fn scope(&self) -> Scope {
        Scope { public_key: self.keys.public_key(), conditions: CONDITIONS }
    }

    fn encrypt(&mut self) -> Ciphertext {
        encrypt(&self.scope(), PLAINTEXT, &mut self.randomness).unwrap()
    }

    fn share_of(
        &mut self,
        key: &KeyShare<Secp256k1>,
        header: &Header,
    ) -> Result<DecryptionShare, Refused> {
        let context = Context { epoch: &self.epoch, request_key: &REQUEST };
        header.share(
            &self.scope(),
            key,
            &context,
            &self.signing_keys[&key.me()],
            &mut self.randomness,
        )
    }

    fn share(&mut self, number: u16, header: &Header) -> Result<DecryptionShare, Refused> {
        let key = self.shares[&party(number)].clone();
        self.share_of(&key, header)
    }

    fn shares(&mut self, set: &[u16], header: &Header) -> BTreeMap<PartyId, DecryptionShare> {
        set.iter().map(|number| (party(*number), self.share(*number, header).unwrap())).collect()
    }

    fn decrypt(
        &mut self,
        ciphertext: &Ciphertext,
        shares: &BTreeMap<PartyId, DecryptionShare>,
    ) -> Result<Vec<u8>, DecryptError> {
        let context = Context { epoch: &self.epoch, request_key: &REQUEST };
        let plaintext =
            decrypt(ciphertext, &self.scope(), &self.keys, &context, shares, &mut self.randomness);
        plaintext.map(|plaintext| plaintext.to_vec())
    }

    /// Signs again what the author altered.
    fn resign(&self, share: &mut DecryptionShare, header: &Header) {
        let context = Context { epoch: &self.epoch, request_key: &REQUEST };
        let statement =
            Statement { context: &context, public_key: &self.keys.public_key(), header };
        statement.sign(share, &self.signing_keys[&share.from]);
    }
}

fn generator() -> ProjectivePoint {
    Secp256k1::generator_times(&Scalar::ONE)
}

fn proven(number: u16) -> Fault {
    Fault::Proven { party: party(number), check: "decryption share" }
}

fn unsigned(number: u16) -> Fault {
    Fault::Rejected { link: party(number), reason: "it is not signed, or for another request" }
}

#[test]
fn every_set_decrypts() {
    for (parties, sets) in [
        (3, vec![vec![1, 2], vec![2, 3], vec![1, 2, 3]]),
        (5, vec![vec![1, 2, 4, 5]]),
        (10, vec![vec![1, 2, 4, 6, 7, 8, 10]]),
    ] {
        let mut table = Table::new(parties);
        let ciphertext = table.encrypt();
        assert!(ciphertext.verify(&table.scope()));
        assert_eq!(Ciphertext::read(&ciphertext.encoded()), Ok(ciphertext.clone()));
        for set in sets {
            let shares = table.shares(&set, &ciphertext.header);
            assert_eq!(table.decrypt(&ciphertext, &shares), Ok(PLAINTEXT.to_vec()));
        }
    }
}

#[test]
fn a_known_seed_makes_the_known_ciphertext() {
    let mut table = Table::new(3);
    let ciphertext = table.encrypt();
    let share = table.share(1, &ciphertext.header).unwrap();
    let hash = |bytes: &[u8]| hex::encode(Transcript::new(Tag::Session).with(bytes).finish());
    let hashes = [hash(&ciphertext.encoded()), hash(&share.encoded())];
    assert_eq!(
        hashes,
        [
            "e9871e8dcc16d5a5ff26c199e2f2a86cc194da3e28e25e30549ab9050cc12a07",
            "a6a7f9ae64fe3987756c42c608273dcf16e4bb53562ac584f006e16d151189a1"
        ]
    );
}

#[test]
fn the_longest_plaintext_is_encrypted_and_no_longer_one() {
    let mut table = Table::new(3);
    let scope = table.scope();
    let mut of = |length| encrypt(&scope, &vec![5; length], &mut table.randomness);
    assert_eq!(of(MAX_PLAINTEXT + 1), Err(NotEncrypted::TooLong(MAX_PLAINTEXT + 1)));
    let longest = of(MAX_PLAINTEXT).unwrap().encoded();
    assert!(Ciphertext::read(&longest).is_ok());
    // As long as the longest it is read, and found to be none; longer it is not read.
    assert_eq!(Ciphertext::read(&vec![0; longest.len()]), Err(DecodeError::NotCanonical("point")));
    assert_eq!(Ciphertext::read(&vec![0; longest.len() + 1]), Err(DecodeError::TooLong));
    let shortest = of(0).unwrap();
    let shares = table.shares(&[1, 3], &shortest.header);
    assert_eq!(table.decrypt(&shortest, &shares), Ok(Vec::new()));
}

#[test]
fn nothing_is_encrypted_to_the_identity() {
    let encrypted = encrypt(
        &Scope { public_key: ProjectivePoint::IDENTITY, conditions: CONDITIONS },
        PLAINTEXT,
        &mut Randomness::from_seed([1; 32]),
    );
    assert_eq!(encrypted, Err(NotEncrypted::PublicKey));
}

#[test]
fn every_altered_field_of_a_ciphertext_is_refused() {
    let mut table = Table::new(3);
    let ciphertext = table.encrypt();
    let shares = table.shares(&[1, 2], &ciphertext.header);
    let mut spans = ciphertext.header.field_spans();
    let body = ciphertext.field_spans().pop().unwrap();
    spans.push(("body", body.1.start + 4..body.1.end));
    for (field, span) in spans {
        for at in [span.start + 1, span.end - 1] {
            let mut bytes = ciphertext.encoded();
            bytes[at] ^= 1;
            let Ok(altered) = Ciphertext::read(&bytes) else { continue };
            assert!(!altered.verify(&table.scope()), "{field}");
            assert_eq!(table.decrypt(&altered, &shares), Err(DecryptError::Ciphertext), "{field}");
            let expected = if field == "label" { Refused::Scope } else { Refused::Proof };
            if field != "body" {
                assert_eq!(table.share(1, &altered.header), Err(expected), "{field}");
            }
        }
    }
}

#[test]
fn a_ciphertext_for_another_scope_gets_no_share() {
    let mut table = Table::new(3);
    let scope = table.scope();
    let others = [
        Scope { conditions: [9; 32], ..scope },
        Scope { public_key: scope.public_key + generator(), ..scope },
    ];
    for other in others {
        let ciphertext = encrypt(&other, PLAINTEXT, &mut table.randomness).unwrap();
        assert!(ciphertext.verify(&other) && !ciphertext.verify(&scope));
        assert_eq!(table.share(1, &ciphertext.header), Err(Refused::Scope));
    }
    // Relabelled, the proof of one for another key is of something else.
    let ciphertext = encrypt(&others[1], PLAINTEXT, &mut table.randomness).unwrap();
    assert_eq!(
        table.share(1, &Header { label: scope.label(), ..ciphertext.header }),
        Err(Refused::Proof)
    );
}

#[test]
fn a_share_and_verification_keys_are_of_the_scopes_key() {
    let mut table = Table::new(3);
    let elsewhere = Scope { public_key: table.keys.public_key() + generator(), ..table.scope() };
    let ciphertext = encrypt(&elsewhere, PLAINTEXT, &mut table.randomness).unwrap();
    let context = Context { epoch: &table.epoch, request_key: &REQUEST };
    let (key, signing_key) = (&table.shares[&party(1)], &table.signing_keys[&party(1)]);
    let refused =
        ciphertext.header.share(&elsewhere, key, &context, signing_key, &mut table.randomness);
    assert_eq!(refused, Err(Refused::Key));
    let plaintext = decrypt(
        &ciphertext,
        &elsewhere,
        &table.keys,
        &context,
        &BTreeMap::new(),
        &mut table.randomness,
    );
    assert_eq!(plaintext, Err(DecryptError::Keys));
}

#[test]
fn a_shifted_ephemeral_key_gets_no_share() {
    // Whoever may decrypt one thing asks for x (E + G) to learn x E of another.
    let mut table = Table::new(3);
    let mut header = table.encrypt().header;
    header.ephemeral = AffinePoint::from(ProjectivePoint::from(header.ephemeral) + generator());
    assert_eq!(table.share(1, &header), Err(Refused::Proof));
}

#[test]
fn a_party_signs_with_its_own_key_only() {
    let mut table = Table::new(3);
    let ciphertext = table.encrypt();
    let context = Context { epoch: &table.epoch, request_key: &REQUEST };
    let (key, other) = (&table.shares[&party(1)], &table.signing_keys[&party(2)]);
    let refused =
        ciphertext.header.share(&table.scope(), key, &context, other, &mut table.randomness);
    assert_eq!(refused, Err(Refused::SigningKey));
}

#[test]
fn every_field_of_a_share_altered_on_the_way_is_dropped_without_blame() {
    let mut table = Table::new(3);
    let ciphertext = table.encrypt();
    let honest = table.shares(&[1, 2], &ciphertext.header);
    let share = &honest[&party(2)];
    for (field, span) in share.field_spans() {
        let mut altered = 0;
        for at in [span.start, span.start + span.len() / 2, span.end - 2, span.end - 1] {
            let mut bytes = share.encoded();
            bytes[at] ^= 1;
            let Ok(other) = DecryptionShare::decode_all(&bytes) else { continue };
            altered += 1;
            let fault = if other.from == share.from {
                unsigned(2)
            } else {
                Fault::Rejected { link: party(2), reason: "it is another party's decryption share" }
            };
            let shares = BTreeMap::from([(party(1), honest[&party(1)].clone()), (party(2), other)]);
            assert_eq!(
                table.decrypt(&ciphertext, &shares),
                Err(DecryptError::Shares(vec![fault])),
                "{field}"
            );
        }
        assert!(altered > 0, "{field}");
    }
}

#[test]
fn every_field_of_a_share_altered_by_its_author_names_it() {
    let alterations: [fn(&mut DecryptionShare); 4] = [
        |share| share.point = AffinePoint::from(ProjectivePoint::from(share.point) + generator()),
        |share| {
            share.on_generator =
                AffinePoint::from(ProjectivePoint::from(share.on_generator) + generator())
        },
        |share| {
            share.on_ephemeral =
                AffinePoint::from(ProjectivePoint::from(share.on_ephemeral) + generator())
        },
        |share| share.response += Scalar::ONE,
    ];
    let mut table = Table::new(5);
    let ciphertext = table.encrypt();
    let honest = table.shares(&[1, 2, 4, 5], &ciphertext.header);
    for alter in alterations {
        for cheats in [vec![1], vec![5], vec![2, 4]] {
            let mut shares = honest.clone();
            for cheat in &cheats {
                let share = shares.get_mut(&party(*cheat)).unwrap();
                alter(share);
                table.resign(share, &ciphertext.header);
            }
            let faults = cheats.into_iter().map(proven).collect();
            assert_eq!(table.decrypt(&ciphertext, &shares), Err(DecryptError::Shares(faults)));
        }
    }
}

#[test]
fn shares_whose_errors_cancel_name_both_parties() {
    let mut table = Table::new(5);
    let ciphertext = table.encrypt();
    let mut shares = table.shares(&[1, 2, 3, 4], &ciphertext.header);
    for (cheat, offset) in [(2, generator()), (3, -generator())] {
        let share = shares.get_mut(&party(cheat)).unwrap();
        share.on_generator = AffinePoint::from(ProjectivePoint::from(share.on_generator) + offset);
        table.resign(share, &ciphertext.header);
    }
    assert_eq!(
        table.decrypt(&ciphertext, &shares),
        Err(DecryptError::Shares(vec![proven(2), proven(3)]))
    );
}

#[test]
fn a_share_of_another_key_names_its_author() {
    let mut table = Table::new(3);
    let ciphertext = table.encrypt();
    let mut shares = table.shares(&[1, 2], &ciphertext.header);
    // The right public key, and another share than the committed.
    let other = deal_key::<Secp256k1>(2, &table.epoch.ids(), &mut table.randomness);
    let commitments = table.shares[&party(2)].commitments().to_vec();
    let key = KeyShare::new(party(2), commitments, other[&party(2)].share().clone()).unwrap();
    shares.insert(party(2), table.share_of(&key, &ciphertext.header).unwrap());
    assert_eq!(table.decrypt(&ciphertext, &shares), Err(DecryptError::Shares(vec![proven(2)])));
}

#[test]
fn a_share_for_another_request_epoch_or_ciphertext_is_not_taken() {
    let mut table = Table::new(3);
    let (ciphertext, other) = (table.encrypt(), table.encrypt());
    let honest = table.shares(&[1, 2], &ciphertext.header);
    let elsewhere =
        Epoch::new([7; 32], 2, table.epoch.members().to_vec(), table.epoch.threshold()).unwrap();
    let key = table.shares[&party(2)].clone();
    let scope = table.scope();
    let mut share = |header: &Header, epoch: &Epoch, request_key: &RequestKey| {
        let context = Context { epoch, request_key };
        header
            .share(&scope, &key, &context, &table.signing_keys[&party(2)], &mut table.randomness)
            .unwrap()
    };
    let epoch = table.epoch.clone();
    let others = [
        share(&ciphertext.header, &epoch, &RequestKey::new([4; 32])),
        share(&ciphertext.header, &elsewhere, &REQUEST),
        share(&other.header, &epoch, &REQUEST),
    ];
    for share in others {
        let shares = BTreeMap::from([(party(1), honest[&party(1)].clone()), (party(2), share)]);
        assert_eq!(
            table.decrypt(&ciphertext, &shares),
            Err(DecryptError::Shares(vec![unsigned(2)]))
        );
    }
}

#[test]
fn shares_too_few_or_of_strangers_decrypt_nothing() {
    let mut table = Table::new(5);
    let ciphertext = table.encrypt();
    let shares = table.shares(&[1, 2, 3], &ciphertext.header);
    let too_few = TooFewShares::Count { given: 3, needed: 4 };
    assert_eq!(table.decrypt(&ciphertext, &shares), Err(too_few.into()));
    let mut shares = table.shares(&[1, 2, 3, 4], &ciphertext.header);
    shares.insert(party(6), shares[&party(1)].clone());
    assert_eq!(table.decrypt(&ciphertext, &shares), Err(TooFewShares::Stranger(party(6)).into()));
}

#[test]
fn a_body_sealed_under_another_key_blames_no_party() {
    // An author who keeps to the proof and not to the seal.
    let mut table = Table::new(3);
    for body in [vec![0; 64], vec![0; 16], vec![0; 15], Vec::new()] {
        let scope = table.scope();
        let author = ciphertext::Author::new(&scope, &mut table.randomness);
        let ciphertext = author.prove(Bytes(body), &mut table.randomness);
        assert!(ciphertext.verify(&table.scope()));
        let shares = table.shares(&[1, 2], &ciphertext.header);
        assert_eq!(table.decrypt(&ciphertext, &shares), Err(DecryptError::Body));
    }
}

#[test]
fn two_ciphertexts_of_one_plaintext_have_nothing_in_common() {
    let mut table = Table::new(3);
    let (one, other) = (table.encrypt(), table.encrypt());
    assert_eq!(one.header.label, other.header.label);
    assert_ne!(one.header.ephemeral, other.header.ephemeral);
    assert_ne!(one.header.commitment, other.header.commitment);
    assert_ne!(one.body, other.body);
}

#[test]
fn a_label_is_of_one_key_and_one_condition() {
    let [one, two] = [1u64, 2].map(|number| Secp256k1::generator_times(&Scalar::from(number)));
    let label = |public_key, conditions| Scope { public_key, conditions }.label();
    let labels = [label(one, [1; 32]), label(one, [2; 32]), label(two, [1; 32])];
    assert!(labels[0] != labels[1] && labels[0] != labels[2] && labels[1] != labels[2]);
}
