//! Every decoder of the crate: whatever it accepts is byte for byte what it writes, with nothing
//! missing and nothing left over.

use crate::honest::{Bind, assignment, members, party, recording, seed};
use crate::own_forms::{self, LinkedShare, Stored, Text};
use crate::reshare::{Reshare, proposal};
use conclave_threshold::bls;
use conclave_threshold::codec::{Bytes, Decode, Encode};
use conclave_threshold::decryption::{
    Ciphertext, Context, DecryptionShare, Header, MAX_PLAINTEXT, decrypt,
};
use conclave_threshold::dkg::{self, Certificate};
use conclave_threshold::envelope::{Envelope, Receipt, To};
use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1, Secret};
use conclave_threshold::ids::{Digest, EpochDigest, NameHash, RequestKey};
use conclave_threshold::multiplication::RowsCheck;
use conclave_threshold::online::{
    Answer, Assignment, BindMessage, Derivation, Equivocation, Expected, Opened, SignedAssignment,
};
use conclave_threshold::online::{MAX_ANSWER, MAX_BIND_MESSAGE};
use conclave_threshold::ot::base::{AliceMessage, AliceOrigin, BobMessage, BobOrigin, Branches};
use conclave_threshold::ot::extension::ExtensionMessage;
use conclave_threshold::party::PartyId;
use conclave_threshold::presign::messages as presign;
use conclave_threshold::presign::opening::{BatchOpening, OpenedTransfers};
use conclave_threshold::presignature::{BatchCertificate, Leaf, LeafParty};
use conclave_threshold::{group, repair, reshare};

pub struct Decoder {
    /// As it is written below.
    pub name: &'static str,
    /// With the path to where it is declared.
    pub full_name: fn() -> &'static str,
    /// Whether the bytes were accepted. Panics when a property does not hold.
    pub accepts: fn(&[u8]) -> bool,
}

