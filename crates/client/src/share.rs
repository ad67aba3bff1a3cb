//! A node's share of one signature: read from its answer, and checked against its certificate when
//! there is reason to.

use crate::failure::NodeFault;
use conclave_threshold::codec::Decode;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::online::{Answer, AnswerFault, Expected, MAX_ANSWER};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_wire::quirks::quoted::unquote;
use conclave_wire::{CertificateField, SignatureShare, SignedData};
use k256::{AffinePoint, Scalar};

/// What the shares of one signature have in common. A nonce point belongs to one use, so its shares
/// add up or nothing does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Use {
    /// Compressed.
    pub public_key: [u8; 33],
    pub digest: Digest,
    /// Compressed.
    pub big_r: [u8; 33],
}

/// What a node answered. Nothing of it is checked but its form.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub node: PartyId,
    pub of: Use,
    pub big_r: AffinePoint,
    pub scalar: Scalar,
    /// In hexadecimal, as it came.
    certificate: Option<String>,
}

/// What a share must be about, beyond its [`Use`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub epoch: &'a Epoch,
    pub request_key: &'a RequestKey,
    /// Of the signature's name, one for each use that the request may make of it.
    pub name_hashes: &'a [NameHash],
}

/// The fields that both endpoints answer with, in hexadecimal and perhaps in quotes.
struct Fields<'a> {
    digest: &'a str,
    share: &'a str,
    big_r: &'a str,
    public_key: &'a str,
}

impl Share {
    /// `None` when the node is outside the signing set.
    pub fn of_sign(
        node: PartyId,
        fields: &SignatureShare,
        certificate: Option<CertificateField>,
    ) -> Result<Option<Self>, NodeFault> {
        let SignatureShare { digest, signature_share, big_r, public_key, .. } = fields;
        Self::read(node, Fields { digest, share: signature_share, big_r, public_key }, certificate)
    }

    /// `None` when the node is outside the signing set.
    pub fn of_action(
        node: PartyId,
        fields: &SignedData,
        certificate: Option<CertificateField>,
    ) -> Result<Option<Self>, NodeFault> {
        let SignedData { data_signed, signature_share, big_r, public_key, .. } = fields;
        Self::read(
            node,
            Fields { digest: data_signed, share: signature_share, big_r, public_key },
            certificate,
        )
    }

    fn read(
        node: PartyId,
        fields: Fields<'_>,
        certificate: Option<CertificateField>,
    ) -> Result<Option<Self>, NodeFault> {
        if unquote(fields.share).is_empty() {
            return Ok(None);
        }
        let malformed = |field| move || NodeFault::Malformed { field };
        let scalar: [u8; 32] = digits(fields.share).ok_or_else(malformed("share"))?;
        let big_r: [u8; 33] = digits(fields.big_r).ok_or_else(malformed("nonce point"))?;
        Ok(Some(Share {
            node,
            of: Use {
                public_key: digits(fields.public_key).ok_or_else(malformed("public key"))?,
                digest: digits(fields.digest).map(Digest::new).ok_or_else(malformed("digest"))?,
                big_r,
            },
            big_r: AffinePoint::decode_all(&big_r).map_err(|_| malformed("nonce point")())?,
            scalar: Scalar::decode_all(&scalar).map_err(|_| malformed("share")())?,
            certificate: certificate.map(|field| field.certificate),
        }))
    }

    /// Checks the certificate, and the share against it. Returns the signing set.
    pub fn check(&self, wanted: &Wanted<'_>) -> Result<Vec<PartyId>, NodeFault> {
        let text = self
            .certificate
            .as_deref()
            .filter(|text| text.len() <= 2 * MAX_ANSWER)
            .ok_or(NodeFault::NoCertificate)?;
        let bytes = hex::decode(text).map_err(|_| NodeFault::NoCertificate)?;
        let answer = Answer::read(&bytes).map_err(|_| NodeFault::NoCertificate)?;
        if answer.from != self.node {
            return Err(NodeFault::Other { field: "node" });
        }
        let Use { public_key, digest, .. } = self.of;
        let named = answer.assignment.assignment.name_hash;
        let name_hash =
            wanted.name_hashes.iter().find(|hash| **hash == named).or(wanted.name_hashes.first());
        let name_hash = *name_hash.ok_or(NodeFault::Other { field: "name" })?;
        let expected = Expected { public_key, digest, name_hash, set: None };
        let checked = answer.verify(wanted.epoch, &expected).map_err(NodeFault::Cheated)?;
        if answer.assignment.assignment.request_key != *wanted.request_key {
            return Err(NodeFault::Cheated(AnswerFault::Unexpected {
                party: self.node,
                field: "request",
            }));
        }
        if answer.share != self.scalar || answer.big_r != self.big_r {
            return Err(NodeFault::OtherShare);
        }
        checked.check_share().map_err(NodeFault::Cheated)?;
        Ok(checked.set().to_vec())
    }
}

/// The bytes of a value in hexadecimal, if there are exactly `N`.
pub(crate) fn digits<const N: usize>(value: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(unquote(value), &mut bytes).ok().map(|()| bytes)
}
