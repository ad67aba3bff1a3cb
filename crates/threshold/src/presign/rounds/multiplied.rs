//! After round 2 is sent: opened, and multiplied as Alice.

use super::proven::Proven;
use super::{Shares, provable};
use crate::envelope::Envelope;
use crate::fault::Fault;
use crate::group::{Curve, Secp256k1, Uncompressed};
use crate::machine::Inbox;
use crate::multiplication::{INPUTS, Multiplier};
use crate::ot::extension::Receiver;
use crate::party::PartyId;
use crate::presign::Frame;
use crate::presign::contribution::{Contribution, affine, commitment, echo, uncompressed};
use crate::presign::fold::Fold;
use crate::presign::messages::{Commitment, Multiplication, Opening, Products};
use crate::presign::proof::Statement;
use crate::randomness::Randomness;
use k256::{AffinePoint, ProjectivePoint, Scalar};
use std::collections::BTreeMap;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// With each peer.
pub(crate) struct Peer {
    /// As Bob: the transfers with the choices.
    pub receiver: Receiver,
    /// As Bob: the multipliers, by index.
    pub chi: Zeroizing<Vec<Scalar>>,
    /// As Alice: this party's shares `c`.
    pub shares: Shares,
}

pub(crate) struct Multiplied {
    pub contributions: Vec<Contribution>,
    pub opening: Opening,
    pub multiplier: Multiplier,
    pub commitments: BTreeMap<PartyId, Commitment>,
    pub peers: BTreeMap<PartyId, Peer>,
    /// Draws the nonces of the proofs.
    pub proofs: Randomness,
}

/// What is kept of a presignature when `k` is gone.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Remainder {
    pub phi: Scalar,
    pub v: Scalar,
    pub b: Scalar,
    pub entropy: [u8; 32],
}

/// `R` and `B` of one presignature.
pub(crate) struct Sums {
    pub r: AffinePoint,
    pub b: AffinePoint,
}

impl Multiplied {
    /// Round 3: checks the openings and the multiplications, and publishes the products.
    pub(crate) fn prove(
        self,
        frame: &Frame,
        inbox: &mut Inbox,
        messages: &mut Vec<Envelope>,
    ) -> Result<Proven, Fault> {
        let Multiplied { contributions, opening, multiplier, mut commitments, peers, proofs } =
            self;
        let mut openings: BTreeMap<_, Opening> = inbox.broadcasts(2)?;
        for (id, opening) in &openings {
            let whole = frame.is_whole(&opening.r)
                && frame.is_whole(&opening.b)
                && frame.is_whole(&opening.entropy_commitments);
            provable(whole, *id, "opening form")?;
            let fits = commitments.get(id) == Some(&commitment(&frame.sid, *id, opening));
            provable(fits, *id, "opening against its commitment")?;
        }
        commitments.insert(frame.me, commitment(&frame.sid, frame.me, &opening));
        openings.insert(frame.me, opening);
        let sums = sums(frame, &openings)?;
        let mut products: Vec<Product> = contributions.iter().map(Product::own).collect();
        for (id, peer) in peers {
            let opening = openings
                .get(&id)
                .ok_or(Fault::Misuse("a round was completed without its messages"))?;
            let (message, rows): (Multiplication, _) = inbox.direct_with_bulk(2, id)?;
            provable(frame.is_whole(&message.psi), id, "multiplication form")?;
            let received = multiplier.receive(&peer.receiver, &rows, &message.check)?;
            check_in_the_exponent(id, &peer, &message, opening, &received)?;
            add_shares(&mut products, &peer.shares, &received, &message.psi);
        }
        let echo = echo(&frame.sid, &commitments);
        let (message, remainders) = publish(frame, echo, contributions, products, &sums, proofs);
        messages.push(frame.to_all(3, &message));
        Ok(Proven { remainders, openings, sums, message })
    }
}

/// The shares of one index while the peers' parts are added up.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Product {
    /// `phi_i` and all peers' `psi`: what `k_i` and `b_i` are multiplied with.
    phi: Scalar,
    /// All `c + d` of the products with `k` and with `b`.
    crossed: [Scalar; INPUTS],
}

impl Product {
    fn own(contribution: &Contribution) -> Self {
        Product { phi: contribution.phi, crossed: [Scalar::ZERO; INPUTS] }
    }
}

/// Adds what one peer's messages give: the shares of both roles, and its part of the mask.
fn add_shares(
    products: &mut [Product],
    sent: &[[Scalar; INPUTS]],
    received: &[[Scalar; INPUTS]],
    psi: &[Scalar],
) {
    for ((product, (d, c)), psi) in products.iter_mut().zip(received.iter().zip(sent)).zip(psi) {
        product.phi += psi;
        for ((crossed, d), c) in product.crossed.iter_mut().zip(d).zip(c) {
            *crossed += c + d;
        }
    }
}

