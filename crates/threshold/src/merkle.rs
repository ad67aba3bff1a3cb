//! Merkle trees over the leaves of a batch. Leaves and inner nodes are hashed under different tags,
//! and the tree's width is part of the root, so that no node can be passed off as a leaf and no
//! leaf as another's.

use crate::transcript::{Tag, Transcript};

fn leaf_hash(leaf: &[u8]) -> [u8; 32] {
    Transcript::new(Tag::MerkleLeaf).with(leaf).finish()
}

fn node_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Transcript::new(Tag::MerkleNode).with(left).with(right).finish()
}

fn root_hash(width: u32, top: &[u8; 32]) -> [u8; 32] {
    Transcript::new(Tag::MerkleRoot).with_number(u64::from(width)).with(top).finish()
}

/// Levels above the leaves.
fn height(width: u32) -> u32 {
    u64::from(width).next_power_of_two().trailing_zeros()
}

/// All levels, leaves first. A level of odd length carries its last hash up unchanged.
pub struct MerkleTree {
    levels: Vec<Vec<[u8; 32]>>,
    width: u32,
    root: [u8; 32],
}

impl MerkleTree {
    /// `None` without leaves.
    pub fn new<L: AsRef<[u8]>>(leaves: &[L]) -> Option<Self> {
        if leaves.is_empty() {
            return None;
        }
        let mut levels =
            vec![leaves.iter().map(|leaf| leaf_hash(leaf.as_ref())).collect::<Vec<_>>()];
        let width = leaves.len() as u32;
        for _ in 0..height(width) {
            let above = levels.last()?.chunks(2).filter_map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                rest => rest.first().copied(),
            });
            let above = above.collect();
            levels.push(above);
        }
        let root = root_hash(width, levels.last()?.first()?);
        Some(MerkleTree { levels, width, root })
    }

    /// Hash of the number of leaves and the top of the tree.
    pub fn root(&self) -> [u8; 32] {
        self.root
    }

    /// The siblings from the leaf up. `None` for an index outside the tree.
    pub fn path(&self, index: u32) -> Option<Vec<[u8; 32]>> {
        if index >= self.width {
            return None;
        }
        let mut at = index as usize;
        let mut path = Vec::new();
        // The top has no sibling.
        for level in &self.levels {
            path.extend(level.get(at ^ 1));
            at /= 2;
        }
        Some(path)
    }
}

/// Whether `leaf` is number `index` of the `width` leaves under `root`.
pub fn verify_path(
    root: &[u8; 32],
    width: u32,
    index: u32,
    leaf: &[u8],
    path: &[[u8; 32]],
) -> bool {
    if index >= width {
        return false;
    }
    let (mut at, mut level_width) = (index, width);
    let mut hash = leaf_hash(leaf);
    let mut siblings = path.iter();
    for _ in 0..height(width) {
        // The last of an odd level stands alone.
        if at % 2 == 1 || at + 1 < level_width {
            let Some(sibling) = siblings.next() else { return false };
            hash = if at % 2 == 0 { node_hash(&hash, sibling) } else { node_hash(sibling, &hash) };
        }
        at /= 2;
        level_width = level_width.div_ceil(2);
    }
    siblings.next().is_none() && root_hash(width, &hash) == *root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_as_high_as_its_width_can_be_halved() {
        assert_eq!(
            [1, 2, 3, 4, 5, 8, 9, 1 << 31, u32::MAX].map(height),
            [0, 1, 2, 2, 3, 3, 4, 31, 32]
        );
    }

    #[test]
    fn no_leaves_make_no_tree_and_no_path_leads_into_it() {
        assert!(MerkleTree::new::<[u8; 4]>(&[]).is_none());
        assert!(!verify_path(&root_hash(0, &leaf_hash(b"leaf")), 0, 0, b"leaf", &[]));
    }

    #[test]
    fn every_leaf_verifies_at_its_own_index_and_nowhere_else() {
        for width in 1u32..=17 {
            let leaves: Vec<_> = (0..width).map(|index| index.to_be_bytes()).collect();
            let tree = MerkleTree::new(&leaves).unwrap();
            for index in 0..width {
                let path = tree.path(index).unwrap();
                for (claimed, leaf) in leaves.iter().enumerate() {
                    let valid = verify_path(&tree.root(), width, claimed as u32, leaf, &path);
                    assert_eq!(
                        valid,
                        claimed as u32 == index,
                        "leaf {claimed} with the path of {index} of {width}"
                    );
                }
                assert!(!verify_path(
                    &tree.root(),
                    width + 1,
                    index,
                    &leaves[index as usize],
                    &path
                ));
                let mut longer = path.clone();
                longer.push([0; 32]);
                assert!(!verify_path(&tree.root(), width, index, &leaves[index as usize], &longer));
            }
            assert!(tree.path(width).is_none());
        }
    }
}
