use std::fs;

use conclave_content::{Cid, MAX_CODE_BYTES, PutError, ReadError, Store, StoreLimits, Usage};
use tempfile::TempDir;

const ALICE: [u8; 20] = [0xa1; 20];
const BOB: [u8; 20] = [0xb0; 20];

fn store(limits: StoreLimits) -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), limits).unwrap();
    (folder, store)
}

#[test]
fn gives_back_what_was_stored_also_after_reopening() {
    let (folder, store) = store(StoreLimits::default());
    let cid = store.put(ALICE, b"go()").unwrap();
    assert_eq!(cid, Cid::of(b"go()"));
    drop(store);

    let store = Store::open(folder.path(), StoreLimits::default()).unwrap();
    assert_eq!(store.get(&cid).unwrap().as_deref(), Some(&b"go()"[..]));
    assert_eq!(store.usage(&ALICE), Usage { bytes: 4, actions: 1 });
}

#[test]
fn has_nothing_of_an_unknown_name() {
    let (_folder, store) = store(StoreLimits::default());
    assert!(store.get(&Cid::of(b"unknown")).unwrap().is_none());
}

#[test]
fn refuses_to_give_altered_content_and_heals_when_it_is_stored_again() {
    let (folder, store) = store(StoreLimits::default());
    let cid = store.put(ALICE, b"go()").unwrap();
    fs::write(folder.path().join("content").join(cid.to_string()), b"no()").unwrap();
    assert!(matches!(store.get(&cid), Err(ReadError::Altered(altered)) if altered == cid));

    store.put(ALICE, b"go()").unwrap();
    assert_eq!(store.get(&cid).unwrap().as_deref(), Some(&b"go()"[..]));
    assert_eq!(store.usage(&ALICE), Usage { bytes: 4, actions: 1 });
}

#[test]
fn does_not_read_a_file_longer_than_code_may_be() {
    let (folder, store) = store(StoreLimits::default());
    let cid = store.put(ALICE, b"go()").unwrap();
    let file = fs::File::create(folder.path().join("content").join(cid.to_string())).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(matches!(store.get(&cid), Err(ReadError::Altered(_))));
}

#[test]
fn ignores_what_a_crash_left_behind() {
    let (folder, store) = store(StoreLimits::default());
    store.put(ALICE, b"go()").unwrap();
    fs::write(folder.path().join("content/.tmpAbc"), b"half").unwrap();
    fs::create_dir(folder.path().join("accounts/not-an-account")).unwrap();
    let reopened = Store::open(folder.path(), StoreLimits::default()).unwrap();
    assert_eq!(reopened.usage(&ALICE), Usage { bytes: 4, actions: 1 });
}

#[test]
fn stores_code_of_the_greatest_length_and_none_longer() {
    let (_folder, store) = store(StoreLimits::default());
    let mut code = vec![b' '; MAX_CODE_BYTES];
    store.put(ALICE, &code).unwrap();
    code.push(b' ');
    assert!(
        matches!(store.put(ALICE, &code), Err(PutError::TooLong { bytes }) if bytes == MAX_CODE_BYTES + 1)
    );
    assert!(matches!(store.put(ALICE, b""), Err(PutError::Empty)));
}

#[test]
fn holds_each_account_to_its_bytes() {
    let (_folder, store) = store(StoreLimits { account_bytes: 10, ..StoreLimits::default() });
    store.put(ALICE, b"12345").unwrap();
    store.put(ALICE, b"67890").unwrap();
    assert!(matches!(store.put(ALICE, b"x"), Err(PutError::AccountBytes { bytes: 11, quota: 10 })));
    store.put(ALICE, b"12345").expect("what it has stored costs nothing more");
    store.put(BOB, b"x").expect("another account has a quota of its own");
}

#[test]
fn holds_each_account_to_its_number_of_actions() {
    let (_folder, store) = store(StoreLimits { account_actions: 2, ..StoreLimits::default() });
    store.put(ALICE, b"1").unwrap();
    store.put(ALICE, b"2").unwrap();
    assert!(matches!(store.put(ALICE, b"3"), Err(PutError::AccountActions { quota: 2 })));
    store.put(BOB, b"3").unwrap();
    assert!(
        matches!(store.put(ALICE, b"3"), Err(PutError::AccountActions { .. })),
        "also when another stored it"
    );
}

#[test]
fn holds_all_accounts_to_the_total_and_counts_shared_content_once() {
    let (_folder, store) = store(StoreLimits { total_bytes: 6, ..StoreLimits::default() });
    store.put(ALICE, b"12345").unwrap();
    store.put(BOB, b"12345").unwrap();
    store.put(BOB, b"6").unwrap();
    assert!(matches!(store.put(ALICE, b"7"), Err(PutError::Full { quota: 6 })));
    assert_eq!(store.usage(&BOB), Usage { bytes: 6, actions: 2 });
}
