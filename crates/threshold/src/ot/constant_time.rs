//! [`constant_time`](crate::constant_time) for the loops of the transfers and of the multiplication.

use super::blocks::{BLOCK_BITS, transpose};
use super::row_pads::RowPads;
use super::words::{SumOfProducts, Words};
use crate::constant_time::assert_constant_time;
use crate::group::{Curve, Secp256k1};
use crate::multiplication::TRANSFERS;
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
    // In place: zeros that were allocated might all be one page of the kernel's, and read sooner than what was written.
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
    assert_constant_time(Words::default, words, |words| _ = black_box(words.plus(&other).minus(words)));
}

#[test]
#[ignore = "timing"]
fn constant_time_transposition() {
    let random = |dice: &mut Randomness| [(); BLOCK_BITS].map(|()| u128::from_le_bytes(dice.bytes()));
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
    assert_constant_time(|| [0u128; 32], random, |rows| _ = black_box(pads.expand(0, rows.iter().copied())));
}
