//! Wycheproof's ChaCha20-Poly1305, through the cipher that ciphertexts for a wallet's key are made
//! with.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use wycheproof::TestResult;
use wycheproof::aead::{TestName, TestSet};

#[test]
fn every_valid_vector_opens_and_seals_and_every_invalid_one_is_refused() {
    let set = TestSet::load(TestName::ChaCha20Poly1305).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let sealed = [&test.ct[..], &test.tag[..]].concat();
        // A nonce of another length is none.
        let opened = Nonce::try_from(&test.nonce[..]).ok().and_then(|nonce| {
            let cipher = ChaCha20Poly1305::new_from_slice(&test.key).unwrap();
            let again = cipher.encrypt(&nonce, Payload { msg: &test.pt, aad: &test.aad }).unwrap();
            assert!(
                again == sealed || test.result == TestResult::Invalid,
                "vector {}: {}",
                test.tc_id,
                test.comment
            );
            cipher.decrypt(&nonce, Payload { msg: &sealed, aad: &test.aad }).ok()
        });
        let expected = (test.result == TestResult::Valid).then(|| test.pt.to_vec());
        assert_eq!(opened, expected, "vector {}: {}", test.tc_id, test.comment);
        if expected.is_some() { valid += 1 } else { invalid += 1 }
    }
    assert!(valid > 200 && invalid > 50, "{valid} valid and {invalid} invalid vectors");
}
