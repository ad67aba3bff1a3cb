use super::*;
use crate::ability::Ability;

const TOKEN: Needed = Needed::PkpSigning { token_id: [0xab; 32] };

fn encode(json: &str) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json))
}

fn read(json: &str) -> Result<Recap, RecapFault> {
    Recap::read(&encode(json)).expect("a recap")
}

#[test]
fn writes_the_resource_and_sentence_of_the_sdk() {
    let recap = Recap::of(&[Grant::any(Ability::PkpSigning), Grant::any(Ability::ActionExecution)]);
    assert_eq!(
        recap.to_resource(),
        "urn:recap:eyJhdHQiOnsibGl0LWxpdGFjdGlvbjovLyoiOnsiVGhyZXNob2xkL0V4ZWN1dGlvbiI6W3t9XX0sImxpdC1wa3A6Ly8qIjp7IlRocmVzaG9sZC9TaWduaW5nIjpbe31dfX0sInByZiI6W119"
    );
    assert_eq!(
        recap.statement(),
        "I further authorize the stated URI to perform the following actions on my behalf: \
         (1) 'Threshold': 'Execution' for 'lit-litaction://*'. (2) 'Threshold': 'Signing' for 'lit-pkp://*'."
    );
    assert_eq!(Recap::read(&recap.to_resource()), Some(Ok(recap)));
}

#[test]
fn the_sentence_groups_abilities_by_namespace() {
    let recap = read(
        r#"{"att":{"a://b":{"crud/delete":[{}],"crud/read":[{}],"msg/send":[{}]},"c://d":{"x/y":[{}]}},"prf":[]}"#,
    );
    let sentence = recap.expect("valid").statement();
    assert!(
        sentence
            .ends_with(": (1) 'crud': 'delete', 'read' for 'a://b'. (2) 'msg': 'send' for 'a://b'. (3) 'x': 'y' for 'c://d'.")
    );
}

#[test]
fn grants_the_exact_resource_and_both_wildcards_and_nothing_else() {
    let id = "ab".repeat(32);
    let cases = [
        (id.clone(), "Threshold/Signing", true),
        (id.to_uppercase(), "Threshold/Signing", true),
        ("*".into(), "Threshold/Signing", true),
        (id.clone(), "*/*", true),
        ("*".into(), "*/*", true),
        (id.clone(), "Threshold/*", false),
        (id.clone(), "*/Signing", false),
        (id.clone(), "Threshold/Execution", false),
        (id.clone(), "threshold/signing", false),
        ("ab*".into(), "Threshold/Signing", false),
        ("**".into(), "Threshold/Signing", false),
        ("ac".repeat(32), "Threshold/Signing", false),
        (format!("0x{id}"), "Threshold/Signing", false),
    ];
    for (id, ability, granted) in cases {
        let recap =
            read(&format!(r#"{{"att":{{"lit-pkp://{id}":{{"{ability}":[{{}}]}}}},"prf":[]}}"#))
                .expect("valid");
        assert_eq!(recap.grants(&TOKEN), granted, "{id} {ability}");
    }
    let other_prefix = read(r#"{"att":{"lit-litaction://*":{"Threshold/Signing":[{}]}},"prf":[]}"#)
        .expect("valid");
    assert!(!other_prefix.grants(&TOKEN));
}

#[test]
fn a_right_under_conditions_is_no_right() {
    for (conditions, granted) in
        [("[{}]", true), (r#"[{"max":1},{}]"#, true), (r#"[{"max":1}]"#, false), ("[]", false)]
    {
        let recap = read(&format!(
            r#"{{"att":{{"lit-pkp://*":{{"Threshold/Signing":{conditions}}}}},"prf":[]}}"#
        ));
        assert_eq!(recap.expect("valid").grants(&TOKEN), granted, "{conditions}");
    }
}

#[test]
fn refuses_each_departure_from_the_form() {
    let cases = [
        ("[]", RecapFault::WrongShape),
        ("{", RecapFault::NotJson),
        (r#"{"att":{}}"#, RecapFault::WrongShape),
        (r#"{"att":[],"prf":[]}"#, RecapFault::WrongShape),
        (r#"{"att":{},"prf":[],"x":1}"#, RecapFault::WrongShape),
        (r#"{"att":{"a://b":[]},"prf":[]}"#, RecapFault::WrongShape),
        (r#"{"att":{"a://b":{"x":[{}]}},"prf":[]}"#, RecapFault::WrongShape),
        (r#"{"att":{"a://b":{"x/y/z":[{}]}},"prf":[]}"#, RecapFault::WrongShape),
        (r#"{"att":{"a://b":{"x/'y":[{}]}},"prf":[]}"#, RecapFault::WrongShape),
        (r#"{"att":{"a://b":{"x/y":[1]}},"prf":[]}"#, RecapFault::WrongShape),
        (r#"{"att":{"a://b":{"x/y":{}}},"prf":[]}"#, RecapFault::WrongShape),
        (r#"{"prf":[],"att":{}}"#, RecapFault::NotCanonical),
        (r#"{"att": {},"prf":[]}"#, RecapFault::NotCanonical),
        (r#"{"att":{"b://":{},"a://":{}},"prf":[]}"#, RecapFault::NotCanonical),
        (r#"{"att":{"a://b":{"x/y":[{}],"x/y":[{}]}},"prf":[]}"#, RecapFault::NotCanonical),
        (r#"{"att":{},"prf":["bafy"]}"#, RecapFault::Proofs),
    ];
    for (json, fault) in cases {
        assert_eq!(read(json), Err(fault), "{json}");
    }
    for encoded in ["urn:recap:e30=", "urn:recap:e3", "urn:recap:+/", "urn:recap:!"] {
        assert_eq!(Recap::read(encoded), Some(Err(RecapFault::NotBase64)), "{encoded}");
    }
    assert_eq!(Recap::read("https://a.example"), None);
}

#[test]
fn takes_as_many_resources_as_its_limit_and_no_more() {
    let recap = |count: usize| {
        let entries: Vec<_> = (0..count).map(|index| format!(r#""a://{index:03}":{{}}"#)).collect();
        read(&format!(r#"{{"att":{{{}}},"prf":[]}}"#, entries.join(",")))
    };
    assert!(recap(MAX_RECAP_RESOURCES).is_ok());
    assert_eq!(recap(MAX_RECAP_RESOURCES + 1), Err(RecapFault::TooLong));
}
