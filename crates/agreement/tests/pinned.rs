//! The bytes of one message of each kind, pinned and keyed to the protocol version: a format that
//! changes under an old version fails here.

use conclave_agreement::ceremony::{
    CeremonyMessage, Handle, Join, Kind, NetworkKey, Presign, Proposal, Wallets,
};
use conclave_agreement::exchange::{
    ExchangeMessage, Given, Operation, SignedWord, Word, exchange_id,
};
use conclave_agreement::signing::{Announce, SigningMessage, Verdict, name_hash};
use conclave_agreement::{Frame, MemberMessage};
use conclave_gates::snapshot;
use conclave_threshold::codec::{Bytes, Encode};
use conclave_threshold::envelope::{Bulk, Envelope, To};
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, EpochDigest, RequestKey};
use conclave_threshold::online::{Assignment, Derivation, Signature};
use conclave_threshold::party::{PROTOCOL_VERSION, PartyId};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_batch, deal_epoch, deal_key};
use k256::AffinePoint;

const REQUEST_KEY: RequestKey = RequestKey::new([1; 32]);

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

fn signing_messages() -> Vec<(&'static str, SigningMessage)> {
    let mut randomness = Randomness::from_seed([1; 32]);
    let (epoch, keys) = deal_epoch(&[1, 2, 3], 2, &mut randomness);
    let set = vec![party(1), party(2)];
    let shares = deal_key::<Secp256k1>(2, &epoch.ids(), &mut randomness);
    let mut parts = deal_batch(&epoch, &set, 3, &keys, &mut randomness);
    let part = parts.remove(&party(1)).unwrap();
    let certificate = (*part.certificate).clone();
    let share = &shares[&party(1)];
    let mut public_key = [0; 33];
    public_key.copy_from_slice(&AffinePoint::from(share.public_key()).encoded());
    let name_hash = name_hash("signature");
    let assignment = Assignment {
        sid: certificate.sid,
        index: 0,
        set: set.clone(),
        epoch: epoch.digest(),
        public_key,
        derivation: Derivation::None,
        digest: Digest::new([2; 32]),
        request_key: REQUEST_KEY,
        name_hash,
        attempt: 0,
    };
    let assigned = assignment.sign(&keys[&party(1)]);
    let announce = |verdict, previous, attempt| {
        Announce {
            request_key: REQUEST_KEY,
            name_hash,
            public_key,
            verdict,
            epoch: epoch.digest(),
            attempt,
            from: party(1),
            previous,
        }
        .sign(&keys[&party(1)])
    };
    let yes = announce(Verdict::Yes { digest: Digest::new([2; 32]) }, None, 0);
    let no = Verdict::No { reason: "NodePKPNotAuthorized".into() };
    let no = announce(no, Some(assigned.clone()), 1);
    let presignature = part.presignatures.into_iter().next().unwrap();
    let public = std::sync::Arc::new(share.public_shares(&set).unwrap());
    let (_, bind) = presignature.bind(&assigned, share, &public, &epoch, &keys[&party(1)]).unwrap();
    let (request_key, attempt) = (REQUEST_KEY, 3);
    vec![
        ("announce yes", SigningMessage::Announce(Box::new(yes.clone()))),
        ("announce no", SigningMessage::Announce(Box::new(no.clone()))),
        (
            "pending",
            SigningMessage::Pending { request_key, name_hash, attempt, out_of_stock: true },
        ),
        ("assigned", SigningMessage::Assigned(Box::new(assigned))),
        ("bind", SigningMessage::Bind(Box::new(bind.clone()))),
        ("ask binds", SigningMessage::AskBinds { request_key, name_hash, attempt }),
        ("binds", SigningMessage::Binds(vec![bind])),
        ("split", SigningMessage::Split(vec![yes, no])),
        ("batch ready", SigningMessage::BatchReady(Box::new(certificate))),
        ("need batch", SigningMessage::NeedBatch(set)),
    ]
}

fn ceremony_messages() -> Vec<(&'static str, CeremonyMessage)> {
    let participants = vec![party(1), party(2)];
    let proposal = |kind| {
        CeremonyMessage::Propose(Proposal { id: [3; 16], kind, participants: participants.clone() })
    };
    let key = ed25519_dalek::SigningKey::from_bytes(&[4; 32]);
    let to = To::One(party(2));
    let bulk = Bulk::new(vec![6; 5]);
    let envelope = Envelope::seal_with_bulk(&key, [5; 32], 1, party(1), to, vec![7; 4], bulk);
    let handles = vec![Handle { peer: party(2), id: [8; 32] }];
    let join = Join { id: [3; 16], proposal: [9; 32], nonce: [10; 32], handles };
    vec![
        ("propose network key", proposal(Kind::NetworkKey(NetworkKey { expiry: 11 }))),
        ("propose wallets", proposal(Kind::Wallets(Wallets { count: 12, expiry: 13 }))),
        ("propose presign", proposal(Kind::Presign(Presign { size: 14 }))),
        ("join", CeremonyMessage::Join(join)),
        ("decline", CeremonyMessage::Decline([3; 16])),
        ("run", CeremonyMessage::Run(envelope)),
        ("base transfers", CeremonyMessage::BaseOt(15, Bytes(vec![16; 3]))),
        ("base transfers answered", CeremonyMessage::BaseOtReply(15, Bytes(vec![17; 3]))),
        ("pair failed", CeremonyMessage::PairFailed([3; 16])),
    ]
}

