//! Presignatures: what a batch leaves behind, made before anybody knows which key will sign what.
//!
//! With `k = sum k_i`, `b = sum b_i`, `R = k G` and `B = b G`, member `i` of the set holds `f_i`,
//! `w_i`, `b_i` such that the `f_i` sum to `1/k` and the `w_i` to `b/k`. `F_i = f_i R` and `W_i =
//! w_i R` are public, so that everybody can check a signature share.

use crate::codec::Encode;
use crate::envelope::verify;
use crate::group::{Curve, Secp256k1, Secret};
use crate::ids::EpochDigest;
use crate::merkle;
use crate::messages;
use crate::party::{Epoch, PartyId};
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript};
use core::fmt;
use ed25519_dalek::{Signer, SigningKey};
use k256::elliptic_curve::BatchNormalize;
use k256::{AffinePoint, ProjectivePoint, Scalar};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The most presignatures that one batch may have.
pub const MAX_BATCH: u32 = 256;

messages! {
    /// What one member put into one presignature.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct LeafParty {
        /// The member.
        pub id: PartyId,
        /// `R_i = k_i G`.
        pub r: AffinePoint,
        /// `B_i = b_i G`.
        pub b: AffinePoint,
        /// [`entropy_commitment`] to `e_i`.
        pub entropy_commitment: [u8; 32],
        /// The member's addend of `u = phi k`.
        pub u: Scalar,
        /// `phi_i R = u F_i`.
        pub fh: AffinePoint,
        /// `v_i R = u W_i`.
        pub wh: AffinePoint,
    }

    /// The public part of one presignature: a leaf of the batch's Merkle tree, hashed in its
    /// encoded form.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Leaf {
        /// Its place in the batch, from 0.
        pub index: u32,
        /// In ascending order of id, exactly the set.
        pub parties: Vec<LeafParty>,
    }

    /// The set's agreement on a batch. Nothing of the batch may be used before every member has
    /// signed the same root.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct BatchCertificate {
        /// The run that made the batch.
        pub sid: SessionId,
        /// [`Epoch::digest`].
        pub epoch: EpochDigest,
        /// The members of the run, ascending.
        pub set: Vec<PartyId>,
        /// How many presignatures.
        pub size: u32,
        /// The root of the tree of leaves.
        pub root: [u8; 32],
        /// In the order of `set`: each member's Ed25519 signature over
        /// [`signed_hash`](Self::signed_hash).
        pub signatures: Vec<[u8; 64]>,
    }
}

/// The commitment to `e_i`, 32 secret bytes that are revealed when the presignature is bound.
pub fn entropy_commitment(
    sid: &SessionId,
    index: u32,
    id: PartyId,
    entropy: &[u8; 32],
) -> [u8; 32] {
    let transcript = Transcript::new(Tag::PresignEntropy).with(sid).with_number(u64::from(index));
    transcript.with(&id.encoded()).with(entropy).finish()
}

/// What follows from a leaf alone.
#[derive(Clone, Copy, Debug)]
pub struct LeafPoints {
    /// `R`.
    pub r: AffinePoint,
    /// `B`.
    pub b: AffinePoint,
    /// `1/u` of `u = sum u_i`: turns the leaf's points into `F_i` and `W_i`.
    pub u_inverse: Scalar,
}

impl Leaf {
    /// `None` when R or B is the identity or u is zero: no presignature at all.
    pub fn points(&self) -> Option<LeafPoints> {
        let r: ProjectivePoint =
            self.parties.iter().map(|party| ProjectivePoint::from(party.r)).sum();
        let b: ProjectivePoint =
            self.parties.iter().map(|party| ProjectivePoint::from(party.b)).sum();
        let u: Scalar = self.parties.iter().map(|party| party.u).sum();
        let u_inverse = Option::from(u.invert_vartime())?;
        let whole = !Secp256k1::is_identity(&r) && !Secp256k1::is_identity(&b);
        // Once here, and not with every use of it: nothing of this is secret.
        let [r, b] = ProjectivePoint::batch_normalize_vartime(&[r, b]);
        whole.then_some(LeafPoints { r, b, u_inverse })
    }

    /// The part of one member; `None` for a stranger.
    pub fn party(&self, id: PartyId) -> Option<&LeafParty> {
        self.parties.iter().find(|party| party.id == id)
    }
}

impl BatchCertificate {
    /// What every member signs.
    pub fn signed_hash(
        sid: &SessionId,
        epoch: &EpochDigest,
        set: &[PartyId],
        size: u32,
        root: &[u8; 32],
    ) -> [u8; 32] {
        let mut transcript = Transcript::new(Tag::PresignRoot).with(sid).with(epoch.as_bytes());
        for id in set {
            transcript.append(&id.encoded());
        }
        transcript.with_number(u64::from(size)).with(root).finish()
    }

    /// One member's signature on a root.
    pub fn sign(
        key: &SigningKey,
        sid: &SessionId,
        epoch: &EpochDigest,
        set: &[PartyId],
        size: u32,
        root: &[u8; 32],
    ) -> [u8; 64] {
        key.sign(&Self::signed_hash(sid, epoch, set, size, root)).to_bytes()
    }

