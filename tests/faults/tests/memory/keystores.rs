//! Whole keys, put together from copies of the nodes' keystores. Nothing but this test ever does
//! that.

use crate::needles::{self, Needle};
use conclave_faults::{NODES, Site};
use conclave_keystore::{Keystore, OpenError, Passphrase, Record};
use conclave_threshold::codec::Encode;
use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1, lagrange_at};
use conclave_threshold::key::KeyShare;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// The kinds of the nodes' records.
const WALLET: u8 = 16;
const NETWORK_KEY: u8 = 17;

/// A key, and all that would give it away.
pub struct WholeKey {
    /// The public key in hex.
    pub name: String,
    pub needles: Vec<Needle>,
}

/// Opens a copy, because the node has the file itself.
fn records_of(site: &Site, node: u16) -> Vec<Record> {
    const ATTEMPTS: usize = 20;
    let folder = site.node_folder(node);
    let passphrase = fs::read_to_string(folder.join("passphrase")).unwrap();
    let copy = site.scratch().join(format!("keystore-{node}.redb"));
    for _ in 0..ATTEMPTS {
        fs::copy(folder.join("keystore.redb"), &copy).unwrap();
        match Keystore::open(&copy, &Passphrase::new(passphrase.trim_end()).unwrap()) {
            Ok(keystore) => return keystore.list(1..=u64::MAX, None).unwrap(),
            // Copied while the node was writing.
            Err(OpenError::Damaged(_)) => std::thread::sleep(Duration::from_millis(100)),
            Err(error) => panic!("the copy of node {node}'s keystore: {error}"),
        }
    }
    panic!("no intact copy of node {node}'s keystore in {ATTEMPTS} attempts");
}

/// The public key and the share. Metadata is: transcript (32 bytes), expiry (8), length of the
/// public key (2), public key, public part of the share.
fn read<C: Curve>(record: &Record) -> (Vec<u8>, KeyShare<C>) {
    let rest = &record.metadata[40..];
    let (public_key, public) =
        rest[2..].split_at(usize::from(u16::from_be_bytes([rest[0], rest[1]])));
    (public_key.to_vec(), KeyShare::decode(public, record.secret.expose()).unwrap())
}

/// By public key, the shares of all nodes that have one.
fn shares<C: Curve>(site: &Site, kind: u8) -> BTreeMap<Vec<u8>, Vec<KeyShare<C>>> {
    let mut shares: BTreeMap<Vec<u8>, Vec<KeyShare<C>>> = BTreeMap::new();
    for node in 1..=NODES {
        for record in records_of(site, node).iter().filter(|record| record.id.kind == kind) {
            let (public_key, share) = read::<C>(record);
            shares.entry(public_key).or_default().push(share);
        }
    }
    shares
}

fn interpolate<C: Curve>(shares: &[KeyShare<C>]) -> C::Scalar {
    let ids: Vec<u64> = shares.iter().map(|share| u64::from(share.me().number())).collect();
    shares
        .iter()
        .zip(&ids)
        .map(|(share, id)| lagrange_at::<C>(*id, &ids, 0).unwrap() * share.share().0)
        .sum()
}

/// The keys of which as many shares are there as it takes. Of one that is generated at this moment
/// there may be fewer.
fn keys<C: Curve>(site: &Site, kind: u8) -> Vec<WholeKey> {
    let shares = shares::<C>(site, kind);
    let enough = shares.iter().filter(|(_, shares)| shares.len() >= shares[0].threshold());
    let whole = enough.map(|(name, shares)| {
        let key = interpolate(&shares[..shares[0].threshold()]);
        assert_eq!(
            C::generator_times(&key).encoded(),
            shares[0].public_key().encoded(),
            "the shares make the key"
        );
        let name = hex::encode(name);
        WholeKey { needles: needles::of::<C>(&format!("the {} key {name}", C::NAME), &key), name }
    });
    whole.collect()
}

/// All wallet keys, minted or not, and the network's own.
pub fn whole_keys(site: &Site) -> Vec<WholeKey> {
    let network = keys::<Bls12381G1>(site, NETWORK_KEY);
    assert_eq!(network.len(), 1, "a network has one key of its own");
    keys::<Secp256k1>(site, WALLET).into_iter().chain(network).collect()
}

/// Each node's share of one wallet key.
pub fn shares_of(site: &Site, public_key: &[u8]) -> Vec<(u16, k256::Scalar)> {
    let shares = shares::<Secp256k1>(site, WALLET).remove(public_key).unwrap_or_default();
    shares.iter().map(|share| (share.me().number(), share.share().0)).collect()
}
