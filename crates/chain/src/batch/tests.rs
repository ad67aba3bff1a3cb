use super::*;

const ROUTER: Address = Address::repeat_byte(0x0a);

fn key(byte: u8) -> EthereumKey {
    EthereumKey::from_bytes(&[byte; 32]).unwrap()
}

fn wallet(byte: u8) -> WalletKey {
    let mut key = [byte; 65];
    key[0] = 4;
    key.try_into().unwrap()
}

fn batch() -> Batch {
    Batch::of_wallets([7; 32], 1, 100, &[wallet(4), wallet(5)]).unwrap()
}

#[test]
fn an_attestation_is_good_for_exactly_its_batch() {
    let attestation = batch().attest(&key(1), 31337, ROUTER);
    assert!(verify_attestation(attestation_digest(31337, ROUTER, &batch()), &attestation));

    let of = |transcript, epoch, expiry, keys: &[WalletKey]| {
        Batch::of_wallets(transcript, epoch, expiry, keys).unwrap()
    };
    let others = [
        ("chain", attestation_digest(31338, ROUTER, &batch())),
        ("router", attestation_digest(31337, Address::ZERO, &batch())),
        (
            "transcript",
            attestation_digest(31337, ROUTER, &of([8; 32], 1, 100, &[wallet(4), wallet(5)])),
        ),
        ("epoch", attestation_digest(31337, ROUTER, &of([7; 32], 2, 100, &[wallet(4), wallet(5)]))),
        (
            "expiry",
            attestation_digest(31337, ROUTER, &of([7; 32], 1, 101, &[wallet(4), wallet(5)])),
        ),
        ("order", attestation_digest(31337, ROUTER, &of([7; 32], 1, 100, &[wallet(5), wallet(4)]))),
        ("count", attestation_digest(31337, ROUTER, &of([7; 32], 1, 100, &[wallet(4)]))),
        ("key type", attestation_digest(31337, ROUTER, &Batch { key_type: 1, ..batch() })),
    ];
    for (name, digest) in others {
        assert!(!verify_attestation(digest, &attestation), "{name}");
    }
}

#[test]
fn only_the_one_encoding_that_the_contract_accepts_verifies() {
    let digest = attestation_digest(31337, ROUTER, &batch());
    let attestation = batch().attest(&key(1), 31337, ROUTER);
    let verifies =
        |signature| verify_attestation(digest, &Attestation { signature, ..attestation });

    let mut parity_only = attestation.signature;
    parity_only[64] -= 27;
    assert!(!verifies(parity_only), "v of 0 or 1");

    let order = U256::from_str_radix(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        16,
    )
    .unwrap();
    let mut high = attestation.signature;
    let s = U256::from_be_slice(&high[32..64]);
    high[32..64].copy_from_slice(&(order - s).to_be_bytes::<32>());
    high[64] = 55 - high[64];
    assert!(!verifies(high), "high s");

    for position in 0..65 {
        let mut altered = attestation.signature;
        altered[position] ^= 1;
        assert!(!verifies(altered), "byte {position}");
    }
    assert!(!verifies([0; 65]));
    assert!(!verifies([0xff; 65]));
}

#[test]
fn nobody_attests_in_another_s_name() {
    let digest = attestation_digest(31337, ROUTER, &batch());
    let attestation =
        Attestation { attester: key(2).address(), ..batch().attest(&key(1), 31337, ROUTER) };
    assert!(!verify_attestation(digest, &attestation));
}

#[test]
fn batch_sizes_are_bounded() {
    let of = |count| Batch::of_wallets([7; 32], 1, 100, &vec![wallet(4); count]);
    assert_eq!(of(0), Err(BatchError { found: 0 }));
    assert!(of(1).is_ok());
    assert!(of(MAX_BATCH_KEYS).is_ok());
    assert_eq!(of(MAX_BATCH_KEYS + 1), Err(BatchError { found: MAX_BATCH_KEYS + 1 }));
}
