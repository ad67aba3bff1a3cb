use std::fmt;

use super::ErrorKind;

macro_rules! catalogue {
    ($($(#[doc = $doc:literal])* $variant:ident $text:literal $kind:ident $status:literal $retry:ident;)*) => {
        /// What went wrong, as a client sees it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])* $variant,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The family.
            pub const fn kind(self) -> ErrorKind {
                match self { $(Self::$variant => ErrorKind::$kind),* }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// Whether the same request, sent again a little later, may succeed.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => catalogue!(@$retry)),* }
            }
        }
    };
    (@retry) => { true };
    (@final) => { false };
}

catalogue! {
    /// The body is not JSON, or no object.
    NodeParserError "NodeParserError" Parser 400 final;
    /// A field is missing, of another type, malformed or too long.
    NodeBadInput "NodeBadInput" Validation 422 final;
    /// `ipfsId` is no CID.
    NodeInvalidIPFSID "NodeInvalidIPFSID" Validation 400 final;
    /// No such path.
    CoreApiRouteNotFound "CoreApiRouteNotFound" Validation 404 final;
    /// Neither `X-Request-Id` nor `X-Correlation-Id`, or malformed.
    CoreApiMissingRequiredXRequestIdHeader "CoreApiMissingRequiredXRequestIdHeader" Validation 400 final;

    /// A signature that proves nothing: signer, key, node address or times do not fit.
    NodeInvalidAuthSig "NodeInvalidAuthSig" Validation 401 final;
    /// A kind of signature that this version does not verify.
    NodeAuthSigNotSupported "NodeAuthSigNotSupported" Validation 401 final;
    /// The session was not made for this resource and ability.
    NodeAuthSigScopeTooLimited "NodeAuthSigScopeTooLimited" Validation 401 final;
    /// A signature per chain where one is wanted.
    NodeInvalidMultipleAuthSigs "NodeInvalidMultipleAuthSigs" Validation 400 final;
    /// The session key's signature does not verify.
    NodeInvalidED25519AuthSig "NodeInvalidED25519AuthSig" Validation 400 final;
    /// A session signature whose `algo` is not ed25519.
    NodeInvalidAuthSigSigningAlgo "NodeInvalidAuthSigSigningAlgo" Validation 400 final;
    /// An address that cannot be read.
    NodeAuthSigAddressConversionError "NodeAuthSigAddressConversionError" Validation 400 final;
    /// A session signature that cannot be read.
    NodeAuthSigSignatureConversionError "NodeAuthSigSignatureConversionError" Validation 400 final;
    /// A session key that cannot be read.
    NodeAuthSigSessionKeyConversionError "NodeAuthSigSessionKeyConversionError" Validation 400 final;
    /// A session's signed message that cannot be read.
    NodeAuthSigSignedMessageConversionError "NodeAuthSigSignedMessageConversionError" Validation 400 final;
    /// No capability, or none that grants what is asked.
    NodeSIWECapabilityInvalid "NodeSIWECapabilityInvalid" Validation 400 final;
    /// A wallet signature that cannot be read.
    NodeSIWESigConversionError "NodeSIWESigConversionError" Validation 400 final;
    /// The wallet authorised another session key.
    NodeSIWESessionKeySignatureInvalid "NodeSIWESessionKeySignatureInvalid" Validation 400 final;
    /// A text that is not well-formed EIP-4361.
    NodeSIWEMessageError "NodeSIWEMessageError" Validation 400 final;
    /// A ReCap resource that cannot be read.
    NodeInvalidSIWEResource "NodeInvalidSIWEResource" Validation 400 final;
    /// A wallet signature without an end.
    NodeUndefinedSiweExpiration "NodeUndefinedSiweExpiration" Validation 401 final;
    /// A nonce that the operator's policy does not accept.
    NodeInvalidBlockhash "NodeInvalidBlockhash" Validation 401 final;
    /// `authMethods` on a path that takes session signatures only.
    NodeCannotProvideAuthMethodForEndpoint "NodeCannotProvideAuthMethodForEndpoint" Validation 400 final;
    /// A plain wallet signature on a path that takes session signatures only.
    NodeCannotProvideAuthSigForEndpoint "NodeCannotProvideAuthSigForEndpoint" Validation 400 final;

    /// The chain knows no such key.
    NodePKPTokenIdNotFound "NodePKPTokenIdNotFound" Validation 400 final;
    /// The chain does not permit this asker to use this key.
    NodePKPNotAuthorized "NodePKPNotAuthorized" Validation 401 final;

    /// The action threw, or could not be compiled.
    NodeJsExecutionError "NodeJsExecutionError" Generic 400 final;
    /// The action ran too long.
    NodeJsTimeoutError "NodeJsTimeoutError" Timeout 502 final;
    /// The action needed too much memory.
    NodeJsMemoryLimitError "NodeJsMemoryLimitError" MemoryLimit 502 final;
    /// The action's process was lost.
    NodeJsConnectionError "NodeJsConnectionError" Connect 502 retry;
    /// The action reached another of its limits.
    ConclaveActionLimit "ConclaveActionLimit" Generic 400 final;
    /// No store that this node can reach has the action.
    ConclaveActionNotFound "ConclaveActionNotFound" Ipfs 404 final;
    /// The account may not store actions here.
    ConclaveAccountNotAllowed "ConclaveAccountNotAllowed" Validation 403 final;
    /// The account's share of the store is used up.
    ConclaveQuotaExceeded "ConclaveQuotaExceeded" Validation 429 final;

    /// The chain could not be reached.
    NodeRpcError "NodeRpcError" Blockchain 502 retry;
    /// The chain gave an answer that makes no sense.
    NodeBlockchainError "NodeBlockchainError" Blockchain 502 retry;

    /// The body is longer than its endpoint reads.
    ConclaveBodyTooLarge "ConclaveBodyTooLarge" Validation 413 final;
    /// The path does not take this HTTP method.
    ConclaveMethodNotAllowed "ConclaveMethodNotAllowed" Validation 405 final;
    /// The caller has too many requests under way.
    NodeConcurrencyOverload "NodeConcurrencyOverload" Validation 429 retry;
    /// The node has too many requests under way.
    ConclaveOverloaded "ConclaveOverloaded" Generic 503 retry;
    /// The node is starting, or not a member of the current epoch.
    ConclaveNotReady "ConclaveNotReady" Generic 503 retry;
    /// The nodes that would sign changed under way; nobody gave a share.
    ConclaveRetry "ConclaveRetry" Generic 503 retry;
    /// The nodes disagree about what to sign.
    ConclaveSplit "ConclaveSplit" Validation 409 retry;
    /// No presignature is left for the nodes that agree.
    ConclavePoolEmpty "ConclavePoolEmpty" Generic 503 retry;
    /// The request took too long.
    RequestTimeout "request_timeout" Timeout 408 retry;
    /// A fault of the node.
    NodeSystemFault "NodeSystemFault" Unexpected 500 final;
}

impl ErrorCode {
    /// The code with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
