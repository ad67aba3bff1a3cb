//! What passes over a link: a message of one member to another, under the digest of their epoch.

use crate::ceremony::CeremonyMessage;
use crate::exchange::{ExchangeMessage, MAX_EXCHANGE_MESSAGE};
use crate::signing::SigningMessage;
use conclave_threshold::codec::{Decode, DecodeError, Encode, Reader};
use conclave_threshold::ids::EpochDigest;

/// The longest message but those of ceremonies' protocols, which may take megabytes, and of
/// exchanges. Reading one of this length takes well under a millisecond.
pub const MAX_MESSAGE: usize = 64 << 10;

/// What one member says to another.
#[derive(Clone, Debug)]
pub enum MemberMessage {
    /// About a signature.
    Signing(SigningMessage),
    /// About something that they make together.
    Ceremony(CeremonyMessage),
    /// About what actions do among themselves.
    Exchange(ExchangeMessage),
}

/// The longest message of a ceremony's protocol.
pub const MAX_RUN_MESSAGE: usize = (32 << 20) - FRAME_HEADER;
/// What a frame has before its message: the epoch's digest.
pub const FRAME_HEADER: usize = 32;

const SIGNING: u16 = 1;
const CEREMONY: u16 = 2;
const EXCHANGE: u16 = 3;

impl MemberMessage {
    /// Signing must not wait behind the megabytes of a ceremony, nor what actions wait for, where
    /// it is short.
    pub fn is_urgent(&self) -> bool {
        match self {
            MemberMessage::Signing(_) => true,
            MemberMessage::Exchange(message) => message.is_short(MAX_MESSAGE),
            MemberMessage::Ceremony(_) => false,
        }
    }
}

impl Encode for MemberMessage {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            MemberMessage::Signing(message) => {
                SIGNING.encode(out);
                message.encode(out);
            }
            MemberMessage::Ceremony(message) => {
                CEREMONY.encode(out);
                message.encode(out);
            }
            MemberMessage::Exchange(message) => {
                EXCHANGE.encode(out);
                message.encode(out);
            }
        }
    }
}

impl Decode for MemberMessage {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match u16::decode(reader)? {
            SIGNING => MemberMessage::Signing(Decode::decode(reader)?),
            CEREMONY => MemberMessage::Ceremony(Decode::decode(reader)?),
            EXCHANGE => MemberMessage::Exchange(Decode::decode(reader)?),
            _ => return Err(DecodeError::NotCanonical("member message")),
        })
    }
}

/// A message as it travels: 32 bytes that name the epoch, then the message.
#[derive(Clone, Debug)]
pub struct Frame {
    /// [`Epoch::digest`](conclave_threshold::party::Epoch::digest) of the epoch that both ends are
    /// members of.
    pub epoch: EpochDigest,
    /// What is said.
    pub message: MemberMessage,
}

/// Why bytes from a link are no frame.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    /// Too short to name an epoch.
    #[error("the frame names no epoch")]
    NoEpoch,
    /// Of an epoch that this node has no member in.
    #[error("the frame belongs to an epoch that this node takes no part in")]
    OtherEpoch,
    /// Its sender is no member of the epoch that it names.
    #[error("the frame's sender is not a member of the epoch that it names")]
    NotAMember,
    /// Longer than its kind may be.
    #[error("the frame has {length} bytes where its kind may have {limit}")]
    TooLong {
        /// Bytes that came.
        length: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// The message cannot be read.
    #[error("the frame's message cannot be read: {0}")]
    Malformed(#[from] DecodeError),
}

impl Frame {
    /// The epoch that a frame names.
    ///
    /// # Errors
    /// [`FrameError::NoEpoch`].
    pub(crate) fn epoch_of(bytes: &[u8]) -> Result<(EpochDigest, &[u8]), FrameError> {
        let (epoch, message) = bytes.split_first_chunk().ok_or(FrameError::NoEpoch)?;
        Ok((EpochDigest::new(*epoch), message))
    }

    /// Reads a frame's message.
    pub(crate) fn read_message(bytes: &[u8]) -> Result<MemberMessage, FrameError> {
        let kind = bytes.first_chunk().map(|kind| u16::from_be_bytes(*kind));
        let inner = bytes.get(2..).unwrap_or_default();
        let limit = match kind {
            Some(CEREMONY) if CeremonyMessage::may_be_long(inner) => MAX_RUN_MESSAGE,
            Some(EXCHANGE) => MAX_EXCHANGE_MESSAGE,
            _ => MAX_MESSAGE,
        };
        if bytes.len() > limit {
            return Err(FrameError::TooLong { length: bytes.len(), limit });
        }
        Ok(MemberMessage::decode_all(bytes)?)
    }
}

impl Encode for Frame {
    fn encode(&self, out: &mut Vec<u8>) {
        self.epoch.encode(out);
        self.message.encode(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kind of a message, and of what is in it.
    fn of_kinds(outer: u16, inner: u16, length: usize) -> Vec<u8> {
        let mut bytes = [outer.encoded(), inner.encoded()].concat();
        bytes.resize(length, 0);
        bytes
    }

    fn is_too_long(bytes: &[u8]) -> bool {
        matches!(Frame::read_message(bytes), Err(FrameError::TooLong { .. }))
    }

    #[test]
    fn only_protocols_and_exchanges_may_be_longer_than_the_rest_and_each_has_its_limit() {
        for outer in 0..6u16 {
            for inner in 0..12u16 {
                let limit = match (outer, inner) {
                    (CEREMONY, 4) => MAX_RUN_MESSAGE,
                    (EXCHANGE, _) => MAX_EXCHANGE_MESSAGE,
                    _ => MAX_MESSAGE,
                };
                assert!(!is_too_long(&of_kinds(outer, inner, limit)), "{outer} {inner}");
                assert!(is_too_long(&of_kinds(outer, inner, limit + 1)), "{outer} {inner}");
            }
        }
        assert!(matches!(Frame::read_message(&[]), Err(FrameError::Malformed(_))));
        assert!(matches!(Frame::read_message(&[0]), Err(FrameError::Malformed(_))));
    }

    #[test]
    fn a_frame_names_its_epoch_before_anything_else() {
        let message = MemberMessage::Ceremony(CeremonyMessage::Decline([7; 16]));
        let bytes = Frame { epoch: EpochDigest::new([9; 32]), message: message.clone() }.encoded();
        let (epoch, rest) = Frame::epoch_of(&bytes).unwrap();
        assert_eq!((epoch, rest.to_vec()), (EpochDigest::new([9; 32]), message.encoded()));
        assert_eq!(Frame::epoch_of(&bytes[..31]), Err(FrameError::NoEpoch));
    }
}
