//! What the fuzzer starts from: everything that honest runs encode, given to each decoder that accepts it.

use crate::decoders::{CLIENTS_AND_DISK, Decoder, PEERS};
use crate::honest::{Bind, Dkg, Presign, Subject, assignment, batches, members, party, recording, seed};
use crate::machines::MACHINES;
use conclave_threshold::codec::{Bytes, Encode};
use conclave_threshold::dkg::Certificate;
use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1, Secret};
use conclave_threshold::message::To;
use conclave_threshold::online::Equivocation;
use conclave_threshold::ot::Pair;
use conclave_threshold::ot::base::{AliceStart, bob_respond};
use conclave_threshold::testing::{deal_batch, deal_key};

fn scalar_and_point<C: Curve>() -> [Vec<u8>; 2] {
    let secret = Secret::<C>(C::random_scalar(&mut seed(b"scalar", 0)));
    [secret.encoded(), C::generator_times(&secret.0).encoded()]
}

fn stored<C: Curve>() -> Vec<u8> {
    let share = deal_key::<C>(2, &members().0.ids(), &mut seed(b"key", 0)).remove(&party(1)).unwrap();
    [share.encode_public(), share.encode_secret().to_vec()].concat()
}

fn received<S: Subject>() -> Vec<Vec<u8>> {
    let received = &recording::<S>().received;
    received.iter().flat_map(|envelope| [envelope.encoded(), envelope.body.0.clone()]).collect()
}

/// Everything of every kind, encoded.
fn encodings() -> Vec<Vec<u8>> {
    let (epoch, keys) = members();
    let mut all = vec![party(1).encoded(), To::All.encoded(), To::One(party(3)).encoded(), Bytes(vec![1, 2, 3]).encoded()];
    all.extend(scalar_and_point::<Secp256k1>());
    all.extend(scalar_and_point::<Bls12381G1>());
    all.extend(received::<Dkg<Secp256k1>>());
    all.extend(received::<Dkg<Bls12381G1>>());
    all.extend(received::<Presign>());
    all.extend(received::<Bind>());
    all.extend([stored::<Secp256k1>(), stored::<Bls12381G1>(), recording::<Bind>().output.clone()]);

    let pair = Pair { epoch: epoch.digest(), alice: party(1), bob: party(2) };
    let (_, request) = AliceStart::new(pair, seed(b"alice", 0));
    let (_, answer) = bob_respond(pair, &request, seed(b"bob", 0)).unwrap();
    all.extend([request.encoded(), answer.encoded()]);

    let signed = assignment();
    let equivocation = Equivocation { first: signed.clone(), second: signed.clone() };
    all.extend([signed.assignment.encoded(), signed.encoded(), equivocation.encoded()]);
    for (id, batch) in batches().into_iter().chain(deal_batch(&epoch, &epoch.ids()[1..], 3, &keys, &mut seed(b"batch", 1))) {
        all.push(batch.certificate.encoded());
        let attestations = [(id, vec![7; 65])].into();
        all.push(Certificate { transcript: [7; 32], attestations }.encoded());
    }
    let answer = conclave_threshold::online::Answer::read(&recording::<Bind>().output).unwrap();
    all.extend([answer.leaf.encoded(), answer.leaf.parties[0].encoded(), answer.opened[0].encoded()]);
    all
}

fn for_decoders(decoders: &[Decoder], encodings: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (number, decoder) in decoders.iter().enumerate() {
        let accepted = encodings.iter().filter(|bytes| (decoder.accepts)(bytes));
        let before = seeds.len();
        seeds.extend(accepted.map(|bytes| [&[number as u8], bytes.as_slice()].concat()));
        assert!(seeds.len() > before, "no honest run encodes a {}: name one in `encodings`", decoder.name);
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
            seeds.push(vec![machine, kind, 1, 0, 40, 0x80, kind, 2, 1, 0, 2]);
        }
    }
    seeds
}

/// The name of each target and its seeds.
pub fn all() -> [(&'static str, Vec<Vec<u8>>); 3] {
    let encodings = encodings();
    let [peers, clients] = [PEERS, CLIENTS_AND_DISK].map(|decoders| for_decoders(decoders, &encodings));
    [("peers", peers), ("clients_and_disk", clients), ("machines", for_machines())]
}
