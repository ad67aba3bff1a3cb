//! One cheat for every check: who notices, and who is named.

use super::opening::{run_of, verdict};
use super::*;
use crate::codec::Encode;
use crate::group::{Curve, Secp256k1, Uncompressed};
use crate::multiplication::ROWS_BYTES;
use crate::presign::contribution::commitment;
use crate::presign::opening::judge;
use crate::presignature::entropy_commitment;
use k256::{AffinePoint, ProjectivePoint, Scalar};
use messages::{Commitment, ExtensionMessage, Multiplication, Opening, Products};

const SIZE: u32 = 3;
/// The presignature that is cheated on: one among good ones.
const AT: usize = 1;

fn cheater() -> PartyId {
    party(1)
}

/// Replaces the cheater's message of one place by what `alter` makes of it.
fn altering<M: Message>(
    round: u16,
    broadcast: bool,
    alter: impl Fn(&Ceremony, &mut M),
) -> impl FnMut(&Ceremony, &Envelope, PartyId) -> Vec<Envelope> {
    move |machine, envelope, _| {
        if envelope.from != cheater()
            || envelope.round != round
            || (envelope.to == To::All) != broadcast
        {
            return vec![envelope.clone()];
        }
        let mut message = M::decode_all(&envelope.body.0).unwrap();
        alter(machine, &mut message);
        vec![resealed(envelope, message.encoded())]
    }
}

/// Replaces the bulk of the cheater's direct message of one round.
fn altering_bulk(
    round: u16,
    alter: impl Fn(&mut Vec<u8>),
) -> impl FnMut(&Ceremony, &Envelope, PartyId) -> Vec<Envelope> {
    move |_, envelope, _| {
        if envelope.from != cheater() || envelope.round != round || envelope.to == To::All {
            return vec![envelope.clone()];
        }
        let mut bulk = envelope.bulk.0.clone();
        alter(&mut bulk);
        vec![resealed_with_bulk(envelope, envelope.body.0.clone(), bulk)]
    }
}

/// The run of a set of two with this cheat: the fault that the honest one meets. Where that does
/// not prove whose doing it was, an opening before the root is signed does.
fn fault_of(meddle: &mut Meddle<'_>) -> Fault {
    let mut network = Network::run(3, SIZE, meddle);
    assert!(!network.batches.contains_key(&party(2)), "a batch came of it");
    let fault = network.first_faults(cheater()).remove(&party(2)).expect("nobody noticed");
    let again =
        network.machines.get_mut(&party(2)).unwrap().receive(cheater(), network.sent[0].clone());
    assert_eq!(again.err(), Some(Fault::Misuse("the batch is burnt")));
    if fault.culprit().is_none() && fault != (Fault::Joint { check: "one root" }) {
        assert_cheater_is_named(network, 3, SIZE);
    }
    fault
}

fn assert_cheater_is_named(network: Network, members: u16, size: u32) {
    let verdict = verdict(network, members, size);
    assert_eq!(verdict.liars, BTreeMap::from([(cheater(), "messages against their opening")]));
    assert!(verdict.silent.is_empty());
}

fn proven(check: &'static str) -> Fault {
    Fault::Proven { party: cheater(), check }
}

fn pairwise(check: &'static str) -> Fault {
    Fault::Pairwise { peer: cheater(), check }
}

/// The cheater commits to and opens something else than what its machine made.
fn opening_otherwise(
    alter: impl Fn(&mut Opening),
) -> impl FnMut(&Ceremony, &Envelope, PartyId) -> Vec<Envelope> {
    let mut opening: Opening = Network::honest(3, SIZE).sent(2, cheater(), To::All);
    alter(&mut opening);
    let committed = commitment(&SID, cheater(), &opening);
    move |_, envelope, _| match (envelope.from == cheater(), envelope.round, envelope.to) {
        (true, 1, To::All) => vec![resealed(envelope, committed.encoded())],
        (true, 2, To::All) => vec![resealed(envelope, opening.encoded())],
        _ => vec![envelope.clone()],
    }
}

/// Makes the proof of one presignature anew, for the statement as it stands and `phi` as the
/// logarithm.
fn prove_anew(machine: &Ceremony, message: &mut Products, at: usize, phi: Scalar) {
    let State::Proven(state) = &machine.state else {
        panic!("the cheater has published nothing yet")
    };
    let nonce = Scalar::from(7u64);
    message.proof_commitments[at] =
        Uncompressed((ProjectivePoint::from(state.sums[at].r) * nonce).to_affine());
    let (statement, commitment) =
        message.statement(&machine.frame, &state.sums, cheater(), at).unwrap();
    message.proof_responses[at] = nonce + statement.challenge(commitment) * phi;
}

