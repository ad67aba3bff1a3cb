use alloy::primitives::{address, hex};

use super::*;

const OWNER: Address = Address::repeat_byte(0xaa);
const USER: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const ACTION: [u8; 34] = [0x12; 34];

fn authorisation(grants: &[(AuthMethod, Scopes)]) -> Authorisation {
    let grants = grants
        .iter()
        .map(|(method, scopes)| Grant { method: method.clone(), scopes: *scopes })
        .collect();
    Authorisation {
        owner: Some(OWNER),
        public_key: Some(WalletKey::try_from([4; 65]).unwrap()),
        grants,
    }
}

fn by(address: Address) -> Asker {
    Asker { addresses: vec![address], ..Asker::default() }
}

fn none() -> Scopes {
    Scopes::default()
}

/// What came of it, in a word.
fn outcome(authorisation: &Authorisation, asker: &Asker, need: Need) -> &'static str {
    match decide(authorisation, asker, need) {
        Ok(Grounds::Owner) => "owner",
        Ok(Grounds::Grant(_)) => "grant",
        Err(Denied::NotMinted) => "not minted",
        Err(Denied::NotPermitted) => "not permitted",
        Err(Denied::ScopeMissing) => "scope missing",
    }
}

#[test]
fn every_kind_of_asker_meets_every_kind_of_grant() {
    let login = AuthMethod { kind: U256::from(6), id: vec![7; 32] };
    let with_login = Asker { auth_methods: vec![login.clone()], ..by(USER) };
    let running = Asker { action: Some(ACTION), ..by(USER) };
    let anything = Scopes::from([Scope::SignAnything]);
    let personal = Scopes::from([Scope::PersonalSign]);
    let both = Scopes::from([Scope::SignAnything, Scope::PersonalSign]);
    let foreign = Scopes(U256::from(1) << 7 | U256::from(1));
    // Who asks, what is granted to whom, the outcome for any digest, the outcome for a personal
    // message.
    type Row = (&'static str, Asker, Vec<(AuthMethod, Scopes)>, &'static str, &'static str);
    let table: Vec<Row> = vec![
        ("the owner, no grant", by(OWNER), vec![], "owner", "owner"),
        (
            "the owner, with an empty grant",
            by(OWNER),
            vec![(AuthMethod::address(OWNER), none())],
            "owner",
            "owner",
        ),
        ("a stranger", by(USER), vec![], "not permitted", "not permitted"),
        (
            "nobody",
            Asker::default(),
            vec![(AuthMethod::address(USER), both)],
            "not permitted",
            "not permitted",
        ),
        (
            "an account without scope",
            by(USER),
            vec![(AuthMethod::address(USER), none())],
            "scope missing",
            "scope missing",
        ),
        (
            "an account with scope 1",
            by(USER),
            vec![(AuthMethod::address(USER), anything)],
            "grant",
            "grant",
        ),
        (
            "an account with scope 2",
            by(USER),
            vec![(AuthMethod::address(USER), personal)],
            "scope missing",
            "grant",
        ),
        (
            "an account with both",
            by(USER),
            vec![(AuthMethod::address(USER), both)],
            "grant",
            "grant",
        ),
        (
            "scopes 0 and 7 only",
            by(USER),
            vec![(AuthMethod::address(USER), foreign)],
            "scope missing",
            "scope missing",
        ),
        (
            "another's grant",
            by(USER),
            vec![(AuthMethod::address(OWNER), both)],
            "not permitted",
            "not permitted",
        ),
        ("a wallet login", by(USER), vec![(AuthMethod::wallet(USER), anything)], "grant", "grant"),
        (
            "one in lower case",
            by(USER),
            vec![(AuthMethod::wallet_in_lower_case(USER), personal)],
            "scope missing",
            "grant",
        ),
        (
            "one without scope",
            by(USER),
            vec![(AuthMethod::wallet(USER), none())],
            "scope missing",
            "scope missing",
        ),
        (
            "another's login",
            by(USER),
            vec![(AuthMethod::wallet(OWNER), both)],
            "not permitted",
            "not permitted",
        ),
        (
            "an action",
            running.clone(),
            vec![(AuthMethod::action(ACTION), anything)],
            "grant",
            "grant",
        ),
        (
            "an action without scope",
            running.clone(),
            vec![(AuthMethod::action(ACTION), none())],
            "scope missing",
            "scope missing",
        ),
        (
            "another action",
            running.clone(),
            vec![(AuthMethod::action([0x13; 34]), both)],
            "not permitted",
            "not permitted",
        ),
        (
            "an action that does not run",
            by(USER),
            vec![(AuthMethod::action(ACTION), both)],
            "not permitted",
            "not permitted",
        ),
        (
            "an action for a permitted account",
            running,
            vec![(AuthMethod::address(USER), anything)],
            "grant",
            "grant",
        ),
        (
            "another kind of login",
            with_login.clone(),
            vec![(login.clone(), anything)],
            "grant",
            "grant",
        ),
        (
            "its id under another type",
            with_login,
            vec![(AuthMethod { kind: U256::from(5), ..login }, both)],
            "not permitted",
            "not permitted",
        ),
        (
            "an empty grant before a fitting one",
            by(USER),
            vec![(AuthMethod::address(USER), none()), (AuthMethod::wallet(USER), anything)],
            "grant",
            "grant",
        ),
    ];
    for (name, asker, grants, any_digest, personal_message) in table {
        let authorisation = authorisation(&grants);
        assert_eq!(outcome(&authorisation, &asker, Need::SignAnything), any_digest, "{name}");
        assert_eq!(outcome(&authorisation, &asker, Need::PersonalSign), personal_message, "{name}");
    }
}

#[test]
fn a_key_that_is_not_minted_signs_nothing_for_anybody() {
    let unminted = Authorisation {
        public_key: None,
        ..authorisation(&[(AuthMethod::address(USER), Scopes(U256::MAX))])
    };
    for asker in [by(OWNER), by(USER)] {
        assert_eq!(outcome(&unminted, &asker, Need::PersonalSign), "not minted");
    }
}

#[test]
fn a_burned_token_has_no_owner_but_keeps_its_grants() {
    let grants = [(AuthMethod::action(ACTION), Scopes::from([Scope::SignAnything]))];
    let burned = Authorisation { owner: None, ..authorisation(&grants) };
    assert_eq!(outcome(&burned, &by(OWNER), Need::PersonalSign), "not permitted");
    assert_eq!(outcome(&burned, &Asker::default(), Need::PersonalSign), "not permitted");
    let running = Asker { action: Some(ACTION), ..by(USER) };
    assert_eq!(outcome(&burned, &running, Need::SignAnything), "grant");
}

#[test]
fn wallet_logins_have_the_ids_that_applications_compute() {
    // keccak256("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266:lit"), and the same in lower case.
    let checksum = keccak256(b"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266:lit");
    let lower = keccak256(b"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266:lit");
    assert_eq!(AuthMethod::wallet(USER).id, checksum.to_vec());
    assert_eq!(AuthMethod::wallet_in_lower_case(USER).id, lower.to_vec());
    assert_eq!(AuthMethod::address(USER).id, hex!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"));
}
