//! Random transfers from base seeds: SoftSpoken OT extension (Roy, 2022/192) with its consistency
//! check.
//!
//! Bob expands both pads of base transfer `i` into columns `t0_i`, `t1_i` of one bit per row and
//! sends the correction `t0_i ^ t1_i ^ u`, with `u` his choice bits. With `v_i = t0_i`, Alice's
//! columns are `w_i = v_i ^ Delta_i u`, so her rows are `w_j = v_j ^ u_j Delta`: hashed, `w_j` and
//! `w_j ^ Delta` are the two pads of transfer `j`, and Bob knows the one of his choice.
//!
//! A Bob who corrects different columns with different `u` would learn bits of `Delta`. Therefore
//! he sends a linear universal hash of `u` and of every `v_i`, keyed by a challenge over all
//! corrections, and Alice checks `h(w_i) = h(v_i) ^ Delta_i h(u)` for all `i` at once. What gets
//! through has guessed the bits of `Delta` that it touches. A last block of random bits, used for
//! nothing else, masks the hashes. The challenge is Fiat-Shamir's, over session, pair, direction,
//! seeds and corrections.
//!
//! The paper's parameter `k` (columns in groups of `k`, with `2^k` leaves to expand for each) is 1
//! here, the repetition code over GF(2). A larger `k` divides the corrections by `k`, and costs
//! `2^k / k` times the expansion: bytes against hashing. At k = 1 the corrections are a seventh of
//! what the multiplication sends, so there is not much to divide.

use super::base::{AliceSeeds, BobSeeds};
use super::blocks::{BLOCK_BITS, BLOCK_BYTES, Block, keystream, number, transpose, xor_into};
use super::column_hash::{ColumnHash, concatenate};
use super::row_pads::{Row, RowPads};
use super::{BASE_TRANSFERS, Pair};
use crate::codec::Bytes;
use crate::envelope::Bulk;
use crate::fault::Fault;
use crate::messages;
use crate::randomness::Randomness;
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript};
use core::ops::Range;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::{Zeroize, Zeroizing};

messages! {
    /// Bob's one message. Its bulk are the corrections: one per base transfer, in order, each a bit
    /// per row and 128 more, in whole blocks of 16 bytes.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct ExtensionMessage {
        /// The hash of the choice bits.
        pub choices_hash: [u8; BLOCK_BYTES],
        /// The hashes of Bob's columns, in order.
        pub columns_hash: Bytes,
    }
}

/// Blocks of a column for so many rows, and one that masks the hash.
fn column_blocks(rows: usize) -> usize {
    rows.div_ceil(BLOCK_BITS) + 1
}

/// Bytes of all corrections for so many rows.
pub fn corrections_length(rows: usize) -> usize {
    BASE_TRANSFERS * column_blocks(rows) * BLOCK_BYTES
}

/// What both ends bind to: the session, the pair and the seeds.
struct Binding<'a> {
    sid: &'a SessionId,
    pair: &'a Pair,
    seeds: &'a [u8; 32],
}

impl Binding<'_> {
    fn transcript(&self, tag: Tag) -> Transcript {
        let mut transcript = Transcript::new(tag).with(self.sid);
        self.pair.bind(&mut transcript);
        transcript.with(self.seeds)
    }

    /// The pads are the keys and serve once; a starting point of its own for each column keeps one
    /// table from attacking all of them.
    fn column(&self, base_transfer: usize, pad: &[u8; 16], blocks: usize) -> Vec<Block> {
        let hash = self.transcript(Tag::ExtensionSeed).with_number(base_transfer as u64).finish();
        keystream(pad, first_half(&hash), blocks)
    }

    fn column_hash(&self, corrections: &Bulk, blocks: usize) -> ColumnHash {
        ColumnHash::new(
            self.transcript(Tag::ExtensionChallenge).with(corrections.hash()).finish(),
            blocks,
        )
    }

    fn row_pads(&self) -> RowPads {
        RowPads::new(first_half(&self.transcript(Tag::ExtensionPad).finish()).to_le_bytes())
    }
}

fn first_half(hash: &[u8; 32]) -> u128 {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    u128::from_le_bytes(half)
}

/// Turns 128 columns into rows, without the mask.
fn rows_of(columns: &[Vec<Block>], rows: usize) -> Zeroizing<Vec<u128>> {
    let mut all = Zeroizing::new(Vec::with_capacity(rows.next_multiple_of(BLOCK_BITS)));
    for at in 0..rows.div_ceil(BLOCK_BITS) {
        let mut square = [0; BLOCK_BITS];
        for (line, column) in square.iter_mut().zip(columns) {
            *line = column.get(at).map_or(0, number);
        }
        transpose(&mut square);
        all.extend_from_slice(&square);
        square.zeroize();
    }
    all
}

fn erase(columns: &mut [Vec<Block>]) {
    columns.iter_mut().flatten().for_each(|block| block.as_mut_slice().zeroize());
}

/// Bob after the extension.
pub struct Receiver {
    pub(crate) pair: Pair,
    pub(crate) seeds: [u8; 32],
    choices: Zeroizing<Vec<u128>>,
    rows: Zeroizing<Vec<u128>>,
    pads: RowPads,
}

