//! What nodes say to one another about exchanges.

use super::word::{ExchangeId, MAX_VALUE, SignedWord, Word};
use conclave_threshold::codec::{Decode, DecodeError, Encode, Reader};
use conclave_threshold::party::MAX_MEMBERS;

/// A message about an exchange.
#[derive(Clone, Debug)]
pub enum ExchangeMessage {
    /// A node's word, its own or one that it passes on.
    Word(Box<SignedWord>),
    /// The sender may have missed how an exchange ended, or who runs it.
    Ask(ExchangeId),
}

/// The longest message: the longest values of the largest epoch, with what surrounds each.
pub const MAX_EXCHANGE_MESSAGE: usize = MAX_MEMBERS * (MAX_VALUE + 128) + 1024;

impl ExchangeMessage {
    /// Whether it is short enough to go before whatever is long.
    pub fn is_short(&self, limit: usize) -> bool {
        match self {
            ExchangeMessage::Word(signed) => {
                matches!(signed.word, Word::Share(_)) || signed.size() <= limit
            }
            ExchangeMessage::Ask(_) => true,
        }
    }
}

impl Encode for ExchangeMessage {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            ExchangeMessage::Word(word) => {
                1u16.encode(out);
                word.encode(out);
            }
            ExchangeMessage::Ask(exchange) => {
                2u16.encode(out);
                exchange.0.encode(out);
            }
        }
    }
}

impl Decode for ExchangeMessage {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match u16::decode(reader)? {
            1 => ExchangeMessage::Word(Box::new(Decode::decode(reader)?)),
            2 => ExchangeMessage::Ask(ExchangeId(Decode::decode(reader)?)),
            _ => return Err(DecodeError::NotCanonical("exchange message")),
        })
    }
}
