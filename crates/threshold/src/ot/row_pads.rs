//! From a row of the extension to the pads of one transfer.

use super::blocks::{Block, number};
use super::words::Words;
use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use zeroize::{Zeroize, Zeroizing};

/// Scalars that one transfer carries: the two inputs of the multiplication and its check value.
pub(crate) const WIDTH: usize = 3;

/// 32 bytes are reduced modulo the order, which is `2^256 - 2^128.4`: the bias is below 2^-127.
const BLOCKS_PER_SCALAR: usize = 2;

/// What one transfer carries.
pub(crate) type Row = [Words; WIDTH];

const BLOCKS_PER_ROW: usize = WIDTH * BLOCKS_PER_SCALAR;

/// Rows enciphered in one call, so that the cipher's units stay full and the buffers in the
/// first-level cache.
const ROWS_AT_A_TIME: usize = 16;

/// A tweakable hash that is circular correlation robust: `pi(pi(x) ^ tweak) ^ pi(x)` with a
/// fixed-key AES-128 for `pi` (the TMMO construction of Guo, Katz, Wang and Yu, "Efficient and
/// Secure Multiparty Computation from Fixed-Key Block Ciphers", 2019/074). The tweak is the row's
/// number and the block's place in the row.
pub(super) struct RowPads(Aes128);

impl RowPads {
    /// `key` is public, and no two sessions, pairs or directions share one.
    pub(super) fn new(key: [u8; 16]) -> Self {
        RowPads(Aes128::new(&key.into()))
    }

    /// The pads of consecutive rows, the first of which has the number `first`.
    #[expect(clippy::indexing_slicing, reason = "taken is counted, and a row has its blocks")]
    pub(super) fn expand(
        &self,
        first: usize,
        rows: impl ExactSizeIterator<Item = u128>,
    ) -> Zeroizing<Vec<Row>> {
        let mut pads = Zeroizing::new(Vec::with_capacity(rows.len()));
        let mut whitened = [Block::default(); ROWS_AT_A_TIME];
        let mut blocks = [Block::default(); ROWS_AT_A_TIME * BLOCKS_PER_ROW];
        let (mut row_number, mut rows) = (first, rows);
        loop {
            let mut taken = 0;
            for (place, row) in whitened.iter_mut().zip(rows.by_ref()) {
                *place = row.to_le_bytes().into();
                taken += 1;
            }
            if taken == 0 {
                break;
            }
            let (whitened, blocks) =
                (&mut whitened[..taken], &mut blocks[..taken * BLOCKS_PER_ROW]);
            self.0.encrypt_blocks(whitened);
            for (whitened, blocks) in whitened.iter().zip(blocks.chunks_exact_mut(BLOCKS_PER_ROW)) {
                for (place, block) in blocks.iter_mut().enumerate() {
                    let tweak = (row_number * BLOCKS_PER_ROW + place) as u128;
                    *block = (number(whitened) ^ tweak).to_le_bytes().into();
                }
                row_number += 1;
            }
            self.0.encrypt_blocks(blocks);
            for (whitened, blocks) in whitened.iter().zip(blocks.chunks_exact(BLOCKS_PER_ROW)) {
                let feedback = number(whitened);
                pads.push(core::array::from_fn(|at| {
                    let [low, high] = [0, 1]
                        .map(|half| number(&blocks[at * BLOCKS_PER_SCALAR + half]) ^ feedback);
                    Words::reduce(low, high)
                }));
            }
        }
        whitened.as_mut_slice().iter_mut().for_each(|block| block.as_mut_slice().zeroize());
        blocks.as_mut_slice().iter_mut().for_each(|block| block.as_mut_slice().zeroize());
        pads
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn follows_the_tmmo_formula() {
        let cipher = Aes128::new(&[9; 16].into());
        let permute = |value: u128| {
            let mut block: Block = value.to_le_bytes().into();
            cipher.encrypt_block(&mut block);
            number(&block)
        };
        let (row, row_number) = (0x0123_4567_89ab_cdef_u128, 1000);
        let pads = RowPads::new([9; 16]).expand(row_number, [row].into_iter());
        for (at, pad) in pads[0].iter().enumerate() {
            let halves = [0, 1].map(|half| {
                let tweak = (row_number * BLOCKS_PER_ROW + at * BLOCKS_PER_SCALAR + half) as u128;
                permute(permute(row) ^ tweak) ^ permute(row)
            });
            assert!(*pad == Words::reduce(halves[0], halves[1]));
        }
    }

    #[test]
    fn equal_rows_at_different_numbers_give_different_pads() {
        let rows = 3 * ROWS_AT_A_TIME + 5;
        let pads = RowPads::new([1; 16]).expand(7, vec![42; rows].into_iter());
        let all: BTreeSet<_> = pads.iter().flatten().map(|pad| pad.to_bytes().to_vec()).collect();
        assert_eq!(all.len(), rows * WIDTH);
        let later = RowPads::new([1; 16]).expand(7 + 20, vec![42; rows - 20].into_iter());
        assert!(
            pads[20..] == later[..],
            "a row's pads do not depend on where the expansion begins"
        );
    }
}