fn exchange_messages() -> Vec<(&'static str, ExchangeMessage)> {
    let exchange = exchange_id(&REQUEST_KEY, "Qm", Operation::Collect, "name", 2);
    let key = ed25519_dalek::SigningKey::from_bytes(&[4; 32]);
    let word = |word| {
        let signed = SignedWord::new(&EpochDigest::new([18; 32]), exchange, party(1), word, &key);
        ExchangeMessage::Word(Box::new(signed))
    };
    let given = Given { author: party(2), value: "ü".into(), signature: [19; 64] };
    let signature = Signature { r: [20; 32], s: [21; 32], recovery_id: 1 };
    vec![
        ("value", word(Word::Value("a value".into()))),
        ("settled", word(Word::Settled(vec![given]))),
        ("claim", word(Word::Claim(party(3)))),
        ("result", word(Word::Result("a result".into()))),
        ("share", word(Word::Share(vec![22; 6]))),
        ("signature", word(Word::Signature(signature))),
        ("ask", ExchangeMessage::Ask(exchange)),
    ]
}

/// The name of each kind, and its frame.
fn messages() -> impl Iterator<Item = (String, Vec<u8>)> {
    let signing = signing_messages()
        .into_iter()
        .map(|(name, message)| (format!("signing, {name}"), MemberMessage::Signing(message)));
    let ceremony = ceremony_messages()
        .into_iter()
        .map(|(name, message)| (format!("ceremony, {name}"), MemberMessage::Ceremony(message)));
    let exchange = exchange_messages()
        .into_iter()
        .map(|(name, message)| (format!("exchange, {name}"), MemberMessage::Exchange(message)));
    signing.chain(ceremony).chain(exchange).map(|(name, message)| {
        (name, Frame { epoch: EpochDigest::new([23; 32]), message }.encoded())
    })
}

#[test]
fn every_kind_of_message_has_the_bytes_that_its_protocol_version_gave_it() {
    let version = std::str::from_utf8(PROTOCOL_VERSION).unwrap();
    snapshot::assert_pinned(env!("CARGO_MANIFEST_DIR"), version, messages());
}

/// Every variant of the three vocabularies has a line above; a new one does not compile here until
/// it has.
#[test]
fn no_kind_of_message_is_left_out() {
    let signing = signing_messages().into_iter().map(|(_, message)| match message {
        SigningMessage::Announce(_) => 1,
        SigningMessage::Pending { .. } => 2,
        SigningMessage::Assigned(_) => 3,
        SigningMessage::Bind(_) => 4,
        SigningMessage::AskBinds { .. } => 5,
        SigningMessage::Binds(_) => 6,
        SigningMessage::Split(_) => 7,
        SigningMessage::BatchReady(_) => 8,
        SigningMessage::NeedBatch(_) => 9,
    });
    let ceremony = ceremony_messages().into_iter().map(|(_, message)| match message {
        CeremonyMessage::Propose(_) => 1,
        CeremonyMessage::Join(_) => 2,
        CeremonyMessage::Decline(_) => 3,
        CeremonyMessage::Run(_) => 4,
        CeremonyMessage::BaseOt(..) => 5,
        CeremonyMessage::BaseOtReply(..) => 6,
        CeremonyMessage::PairFailed(_) => 7,
    });
    let exchange = exchange_messages().into_iter().map(|(_, message)| match message {
        ExchangeMessage::Word(word) => match word.word {
            Word::Value(_) => 1,
            Word::Settled(_) => 2,
            Word::Claim(_) => 3,
            Word::Result(_) => 4,
            Word::Share(_) => 5,
            Word::Signature(_) => 6,
        },
        ExchangeMessage::Ask(_) => 7,
    });
    let distinct = |kinds: Vec<i32>| kinds.into_iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(distinct(signing.collect()).len(), 9);
    assert_eq!(distinct(ceremony.collect()).len(), 7);
    assert_eq!(distinct(exchange.collect()).len(), 7);
}
