//! What comes of a run in which nobody cheats, whatever is late, doubled or lost.

use super::*;
use crate::codec::Encode;
use crate::presignature::{Presignature, entropy_commitment};
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{ProjectivePoint, Scalar};

fn sum(presignatures: &[&Presignature], secret: fn((Scalar, Scalar, Scalar)) -> Scalar) -> Scalar {
    presignatures.iter().map(|presignature| secret(presignature.reveal())).sum()
}

#[test]
fn shares_stand_in_the_relations_of_a_presignature() {
    for (members, size) in [(3, 1), (3, 5), (4, 2)] {
        let network = Network::honest(members, size);
        assert_eq!(network.faults, []);
        assert_eq!(network.batches.len(), network.machines.len());
        for index in 0..size as usize {
            let members: Vec<_> =
                network.batches.values().map(|batch| &batch.presignatures[index]).collect();
            let (f, w, b) = (
                sum(&members, |all| all.0),
                sum(&members, |all| all.1),
                sum(&members, |all| all.2),
            );
            let k = f.invert().unwrap();
            let leaf = &members[0].leaf;
            for (presignature, entry) in members.iter().zip(&leaf.parties) {
                assert_eq!(presignature.index() as usize, index);
                assert_eq!(presignature.leaf, *leaf);
                assert_eq!(presignature.r(), ProjectivePoint::GENERATOR * k, "R = k G");
                assert_eq!(presignature.b_point(), ProjectivePoint::GENERATOR * b, "B = b G");
                assert_eq!(w, b * f, "the w sum to b/k");
                let (own_f, own_w, own_b) = presignature.reveal();
                let u_inverse = presignature.points.u_inverse;
                assert_eq!(presignature.r() * own_f, ProjectivePoint::from(entry.fh) * u_inverse);
                assert_eq!(presignature.r() * own_w, ProjectivePoint::from(entry.wh) * u_inverse);
                assert_eq!(ProjectivePoint::GENERATOR * own_b, ProjectivePoint::from(entry.b));
                let entropy = &presignature.secrets.entropy;
                assert_eq!(
                    entropy_commitment(&SID, index as u32, presignature.me(), entropy),
                    entry.entropy_commitment
                );
            }
        }
    }
}

#[test]
fn a_signature_made_from_the_shares_verifies() {
    use k256::ecdsa::signature::hazmat::PrehashVerifier;
    for members in [3, 4] {
        let network = Network::honest(members, 1);
        let presignatures: Vec<_> =
            network.batches.values().map(|batch| &batch.presignatures[0]).collect();
        let (key, digest) = (Scalar::from(0xfeed_u64), [0x42; 32]);
        let delta = key - sum(&presignatures, |all| all.2);
        let h = <Scalar as Reduce<k256::FieldBytes>>::reduce(&digest.into());
        let r = <Scalar as Reduce<k256::FieldBytes>>::reduce(&presignatures[0].r().to_affine().x());
        let s: Scalar = presignatures
            .iter()
            .map(|p| p.reveal())
            .map(|(f, w, _)| f * (h + r * delta) + r * w)
            .sum();
        let signature = k256::ecdsa::Signature::from_scalars(r, s).unwrap().normalize_s();
        let verifying_key =
            k256::ecdsa::VerifyingKey::from_affine((ProjectivePoint::GENERATOR * key).to_affine())
                .unwrap();
        assert!(verifying_key.verify_prehash(&digest, &signature).is_ok());
    }
}

#[test]
fn doubled_and_early_messages_do_no_harm() {
    let mut late = Vec::new();
    let network = Network::run(4, 1, &mut |_, envelope, receiver| {
        let doubled = vec![envelope.clone(), envelope.clone()];
        // Party 3 gets everything of rounds 1 and 2 from party 1 only when round 2 has gone out
        // elsewhere.
        if receiver == party(3) && envelope.from == party(1) && envelope.round == 1 {
            late.extend(doubled);
            return Vec::new();
        }
        if receiver == party(3) && envelope.round == 2 && !late.is_empty() {
            return [doubled, core::mem::take(&mut late)].concat();
        }
        doubled
    });
    assert_eq!(network.faults, []);
    assert_eq!(network.batches.len(), 3);
}

