//! Presignatures in batches, by a set of exactly `t` parties, before anybody knows which keys they
//! will serve.
//!
//! Party `i` draws `k_i`, `b_i`, `phi_i` and `e_i` for each presignature. In four rounds
//! 1. everybody commits to `R_i = k_i G`, `B_i = b_i G` and a hash of `e_i`, and sends every peer
//!    its half of the oblivious transfers;
//! 2. everybody opens, and multiplies `(k_i, b_i)` with every peer's `phi_j`
//!    ([`multiplication`](crate::multiplication)), which leaves additive shares `u_i` of `phi k`
//!    and `v_i` of `phi b`. Each checks what it got against the opened points;
//! 3. everybody publishes `u_i`, `Fh_i = phi_i R`, `Wh_i = v_i R` and a proof of knowledge of the
//!    first one's logarithm; the sums must be `u G` and `u B`;
//! 4. everybody signs the Merkle root over all that is public. Nothing comes out before all `t`
//!    signatures on one root are there.
//!
//! The algebra is that of DKLs23 (Doerner, Kondi, Lee and Shelat, 2023/765) with a fresh `b` in the
//! place of the key. What differs: the published points with their proof, which make every later
//! share checkable, and the signed root in the place of an echo.
//!
//! # The check in the exponent
//! Bob has `c + d = chi a` for each presignature and each input `a` of Alice, and must know that
//! her `a` are the `k` and `b` that she has opened: a `b` shifted by a known amount would later
//! shift the digest that is signed. She sends `Gamma = (sum c) G`, the sum over all presignatures
//! of the batch, for each of the two inputs, and he checks `sum chi R_j = (sum d) G + Gamma`, and
//! the same with `B_j`. No coefficients are drawn: his own `chi` are the coefficients of the fold.
//! If `e = a - k` is not zero for some presignature, then `sum chi e` must be a number that Alice
//! knows, and each `chi` is within `2^-80` of uniform to her, independent of the others: all that
//! she has seen that depends on it are the reaction to her rows, which the multiplication accounts
//! for, and `psi = phi - chi`, masked by a `phi` that is as random and shows in nothing before
//! round 3. Each input needs a `Gamma` of its own because both are multiplied with the same `chi`:
//! in their sum `e` and `-e` would cancel.
//!
//! Security with abort, all but one of the set corrupt. A failure ends the batch and burns the base
//! transfers that it consumed; a failed multiplication is between two parties and proves nothing to
//! a third. Who has not signed the root may then [open](opening) all that it did.

mod contribution;
mod fold;
#[cfg_attr(not(feature = "testing"), allow(unreachable_pub, reason = "tests of attacks reach it"))]
mod proof;
mod rounds;

pub mod messages;
pub mod opening;

use crate::codec::Message;
use crate::envelope::{Bulk, Envelope, To};
use crate::fault::Fault;
use crate::machine::{Inbox, Machine, RoundShape};
use crate::multiplication::ROWS_BYTES;
use crate::ot::{Pair, PairSeeds};
use crate::party::{Epoch, PartyId};
use crate::presignature::{Batch, BatchCertificate, MAX_BATCH};
use crate::randomness::Randomness;
use crate::session::SessionId;
use ed25519_dalek::SigningKey;
use messages::RootSignature;
use opening::Retained;
#[cfg(feature = "testing")]
pub use proof::Statement;
use rounds::{Committed, Multiplied, Proven, Signed};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The order of the rounds, and what each of them carries.
const ROUNDS: [RoundShape; 4] = [
    RoundShape { broadcast: true, direct: true },
    RoundShape { broadcast: true, direct: true },
    RoundShape { broadcast: true, direct: false },
    RoundShape { broadcast: true, direct: false },
];

/// What a party needs to take part.
pub struct Config {
    /// The epoch whose members presign.
    pub epoch: Arc<Epoch>,
    /// Exactly the threshold's number of members, in ascending order.
    pub set: Vec<PartyId>,
    /// This party.
    pub me: PartyId,
    /// Presignatures to make, from 1 to [`MAX_BATCH`].
    pub size: u32,
    /// The session, from [`session_id`](crate::session::session_id).
    pub sid: SessionId,
    /// Signs the messages and the root.
    pub signing_key: SigningKey,
    /// Fresh seeds with every other member of the set. The run consumes them, whatever comes of it.
    /// The session's parameters should name their [ids](crate::ot::base::AliceSeeds::id): two ends
    /// with different seeds find out only when a check fails.
    pub ots: BTreeMap<PartyId, PairSeeds>,
    /// The batch draws from a fork of its own, and every part of it from forks of that. It is kept,
    /// for [opening](opening), until this party signs the root.
    pub randomness: Randomness,
}

