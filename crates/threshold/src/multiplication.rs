//! Two-party multiplication by oblivious transfer: the random vector OLE of Doerner, Kondi, Lee and Shelat (DKLs23, 2023/765,
//! Protocol 5.2). Alice puts in two scalars `a_1`, `a_2`; Bob gets a random `chi`; they end with `c_i + d_i = chi a_i`.
//!
//! Bob's `chi` is the inner product of 416 random choice bits with a public random vector, the *gadget*. In transfer `j` Alice offers
//! `alpha_j` and `alpha_j + a`, so the sum over `j`, weighted by the gadget, is what Bob gets of `chi a` under Alice's mask.
//!
//! # The check
//! An Alice who offers another `a` in some row learns from Bob's reaction whether he chose it. Next to her inputs she therefore
//! transfers one random check value `a^` with the same bits, and Bob checks in every row that what he received stands in the relation
//! `a^ + theta_1 a_1 + theta_2 a_2 = eta`, masked by her pads, whose hash she sends. `theta` is a hash of everything that she
//! transferred, so she cannot fit a wrong row to it: rows that disagree pass with a probability of about `2^-256` per challenge
//! tried, or `2^-247` over the 416 rows. One check row for both inputs is enough because the challenge comes from a field as large as
//! the scalars; the paper sets the number of check values as the computational parameter over the field's size, rounded up. What
//! differs: the gadget and the challenge are hashes bound to session, pair, direction, seeds and index, and the check's tag is
//! published as one hash over all rows.
//!
//! A wrong row is noticed exactly when Bob's bit there is 1: an Alice who guesses `s` bits gets through with `2^-s`, and the 160 bits
//! beyond the size of the field keep `chi` within `2^-80` of uniform for her who got through with 80 guesses. Every failure
//! ends the batch and its seeds, and is nobody's proof.

mod sum_of_products;

use crate::codec::{Decode, Encode, Reader};
use crate::fault::Fault;
use crate::group::{Curve, Secp256k1};
use crate::message::SessionId;
use crate::ot::Pair;
use crate::ot::TRANSFER_WIDTH;
use crate::ot::extension::{Receiver, Sender};
use crate::randomness::Randomness;
use crate::transcript::{Tag, Transcript};
use core::ops::Range;
use k256::Scalar;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use sum_of_products::{Limbs, SumOfProducts};
use zeroize::{Zeroize, Zeroizing};

/// Inputs of one multiplication.
pub const INPUTS: usize = 2;

/// Bits against an Alice who guesses Bob's choices.
const STATISTICAL_SECURITY: usize = 80;

/// Transfers of one multiplication: the size of the field and twice the statistical parameter.
pub const TRANSFERS: usize = 256 + 2 * STATISTICAL_SECURITY;

const SCALAR_BYTES: usize = 32;
const ROW_BYTES: usize = TRANSFER_WIDTH * SCALAR_BYTES;
const ROWS_BYTES: usize = TRANSFERS * ROW_BYTES;

/// Alice's message for one multiplication: the rows, `eta`, and the hash that Bob compares.
pub const MESSAGE_BYTES: usize = ROWS_BYTES + SCALAR_BYTES + 32;

/// The public part of all multiplications of one session.
pub struct Multiplier {
    sid: SessionId,
    gadget: Vec<Limbs>,
}

/// Which multiplication: the hashes of two never meet.
struct Place<'a> {
    sid: &'a SessionId,
    pair: &'a Pair,
    seeds: &'a [u8; 32],
    index: u32,
}

impl Place<'_> {
    fn transcript(&self, tag: Tag) -> Transcript {
        let mut transcript = Transcript::new(tag).with(self.sid);
        self.pair.bind(&mut transcript);
        transcript.with(self.seeds).with_number(u64::from(self.index))
    }

    fn challenge(&self, rows: &[u8]) -> [Limbs; INPUTS] {
        let transcript = self.transcript(Tag::MultiplicationChallenge).with(rows);
        [1, 2].map(|input| Limbs::from(&transcript.clone().with_number(input).finish_scalar::<Secp256k1>()))
    }

    fn check_hash(&self, check: &[u8]) -> [u8; 32] {
        self.transcript(Tag::MultiplicationCheck).with(check).finish()
    }

    fn transfers(&self) -> Range<usize> {
        let first = self.index as usize * TRANSFERS;
        first..first + TRANSFERS
    }
}

/// What a row hides: `check + theta_1 first + theta_2 second`.
fn combined(row: &[Scalar; TRANSFER_WIDTH], theta: &[Limbs; INPUTS]) -> Scalar {
    let mut sum = SumOfProducts::default();
    sum.add(&Limbs::from(&row[INPUTS]));
    for (theta, value) in theta.iter().zip(row) {
        sum.add_product(theta, &Limbs::from(value));
    }
    let reduced = sum.reduce();
    sum.zeroize();
    reduced
}

