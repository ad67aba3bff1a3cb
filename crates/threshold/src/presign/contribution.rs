//! What one party puts into a batch.

use super::messages::{Commitment, Opening};
use crate::codec::Encode;
use crate::group::{Curve, Secp256k1, Uncompressed};
use crate::party::PartyId;
use crate::presignature::entropy_commitment;
use crate::randomness::Randomness;
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript};
use k256::elliptic_curve::BatchNormalize;
use k256::{AffinePoint, ProjectivePoint, Scalar};
use std::collections::BTreeMap;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A party's secrets of one presignature, until the products are known.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Contribution {
    /// Share of the nonce.
    pub k: Scalar,
    /// Share of what will hide the key.
    pub b: Scalar,
    /// Share of the mask under which `k` is inverted.
    pub phi: Scalar,
    pub entropy: [u8; 32],
}

impl Contribution {
    pub(super) fn random(randomness: &mut Randomness) -> Self {
        let [k, b, phi] = [(); 3].map(|()| Secp256k1::random_scalar(randomness));
        Contribution { k, b, phi, entropy: randomness.bytes() }
    }
}

/// Public points of all contributions, and the nonce that hides them until they are opened.
pub(super) fn opening(
    sid: &SessionId,
    me: PartyId,
    contributions: &[Contribution],
    nonce: [u8; 32],
) -> Opening {
    let generator_times = |secret: fn(&Contribution) -> &Scalar| {
        let points = contributions
            .iter()
            .map(|contribution| ProjectivePoint::mul_by_generator(secret(contribution)));
        uncompressed(&points.collect::<Vec<_>>())
    };
    let entropy = contributions
        .iter()
        .zip(0..)
        .map(|(contribution, index)| entropy_commitment(sid, index, me, &contribution.entropy));
    Opening {
        nonce,
        r: generator_times(|contribution| &contribution.k),
        b: generator_times(|contribution| &contribution.b),
        entropy_commitments: entropy.collect(),
    }
}

/// The commitment of `party` to `opening`, the nonce included.
pub(super) fn commitment(sid: &SessionId, party: PartyId, opening: &Opening) -> Commitment {
    let transcript = Transcript::new(Tag::PresignCommitment).with(sid).with(&party.encoded());
    Commitment { commitment: transcript.with(&opening.encoded()).finish() }
}

/// What everybody opened, by the commitments that the openings fit: the same for all, unless
/// somebody showed two faces.
pub(super) fn echo(sid: &SessionId, commitments: &BTreeMap<PartyId, Commitment>) -> [u8; 32] {
    let transcript = Transcript::new(Tag::PresignEcho).with(sid);
    let append = |transcript: Transcript, (id, of): (&PartyId, &Commitment)| {
        transcript.with(&id.encoded()).with(&of.commitment)
    };
    commitments.iter().fold(transcript, append).finish()
}

/// All at the price of one inversion.
pub(super) fn affine(points: &[ProjectivePoint]) -> Vec<AffinePoint> {
    ProjectivePoint::batch_normalize(points)
}

/// As they travel.
pub(super) fn uncompressed(points: &[ProjectivePoint]) -> Vec<Uncompressed<AffinePoint>> {
    affine(points).into_iter().map(Uncompressed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_echo_tells_of_another_opening_of_anybody() {
        let party = |number| PartyId::new(number).expect("above 0");
        let echo = |sid, commitments: &[u8]| {
            let commitments = commitments.iter().map(|byte| Commitment { commitment: [*byte; 32] });
            echo(&[sid; 32], &(1..).map(party).zip(commitments).collect())
        };
        let all =
            [(0, &[1, 2][..]), (1, &[1, 2]), (0, &[2, 1]), (0, &[1, 3]), (0, &[3, 2]), (0, &[1])];
        let echoes: BTreeSet<_> =
            all.iter().map(|(sid, commitments)| echo(*sid, commitments)).collect();
        assert_eq!(echoes.len(), all.len());
        assert_eq!(echo(0, &[1, 2]), echo(0, &[1, 2]));
    }
}
