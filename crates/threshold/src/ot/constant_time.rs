//! [`constant_time`](crate::constant_time) for the loops of the transfers and of the
//! multiplication.

use super::base::{AliceSeeds, deal};
use super::blocks::{BLOCK_BITS, Block, transpose};
use super::column_hash::ColumnHash;
use super::extension::{Receiver, Sender};
use super::row_pads::RowPads;
use super::words::{SumOfProducts, Words};
use super::{BASE_TRANSFERS, Pair};
use crate::constant_time::assert_constant_time;
use crate::group::secp256k1::hash_to_curve::hash_to_curve;
use crate::group::{Curve, Secp256k1};
use crate::ids::EpochDigest;
use crate::multiplication::TRANSFERS;
use crate::party::PartyId;
use crate::randomness::Randomness;
use core::hint::black_box;
use subtle::Choice;

fn words(dice: &mut Randomness) -> Words {
    Words::from(&Secp256k1::random_scalar(dice))
}

fn gadget() -> Vec<Words> {
    let mut dice = Randomness::from_seed([2; 32]);
    (0..TRANSFERS).map(|_| words(&mut dice)).collect()
}

#[test]
#[ignore = "timing"]
fn constant_time_weighing_of_secret_rows() {
    let gadget = gadget();
    // In place: zeros that were allocated might all be one page of the kernel's, and read sooner
    // than what was written.
    let rows = |dice: &mut Randomness| [(); TRANSFERS].map(|()| words(dice));
    assert_constant_time(
        || [Words::default(); TRANSFERS],
        rows,
        |rows| {
            let mut sum = SumOfProducts::default();
            for (weight, row) in gadget.iter().zip(rows) {
                sum.add_product(weight, row);
            }
            black_box(sum.reduce());
        },
    );
}

#[test]
#[ignore = "timing"]
fn constant_time_sum_over_secret_choices() {
    let gadget = gadget();
    let choices = |dice: &mut Randomness| dice.bytes::<TRANSFERS>().map(|byte| byte & 1);
    assert_constant_time(
        || [0; TRANSFERS],
        choices,
        |choices| {
            let mut sum = SumOfProducts::default();
            for (weight, choice) in gadget.iter().zip(choices) {
                sum.add(&weight.when(Choice::from(*choice)));
            }
            black_box(sum.reduce());
        },
    );
}

#[test]
#[ignore = "timing"]
fn constant_time_sum_and_difference_of_secrets() {
    let other = gadget()[0];
    assert_constant_time(Words::default, words, |words| {
        _ = black_box(words.plus(&other).minus(words))
    });
}

#[test]
#[ignore = "timing"]
fn constant_time_transposition() {
    let random =
        |dice: &mut Randomness| [(); BLOCK_BITS].map(|()| u128::from_le_bytes(dice.bytes()));
    assert_constant_time(
        || [0; BLOCK_BITS],
        random,
        |rows| {
            let mut rows = *rows;
            transpose(&mut rows);
            black_box(&rows);
        },
    );
}

#[test]
#[ignore = "timing"]
fn constant_time_pads_of_secret_rows() {
    let pads = RowPads::new([3; 16]);
    let random = |dice: &mut Randomness| [(); 32].map(|()| u128::from_le_bytes(dice.bytes()));
    assert_constant_time(
        || [0u128; 32],
        random,
        |rows| _ = black_box(pads.expand(0, rows.iter().copied())),
    );
}

/// Which branch Alice hashes for, and so what, is her choice.
#[test]
#[ignore = "timing"]
fn constant_time_hash_to_the_curve() {
    assert_constant_time(
        || [0; 32],
        |dice| dice.bytes::<32>(),
        |message| _ = black_box(hash_to_curve(&[message], b"timing")),
    );
}

#[test]
#[ignore = "timing"]
fn constant_time_hash_of_a_secret_column() {
    const BLOCKS: usize = 32;
    let hash = ColumnHash::new([5; 32], BLOCKS);
    let random = |dice: &mut Randomness| [(); BLOCKS].map(|()| Block::from(dice.bytes()));
    assert_constant_time(
        || [Block::default(); BLOCKS],
        random,
        |column| _ = black_box(hash.hash(column)),
    );
}

/// Over Delta alone, which fits what the receiver sent in neither class: both end in the same
/// refusal.
#[test]
#[ignore = "timing"]
fn constant_time_extension_with_a_secret_delta() {
    let [alice, bob] = [1, 2].map(|number| PartyId::new(number).unwrap());
    let pair = Pair { epoch: EpochDigest::new([1; 32]), alice, bob };
    let (seeds, theirs) = deal(pair, Randomness::from_seed([1; 32]));
    let sid = [2; 32];
    let (_, message, corrections) =
        Receiver::extend(theirs, &sid, BASE_TRANSFERS, Randomness::from_seed([3; 32]));
    let with_delta = |delta| -> AliceSeeds {
        let mut seeds = seeds.clone();
        seeds.delta = delta;
        seeds
    };
    assert_constant_time(
        || with_delta(0),
        |dice| with_delta(u128::from_le_bytes(dice.bytes())),
        |seeds| {
            assert!(
                black_box(Sender::extend(
                    seeds.clone(),
                    &sid,
                    BASE_TRANSFERS,
                    &message,
                    &corrections
                ))
                .is_err()
            )
        },
    );
}
