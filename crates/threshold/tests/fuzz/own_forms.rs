//! Whatever decodes in a form of its own, in a wrapper that decodes as everything else does; and
//! what is encrypted and signed for the decoders to look at.

use crate::honest::{members, party, seed};
use conclave_threshold::bls::{BlsMessage, Identity, SHARE_BYTES, Session, SignatureShare, Token};
use conclave_threshold::codec::{Bytes, Decode, DecodeError, Encode, Reader};
use conclave_threshold::decryption::{Ciphertext, Context, DecryptionShare, Scope, encrypt};
use conclave_threshold::group::{Curve, Secp256k1};
use conclave_threshold::ids::RequestKey;
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::PartyId;
use conclave_threshold::testing::deal_key;
use conclave_threshold::verification_keys::VerificationKeys;
use std::collections::BTreeMap;

/// A key share as it lies on disk, its two parts one after the other.
pub struct Stored<C: Curve>(pub KeyShare<C>);

impl<C: Curve> Encode for Stored<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.0.encode_public());
        out.extend_from_slice(&self.0.encode_secret());
    }
}

impl<C: Curve> Decode for Stored<C> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let secret = reader.0.len().checked_sub(32).ok_or(DecodeError::TooShort)?;
        let share = KeyShare::decode(reader.take(secret)?, reader.take(32)?)?;
        let _ = share.verify();
        Ok(Stored(share))
    }
}

/// A share of a BLS signature, on the link of the party that it names.
pub struct LinkedShare(pub PartyId, pub SignatureShare);

impl Encode for LinkedShare {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.1.to_bytes(self.0).expect("an id of one byte"));
    }
}

impl Decode for LinkedShare {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = reader.take(SHARE_BYTES)?;
        let link = PartyId::new(bytes[0].into()).ok_or(DecodeError::NotCanonical("party id"))?;
        assert!(
            SignatureShare::read(party(u16::from(bytes[0]) + 1), bytes).is_err(),
            "another party's share is taken for this one's"
        );
        let share =
            SignatureShare::read(link, bytes).map_err(|_| DecodeError::NotCanonical("share"))?;
        Ok(LinkedShare(link, share))
    }
}

/// The text of what the network's BLS key signs, after its length.
pub struct Text(String);

impl Encode for Text {
    fn encode(&self, out: &mut Vec<u8>) {
        Bytes(self.0.clone().into_bytes()).encode(out);
    }
}

impl Decode for Text {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let none = DecodeError::NotCanonical("text");
        let text = String::from_utf8(Bytes::decode(reader)?.0).map_err(|_| none)?;
        let (identity, session, token) =
            (Identity::parse(&text), Session::parse(&text), Token::parse(&text));
        let kinds = [
            identity.map(BlsMessage::from),
            session.map(BlsMessage::from),
            token.map(BlsMessage::from),
        ];
        let mut read = kinds.into_iter().filter_map(Result::ok);
        let message = read.next().ok_or(none)?;
        assert!(read.next().is_none(), "{text} is of two kinds");
        let itself = message.bytes() == text.as_bytes();
        assert!(itself || matches!(message, BlsMessage::Session(_)) && message.bytes().len() == 32);
        Ok(Text(text))
    }
}

/// The shares of one key by its members.
pub fn key<C: Curve>() -> BTreeMap<PartyId, KeyShare<C>> {
    deal_key(2, &members().0.ids(), &mut seed(b"key", 0))
}

pub fn verification_keys<C: Curve>() -> VerificationKeys<C> {
    VerificationKeys::new(key::<C>()[&party(1)].commitments(), &members().0.ids()).unwrap()
}

pub fn scope() -> Scope {
    Scope { public_key: key::<Secp256k1>()[&party(1)].public_key(), conditions: [4; 32] }
}

pub const PLAINTEXT: &[u8] = b"plain";
pub const REQUEST: RequestKey = RequestKey::new([5; 32]);

pub fn ciphertext() -> Ciphertext {
    encrypt(&scope(), PLAINTEXT, &mut seed(b"encrypt", 0)).unwrap()
}

pub fn decryption_share(id: PartyId) -> DecryptionShare {
    let (epoch, signing_keys) = members();
    let context = Context { epoch: &epoch, request_key: &REQUEST };
    let share = &key::<Secp256k1>()[&id];
    let randomness = &mut seed(b"decryption share", id.number().into());
    ciphertext().header.share(&scope(), share, &context, &signing_keys[&id], randomness).unwrap()
}

/// One text of each kind.
pub fn texts() -> [String; 3] {
    use conclave_threshold::bls::{IDENTITY_PREFIX, TOKEN_HEADER};
    let hash = "0123456789abcdef".repeat(4);
    let address = "00112233445566778899aabbccddeeffAABBCCDD";
    let session = format!(
        "localhost wants you to sign in with your Ethereum account:\n0x{address}\n\nURI: lit:session:{hash}\nVersion: 1"
    );
    [format!("{IDENTITY_PREFIX}{hash}/{hash}"), session, format!("{TOKEN_HEADER}eyJzdWIiOiJhIn0")]
}

/// The signature share of a member on the first of the texts.
pub fn linked_share(id: PartyId) -> LinkedShare {
    LinkedShare(id, key()[&id].sign(&message()))
}

pub fn message() -> BlsMessage {
    Identity::parse(&texts()[0]).unwrap().into()
}