    /// Whether every member of a proper signing set of `epoch` signed this root.
    pub fn verify(&self, epoch: &Epoch) -> bool {
        if self.epoch != epoch.digest()
            || epoch.signing_set(&self.set).is_err()
            || self.signatures.len() != self.set.len()
        {
            return false;
        }
        if self.size == 0 || self.size > MAX_BATCH {
            return false;
        }
        let hash = Self::signed_hash(&self.sid, &self.epoch, &self.set, self.size, &self.root);
        let mut members = self.set.iter().zip(&self.signatures);
        members.all(|(id, signature)| {
            epoch.identity(*id).is_some_and(|identity| verify(identity, &hash, signature))
        })
    }

    /// Whether `leaf` is one of this batch, with the set's members and no others.
    pub fn contains(&self, leaf: &Leaf, path: &[[u8; 32]]) -> bool {
        leaf.parties.iter().map(|party| party.id).eq(self.set.iter().copied())
            && merkle::verify_path(&self.root, self.size, leaf.index, &leaf.encoded(), path)
    }
}

/// The part of a presignature that only its holder knows.
pub struct PresignatureSecrets {
    /// Times `h + r delta`, a part of the share.
    pub f: Secret<Secp256k1>,
    /// Times `r`, the other part of the share.
    pub w: Secret<Secp256k1>,
    /// This member's addend of the mask; erased when it binds.
    pub b: Secret<Secp256k1>,
    /// What the batch committed to; it re-randomises the nonce.
    pub entropy: Zeroizing<[u8; 32]>,
}

/// One fresh presignature. It belongs to no key yet, serves one use, and cannot be copied or
/// written to disk: a restart burns it.
pub struct Presignature {
    pub(crate) certificate: Arc<BatchCertificate>,
    pub(crate) leaf: Leaf,
    pub(crate) path: Vec<[u8; 32]>,
    pub(crate) points: LeafPoints,
    pub(crate) me: PartyId,
    pub(crate) secrets: PresignatureSecrets,
}

impl Presignature {
    /// `None` when `me` or the leaf is not of the batch, or the leaf no presignature.
    pub(crate) fn new(
        certificate: Arc<BatchCertificate>,
        leaf: Leaf,
        path: Vec<[u8; 32]>,
        me: PartyId,
        secrets: PresignatureSecrets,
    ) -> Option<Self> {
        let points = leaf.points()?;
        let whole = certificate.contains(&leaf, &path) && certificate.set.contains(&me);
        whole.then_some(Presignature { certificate, leaf, path, points, me, secrets })
    }

    /// The run that made it.
    pub fn sid(&self) -> &SessionId {
        &self.certificate.sid
    }

    /// Its place in the batch.
    pub fn index(&self) -> u32 {
        self.leaf.index
    }

    /// The members that use it together, ascending.
    pub fn set(&self) -> &[PartyId] {
        &self.certificate.set
    }

    /// The member whose part this is.
    pub fn me(&self) -> PartyId {
        self.me
    }

    /// `R = k G`.
    pub fn r(&self) -> ProjectivePoint {
        self.points.r.into()
    }

    /// `B = b G`.
    pub fn b_point(&self) -> ProjectivePoint {
        self.points.b.into()
    }

    /// `f_i`, `w_i` and `b_i`, for tests of the relations between them.
    #[cfg(any(test, feature = "testing"))]
    pub fn reveal(&self) -> (Scalar, Scalar, Scalar) {
        (self.secrets.f.0, self.secrets.w.0, self.secrets.b.0)
    }
}

impl fmt::Debug for Presignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presignature(index {} of {:02x?})", self.leaf.index, &self.certificate.sid[..4])
    }
}

/// One member's share of a complete batch.
#[derive(Debug)]
pub struct Batch {
    /// The root of all leaves, signed by every member of the set.
    pub certificate: Arc<BatchCertificate>,
    /// In ascending order of index.
    pub presignatures: Vec<Presignature>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::Randomness;
    use crate::testing::{deal_batch, deal_epoch};

    /// A certificate that all of its set signed, after `alter` had changed it.
    fn verifies(alter: impl FnOnce(&mut BatchCertificate)) -> bool {
        let (epoch, keys) = deal_epoch(&[1, 2, 3], 2, &mut Randomness::from_seed([1; 32]));
        let ids = epoch.ids();
        let batches = deal_batch(&epoch, &ids[..2], 2, &keys, &mut Randomness::from_seed([2; 32]));
        let mut certificate = batches[&ids[0]].certificate.as_ref().clone();
        alter(&mut certificate);
        let BatchCertificate { sid, epoch: digest, set, size, root, .. } = certificate.clone();
        certificate.signatures = set
            .iter()
            .map(|id| BatchCertificate::sign(&keys[id], &sid, &digest, &set, size, &root))
            .collect();
        certificate.verify(&epoch)
    }

