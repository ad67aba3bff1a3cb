//! What a node may rely on when it keeps its secrets in a keystore.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use conclave_keystore::*;
use tempfile::TempDir;

const NODE: [u8; 32] = [0x4e; 32];

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keystore.redb")
    }

    fn create(&self) -> Keystore {
        Keystore::create(&self.path(), &passphrase("right"), NODE, DerivationCost::THROW_AWAY)
            .unwrap()
    }

    fn open(&self) -> Keystore {
        Keystore::open(&self.path(), &passphrase("right")).unwrap()
    }
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).unwrap()
}

fn id(epoch: u64, key: u8) -> RecordId {
    RecordId { epoch, key: [key; 32], kind: 1 }
}

fn record(id: RecordId) -> Record {
    Record {
        id,
        state: State::Provisional,
        metadata: format!("commitments of {}", id.key[0]).into_bytes(),
        secret: Secret::new(vec![id.key[0]; 32]),
    }
}

#[test]
fn records_survive_a_restart() {
    let place = Place::new();
    let keystore = place.create();
    keystore.put(&[record(id(1, 1)), record(id(1, 2))]).unwrap();
    keystore.finalize(&[id(1, 2)]).unwrap();
    drop(keystore);

    let keystore = place.open();
    assert_eq!(keystore.node(), NODE);
    let first = keystore.get(id(1, 1)).unwrap().unwrap();
    let second = keystore.get(id(1, 2)).unwrap().unwrap();
    assert_eq!((first.state, first.secret.expose()), (State::Provisional, &[1; 32][..]));
    assert_eq!((second.state, second.secret.expose()), (State::Final, &[2; 32][..]));
    assert_eq!(second.metadata, b"commitments of 2");
    assert!(keystore.get(id(2, 2)).unwrap().is_none());
}

#[test]
fn a_wrong_passphrase_has_its_own_error() {
    let place = Place::new();
    drop(place.create());
    assert!(matches!(
        Keystore::open(&place.path(), &passphrase("wrong")),
        Err(OpenError::WrongPassphrase)
    ));
}

#[test]
fn the_passphrase_can_change_without_touching_the_records() {
    let place = Place::new();
    let keystore = place.create();
    keystore.put(&[record(id(1, 1))]).unwrap();
    let new = passphrase("another");
    let refused =
        keystore.change_passphrase(&passphrase("wrong"), &new, DerivationCost::THROW_AWAY);
    assert!(matches!(refused, Err(KeystoreError::WrongPassphrase)));
    keystore.change_passphrase(&passphrase("right"), &new, DerivationCost::THROW_AWAY).unwrap();
    drop(keystore);

    assert!(matches!(
        Keystore::open(&place.path(), &passphrase("right")),
        Err(OpenError::WrongPassphrase)
    ));
    let keystore = Keystore::open(&place.path(), &new).unwrap();
    assert_eq!(keystore.get(id(1, 1)).unwrap().unwrap().secret.expose(), [1; 32]);
}

#[test]
fn a_second_opener_is_refused() {
    let place = Place::new();
    let keystore = place.create();
    assert!(matches!(Keystore::open(&place.path(), &passphrase("right")), Err(OpenError::InUse)));
    drop(keystore);
    place.open();
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let place = Place::new();
    place.create().put(&[record(id(1, 1))]).unwrap();
    let again =
        Keystore::create(&place.path(), &passphrase("right"), NODE, DerivationCost::THROW_AWAY);
    assert!(matches!(again, Err(CreateError::AlreadyExists)));
    assert!(place.open().get(id(1, 1)).unwrap().is_some());
}

#[test]
fn an_interrupted_creation_is_no_obstacle() {
    let place = Place::new();
    std::fs::write(place.folder.path().join("keystore.redb.partial"), b"half").unwrap();
    place.create();
    assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), 1);
}

