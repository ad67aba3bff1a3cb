//! From a signed request to the verdict: who is believed, and what is announced in whose name.

use super::super::asker::{Accepted, Askers};
use super::super::concurrency::Concurrency;
use super::super::pkp_signing::PkpSigning;
use super::Scene;
use crate::requests::Failure;
use conclave_agreement::signing::{Verdict, name_hash, request_key};
use conclave_auth::testing::{SessionCase, altered_sessions, unaltered_session};
use conclave_auth::{
    AuthSig, Grant, Needed, Policy, SessionSigner, SessionTerms, SiweMessage, Wallet,
};
use conclave_threshold::ids::Digest;
use conclave_wire::{Credential, ErrorCode, PkpSignRequest, RequestId};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;

const URL: &str = "http://127.0.0.1:7470";
const DIGEST: Digest = Digest::new([9; 32]);

fn wallet(byte: u8) -> Wallet {
    Wallet::from_secret(&[byte; 32]).unwrap()
}

fn session_case(scene: &Scene, wallet: Wallet) -> SessionCase {
    let needed = Needed::PkpSigning { token_id: scene.key.token_id().to_be_bytes() };
    SessionCase { wallet, node_url: URL.into(), needed, now: OffsetDateTime::now_utc() }
}

/// What a wallet signs when it asks itself.
fn plain_signature(wallet: &Wallet) -> AuthSig {
    let now = OffsetDateTime::now_utc();
    wallet.sign_siwe(&SiweMessage {
        scheme: None,
        domain: "localhost".into(),
        address: wallet.address(),
        statement: None,
        uri: "http://localhost/".into(),
        chain_id: 1,
        nonce: "abcdefgh".into(),
        issued_at: now.into(),
        expiration_time: Some((now + Duration::hours(1)).into()),
        not_before: None,
        request_id: None,
        resources: Vec::new(),
    })
}

struct Desk {
    scene: Scene,
    signing: PkpSigning,
}

impl Desk {
    /// The key is the first wallet's.
    fn new() -> Self {
        let scene = Scene::new(true);
        scene.chain_says(|ledger| ledger.owner = Some(wallet(1).address().into()));
        let policy = Policy::for_node([URL]).unwrap();
        let askers = Arc::new(Askers { policy, concurrency: Concurrency::default() });
        let (_, current) = watch::channel(scene.member.clone());
        let signing = PkpSigning { askers, permissions: scene.chain.clone(), current };
        Desk { scene, signing }
    }

    fn request(&self, auth_sig: Option<AuthSig>) -> PkpSignRequest {
        PkpSignRequest {
            to_sign: *DIGEST.as_bytes(),
            pubkey: *self.scene.key.uncompressed(),
            auth_sig,
            credentials: Vec::new(),
            epoch: 0,
        }
    }

    async fn ask(&self, auth_sig: AuthSig, accepted: Accepted) -> Result<(), Failure> {
        self.send(&self.request(Some(auth_sig)), accepted).await
    }

    async fn send(&self, request: &PkpSignRequest, accepted: Accepted) -> Result<(), Failure> {
        let id = RequestId::parse("lit_1").unwrap();
        self.signing.sign(request, &id, accepted).await.map(drop)
    }
}

#[tokio::test]
async fn a_session_of_the_owner_makes_the_node_announce_yes_under_the_wallet_s_request_key() {
    let desk = Desk::new();
    let session = unaltered_session(&session_case(&desk.scene, wallet(1)));
    desk.ask(session, Accepted::Sessions).await.unwrap();
    let [wish] = desk.scene.announced().try_into().ok().unwrap();
    assert_eq!(wish.verdict, Verdict::Yes { digest: DIGEST });
    assert_eq!(wish.name_hash, name_hash("pkp/sign"));
    let content = [desk.scene.key.uncompressed().as_slice(), DIGEST.as_bytes()].concat();
    let expected = request_key("lit_1", &wallet(1).address(), "pkp/sign", &content);
    assert_eq!(wish.request_key, expected);
}

#[tokio::test]
async fn a_session_of_a_stranger_makes_the_node_announce_its_reason() {
    let desk = Desk::new();
    let session = unaltered_session(&session_case(&desk.scene, wallet(2)));
    let refused = desk.ask(session, Accepted::Sessions).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NodePKPNotAuthorized);
    let [wish] = desk.scene.announced().try_into().ok().unwrap();
    assert_eq!(wish.verdict, Verdict::No { reason: "NodePKPNotAuthorized".into() });
    assert!(wish.key.is_none());
}

#[tokio::test]
async fn nothing_is_announced_for_a_session_that_is_altered_anywhere() {
    let desk = Desk::new();
    let sessions = altered_sessions(&session_case(&desk.scene, wallet(1)));
    assert!(sessions.len() > 90);
    for altered in sessions {
        let refused = desk.ask(altered.auth_sig, Accepted::Sessions).await.unwrap_err();
        assert_eq!(refused.code, altered.code, "{}", altered.name);
        assert!(refused.message.contains(altered.field), "{}: {}", altered.name, refused.message);
        assert!(desk.scene.announced().is_empty(), "{}", altered.name);
    }
}

#[tokio::test]
async fn a_session_for_another_key_is_no_session_for_this_one() {
    let desk = Desk::new();
    let case = session_case(&desk.scene, wallet(1));
    let for_key = |needed: &Needed| {
        let terms = SessionTerms { grants: vec![Grant::only(needed)], ..case.terms() };
        SessionSigner::new(&wallet(1), &[7; 32], terms).sign_for(URL, case.now)
    };
    let other = Needed::PkpSigning { token_id: [3; 32] };
    let refused = desk.ask(for_key(&other), Accepted::Sessions).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NodeAuthSigScopeTooLimited);
    assert!(desk.scene.announced().is_empty());
    desk.ask(for_key(&case.needed), Accepted::Sessions).await.unwrap();
}

#[tokio::test]
async fn a_wallet_asks_for_itself_only_where_the_path_takes_it() {
    let desk = Desk::new();
    let plain = || plain_signature(&wallet(1));
    let refused = desk.ask(plain(), Accepted::Sessions).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NodeCannotProvideAuthSigForEndpoint);
    assert!(desk.scene.announced().is_empty());
    desk.ask(plain(), Accepted::SessionsAndWallets).await.unwrap();
    assert_eq!(desk.scene.announced().len(), 1);
    let stranger = plain_signature(&wallet(2));
    let refused = desk.ask(stranger, Accepted::SessionsAndWallets).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NodePKPNotAuthorized);
}

#[tokio::test]
async fn who_shows_nothing_or_a_token_of_another_kind_is_told_so() {
    let desk = Desk::new();
    let nothing = desk.send(&desk.request(None), Accepted::SessionsAndWallets).await.unwrap_err();
    assert_eq!(nothing.code, ErrorCode::NodeInvalidAuthSig);
    assert_eq!(nothing.message, "authSig: is missing");
    let session = unaltered_session(&session_case(&desk.scene, wallet(1)));
    let credential = Credential { auth_method_type: 6, access_token: "token".into() };
    let both = PkpSignRequest { credentials: vec![credential], ..desk.request(Some(session)) };
    let refused = desk.send(&both, Accepted::SessionsAndWallets).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NodeCannotProvideAuthMethodForEndpoint);
    assert!(desk.scene.announced().is_empty());
}
