//! Running machines, fed with an honest run's messages as the fuzzer altered them, many of them
//! signed again by their authors. A machine may stop whenever it likes; it never panics, and
//! whatever it puts out is what an honest run puts out.

use crate::honest::{Bind, Dkg, Presign, Recording, Subject, party, recording, seed};
use crate::repair::Repair;
use crate::reshare::Reshare;
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::envelope::{Bulk, Envelope, To};
use conclave_threshold::group::{Bls12381G1, Secp256k1};
use conclave_threshold::ids::EpochDigest;
use conclave_threshold::ot::base::{AliceMessage, AliceStart, bob_respond, deal};
use conclave_threshold::ot::extension::{ExtensionMessage, Receiver, Sender};
use conclave_threshold::ot::{BASE_TRANSFERS, Pair};
use conclave_threshold::party::PartyId;
use std::any::type_name;
use std::sync::OnceLock;

/// What the first byte chooses from.
pub const MACHINES: &[fn(&[u8]) -> bool] = &[
    feed::<Dkg<Secp256k1>>,
    feed::<Dkg<Bls12381G1>>,
    feed::<Presign>,
    feed::<Bind>,
    feed::<Reshare<Secp256k1, 1>>,
    feed::<Reshare<Bls12381G1, 2>>,
    feed::<Repair<Secp256k1, 3>>,
    feed::<Repair<Bls12381G1, 1>>,
    extension,
    base_transfers,
];

/// Whether the machine came to its end.
pub fn choose(data: &[u8]) -> bool {
    let Some((first, edits)) = data.split_first() else { return false };
    MACHINES[usize::from(*first) % MACHINES.len()](edits)
}

/// One edit of the list of messages to come: five bytes of the fuzzer's.
struct Edit {
    kind: u8,
    message: u8,
    at: u16,
    value: u8,
}

fn edits(data: &[u8]) -> impl Iterator<Item = (Edit, &[u8])> {
    data.chunks_exact(5).enumerate().map(|(number, chunk)| {
        let edit = Edit {
            kind: chunk[0],
            message: chunk[1],
            at: u16::from_be_bytes([chunk[2], chunk[3]]),
            value: chunk[4],
        };
        (edit, &data[5 * (number + 1)..])
    })
}

/// Alters `bytes` in one of five ways.
fn alter(bytes: &mut Vec<u8>, edit: &Edit, rest: &[u8], other: &[u8]) {
    let at = usize::from(edit.at);
    match edit.kind % 5 {
        0 if !bytes.is_empty() => {
            let at = at % bytes.len();
            bytes[at] ^= edit.value;
        }
        1 => bytes.truncate(at % (bytes.len() + 1)),
        2 => bytes.push(edit.value),
        3 => *bytes = other.to_vec(),
        4 => *bytes = rest.to_vec(),
        _ => {}
    }
}

fn feed<S: Subject>(data: &[u8]) -> bool {
    let Recording { received, output } = recording::<S>();
    let mut messages: Vec<(PartyId, Envelope)> =
        received.iter().map(|envelope| (envelope.from, envelope.clone())).collect();
    for (edit, rest) in edits(data) {
        if messages.is_empty() {
            break;
        }
        let at = usize::from(edit.message) % messages.len();
        let other = messages[usize::from(edit.value) % messages.len()].1.body.0.clone();
        let (link, envelope) = &mut messages[at];
        match edit.kind % 10 {
            0..=4 => {
                let mut altered = envelope.clone();
                let bulk = edit.at >= 1 << 15 && !altered.bulk.0.is_empty();
                alter(
                    if bulk { &mut altered.bulk.0 } else { &mut altered.body.0 },
                    &edit,
                    rest,
                    &other,
                );
                let body = altered.body.0.clone();
                *envelope = S::reseal(&altered, body);
            }
            5 => {
                let mut bytes = envelope.encoded();
                alter(&mut bytes, &Edit { kind: 0, ..edit }, rest, &other);
                *envelope = Envelope::decode_all(&bytes).unwrap_or(envelope.clone());
            }
            6 => {
                let to = PartyId::new(edit.at % 5).map_or(To::All, To::One);
                let moved = Envelope { round: u16::from(edit.value % 6), to, ..envelope.clone() };
                *envelope = S::reseal(&moved, moved.body.0.clone());
            }
            7 => *link = party(u16::from(edit.value % 4) + 1),
            8 => _ = messages.remove(at),
            _ => {
                let copy = messages[at].clone();
                messages.insert(usize::from(edit.at) % (messages.len() + 1), copy);
            }
        }
    }
    let (mut machine, _) = S::start(party(1));
    for (link, envelope) in messages {
        machine.receive(link, envelope);
    }
    let given = machine.output();
    assert!(
        given.as_ref().is_none_or(|given| given == output),
        "{}: an output that no honest run has",
        type_name::<S>()
    );
    given.is_some()
}

fn pair() -> Pair {
    Pair { epoch: EpochDigest::new([1; 32]), alice: party(1), bob: party(2) }
}

/// Alice of the transfer extension, in a session of 200 rows: only Bob's own message gets her
/// through.
fn extension(data: &[u8]) -> bool {
    const ROWS: usize = 200;
    let (alice, bob) = deal(pair(), seed(b"extension", 0));
    let (_, message, corrections) = Receiver::extend(bob, &[1; 32], ROWS, seed(b"extension", 1));
    let (honest, split) =
        ([message.encoded(), corrections.bytes().to_vec()].concat(), message.encoded().len());
    let mut bytes = honest.clone();
    edits(data).for_each(|(edit, rest)| alter(&mut bytes, &edit, rest, &[]));
    let Some((message, corrections)) = bytes.split_at_checked(split) else { return false };
    let Ok(message) = ExtensionMessage::decode_all(message) else { return false };
    let extended =
        Sender::extend(alice, &[1; 32], ROWS, &message, &Bulk::new(corrections.to_vec())).is_ok();
    assert!(!extended || bytes == honest, "an altered message extends transfers");
    extended
}

/// Bob of the base transfers: he answers whatever has the form of a request.
fn base_transfers(data: &[u8]) -> bool {
    static HONEST: OnceLock<Vec<u8>> = OnceLock::new();
    let mut bytes =
        HONEST.get_or_init(|| AliceStart::new(pair(), seed(b"alice", 0)).1.encoded()).clone();
    edits(data).for_each(|(edit, rest)| alter(&mut bytes, &edit, rest, &[]));
    let Ok(message) = AliceMessage::decode_all(&bytes) else { return false };
    let answered = bob_respond(pair(), &message, seed(b"bob", 0)).is_ok();
    assert!(
        !answered || message.branches.len() == BASE_TRANSFERS,
        "a request of another length is answered"
    );
    answered
}