/// What stays the same from the first round to the last.
struct Frame {
    epoch: Arc<Epoch>,
    set: Vec<PartyId>,
    me: PartyId,
    size: u32,
    sid: SessionId,
    signing_key: SigningKey,
    /// For the coefficients of folded checks and nothing else: what made the secrets is not kept.
    coefficients: Randomness,
}

impl Frame {
    fn peers(&self) -> impl Iterator<Item = PartyId> + '_ {
        self.set.iter().copied().filter(|id| *id != self.me)
    }

    fn to_all(&self, round: u16, message: &impl Message) -> Envelope {
        Envelope::seal(&self.signing_key, self.sid, round, self.me, To::All, message)
    }

    fn to_one(&self, round: u16, to: PartyId, message: &impl Message, bulk: Bulk) -> Envelope {
        Envelope::seal_with_bulk(
            &self.signing_key,
            self.sid,
            round,
            self.me,
            To::One(to),
            message.encoded(),
            bulk,
        )
    }

    /// A stream of coefficients for one check, with one peer or with all.
    fn coefficients(&self, check: &[u8], peer: Option<PartyId>) -> Randomness {
        self.coefficients.fork(check, peer.map_or(0, |id| u64::from(id.number())))
    }

    /// Whether a list has an entry for every presignature.
    fn is_whole<T>(&self, list: &[T]) -> bool {
        list.len() == self.size as usize
    }
}

/// Where the run stands: the state holds what the next round needs, and nothing that only an
/// earlier one needed.
enum State {
    Committed(Committed),
    Multiplied(Multiplied),
    Proven(Proven),
    Signed(Signed),
    Complete(Batch),
    Delivered,
    Burnt,
}

/// One party in one presigning run.
pub struct Ceremony {
    frame: Frame,
    inbox: Inbox,
    state: State,
    /// Until the root is signed.
    retained: Option<Retained>,
}

impl Ceremony {
    /// Begins the run. The messages are those of round 1.
    ///
    /// # Errors
    /// [`Fault::Misuse`] for a configuration that no run can have.
    pub fn start(config: Config) -> Result<(Self, Vec<Envelope>), Fault> {
        if config.epoch.identity(config.me) != Some(config.signing_key.verifying_key().as_bytes()) {
            return Err(Fault::Misuse("the signing key is not this party's"));
        }
        // The session is part of the fork's name: even randomness that comes twice makes no
        // presignature twice.
        let randomness = config.randomness.fork(&[b"batch".as_slice(), &config.sid].concat(), 0);
        Self::drawing_from(Config { randomness, ..config })
    }

    /// Draws from the configured stream itself, and signs with any key.
    fn drawing_from(config: Config) -> Result<(Self, Vec<Envelope>), Fault> {
        let Config { epoch, set, me, size, sid, signing_key, ots, randomness } = config;
        if epoch.signing_set(&set).is_err() || !set.contains(&me) {
            return Err(Fault::Misuse(
                "the set is not a signing set of the epoch with this party in it",
            ));
        }
        if size == 0 || size > MAX_BATCH {
            return Err(Fault::Misuse("the batch is empty or beyond the limit"));
        }
        let digest = epoch.digest();
        let fits = |peer: PartyId, seeds: &PairSeeds| {
            *seeds.alice.pair() == Pair { epoch: digest, alice: me, bob: peer }
                && *seeds.bob.pair() == Pair { epoch: digest, alice: peer, bob: me }
        };
        let frame = Frame {
            epoch,
            set,
            me,
            size,
            sid,
            signing_key,
            coefficients: randomness.fork(b"coefficients", 0),
        };
        if !ots.keys().copied().eq(frame.peers())
            || !ots.iter().all(|(peer, seeds)| fits(*peer, seeds))
        {
            return Err(Fault::Misuse(
                "the base transfers are not those with the other members of the set",
            ));
        }
        let inbox = Inbox::new(sid, &frame.epoch, &frame.set, me, ROUNDS.to_vec());
        let retained = Some(Retained::new(&ots, &randomness));
        let (committed, messages) = Committed::begin(&frame, ots, randomness);
        Ok((Ceremony { frame, inbox, state: State::Committed(committed), retained }, messages))
    }

