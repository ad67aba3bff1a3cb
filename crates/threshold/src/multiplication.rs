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
//! differs: the gadget is a hash of the session, the challenge one of session, pair, direction, seeds and index, and the check's tag is
//! published as one hash over all rows.
//!
//! A wrong row is noticed exactly when Bob's bit there is 1: an Alice who guesses `s` bits gets through with `2^-s`, and then sees
//! `chi` within `2^-(160-s)/2` of uniform (leftover hash lemma, 416 - s bits into 256). Both together stay below `2^-80` for every `s`, for
//! each multiplication. Every failure ends the batch and its seeds, and is nobody's proof.

use crate::fault::Fault;
use crate::group::{Curve, Secp256k1, Secret};
use crate::message::SessionId;
use crate::ot::extension::{Receiver, Sender};
use crate::ot::words::{SumOfProducts, Words};
use crate::ot::{Pair, Row, TRANSFER_WIDTH};
use crate::randomness::Randomness;
use crate::transcript::{Tag, Transcript};
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

const SCALAR_BYTES: usize = 32;
const ROWS_BYTES: usize = TRANSFERS * TRANSFER_WIDTH * SCALAR_BYTES;

/// Alice's message for one multiplication: the rows, `eta`, and the hash that Bob compares.
pub const MESSAGE_BYTES: usize = ROWS_BYTES + SCALAR_BYTES + 32;

/// The public part of all multiplications of one session.
pub struct Multiplier {
    sid: SessionId,
    gadget: Vec<Words>,
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

    fn challenge(&self, rows: &[u8]) -> [Words; INPUTS] {
        let transcript = self.transcript(Tag::MultiplicationChallenge).with(rows);
        [1, 2].map(|input| Words::from(&transcript.clone().with_number(input).finish_scalar::<Secp256k1>()))
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
fn combined(row: &Row, theta: &[Words; INPUTS]) -> Words {
    let mut sum = SumOfProducts::default();
    sum.add(&row[INPUTS]);
    for (theta, value) in theta.iter().zip(row) {
        sum.add_product(theta, value);
    }
    sum.reduce()
}

impl Multiplier {
    pub fn new(sid: &SessionId) -> Self {
        let base = Transcript::new(Tag::MultiplicationGadget).with(sid);
        let weight = |number| Words::from(&base.clone().with_number(number).finish_scalar::<Secp256k1>());
        Multiplier { sid: *sid, gadget: (0..TRANSFERS as u64).map(weight).collect() }
    }

    /// The sum of all rows, weighted, for each input.
    fn weigh(&self, rows: &[Row]) -> [Scalar; INPUTS] {
        core::array::from_fn(|input| {
            let mut sum = SumOfProducts::default();
            for (weight, row) in self.gadget.iter().zip(rows) {
                sum.add_product(weight, &row[input]);
            }
            sum.reduce().into()
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
        let check = Secret::<Secp256k1>(Secp256k1::random_scalar(randomness));
        let values = Zeroizing::new([&inputs[0], &inputs[1], &check.0].map(Words::from));
        let start = message.len();
        message.reserve(MESSAGE_BYTES);
        for (zero, one) in zero.iter().zip(one.iter()) {
            for ((zero, one), value) in zero.iter().zip(one).zip(values.iter()) {
                message.extend_from_slice(&zero.minus(one).plus(value).to_bytes());
            }
        }
        let theta = place.challenge(&message[start..]);
        message.extend_from_slice(&combined(&values, &theta).to_bytes());
        let mut checked = Zeroizing::new(Vec::with_capacity(TRANSFERS * SCALAR_BYTES));
        zero.iter().for_each(|row| checked.extend_from_slice(&combined(row, &theta).to_bytes()));
        message.extend_from_slice(&place.check_hash(&checked));
        self.weigh(&zero).map(|sum| -sum)
    }

    /// Bob's `chi` in multiplication `index`.
    pub fn multiplier(&self, receiver: &Receiver, index: u32) -> Scalar {
        let place = Place { sid: &self.sid, pair: &receiver.pair, seeds: &receiver.seeds, index };
        let mut sum = SumOfProducts::default();
        for (weight, choice) in self.gadget.iter().zip(receiver.choices(place.transfers())) {
            sum.add(&weight.when(choice));
        }
        sum.reduce().into()
    }

    /// Bob's side of multiplication `index`: his `d_1`, `d_2`.
    ///
    /// # Errors
    /// [`Fault::Proven`] for a message of another length or with a scalar that is not canonical, [`Fault::Pairwise`] when Alice's rows
    /// do not agree.
    pub fn receive(&self, receiver: &Receiver, index: u32, message: &[u8]) -> Result<[Scalar; INPUTS], Fault> {
        let place = Place { sid: &self.sid, pair: &receiver.pair, seeds: &receiver.seeds, index };
        let malformed = Fault::Proven { party: receiver.pair.alice, check: "multiplication form" };
        let Offer { rows, eta, check_hash } = Offer::split(message).ok_or(malformed.clone())?;
        let theta = place.challenge(rows.as_flattened());
        let mut received = receiver.pads(place.transfers());
        let mut checked = Zeroizing::new(Vec::with_capacity(TRANSFERS * SCALAR_BYTES));
        let choices = receiver.choices(place.transfers());
        for ((received, offered), choice) in received.iter_mut().zip(rows.chunks_exact(TRANSFER_WIDTH)).zip(choices) {
            for (value, offered) in received.iter_mut().zip(offered) {
                let offered = Words::from_canonical(offered).ok_or(malformed.clone())?;
                *value = value.plus(&offered.when(choice));
            }
            checked.extend_from_slice(&combined(received, &theta).minus(&eta.when(choice)).to_bytes());
        }
        if received.len() == TRANSFERS && bool::from(place.check_hash(&checked).ct_eq(check_hash)) {
            Ok(self.weigh(&received))
        } else {
            Err(Fault::Pairwise { peer: receiver.pair.alice, check: "multiplication rows" })
        }
    }
}

/// Alice's message, taken apart.
struct Offer<'a> {
    /// The scalars of all rows, one after the other.
    rows: &'a [[u8; SCALAR_BYTES]],
    eta: Words,
    check_hash: &'a [u8; 32],
}

impl<'a> Offer<'a> {
    /// `None` for another length or an `eta` that is not canonical.
    fn split(message: &'a [u8]) -> Option<Self> {
        let (rows, rest) = message.split_at_checked(ROWS_BYTES)?;
        let (eta, check_hash) = rest.split_first_chunk()?;
        Some(Offer { rows: rows.as_chunks().0, eta: Words::from_canonical(eta)?, check_hash: check_hash.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests;
