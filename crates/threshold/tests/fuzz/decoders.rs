//! Every decoder of the crate: whatever it accepts is byte for byte what it writes, with nothing missing and nothing left over.

use crate::honest::{assignment, members};
use conclave_threshold::codec::{Bytes, Decode, Encode};
use conclave_threshold::dkg::{self, Certificate};
use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1, Secret};
use conclave_threshold::key::KeyShare;
use conclave_threshold::message::{Envelope, To};
use conclave_threshold::online::{Answer, Assignment, BindMessage, Equivocation, Expected, Opened, SignedAssignment};
use conclave_threshold::online::{MAX_ANSWER, MAX_BIND_MESSAGE};
use conclave_threshold::ot::base::{AliceMessage, BobMessage};
use conclave_threshold::ot::extension::ExtensionMessage;
use conclave_threshold::party::PartyId;
use conclave_threshold::presign::messages as presign;
use conclave_threshold::presignature::{BatchCertificate, Leaf, LeafParty};

pub struct Decoder {
    pub name: &'static str,
    /// Whether the bytes were accepted. Panics when a property does not hold.
    pub accepts: fn(&[u8]) -> bool,
}

/// A type that decodes, and what else is done with each value that does.
macro_rules! decoders {
    ($($type:ty $(=> $then:expr)?),* $(,)?) => {
        &[$(Decoder {
            name: stringify!($type),
            accepts: |bytes| {
                let value: Option<$type> = canonical(bytes);
                $(if let Some(value) = &value {
                    let then: fn(&[u8], &$type) = $then;
                    then(bytes, value);
                })?
                value.is_some()
            },
        }),*]
    };
}

/// What other members send.
pub const PEERS: &[Decoder] = decoders![
    PartyId,
    To,
    Bytes,
    Envelope => |_, envelope| members().0.members().iter().for_each(|member| _ = envelope.is_signed_by(&member.identity)),
    Secret<Secp256k1>,
    Secret<Bls12381G1>,
    <Secp256k1 as Curve>::Point,
    <Bls12381G1 as Curve>::Point,
    dkg::Commitment,
    dkg::Opening<Secp256k1>,
    dkg::Opening<Bls12381G1>,
    dkg::Shares<Secp256k1>,
    dkg::Shares<Bls12381G1>,
    dkg::Attestation,
    AliceMessage,
    BobMessage,
    ExtensionMessage,
    presign::Commitment,
    presign::Opening,
    presign::Multiplication,
    presign::Products,
    presign::RootSignature,
    Assignment,
    SignedAssignment => |_, signed| _ = signed.verify(&members().0),
    Equivocation => |_, proof| assert_eq!(proof.culprit(&members().0), None, "nobody has signed two assignments"),
    BindMessage => |bytes, message| {
        assert_eq!(BindMessage::read(bytes).is_ok(), bytes.len() <= MAX_BIND_MESSAGE);
        _ = message.verify(&members().0);
    },
];

/// What clients get, and what is kept on disk.
pub const CLIENTS_AND_DISK: &[Decoder] = decoders![
    Answer => answer,
    Opened,
    Leaf => |_, leaf| _ = leaf.points(),
    LeafParty,
    BatchCertificate => |_, certificate| _ = certificate.verify(&members().0),
    Certificate => |_, certificate| {
        _ = certificate.verify(&certificate.transcript, &members().0.ids(), &(Box::new(|_: PartyId, _: &[u8]| true) as dkg::AttestationCheck));
    },
    Stored<Secp256k1>,
    Stored<Bls12381G1>,
];

/// The first byte chooses the decoder.
pub fn choose(decoders: &[Decoder], data: &[u8]) -> bool {
    let Some((first, bytes)) = data.split_first() else { return false };
    decoders.get(usize::from(*first) % decoders.len()).is_some_and(|decoder| (decoder.accepts)(bytes))
}

fn canonical<T: Encode + Decode>(bytes: &[u8]) -> Option<T> {
    let value = T::decode_all(bytes).ok()?;
    assert!(value.encoded() == bytes, "another form is accepted");
    assert!(T::decode_all(&[bytes, &[0]].concat()).is_err(), "a byte left over is accepted");
    if let Some((_, shorter)) = bytes.split_last() {
        assert!(T::decode_all(shorter).is_err(), "a byte too few is accepted");
    }
    Some(value)
}

/// Nobody but the one honest answer is believed, and that one only as it is.
fn answer(bytes: &[u8], answer: &Answer) {
    assert_eq!(Answer::read(bytes).is_ok(), bytes.len() <= MAX_ANSWER);
    let Assignment { public_key, digest, name_hash, .. } = assignment().assignment;
    let verified = answer.verify(&members().0, &Expected { public_key, digest, name_hash, set: None });
    if let Ok(checked) = verified {
        assert!(checked.check_share().is_ok() && bytes == crate::honest::recording::<crate::honest::Bind>().output);
    }
}

/// A key share as it lies on disk, its two parts one after the other.
struct Stored<C: Curve>(KeyShare<C>);

impl<C: Curve> Encode for Stored<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.0.encode_public());
        out.extend_from_slice(&self.0.encode_secret());
    }
}

impl<C: Curve> Decode for Stored<C> {
    fn decode(reader: &mut conclave_threshold::codec::Reader<'_>) -> Result<Self, conclave_threshold::codec::DecodeError> {
        let secret = reader.0.len().checked_sub(32).ok_or(conclave_threshold::codec::DecodeError::TooShort)?;
        let share = KeyShare::decode(reader.take(secret)?, reader.take(32)?)?;
        let _ = share.verify();
        Ok(Stored(share))
    }
}
