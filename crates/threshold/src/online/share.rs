//! The share: what a bound presignature is spent for.

use super::answer::Answer;
use super::assignment::Assignment;
use super::bind::{BindMessage, Bound, BoundSecrets, Opened};
use super::nonce::{Nonce, h_of, use_bytes};
use crate::fault::Fault;
use crate::group::{Curve, Secp256k1};
use crate::presignature::LeafPoints;
use crate::randomness::Randomness;
use core::fmt;
use ed25519_dalek::SigningKey;
use k256::{AffinePoint, ProjectivePoint, Scalar};

/// A spent presignature: nothing secret is left of it. It answers its one use again, and no other.
pub struct Served {
    use_bytes: Vec<u8>,
    points: LeafPoints,
    answer: Answer,
}

/// A presignature whose whole set has bound it, every check done. Dropped, it is burnt.
pub struct Ready {
    bound: Bound,
    /// In the order of the set.
    opened: Vec<Opened>,
    secrets: BoundSecrets,
}

impl Bound {
    /// Checks what the members have opened. The coefficients that fold the checks come from
    /// `randomness`, drawn now that all messages are in.
    ///
    /// # Errors
    /// A member is missing, or a check fails. The index is burnt either way.
    pub fn check(mut self, randomness: &mut Randomness) -> Result<Ready, Fault> {
        let secrets = self.secrets.take().ok_or(Fault::Misuse("this index is burnt"))?;
        let opened: Option<Vec<Opened>> = self.opened.iter_mut().map(Option::take).collect();
        let opened = opened.ok_or(Fault::Misuse("not every member has bound"))?;
        self.check_deltas(&opened, randomness)?;
        Ok(Ready { bound: self, opened, secrets })
    }

    /// `delta_i G + B_i = lambda_i X_i` for every member, as one equation; one by one when it
    /// fails. That `delta G + B = X` is their sum: the `B_i` sum to `B` by its definition, and that
    /// the `lambda_i X_i` sum to `X` is what [`PublicShares`](crate::key::PublicShares) are.
    ///
    /// A member who shifts its delta shifts the digest that the sum of the shares signs: these
    /// checks are the protocol.
    fn check_deltas(&self, opened: &[Opened], randomness: &mut Randomness) -> Result<(), Fault> {
        let members = || opened.iter().zip(&self.leaf.parties).zip(self.public.weighted());
        let mut generator = Scalar::ZERO;
        let mut terms = Vec::with_capacity(opened.len());
        for ((opened, party), weighted) in members() {
            let coefficient = Secp256k1::random_coefficient(randomness);
            generator += coefficient * opened.delta;
            terms.push((ProjectivePoint::from(party.b) - weighted, coefficient));
        }
        if Secp256k1::is_identity(
            &(Secp256k1::generator_times(&generator) + Secp256k1::public_sum_of_products(&terms)),
        ) {
            return Ok(());
        }
        let fits = |opened: &Opened, b: AffinePoint, weighted| {
            Secp256k1::generator_times(&opened.delta) + b == weighted
        };
        let liar = members().find(|((opened, party), weighted)| !fits(opened, party.b, **weighted));
        Err(liar.map_or(Fault::Joint { check: "deltas" }, |((_, party), _)| Fault::Proven {
            party: party.id,
            check: "delta",
        }))
    }
}

impl Ready {
    /// Spends the presignature.
    ///
    /// # Errors
    /// The key is not this party's, or there is no such signature. The index is burnt either way.
    pub fn share(self, signing_key: &SigningKey) -> Result<(Answer, Served), Fault> {
        let Ready { bound, opened, secrets: BoundSecrets { f, w } } = self;
        let Bound { certificate, leaf, path, points, me, epoch, assignment, .. } = bound;
        if epoch.identity(me) != Some(signing_key.verifying_key().as_bytes()) {
            return Err(Fault::Misuse("the signing key is not this party's"));
        }
        let entropies: Vec<_> = opened.iter().map(|opened| opened.entropy).collect();
        let use_bytes = use_bytes(&assignment.assignment, &points, &entropies);
        let Nonce { big_r, r, rho_inverse } =
            Nonce::new(&use_bytes, &points).ok_or(Fault::Joint { check: "nonce" })?;
        let delta: Scalar = opened.iter().map(|opened| opened.delta).sum();
        let factor = h_of(&assignment.assignment.digest) + r * delta;
        let share = rho_inverse * (f.0 * factor + r * w.0);
        drop((f, w));
        if share == Scalar::ZERO {
            return Err(Fault::Joint { check: "share" });
        }
        let certificate = certificate.as_ref().clone();
        let unsigned = Answer {
            from: me,
            certificate,
            leaf,
            path,
            assignment,
            opened,
            big_r,
            share,
            signature: [0; 64],
        };
        let answer = unsigned.sign(signing_key);
        Ok((answer.clone(), Served { use_bytes, points, answer }))
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ready(index {})", self.bound.leaf.index)
    }
}

impl Served {
    /// The whole input of the nonce's re-randomisation.
    pub fn use_bytes(&self) -> &[u8] {
        &self.use_bytes
    }

    /// The stored answer, if `use_bytes` are this very use.
    pub fn answer_to(&self, use_bytes: &[u8]) -> Option<&Answer> {
        (self.use_bytes == use_bytes).then_some(&self.answer)
    }

    /// The stored answer, if `assignment` makes this very use: the entropies are the batch's and
    /// cannot differ.
    pub fn answer_for(&self, assignment: &Assignment) -> Option<&Answer> {
        let entropies: Vec<_> = self.answer.opened.iter().map(|opened| opened.entropy).collect();
        self.answer_to(&use_bytes(assignment, &self.points, &entropies))
    }

    /// All bind messages, for whoever lacks one.
    pub fn messages(&self) -> Vec<BindMessage> {
        self.answer.bind_messages()
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Served(index {})", self.answer.leaf.index)
    }
}
