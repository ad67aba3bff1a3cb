//! EIP-4361 and EIP-191 as texts: what is read is what was written, limits hold, and nothing that
//! anybody sends panics.

use conclave_auth::siwe::{MAX_NONCE_CHARACTERS, MAX_SIWE_BYTES, MAX_SIWE_RESOURCES};
use conclave_auth::{
    AuthSig, Needed, Policy, SignatureFault, SiweFault, SiweMessage, Timestamp, Wallet,
    authenticate_session, authenticate_wallet, recover_personal,
};
use proptest::prelude::*;
use time::OffsetDateTime;

fn timestamp() -> Timestamp {
    Timestamp::parse("2026-11-20T07:45:34.545Z").expect("a timestamp")
}

fn message() -> SiweMessage {
    SiweMessage {
        scheme: None,
        domain: "localhost".into(),
        address: [0x5a; 20],
        statement: None,
        uri: "https://localhost/login".into(),
        chain_id: 1,
        nonce: "12345678".into(),
        issued_at: timestamp(),
        expiration_time: None,
        not_before: None,
        request_id: None,
        resources: Vec::new(),
    }
}

fn read(message: &SiweMessage) -> Result<(), SiweFault> {
    SiweMessage::parse(&message.to_string()).map(drop)
}

#[test]
fn reads_the_example_of_the_eip() {
    let text = "https://example.com wants you to sign in with your Ethereum account:\n\
        0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2\n\n\
        I accept the ExampleOrg Terms of Service: https://example.com/tos\n\n\
        URI: https://example.com/login\nVersion: 1\nChain ID: 1\nNonce: 32891756\nIssued At: 2021-09-30T16:25:24Z\n\
        Resources:\n- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/\n- https://example.com/my-web2-claim.json";
    let message = SiweMessage::parse(text).expect("well-formed");
    assert_eq!(
        (message.scheme.as_deref(), message.domain.as_str()),
        (Some("https"), "example.com")
    );
    assert_eq!(
        (message.chain_id, message.nonce.as_str(), message.resources.len()),
        (1, "32891756", 2)
    );
    assert_eq!(message.to_string(), text);
}

#[test]
fn limits_of_a_message_hold_to_the_last_byte() {
    let padded = |length: usize| {
        let empty = SiweMessage { request_id: Some(String::new()), ..message() };
        let room = length - empty.to_string().len();
        read(&SiweMessage { request_id: Some("a".repeat(room)), ..message() })
    };
    assert_eq!(padded(MAX_SIWE_BYTES), Ok(()));
    assert_eq!(padded(MAX_SIWE_BYTES + 1), Err(SiweFault::TooLong));

    let resources =
        |count| read(&SiweMessage { resources: vec!["a:b".into(); count], ..message() });
    assert_eq!(resources(MAX_SIWE_RESOURCES), Ok(()));
    assert_eq!(resources(MAX_SIWE_RESOURCES + 1), Err(SiweFault::TooManyResources));

    let nonce = |length| read(&SiweMessage { nonce: "a".repeat(length), ..message() });
    assert_eq!((nonce(8), nonce(MAX_NONCE_CHARACTERS)), (Ok(()), Ok(())));
    let malformed = Err(SiweFault::Malformed("Nonce"));
    assert_eq!((nonce(7), nonce(MAX_NONCE_CHARACTERS + 1)), (malformed.clone(), malformed));
}

#[test]
fn a_fault_names_the_part() {
    let text = message().to_string();
    let cases = [
        ("", "header line"),
        ("localhost wants you to sign in with your Ethereum account:", "address"),
        (&text.replacen("\n\n\n", "\n\n", 1), "empty line before the URI"),
        (&text.replacen("\nVersion: 1", "", 1), "Version"),
        (&text.replacen("\nVersion: 1", "\nversion: 1", 1), "Version"),
        (&text.replacen("\nIssued At: ", "\nIssued At:", 1), "Issued At"),
    ];
    for (text, part) in cases {
        assert_eq!(SiweMessage::parse(text), Err(SiweFault::Missing(part)), "{text:?}");
    }
    assert_eq!(SiweMessage::parse(&format!("{text}\n")), Err(SiweFault::Trailing));
    assert_eq!(
        SiweMessage::parse(&text.replacen("Chain ID: 1", "Chain ID: 01", 1)),
        Err(SiweFault::Malformed("Chain ID"))
    );
}

