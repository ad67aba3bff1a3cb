//! What the fuzzer starts from: everything that honest runs encode, given to each decoder that
//! accepts it.

use crate::decoders::{CLIENTS_AND_DISK, Decoder, PEERS};
use crate::honest::{
    Bind, Dkg, Presign, Subject, assignment, batches, members, party, recording, seed,
};
use crate::machines::MACHINES;
use crate::own_forms::{
    Stored, ciphertext, decryption_share, key, linked_share, message, texts, verification_keys,
};
use crate::repair::Repair;
use crate::reshare::Reshare;
use conclave_threshold::codec::{Bytes, Decode, Encode, Reader};
use conclave_threshold::dkg::Certificate;
use conclave_threshold::envelope::{Receipt, To};
use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1, Secret};
use conclave_threshold::machine::Machine;
use conclave_threshold::online::{Derivation, Equivocation};
use conclave_threshold::ot::Pair;
use conclave_threshold::ot::base::{AliceMessage, AliceStart, bob_respond};
use conclave_threshold::presign::messages::Multiplication;
use conclave_threshold::presign::opening::{BatchOpening, OpenedTransfers};
use conclave_threshold::reshare;
use conclave_threshold::testing::deal_batch;

fn of_curve<C: Curve>() -> [Vec<u8>; 4] {
    let secret = Secret::<C>(C::random_scalar(&mut seed(b"scalar", 0)));
    let point = C::generator_times(&secret.0);
    let uncompressed = C::Uncompressed::from(C::normalise(&[point])[0]);
    [
        secret.encoded(),
        point.encoded(),
        uncompressed.encoded(),
        Stored(key::<C>().remove(&party(1)).unwrap()).encoded(),
    ]
}

fn received<S: Subject>() -> Vec<Vec<u8>> {
    let received = recording::<S>().received.iter().cloned();
    let forms = received.map(|envelope| {
        [envelope.encoded(), envelope.body.0.clone(), Receipt::of(envelope).0.encoded()]
    });
    forms.flatten().collect()
}

/// A batch given up in its first round, by a party that was sent that round's messages.
fn opening() -> BatchOpening {
    let (Presign(mut machine), _) = Presign::start(party(1));
    for envelope in recording::<Presign>().received.iter().filter(|envelope| envelope.round == 1) {
        machine.receive(envelope.from, envelope.clone()).unwrap();
    }
    machine.open().unwrap().open().unwrap()
}

/// Everything of every kind, encoded.
fn encodings() -> Vec<Vec<u8>> {
    let (epoch, keys) = members();
    let mut all = vec![
        party(1).encoded(),
        To::All.encoded(),
        To::One(party(3)).encoded(),
        Bytes(vec![1, 2, 3]).encoded(),
    ];
    all.extend([
        7u16.encoded(),
        7u32.encoded(),
        7u64.encoded(),
        [7; 32].encoded(),
        epoch.ids().encoded(),
    ]);
    all.extend(of_curve::<Secp256k1>());
    all.extend(of_curve::<Bls12381G1>());
    all.extend(received::<Dkg<Secp256k1>>());
    all.extend(received::<Dkg<Bls12381G1>>());
    all.extend(received::<Presign>());
    all.extend(received::<Bind>());
    all.extend(received::<Reshare<Secp256k1, 1>>());
    all.extend(received::<Reshare<Bls12381G1, 2>>());
    all.extend(received::<Repair<Secp256k1, 3>>());
    all.extend(received::<Repair<Bls12381G1, 1>>());
    all.push(recording::<Bind>().output.clone());

    let pair = Pair { epoch: epoch.digest(), alice: party(1), bob: party(2) };
    let (_, request) = AliceStart::new(pair, seed(b"alice", 0));
    let (_, answer) = bob_respond(pair, &request, seed(b"bob", 0)).unwrap();
    all.extend([request.encoded(), answer.encoded(), request.branches[0].encoded()]);
    all.push(AliceMessage { branches: request.branches[..2].to_vec(), ..request }.encoded());

    let opening = opening();
    let OpenedTransfers { alice, bob, .. } = &opening.transfers[0];
    all.extend([opening.encoded(), opening.transfers[0].encoded(), alice.encoded(), bob.encoded()]);
    for message in recording::<Presign>()
        .received
        .iter()
        .filter_map(|envelope| envelope.open::<Multiplication>().ok())
    {
        all.push(message.check.encoded());
    }

    let signed = assignment();
    let equivocation = Equivocation { first: signed.clone(), second: signed.clone() };
    all.extend([signed.assignment.encoded(), signed.encoded(), equivocation.encoded()]);
    for (id, batch) in batches().into_iter().chain(deal_batch(
        &epoch,
        &epoch.ids()[1..],
        3,
        &keys,
        &mut seed(b"batch", 1),
    )) {
        all.push(batch.certificate.encoded());
        let attestations = [(id, vec![7; 65])].into();
        all.push(Certificate { transcript: [7; 32], attestations }.encoded());
    }
    let answer = conclave_threshold::online::Answer::read(&recording::<Bind>().output).unwrap();
    all.extend([
        answer.leaf.encoded(),
        answer.leaf.parties[0].encoded(),
        answer.opened[0].encoded(),
    ]);

    let mut output = Reader(&recording::<Reshare<Secp256k1, 1>>().output);
    let certificate = reshare::Certificate::decode(&mut output).unwrap();
    all.extend([certificate.encoded(), certificate.record.encoded()]);

    let shares = epoch.ids().into_iter().map(linked_share);
    all.extend(shares.clone().map(|share| share.encoded()));
    all.extend(texts().map(|text| Bytes(text.into_bytes()).encoded()));
    let shares = shares.map(|share| (share.0, share.1)).collect();
    all.push(verification_keys().combine(&message(), &shares).unwrap().encoded());

    all.extend([ciphertext().encoded(), ciphertext().header.encoded()]);
    all.extend([1, 2].map(|id| decryption_share(party(id)).encoded()));
    all.extend([
        Derivation::None.encoded(),
        Derivation::Derived { roots: [1; 32], id: [2; 32] }.encoded(),
    ]);
    all
}

fn for_decoders(decoders: &[Decoder], encodings: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (number, decoder) in decoders.iter().enumerate() {
        let accepted = encodings.iter().filter(|bytes| (decoder.accepts)(bytes));
        let before = seeds.len();
        seeds.extend(accepted.map(|bytes| [&[number as u8], bytes.as_slice()].concat()));
        assert!(
            seeds.len() > before,
            "no honest run encodes a {}: name one in `encodings`",
            decoder.name
        );
    }
    seeds
}

/// A few edits of each kind for each machine, and none.
fn for_machines() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for machine in 0..MACHINES.len() as u8 {
        seeds.push(vec![machine]);
        for kind in 0..10 {
            seeds.push(vec![machine, kind, 0, 0, 3, 1]);
            seeds.push(vec![machine, kind, 1, 0x90, 3, 1]);
            seeds.push(vec![machine, kind, 1, 0, 40, 0x80, kind, 2, 1, 0, 2]);
        }
    }
    seeds
}

/// The name of each target and its seeds.
pub fn all() -> [(&'static str, Vec<Vec<u8>>); 3] {
    let encodings = encodings();
    let [peers, clients] =
        [PEERS, CLIENTS_AND_DISK].map(|decoders| for_decoders(decoders, &encodings));
    [("peers", peers), ("clients_and_disk", clients), ("machines", for_machines())]
}
