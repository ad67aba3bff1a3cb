use super::*;
use crate::codec::{Decode, Encode, Message};
use crate::ids::EpochDigest;
use crate::ot::base;
use crate::party::PartyId;

const ROWS: usize = 3 * BLOCK_BITS + 32;
const SID: SessionId = [5; 32];

fn seeds() -> (AliceSeeds, BobSeeds) {
    let pair = Pair {
        epoch: EpochDigest::new([3; 32]),
        alice: PartyId::new(1).unwrap(),
        bob: PartyId::new(2).unwrap(),
    };
    base::deal(pair, Randomness::from_seed([8; 32]))
}

fn receiver(bob: BobSeeds) -> (Receiver, ExtensionMessage, Bulk) {
    Receiver::extend(bob, &SID, ROWS, Randomness::from_seed([9; 32]))
}

fn consistency() -> Option<Fault> {
    Some(Fault::Pairwise {
        peer: PartyId::new(2).unwrap(),
        check: "transfer extension consistency",
    })
}

#[test]
fn a_column_has_a_block_for_the_mask_beside_those_of_its_rows() {
    assert_eq!([1, BLOCK_BITS, BLOCK_BITS + 1].map(column_blocks), [2, 2, 3]);
    assert_eq!([1, BLOCK_BITS + 1].map(corrections_length), [128 * 2 * 16, 128 * 3 * 16]);
}

#[test]
fn every_session_pair_and_set_of_seeds_has_columns_and_pads_of_its_own() {
    let (alice, _) = seeds();
    let other_pair = Pair { epoch: EpochDigest::new([4; 32]), ..alice.pair };
    let all = [
        Binding { sid: &SID, pair: &alice.pair, seeds: &[1; 32] },
        Binding { sid: &[6; 32], pair: &alice.pair, seeds: &[1; 32] },
        Binding { sid: &SID, pair: &other_pair, seeds: &[1; 32] },
        Binding { sid: &SID, pair: &alice.pair, seeds: &[2; 32] },
    ];
    let columns: Vec<_> = all
        .iter()
        .flat_map(|binding| [0, 1].map(|at| number(&binding.column(at, &[7; 16], 1)[0])))
        .collect();
    let pads: Vec<_> = all
        .iter()
        .map(|binding| binding.row_pads().expand(0, [7].into_iter())[0][0].to_bytes())
        .collect();
    assert!((1..columns.len()).all(|at| !columns[..at].contains(&columns[at])));
    assert!((1..pads.len()).all(|at| !pads[..at].contains(&pads[at])));
}

#[test]
fn erased_columns_are_zero() {
    let mut columns = [vec![Block::from([7; 16]); 2], vec![Block::from([8; 16])]];
    erase(&mut columns);
    assert_eq!(columns, [vec![Block::default(); 2], vec![Block::default()]]);
}

#[test]
fn rows_are_correlated_by_delta() {
    for rows in [1, BLOCK_BITS - 1, BLOCK_BITS, BLOCK_BITS + 1, 416] {
        let (alice, bob) = seeds();
        let delta = alice.delta;
        let (receiver, message, corrections) =
            Receiver::extend(bob, &SID, rows, Randomness::from_seed([9; 32]));
        assert_eq!(corrections.bytes().len(), corrections_length(rows));
        let sender = Sender::extend(alice, &SID, rows, &message, &corrections).unwrap();
        for (row, choice) in receiver.choices(0..rows).enumerate() {
            let expected = receiver.rows[row] ^ if bool::from(choice) { delta } else { 0 };
            assert_eq!(sender.rows[row], expected, "row {row} of {rows}");
        }
    }
}

#[test]
fn bob_knows_the_pad_of_his_choice_and_not_the_other() {
    let (alice, bob) = seeds();
    let (receiver, message, corrections) = receiver(bob);
    let sender = Sender::extend(alice, &SID, ROWS, &message, &corrections).unwrap();
    let (range, pads) = (100..ROWS, receiver.pads(100..ROWS));
    let [zero, one] = sender.pads(range.clone());
    assert_eq!(pads.len(), range.len());
    for (row, choice) in receiver.choices(range).enumerate() {
        let (chosen, other) =
            if bool::from(choice) { (&one[row], &zero[row]) } else { (&zero[row], &one[row]) };
        assert!(pads[row] == *chosen);
        assert!(pads[row].iter().all(|pad| !other.contains(pad)));
    }
    let ones = receiver.choices(0..ROWS).filter(|choice| bool::from(*choice)).count();
    assert!((ROWS / 3..ROWS * 2 / 3).contains(&ones), "{ones} of {ROWS} choices are 1");
}