/// A type that decodes, and what else is done with each value that does.
macro_rules! decoders {
    ($($type:ty $(=> $then:expr)?),* $(,)?) => {
        &[$(Decoder {
            name: stringify!($type),
            full_name: std::any::type_name::<$type>,
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
    u16,
    u32,
    u64,
    [u8; 32],
    RequestKey,
    NameHash,
    Digest,
    EpochDigest,
    Vec<PartyId>,
    Bytes,
    PartyId,
    To,
    Envelope => |_, envelope| members().0.members().iter().for_each(|member| _ = envelope.is_signed_by(&member.identity)),
    Receipt => |_, receipt| members().0.members().iter().for_each(|member| _ = receipt.is_signed_by(&member.identity)),
    <Secp256k1 as Curve>::Scalar,
    <Bls12381G1 as Curve>::Scalar,
    Secret<Secp256k1>,
    Secret<Bls12381G1>,
    <Secp256k1 as Curve>::Point,
    <Bls12381G1 as Curve>::Point,
    <Secp256k1 as Curve>::Affine,
    <Bls12381G1 as Curve>::Affine,
    group::Uncompressed<<Secp256k1 as Curve>::Point>,
    group::Uncompressed<<Bls12381G1 as Curve>::Point>,
    group::Uncompressed<<Secp256k1 as Curve>::Affine>,
    group::Uncompressed<<Bls12381G1 as Curve>::Affine>,
    dkg::Commitment,
    dkg::Opening<Secp256k1>,
    dkg::Opening<Bls12381G1>,
    dkg::Shares<Secp256k1>,
    dkg::Shares<Bls12381G1>,
    dkg::Attestation,
    Branches,
    AliceMessage,
    BobMessage,
    AliceOrigin,
    BobOrigin,
    ExtensionMessage,
    RowsCheck,
    presign::Commitment,
    presign::Opening,
    presign::Multiplication,
    presign::Products,
    presign::RootSignature,
    OpenedTransfers,
    BatchOpening,
    Derivation,
    Assignment,
    SignedAssignment => |_, signed| _ = signed.verify(&members().0),
    Equivocation => |_, proof| assert_eq!(proof.culprit(&members().0), None, "nobody has signed two assignments"),
    BindMessage => |bytes, message| {
        assert_eq!(BindMessage::read(bytes).is_ok(), bytes.len() <= MAX_BIND_MESSAGE);
        _ = message.verify(&members().0);
    },
    reshare::Commitment,
    reshare::Opening<Secp256k1>,
    reshare::Opening<Bls12381G1>,
    reshare::Signoff,
    repair::Addends<Secp256k1>,
    repair::Addends<Bls12381G1>,
    repair::Sums<Secp256k1>,
    repair::Sums<Bls12381G1>,
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
    reshare::Record,
    reshare::Certificate => |bytes, certificate| {
        let signed = recording::<Reshare<Secp256k1, 1>>().output.starts_with(bytes);
        assert!(signed || !certificate.verify(&proposal()) || recording::<Reshare<Bls12381G1, 2>>().output.starts_with(bytes));
    },
    Stored<Secp256k1>,
    Stored<Bls12381G1>,
    bls::Signature,
    LinkedShare => |bytes, LinkedShare(id, share)| {
        let checked = own_forms::verification_keys().check_share(&own_forms::message(), *id, share);
        let honest = members().0.ids().into_iter().any(|id| bytes == own_forms::linked_share(id).encoded());
        assert_eq!(checked.is_ok(), honest, "a share that its party did not make");
    },
    Text,
    Header => |bytes, header| {
        let (epoch, keys) = members();
        let (context, key) = (Context { epoch: &epoch, request_key: &own_forms::REQUEST }, &own_forms::key()[&party(1)]);
        let share = header.share(&own_forms::scope(), key, &context, &keys[&party(1)], &mut seed(b"decryption share", 1));
        assert_eq!(share.is_ok(), bytes == own_forms::ciphertext().header.encoded(), "a header that its author did not make");
    },
    Ciphertext => |bytes, ciphertext| {
        let honest = own_forms::ciphertext().encoded();
        let longest = honest.len() - own_forms::PLAINTEXT.len() + MAX_PLAINTEXT;
        assert_eq!(Ciphertext::read(bytes).is_ok(), bytes.len() <= longest);
        assert_eq!(ciphertext.verify(&own_forms::scope()), bytes == honest, "a ciphertext that its author did not make");
    },
    DecryptionShare => decryption_share,
];

/// The first byte chooses the decoder.
pub fn choose(decoders: &[Decoder], data: &[u8]) -> bool {
    let Some((first, bytes)) = data.split_first() else { return false };
    decoders
        .get(usize::from(*first) % decoders.len())
        .is_some_and(|decoder| (decoder.accepts)(bytes))
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
    let verified =
        answer.verify(&members().0, &Expected { public_key, digest, name_hash, set: None });
    if let Ok(checked) = verified {
        assert!(checked.check_share().is_ok() && bytes == recording::<Bind>().output);
    }
}

/// With the honest share of the third member, only an honest one decrypts.
fn decryption_share(bytes: &[u8], share: &DecryptionShare) {
    let (epoch, _) = members();
    let context = Context { epoch: &epoch, request_key: &own_forms::REQUEST };
    let shares =
        [(share.from, share.clone()), (party(3), own_forms::decryption_share(party(3)))].into();
    let randomness = &mut seed(b"share coefficients", 0);
    let (ciphertext, keys) = (own_forms::ciphertext(), own_forms::verification_keys());
    let plaintext = decrypt(&ciphertext, &own_forms::scope(), &keys, &context, &shares, randomness);
    let honest =
        [1, 2].into_iter().any(|id| bytes == own_forms::decryption_share(party(id)).encoded());
    assert_eq!(
        plaintext.ok().map(|plaintext| plaintext.to_vec()),
        honest.then(|| own_forms::PLAINTEXT.to_vec())
    );
}
