//! Base transfers: endemic oblivious transfer of Masny and Rindal (2019/706) over secp256k1, a set
//! of 128 in two messages.
//!
//! For each transfer Alice, who chooses bit `b`, picks `P_(1-b)` as a random point whose logarithm
//! she does not know and sets `P_b = x G - H(b, P_(1-b))`, with `H` hashing to the curve. Bob
//! answers with one `Y = y G` for the set. The pad of branch `s` is derived from `y (P_s + H(s,
//! P_(1-s)))`, which Alice knows as `x Y` for `s = b` and for the other branch not at all. Bob's
//! answer cannot bias what she learns, nor her message what he does, and the two points look alike.
//!
//! Alice's message is bound to the pair and her nonce; the pads to everything, Bob's nonce and
//! answer included.
//!
//! `H` is a random oracle into the group ([`hash_to_curve`]), as the paper's proof wants it. What
//! Alice hashes is in her message; that she hashed it for this branch and not for the other is her
//! choice, so `H` takes the same time for all inputs, and what it leaves in memory is erased.
//! Points travel uncompressed: a square root for each of 257 would cost more than their bytes.

mod origin;

pub use origin::{AliceOrigin, BobOrigin};

use super::{BASE_TRANSFERS, Pair};
use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::fault::Fault;
use crate::group::secp256k1::hash_to_curve::hash_to_curve;
use crate::group::secp256k1::multiples::Multiples;
use crate::group::{Curve, Secp256k1, Secret, Uncompressed};
use crate::messages;
use crate::randomness::Randomness;
use crate::transcript::{Tag, Transcript};
use k256::elliptic_curve::BatchNormalize;
use k256::elliptic_curve::Generate;
use k256::{AffinePoint, ProjectivePoint};
use subtle::{Choice, ConditionallySelectable};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A key of the extension's column streams.
pub type Pad = [u8; 16];

/// `P_0` and `P_1` of one transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Branches(pub AffinePoint, pub AffinePoint);

impl Encode for Branches {
    fn encode(&self, out: &mut Vec<u8>) {
        Uncompressed(self.0).encode(out);
        Uncompressed(self.1).encode(out);
    }
}

impl Decode for Branches {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (Uncompressed(zero), Uncompressed(one)) =
            (Decode::decode(reader)?, Decode::decode(reader)?);
        Ok(Branches(zero, one))
    }
}

messages! {
    /// Alice's: both points of all [`BASE_TRANSFERS`] transfers.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct AliceMessage {
        /// Fresh in every exchange.
        pub nonce: [u8; 32],
        /// Two points for each transfer, one of which Alice can open.
        pub branches: Vec<Branches>,
    }

    /// Bob's answer.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct BobMessage {
        /// Fresh in every exchange.
        pub nonce: [u8; 32],
        /// Bob's one Diffie-Hellman point, for all transfers.
        pub y: Uncompressed<AffinePoint>,
    }
}

/// What Alice keeps: her choices and the pads they opened. Serves one extension.
#[derive(Zeroize, ZeroizeOnDrop)]
#[cfg_attr(test, derive(Clone))]
pub struct AliceSeeds {
    #[zeroize(skip)]
    pub(super) pair: Pair,
    #[zeroize(skip)]
    pub(super) id: [u8; 32],
    /// Bit `n` is the choice of transfer `n`.
    pub(super) delta: u128,
    pub(super) pads: Vec<Pad>,
    #[zeroize(skip)]
    pub(crate) origin: AliceOrigin,
}

/// What Bob keeps: both pads of every transfer. Serves one extension.
#[derive(Zeroize, ZeroizeOnDrop)]
#[cfg_attr(test, derive(Clone))]
pub struct BobSeeds {
    #[zeroize(skip)]
    pub(super) pair: Pair,
    #[zeroize(skip)]
    pub(super) id: [u8; 32],
    pub(super) pads: Vec<(Pad, Pad)>,
    #[zeroize(skip)]
    pub(crate) origin: BobOrigin,
}

macro_rules! handles {
    ($($seeds:ty),*) => {$(
        impl $seeds {
            /// Between whom, and in which direction.
            pub fn pair(&self) -> &Pair {
                &self.pair
            }

            /// The hash of both messages: the same at both ends, and what a session names the seeds
            /// by.
            pub fn id(&self) -> &[u8; 32] {
                &self.id
            }
        }
    )*};
}
handles!(AliceSeeds, BobSeeds);

