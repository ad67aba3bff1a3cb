//! Why someone is not who the request says, or is not known to be.

use conclave_wire::{ErrorCode, FieldFault, RequestError};

pub use crate::recap::RecapFault;
pub use crate::siwe::SiweFault;

use crate::personal::SignatureFault;

/// A refused signature: which field, and what is wrong with it. Shows nothing of what the client
/// sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct AuthError {
    /// The field's path, through the signed texts, as in
    /// `authSig.signedMessage.capabilities[0].signedMessage.Nonce`.
    pub field: String,
    /// What is wrong with it.
    pub fault: AuthFault,
}

/// What is wrong with a field. Each fault has exactly one [`ErrorCode`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthFault {
    /// A kind of signature that this version does not verify.
    #[error(
        "is a kind of signature that this version does not verify (wallet and ed25519 session signatures only)"
    )]
    Unsupported,
    /// A plain wallet signature where a session is wanted.
    #[error("must be a session signature here, not a plain wallet signature")]
    SessionWanted,
    /// A session signature, or a wallet's consent to a session, where a plain wallet signature is
    /// wanted.
    #[error("must be a plain wallet signature here, not one that belongs to a session")]
    WalletWanted,
    /// A session signature of another algorithm.
    #[error("must be ed25519")]
    WrongAlgorithm,
    /// An address, or a session key in place of one, that cannot be read.
    #[error("is not well-formed")]
    UnreadableAddress,
    /// A session signature that cannot be read.
    #[error("must be 128 hexadecimal digits")]
    UnreadableSessionSignature,
    /// A session key that cannot be read.
    #[error("must be an ed25519 key of 64 hexadecimal digits")]
    UnreadableSessionKey,
    /// The session's signed message is not the JSON it must be.
    #[error("is not JSON: fault at line {line}, column {column}")]
    MessageNotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// A field of the session's signed message has another form.
    #[error("{0}")]
    Message(FieldFault),
    /// The session key did not sign this message.
    #[error("does not verify")]
    WrongSessionSignature,
    /// The signed message is for another key than the one that signed it.
    #[error("is not the key that signed")]
    OtherSigningKey,
    /// The session was made for another node.
    #[error("names another node")]
    OtherNode,
    /// The session was not made for what is asked.
    #[error("does not list what this request needs: {0}")]
    NotRequested(&'static str),
    /// No wallet signature among the capabilities.
    #[error("holds no wallet signature")]
    NoCapability,
    /// A wallet signature that cannot be used.
    #[error(transparent)]
    Signature(SignatureFault),
    /// Another key made the wallet signature.
    #[error("was made by another key, or over another text")]
    OtherSigner,
    /// The address in the signed text differs from the one beside it.
    #[error("is not the address in the signed text")]
    OtherAddress,
    /// The signed text is not well-formed EIP-4361.
    #[error(transparent)]
    Siwe(SiweFault),
    /// The wallet's signature would never end.
    #[error("is missing")]
    NoExpiration,
    /// The wallet authorised another session key.
    #[error("does not name this session's key")]
    OtherSessionKey,
    /// The operator does not accept this domain.
    #[error("is not among the domains that this node accepts")]
    DomainNotAllowed,
    /// The operator does not accept this nonce.
    #[error("is not among the nonces that this node accepts")]
    NonceNotAllowed,
    /// A ReCap that cannot be read.
    #[error(transparent)]
    Recap(RecapFault),
    /// The text the wallet showed does not say what the ReCap grants.
    #[error("does not end with the sentence that the ReCap stands for")]
    StatementMismatch,
    /// The wallet did not grant what is asked.
    #[error("grants no unrestricted {0} for this resource")]
    NotGranted(&'static str),
    /// A timestamp that is not RFC 3339.
    #[error("must be an RFC 3339 timestamp")]
    UnreadableTime,
    /// Its time has not come.
    #[error("lies in the future")]
    NotYetValid,
    /// Its time is over.
    #[error("lies in the past")]
    Expired,
    /// It ends before it begins.
    #[error("does not come after the time of issue")]
    EndsBeforeStart,
    /// It lasts too long.
    #[error("lies more than {days} days after the time of issue")]
    LastsTooLong {
        /// The longest that is accepted.
        days: i64,
    },
}

impl AuthError {
    pub(crate) fn new(field: impl Into<String>, fault: AuthFault) -> Self {
        Self { field: field.into(), fault }
    }

    /// The error code that a client gets.
    pub fn code(&self) -> ErrorCode {
        self.fault.code()
    }
}

impl From<&AuthError> for ErrorCode {
    fn from(error: &AuthError) -> Self {
        error.code()
    }
}

impl AuthFault {
    /// The error code that a client gets.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Unsupported => ErrorCode::NodeAuthSigNotSupported,
            Self::SessionWanted | Self::WalletWanted => {
                ErrorCode::NodeCannotProvideAuthSigForEndpoint
            }
            Self::WrongAlgorithm => ErrorCode::NodeInvalidAuthSigSigningAlgo,
            Self::UnreadableAddress => ErrorCode::NodeAuthSigAddressConversionError,
            Self::UnreadableSessionSignature => ErrorCode::NodeAuthSigSignatureConversionError,
            Self::UnreadableSessionKey => ErrorCode::NodeAuthSigSessionKeyConversionError,
            Self::MessageNotJson { .. } | Self::Message(_) | Self::UnreadableTime => {
                ErrorCode::NodeAuthSigSignedMessageConversionError
            }
            Self::WrongSessionSignature => ErrorCode::NodeInvalidED25519AuthSig,
            Self::NotRequested(_) => ErrorCode::NodeAuthSigScopeTooLimited,
            Self::NoCapability | Self::StatementMismatch | Self::NotGranted(_) => {
                ErrorCode::NodeSIWECapabilityInvalid
            }
            Self::Signature(SignatureFault::Unreadable) => ErrorCode::NodeSIWESigConversionError,
            Self::Siwe(_) => ErrorCode::NodeSIWEMessageError,
            Self::NoExpiration => ErrorCode::NodeUndefinedSiweExpiration,
            Self::OtherSessionKey => ErrorCode::NodeSIWESessionKeySignatureInvalid,
            Self::NonceNotAllowed => ErrorCode::NodeInvalidBlockhash,
            Self::Recap(_) => ErrorCode::NodeInvalidSIWEResource,
            Self::Signature(SignatureFault::HighS | SignatureFault::NoSigner)
            | Self::OtherSigningKey
            | Self::OtherNode
            | Self::OtherSigner
            | Self::OtherAddress
            | Self::DomainNotAllowed
            | Self::NotYetValid
            | Self::Expired
            | Self::EndsBeforeStart
            | Self::LastsTooLong { .. } => ErrorCode::NodeInvalidAuthSig,
        }
    }
}

/// A fault in the JSON that a session key signed.
pub(crate) fn in_message(path: &str, error: RequestError) -> AuthError {
    match error {
        RequestError::Field { field, fault } => AuthError::new(field, AuthFault::Message(fault)),
        RequestError::NotJson { line, column } => {
            AuthError::new(path, AuthFault::MessageNotJson { line, column })
        }
        RequestError::NotAnObject => {
            AuthError::new(path, AuthFault::Message(FieldFault::WrongType("a JSON object")))
        }
        RequestError::BodyTooLarge { limit } => {
            AuthError::new(path, AuthFault::Message(FieldFault::TooLong { limit }))
        }
    }
}