fn phi(machine: &Ceremony, at: usize) -> Scalar {
    let State::Proven(state) = &machine.state else {
        panic!("the cheater has published nothing yet")
    };
    state.remainders[at].phi
}

/// Adds so many times the generator.
fn shift(point: &mut Uncompressed<AffinePoint>, by: Scalar) {
    point.0 = (ProjectivePoint::GENERATOR * by + point.0).to_affine();
}

fn r(machine: &Ceremony, at: usize) -> ProjectivePoint {
    let State::Proven(state) = &machine.state else {
        panic!("the cheater has published nothing yet")
    };
    state.sums[at].r.into()
}

#[test]
fn an_extension_that_is_not_consistent() {
    let fault = fault_of(&mut altering_bulk(1, |corrections| corrections[100] ^= 1));
    assert_eq!(fault, pairwise("transfer extension consistency"));
    let fault = fault_of(&mut altering::<ExtensionMessage>(1, false, |_, message| {
        message.choices_hash[0] ^= 1
    }));
    assert_eq!(fault, pairwise("transfer extension consistency"));
    let fault = fault_of(&mut altering_bulk(1, |corrections| corrections.push(0)));
    assert_eq!(fault, pairwise("transfer extension form"));
}

#[test]
fn an_opening_that_does_not_fit_its_commitment() {
    let fault = fault_of(&mut altering::<Opening>(2, true, |_, message| message.nonce[0] ^= 1));
    assert_eq!(fault, proven("opening against its commitment"));
    let fault =
        fault_of(&mut altering::<Commitment>(1, true, |_, message| message.commitment[0] ^= 1));
    assert_eq!(fault, proven("opening against its commitment"));
}

#[test]
fn an_opening_of_fewer_or_more_presignatures() {
    let alterations: [fn(&mut Opening); 4] = [
        |opening| opening.r.truncate(SIZE as usize - 1),
        |opening| opening.b.truncate(SIZE as usize - 1),
        |opening| opening.entropy_commitments.truncate(SIZE as usize - 1),
        |opening| opening.r.push(Uncompressed(AffinePoint::GENERATOR)),
    ];
    for alter in alterations {
        assert_eq!(fault_of(&mut opening_otherwise(alter)), proven("opening form"));
    }
}

#[test]
fn points_that_cancel_the_others() {
    let honest: Opening = Network::honest(3, SIZE).sent(2, party(2), To::All);
    let minus = |point: Uncompressed<AffinePoint>| Uncompressed(-point.0);
    let fault = fault_of(&mut opening_otherwise(|opening| opening.r[AT] = minus(honest.r[AT])));
    assert_eq!(fault, Fault::Joint { check: "R and B" });
    let fault = fault_of(&mut opening_otherwise(|opening| opening.b[AT] = minus(honest.b[AT])));
    assert_eq!(fault, Fault::Joint { check: "R and B" });
}

#[test]
fn multiplying_another_number_than_the_opened_one() {
    let fault = fault_of(&mut opening_otherwise(|opening| shift(&mut opening.r[AT], Scalar::ONE)));
    assert_eq!(fault, pairwise("multiplication in the exponent"));
    let fault = fault_of(&mut opening_otherwise(|opening| shift(&mut opening.b[AT], Scalar::ONE)));
    assert_eq!(fault, pairwise("multiplication in the exponent"));
}

/// One check serves all presignatures: what is wrong with one of them weighs as much as its
/// multiplier, and no two of these are equal.
#[test]
fn multiplying_other_numbers_whose_errors_cancel_between_presignatures() {
    type Points = fn(&mut Opening) -> &mut Vec<Uncompressed<AffinePoint>>;
    let inputs: [Points; 2] = [|opening| &mut opening.r, |opening| &mut opening.b];
    for points in inputs {
        let fault = fault_of(&mut opening_otherwise(|opening| {
            shift(&mut points(opening)[0], Scalar::ONE);
            shift(&mut points(opening)[AT], -Scalar::ONE);
        }));
        assert_eq!(fault, pairwise("multiplication in the exponent"));
    }
}