/// Alice between her message and Bob's.
#[derive(ZeroizeOnDrop)]
pub struct AliceStart {
    #[zeroize(skip)]
    pair: Pair,
    /// Of all that is random here.
    seed: [u8; 32],
    #[zeroize(skip)]
    message: AliceMessage,
    delta: u128,
    #[zeroize(skip)]
    exponents: Vec<Secret<Secp256k1>>,
}

impl AliceStart {
    /// Chooses a bit for each transfer, and begins: in the base transfers Alice is the receiver.
    /// `randomness` is a stream of this exchange alone.
    pub fn new(pair: Pair, randomness: Randomness) -> (Self, AliceMessage) {
        Self::drawing_from(pair, own_stream(&randomness))
    }

    fn drawing_from(pair: Pair, mut randomness: Randomness) -> (Self, AliceMessage) {
        let seed = randomness.seed();
        let nonce = randomness.bytes();
        let delta = u128::from_le_bytes(randomness.bytes());
        // A random point of the curve: nobody knows its logarithm, who drew it included.
        let others: Vec<_> =
            (0..BASE_TRANSFERS).map(|_| AffinePoint::generate_from_rng(&mut randomness)).collect();
        let exponents: Vec<_> =
            others.iter().map(|_| Secret(Secp256k1::random_scalar(&mut randomness))).collect();
        let hashed = others.iter().enumerate().map(|(number, other)| {
            branch_hash(&pair, &nonce, number, choice(delta, number), other)
        });
        let masks = masks(hashed);
        let chosen = exponents
            .iter()
            .zip(masks.iter())
            .map(|(exponent, mask)| Secp256k1::generator_times(&exponent.0) - mask);
        let chosen = normalize(chosen);
        let branches = chosen.iter().zip(&others).enumerate().map(|(number, (chosen, other))| {
            let bit = choice(delta, number);
            Branches(
                AffinePoint::conditional_select(chosen, other, bit),
                AffinePoint::conditional_select(other, chosen, bit),
            )
        });
        let message = AliceMessage { nonce, branches: branches.collect() };
        (AliceStart { pair, seed, message: message.clone(), delta, exponents }, message)
    }

    /// # Errors
    /// None that an answer of canonical form can cause today; what a lying Bob spoils, the
    /// extension's check finds.
    pub fn finish(self, answer: &BobMessage) -> Result<AliceSeeds, Fault> {
        let id = handle_id(&self.pair, &self.message, answer);
        let y = Multiples::new(answer.y.0.into());
        let shared = normalize(self.exponents.iter().map(|exponent| y.times(&exponent.0)));
        let pads = shared
            .iter()
            .enumerate()
            .map(|(number, shared)| pad(&id, number, choice(self.delta, number), shared));
        let origin = AliceOrigin { seed: self.seed, answer: answer.clone() };
        Ok(AliceSeeds { pair: self.pair, id, delta: self.delta, pads: pads.collect(), origin })
    }
}

/// Bob's side.
///
/// # Errors
/// [`Fault::Pairwise`] when the message is not that of an honest Alice.
pub fn bob_respond(
    pair: Pair,
    message: &AliceMessage,
    randomness: Randomness,
) -> Result<(BobSeeds, BobMessage), Fault> {
    bob_drawing_from(pair, message, own_stream(&randomness))
}

fn bob_drawing_from(
    pair: Pair,
    message: &AliceMessage,
    mut randomness: Randomness,
) -> Result<(BobSeeds, BobMessage), Fault> {
    let origin = BobOrigin { seed: randomness.seed(), request: message.clone() };
    let failed = |check| Fault::Pairwise { peer: pair.alice, check };
    if message.branches.len() != BASE_TRANSFERS {
        return Err(failed("number of base transfers"));
    }
    let nonce = randomness.bytes();
    let exponent = Secret::<Secp256k1>(Secp256k1::random_scalar(&mut randomness));
    let branches = message.branches.iter().enumerate();
    let hashed = branches.flat_map(|(number, Branches(zero, one))| {
        [(0, one), (1, zero)].map(|(bit, other)| {
            branch_hash(&pair, &message.nonce, number, Choice::from(bit), other)
        })
    });
    let masks = masks(hashed);
    let points = message.branches.iter().flat_map(|Branches(zero, one)| [zero, one]);
    let unmasked: Vec<_> = masks.iter().zip(points).map(|(mask, point)| *mask + point).collect();
    if unmasked.iter().any(Secp256k1::is_identity) {
        return Err(failed("base transfer points"));
    }
    let shared = normalize(unmasked.iter().map(|point| Secp256k1::times(point, &exponent.0)));
    let answer =
        BobMessage { nonce, y: Uncompressed(Secp256k1::generator_times(&exponent.0).to_affine()) };
    let id = handle_id(&pair, message, &answer);
    let pads = shared.as_chunks().0.iter().enumerate().map(|(number, [zero, one])| {
        let pad = |bit, shared| pad(&id, number, Choice::from(bit), shared);
        (pad(0, zero), pad(1, one))
    });
    Ok((BobSeeds { pair, id, pads: pads.collect(), origin }, answer))
}

