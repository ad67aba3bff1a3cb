//! Every asker against every grant, scope, need and state of the token. What is expected stands in
//! tables of words; the rules under test are never asked for it.

use super::super::signer::{Given, Question};
use super::{Ledger, Scene};
use crate::requests::Failure;
use conclave_agreement::signing::Verdict;
use conclave_chain::permission::{Asker, Need};
use conclave_chain::{Address, AuthMethod, ChainError, Grant, Scopes, U256};
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_wire::ErrorCode;
use std::time::{Duration, Instant};

const OWNER: Address = Address::repeat_byte(0xaa);
const NEW_OWNER: Address = Address::repeat_byte(0xbb);
const GRANTEE: Address = Address::repeat_byte(0xcc);
const STRANGER: Address = Address::repeat_byte(0xdd);
const PERMITTED: [u8; 34] = [0x12; 34];
const OTHER: [u8; 34] = [0x13; 34];
const REQUEST_KEY: RequestKey = RequestKey::new([1; 32]);
const NAME_HASH: NameHash = NameHash::new([2; 32]);
const DIGEST: Digest = Digest::new([9; 32]);

/// To whom the one grant is given.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Granted {
    Account,
    Login,
    LowerCaseLogin,
    Action,
}

const GRANTED: [Granted; 4] =
    [Granted::Account, Granted::Login, Granted::LowerCaseLogin, Granted::Action];

/// Who asks, running which action; whether a grant to an account or a login of the grantee is
/// theirs, and whether one to the permitted action is.
struct AskerRow {
    name: &'static str,
    account: Option<Address>,
    running: Option<[u8; 34]>,
    has_grantees: bool,
    has_actions: bool,
}

const fn row(
    name: &'static str,
    account: Option<Address>,
    running: Option<[u8; 34]>,
    has_grantees: bool,
    has_actions: bool,
) -> AskerRow {
    AskerRow { name, account, running, has_grantees, has_actions }
}

const ASKERS: [AskerRow; 15] = [
    row("the owner", Some(OWNER), None, false, false),
    row("the owner in the permitted action", Some(OWNER), Some(PERMITTED), false, true),
    row("the owner in another action", Some(OWNER), Some(OTHER), false, false),
    row("the next owner", Some(NEW_OWNER), None, false, false),
    row("the next owner in the permitted action", Some(NEW_OWNER), Some(PERMITTED), false, true),
    row("the next owner in another action", Some(NEW_OWNER), Some(OTHER), false, false),
    row("the grantee", Some(GRANTEE), None, true, false),
    row("the grantee in the permitted action", Some(GRANTEE), Some(PERMITTED), true, true),
    row("the grantee in another action", Some(GRANTEE), Some(OTHER), true, false),
    row("a stranger", Some(STRANGER), None, false, false),
    row("a stranger in the permitted action", Some(STRANGER), Some(PERMITTED), false, true),
    row("a stranger in another action", Some(STRANGER), Some(OTHER), false, false),
    row("nobody", None, None, false, false),
    row("nobody in the permitted action", None, Some(PERMITTED), false, true),
    row("nobody in another action", None, Some(OTHER), false, false),
];

/// Bits of scopes; whether they are good for any digest, and for a personal message.
const SCOPES: [(&str, u64, bool, bool); 6] = [
    ("no scope", 0, false, false),
    ("sign anything", 0b010, true, true),
    ("personal sign", 0b100, false, true),
    ("both scopes", 0b110, true, true),
    ("scopes of other meanings", 0b1000_0001, false, false),
    ("all scopes", u64::MAX, true, true),
];

/// The token; whether it is minted, whose it is, whether the grant stands.
const TOKENS: [(&str, bool, Option<Address>, bool); 6] = [
    ("not minted", false, None, false),
    ("not minted, with a grant", false, Some(OWNER), true),
    ("minted", true, Some(OWNER), true),
    ("transferred", true, Some(NEW_OWNER), true),
    ("burnt", true, None, true),
    ("revoked", true, Some(OWNER), false),
];

const NEEDS: [Need; 2] = [Need::SignAnything, Need::PersonalSign];

const UNKNOWN: Refused = (ErrorCode::NodePKPTokenIdNotFound, "the key is not minted");
const STRANGE: Refused =
    (ErrorCode::NodePKPNotAuthorized, "the asker neither owns the key nor is permitted to use it");
const UNSCOPED: Refused =
    (ErrorCode::NodePKPNotAuthorized, "the asker is permitted, but without a scope for this");

