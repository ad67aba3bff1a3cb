//! What the network's key signs: identities, sessions and tokens, and nothing else.

use super::pairing::hash_to_g2;
use blstrs::G2Affine;
use sha2::{Digest, Sha256};
use sha3::Keccak256;
use thiserror::Error;

/// What an identity begins with.
pub const IDENTITY_PREFIX: &str = "lit-accesscontrolcondition://";
/// What a token's signing input begins with: `{"alg":"BLS12-381","typ":"JWT"}` in base64url, and
/// the dot.
pub const TOKEN_HEADER: &str = "eyJhbGciOiJCTFMxMi0zODEiLCJ0eXAiOiJKV1QifQ.";
/// What the hash of a session's message is prefixed with before it is hashed again.
const SESSION_PREFIX: &str = "lit_session:";
/// The ciphersuite, which clients share.
const DOMAIN: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// The text has not the shape of what it is to be.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("this is no {0}")]
pub struct NotOfThisShape(pub &'static str);

/// Whom something is encrypted to: the hash of the access conditions and the hash of the plaintext.
/// A signature on it decrypts.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Identity(String);

impl Identity {
    /// [`IDENTITY_PREFIX`], 64 lower-case hex digits, a slash, 64 lower-case hex digits.
    ///
    /// # Errors
    /// It is anything else.
    pub fn parse(text: &str) -> Result<Self, NotOfThisShape> {
        let hashes = text.strip_prefix(IDENTITY_PREFIX).and_then(|hashes| hashes.split_once('/'));
        let fits =
            hashes.is_some_and(|(conditions, plaintext)| is_hash(conditions) && is_hash(plaintext));
        if fits { Ok(Identity(text.to_owned())) } else { Err(NotOfThisShape("identity")) }
    }
}

/// The message by which a wallet admits a session key: a sign-in message of ERC-4361 for a session
/// URI.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Session([u8; 32]);

impl Session {
    /// A message whose first line ends in ` wants you to sign in with your Ethereum account:`,
    /// whose second is an address, and which has exactly one line that begins with `URI: `,
    /// followed by `lit:session:` and 64 lower-case hex digits.
    ///
    /// Who may sign in, and until when, is for the caller to decide.
    ///
    /// # Errors
    /// It is anything else.
    pub fn parse(text: &str) -> Result<Self, NotOfThisShape> {
        let mut lines = text.split('\n');
        let first = lines.next().and_then(|line| {
            line.strip_suffix(" wants you to sign in with your Ethereum account:")
        });
        let address = lines.next().and_then(|line| line.strip_prefix("0x"));
        let mut uris = lines.filter_map(|line| line.strip_prefix("URI: "));
        let session = uris.next().and_then(|uri| uri.strip_prefix("lit:session:"));
        let fits = first.is_some_and(|domain| !domain.is_empty())
            && address.is_some_and(|address| {
                address.len() == 40 && address.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
            && session.is_some_and(is_hash)
            && uris.next().is_none();
        if fits { Ok(Session(session_hash(text))) } else { Err(NotOfThisShape("session message")) }
    }
}

/// The signing input of a token: header and payload of a JWT.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Token(String);

impl Token {
    /// [`TOKEN_HEADER`] and the base64url, without padding, of a payload that begins with `{"`.
    ///
    /// # Errors
    /// It is anything else.
    pub fn parse(text: &str) -> Result<Self, NotOfThisShape> {
        let is_base64url = |payload: &str| {
            let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            payload.len() % 4 != 1 && payload.bytes().all(alphabet)
        };
        let fits = text
            .strip_prefix(TOKEN_HEADER)
            .is_some_and(|payload| payload.starts_with("eyJ") && is_base64url(payload));
        if fits { Ok(Token(text.to_owned())) } else { Err(NotOfThisShape("token")) }
    }
}

/// What may be signed. The bytes of the three kinds differ whatever they hold: an identity is 158
/// bytes long and begins with `lit-`, a session is 32 bytes long, a token is longer than that and
/// begins with `eyJ`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum BlsMessage {
    /// What something was encrypted to: the signature decrypts it.
    Identity(Identity),
    /// A session of a client with the nodes.
    Session(Session),
    /// A token that says what the nodes granted.
    Token(Token),
}

impl BlsMessage {
    /// What is hashed to the curve.
    pub fn bytes(&self) -> &[u8] {
        match self {
            BlsMessage::Identity(Identity(text)) | BlsMessage::Token(Token(text)) => {
                text.as_bytes()
            }
            BlsMessage::Session(Session(hash)) => hash,
        }
    }

    pub(super) fn hash_to_curve(&self) -> G2Affine {
        hash_to_g2(self.bytes(), DOMAIN)
    }
}

impl From<Identity> for BlsMessage {
    fn from(identity: Identity) -> Self {
        BlsMessage::Identity(identity)
    }
}

impl From<Session> for BlsMessage {
    fn from(session: Session) -> Self {
        BlsMessage::Session(session)
    }
}

impl From<Token> for BlsMessage {
    fn from(token: Token) -> Self {
        BlsMessage::Token(token)
    }
}

/// 64 lower-case hex digits.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hash that clients verify a session by: SHA-256 over a prefix and, in hex, the hash of
/// ERC-191 that a wallet would sign.
fn session_hash(text: &str) -> [u8; 32] {
    let personal = Keccak256::new()
        .chain_update("\x19Ethereum Signed Message:\n")
        .chain_update(text.len().to_string());
    let hash: [u8; 32] = personal.chain_update(text).finalize().into();
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Sha256::new().chain_update(SESSION_PREFIX).chain_update(hex).finalize().into()
}