/// Its seed can be opened without opening anything else that comes from `randomness`.
fn own_stream(randomness: &Randomness) -> Randomness {
    randomness.fork(b"base transfers", 0)
}

fn choice(delta: u128, number: usize) -> Choice {
    Choice::from((delta >> number & 1) as u8)
}

/// What `H` is the hash of for one branch: everything that names it, and the other branch's point.
fn branch_hash(
    pair: &Pair,
    nonce: &[u8; 32],
    number: usize,
    bit: Choice,
    other: &AffinePoint,
) -> [u8; 32] {
    let mut transcript = Transcript::new(Tag::BaseOtPoint);
    pair.bind(&mut transcript);
    transcript
        .append(nonce)
        .append_number(number as u64)
        .append(&[bit.unwrap_u8()])
        .append(&other.encoded());
    transcript.finish()
}

/// `H` of every branch's hash.
fn masks(hashed: impl Iterator<Item = [u8; 32]>) -> Zeroizing<Vec<ProjectivePoint>> {
    let hashed = Zeroizing::new(hashed.collect::<Vec<_>>());
    Zeroizing::new(hash_to_curve(&hashed, Tag::BaseOtPoint.bytes()))
}

fn normalize(points: impl Iterator<Item = ProjectivePoint>) -> Zeroizing<Vec<AffinePoint>> {
    let points = Zeroizing::new(points.collect::<Vec<_>>());
    Zeroizing::new(ProjectivePoint::batch_normalize(points.as_slice()))
}

/// Hashes every point and both nonces, so that whatever is derived from it is bound to them.
fn handle_id(pair: &Pair, alice: &AliceMessage, bob: &BobMessage) -> [u8; 32] {
    let mut transcript = Transcript::new(Tag::BaseOtHandle);
    pair.bind(&mut transcript);
    transcript.with(&alice.encoded()).with(&bob.encoded()).finish()
}

fn pad(id: &[u8; 32], number: usize, bit: Choice, shared: &AffinePoint) -> Pad {
    let transcript = Transcript::new(Tag::BaseOtPad)
        .with(id)
        .with_number(number as u64)
        .with(&[bit.unwrap_u8()]);
    let mut encoded = shared.encoded();
    let mut digest = transcript.with(&encoded).finish();
    let mut pad = [0; 16];
    pad.copy_from_slice(&digest[..16]);
    encoded.zeroize();
    digest.zeroize();
    pad
}

/// Seeds from a trusted dealer, for tests of what comes after. No opened seed makes them again.
#[cfg(any(test, feature = "testing"))]
pub fn deal(pair: Pair, mut randomness: Randomness) -> (AliceSeeds, BobSeeds) {
    let id = randomness.bytes();
    let delta = u128::from_le_bytes(randomness.bytes());
    let pads: Vec<(Pad, Pad)> =
        (0..BASE_TRANSFERS).map(|_| (randomness.bytes(), randomness.bytes())).collect();
    let chosen = pads
        .iter()
        .enumerate()
        .map(|(number, (zero, one))| if delta >> number & 1 == 0 { *zero } else { *one });
    let answer = BobMessage { nonce: id, y: Uncompressed(AffinePoint::GENERATOR) };
    let origin = AliceOrigin { seed: id, answer };
    let alice = AliceSeeds { pair, id, delta, pads: chosen.collect(), origin };
    (
        alice,
        BobSeeds {
            pair,
            id,
            pads,
            origin: BobOrigin {
                seed: id,
                request: AliceMessage { nonce: id, branches: Vec::new() },
            },
        },
    )
}

#[cfg(test)]
mod tests;
