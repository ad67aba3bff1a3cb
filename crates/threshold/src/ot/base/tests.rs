mod statistics;

use super::*;
use crate::codec::Message;
use crate::ids::EpochDigest;
use crate::party::PartyId;

fn pair() -> Pair {
    Pair {
        epoch: EpochDigest::new([3; 32]),
        alice: PartyId::new(1).unwrap(),
        bob: PartyId::new(2).unwrap(),
    }
}

fn randomness(number: u64) -> Randomness {
    Randomness::from_seed([4; 32]).fork(b"base", number)
}

fn mask(nonce: &[u8; 32], number: usize, bit: Choice, other: &AffinePoint) -> ProjectivePoint {
    masks([branch_hash(&pair(), nonce, number, bit, other)].into_iter())[0]
}

fn transfer(delta: Option<u128>) -> (AliceSeeds, BobSeeds) {
    let (mut alice, mut message) = AliceStart::new(pair(), randomness(1));
    if let Some(wanted) = delta {
        // The points are uniform either way: only Alice's exponents fit her choices, so they are
        // made again for the wanted ones.
        alice.delta = wanted;
        for (number, exponent) in alice.exponents.iter().enumerate() {
            let bit = choice(wanted, number);
            let other = AffinePoint::generate_from_rng(&mut randomness(number as u64 + 100));
            let mask = mask(&message.nonce, number, bit, &other);
            let chosen = (ProjectivePoint::mul_by_generator(&exponent.0) - mask).to_affine();
            message.branches[number] =
                if bool::from(bit) { Branches(other, chosen) } else { Branches(chosen, other) };
        }
        alice.message = message.clone();
    }
    let (bob, answer) = bob_respond(pair(), &message, randomness(2)).unwrap();
    (alice.finish(&answer).unwrap(), bob)
}

#[test]
fn every_branch_is_hashed_with_all_that_names_it() {
    let (one, zero) = (Choice::from(1), Choice::from(0));
    let other = (ProjectivePoint::GENERATOR + ProjectivePoint::GENERATOR).to_affine();
    let turned = Pair { alice: pair().bob, bob: pair().alice, ..pair() };
    let hashes = [
        branch_hash(&pair(), &[1; 32], 7, one, &AffinePoint::GENERATOR),
        branch_hash(&turned, &[1; 32], 7, one, &AffinePoint::GENERATOR),
        branch_hash(&pair(), &[2; 32], 7, one, &AffinePoint::GENERATOR),
        branch_hash(&pair(), &[1; 32], 8, one, &AffinePoint::GENERATOR),
        branch_hash(&pair(), &[1; 32], 7, zero, &AffinePoint::GENERATOR),
        branch_hash(&pair(), &[1; 32], 7, one, &other),
    ];
    assert!((1..hashes.len()).all(|at| !hashes[..at].contains(&hashes[at])));
    let points = masks([hashes[0], hashes[1]].into_iter());
    assert_eq!(points[..], hash_to_curve(&hashes[..2], Tag::BaseOtPoint.bytes()));
}

#[test]
fn alice_gets_the_pads_of_her_choices_and_no_other() {
    for delta in [None, Some(0), Some(u128::MAX), Some(0x5555 << 64)] {
        let (alice, bob) = transfer(delta);
        assert_eq!(alice.id, bob.id);
        assert_eq!(delta.unwrap_or(alice.delta), alice.delta);
        for (number, (pad, (zero, one))) in alice.pads.iter().zip(&bob.pads).enumerate() {
            let (chosen, other) =
                if alice.delta >> number & 1 == 1 { (one, zero) } else { (zero, one) };
            assert_eq!(pad, chosen, "transfer {number}");
            assert_ne!(pad, other, "transfer {number}");
        }
    }
}

#[test]
fn every_pad_is_another() {
    let (_, bob) = transfer(None);
    let mut pads: Vec<_> = bob.pads.iter().flat_map(|(zero, one)| [*zero, *one]).collect();
    pads.sort_unstable();
    pads.dedup();
    assert_eq!(pads.len(), 2 * BASE_TRANSFERS);
}

#[test]
fn an_altered_message_leaves_no_pad_in_common() {
    let (_, message) = AliceStart::new(pair(), randomness(1));
    let (_, answer) = bob_respond(pair(), &message, randomness(2)).unwrap();
    let agree = |seen_by_bob: &AliceMessage, seen_by_alice: &dyn Fn(BobMessage) -> BobMessage| {
        let (alice, _) = AliceStart::new(pair(), randomness(1));
        let (bob, answer) = bob_respond(pair(), seen_by_bob, randomness(2)).unwrap();
        let alice = alice.finish(&seen_by_alice(answer)).unwrap();
        alice.pads.iter().zip(&bob.pads).any(|(pad, (zero, one))| pad == zero || pad == one)
    };
    assert!(agree(&message, &|answer| answer));
    let mut nonce = message.clone();
    nonce.nonce[0] ^= 1;
    assert!(!agree(&nonce, &|answer| answer));
    let mut swapped = message.clone();
    swapped.branches.swap(0, 1);
    assert!(!agree(&swapped, &|answer| answer));
    let mut altered = answer.clone();
    altered.nonce[0] ^= 1;
    assert!(!agree(&message, &|_| altered.clone()));
    altered = answer;
    altered.y = Uncompressed(message.branches[0].0);
    assert!(!agree(&message, &|_| altered.clone()));
}

