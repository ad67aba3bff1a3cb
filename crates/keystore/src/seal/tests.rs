use conclave_gates::snapshot;

use super::*;

const ID: RecordId = RecordId { epoch: 7, key: [1; 32], kind: 2 };

fn sealer() -> Sealer {
    Sealer::new(&[9; 32], [5; 32])
}

fn record() -> Record {
    Record {
        id: ID,
        state: State::Provisional,
        metadata: b"public".to_vec(),
        secret: Secret::from(&b"share"[..]),
    }
}

#[test]
fn opens_what_it_sealed() {
    let value = sealer().seal(&record(), State::Final).unwrap();
    let opened = sealer().open(ID, &value).unwrap();
    assert_eq!(opened.state, State::Final);
    assert_eq!(opened.metadata, b"public");
    assert_eq!(opened.secret.expose(), b"share");
}

#[test]
fn every_flipped_bit_of_a_record_is_detected() {
    let value = sealer().seal(&record(), State::Final).unwrap();
    for position in 0..value.len() {
        for bit in 0..8 {
            let mut altered = value.clone();
            altered[position] ^= 1 << bit;
            assert!(sealer().open(ID, &altered).is_none(), "byte {position} bit {bit}");
        }
    }
}

#[test]
fn every_shortened_record_is_detected() {
    let value = sealer().seal(&record(), State::Final).unwrap();
    for length in 0..value.len() {
        assert!(sealer().open(ID, &value[..length]).is_none(), "{length} bytes");
    }
}

#[test]
fn a_record_opens_only_in_its_own_place() {
    let value = sealer().seal(&record(), State::Final).unwrap();
    for elsewhere in
        [RecordId { epoch: 8, ..ID }, RecordId { key: [2; 32], ..ID }, RecordId { kind: 3, ..ID }]
    {
        assert!(sealer().open(elsewhere, &value).is_none(), "{elsewhere:?}");
    }
}

#[test]
fn a_record_of_another_node_does_not_open_even_under_the_same_key() {
    let value = Sealer::new(&[9; 32], [6; 32]).seal(&record(), State::Final).unwrap();
    assert!(sealer().open(ID, &value).is_none());
}

#[test]
fn sealing_twice_gives_different_bytes() {
    let sealer = sealer();
    assert_ne!(
        sealer.seal(&record(), State::Final).unwrap(),
        sealer.seal(&record(), State::Final).unwrap()
    );
}

#[test]
fn the_records_of_a_format_are_pinned() {
    let sealed = |state| sealer().seal_with(&[3; NONCE_BYTES], &record(), state).unwrap();
    snapshot::assert_pinned(
        env!("CARGO_MANIFEST_DIR"),
        &format!("records-{FORMAT}"),
        [
            ("id", ID.to_bytes().to_vec()),
            ("provisional", sealed(State::Provisional)),
            ("final", sealed(State::Final)),
        ],
    );
}
