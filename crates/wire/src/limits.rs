//! How large anything on the wire may be. Sizes are bytes unless the name says otherwise.

/// Longest action code, decoded from base64.
pub const MAX_CODE_BYTES: usize = 16 * 1024 * 1024;
/// Room in an execute body for everything that is not code: parameters, signature, JSON
/// punctuation.
pub const EXECUTE_BODY_SLACK_BYTES: usize = 1024 * 1024;

/// Longest body of a handshake request.
pub const MAX_HANDSHAKE_BODY_BYTES: usize = 4 * 1024;
/// Longest body of a sign request.
pub const MAX_SIGN_BODY_BYTES: usize = 64 * 1024;
/// Longest body of an execute request: the longest code as base64, and the slack.
pub const MAX_EXECUTE_BODY_BYTES: usize = MAX_CODE_BYTES.div_ceil(3) * 4 + EXECUTE_BODY_SLACK_BYTES;
/// Longest body of a request that stores an action.
pub const MAX_STORE_BODY_BYTES: usize = MAX_CODE_BYTES.div_ceil(3) * 4 + 4 * 1024;
/// Longest body that a client reads of any answer.
pub const MAX_RESPONSE_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Longest handshake challenge.
pub const MAX_CHALLENGE_BYTES: usize = 128;
/// Longest `clientPublicKey` of a handshake.
pub const MAX_CLIENT_PUBLIC_KEY_BYTES: usize = 256;
/// Longest CID in text form.
pub const MAX_CID_BYTES: usize = 128;
/// The length of what `/web/pkp/sign` signs: a digest, as it is.
pub const DIGEST_BYTES: usize = 32;

/// Longest `authSig.sig`.
pub const MAX_SIGNATURE_BYTES: usize = 4 * 1024;
/// Longest `authSig.signedMessage`. It fits into a sign body even with its quotes escaped.
pub const MAX_SIGNED_MESSAGE_BYTES: usize = 48 * 1024;
/// Longest `authSig.address`.
pub const MAX_ADDRESS_BYTES: usize = 128;
/// Longest `authSig.derivedVia`.
pub const MAX_DERIVED_VIA_BYTES: usize = 64;
/// Longest `authSig.algo`.
pub const MAX_ALGO_BYTES: usize = 32;

/// Most entries in `authMethods`.
pub const MAX_AUTH_METHODS: usize = 8;
/// Longest `authMethods[i].accessToken`.
pub const MAX_ACCESS_TOKEN_BYTES: usize = 8 * 1024;

/// Longest RFC 3339 timestamp.
pub const MAX_TIMESTAMP_BYTES: usize = 40;

/// Longest request id, in characters.
pub const MAX_REQUEST_ID_CHARACTERS: usize = 128;
/// Longest error message put into an answer, in bytes.
pub const MAX_ERROR_MESSAGE_BYTES: usize = 2 * 1024;
/// Most entries in an error's `details`.
pub const MAX_ERROR_DETAILS: usize = 16;
/// Most signatures under one name in one request; the client gets the last.
pub const MAX_USES_OF_A_NAME: u32 = 16;
