//! Bit matrices in blocks of 128 bits, and the cipher streams that fill them.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit, consts::U16};

/// 128 bits, little-endian when seen as a number: bit `n` is bit `n % 8` of byte `n / 8`.
pub(super) type Block = Array<u8, U16>;

pub(super) const BLOCK_BITS: usize = 128;
pub(super) const BLOCK_BYTES: usize = 16;

/// AES-128 in counter mode from `start`, `count` blocks.
pub(super) fn keystream(key: &[u8; 16], start: u128, count: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> =
        (0..count).map(|at| start.wrapping_add(at as u128).to_le_bytes().into()).collect();
    Aes128::new(&Block::from(*key)).encrypt_blocks(&mut blocks);
    blocks
}

/// `into ^= other`, block by block.
pub(super) fn xor_into(into: &mut [Block], other: &[Block]) {
    for (into, other) in into.iter_mut().zip(other) {
        *into = xor(into, other);
    }
}

pub(super) fn xor(a: &Block, b: &Block) -> Block {
    (number(a) ^ number(b)).to_le_bytes().into()
}

pub(super) fn number(block: &Block) -> u128 {
    u128::from_le_bytes((*block).into())
}

/// Transposes 128 rows of 128 bits in place: bit `c` of row `r` becomes bit `r` of row `c`.
///
/// Quadrants are swapped at every scale from 64 down to 1 (Hacker's Delight, 7-3).
pub(super) fn transpose(rows: &mut [u128; BLOCK_BITS]) {
    let mut width = BLOCK_BITS / 2;
    let mut mask = (1u128 << width) - 1;
    while width > 0 {
        for pair in rows.chunks_exact_mut(2 * width) {
            let (low, high) = pair.split_at_mut(width);
            for (low, high) in low.iter_mut().zip(high) {
                let swap = ((*low >> width) ^ *high) & mask;
                *high ^= swap;
                *low ^= swap << width;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_moves_every_bit_to_its_mirrored_place() {
        let mut rows = [0; BLOCK_BITS];
        for (row, bits) in rows.iter_mut().zip(keystream(&[7; 16], 0, BLOCK_BITS)) {
            *row = number(&bits);
        }
        let before = rows;
        transpose(&mut rows);
        for (row, after) in rows.iter().enumerate() {
            for (column, before) in before.iter().enumerate() {
                assert_eq!(after >> column & 1, before >> row & 1);
            }
        }
    }

    #[test]
    fn keystreams_of_one_key_continue_each_other() {
        let whole = keystream(&[1; 16], u128::MAX - 1, 4);
        assert_eq!(whole[2..], keystream(&[1; 16], 0, 2));
        assert_ne!(whole[0], keystream(&[2; 16], u128::MAX - 1, 1)[0]);
    }

    /// Appendix C.1 of FIPS 197: one block of AES-128.
    #[test]
    fn a_keystream_is_the_cipher_of_its_counter() {
        let number_of = |hexadecimal: &str| u128::from_str_radix(hexadecimal, 16).unwrap();
        let key = number_of("000102030405060708090a0b0c0d0e0f").to_be_bytes();
        let counter = number_of("00112233445566778899aabbccddeeff").swap_bytes();
        let expected = number_of("69c4e0d86a7b0430d8cdb78070b4c55a").to_be_bytes();
        assert_eq!(keystream(&key, counter, 2)[..1], [Block::from(expected)]);
        assert_eq!(keystream(&key, counter - 1, 2)[1..], [Block::from(expected)]);
    }

    #[test]
    fn xor_is_bit_by_bit_and_block_by_block() {
        let block = |bits: u128| Block::from(bits.to_le_bytes());
        assert_eq!(number(&xor(&block(0b1100), &block(0b1010))), 0b0110);
        let mut blocks = [block(1), block(2), block(3)];
        xor_into(&mut blocks, &[block(7), block(7)]);
        assert_eq!(blocks.map(|block| number(&block)), [6, 5, 3]);
        assert_eq!(number(&block(1 << 127 | 5)), 1 << 127 | 5);
    }
}