    /// The round whose messages are awaited, from 1; 0 when none is.
    fn round(&self) -> u16 {
        match self.state {
            State::Committed(_) => 1,
            State::Multiplied(_) => 2,
            State::Proven(_) => 3,
            State::Signed(_) => 4,
            State::Complete(_) | State::Delivered | State::Burnt => 0,
        }
    }

    /// Goes on as far as the messages at hand allow. Whatever fails leaves the state burnt, its
    /// secrets erased.
    fn advance(&mut self) -> Result<Vec<Envelope>, Fault> {
        let mut messages = Vec::new();
        while self.round() != 0 && self.inbox.missing(self.round()).is_empty() {
            let (frame, inbox) = (&self.frame, &mut self.inbox);
            self.state = match core::mem::replace(&mut self.state, State::Burnt) {
                State::Committed(state) => {
                    State::Multiplied(state.multiply(frame, inbox, &mut messages)?)
                }
                State::Multiplied(state) => {
                    State::Proven(state.prove(frame, inbox, &mut messages)?)
                }
                State::Proven(state) => {
                    let signed = state.sign(frame, inbox, &mut messages)?;
                    self.retained = None;
                    State::Signed(signed)
                }
                State::Signed(state) => {
                    let signatures: BTreeMap<_, RootSignature> = inbox.broadcasts(4)?;
                    let certificate = state.certificate(frame, &signatures)?;
                    State::Complete(state.complete(frame, certificate)?)
                }
                ended => ended,
            };
        }
        Ok(messages)
    }

    /// Completes the run with a certificate that another member holds already, when the signatures
    /// themselves did not all arrive.
    ///
    /// # Errors
    /// [`Fault::Rejected`] when it is not a whole certificate of this batch, [`Fault::Misuse`]
    /// before this party has signed.
    pub fn complete(&mut self, link: PartyId, certificate: &BatchCertificate) -> Result<(), Fault> {
        let State::Signed(state) = &self.state else {
            return Err(Fault::Misuse("the run does not wait for signatures"));
        };
        if !state.is_certified_by(&self.frame, certificate) {
            return Err(Fault::Rejected { link, reason: "it is no certificate of this batch" });
        }
        if let State::Signed(state) = core::mem::replace(&mut self.state, State::Burnt) {
            self.state = State::Complete(state.complete(&self.frame, certificate.clone())?);
        }
        Ok(())
    }
}

/// The most bytes that an honest member's body and bulk take in a batch of `size`: the products are
/// the longest of what everybody gets, the multiplication of what one gets.
fn longest_message(size: u32, to: To) -> usize {
    const REST: usize = 1 << 12;
    let each = match to {
        To::All => 256,
        To::One(_) => ROWS_BYTES + 64,
    };
    size as usize * each + REST
}

impl Machine for Ceremony {
    type Output = Batch;

    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Fault> {
        if let State::Burnt = self.state {
            return Err(Fault::Misuse("the batch is burnt"));
        }
        if envelope.body.0.len().saturating_add(envelope.bulk.0.len())
            > longest_message(self.frame.size, envelope.to)
        {
            return Err(Fault::Rejected {
                link,
                reason: "it is longer than any message of the run",
            });
        }
        let result = self.inbox.put(link, envelope).and_then(|()| self.advance());
        // A complete batch stays: all signatures on it are held.
        let fatal = result.as_ref().is_err_and(Fault::is_fatal);
        if fatal && !matches!(self.state, State::Complete(_) | State::Delivered) {
            self.state = State::Burnt;
        }
        result
    }

    fn output(&mut self) -> Option<Batch> {
        match core::mem::replace(&mut self.state, State::Delivered) {
            State::Complete(batch) => Some(batch),
            other => {
                self.state = other;
                None
            }
        }
    }

    fn waiting_for(&self) -> Vec<PartyId> {
        self.inbox.missing(self.round())
    }
}

#[cfg(test)]
mod tests;
