//! Every byte of every share, every length of a polynomial, every number that is no party.

use super::*;
use crate::codec::{Decode, DecodeError};
use crate::group::lagrange_at;
use crate::party::{Member, RosterError, two_thirds};

/// Flips `bit` of the direct message from `dealer` to `receiver`; the honest one is caught in the
/// act.
fn a_flipped_share_is_caught(dealer: PartyId, receiver: PartyId, bit: usize) {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 2);
    let key = network.keys[&dealer].clone();
    let certificates = network.run(&mut |id, mut envelope: Envelope| {
        if (id, envelope.from, envelope.to) == (receiver, dealer, To::One(receiver)) {
            // The shares' number stands before them.
            envelope.body.0[4 + bit / 8] ^= 1 << (bit % 8);
            envelope = Envelope::seal_bytes(&key, SID, OPEN, dealer, envelope.to, envelope.body.0);
        }
        vec![envelope]
    });
    let [(id, Fault::Proven { party, check })] = &network.faults[..] else {
        panic!("bit {bit}: {:?}", network.faults)
    };
    assert_eq!((*id, *party), (receiver, dealer), "bit {bit}");
    assert!(["share", "message form"].contains(check), "bit {bit}: {check}");
    assert!(certificates.is_empty());
}

#[test]
fn every_flipped_byte_of_every_share_names_its_dealer() {
    (0..2 * 32).for_each(|byte| a_flipped_share_is_caught(party(2), party(1), 8 * byte + byte % 8));
}

#[test]
#[ignore = "3 072 ceremonies"]
fn long_every_flipped_bit_of_every_share_names_its_dealer() {
    for (dealer, receiver) in [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)] {
        (0..2 * 256).for_each(|bit| a_flipped_share_is_caught(party(dealer), party(receiver), bit));
    }
}

#[test]
fn of_all_lengths_of_a_polynomial_only_the_threshold_is_accepted() {
    let form = |keys: u32, threshold: u16, lengths: &[usize]| {
        let point =
            Secp256k1::normalise(&[Secp256k1::generator_times(&Secp256k1::scalar(5))])[0].into();
        let vectors = lengths.iter().map(|length| vec![point; *length]).collect();
        let responses = vec![Secp256k1::scalar(1); lengths.len()];
        let opening = Opening {
            nonce: [0; 32],
            vectors,
            proof_points: vec![point; lengths.len()],
            proof_responses: responses,
        };
        check_form::<Secp256k1>(party(2), &opening, keys, threshold)
    };
    for threshold in (2..=13).map(two_thirds) {
        let right = usize::from(threshold);
        for length in 0..=3 * right {
            let wrong = Err(Fault::Proven { party: party(2), check: "length of a polynomial" });
            let expected = if length == right { Ok(()) } else { wrong };
            assert_eq!(form(1, threshold, &[length]), expected);
            assert_eq!(form(3, threshold, &[right, right, length]), expected);
        }
    }
}

#[test]
fn zero_and_repeated_ids_are_rejected_where_they_are_made() {
    assert_eq!(PartyId::new(0), None);
    assert_eq!(PartyId::decode_all(&[0, 0]), Err(DecodeError::NotCanonical("party id")));
    let member = |number: u16| Member { id: party(number), identity: [number as u8; 32] };
    let epoch = |numbers: [u16; 3]| Epoch::new([7; 32], 1, numbers.map(member).to_vec(), 2);
    assert!(epoch([1, 2, 3]).is_ok());
    assert_eq!(epoch([1, 2, 2]), Err(RosterError::NotAscending(party(2))));
    assert_eq!(epoch([2, 1, 3]), Err(RosterError::NotAscending(party(1))));
    assert!(lagrange_at::<Secp256k1>(1, &[1, 2], 0).is_some());
    for ids in [&[1, 1][..], &[1, 2, 1], &[2, 3]] {
        assert_eq!(lagrange_at::<Secp256k1>(1, ids, 0), None, "{ids:?}");
    }
}