    #[test]
    fn a_certificate_of_another_epoch_or_of_no_signing_set_does_not_verify_even_signed_by_all() {
        let party = |number| PartyId::new(number).unwrap();
        assert!(verifies(|_| ()));
        assert!(!verifies(|certificate| certificate.epoch = EpochDigest::new([9; 32])));
        assert!(!verifies(|certificate| certificate.set = vec![party(1)]));
        assert!(!verifies(|certificate| certificate.set = vec![party(1), party(2), party(3)]));
        assert!(!verifies(|certificate| certificate.set.reverse()));
    }

    #[test]
    fn a_batch_of_the_limit_verifies_and_one_more_or_none_does_not() {
        assert!(verifies(|certificate| certificate.size = MAX_BATCH));
        assert!(!verifies(|certificate| certificate.size = MAX_BATCH + 1));
        assert!(!verifies(|certificate| certificate.size = 0));
    }

    #[test]
    fn a_certificate_lacking_a_signature_or_with_another_does_not_verify() {
        let (epoch, keys) = deal_epoch(&[1, 2, 3], 2, &mut Randomness::from_seed([1; 32]));
        let batches =
            deal_batch(&epoch, &epoch.ids()[1..], 1, &keys, &mut Randomness::from_seed([2; 32]));
        let honest = batches.into_values().next().unwrap().certificate;
        let verifies = |alter: fn(&mut BatchCertificate)| {
            let mut certificate = honest.as_ref().clone();
            alter(&mut certificate);
            certificate.verify(&epoch)
        };
        assert!(verifies(|_| ()));
        assert!(!verifies(|certificate| certificate.signatures.truncate(1)));
        assert!(!verifies(|certificate| certificate.signatures.push([0; 64])));
        assert!(!verifies(|certificate| certificate.signatures.swap(0, 1)));
        assert!(!verifies(|certificate| certificate.root[0] ^= 1));
        assert!(!verifies(|certificate| certificate.sid[0] ^= 1));
        assert!(!verifies(|certificate| certificate.size += 1));
    }

    #[test]
    fn a_presignature_is_a_members_and_of_its_batch() {
        let (epoch, keys) = deal_epoch(&[1, 2, 3], 2, &mut Randomness::from_seed([1; 32]));
        let ids = epoch.ids();
        let fits = |alter: &dyn Fn(&mut Presignature)| {
            let mut batches =
                deal_batch(&epoch, &ids[..2], 2, &keys, &mut Randomness::from_seed([2; 32]));
            let mut presignature = batches.remove(&ids[0]).unwrap().presignatures.remove(1);
            alter(&mut presignature);
            assert_eq!(
                (presignature.sid(), presignature.set()),
                (&presignature.certificate.sid, &ids[..2])
            );
            let Presignature { certificate, leaf, path, me, secrets, .. } = presignature;
            Presignature::new(certificate, leaf, path, me, secrets).is_some()
        };
        assert!(fits(&|_| ()));
        assert!(fits(&|presignature| presignature.me = ids[1]));
        assert!(!fits(&|presignature| presignature.me = ids[2]));
        assert!(!fits(&|presignature| presignature.path[0][0] ^= 1));
        assert!(!fits(&|presignature| presignature.leaf.index = 0));
    }

    #[test]
    fn a_leaf_is_of_a_batch_with_the_sets_members_and_no_others() {
        let (epoch, keys) = deal_epoch(&[1, 2, 3], 2, &mut Randomness::from_seed([1; 32]));
        let ids = epoch.ids();
        let batches = deal_batch(&epoch, &ids[..2], 2, &keys, &mut Randomness::from_seed([2; 32]));
        let Presignature { certificate, leaf, path, .. } =
            batches.into_values().next().unwrap().presignatures.remove(1);
        assert!(certificate.contains(&leaf, &path));
        assert_eq!((leaf.party(ids[1]), leaf.party(ids[2])), (Some(&leaf.parties[1]), None));
        let others = BatchCertificate { set: ids[1..].to_vec(), ..certificate.as_ref().clone() };
        assert!(!others.contains(&leaf, &path));
    }

    #[test]
    fn a_leaf_whose_r_b_or_u_vanishes_is_no_presignature() {
        let (epoch, keys) = deal_epoch(&[1, 2, 3], 2, &mut Randomness::from_seed([1; 32]));
        let batches =
            deal_batch(&epoch, &epoch.ids()[..2], 1, &keys, &mut Randomness::from_seed([2; 32]));
        let leaf = batches.into_values().next().unwrap().presignatures.remove(0).leaf;
        let exists = |alter: fn(&mut [LeafParty])| {
            let mut leaf = leaf.clone();
            alter(&mut leaf.parties);
            leaf.points().is_some()
        };
        assert!(exists(|_| ()));
        assert!(!exists(|parties| parties[1].r = -parties[0].r));
        assert!(!exists(|parties| parties[1].b = -parties[0].b));
        assert!(!exists(|parties| parties[1].u = -parties[0].u));
    }
}
