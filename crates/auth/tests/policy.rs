//! What an operator can set, and the edges of times and limits.

use conclave_auth::testing::SessionCase;
use conclave_auth::{
    Ability, AuthError, AuthFault, AuthSig, Grant, MAX_CAPABILITIES, MAX_SESSION_REQUESTS,
    MAX_SPAN, Needed, NoncePolicy, Policy, Principal, SKEW, SessionSigner, SessionTerms,
    SiweMessage, Wallet, authenticate_session, authenticate_wallet,
};
use conclave_wire::ErrorCode;
use time::{Duration, OffsetDateTime};

const URL: &str = "http://127.0.0.1:7470";
const TOKEN: Needed = Needed::PkpSigning { token_id: [0xab; 32] };

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a moment")
}

fn wallet() -> Wallet {
    Wallet::from_secret(&[0x42; 32]).expect("a secret key")
}

fn terms() -> SessionTerms {
    SessionCase { wallet: wallet(), node_url: URL.into(), needed: TOKEN, now: now() }.terms()
}

fn policy() -> Policy {
    Policy::for_node([URL]).expect("a URL")
}

fn session(terms: SessionTerms) -> AuthSig {
    let issued_at = terms.issued_at;
    SessionSigner::new(&wallet(), &[7; 32], terms).sign_for(URL, issued_at)
}

fn verdict(
    terms: SessionTerms,
    policy: &Policy,
    at: OffsetDateTime,
) -> Result<Principal, AuthFault> {
    authenticate_session(&session(terms), &TOKEN, policy, at).map_err(|error| error.fault)
}

#[test]
fn a_session_holds_from_its_issue_to_its_end_with_the_skew_at_both() {
    let terms = terms();
    let (start, end) = (terms.issued_at, terms.expiration);
    let at = |moment| verdict(terms.clone(), &policy(), moment).map(drop);
    assert_eq!(at(start - SKEW), Ok(()));
    assert_eq!(at(start - SKEW - Duration::MILLISECOND), Err(AuthFault::NotYetValid));
    assert_eq!(at(end + SKEW), Ok(()));
    assert_eq!(at(end + SKEW + Duration::MILLISECOND), Err(AuthFault::Expired));
}

#[test]
fn the_longest_span_is_accepted_and_a_moment_more_is_not() {
    let lasting = |span| {
        verdict(SessionTerms { expiration: now() + span, ..terms() }, &policy(), now()).map(drop)
    };
    assert_eq!(lasting(MAX_SPAN), Ok(()));
    assert_eq!(
        lasting(MAX_SPAN + Duration::MILLISECOND),
        Err(AuthFault::LastsTooLong { days: 30 })
    );
}

#[test]
fn a_short_session_of_a_long_consent_is_bound_by_the_consents_own_span() {
    let policy =
        Policy { max_session_span: Duration::WEEK, max_wallet_span: Duration::HOUR, ..policy() };
    assert_eq!(
        verdict(terms(), &policy, now()).map(drop),
        Err(AuthFault::LastsTooLong { days: 0 })
    );
}

#[test]
fn a_principal_is_valid_until_the_earlier_end() {
    let principal = verdict(terms(), &policy(), now()).expect("accepted");
    assert_eq!(principal.valid_until, terms().expiration);
    assert_eq!(principal.wallet(), Some(wallet().address()));
}

#[test]
fn only_the_operators_domains_are_accepted() {
    let policy = Policy { domains: Some(vec!["app.example".into()]), ..policy() };
    let from = |domain: &str| {
        verdict(SessionTerms { domain: domain.into(), ..terms() }, &policy, now()).map(drop)
    };
    assert_eq!(from("app.example"), Ok(()));
    assert_eq!(from("APP.example"), Ok(()));
    for other in ["localhost", "app.example:8080", "evil-app.example", "app.example.evil"] {
        assert_eq!(from(other), Err(AuthFault::DomainNotAllowed), "{other}");
    }
}

#[test]
fn only_the_operators_nonces_are_accepted() {
    let nonce = terms().nonce;
    let with = |nonces: Vec<String>| {
        verdict(terms(), &Policy { nonce: NoncePolicy::OneOf(nonces), ..policy() }, now())
    };
    assert!(with(vec!["12345678".into(), nonce]).is_ok());
    let refused = with(vec!["12345678".into()]).map(drop);
    assert_eq!(refused, Err(AuthFault::NonceNotAllowed));
    assert_eq!(refused.map_err(|fault| fault.code()), Err(ErrorCode::NodeInvalidBlockhash));
}