/// Errors of the two inputs that cancel when the checks are added up.
#[test]
fn multiplying_other_numbers_whose_errors_cancel_between_inputs() {
    let fault = fault_of(&mut opening_otherwise(|opening| {
        shift(&mut opening.r[AT], Scalar::ONE);
        shift(&mut opening.b[AT], -Scalar::ONE);
    }));
    assert_eq!(fault, pairwise("multiplication in the exponent"));
}

#[test]
fn a_wrong_point_of_the_own_share() {
    let alterations: [fn(&mut Multiplication); 4] = [
        |message| shift(&mut message.gamma_u, Scalar::ONE),
        |message| shift(&mut message.gamma_v, Scalar::ONE),
        |message| core::mem::swap(&mut message.gamma_u, &mut message.gamma_v),
        |message| {
            shift(&mut message.gamma_u, Scalar::ONE);
            shift(&mut message.gamma_v, -Scalar::ONE);
        },
    ];
    for alter in alterations {
        let fault =
            fault_of(&mut altering::<Multiplication>(2, false, move |_, message| alter(message)));
        assert_eq!(fault, pairwise("multiplication in the exponent"));
    }
}

#[test]
fn rows_that_do_not_agree() {
    let fault = fault_of(&mut altering_bulk(2, |rows| rows[AT * ROWS_BYTES + 40] ^= 1));
    assert_eq!(fault, pairwise("multiplication rows"));
    let fault = fault_of(&mut altering::<Multiplication>(2, false, |_, message| {
        message.check.etas[AT] += Scalar::ONE
    }));
    assert_eq!(fault, pairwise("multiplication rows"));
    let fault = fault_of(&mut altering::<Multiplication>(2, false, |_, message| {
        message.check.hash[0] ^= 1
    }));
    assert_eq!(fault, pairwise("multiplication rows"));
}

#[test]
fn a_multiplication_of_fewer_or_more_presignatures() {
    let alterations: [fn(&mut Multiplication); 4] = [
        |message| message.check.etas.truncate(SIZE as usize - 1),
        |message| message.check.etas.push(Scalar::ONE),
        |message| message.psi.truncate(SIZE as usize - 1),
        |message| message.psi.push(Scalar::ONE),
    ];
    for alter in alterations {
        let fault =
            fault_of(&mut altering::<Multiplication>(2, false, move |_, message| alter(message)));
        assert_eq!(fault, proven("multiplication form"));
    }
    let alterations: [fn(&mut Vec<u8>); 3] = [
        |rows| rows.truncate(rows.len() - 1),
        |rows| rows.push(0),
        |rows| rows.truncate(rows.len() - ROWS_BYTES),
    ];
    for alter in alterations {
        assert_eq!(fault_of(&mut altering_bulk(2, alter)), proven("multiplication form"));
    }
}

#[test]
fn a_mask_that_is_not_the_published_one() {
    let fault = fault_of(&mut altering::<Multiplication>(2, false, |_, message| {
        message.psi[AT] += Scalar::ONE
    }));
    assert_eq!(fault, Fault::Joint { check: "sum of Fh" });
}

#[test]
fn another_mask_towards_each_peer() {
    let mut shift = Scalar::ZERO;
    let network = Network::run(4, 1, &mut |_, envelope, _| {
        if envelope.from != cheater() || envelope.round != 2 || envelope.to == To::All {
            return vec![envelope.clone()];
        }
        let mut message = Multiplication::decode_all(&envelope.body.0).unwrap();
        shift += Scalar::ONE;
        message.psi[0] += shift;
        vec![resealed(envelope, message.encoded())]
    });
    let faults = network.first_faults(cheater());
    assert_eq!(faults.len(), 2);
    assert!(faults.values().all(|fault| *fault == Fault::Joint { check: "sum of Fh" }));
    assert!(network.batches.is_empty());
    assert_cheater_is_named(network, 4, 1);
}

#[test]
fn products_without_their_proof() {
    let alterations: [fn(&mut Products); 5] = [
        |message| message.u.truncate(SIZE as usize - 1),
        |message| message.fh.truncate(SIZE as usize - 1),
        |message| message.wh.truncate(SIZE as usize - 1),
        |message| message.proof_commitments.truncate(SIZE as usize - 1),
        |message| message.proof_responses.truncate(SIZE as usize - 1),
    ];
    for alter in alterations {
        let fault = fault_of(&mut altering::<Products>(3, true, move |_, message| alter(message)));
        assert_eq!(fault, proven("products form"));
    }
}

