//! What is on disk: the bytes of each kind of record, and a keystore of an earlier version.

use super::*;
use crate::identity;
use conclave_gates::snapshot;
use conclave_keystore::{DerivationCost, Passphrase};
use conclave_threshold::party::PartyId;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::deal_key;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Of the records that a node keeps. Keystores with these are opened for ever.
const RECORDS: &str = "records-1";
const TRANSCRIPT: [u8; 32] = [5; 32];
const EXPIRY: u64 = 700;
const EPOCH: u64 = 3;

struct Shares {
    wallets: Vec<KeyShare<Secp256k1>>,
    network_key: KeyShare<Bls12381G1>,
}

fn shares() -> Shares {
    let mut randomness = Randomness::from_seed([4; 32]);
    let ids: Vec<PartyId> = (1..=3).filter_map(PartyId::new).collect();
    let mut own = |_| deal_key::<Secp256k1>(2, &ids, &mut randomness).remove(&ids[0]).unwrap();
    let wallets = (0..2).map(&mut own).collect();
    let network_key = deal_key::<Bls12381G1>(2, &ids, &mut randomness).remove(&ids[0]).unwrap();
    Shares { wallets, network_key }
}

fn passphrase() -> Passphrase {
    Passphrase::new("a passphrase that is no secret").unwrap()
}

/// A node's folder with its own keys, two wallets' shares of which one is final, and a share of the
/// network's key.
fn fill(folder: &Path) -> KeyBook {
    identity::create(folder, &passphrase(), DerivationCost::THROW_AWAY).unwrap();
    let (keystore, _) = identity::open(folder, &passphrase()).unwrap();
    let book = KeyBook::open(Arc::new(keystore), EPOCH).unwrap();
    let Shares { wallets, network_key } = shares();
    book.keep_wallets(&TRANSCRIPT, EXPIRY, &wallets).unwrap();
    book.keep_network_key(&TRANSCRIPT, EXPIRY, &network_key).unwrap();
    let first = wallet_key(&wallets[0]).unwrap().token_id().to_be_bytes();
    book.finalize(&[RecordId { epoch: EPOCH, key: first, kind: WALLET }]).unwrap();
    book
}

#[test]
fn the_records_of_shares_are_pinned() {
    let folder = tempfile::tempdir().unwrap();
    let book = fill(folder.path());
    let mut records = book.keystore.list(EPOCH..=EPOCH, None).unwrap();
    records.sort_by_key(|record| (record.id.kind, record.id.key));
    assert_eq!(
        records.iter().map(|r| r.id.kind).collect::<Vec<_>>(),
        [WALLET, WALLET, NETWORK_KEY]
    );
    let pinned = records.into_iter().flat_map(|listed| {
        let record = book.keystore.get(listed.id).unwrap().unwrap();
        let kind = if listed.id.kind == WALLET { "wallet" } else { "network key" };
        [
            (format!("{kind}, id"), [&[listed.id.kind][..], &listed.id.key].concat()),
            (format!("{kind}, metadata"), record.metadata.clone()),
            (format!("{kind}, secret"), record.secret.expose().to_vec()),
        ]
    });
    snapshot::assert_pinned(env!("CARGO_MANIFEST_DIR"), RECORDS, pinned);
}

const LINE: usize = 64;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/keystore-1.txt")
}

/// Lines of what is not zero in a keystore's file: where, and the bytes.
fn written(file: &[u8]) -> String {
    let mut lines = format!("{}\n", file.len());
    for (at, line) in file.chunks(LINE).enumerate().filter(|(_, line)| line.iter().any(|b| *b > 0))
    {
        writeln!(lines, "{} {}", at * LINE, hex::encode(line)).unwrap();
    }
    lines
}

fn read(lines: &str) -> Vec<u8> {
    let (length, lines) = lines.split_once('\n').unwrap();
    let mut file = vec![0; length.parse().unwrap()];
    for line in lines.lines() {
        let (at, bytes) = line.split_once(' ').unwrap();
        let (at, bytes) = (at.parse::<usize>().unwrap(), hex::decode(bytes).unwrap());
        file[at..at + bytes.len()].copy_from_slice(&bytes);
    }
    file
}

/// The file was written once, and is never written again.
#[test]
fn a_keystore_of_version_1_opens_with_its_shares_and_their_states() {
    let folder = tempfile::tempdir().unwrap();
    let path = identity::keystore_path(folder.path());
    if !fixture().exists() && std::env::var_os("RECORD_SNAPSHOTS").is_some() {
        drop(fill(folder.path()));
        std::fs::write(fixture(), written(&std::fs::read(&path).unwrap())).unwrap();
        std::fs::remove_file(&path).unwrap();
    }
    std::fs::write(&path, read(&std::fs::read_to_string(fixture()).unwrap())).unwrap();
    let (keystore, identity) = identity::open(folder.path(), &passphrase()).unwrap();
    assert_eq!(identity.public().identity, keystore.node());
    let book = KeyBook::open(Arc::new(keystore), EPOCH).unwrap();
    let Shares { wallets, network_key } = shares();
    for share in &wallets {
        let token = wallet_key(share).unwrap().token_id().to_be_bytes();
        let kept = book.wallet(&token).unwrap().unwrap();
        assert_eq!(*kept.encode_secret(), *share.encode_secret());
        assert_eq!(kept.encode_public(), share.encode_public());
    }
    let waiting: Vec<_> = book.provisional().into_iter().map(|share| share.id.kind).collect();
    assert_eq!(waiting, [WALLET, NETWORK_KEY], "one wallet is final");
    let mut name = [0; 32];
    name.copy_from_slice(&network_key.public_key().encoded()[..32]);
    let id = RecordId { epoch: EPOCH, key: name, kind: NETWORK_KEY };
    let record = book.keystore.get(id).unwrap().unwrap();
    assert_eq!(record.secret.expose(), &network_key.encode_secret()[..]);
    assert!(book.wallet(&[0; 32]).unwrap().is_none());
}
