//! A single file as a balanced tree of UnixFS nodes in dag-pb, as `ipfs add` builds it with its
//! default options.

use crate::Cid;

const CHUNK_BYTES: usize = 256 * 1024;
const LINKS_PER_NODE: usize = 174;

/// A node that already has a parent's view of it.
struct Link {
    cid: Cid,
    /// Bytes of the file below this node.
    content_bytes: u64,
    /// Bytes of this node and all below it, as encoded.
    tree_bytes: u64,
}

/// The CID of the root of the tree.
pub(crate) fn root(content: &[u8]) -> Cid {
    let mut level: Vec<Link> = match content {
        [] => vec![leaf(&[])],
        _ => content.chunks(CHUNK_BYTES).map(leaf).collect(),
    };
    // A level has at least one node, and fewer than the one below.
    loop {
        if let [root] = level.as_slice() {
            return root.cid;
        }
        level = level.chunks(LINKS_PER_NODE).map(parent).collect();
    }
}

fn leaf(chunk: &[u8]) -> Link {
    let mut node = Vec::new();
    put_bytes(&mut node, PB_DATA, &unixfs_file(chunk, chunk.len() as u64, &[]));
    Link {
        cid: Cid::of_node(&node),
        content_bytes: chunk.len() as u64,
        tree_bytes: node.len() as u64,
    }
}

fn parent(children: &[Link]) -> Link {
    let content_bytes = children.iter().map(|child| child.content_bytes).sum();
    let block_sizes: Vec<u64> = children.iter().map(|child| child.content_bytes).collect();

    // dag-pb encodes the links before the data, against the order of their field numbers.
    let mut node = Vec::new();
    for child in children {
        let mut link = Vec::new();
        put_bytes(&mut link, LINK_HASH, &child.cid.multihash());
        put_bytes(&mut link, LINK_NAME, b"");
        put_number(&mut link, LINK_TREE_SIZE, child.tree_bytes);
        put_bytes(&mut node, PB_LINKS, &link);
    }
    put_bytes(&mut node, PB_DATA, &unixfs_file(&[], content_bytes, &block_sizes));

    let below: u64 = children.iter().map(|child| child.tree_bytes).sum();
    Link { cid: Cid::of_node(&node), content_bytes, tree_bytes: below + node.len() as u64 }
}

fn unixfs_file(data: &[u8], file_bytes: u64, block_sizes: &[u64]) -> Vec<u8> {
    let mut file = Vec::with_capacity(data.len() + 16);
    put_number(&mut file, UNIXFS_TYPE, UNIXFS_TYPE_FILE);
    if !data.is_empty() {
        put_bytes(&mut file, UNIXFS_DATA, data);
    }
    put_number(&mut file, UNIXFS_FILE_SIZE, file_bytes);
    for &size in block_sizes {
        put_number(&mut file, UNIXFS_BLOCK_SIZES, size);
    }
    file
}

// Field numbers of the two protobuf messages.
const PB_DATA: u64 = 1;
const PB_LINKS: u64 = 2;
const LINK_HASH: u64 = 1;
const LINK_NAME: u64 = 2;
const LINK_TREE_SIZE: u64 = 3;
const UNIXFS_TYPE: u64 = 1;
const UNIXFS_DATA: u64 = 2;
const UNIXFS_FILE_SIZE: u64 = 3;
const UNIXFS_BLOCK_SIZES: u64 = 4;

const UNIXFS_TYPE_FILE: u64 = 2;

fn put_number(out: &mut Vec<u8>, field: u64, value: u64) {
    put_varint(out, field << 3);
    put_varint(out, value);
}

fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(out, field << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