#[test]
fn a_proof_of_anything_else() {
    let alterations: [fn(&mut Products); 6] = [
        |message| message.u[AT] += Scalar::ONE,
        |message| message.fh.swap(0, AT),
        |message| message.wh.swap(0, AT),
        |message| message.proof_commitments.swap(0, AT),
        |message| message.proof_responses[AT] += Scalar::ONE,
        // The proof of another index of the same batch.
        |message| {
            message.proof_commitments[AT] = message.proof_commitments[0];
            message.proof_responses[AT] = message.proof_responses[0];
        },
    ];
    for alter in alterations {
        let fault = fault_of(&mut altering::<Products>(3, true, move |_, message| alter(message)));
        assert_eq!(fault, proven("proof of knowledge"));
    }
}

/// The last to speak solves for the points that make both sums right, and cannot prove that it
/// knows a logarithm.
#[test]
fn points_solved_for_from_the_others() {
    let honest = Network::honest(3, SIZE);
    let others: Products = honest.sent(3, party(2), To::All);
    let fault = fault_of(&mut altering::<Products>(3, true, |machine, message| {
        let State::Proven(state) = &machine.state else { return };
        message.u[AT] += Scalar::ONE;
        let u = message.u[AT] + others.u[AT];
        message.fh[AT] =
            Uncompressed((ProjectivePoint::GENERATOR * u - others.fh[AT].0).to_affine());
        message.wh[AT] = Uncompressed(
            (ProjectivePoint::from(state.sums[AT].b) * u - others.wh[AT].0).to_affine(),
        );
        prove_anew(machine, message, AT, phi(machine, AT));
    }));
    assert_eq!(fault, proven("proof of knowledge"));
}

#[test]
fn a_wrong_share_of_u_with_a_proof() {
    let fault = fault_of(&mut altering::<Products>(3, true, |machine, message| {
        message.u[AT] += Scalar::ONE;
        prove_anew(machine, message, AT, phi(machine, AT));
    }));
    assert_eq!(fault, Fault::Joint { check: "sum of Fh" });
}

#[test]
fn a_wrong_fh_with_a_proof() {
    let fault = fault_of(&mut altering::<Products>(3, true, |machine, message| {
        let other = phi(machine, AT) + Scalar::ONE;
        message.fh[AT] = Uncompressed((r(machine, AT) * other).to_affine());
        prove_anew(machine, message, AT, other);
    }));
    assert_eq!(fault, Fault::Joint { check: "sum of Fh" });
}

#[test]
fn a_wrong_wh_with_a_proof() {
    let fault = fault_of(&mut altering::<Products>(3, true, |machine, message| {
        message.wh[AT] = Uncompressed((r(machine, AT) + message.wh[AT].0).to_affine());
        prove_anew(machine, message, AT, phi(machine, AT));
    }));
    assert_eq!(fault, Fault::Joint { check: "sum of Wh" });
}

#[test]
fn a_share_of_u_that_cancels_the_others() {
    let others: Products = Network::honest(3, SIZE).sent(3, party(2), To::All);
    let fault = fault_of(&mut altering::<Products>(3, true, |machine, message| {
        message.u[AT] = -others.u[AT];
        prove_anew(machine, message, AT, phi(machine, AT));
    }));
    assert_eq!(fault, Fault::Joint { check: "sum of u" });
}

/// Errors in two presignatures that cancel when they are added up unweighted.
#[test]
fn errors_that_cancel_each_other() {
    let fault = fault_of(&mut altering::<Products>(3, true, |machine, message| {
        for (at, shift) in [(0, Scalar::ONE), (AT, -Scalar::ONE)] {
            message.u[at] += shift;
            prove_anew(machine, message, at, phi(machine, at));
        }
    }));
    assert_eq!(fault, Fault::Joint { check: "sum of Fh" });
}

#[test]
fn a_signature_on_the_root_that_does_not_verify() {
    let fault =
        fault_of(&mut altering::<RootSignature>(4, true, |_, message| message.signature[3] ^= 1));
    assert_eq!(fault, proven("signature on the root"));
}

#[test]
fn a_signature_on_another_root() {
    let fault = fault_of(&mut altering::<RootSignature>(4, true, |machine, message| {
        message.root[0] ^= 1;
        let frame = &machine.frame;
        message.signature = BatchCertificate::sign(
            &frame.signing_key,
            &frame.sid,
            &frame.epoch.digest(),
            &frame.set,
            frame.size,
            &message.root,
        );
    }));
    assert_eq!(fault, Fault::Joint { check: "one root" });
}

