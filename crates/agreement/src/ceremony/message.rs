//! What members say to one another about ceremonies.

use super::kinds::Kind;
use conclave_threshold::codec::{Bytes, Decode, DecodeError, Encode, Reader};
use conclave_threshold::envelope::Envelope;
use conclave_threshold::messages;
use conclave_threshold::party::PartyId;
use conclave_threshold::transcript::{Tag, Transcript};

/// Random, chosen by the proposer.
pub type CeremonyId = [u8; 16];

messages! {
    /// One member asks others to make something together.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Proposal {
        /// Names the ceremony.
        pub id: CeremonyId,
        /// What it makes.
        pub kind: Kind,
        /// In ascending order.
        pub participants: Vec<PartyId>,
    }

    /// One participant's part of the prelude, to every other.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Join {
        /// Names the ceremony.
        pub id: CeremonyId,
        /// [`Proposal::digest`]: participants of different proposals notice here.
        pub proposal: [u8; 32],
        /// Fresh; part of the session id.
        pub nonce: [u8; 32],
        /// For presigning: the base transfers that the sender, as their receiver, has set aside for
        /// each peer.
        pub handles: Vec<Handle>,
    }

    /// A stock of base transfers between the sender of the [`Join`] and `peer`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Handle {
        /// The other end.
        pub peer: PartyId,
        /// Names the transfers.
        pub id: [u8; 32],
    }
}

impl Proposal {
    /// Hash of the whole proposal.
    pub fn digest(&self) -> [u8; 32] {
        Transcript::new(Tag::Proposal).with(&self.encoded()).finish()
    }
}

/// A message about ceremonies.
#[derive(Clone, Debug)]
pub enum CeremonyMessage {
    /// To every participant.
    Propose(Proposal),
    /// To every other participant.
    Join(Join),
    /// A participant cannot or will not take part.
    Decline(CeremonyId),
    /// A message of the protocol itself.
    Run(Envelope),
    /// Base oblivious transfers, begun by their receiver; `u64` names the exchange. The points
    /// inside are read where they are worked on.
    BaseOt(u64, Bytes),
    /// The answer to these.
    BaseOtReply(u64, Bytes),
    /// In this ceremony a check between sender and receiver failed, which names neither.
    PairFailed(CeremonyId),
}

/// The kind that begins a protocol's message: the only one that may be long.
const RUN: u16 = 4;

impl CeremonyMessage {
    /// Whether a message that begins like `bytes` belongs to a protocol, which may need megabytes.
    pub(crate) fn may_be_long(bytes: &[u8]) -> bool {
        bytes.first_chunk().map(|kind| u16::from_be_bytes(*kind)) == Some(RUN)
    }
}

impl Encode for CeremonyMessage {
    fn encode(&self, out: &mut Vec<u8>) {
        let kind: u16 = match self {
            CeremonyMessage::Propose(_) => 1,
            CeremonyMessage::Join(_) => 2,
            CeremonyMessage::Decline(_) => 3,
            CeremonyMessage::Run(_) => RUN,
            CeremonyMessage::BaseOt(..) => 5,
            CeremonyMessage::BaseOtReply(..) => 6,
            CeremonyMessage::PairFailed(_) => 7,
        };
        kind.encode(out);
        match self {
            CeremonyMessage::Propose(proposal) => proposal.encode(out),
            CeremonyMessage::Join(join) => join.encode(out),
            CeremonyMessage::Decline(id) | CeremonyMessage::PairFailed(id) => id.encode(out),
            CeremonyMessage::Run(envelope) => envelope.encode(out),
            CeremonyMessage::BaseOt(exchange, message)
            | CeremonyMessage::BaseOtReply(exchange, message) => {
                exchange.encode(out);
                message.encode(out);
            }
        }
    }
}

impl Decode for CeremonyMessage {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match u16::decode(reader)? {
            1 => CeremonyMessage::Propose(Decode::decode(reader)?),
            2 => CeremonyMessage::Join(Decode::decode(reader)?),
            3 => CeremonyMessage::Decline(Decode::decode(reader)?),
            RUN => CeremonyMessage::Run(Decode::decode(reader)?),
            5 => CeremonyMessage::BaseOt(Decode::decode(reader)?, Decode::decode(reader)?),
            6 => CeremonyMessage::BaseOtReply(Decode::decode(reader)?, Decode::decode(reader)?),
            7 => CeremonyMessage::PairFailed(Decode::decode(reader)?),
            _ => return Err(DecodeError::NotCanonical("ceremony message")),
        })
    }
}