#[test]
fn a_node_answers_to_each_of_its_addresses() {
    let policy = Policy::for_node(["https://node.example", "http://localhost:7470"]).expect("URLs");
    let signer = SessionSigner::new(&wallet(), &[7; 32], terms());
    let at =
        |url| authenticate_session(&signer.sign_for(url, now()), &TOKEN, &policy, now()).is_ok();
    assert!(
        at("https://node.example")
            && at("https://node.example:443/")
            && at(URL)
            && at("localhost:7470")
    );
    assert!(!at("https://node.example:444") && !at("http://127.0.0.2:7470"));
    assert!(Policy::for_node(["nonsense"]).is_err());
}

#[test]
fn a_session_made_for_one_key_allows_that_key_alone() {
    let only = session(SessionTerms { grants: vec![Grant::only(&TOKEN)], ..terms() });
    let principal = authenticate_session(&only, &TOKEN, &policy(), now()).expect("accepted");
    let code = |needed: &Needed| principal.require(needed).map_err(|error| error.code());
    assert_eq!(code(&TOKEN), Ok(()));
    assert_eq!(
        code(&Needed::PkpSigning { token_id: [1; 32] }),
        Err(ErrorCode::NodeAuthSigScopeTooLimited)
    );
    assert_eq!(
        code(&Needed::ActionExecution { cid: "Qm".into() }),
        Err(ErrorCode::NodeAuthSigScopeTooLimited)
    );
}

/// The session's message with its capabilities replaced, signed by the session key anew.
fn with_capabilities(choose: impl FnOnce(AuthSig) -> Vec<AuthSig>) -> Result<Principal, AuthError> {
    let signer = Resigner::new();
    authenticate_session(
        &signer.sign("capabilities", serde_json::json!(choose(signer.consent()))),
        &TOKEN,
        &policy(),
        now(),
    )
}

/// Signs altered session messages with the key of seed 7.
struct Resigner(serde_json::Value);

impl Resigner {
    fn new() -> Self {
        Self(serde_json::from_str(&session(terms()).signed_message).expect("JSON"))
    }

    fn consent(&self) -> AuthSig {
        serde_json::from_value(self.0["capabilities"][0].clone()).expect("an authSig")
    }

    fn sign(&self, field: &str, value: serde_json::Value) -> AuthSig {
        use ed25519_dalek::Signer as _;
        let mut message = self.0.clone();
        message[field] = value;
        let signed_message = message.to_string();
        let sig = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).sign(signed_message.as_bytes());
        AuthSig { sig: hex::encode(sig.to_bytes()), signed_message, ..session(terms()) }
    }
}

fn delegation() -> AuthSig {
    let lender = Wallet::from_secret(&[9; 32]).expect("a secret key");
    let consent = Resigner::new().consent();
    let message = SiweMessage::parse(&consent.signed_message).expect("EIP-4361");
    lender.sign_siwe(&SiweMessage {
        address: lender.address(),
        uri: "lit:capability:delegation".into(),
        ..message
    })
}

#[test]
fn the_first_capability_that_holds_decides_and_delegations_are_skipped() {
    let broken =
        |consent: &AuthSig| AuthSig { sig: consent.sig.replace("0x", "0x00"), ..consent.clone() };
    let foreign = |consent: &AuthSig| AuthSig { derived_via: "EIP1271".into(), ..consent.clone() };
    let accepted = with_capabilities(|consent| {
        vec![delegation(), foreign(&consent), broken(&consent), consent]
    });
    assert_eq!(accepted.map(|principal| principal.wallet()), Ok(Some(wallet().address())));
    assert!(with_capabilities(|consent| vec![consent, delegation()]).is_ok());
}

#[test]
fn when_no_capability_holds_the_last_one_is_blamed() {
    let broken = |consent: &AuthSig| AuthSig { sig: "0x".into(), ..consent.clone() };
    let foreign = |consent: &AuthSig| AuthSig { algo: Some("LIT_BLS".into()), ..consent.clone() };
    let error = with_capabilities(|consent| vec![foreign(&consent), broken(&consent)])
        .expect_err("refused");
    assert_eq!(error.field, "authSig.signedMessage.capabilities[1].sig");
    let error = with_capabilities(|consent| vec![broken(&consent), foreign(&consent)])
        .expect_err("refused");
    assert_eq!(error.field, "authSig.signedMessage.capabilities[1].algo");
}

