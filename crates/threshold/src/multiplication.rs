//! Two-party multiplication by oblivious transfer: the random vector OLE of Doerner, Kondi, Lee and
//! Shelat (DKLs23, 2023/765, Protocol 5.2). Alice puts in two scalars `a_1`, `a_2`; Bob gets a
//! random `chi`; they end with `c_i + d_i = chi a_i`.
//!
//! Bob's `chi` is the inner product of 416 random choice bits with a public random vector, the
//! *gadget*. In transfer `j` Alice offers `alpha_j` and `alpha_j + a`, so the sum over `j`,
//! weighted by the gadget, is what Bob gets of `chi a` under Alice's mask.
//!
//! # The check
//! An Alice who offers another `a` in some row learns from Bob's reaction whether he chose it. Next
//! to her inputs she therefore transfers one random check value `a^` with the same bits, and Bob
//! checks in every row that what he received stands in the relation `a^ + theta_1 a_1 + theta_2 a_2
//! = eta`, masked by her pads, whose hash she sends. `theta` is a hash of everything that she
//! transferred, so she cannot fit a wrong row to it: rows that disagree pass with a probability of
//! about `2^-256` per challenge tried, or `2^-247` over the 416 rows. One check row for both inputs
//! is enough because the challenge comes from a field as large as the scalars; the paper sets the
//! number of check values as the computational parameter over the field's size, rounded up.
//!
//! What differs from the paper: the gadget is a hash of the session. All multiplications of a batch
//! with one peer are sent and checked together: each has a challenge of its own, from session,
//! pair, direction, seeds, the hash of the rows of *all* of them and its index, and one hash covers
//! what every row of every one must hold.
//!
//! # What a guess tells
//! A wrong row is noticed exactly when Bob's bit there is 1: an Alice who guesses `s` bits of one
//! multiplication gets through with `2^-s`, and then sees `chi` within `2^-(160-s)/2` of uniform
//! (leftover hash lemma, 416 - s bits into 256). Both together stay below `2^-80` for every `s`.
//! Bits guessed in several multiplications multiply their probabilities, and the multipliers have
//! no bit in common. Every failure ends the batch and its seeds, and is nobody's proof.
//!
//! The 160 bits to spare belong to one multiplication. Sharing them between all of a batch, next to
//! 256 bits of its own with the weights `2^i` for each, would save a seventh of the bytes, but
//! Alice knows the gadget when she chooses the rows to guess: a few guessed bits of fixed weight
//! leave a distribution whose Fourier coefficients sit at few, known places, so she can look for a
//! guess that the 160 shared bits hide badly. Over `n` candidates the best of the products of 160
//! cosines is not `2^-80` but, for `n = 2^38` (two bits of a batch of 256), about `2^-66`, and
//! worse with more. Where every weight is random, every coefficient counts 416 random cosines, and
//! their sum does not stray far from its mean.

use crate::envelope::Bulk;
use crate::fault::Fault;
use crate::group::{Curve, Secp256k1, Secret};
use crate::messages;
use crate::ot::extension::{Receiver, Sender};
use crate::ot::words::{SumOfProducts, Words};
use crate::ot::{Pair, Row, TRANSFER_WIDTH};
use crate::randomness::Randomness;
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript, bulk_hash};
use core::ops::Range;
use k256::Scalar;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Inputs of one multiplication.
pub const INPUTS: usize = 2;

/// Bits against an Alice who guesses Bob's choices.
const STATISTICAL_SECURITY: usize = 80;

/// Transfers of one multiplication: the size of the field and twice the statistical parameter.
pub const TRANSFERS: usize = 256 + 2 * STATISTICAL_SECURITY;

/// The number that the argument above and the length of every message rest on.
const _: () = assert!(TRANSFERS == 416);

const SCALAR_BYTES: usize = 32;
/// Bytes of the rows of one multiplication.
pub const ROWS_BYTES: usize = TRANSFERS * TRANSFER_WIDTH * SCALAR_BYTES;

/// By multiplication: one end's share of the product with each input.
pub type Shares = Zeroizing<Vec<[Scalar; INPUTS]>>;