#[test]
fn every_altered_field_is_caught() {
    let (_, bob) = seeds();
    let (_, message, corrections) = receiver(bob);
    for at in [0, corrections.bytes().len() / 2, corrections.bytes().len() - 1] {
        let mut altered = corrections.bytes().to_vec();
        altered[at] ^= 0x10;
        let outcome = Sender::extend(seeds().0, &SID, ROWS, &message, &Bulk::new(altered));
        assert_eq!(outcome.err(), consistency(), "corrections, byte {at}");
    }
    let encoded = message.encoded();
    for (field, span) in message.field_spans() {
        for at in [span.end - 1, span.start + span.len() / 2, (span.start + 4).min(span.end - 1)] {
            let mut altered = encoded.clone();
            altered[at] ^= 0x10;
            let altered = ExtensionMessage::decode_all(&altered).unwrap();
            assert_eq!(
                Sender::extend(seeds().0, &SID, ROWS, &altered, &corrections).err(),
                consistency(),
                "{field}, byte {at}"
            );
        }
    }
}

/// A Bob who uses other choices in one column, and hashes honestly what he did, gets through when
/// the bit of Delta there is 0: the message is then as good as honest. When it is 1 he is caught,
/// so getting through is guessing the bit.
#[test]
fn other_choices_in_one_column_pass_only_by_guessing_the_bit_of_delta() {
    let blocks = column_blocks(ROWS);
    for base_transfer in 0..BASE_TRANSFERS {
        let (alice, bob) = seeds();
        let binding = Binding { sid: &SID, pair: &bob.pair.clone(), seeds: &bob.id.clone() };
        let bit = alice.delta >> base_transfer & 1;
        let columns: Vec<_> = bob
            .pads
            .iter()
            .enumerate()
            .map(|(at, (zero, _))| binding.column(at, zero, blocks))
            .collect();
        let (_, mut message, corrections) = receiver(bob);
        let mut corrections = corrections.bytes().to_vec();
        corrections[base_transfer * blocks * BLOCK_BYTES + 20] ^= 8;
        let corrections = Bulk::new(corrections);
        let hash = binding.column_hash(&corrections, blocks);
        let honest: Vec<Block> = {
            let mut randomness = Randomness::from_seed([9; 32]);
            (0..blocks).map(|_| randomness.bytes().into()).collect()
        };
        message.choices_hash = hash.hash(&honest).into();
        message.columns_hash =
            Bytes(concatenate(columns.iter().map(|column| hash.hash(column))).to_vec());
        let outcome = Sender::extend(alice, &SID, ROWS, &message, &corrections).err();
        assert_eq!(outcome, if bit == 1 { consistency() } else { None }, "column {base_transfer}");
    }
}

#[test]
fn another_session_direction_or_set_of_seeds_is_caught() {
    let (alice, bob) = seeds();
    let (_, message, corrections) = receiver(bob);
    assert_eq!(Sender::extend(alice, &[6; 32], ROWS, &message, &corrections).err(), consistency());
    let mut alice = seeds().0;
    alice.id = [1; 32];
    assert_eq!(Sender::extend(alice, &SID, ROWS, &message, &corrections).err(), consistency());
    let mut alice = seeds().0;
    alice.pair.epoch = EpochDigest::new([1; 32]);
    assert_eq!(Sender::extend(alice, &SID, ROWS, &message, &corrections).err(), consistency());
}

#[test]
fn rejects_every_other_length() {
    let (_, message, corrections) = receiver(seeds().1);
    let form =
        Some(Fault::Pairwise { peer: PartyId::new(2).unwrap(), check: "transfer extension form" });
    for change in [-16i64, -1, 1, 16] {
        let resized = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            bytes.resize((bytes.len() as i64 + change) as usize, 0);
            bytes
        };
        let other = Bulk::new(resized(corrections.bytes()));
        assert_eq!(Sender::extend(seeds().0, &SID, ROWS, &message, &other).err(), form);
        let other = ExtensionMessage {
            columns_hash: Bytes(resized(&message.columns_hash.0)),
            ..message.clone()
        };
        assert_eq!(Sender::extend(seeds().0, &SID, ROWS, &other, &corrections).err(), form);
    }
}

#[test]
fn the_first_half_of_a_hash_is_its_first_16_bytes() {
    let hash = core::array::from_fn(|at| at as u8);
    assert_eq!(first_half(&hash).to_le_bytes(), hash[..16]);
}

#[test]
fn rows_outside_the_extension_have_no_pads() {
    let (receiver, ..) = receiver(seeds().1);
    let all = receiver.rows.len();
    assert!(receiver.pads(all - 1..all + 1).is_empty());
    assert_eq!(
        receiver
            .choices(all + BLOCK_BITS..all + 2 * BLOCK_BITS)
            .filter(|choice| bool::from(*choice))
            .count(),
        0
    );
}