#[test]
fn only_the_user_may_read_the_file() {
    let place = Place::new();
    let _keystore = place.create();
    assert_eq!(std::fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_missing_or_foreign_file_is_an_error() {
    let place = Place::new();
    assert!(matches!(
        Keystore::open(&place.path(), &passphrase("right")),
        Err(OpenError::NotFound)
    ));
    for content in [&b""[..], b"not a keystore", &[0; 8192]] {
        std::fs::write(place.path(), content).unwrap();
        let opened = Keystore::open(&place.path(), &passphrase("right"));
        assert!(matches!(opened, Err(OpenError::Damaged(_))), "{opened:?}");
    }
}

#[test]
fn a_cost_outside_the_limits_creates_nothing() {
    let place = Place::new();
    let cost = DerivationCost { memory_kib: MAX_MEMORY_KIB + 1, ..DerivationCost::STANDARD };
    let created = Keystore::create(&place.path(), &passphrase("right"), NODE, cost);
    assert!(matches!(created, Err(CreateError::CostOutOfRange)));
    assert!(!place.path().exists());
}

#[test]
fn a_batch_is_written_whole_or_not_at_all() {
    let place = Place::new();
    let keystore = place.create();
    keystore.put(&[record(id(1, 3))]).unwrap();

    let clash = keystore.put(&[record(id(1, 1)), record(id(1, 2)), record(id(1, 3))]);
    assert!(
        matches!(clash, Err(KeystoreError::Record(RecordError::AlreadyExists { id: at })) if at == id(1, 3))
    );
    let twice = keystore.put(&[record(id(1, 1)), record(id(1, 1))]);
    assert!(matches!(twice, Err(KeystoreError::Record(RecordError::AlreadyExists { .. }))));
    assert_eq!(keystore.list(0..=u64::MAX, None).unwrap().len(), 1);

    let missing = keystore.finalize(&[id(1, 3), id(1, 4)]);
    assert!(
        matches!(missing, Err(KeystoreError::Record(RecordError::NotFound { id: at })) if at == id(1, 4))
    );
    assert_eq!(keystore.get(id(1, 3)).unwrap().unwrap().state, State::Provisional);

    let missing =
        keystore.set_metadata(&[(id(1, 3), b"new".to_vec()), (id(1, 4), b"new".to_vec())]);
    assert!(matches!(missing, Err(KeystoreError::Record(RecordError::NotFound { .. }))));
    assert_eq!(keystore.get(id(1, 3)).unwrap().unwrap().metadata, b"commitments of 3");
}

#[test]
fn a_record_is_never_overwritten() {
    let place = Place::new();
    let keystore = place.create();
    keystore.put(&[record(id(1, 1))]).unwrap();
    let other = Record { secret: Secret::new(vec![9; 32]), ..record(id(1, 1)) };
    assert!(keystore.put(&[other]).is_err());
    assert_eq!(keystore.get(id(1, 1)).unwrap().unwrap().secret.expose(), [1; 32]);
}

#[test]
fn metadata_can_be_replaced_and_finality_is_kept() {
    let place = Place::new();
    let keystore = place.create();
    keystore.put(&[record(id(1, 1))]).unwrap();
    keystore.finalize(&[id(1, 1)]).unwrap();
    keystore.set_metadata(&[(id(1, 1), b"with certificate".to_vec())]).unwrap();
    let record = keystore.get(id(1, 1)).unwrap().unwrap();
    assert_eq!((record.state, &record.metadata[..]), (State::Final, &b"with certificate"[..]));
    assert_eq!(record.secret.expose(), [1; 32]);
}

#[test]
fn erased_records_are_gone_after_a_restart() {
    let place = Place::new();
    let keystore = place.create();
    keystore.put(&[record(id(1, 1)), record(id(1, 2))]).unwrap();
    assert_eq!(keystore.erase(&[id(1, 1), id(1, 9)]).unwrap(), 1);
    drop(keystore);
    let keystore = place.open();
    assert!(keystore.get(id(1, 1)).unwrap().is_none());
    assert!(keystore.get(id(1, 2)).unwrap().is_some());
}

#[test]
fn listing_is_ordered_bounded_and_resumable() {
    let place = Place::new();
    let keystore = place.create();
    let ids: Vec<_> = (0..=MAX_LISTED_RECORDS as u64)
        .map(|number| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            RecordId { epoch: 5, key, kind: 0 }
        })
        .collect();
    keystore.put(&ids.iter().copied().map(record).collect::<Vec<_>>()).unwrap();
    keystore.put(&[record(id(4, 0)), record(id(6, 0))]).unwrap();

    let listed = |after| -> Vec<RecordId> {
        keystore.list(5..=5, after).unwrap().into_iter().map(|record| record.id).collect()
    };
    let first = listed(None);
    assert_eq!(first, ids[..MAX_LISTED_RECORDS]);
    assert_eq!(listed(first.last().copied()), ids[MAX_LISTED_RECORDS..]);
    assert!(listed(ids.last().copied()).is_empty());
    assert!(listed(Some(id(6, 0))).is_empty());
    assert_eq!(listed(Some(id(4, 0)))[0], ids[0]);
    assert_eq!(keystore.list(6..=u64::MAX, None).unwrap().len(), 1);
}

#[test]
fn limits_hold_at_n_and_refuse_n_plus_one() {
    let place = Place::new();
    let keystore = place.create();
    let sized = |key, secret, metadata| Record {
        secret: Secret::new(vec![7; secret]),
        metadata: vec![8; metadata],
        ..record(id(1, key))
    };
    keystore.put(&[sized(1, MAX_SECRET_BYTES, MAX_METADATA_BYTES)]).unwrap();
    assert_eq!(keystore.get(id(1, 1)).unwrap().unwrap().secret.expose().len(), MAX_SECRET_BYTES);
    let refused = keystore.put(&[sized(2, MAX_SECRET_BYTES + 1, 0)]);
    assert!(matches!(refused, Err(KeystoreError::Record(RecordError::SecretTooLong { .. }))));
    let refused = keystore.put(&[sized(2, 0, MAX_METADATA_BYTES + 1)]);
    assert!(matches!(refused, Err(KeystoreError::Record(RecordError::MetadataTooLong { .. }))));
    let refused = keystore.set_metadata(&[(id(1, 1), vec![0; MAX_METADATA_BYTES + 1])]);
    assert!(matches!(refused, Err(KeystoreError::Record(RecordError::MetadataTooLong { .. }))));

    let many = |count: usize| vec![id(9, 9); count];
    assert_eq!(keystore.erase(&many(MAX_BATCH_RECORDS)).unwrap(), 0);
    let refused = keystore.erase(&many(MAX_BATCH_RECORDS + 1));
    assert!(matches!(refused, Err(KeystoreError::Record(RecordError::BatchTooLarge { .. }))));
}

#[test]
fn passphrase_lengths_are_bounded() {
    assert_eq!(Passphrase::new("").unwrap_err(), PassphraseError::Empty);
    assert!(Passphrase::new("p".repeat(MAX_PASSPHRASE_BYTES)).is_ok());
    assert_eq!(
        Passphrase::new("p".repeat(MAX_PASSPHRASE_BYTES + 1)).unwrap_err(),
        PassphraseError::TooLong
    );
}

#[test]
fn nothing_secret_is_printed() {
    let place = Place::new();
    let keystore = place.create();
    let record = Record { secret: Secret::from(&b"needle"[..]), ..record(id(1, 1)) };
    let printed = format!("{keystore:?} {record:?} {:?}", passphrase("needle"));
    assert!(!printed.contains("needle"));
    assert!(!printed.contains("110, 101, 101, 100"), "{printed}");
}
