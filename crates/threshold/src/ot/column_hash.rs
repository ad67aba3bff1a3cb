//! The linear universal hash of the extension's consistency check.

use super::blocks::{BLOCK_BYTES, Block, xor};
use chacha20::ChaCha20Rng;
use polyval::Polyval;
use polyval::universal_hash::UniversalHash;
use rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

/// Blocks that share a key.
const GROUP: usize = 4;

/// A hash from columns to 128 bits, linear over GF(2): the sum of the products of all blocks with
/// coefficients of GF(2^128), the last block, which masks the others, with the coefficient 1.
///
/// The coefficients are the first four powers of an independent key for each group of four blocks,
/// so two columns that differ collide with a probability of at most `4 / 2^128`, however long they
/// are. (One key for the whole column would be a little simpler and give `length / 2^128`; the keys
/// are public, so what counts is how many challenges an adversary can try.) The field's
/// representation does not matter, only linearity does; this one is POLYVAL's (RFC 8452).
pub(super) struct ColumnHash {
    groups: Vec<Polyval>,
}

impl ColumnHash {
    /// For columns of `blocks` blocks, the mask included.
    pub(super) fn new(challenge: [u8; 32], blocks: usize) -> Self {
        let mut stream = ChaCha20Rng::from_seed(challenge);
        let groups = (blocks - 1).div_ceil(GROUP);
        let keys = (0..groups).map(|_| {
            let mut key = [0; BLOCK_BYTES];
            stream.fill_bytes(&mut key);
            Polyval::new(&key.into())
        });
        ColumnHash { groups: keys.collect() }
    }

    /// `column` has the number of blocks that the hash was made for.
    pub(super) fn hash(&self, column: &[Block]) -> Block {
        let (mask, data) =
            column.split_last().map_or((Block::default(), column), |(mask, data)| (*mask, data));
        let groups = self.groups.iter().zip(data.chunks(GROUP));
        groups.fold(mask, |sum, (key, blocks)| {
            let mut group = key.clone();
            group.update(blocks);
            xor(&sum, &group.finalize())
        })
    }
}

/// A hash for every column, one after the other.
pub(super) fn concatenate(hashes: impl Iterator<Item = Block>) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::new());
    hashes.for_each(|hash| bytes.extend_from_slice(&hash));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ot::blocks::keystream;

    fn column(seed: u8, blocks: usize) -> Vec<Block> {
        keystream(&[seed; 16], 0, blocks)
    }

    #[test]
    fn is_linear_over_gf2_at_every_length() {
        for blocks in 1..=14 {
            let hash = ColumnHash::new([3; 32], blocks);
            let (a, b) = (column(1, blocks), column(2, blocks));
            let sum: Vec<_> = a.iter().zip(&b).map(|(a, b)| xor(a, b)).collect();
            assert_eq!(hash.hash(&sum), xor(&hash.hash(&a), &hash.hash(&b)), "{blocks} blocks");
            assert_eq!(hash.hash(&vec![Block::default(); blocks]), Block::default());
        }
    }

    #[test]
    fn four_blocks_share_a_key_and_the_mask_has_none() {
        assert_eq!(
            [1, 2, 5, 6, 9].map(|blocks| ColumnHash::new([3; 32], blocks).groups.len()),
            [0, 1, 1, 2, 2]
        );
    }

    #[test]
    fn every_block_and_the_challenge_count() {
        let blocks = 11;
        let (original, hash) = (column(1, blocks), ColumnHash::new([3; 32], blocks));
        for at in 0..blocks {
            let mut altered = original.clone();
            altered[at][5] ^= 4;
            assert_ne!(hash.hash(&altered), hash.hash(&original), "block {at}");
        }
        assert_ne!(ColumnHash::new([4; 32], blocks).hash(&original), hash.hash(&original));
    }

    #[test]
    fn hashes_are_concatenated_in_order() {
        let (a, b) = (Block::from([1; 16]), Block::from([2; 16]));
        assert_eq!(concatenate([a, b].into_iter())[..], [[1; 16], [2; 16]].concat());
    }

    #[test]
    fn swapping_two_blocks_changes_the_hash() {
        let (original, hash) = (column(1, 9), ColumnHash::new([3; 32], 9));
        for at in 0..7 {
            let mut altered = original.clone();
            altered.swap(at, at + 1);
            assert_ne!(hash.hash(&altered), hash.hash(&original));
        }
    }

    /// Appendix A of RFC 8452: POLYVAL of two blocks.
    #[test]
    fn polyval_is_that_of_its_standard() {
        let bytes =
            |hexadecimal: &str| Block::try_from(&hex::decode(hexadecimal).unwrap()[..]).unwrap();
        let mut hash = Polyval::new(&bytes("25629347589242761d31f826ba4b757b"));
        hash.update(&[
            bytes("4f4f95668c83dfb6401762bb2d01a262"),
            bytes("d1a24ddd2721d006bbe45f20d3c9f362"),
        ]);
        assert_eq!(hash.finalize(), bytes("f7a3b47b846119fae5b7866cf5e5b77e"));
    }
}
