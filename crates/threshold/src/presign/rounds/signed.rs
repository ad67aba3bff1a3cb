//! After round 4 is sent: this party has signed the root.

use super::multiplied::Remainder;
use super::provable;
use crate::codec::Encode;
use crate::envelope::verify;
use crate::fault::Fault;
use crate::group::Secret;
use crate::merkle::MerkleTree;
use crate::party::PartyId;
use crate::presign::Frame;
use crate::presign::messages::RootSignature;
use crate::presignature::{Batch, BatchCertificate, Leaf, Presignature, PresignatureSecrets};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

pub(crate) struct Signed {
    leaves: Vec<Leaf>,
    tree: MerkleTree,
    remainders: Vec<Remainder>,
    own: RootSignature,
}

impl Signed {
    pub(crate) fn new(
        frame: &Frame,
        leaves: Vec<Leaf>,
        remainders: Vec<Remainder>,
    ) -> Result<(Self, RootSignature), Fault> {
        let encoded: Vec<_> = leaves.iter().map(Encode::encoded).collect();
        let tree = MerkleTree::new(&encoded).ok_or(Fault::Misuse("the batch is empty"))?;
        let root = tree.root();
        let signature = BatchCertificate::sign(
            &frame.signing_key,
            &frame.sid,
            &frame.epoch.digest(),
            &frame.set,
            frame.size,
            &root,
        );
        let own = RootSignature { root, signature };
        Ok((Signed { leaves, tree, remainders, own: own.clone() }, own))
    }

    /// Everybody's signatures together, when they are all on one root.
    pub(crate) fn certificate(
        &self,
        frame: &Frame,
        received: &BTreeMap<PartyId, RootSignature>,
    ) -> Result<BatchCertificate, Fault> {
        let epoch = frame.epoch.digest();
        let mut signatures = Vec::with_capacity(frame.set.len());
        for id in &frame.set {
            let message = if *id == frame.me { Some(&self.own) } else { received.get(id) };
            let message =
                message.ok_or(Fault::Misuse("a round was completed without its messages"))?;
            let hash = BatchCertificate::signed_hash(
                &frame.sid,
                &epoch,
                &frame.set,
                frame.size,
                &message.root,
            );
            let signed = frame
                .epoch
                .identity(*id)
                .is_some_and(|identity| verify(identity, &hash, &message.signature));
            provable(signed, *id, "signature on the root")?;
            if message.root != self.own.root {
                return Err(Fault::Joint { check: "one root" });
            }
            signatures.push(message.signature);
        }
        Ok(BatchCertificate {
            sid: frame.sid,
            epoch,
            set: frame.set.clone(),
            size: frame.size,
            root: self.own.root,
            signatures,
        })
    }

    /// Whether another member's certificate is whole and of this batch.
    pub(crate) fn is_certified_by(&self, frame: &Frame, certificate: &BatchCertificate) -> bool {
        let same = certificate.sid == frame.sid
            && certificate.set == frame.set
            && certificate.size == frame.size;
        same && certificate.root == self.own.root && certificate.verify(&frame.epoch)
    }

    /// The presignatures, under a certificate that has been checked: `f_i = phi_i / u` and `w_i =
    /// v_i / u`.
    pub(crate) fn complete(
        self,
        frame: &Frame,
        certificate: BatchCertificate,
    ) -> Result<Batch, Fault> {
        let certificate = Arc::new(certificate);
        let presignatures =
            self.leaves.into_iter().zip(self.remainders).map(|(leaf, remainder)| {
                let u_inverse = leaf.points()?.u_inverse;
                let secrets = PresignatureSecrets {
                    f: Secret(remainder.phi * u_inverse),
                    w: Secret(remainder.v * u_inverse),
                    b: Secret(remainder.b),
                    entropy: Zeroizing::new(remainder.entropy),
                };
                let path = self.tree.path(leaf.index)?;
                Presignature::new(certificate.clone(), leaf, path, frame.me, secrets)
            });
        let presignatures =
            presignatures.collect::<Option<_>>().ok_or(Fault::Joint { check: "presignature" })?;
        Ok(Batch { certificate, presignatures })
    }
}