#[test]
fn a_wallet_signature_has_one_spelling_of_its_scalar_and_two_of_its_parity() {
    let wallet = Wallet::from_secret(&[0x42; 32]).expect("a secret key");
    for text in ["", "a", "two\nlines", "ünïcode"] {
        let signature = wallet.sign_personal(text);
        assert_eq!(recover_personal(text, &signature), Ok(wallet.address()));
        let bare = signature.replace("1b", "00").replace("1c", "01");
        let (scalars, parity) = (signature.get(..130).expect("hex"), bare.get(130..).expect("hex"));
        assert_eq!(recover_personal(text, &format!("{scalars}{parity}")), Ok(wallet.address()));
        for v in ["02", "1a", "1d", "25", "ff"] {
            assert_eq!(
                recover_personal(text, &format!("{scalars}{v}")),
                Err(SignatureFault::Unreadable)
            );
        }
        assert_ne!(recover_personal("another text", &signature), Ok(wallet.address()));
    }
}

#[test]
fn secrets_out_of_range_are_no_wallets() {
    assert!(Wallet::from_secret(&[0; 32]).is_err());
    assert!(Wallet::from_secret(&[0xff; 32]).is_err());
}

fn any_message() -> impl Strategy<Value = SiweMessage> {
    let word = "[a-z][a-z0-9.-]{0,20}";
    let parts = (
        (
            proptest::option::of("[a-z][a-z0-9+.-]{0,5}"),
            word,
            any::<[u8; 20]>(),
            proptest::option::of("[ -!#$&-;=?-Z_a-z~]{1,60}"),
        ),
        ("[a-z]{1,5}:[a-z0-9/?@.-]{0,30}", any::<u64>(), "[A-Za-z0-9]{8,66}"),
        (any::<bool>(), any::<bool>(), proptest::option::of("[a-z0-9:@-]{0,20}")),
        proptest::collection::vec("[a-z]{1,5}:[a-z0-9/?@.-]{0,30}", 0..4),
    );
    parts.prop_map(
        |(
            (scheme, domain, address, statement),
            (uri, chain_id, nonce),
            (ends, begins, request_id),
            resources,
        )| {
            let (expiration_time, not_before) = (ends.then(timestamp), begins.then(timestamp));
            SiweMessage {
                scheme,
                domain,
                address,
                statement,
                uri,
                chain_id,
                nonce,
                issued_at: timestamp(),
                expiration_time,
                not_before,
                request_id,
                resources,
            }
        },
    )
}

proptest! {
    #[test]
    fn every_message_is_read_as_it_was_written(message in any_message()) {
        prop_assert_eq!(SiweMessage::parse(&message.to_string()), Ok(message));
    }

    #[test]
    fn what_is_accepted_is_written_back_byte_for_byte(message in any_message(), at in any::<prop::sample::Index>(), with in ".?") {
        let text = message.to_string();
        let cut = at.index(text.len());
        let altered = format!("{}{with}{}", &text[..cut], &text[cut + 1..]);
        if let Ok(read) = SiweMessage::parse(&altered) {
            prop_assert_eq!(read.to_string(), altered);
        }
    }

    #[test]
    fn nothing_that_anybody_sends_panics(sig in ".{0,140}", derived in 0..3_usize, text in ".{0,200}", address in ".{0,70}") {
        let kinds = ["litSessionSignViaNacl", "web3.eth.personal.sign", "lit.bls"];
        let auth_sig = AuthSig {
            sig, derived_via: kinds[derived].into(), signed_message: text, address, algo: Some("ed25519".into()),
        };
        let policy = Policy::for_node(["http://127.0.0.1:7470"]).expect("a URL");
        let needed = Needed::PkpSigning { token_id: [0; 32] };
        for now in [OffsetDateTime::UNIX_EPOCH, time::PrimitiveDateTime::MAX.assume_utc(), time::PrimitiveDateTime::MIN.assume_utc()] {
            prop_assert!(authenticate_session(&auth_sig, &needed, &policy, now).is_err());
            prop_assert!(authenticate_wallet(&auth_sig, &policy, now).is_err());
        }
    }
}
