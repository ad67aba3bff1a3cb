//! The unaltered session is accepted; with any one field altered it is refused, by the check of
//! that field.

use std::collections::BTreeSet;

use conclave_auth::testing::{SessionCase, altered_sessions, unaltered_session};
use conclave_auth::{Needed, Policy, Wallet, authenticate_session};
use conclave_wire::{AuthSig, ErrorCode};
use time::OffsetDateTime;

const URL: &str = "http://127.0.0.1:7470";

fn case(needed: Needed) -> SessionCase {
    SessionCase {
        wallet: Wallet::from_secret(&[0x42; 32]).expect("a secret key"),
        node_url: URL.into(),
        needed,
        now: OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a moment"),
    }
}

fn cases() -> [SessionCase; 2] {
    let cid = "QmSMaw2wTp3Bm5mpumNAw34jQ6AVvVXzhYAqVEypWLFpM7".into();
    [case(Needed::PkpSigning { token_id: [0xab; 32] }), case(Needed::ActionExecution { cid })]
}

fn verdict(case: &SessionCase, auth_sig: &AuthSig) -> Result<(), (String, ErrorCode)> {
    let policy = Policy::for_node([URL]).expect("a URL");
    authenticate_session(auth_sig, &case.needed, &policy, case.now)
        .map(drop)
        .map_err(|error| (error.field.clone(), error.code()))
}

#[test]
fn the_unaltered_session_is_accepted() {
    for case in cases() {
        assert_eq!(verdict(&case, &unaltered_session(&case)), Ok(()));
    }
}

#[test]
fn each_altered_session_is_refused_for_the_altered_field_with_its_code() {
    for case in cases() {
        for altered in altered_sessions(&case) {
            let (field, code) = verdict(&case, &altered.auth_sig).expect_err(altered.name);
            assert!(
                field.ends_with(altered.field),
                "{}: blames {field} instead of {}",
                altered.name,
                altered.field
            );
            assert_eq!(code, altered.code, "{}: {field}", altered.name);
        }
    }
}

#[test]
fn the_table_is_long_and_no_two_rows_are_alike() {
    let [case, _] = cases();
    let rows = altered_sessions(&case);
    let good = unaltered_session(&case);
    assert!(rows.len() >= 100, "{} rows", rows.len());
    assert!(rows.iter().all(|row| row.auth_sig != good), "every row differs from the good session");
    let names: BTreeSet<_> = rows.iter().map(|row| row.name).collect();
    let sessions: BTreeSet<_> =
        rows.iter().map(|row| format!("{:?}", serde_json::to_string(&row.auth_sig))).collect();
    assert_eq!((names.len(), sessions.len()), (rows.len(), rows.len()));
}

#[test]
fn altered_sessions_survive_the_request_body() {
    // What a test sends over HTTP must still be refused by authentication, not by the size of a
    // field.
    let [case, _] = cases();
    for altered in altered_sessions(&case) {
        let value = serde_json::to_value(&altered.auth_sig).expect("serialises");
        assert_eq!(
            AuthSig::from_value("authSig", value).as_ref(),
            Ok(&altered.auth_sig),
            "{}",
            altered.name
        );
    }
}
