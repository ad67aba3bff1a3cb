//! Somebody reads or alters the file while the node is down.

use std::collections::BTreeMap;
use std::path::Path;

use conclave_keystore::*;
use redb::{Database, TableDefinition};

const DATABASE_HEADER_BYTES: usize = 64;
const DATABASE_FLAGS: usize = 9;
const RECORDS: TableDefinition<&[u8; 41], &[u8]> = TableDefinition::new("records");

fn passphrase() -> Passphrase {
    Passphrase::new("of the operator").unwrap()
}

fn id(key: u8) -> RecordId {
    RecordId { epoch: 1, key: [key; 32], kind: 1 }
}

/// Bytes without structure, the same in every run.
fn secret(key: u8) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(u64::from(key) + 1);
    (0..32)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

fn keystore_with(path: &Path, keys: &[u8]) {
    let keystore =
        Keystore::create(path, &passphrase(), [0x4e; 32], DerivationCost::THROW_AWAY).unwrap();
    for &key in keys {
        keystore
            .put(&[Record {
                id: id(key),
                state: State::Final,
                metadata: b"public".to_vec(),
                secret: Secret::new(secret(key)),
            }])
            .unwrap();
    }
}

/// Everything in the keystore, or nothing when it or any record does not open.
fn content(path: &Path) -> Option<BTreeMap<RecordId, Vec<u8>>> {
    let keystore = Keystore::open(path, &passphrase()).ok()?;
    let records = keystore.list(0..=u64::MAX, None).ok()?;
    Some(records.into_iter().map(|record| (record.id, record.secret.expose().to_vec())).collect())
}

#[test]
fn no_secret_lies_in_the_file_in_any_plain_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keystore.redb");
    let keys = [1, 2, 3, 4, 5];
    keystore_with(&path, &keys);
    let file = std::fs::read(&path).unwrap();
    let contains = |needle: &[u8]| file.windows(needle.len()).any(|window| window == needle);

    assert!(contains(b"public"), "the search itself finds what is there");
    assert!(!contains(b"of the operator"));
    for key in keys {
        let secret = secret(key);
        let reversed: Vec<u8> = secret.iter().rev().copied().collect();
        for form in [&secret, &reversed] {
            // Half of a secret is as telling as the whole.
            assert!(!contains(&form[..16]) && !contains(&form[16..]), "raw");
            assert!(!contains(hex::encode(form).as_bytes()), "hex");
            assert!(!contains(hex::encode_upper(form).as_bytes()), "upper-case hex");
        }
    }
}

#[test]
fn a_flipped_bit_is_detected_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("original.redb");
    keystore_with(&original, &[1, 2, 3]);
    let bytes = std::fs::read(&original).unwrap();
    let expected = content(&original).unwrap();
    assert_eq!(expected.len(), 3);

    // A bit of every byte of the database's own header, every bit of its flags, which no checksum
    // covers, and a sample of the pages in use.
    let header = (0..DATABASE_HEADER_BYTES)
        .map(|at| (at, at % 8))
        .chain((0..8).map(|bit| (DATABASE_FLAGS, bit)));
    let used: Vec<usize> =
        (DATABASE_HEADER_BYTES..bytes.len()).filter(|&at| bytes[at] != 0).collect();
    let pages = used.iter().step_by(used.len() / 100 + 1).map(|&at| (at, at % 8));
    let altered_path = folder.path().join("altered.redb");
    let mut detected = 0;
    for (position, bit) in header.chain(pages) {
        let mut altered = bytes.clone();
        altered[position] ^= 1 << bit;
        std::fs::write(&altered_path, &altered).unwrap();
        match content(&altered_path) {
            None => detected += 1,
            Some(found) => assert_eq!(found, expected, "byte {position}, bit {bit}"),
        }
    }
    assert!(detected > 0, "no alteration reached anything that matters");
}

#[test]
fn swapped_records_are_detected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keystore.redb");
    keystore_with(&path, &[1, 2]);
    rewrite(&path, |values| values.swap(0, 1));
    let keystore = Keystore::open(&path, &passphrase()).unwrap();
    for key in [1, 2] {
        assert!(
            matches!(keystore.get(id(key)), Err(KeystoreError::Altered { id: at }) if at == id(key))
        );
    }
    assert!(keystore.list(0..=u64::MAX, None).is_err());
    assert!(matches!(keystore.finalize(&[id(1)]), Err(KeystoreError::Altered { .. })));
}

#[test]
fn altered_metadata_and_state_are_detected() {
    let folder = tempfile::tempdir().unwrap();
    for position in [0, 5] {
        let path = folder.path().join(format!("altered-{position}.redb"));
        keystore_with(&path, &[1]);
        rewrite(&path, |values| values[0][position] ^= 1);
        let keystore = Keystore::open(&path, &passphrase()).unwrap();
        assert!(matches!(keystore.get(id(1)), Err(KeystoreError::Altered { .. })));
    }
}

/// Alters stored values as a thief with a database library would, so that every checksum fits.
fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    use redb::{ReadableTable, WriteTransaction};
    let database = Database::open(path).unwrap();
    let transaction: WriteTransaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(RECORDS).unwrap();
        let entries: Vec<([u8; 41], Vec<u8>)> = table
            .iter()
            .unwrap()
            .map(|entry| entry.map(|(key, value)| (*key.value(), value.value().to_vec())).unwrap())
            .collect();
        let (keys, mut values): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        change(&mut values);
        for (key, value) in keys.iter().zip(&values) {
            table.insert(key, &value[..]).unwrap();
        }
    }
    transaction.commit().unwrap();
}
