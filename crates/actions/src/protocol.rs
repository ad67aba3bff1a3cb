//! What a node and its worker say to each other: frames of a length (4 bytes, little-endian) and
//! that many bytes of postcard.
//!
//! The node trusts no frame: it bounds its length before it reads it, counts what it asks for, and
//! takes nothing from it that decides what the action may do. With the zygote it speaks in packets,
//! which descriptors go along with.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::sandbox::Layer;

/// The longest frame that a worker sends, in bytes: the greatest request body, and what surrounds
/// it.
pub const FRAME_BYTES_MAX_FROM_RUNNER: usize = 2 * 1024 * 1024;

/// The longest frame that a node sends, in bytes: the longest code with the longest parameters, and
/// what surrounds them.
pub const FRAME_BYTES_MAX_TO_RUNNER: usize = 20 * 1024 * 1024;

/// The longest body of a request by `fetch`, in bytes.
pub const REQUEST_BODY_BYTES_MAX: usize = 1024 * 1024;

/// The longest personal message that is signed, in bytes.
pub const PERSONAL_MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// The longest public key, as text, and the longest name of a signature or of an exchange, in
/// bytes.
pub const NAME_BYTES_MAX: usize = 256;

/// The longest value that a node gives to the others in an exchange, in bytes.
pub const VALUE_BYTES_MAX: usize = 16 * 1024;

/// The longest result of what one node runs for all, in bytes.
pub const RESULT_BYTES_MAX: usize = 100 * 1024;

/// The longest transaction of a contract call, in bytes of hex.
pub const TRANSACTION_BYTES_MAX: usize = 256 * 1024;

/// The longest answer of a chain, in bytes of JSON.
pub const CHAIN_ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// The longest URL of a request by `fetch`, in bytes.
pub const URL_BYTES_MAX: usize = 64 * 1024;

/// The longest message of an error, in bytes. What a client reads is cut at 2048: this leaves room
/// for the words around it and for the position.
pub const ERROR_MESSAGE_BYTES_MAX: usize = 2000;

/// The text as far as an error carries it.
pub fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(ERROR_MESSAGE_BYTES_MAX));
    text
}

/// The name under which the engine knows the script, as positions in its stack traces tell.
pub const SCRIPT_NAME: &str = "action.js";

const LENGTH_BYTES: usize = 4;

/// From the node.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToRunner {
    /// The action to run: first, and once.
    Start(Start),
    /// The answer to a call.
    Reply {
        /// The call.
        id: u32,
        /// What came of it.
        result: Result<Reply, CallError>,
    },
}

/// The action, as far as its worker needs to know it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Start {
    /// The script.
    pub code: String,
    /// A JSON object: each key becomes a global.
    pub params: String,
    /// A JSON object: `Lit.Auth`.
    pub auth: String,
    /// Names and values: `Lit.Headers`.
    pub headers: Vec<(String, String)>,
    /// Heap of the script, in bytes.
    pub memory_bytes: u64,
    /// The longest response, in bytes.
    pub response_bytes: u32,
    /// The length of all log lines together, in bytes.
    pub log_bytes: u32,
}

/// What a call brought.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The signature went to the client.
    Signed,
    /// What the server answered.
    Fetched(FetchResponse),
    /// The signature as JSON, the response of a child action, or an answer about the chain as JSON.
    Text(String),
    /// The values of the nodes, this one's last.
    Collected(Vec<String>),
    /// Who runs what one node runs for all.
    Turn(Turn),
    /// It is done, and there is nothing to say.
    Done,
}

/// Who runs what one node runs for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Turn {
    /// This node, now; it says so when it is done.
    Mine,
    /// Another node: what it brought, or nothing when the script does not wait for it.
    Others(Option<String>),
}

/// Why a call failed, as the script sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallError {
    /// The `code` of the thrown error.
    pub code: String,
    /// Its `message`.
    pub message: String,
    /// Its `retryable`.
    pub retryable: bool,
}

/// From the worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromRunner {
    /// The worker is loaded and has shut itself in. It says this before it has seen any script.
    Ready {
        /// The layers of isolation that this machine does not offer.
        missing_layers: Vec<Layer>,
    },
    /// A log line.
    Log(String),
    /// Something that the node is to do.
    Call {
        /// Chosen by the worker, to know the reply by.
        id: u32,
        /// What.
        call: Call,
    },
    /// The script has ended; the last frame.
    Done(Result<String, Failure>),
}

/// Something that the node is to do.
#[derive(Debug, Serialize, Deserialize)]
pub enum Call {
    /// Sign; the signature goes to the client.
    Sign(SignRequest),
    /// Sign; the signature goes to the script.
    SignAndCombine(SignRequest),
    /// Fetch.
    Fetch(FetchRequest),
    /// Run another action and wait for its response.
    Action(ChildRequest),
    /// Look at a chain.
    Chain(ChainQuery),
    /// Give a value to all nodes, and wait for theirs.
    Collect {
        /// The name of the exchange.
        name: String,
        /// This node's value.
        value: String,
    },
    /// Have one node run something: this one, or another whose result is waited for.
    TakeTurn {
        /// The name of the exchange.
        name: String,
        /// Whether the script waits for the result where another node runs it.
        wait: bool,
    },
    /// This node has run it.
    EndTurn {
        /// The name of the exchange.
        name: String,
        /// What the script's function returned, as text.
        result: String,
    },
}

/// Another action to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildRequest {
    /// Its CID, as the script wrote it.
    pub cid: String,
    /// A JSON object: each key becomes a global of the child.
    pub params: String,
}