#[test]
fn nothing_comes_out_before_all_signatures_on_the_root_are_held() {
    let withheld = (party(2), party(1));
    let mut network = Network::run(4, 1, &mut |_, envelope, receiver| {
        let lost = envelope.round == 4 && (envelope.from, receiver) == withheld;
        if lost { Vec::new() } else { vec![envelope.clone()] }
    });
    assert_eq!(network.batches.len(), 2);
    let certificate = network.batches[&party(2)].certificate.clone();
    let machine = network.machines.get_mut(&party(1)).unwrap();
    assert!(machine.output().is_none());
    assert_eq!(machine.waiting_for(), [party(2)]);

    let rejected =
        Err(Fault::Rejected { link: party(3), reason: "it is no certificate of this batch" });
    let alterations: [fn(&mut BatchCertificate); 6] = [
        |certificate| certificate.sid[0] ^= 1,
        |certificate| certificate.root[0] ^= 1,
        |certificate| certificate.size += 1,
        |certificate| certificate.set.swap(0, 1),
        |certificate| certificate.signatures[2][5] ^= 1,
        |certificate| certificate.signatures.truncate(2),
    ];
    for alter in alterations {
        let mut altered = (*certificate).clone();
        alter(&mut altered);
        assert_eq!(machine.complete(party(3), &altered), rejected);
        assert!(machine.output().is_none());
    }
    // Certificates of other batches, as whole as this one's.
    let others: [fn(&mut BatchCertificate); 4] = [
        |certificate| certificate.sid[0] ^= 1,
        |certificate| certificate.root[0] ^= 1,
        |certificate| certificate.size += 1,
        |certificate| certificate.set = [1, 2, 4].map(party).to_vec(),
    ];
    for other in others {
        let mut altered = (*certificate).clone();
        other(&mut altered);
        let BatchCertificate { sid, epoch, set, size, root, .. } = altered.clone();
        let sign = |id: &PartyId| {
            BatchCertificate::sign(&signing_key(*id), &sid, &epoch, &set, size, &root)
        };
        altered.signatures = set.iter().map(sign).collect();
        assert!(altered.verify(&super::epoch(4)));
        assert_eq!(machine.complete(party(3), &altered), rejected);
    }
    assert_eq!(machine.complete(party(3), &certificate), Ok(()));
    assert_eq!(machine.output().unwrap().certificate.encoded(), certificate.encoded());
    assert!(machine.output().is_none(), "a batch comes out once");
    assert!(matches!(machine.complete(party(3), &certificate), Err(Fault::Misuse(_))));
}

#[test]
fn rejects_configurations_that_no_run_can_have() {
    let start = |alter: &dyn Fn(&mut Config)| {
        let mut config = configs(4, 1).remove(&party(2)).unwrap();
        alter(&mut config);
        Ceremony::start(config).err()
    };
    assert_eq!(start(&|_| ()), None);
    assert_eq!(start(&|config| config.size = MAX_BATCH), None);
    let refused: [&dyn Fn(&mut Config); 13] = [
        &|config| config.size = 0,
        &|config| config.size = MAX_BATCH + 1,
        &|config| config.set.truncate(2),
        &|config| config.set.push(party(4)),
        &|config| config.set.swap(0, 1),
        &|config| config.me = party(4),
        &|config| config.signing_key = signing_key(party(1)),
        &|config| drop(config.ots.remove(&party(1))),
        &|config| config.epoch = epoch(6),
        &|config| {
            let seeds = config.ots.remove(&party(1)).unwrap();
            config.ots.insert(party(4), seeds);
        },
        &|config| {
            let (first, second) =
                (config.ots.remove(&party(1)).unwrap(), config.ots.remove(&party(3)).unwrap());
            config.ots.extend([(party(1), second), (party(3), first)]);
        },
        &|config| {
            config.ots.get_mut(&party(1)).unwrap().alice =
                transfers(4)[&(party(2), party(3))].0.clone()
        },
        &|config| {
            config.ots.get_mut(&party(1)).unwrap().bob =
                transfers(4)[&(party(3), party(2))].1.clone()
        },
    ];
    for (at, alter) in refused.iter().enumerate() {
        assert!(matches!(start(alter), Some(Fault::Misuse(_))), "alteration {at}");
    }
}

#[test]
fn points_of_the_nonces_are_not_repeated_between_indices_or_parties() {
    let network = Network::honest(3, 4);
    let openings =
        [1, 2].map(|number| network.sent::<messages::Opening>(2, party(number), To::All));
    let mut points: Vec<_> = openings
        .iter()
        .flat_map(|opening| opening.r.iter().chain(&opening.b))
        .map(Encode::encoded)
        .collect();
    points.sort_unstable();
    points.dedup();
    assert_eq!(points.len(), 16);
}

#[test]
fn the_longest_message_grows_with_the_batch() {
    assert_eq!([1, 2].map(|size| longest_message(size, To::All)), [4352, 4608]);
    let of_one = |size: u32| longest_message(size, To::One(party(1)));
    assert_eq!([1, 2].map(of_one), [4160 + ROWS_BYTES, 4224 + 2 * ROWS_BYTES]);
}

#[test]
fn a_message_of_the_longest_length_is_looked_at_and_one_byte_more_is_dropped() {
    for (round, to) in [(1, To::All), (1, To::One(party(1)))] {
        let longest = longest_message(2, to);
        for (length, dropped) in [(longest, false), (longest + 1, true)] {
            let (_, config) = configs(3, 2).pop_first().unwrap();
            let (mut machine, _) = Ceremony::start(config).unwrap();
            for in_bulk in [0, length / 2, length] {
                let (body, bulk) = (vec![0; length - in_bulk], Bulk::new(vec![0; in_bulk]));
                let envelope = Envelope::seal_with_bulk(
                    &signing_key(party(2)),
                    SID,
                    round,
                    party(2),
                    to,
                    body,
                    bulk,
                );
                let outcome = machine.receive(party(2), envelope);
                let refused = outcome
                    == Err(Fault::Rejected {
                        link: party(2),
                        reason: "it is longer than any message of the run",
                    });
                assert_eq!(refused, dropped, "{length} bytes to {to:?}, {in_bulk} of them in bulk");
                (machine, _) = Ceremony::start(configs(3, 2).pop_first().unwrap().1).unwrap();
            }
        }
    }
}