messages! {
    /// What Alice sends with her rows.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct RowsCheck {
        /// By multiplication: `eta`.
        pub etas: Vec<Scalar>,
        /// Of what Bob must find in every row.
        pub hash: [u8; 32],
    }
}

/// The public part of all multiplications of one session.
pub struct Multiplier {
    sid: SessionId,
    size: u32,
    gadget: Vec<Words>,
}

/// The multiplications of one pair: the hashes of two never meet.
struct Place<'a> {
    sid: &'a SessionId,
    pair: &'a Pair,
    seeds: &'a [u8; 32],
}

impl Place<'_> {
    fn transcript(&self, tag: Tag) -> Transcript {
        let mut transcript = Transcript::new(tag).with(self.sid);
        self.pair.bind(&mut transcript);
        transcript.with(self.seeds)
    }

    /// By multiplication: `theta`, from all rows of all of them.
    fn challenges(&self, rows: &Bulk, size: u32) -> impl Iterator<Item = [Words; INPUTS]> {
        let transcript = self.transcript(Tag::MultiplicationChallenge).with(rows.hash());
        (0..size).map(move |index| {
            let transcript = transcript.clone().with_number(u64::from(index));
            [1, 2].map(|input| {
                Words::from(&transcript.clone().with_number(input).finish_scalar::<Secp256k1>())
            })
        })
    }
}

/// Hashes what every row holds when it is combined.
struct CheckHash {
    transcript: Transcript,
    combined: Zeroizing<Vec<u8>>,
}

impl CheckHash {
    fn new(place: &Place<'_>) -> Self {
        CheckHash {
            transcript: place.transcript(Tag::MultiplicationCheck),
            combined: Zeroizing::new(Vec::with_capacity(TRANSFERS * SCALAR_BYTES)),
        }
    }

    /// The rows of one multiplication, which are [`TRANSFERS`].
    fn append(&mut self, rows: impl Iterator<Item = Words>) {
        self.combined.clear();
        rows.for_each(|row| self.combined.extend_from_slice(&row.to_bytes()));
        self.transcript.append(&bulk_hash(&self.combined));
    }

    fn finish(self) -> [u8; 32] {
        self.transcript.finish()
    }
}

/// The transfers of multiplication `index`.
fn transfers(index: u32) -> Range<usize> {
    let first = index as usize * TRANSFERS;
    first..first + TRANSFERS
}

/// What a row hides: `check + theta_1 first + theta_2 second`.
fn combined(row: &Row, theta: &[Words; INPUTS]) -> Words {
    let mut sum = SumOfProducts::default();
    sum.add(&row[INPUTS]);
    for (theta, value) in theta.iter().zip(row) {
        sum.add_product(theta, value);
    }
    sum.reduce()
}

impl Multiplier {
    /// For `size` multiplications with each peer.
    pub fn new(sid: &SessionId, size: u32) -> Self {
        let base = Transcript::new(Tag::MultiplicationGadget).with(sid);
        let weight =
            |number| Words::from(&base.clone().with_number(number).finish_scalar::<Secp256k1>());
        Multiplier { sid: *sid, size, gadget: (0..TRANSFERS as u64).map(weight).collect() }
    }