/// Each member alone sees nothing wrong with the commitment and opening that it is shown, and
/// blames nobody for proofs over what others were shown.
#[test]
fn a_two_faced_opening() {
    type Alteration = fn(&mut Opening);
    let alterations: [(Alteration, _); 2] = [
        (
            |opening| {
                opening.entropy_commitments[0] = entropy_commitment(&SID, 0, cheater(), &[1; 32])
            },
            Fault::Joint { check: "one set of openings" },
        ),
        (
            |opening| shift(&mut opening.b[0], Scalar::ONE),
            pairwise("multiplication in the exponent"),
        ),
    ];
    for (alter, fault) in alterations {
        let mut opening: Opening = Network::honest(4, 1).sent(2, cheater(), To::All);
        alter(&mut opening);
        let committed = commitment(&SID, cheater(), &opening);
        let network = Network::run(4, 1, &mut |_, envelope, receiver| match (
            envelope.from == cheater() && receiver == party(3),
            envelope.round,
            envelope.to,
        ) {
            (true, 1, To::All) => vec![resealed(envelope, committed.encoded())],
            (true, 2, To::All) => vec![resealed(envelope, opening.encoded())],
            _ => vec![envelope.clone()],
        });
        let faults = network.first_faults(cheater());
        assert_eq!(faults.get(&party(3)), Some(&fault));
        assert!(faults.values().all(|fault| fault.culprit().is_none()), "{faults:?}");
        assert!(network.batches.is_empty());
        let shown: Vec<_> = network.machines.values().flat_map(Ceremony::broadcasts).collect();
        let verdict = judge(&run_of(4, 1), &[], &shown).unwrap();
        assert_eq!(verdict.liars, BTreeMap::from([(cheater(), "one message per round")]));
    }
}

#[test]
fn a_proof_over_openings_that_the_others_do_not_have() {
    let fault = fault_of(&mut altering::<Products>(3, true, |_, message| message.openings[0] ^= 1));
    assert_eq!(fault, Fault::Joint { check: "one set of openings" });
}

#[test]
fn a_bulk_where_none_belongs() {
    for round in 1..=4 {
        let fault = fault_of(&mut |_, envelope, _| {
            let meddled =
                envelope.from == cheater() && envelope.round == round && envelope.to == To::All;
            vec![if meddled {
                resealed_with_bulk(envelope, envelope.body.0.clone(), vec![0])
            } else {
                envelope.clone()
            }]
        });
        assert_eq!(fault, proven("message form"), "round {round}");
    }
}

#[test]
fn two_bulks_for_one_place() {
    let fault = fault_of(&mut |_, envelope, _| {
        let mut copies = vec![envelope.clone()];
        if envelope.from == cheater() && envelope.round == 1 && envelope.to != To::All {
            copies.push(resealed_with_bulk(envelope, envelope.body.0.clone(), vec![0]));
        }
        copies
    });
    assert_eq!(fault, proven("one message per round"));
}

#[test]
fn two_messages_for_one_place() {
    let fault = fault_of(&mut |_, envelope, _| {
        let mut copies = vec![envelope.clone()];
        if envelope.from == cheater() && envelope.round == 1 && envelope.to == To::All {
            copies.push(resealed(envelope, Commitment { commitment: [0; 32] }.encoded()));
        }
        copies
    });
    assert_eq!(fault, proven("one message per round"));
}

#[test]
fn a_second_message_after_the_end_does_not_take_the_batch_away() {
    let mut network = Network::honest(3, 1);
    let last = network.sent.iter().rfind(|envelope| envelope.from == cheater()).unwrap().clone();
    let machine = network.machines.get_mut(&party(2)).unwrap();
    let fault = machine.receive(cheater(), resealed(&last, vec![0; 96]));
    assert_eq!(fault.err(), Some(proven("one message per round")));
    assert_eq!(network.batches.len(), 2);
}

#[test]
fn a_message_of_another_session_is_nobodys_fault() {
    let network = Network::run(3, 1, &mut |_, envelope, _| {
        let mut foreign = envelope.clone();
        foreign.sid[0] ^= 1;
        vec![foreign, envelope.clone()]
    });
    assert!(
        network
            .faults
            .iter()
            .all(|(_, fault)| matches!(fault, Fault::Mismatch { field: "session", .. }))
    );
    assert_eq!(network.batches.len(), 2);
    assert!(!Secp256k1::is_identity(&network.batches[&party(2)].presignatures[0].r()));
}
