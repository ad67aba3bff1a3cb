//! Everything that nodes say to one another, as bytes on a link.

use crate::ceremony::{CeremonyId, Join, Proposal};
use crate::exchange::{ExchangeMessage, MAX_EXCHANGE_MESSAGE};
use crate::signing::SigningMessage;
use conclave_mesh::{Lane, MAX_BULK_MESSAGE};
use conclave_threshold::codec::{Bytes, Decode, DecodeError, Encode, Reader};
use conclave_threshold::envelope::Envelope;

#[derive(Clone, Debug)]
pub enum NodeMessage {
    Signing(SigningMessage),
    Propose(Proposal),
    Join(Join),
    /// A participant cannot or will not take part.
    Decline(CeremonyId),
    Ceremony(Envelope),
    /// Base oblivious transfers, begun by their receiver; `u64` names the exchange. The points
    /// inside are read where they are worked on.
    BaseOt(u64, Bytes),
    BaseOtReply(u64, Bytes),
    Exchange(ExchangeMessage),
    /// In this ceremony a check between sender and receiver failed, which names neither.
    PairFailed(CeremonyId),
}

/// The longest message but those of ceremonies, which may take megabytes, and of exchanges. Reading
/// one of this length takes well under a millisecond.
pub const MAX_MESSAGE: usize = 64 << 10;

/// The kind that begins a ceremony's message.
const CEREMONY: u16 = 5;
/// The kind that begins a message of an exchange.
const EXCHANGE: u16 = 8;

impl NodeMessage {
    /// How long a message that begins like `bytes` may be.
    pub fn longest(bytes: &[u8]) -> usize {
        match bytes.first_chunk().map(|kind| u16::from_be_bytes(*kind)) {
            Some(CEREMONY) => MAX_BULK_MESSAGE,
            Some(EXCHANGE) => MAX_EXCHANGE_MESSAGE,
            _ => MAX_MESSAGE,
        }
    }

    /// Signing must not wait behind the megabytes of a ceremony, nor what actions wait for, where
    /// it is short.
    pub fn lane(&self) -> Lane {
        match self {
            NodeMessage::Signing(_) => Lane::Urgent,
            NodeMessage::Exchange(message) if message.is_short(MAX_MESSAGE) => Lane::Urgent,
            _ => Lane::Bulk,
        }
    }
}

impl Encode for NodeMessage {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            NodeMessage::Signing(message) => {
                1u16.encode(out);
                message.encode(out);
            }
            NodeMessage::Propose(proposal) => {
                2u16.encode(out);
                proposal.encode(out);
            }
            NodeMessage::Join(join) => {
                3u16.encode(out);
                join.encode(out);
            }
            NodeMessage::Decline(id) => {
                4u16.encode(out);
                id.encode(out);
            }
            NodeMessage::Ceremony(envelope) => {
                CEREMONY.encode(out);
                envelope.encode(out);
            }
            NodeMessage::BaseOt(exchange, message) => {
                6u16.encode(out);
                exchange.encode(out);
                message.encode(out);
            }
            NodeMessage::BaseOtReply(exchange, message) => {
                7u16.encode(out);
                exchange.encode(out);
                message.encode(out);
            }
            NodeMessage::Exchange(message) => {
                EXCHANGE.encode(out);
                message.encode(out);
            }
            NodeMessage::PairFailed(id) => {
                9u16.encode(out);
                id.encode(out);
            }
        }
    }
}

impl Decode for NodeMessage {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match u16::decode(reader)? {
            1 => NodeMessage::Signing(Decode::decode(reader)?),
            2 => NodeMessage::Propose(Decode::decode(reader)?),
            3 => NodeMessage::Join(Decode::decode(reader)?),
            4 => NodeMessage::Decline(Decode::decode(reader)?),
            CEREMONY => NodeMessage::Ceremony(Decode::decode(reader)?),
            6 => NodeMessage::BaseOt(Decode::decode(reader)?, Decode::decode(reader)?),
            7 => NodeMessage::BaseOtReply(Decode::decode(reader)?, Decode::decode(reader)?),
            EXCHANGE => NodeMessage::Exchange(Decode::decode(reader)?),
            9 => NodeMessage::PairFailed(Decode::decode(reader)?),
            _ => return Err(DecodeError::NotCanonical("node message")),
        })
    }
}
