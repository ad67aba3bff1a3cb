//! What nodes say to one another about calls.

use super::announce::SignedAnnounce;
use conclave_threshold::codec::{Decode, DecodeError, Encode, Reader};
use conclave_threshold::ids::{NameHash, RequestKey};
use conclave_threshold::online::{BindMessage, SignedAssignment};
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::BatchCertificate;

/// A message about a call.
#[derive(Clone, Debug)]
pub enum SigningMessage {
    /// To the assigner of the attempt; from attempt 1 on, to everybody.
    Announce(Box<SignedAnnounce>),
    /// The assigner heard the announce of this attempt and waits for more.
    Pending {
        /// The request.
        request_key: RequestKey,
        /// Hash of the signature's name in the request.
        name_hash: NameHash,
        /// The attempt.
        attempt: u16,
        /// Enough agree, and no presignature of the assigner's fits them.
        out_of_stock: bool,
    },
    /// To the set, and to every other node that announces.
    Assigned(Box<SignedAssignment>),
    /// One member's bind message, to the rest of the set.
    Bind(Box<BindMessage>),
    /// A member lacks bind messages of its assignment.
    AskBinds {
        /// The request.
        request_key: RequestKey,
        /// Hash of the signature's name in the request.
        name_hash: NameHash,
        /// The attempt.
        attempt: u16,
    },
    /// Bind messages that the sender holds; all `t` of them release the empty answers of the nodes
    /// outside the set.
    Binds(Vec<BindMessage>),
    /// No group can reach the threshold: the announces that show it.
    Split(Vec<SignedAnnounce>),
    /// The sender holds its part of this batch.
    BatchReady(Box<BatchCertificate>),
    /// The sender owns no index that fits and asks a member of the set to make a batch.
    NeedBatch(Vec<PartyId>),
}

/// No message carries more bind messages or announces than an epoch has members.
pub const MAX_ITEMS: usize = conclave_threshold::party::MAX_MEMBERS;

impl Encode for SigningMessage {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut about =
            |kind: u16, request_key: &RequestKey, name_hash: &NameHash, attempt: u16| {
                kind.encode(out);
                request_key.encode(out);
                name_hash.encode(out);
                attempt.encode(out);
            };
        match self {
            SigningMessage::Pending { request_key, name_hash, attempt, out_of_stock } => {
                about(2, request_key, name_hash, *attempt);
                return u16::from(*out_of_stock).encode(out);
            }
            SigningMessage::AskBinds { request_key, name_hash, attempt } => {
                return about(5, request_key, name_hash, *attempt);
            }
            _ => (),
        }
        let (kind, body) = match self {
            SigningMessage::Announce(announce) => (1u16, announce.encoded()),
            SigningMessage::Assigned(assignment) => (3, assignment.encoded()),
            SigningMessage::Bind(bind) => (4, bind.encoded()),
            SigningMessage::Binds(binds) => (6, binds.encoded()),
            SigningMessage::Split(announces) => (7, announces.encoded()),
            SigningMessage::BatchReady(certificate) => (8, certificate.encoded()),
            SigningMessage::NeedBatch(set) => (9, set.encoded()),
            SigningMessage::Pending { .. } | SigningMessage::AskBinds { .. } => return,
        };
        kind.encode(out);
        out.extend_from_slice(&body);
    }
}

fn bounded<T: Decode>(reader: &mut Reader<'_>) -> Result<Vec<T>, DecodeError> {
    let items = Vec::<T>::decode(reader)?;
    if items.len() > MAX_ITEMS { Err(DecodeError::NotCanonical("item count")) } else { Ok(items) }
}

impl Decode for SigningMessage {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match u16::decode(reader)? {
            1 => SigningMessage::Announce(Box::new(Decode::decode(reader)?)),
            2 => {
                let (request_key, name_hash) = (Decode::decode(reader)?, Decode::decode(reader)?);
                let (attempt, out_of_stock) = (Decode::decode(reader)?, u16::decode(reader)?);
                if out_of_stock > 1 {
                    return Err(DecodeError::NotCanonical("out of stock"));
                }
                let out_of_stock = out_of_stock == 1;
                SigningMessage::Pending { request_key, name_hash, attempt, out_of_stock }
            }
            3 => SigningMessage::Assigned(Box::new(Decode::decode(reader)?)),
            4 => SigningMessage::Bind(Box::new(Decode::decode(reader)?)),
            5 => {
                let (request_key, name_hash) = (Decode::decode(reader)?, Decode::decode(reader)?);
                SigningMessage::AskBinds {
                    request_key,
                    name_hash,
                    attempt: Decode::decode(reader)?,
                }
            }
            6 => SigningMessage::Binds(bounded(reader)?),
            7 => SigningMessage::Split(bounded(reader)?),
            8 => SigningMessage::BatchReady(Box::new(Decode::decode(reader)?)),
            9 => SigningMessage::NeedBatch(bounded(reader)?),
            _ => return Err(DecodeError::NotCanonical("signing message")),
        })
    }
}