type Refused = (ErrorCode, &'static str);

fn method(granted: Granted) -> AuthMethod {
    match granted {
        Granted::Account => AuthMethod::address(GRANTEE),
        Granted::Login => AuthMethod::wallet(GRANTEE),
        Granted::LowerCaseLogin => AuthMethod::wallet_in_lower_case(GRANTEE),
        Granted::Action => AuthMethod::action(PERMITTED),
    }
}

fn question(
    scene: &Scene,
    account: Option<Address>,
    action: Option<[u8; 34]>,
    need: Need,
) -> Question {
    Question {
        request_key: REQUEST_KEY,
        name_hash: NAME_HASH,
        key: scene.key,
        digest: DIGEST,
        asker: Asker { addresses: account.into_iter().collect(), action, auth_methods: Vec::new() },
        need,
        deadline: Instant::now() + Duration::from_secs(60),
    }
}

/// What came of a question: nothing, where the node said yes to the right digest with its share.
async fn refusal(scene: &Scene, question: Question) -> Option<Failure> {
    let result = scene.signer().sign(question).await;
    let wishes = scene.announced();
    let [wish] = wishes.as_slice() else { panic!("one call: {}", wishes.len()) };
    assert_eq!(wish.public_key, *scene.key.compressed());
    assert_eq!((wish.request_key, wish.name_hash), (REQUEST_KEY, NAME_HASH));
    match (&wish.verdict, wish.key.is_some(), result) {
        (Verdict::Yes { digest: DIGEST }, true, Ok(Given::Empty)) => None,
        (Verdict::No { reason }, false, Err(failure)) if reason == failure.code.as_str() => {
            Some(failure)
        }
        (verdict, share, _) => panic!("{verdict:?}, with a share: {share}"),
    }
}

#[tokio::test]
async fn exactly_those_sign_who_own_the_key_or_have_a_grant_with_a_fitting_scope() {
    let scene = Scene::new(true);
    let (mut rows, mut signed) = (0, 0);
    for (token, minted, owner, granted_now) in TOKENS {
        for granted in GRANTED {
            for (scopes, bits, any_digest, personal) in SCOPES {
                scene.chain_says(|ledger| {
                    let grant = Grant { method: method(granted), scopes: Scopes(U256::from(bits)) };
                    let grants = granted_now.then_some(grant).into_iter().collect();
                    *ledger = Ledger { minted, owner, grants, ..ledger.clone() };
                });
                for asker in &ASKERS {
                    for need in NEEDS {
                        let owns = asker.account.is_some() && asker.account == owner;
                        let theirs = match granted {
                            Granted::Action => asker.has_actions,
                            _ => asker.has_grantees,
                        };
                        let fits = match need {
                            Need::SignAnything => any_digest,
                            Need::PersonalSign => personal,
                        };
                        let expected = match () {
                            () if !minted => Some(UNKNOWN),
                            () if owns => None,
                            () if !theirs || !granted_now => Some(STRANGE),
                            () if !fits => Some(UNSCOPED),
                            () => None,
                        };
                        let asked = question(&scene, asker.account, asker.running, need);
                        let refused = refusal(&scene, asked).await;
                        let told = refused.as_ref().map(|one| (one.code, one.message.as_str()));
                        let who = asker.name;
                        assert_eq!(
                            told, expected,
                            "{who}, {need:?}; {scopes} to {granted:?}; the token is {token}"
                        );
                        rows += 1;
                        signed += usize::from(expected.is_none());
                    }
                }
            }
        }
    }
    assert_eq!(rows, 6 * 4 * 6 * 15 * 2);
    assert!((500..1_000).contains(&signed), "{signed} rows sign");
}

#[tokio::test]
async fn several_accounts_of_one_asker_each_count() {
    let scene = Scene::new(true);
    scene.chain_says(|ledger| ledger.owner = Some(OWNER));
    for (accounts, signs) in
        [(vec![STRANGER, OWNER], true), (vec![OWNER, STRANGER], true), (vec![STRANGER], false)]
    {
        let asker = Asker { addresses: accounts, ..Asker::default() };
        let asked = Question { asker, ..question(&scene, None, None, Need::SignAnything) };
        assert_eq!(refusal(&scene, asked).await.is_none(), signs);
    }
}

#[tokio::test]
async fn a_key_that_this_node_holds_no_share_of_is_announced_as_unknown() {
    let scene = Scene::new(false);
    scene.chain_says(|ledger| ledger.owner = Some(OWNER));
    let asked = question(&scene, Some(OWNER), None, Need::SignAnything);
    let refused = refusal(&scene, asked).await.unwrap();
    assert_eq!(refused.code, ErrorCode::NodePKPTokenIdNotFound);
    assert_eq!(refused.message, "this node holds no share of the key");
}

#[tokio::test]
async fn nobody_signs_while_the_chain_cannot_be_read() {
    let scene = Scene::new(true);
    let operation = "test";
    for (error, code) in [
        (ChainError::RpcUnreachable { operation, detail: String::new() }, ErrorCode::NodeRpcError),
        (
            ChainError::BadAnswer { operation, detail: String::new() },
            ErrorCode::NodeBlockchainError,
        ),
    ] {
        *scene.chain.0.lock().unwrap() = Err(error);
        let asked = question(&scene, Some(OWNER), None, Need::SignAnything);
        let refused = refusal(&scene, asked).await.unwrap();
        assert_eq!(refused.code, code);
        assert_eq!(refused.message, "the chain that says who may sign could not be read");
    }
}