impl Multiplier {
    pub fn new(sid: &SessionId) -> Self {
        let base = Transcript::new(Tag::MultiplicationGadget).with(sid);
        let gadget =
            (0..TRANSFERS as u64).map(|number| Limbs::from(&base.clone().with_number(number).finish_scalar::<Secp256k1>()));
        Multiplier { sid: *sid, gadget: gadget.collect() }
    }

    /// `g_1 x_1j + ...` for each input, over the rows `x_j`.
    fn weigh(&self, rows: &[[Scalar; TRANSFER_WIDTH]]) -> [Scalar; INPUTS] {
        core::array::from_fn(|input| {
            let mut sum = SumOfProducts::default();
            for (weight, row) in self.gadget.iter().zip(rows) {
                sum.add_product(weight, &Limbs::from(&row[input]));
            }
            let reduced = sum.reduce();
            sum.zeroize();
            reduced
        })
    }

    /// Alice's side of multiplication `index`: appends [`MESSAGE_BYTES`] to `message` and returns her `c_1`, `c_2`.
    pub fn send(
        &self,
        sender: &Sender,
        index: u32,
        inputs: &[Scalar; INPUTS],
        randomness: &mut Randomness,
        message: &mut Vec<u8>,
    ) -> [Scalar; INPUTS] {
        let place = Place { sid: &self.sid, pair: &sender.pair, seeds: &sender.seeds, index };
        let [zero, one] = sender.pads(place.transfers());
        let values = Zeroizing::new([inputs[0], inputs[1], Secp256k1::random_scalar(randomness)]);
        let start = message.len();
        message.reserve(MESSAGE_BYTES);
        for (zero, one) in zero.iter().zip(one.iter()) {
            for ((zero, one), value) in zero.iter().zip(one).zip(values.iter()) {
                (zero - one + value).encode(message);
            }
        }
        let theta = place.challenge(&message[start..]);
        combined(&values, &theta).encode(message);
        let mut check = Zeroizing::new(Vec::with_capacity(TRANSFERS * SCALAR_BYTES));
        zero.iter().for_each(|row| combined(row, &theta).encode(&mut check));
        place.check_hash(&check).encode(message);
        self.weigh(&zero).map(|sum| -sum)
    }

    /// Bob's `chi` in multiplication `index`.
    pub fn multiplier(&self, receiver: &Receiver, index: u32) -> Scalar {
        let place = Place { sid: &self.sid, pair: &receiver.pair, seeds: &receiver.seeds, index };
        let mut sum = SumOfProducts::default();
        for (weight, choice) in self.gadget.iter().zip(receiver.choices(place.transfers())) {
            sum.add_product(weight, &Limbs::from(&Scalar::conditional_select(&Scalar::ZERO, &Scalar::ONE, choice)));
        }
        let reduced = sum.reduce();
        sum.zeroize();
        reduced
    }

    /// Bob's side of multiplication `index`: his `d_1`, `d_2`.
    ///
    /// # Errors
    /// [`Fault::Proven`] for a message of another length or with a scalar that is not canonical, [`Fault::Pairwise`] when Alice's rows do
    /// not agree.
    pub fn receive(&self, receiver: &Receiver, index: u32, message: &[u8]) -> Result<[Scalar; INPUTS], Fault> {
        let place = Place { sid: &self.sid, pair: &receiver.pair, seeds: &receiver.seeds, index };
        let malformed = |_| Fault::Proven { party: receiver.pair.alice, check: "multiplication form" };
        let mut reader = Reader(message);
        let rows = reader.take(ROWS_BYTES).map_err(malformed)?;
        let eta = Scalar::decode(&mut reader).map_err(malformed)?;
        let expected = <[u8; 32]>::decode_all(reader.0).map_err(malformed)?;
        let theta = place.challenge(rows);
        let mut received = receiver.pads(place.transfers());
        let mut check = Zeroizing::new(Vec::with_capacity(TRANSFERS * SCALAR_BYTES));
        let choices = receiver.choices(place.transfers());
        for ((received, row), choice) in received.iter_mut().zip(rows.chunks_exact(ROW_BYTES)).zip(choices) {
            let mut row = Reader(row);
            for value in received.iter_mut() {
                let offered = Scalar::decode(&mut row).map_err(malformed)?;
                *value += Scalar::conditional_select(&Scalar::ZERO, &offered, choice);
            }
            let masked = combined(received, &theta) - Scalar::conditional_select(&Scalar::ZERO, &eta, choice);
            masked.encode(&mut check);
        }
        if received.len() == TRANSFERS && bool::from(place.check_hash(&check).ct_eq(&expected)) {
            Ok(self.weigh(&received))
        } else {
            Err(Fault::Pairwise { peer: receiver.pair.alice, check: "multiplication rows" })
        }
    }
}

#[cfg(test)]
mod tests;