#[test]
fn another_pair_or_direction_leaves_no_pad_in_common() {
    let others = [
        Pair { epoch: EpochDigest::new([9; 32]), ..pair() },
        Pair { alice: PartyId::new(3).unwrap(), ..pair() },
        Pair { alice: pair().bob, bob: pair().alice, ..pair() },
    ];
    for other in others {
        let (alice, message) = AliceStart::new(pair(), randomness(1));
        let (bob, answer) = bob_respond(other, &message, randomness(2)).unwrap();
        let alice = alice.finish(&answer).unwrap();
        assert!(
            alice.pads.iter().zip(&bob.pads).all(|(pad, (zero, one))| pad != zero && pad != one)
        );
    }
}

#[test]
fn rejects_a_set_of_any_other_size() {
    let (_, message) = AliceStart::new(pair(), randomness(1));
    for size in [0, BASE_TRANSFERS - 1, BASE_TRANSFERS + 1] {
        let mut message = message.clone();
        message.branches.resize(size, message.branches[0]);
        let fault = bob_respond(pair(), &message, randomness(2)).err();
        assert_eq!(
            fault,
            Some(Fault::Pairwise { peer: pair().alice, check: "number of base transfers" })
        );
    }
}

#[test]
fn rejects_a_branch_whose_shared_point_is_the_identity() {
    let (_, mut message) = AliceStart::new(pair(), randomness(1));
    let Branches(_, one) = message.branches[7];
    let mask = mask(&message.nonce, 7, Choice::from(0), &one);
    message.branches[7] = Branches((-mask).to_affine(), one);
    let fault = bob_respond(pair(), &message, randomness(2)).err();
    assert_eq!(fault, Some(Fault::Pairwise { peer: pair().alice, check: "base transfer points" }));
}

#[test]
fn messages_decode_only_from_points_of_the_curve() {
    let (_, message) = AliceStart::new(pair(), randomness(1));
    let encoded = message.encoded();
    assert_eq!(AliceMessage::decode_all(&encoded), Ok(message.clone()));
    let spans = message.field_spans();
    // The set is counted in 4 bytes, each point takes 64.
    let points = spans[1].1.clone();
    assert_eq!(points.len(), 4 + BASE_TRANSFERS * 2 * 64);
    for byte in [points.start + 4, points.start + 4 + 63, points.start + 4 + 64, points.end - 1] {
        let mut altered = encoded.clone();
        altered[byte] ^= 1;
        assert_eq!(
            AliceMessage::decode_all(&altered),
            Err(DecodeError::NotCanonical("point")),
            "byte {byte}"
        );
    }
    let (_, answer) = bob_respond(pair(), &message, randomness(2)).unwrap();
    let mut encoded = answer.encoded();
    assert_eq!(encoded.len(), 32 + 64);
    assert_eq!(BobMessage::decode_all(&encoded), Ok(answer));
    encoded[32] ^= 1;
    assert_eq!(BobMessage::decode_all(&encoded), Err(DecodeError::NotCanonical("point")));
}

#[test]
fn both_ends_are_made_again_from_their_origins() {
    let (alice, bob) = transfer(None);
    let alice_again =
        AliceOrigin::decode_all(&alice.origin.encoded()).unwrap().reproduce(pair()).unwrap();
    let bob_again =
        BobOrigin::decode_all(&bob.origin.encoded()).unwrap().reproduce(pair()).unwrap();
    assert_eq!((alice_again.id, bob_again.id), (alice.id, bob.id));
    assert_eq!(
        (alice_again.delta, &alice_again.pads, &bob_again.pads),
        (alice.delta, &alice.pads, &bob.pads)
    );
    assert_eq!((&alice_again.origin, &bob_again.origin), (&alice.origin, &bob.origin));
    assert_eq!(format!("{:?} {:?}", alice.origin, bob.origin), "AliceOrigin(..) BobOrigin(..)");
    let other = Pair { epoch: EpochDigest::new([9; 32]), ..pair() };
    assert_ne!(alice.origin.reproduce(other).unwrap().id, alice.id);
    let mut too_few = bob.origin.clone();
    too_few.request.branches.pop();
    assert!(too_few.reproduce(pair()).is_err());
}

#[test]
fn an_opened_seed_tells_nothing_of_the_stream_it_came_from() {
    let (alice, bob) = transfer(None);
    assert_eq!(alice.origin.seed, randomness(1).fork(b"base transfers", 0).seed());
    assert_eq!(bob.origin.seed, randomness(2).fork(b"base transfers", 0).seed());
}