    /// The sum of all rows, weighted, for each input.
    #[expect(
        clippy::indexing_slicing,
        reason = "a row is longer than INPUTS, which both are types"
    )]
    fn weigh(&self, rows: &[Row]) -> [Scalar; INPUTS] {
        core::array::from_fn(|input| {
            let mut sum = SumOfProducts::default();
            for (weight, row) in self.gadget.iter().zip(rows) {
                sum.add_product(weight, &row[input]);
            }
            sum.reduce().into()
        })
    }

    /// Alice's side of all multiplications, with `inputs` for each: her `c_1`, `c_2`, and the two
    /// parts of her message.
    pub fn send(
        &self,
        sender: &Sender,
        inputs: &[[Scalar; INPUTS]],
        randomness: &mut Randomness,
    ) -> (Shares, Bulk, RowsCheck) {
        let place = Place { sid: &self.sid, pair: &sender.pair, seeds: &sender.seeds };
        let mut shares = Zeroizing::new(Vec::with_capacity(inputs.len()));
        let mut rows = Vec::with_capacity(inputs.len() * ROWS_BYTES);
        let mut kept = Vec::with_capacity(inputs.len());
        for (inputs, index) in inputs.iter().zip(0..) {
            let [zero, one] = sender.pads(transfers(index));
            let check = Secret::<Secp256k1>(Secp256k1::random_scalar(randomness));
            let values = Zeroizing::new([&inputs[0], &inputs[1], &check.0].map(Words::from));
            for (zero, one) in zero.iter().zip(one.iter()) {
                for ((zero, one), value) in zero.iter().zip(one).zip(values.iter()) {
                    rows.extend_from_slice(&zero.minus(one).plus(value).to_bytes());
                }
            }
            shares.push(self.weigh(&zero).map(|sum| -sum));
            kept.push((values, zero));
        }
        let rows = Bulk::new(rows);
        let mut hash = CheckHash::new(&place);
        let mut etas = Vec::with_capacity(kept.len());
        for ((values, zero), theta) in kept.iter().zip(place.challenges(&rows, self.size)) {
            etas.push(combined(values, &theta).into());
            hash.append(zero.iter().map(|row| combined(row, &theta)));
        }
        (shares, rows, RowsCheck { etas, hash: hash.finish() })
    }

    /// Bob's `chi` in multiplication `index`.
    pub fn multiplier(&self, receiver: &Receiver, index: u32) -> Scalar {
        let mut sum = SumOfProducts::default();
        for (weight, choice) in self.gadget.iter().zip(receiver.choices(transfers(index))) {
            sum.add(&weight.when(choice));
        }
        sum.reduce().into()
    }

    /// Bob's side of all multiplications: his `d_1`, `d_2`.
    ///
    /// # Errors
    /// [`Fault::Proven`] for rows or a check of another length or with a scalar that is not
    /// canonical, [`Fault::Pairwise`] when Alice's rows do not agree, [`Fault::Misuse`] when
    /// `receiver` was extended to fewer transfers.
    pub fn receive(
        &self,
        receiver: &Receiver,
        rows: &Bulk,
        check: &RowsCheck,
    ) -> Result<Shares, Fault> {
        let place = Place { sid: &self.sid, pair: &receiver.pair, seeds: &receiver.seeds };
        let malformed = Fault::Proven { party: receiver.pair.alice, check: "multiplication form" };
        let size = self.size as usize;
        if rows.bytes().len() != size * ROWS_BYTES || check.etas.len() != size {
            return Err(malformed);
        }
        let mut shares = Zeroizing::new(Vec::with_capacity(size));
        let mut hash = CheckHash::new(&place);
        let multiplications = rows
            .bytes()
            .chunks_exact(ROWS_BYTES)
            .zip(place.challenges(rows, self.size))
            .zip(&check.etas);
        for (((offered, theta), eta), index) in multiplications.zip(0..) {
            let eta = Words::from(eta);
            let mut received = receiver.pads(transfers(index));
            if received.len() != TRANSFERS {
                return Err(Fault::Misuse(
                    "there are fewer transfers than the multiplications need",
                ));
            }
            let choices = receiver.choices(transfers(index));
            let offered = offered.as_chunks::<SCALAR_BYTES>().0.chunks_exact(TRANSFER_WIDTH);
            for ((received, offered), choice) in received.iter_mut().zip(offered).zip(choices) {
                for (value, offered) in received.iter_mut().zip(offered) {
                    let offered = Words::from_canonical(offered).ok_or(malformed.clone())?;
                    *value = value.plus(&offered.when(choice));
                }
            }
            let choices = receiver.choices(transfers(index));
            hash.append(
                received
                    .iter()
                    .zip(choices)
                    .map(|(row, choice)| combined(row, &theta).minus(&eta.when(choice))),
            );
            shares.push(self.weigh(&received));
        }
        if bool::from(hash.finish().ct_eq(&check.hash)) {
            Ok(shares)
        } else {
            Err(Fault::Pairwise { peer: receiver.pair.alice, check: "multiplication rows" })
        }
    }
}

#[cfg(test)]
mod tests;
