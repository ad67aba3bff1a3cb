//! A trusted dealer, for tests and benchmarks of the parts that come after a ceremony.

pub mod delivery;

use crate::codec::Encode;
use crate::group::{Curve, Secp256k1, Secret};
use crate::key::KeyShare;
use crate::merkle::MerkleTree;
use crate::party::{Epoch, Member, PartyId};
use crate::presignature::{
    Batch, BatchCertificate, Leaf, LeafParty, Presignature, PresignatureSecrets, entropy_commitment,
};
use crate::randomness::Randomness;
use crate::session::SessionId;
use ed25519_dalek::SigningKey;
use k256::{AffinePoint, Scalar};
use std::collections::BTreeMap;
use std::sync::Arc;
use zeroize::Zeroizing;

/// An epoch of members with the given ids, and the keys that they sign with.
///
/// # Panics
/// When [`Epoch::new`] refuses them.
pub fn deal_epoch(
    ids: &[u16],
    threshold: u16,
    randomness: &mut Randomness,
) -> (Arc<Epoch>, BTreeMap<PartyId, SigningKey>) {
    let key = |id: &u16| {
        (PartyId::new(*id).expect("an id above 0"), SigningKey::from_bytes(&randomness.bytes()))
    };
    let keys: BTreeMap<_, _> = ids.iter().map(key).collect();
    let members = keys
        .iter()
        .map(|(id, key)| Member { id: *id, identity: key.verifying_key().to_bytes() })
        .collect();
    (Arc::new(Epoch::new([7; 32], 1, members, threshold).expect("a proper epoch")), keys)
}

/// The shares of a fresh key that `threshold` of `ids` make together.
pub fn deal_key<C: Curve>(
    threshold: u16,
    ids: &[PartyId],
    randomness: &mut Randomness,
) -> BTreeMap<PartyId, KeyShare<C>> {
    let coefficients: Vec<_> = (0..threshold).map(|_| C::random_scalar(randomness)).collect();
    let commitments: Vec<_> = coefficients.iter().map(C::generator_times).collect();
    let share = |id: PartyId| {
        let at = C::scalar(u64::from(id.number()));
        let value = coefficients
            .iter()
            .rev()
            .fold(C::Scalar::default(), |sum, coefficient| sum * at + *coefficient);
        KeyShare::new(id, commitments.clone(), Secret(value)).expect("a threshold above 0")
    };
    ids.iter().map(|id| (*id, share(*id))).collect()
}

/// The key that `shares` make together.
pub fn reveal_key<C: Curve>(shares: &[KeyShare<C>]) -> C::Scalar {
    let ids: Vec<_> = shares.iter().map(KeyShare::me).collect();
    let addend = |share: &KeyShare<C>| {
        crate::key::lagrange::<C>(share.me(), &ids).expect("distinct ids") * share.share().0
    };
    shares.iter().map(addend).sum()
}

/// One member's part in one presignature.
struct Dealt {
    public: LeafParty,
    secrets: PresignatureSecrets,
}

fn deal_presignature(
    sid: &SessionId,
    index: u32,
    set: &[PartyId],
    randomness: &mut Randomness,
) -> Vec<Dealt> {
    let mut scalars =
        || set.iter().map(|_| Secp256k1::random_scalar(randomness)).collect::<Vec<Scalar>>();
    let (k, b, phi, mut u, mut v) = (scalars(), scalars(), scalars(), scalars(), scalars());
    let sum = |scalars: &[Scalar]| scalars.iter().sum::<Scalar>();
    let (u_missing, v_missing) = (sum(&phi) * sum(&k) - sum(&u), sum(&phi) * sum(&b) - sum(&v));
    u[0] += u_missing;
    v[0] += v_missing;
    let u_inverse = sum(&u).invert().expect("random, so not zero");
    let r = Secp256k1::generator_times(&sum(&k));
    let party = |(at, id): (usize, &PartyId)| {
        let entropy = Zeroizing::new(randomness.bytes());
        let public = LeafParty {
            id: *id,
            r: AffinePoint::from(Secp256k1::generator_times(&k[at])),
            b: AffinePoint::from(Secp256k1::generator_times(&b[at])),
            entropy_commitment: entropy_commitment(sid, index, *id, &entropy),
            u: u[at],
            fh: AffinePoint::from(r * phi[at]),
            wh: AffinePoint::from(r * v[at]),
        };
        let (f, w, b) = (Secret(phi[at] * u_inverse), Secret(v[at] * u_inverse), Secret(b[at]));
        Dealt { public, secrets: PresignatureSecrets { f, w, b, entropy } }
    };
    set.iter().enumerate().map(party).collect()
}

/// A complete batch as a ceremony of `set` would leave it with each member.
///
/// # Panics
/// When `keys` lacks a member of `set`, or `size` is 0.
pub fn deal_batch(
    epoch: &Epoch,
    set: &[PartyId],
    size: u32,
    keys: &BTreeMap<PartyId, SigningKey>,
    randomness: &mut Randomness,
) -> BTreeMap<PartyId, Batch> {
    let sid = randomness.bytes();
    let mut leaves = Vec::new();
    let mut secrets = Vec::new();
    for index in 0..size {
        let dealt = deal_presignature(&sid, index, set, randomness);
        let (parties, secret): (Vec<_>, Vec<_>) =
            dealt.into_iter().map(|dealt| (dealt.public, dealt.secrets)).unzip();
        leaves.push(Leaf { index, parties });
        secrets.push(set.iter().copied().zip(secret).collect::<BTreeMap<_, _>>());
    }
    let tree = MerkleTree::new(&leaves.iter().map(Encode::encoded).collect::<Vec<_>>())
        .expect("at least one leaf");
    let (root, epoch) = (tree.root(), epoch.digest());
    let signatures = set
        .iter()
        .map(|id| BatchCertificate::sign(&keys[id], &sid, &epoch, set, size, &root))
        .collect();
    let certificate =
        Arc::new(BatchCertificate { sid, epoch, set: set.to_vec(), size, root, signatures });

    let mut batches: BTreeMap<_, _> = set
        .iter()
        .map(|id| (*id, Batch { certificate: certificate.clone(), presignatures: Vec::new() }))
        .collect();
    for (leaf, mut secrets) in leaves.iter().zip(secrets) {
        let path = tree.path(leaf.index).expect("a leaf of this tree");
        for (id, batch) in &mut batches {
            let secrets = secrets.remove(id).expect("dealt to every member");
            let presignature =
                Presignature::new(certificate.clone(), leaf.clone(), path.clone(), *id, secrets);
            batch.presignatures.push(presignature.expect("dealt correctly"));
        }
    }
    batches
}