#[test]
fn capabilities_and_requests_are_accepted_up_to_their_limits() {
    let many = |count| {
        with_capabilities(|consent| [vec![delegation(); count - 1], vec![consent]].concat())
    };
    assert!(many(MAX_CAPABILITIES).is_ok());
    assert_eq!(
        many(MAX_CAPABILITIES + 1).expect_err("too many").field,
        "authSig.signedMessage.capabilities"
    );

    let signer = Resigner::new();
    let request = signer.0["resourceAbilityRequests"][0].clone();
    let many = |count| {
        let requests = serde_json::Value::Array(vec![request.clone(); count]);
        authenticate_session(
            &signer.sign("resourceAbilityRequests", requests),
            &TOKEN,
            &policy(),
            now(),
        )
    };
    assert!(many(MAX_SESSION_REQUESTS).is_ok());
    let error = many(MAX_SESSION_REQUESTS + 1).expect_err("too many");
    assert_eq!(error.field, "authSig.signedMessage.resourceAbilityRequests");
}

#[test]
fn a_consent_with_two_recaps_must_say_both_sentences_in_order() {
    let siwe = SiweMessage::parse(&Resigner::new().consent().signed_message).expect("EIP-4361");
    let recaps = [Ability::ActionExecution, Ability::PkpSigning]
        .map(|ability| conclave_auth::Recap::of(&[Grant::any(ability)]));
    let resources = recaps.iter().map(conclave_auth::Recap::to_resource).collect::<Vec<_>>();
    let [first, second] = recaps.map(|recap| recap.statement());
    let with = |statement: String| {
        let siwe = SiweMessage {
            statement: Some(statement),
            resources: resources.clone(),
            ..siwe.clone()
        };
        with_capabilities(|_| vec![wallet().sign_siwe(&siwe)])
            .map(drop)
            .map_err(|error| error.fault)
    };
    assert_eq!(with(format!("{first} {second}")), Ok(()));
    assert_eq!(with(format!("Hello. {first} {second}")), Ok(()));
    for wrong in
        [format!("{second} {first}"), first.clone(), second.clone(), format!("{first}  {second}")]
    {
        assert_eq!(with(wrong.clone()), Err(AuthFault::StatementMismatch), "{wrong}");
    }
}

#[test]
fn a_plain_signature_needs_an_end_and_a_wallet() {
    let siwe = SiweMessage::parse(&Resigner::new().consent().signed_message).expect("EIP-4361");
    let siwe = SiweMessage { uri: "https://app.example/login".into(), ..siwe };
    let plain = |auth_sig: &AuthSig| {
        authenticate_wallet(auth_sig, &policy(), now()).map(drop).map_err(|error| error.fault)
    };
    assert_eq!(plain(&wallet().sign_siwe(&siwe)), Ok(()));
    let endless = SiweMessage { expiration_time: None, ..siwe.clone() };
    assert_eq!(plain(&wallet().sign_siwe(&endless)), Err(AuthFault::NoExpiration));
    let contract = AuthSig { derived_via: "EIP1271".into(), ..wallet().sign_siwe(&siwe) };
    assert_eq!(plain(&contract), Err(AuthFault::Unsupported));
    let other = Wallet::from_secret(&[9; 32]).expect("a secret key").sign_siwe(&siwe);
    let claimed = AuthSig { address: wallet().sign_siwe(&siwe).address, ..other };
    assert_eq!(plain(&claimed), Err(AuthFault::OtherSigner));
}

#[test]
fn debug_output_holds_no_secret_and_no_token() {
    let signer = SessionSigner::new(&wallet(), &[7; 32], terms());
    let auth_sig = session(terms());
    let principal = verdict(terms(), &policy(), now()).expect("accepted");
    let text = format!("{:?} {signer:?} {auth_sig:?} {principal:?}", wallet());
    for secret in
        ["42".repeat(32), "07".repeat(32), auth_sig.sig.clone(), Resigner::new().consent().sig]
    {
        assert!(!text.contains(&secret));
    }
    assert!(!text.contains("66, 66, 66") && !text.contains("7, 7, 7"), "{text}");
}
