//! The paths of the API. A path that SDK versions spell with and without a trailing slash stands in
//! both forms.

/// Handshake: SDK 6/7 with the slash, older ones without.
pub const HANDSHAKE: [&str; 2] = ["/web/handshake", "/web/handshake/"];
/// Run an action, with a session or a plain wallet signature.
pub const EXECUTE: [&str; 2] = ["/web/execute", "/web/execute/"];
/// Sign a digest, with a session or a plain wallet signature.
pub const PKP_SIGN: [&str; 2] = ["/web/pkp/sign", "/web/pkp/sign/"];
/// Run an action, session signatures only.
pub const EXECUTE_V1: &str = "/web/execute/v1";
/// Sign a digest, session signatures only.
pub const PKP_SIGN_V1: &str = "/web/pkp/sign/v1";
/// Store an action's code on this node.
pub const STORE_ACTION: &str = "/conclave/v1/actions";
/// What this node sees of itself and the network.
pub const STATUS: &str = "/conclave/v1/status";

/// What `/web/pkp/sign` is called in the hash that names a request, and the name of its one
/// signature.
pub const PKP_SIGN_OPERATION: &str = "pkp/sign";
/// What `/web/execute` is called in the hash that names a request.
pub const EXECUTE_OPERATION: &str = "execute";
/// Stored content by CID.
pub const CONTENT: &str = "/ipfs/{cid}";