/// A question to a chain. Numbers, addresses and ids are as the script wrote them; the node reads
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChainQuery {
    /// `eth_call` of an unsigned transaction in RLP, as hex; the answer is the result in hex.
    CallContract {
        /// The chain's name, as in the SDK.
        chain: String,
        /// The transaction.
        transaction: String,
    },
    /// The number of the account's next transaction, as `0x` and hex.
    LatestNonce {
        /// The chain's name.
        chain: String,
        /// The account.
        address: String,
    },
    /// A URL of the chain's JSON-RPC endpoint.
    RpcUrl {
        /// The chain's name.
        chain: String,
    },
    /// A boolean.
    IsPermittedAction {
        /// The key's token.
        token_id: String,
        /// CID of the action.
        cid: String,
    },
    /// A boolean.
    IsPermittedAddress {
        /// The key's token.
        token_id: String,
        /// The address.
        address: String,
    },
    /// A boolean.
    IsPermittedAuthMethod {
        /// The key's token.
        token_id: String,
        /// Its type's number.
        auth_method_type: String,
        /// The user in that method.
        user_id: Vec<u8>,
    },
    /// An array of CIDs.
    PermittedActions {
        /// The key's token.
        token_id: String,
    },
    /// An array of addresses.
    PermittedAddresses {
        /// The key's token.
        token_id: String,
    },
    /// An array of objects.
    PermittedAuthMethods {
        /// The key's token.
        token_id: String,
    },
    /// An array of booleans, one for each scope below `max_scope_id`.
    PermittedAuthMethodScopes {
        /// The key's token.
        token_id: String,
        /// Its type's number.
        auth_method_type: String,
        /// The user in that method.
        user_id: Vec<u8>,
        /// How many scopes.
        max_scope_id: u32,
    },
}

/// What an action wants signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignRequest {
    /// What, and in which way.
    pub kind: SignKind,
    /// The public key, in hex, as the script wrote it.
    pub public_key: String,
    /// The name of the signature in the answer, as the script wrote it.
    pub name: String,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignKind {
    /// A digest, as it is.
    Raw([u8; 32]),
    /// A message, of which the EIP-191 hash is signed.
    PersonalMessage(#[serde(with = "serde_bytes")] Vec<u8>),
}

/// A request of `fetch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRequest {
    /// Absolute, as the script wrote it.
    pub url: String,
    /// As the script wrote it.
    pub method: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Absent when the script gave none.
    #[serde(with = "serde_bytes")]
    pub body: Option<Vec<u8>>,
    /// What is done about a redirect.
    pub redirect: Redirect,
}

impl FetchRequest {
    /// What it takes to hold it.
    pub(crate) fn bytes(&self) -> usize {
        let headers =
            self.headers.iter().map(|header| size_of_val(header) + header.0.len() + header.1.len());
        self.url.len()
            + self.method.len()
            + headers.sum::<usize>()
            + self.body.as_ref().map_or(0, Vec::len)
    }
}

/// What is done about a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Redirect {
    /// It is followed.
    Follow,
    /// The request fails; nothing is sent to where it leads.
    Error,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchResponse {
    /// The URL that answered, after redirects.
    pub url: String,
    /// Whether there was a redirect.
    pub redirected: bool,
    /// HTTP status.
    pub status: u16,
    /// The reason phrase that goes with the status, empty for unusual ones.
    pub status_text: String,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Complete.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// How a script failed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Why.
    pub cause: FailureCause,
    /// What it threw, as text.
    pub message: String,
    /// Line of the script, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
}

/// Why a script failed.
#[derive(Debug, Serialize, Deserialize)]
pub enum FailureCause {
    /// It threw.
    Thrown,
    /// It ran out of memory.
    Memory,
    /// It did not catch the error of the call of this number.
    Call(u32),
    /// The parameter of this name would replace a global.
    Parameter(String),
}

/// To the zygote.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToZygote {
    /// Fork a worker for the socket that comes along. It answers.
    Fork,
    /// A worker has ended: have the kernel forget it. It does not answer.
    Reap,
}

/// From the zygote.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromZygote {
    /// The worker, by the pidfd that comes along.
    Forked,
    /// There is no worker, for this reason.
    Failed(String),
}

/// A frame that cannot be sent or understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than the receiver allows.
    #[error("a frame of {bytes} bytes is longer than {max}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// What is allowed.
        max: usize,
    },
    /// Not one of the messages, or followed by something.
    #[error("a frame holds no message")]
    Malformed,
}

/// Encodes a message as a frame.
pub fn encode<M: Serialize>(message: &M, max: usize) -> Result<Vec<u8>, FrameError> {
    let mut frame =
        postcard::to_extend(message, vec![0; LENGTH_BYTES]).map_err(|_| FrameError::Malformed)?;
    let bytes = frame.len() - LENGTH_BYTES;
    if bytes > max {
        return Err(FrameError::TooLong { bytes, max });
    }
    let length = u32::try_from(bytes).map_err(|_| FrameError::TooLong { bytes, max })?;
    *frame.first_chunk_mut().ok_or(FrameError::Malformed)? = length.to_le_bytes();
    Ok(frame)
}

/// Takes the first complete frame out of what was received; `None` while there is none.
pub fn take<M: DeserializeOwned>(
    received: &mut Vec<u8>,
    max: usize,
) -> Result<Option<M>, FrameError> {
    let Some((length, rest)) = received.split_first_chunk::<LENGTH_BYTES>() else {
        return Ok(None);
    };
    let bytes = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if bytes > max {
        return Err(FrameError::TooLong { bytes, max });
    }
    let Some(frame) = rest.get(..bytes) else { return Ok(None) };
    let (message, trailing) =
        postcard::take_from_bytes(frame).map_err(|_| FrameError::Malformed)?;
    if !trailing.is_empty() {
        return Err(FrameError::Malformed);
    }
    received.drain(..LENGTH_BYTES + bytes);
    Ok(Some(message))
}