/// `sum chi R_j = (sum d) G + Gamma` for both inputs, the sums over all presignatures: the peer
/// multiplied with what it has opened.
#[expect(clippy::indexing_slicing, reason = "there are as many pairs of points as inputs")]
fn check_in_the_exponent(
    id: PartyId,
    peer: &Peer,
    message: &Multiplication,
    opening: &Opening,
    received: &[[Scalar; INPUTS]],
) -> Result<(), Fault> {
    let inputs = [(&opening.r, &message.gamma_u), (&opening.b, &message.gamma_v)];
    for (input, (points, gamma)) in inputs.into_iter().enumerate() {
        let mut multiples = Fold::secret();
        points.iter().zip(peer.chi.iter()).for_each(|(point, chi)| multiples.add(point.0, *chi));
        let sum = Zeroizing::new(received.iter().map(|share| share[input]).sum::<Scalar>());
        if multiples.finish() != ProjectivePoint::mul_by_generator(&sum) + gamma.0 {
            return Err(Fault::Pairwise { peer: id, check: "multiplication in the exponent" });
        }
    }
    Ok(())
}

/// Adds up everybody's points.
fn sums(frame: &Frame, openings: &BTreeMap<PartyId, Opening>) -> Result<Vec<Sums>, Fault> {
    let add_up = |list: fn(&Opening) -> &[Uncompressed<AffinePoint>]| {
        let mut sums = vec![ProjectivePoint::IDENTITY; frame.size as usize];
        for opening in openings.values() {
            sums.iter_mut().zip(list(opening)).for_each(|(sum, point)| *sum += point.0);
        }
        sums
    };
    let (r, b) = (add_up(|opening| &opening.r), add_up(|opening| &opening.b));
    if r.iter().chain(&b).any(Secp256k1::is_identity) {
        return Err(Fault::Joint { check: "R and B" });
    }
    Ok(affine(&r).into_iter().zip(affine(&b)).map(|(r, b)| Sums { r, b }).collect())
}

/// The products with their proofs, and what is kept.
fn publish(
    frame: &Frame,
    openings: [u8; 32],
    contributions: Vec<Contribution>,
    products: Vec<Product>,
    sums: &[Sums],
    mut proofs: Randomness,
) -> (Products, Vec<Remainder>) {
    let nonces: Zeroizing<Vec<_>> =
        Zeroizing::new(sums.iter().map(|_| Secp256k1::random_scalar(&mut proofs)).collect());
    let mut u = Vec::with_capacity(sums.len());
    let mut remainders = Vec::with_capacity(sums.len());
    for (contribution, product) in contributions.iter().zip(&products) {
        u.push(contribution.k * product.phi + product.crossed[0]);
        let v = contribution.b * product.phi + product.crossed[1];
        remainders.push(Remainder {
            phi: contribution.phi,
            v,
            b: contribution.b,
            entropy: contribution.entropy,
        });
    }
    let times_r = |secrets: &mut dyn Iterator<Item = &Scalar>| {
        uncompressed(
            &sums
                .iter()
                .zip(secrets)
                .map(|(sums, secret)| ProjectivePoint::from(sums.r) * secret)
                .collect::<Vec<_>>(),
        )
    };
    let fh = times_r(&mut remainders.iter().map(|remainder| &remainder.phi));
    let wh = times_r(&mut remainders.iter().map(|remainder| &remainder.v));
    let proof_commitments = times_r(&mut nonces.iter());
    let mut message = Products {
        openings,
        u,
        fh,
        wh,
        proof_commitments,
        proof_responses: Vec::with_capacity(sums.len()),
    };
    for (at, (nonce, remainder)) in nonces.iter().zip(&remainders).enumerate() {
        let challenge = message
            .statement(frame, sums, frame.me, at)
            .map(|(statement, commitment)| statement.challenge(commitment));
        message
            .proof_responses
            .extend(challenge.map(|challenge| nonce + challenge * remainder.phi));
    }
    (message, remainders)
}

impl Products {
    /// What the proof for presignature `at` says, and its commitment. `None` when there is no such
    /// presignature.
    pub(in crate::presign) fn statement<'a>(
        &'a self,
        frame: &'a Frame,
        sums: &'a [Sums],
        prover: PartyId,
        at: usize,
    ) -> Option<(Statement<'a>, &'a AffinePoint)> {
        let Sums { r, b } = sums.get(at)?;
        let (fh, wh, u) = (&self.fh.get(at)?.0, &self.wh.get(at)?.0, self.u.get(at)?);
        let statement = Statement { sid: &frame.sid, index: at as u32, prover, r, b, fh, wh, u };
        Some((statement, &self.proof_commitments.get(at)?.0))
    }
}