impl Receiver {
    /// `rows` transfers with random choices. `randomness` is a fork of its own.
    pub fn extend(
        mut seeds: BobSeeds,
        sid: &SessionId,
        rows: usize,
        mut randomness: Randomness,
    ) -> (Self, ExtensionMessage, Bulk) {
        let (pair, id) = (seeds.pair, seeds.id);
        let binding = Binding { sid, pair: &pair, seeds: &id };
        let blocks = column_blocks(rows);
        let mut choices: Vec<Block> = (0..blocks).map(|_| randomness.bytes().into()).collect();
        let mut corrections = Vec::with_capacity(corrections_length(rows));
        let mut columns = Vec::with_capacity(BASE_TRANSFERS);
        for (base_transfer, (zero, one)) in seeds.pads.iter().enumerate() {
            let column = binding.column(base_transfer, zero, blocks);
            let mut correction = binding.column(base_transfer, one, blocks);
            xor_into(&mut correction, &column);
            xor_into(&mut correction, &choices);
            correction.iter().for_each(|block| corrections.extend_from_slice(block));
            columns.push(column);
        }
        seeds.zeroize();
        let corrections = Bulk::new(corrections);
        let hash = binding.column_hash(&corrections, blocks);
        let columns_hash =
            Bytes(concatenate(columns.iter().map(|column| hash.hash(column))).to_vec());
        let message = ExtensionMessage { choices_hash: hash.hash(&choices).into(), columns_hash };
        let receiver = Receiver {
            pair,
            seeds: id,
            choices: Zeroizing::new(choices.iter().map(number).collect()),
            rows: rows_of(&columns, rows),
            pads: binding.row_pads(),
        };
        erase(&mut columns);
        choices.iter_mut().for_each(|block| block.as_mut_slice().zeroize());
        (receiver, message, corrections)
    }

    /// The choice bits of the rows in `range`. Rows that do not exist read as 0.
    pub(crate) fn choices(&self, range: Range<usize>) -> impl Iterator<Item = Choice> {
        range.map(|row| {
            Choice::from(
                (self.choices.get(row / BLOCK_BITS).map_or(0, |block| block >> (row % BLOCK_BITS))
                    & 1) as u8,
            )
        })
    }

    /// The pads of Bob's choice in the rows of `range`.
    pub(crate) fn pads(&self, range: Range<usize>) -> Zeroizing<Vec<Row>> {
        let rows = self.rows.get(range.clone()).unwrap_or_default();
        self.pads.expand(range.start, rows.iter().copied())
    }
}

/// Alice after the extension.
pub struct Sender {
    pub(crate) pair: Pair,
    pub(crate) seeds: [u8; 32],
    delta: Zeroizing<u128>,
    rows: Zeroizing<Vec<u128>>,
    pads: RowPads,
}

impl Sender {
    /// # Errors
    /// [`Fault::Pairwise`] when Bob's message does not pass the consistency check.
    pub fn extend(
        mut seeds: AliceSeeds,
        sid: &SessionId,
        rows: usize,
        message: &ExtensionMessage,
        corrections: &Bulk,
    ) -> Result<Self, Fault> {
        let (pair, id) = (seeds.pair, seeds.id);
        let failed = |check| Fault::Pairwise { peer: pair.bob, check };
        let whole = corrections.bytes().len() == corrections_length(rows);
        if !whole || message.columns_hash.0.len() != BASE_TRANSFERS * BLOCK_BYTES {
            return Err(failed("transfer extension form"));
        }
        let binding = Binding { sid, pair: &pair, seeds: &id };
        let blocks = column_blocks(rows);
        let delta = Zeroizing::new(seeds.delta);
        let mut columns = Vec::with_capacity(BASE_TRANSFERS);
        let each = corrections.bytes().chunks_exact(blocks * BLOCK_BYTES);
        for (base_transfer, (pad, correction)) in seeds.pads.iter().zip(each).enumerate() {
            let mut column = binding.column(base_transfer, pad, blocks);
            let mask = bit_mask(*delta, base_transfer);
            for (block, correction) in column.iter_mut().zip(blocks_of(correction)) {
                *block = (number(block) ^ (correction & mask)).to_le_bytes().into();
            }
            columns.push(column);
        }
        seeds.zeroize();
        let hash = binding.column_hash(corrections, blocks);
        let choices_hash = u128::from_le_bytes(message.choices_hash);
        let expected =
            blocks_of(&message.columns_hash.0).enumerate().map(|(base_transfer, hash)| {
                Block::from((hash ^ (choices_hash & bit_mask(*delta, base_transfer))).to_le_bytes())
            });
        let expected = concatenate(expected);
        let consistent =
            concatenate(columns.iter().map(|column| hash.hash(column))).ct_eq(&expected);
        let sender = Sender {
            pair,
            seeds: id,
            rows: rows_of(&columns, rows),
            delta,
            pads: binding.row_pads(),
        };
        erase(&mut columns);
        if bool::from(consistent) {
            Ok(sender)
        } else {
            Err(failed("transfer extension consistency"))
        }
    }

    /// Both pads of every row in `range`: those of choice 0, then those of choice 1.
    pub(crate) fn pads(&self, range: Range<usize>) -> [Zeroizing<Vec<Row>>; 2] {
        let rows = self.rows.get(range.clone()).unwrap_or_default();
        [0, *self.delta]
            .map(|delta| self.pads.expand(range.start, rows.iter().map(|row| row ^ delta)))
    }
}

/// All ones where bit `number` of `delta` is set.
fn bit_mask(delta: u128, number: usize) -> u128 {
    u128::conditional_select(&0, &u128::MAX, Choice::from((delta >> number & 1) as u8))
}

/// The blocks of `bytes`, which are whole.
fn blocks_of(bytes: &[u8]) -> impl Iterator<Item = u128> {
    bytes.as_chunks().0.iter().map(|block| u128::from_le_bytes(*block))
}

#[cfg(test)]
mod tests;
