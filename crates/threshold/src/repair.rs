//! Repair: a member that lost its shares, or was away when the keys were made, gets the same shares
//! again from `t` others (the share recovery of Herzberg, Jarecki, Krawczyk, Yung 1995; in this
//! form Laing and Stinson, ePrint 2017/1155). It repairs many keys in one run.
//!
//! `x_i = sum lambda_j(i) x_j` over the `t` helpers `j`.
//!
//! 1. Each helper splits `lambda_j(i) x_j` into `t` random addends and sends one to each helper.
//! 2. Each helper sends the target the sum of what it got.
//!
//! The target adds up, and checks the result against the vector that the chain vouches for, never
//! against one that a helper sends. Of the sums any `t - 1` are random; all together they say `x_i`
//! and nothing else, which is why they are shown to nobody: when the result does not fit, one of
//! the helpers lied and nobody is blamed. The caller tries other helpers, in a new session.
//!
//! The caller helps only when the request came on the link of the target itself, the target is a
//! member of this epoch, and it has not asked too often; it gives a share's id to no other operator
//! without a reshare.

mod messages;

pub use messages::{Addends, Sums};

use crate::codec::Encode;
use crate::envelope::{Envelope, To};
use crate::fault::Fault;
use crate::feldman::{all_fit, vector_hashes};
use crate::group::{Curve, Secret, lagrange_at};
use crate::key::KeyShare;
use crate::machine::{Inbox, Machine};
use crate::party::{Epoch, PartyId};
use crate::randomness::Randomness;
use crate::session::SessionId;
use crate::session::session_id;
use ed25519_dalek::SigningKey;
use messages::{ADD, SUM, helpers_rounds, targets_rounds};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most keys that one run repairs.
pub const MAX_KEYS: usize = 64;

/// The longest message body, in bytes: that of [`MAX_KEYS`].
pub const MAX_BODY: usize = 4 + 32 * MAX_KEYS;

/// What a participant starts from. All but `me`, `part`, the key and the randomness is the same for
/// everybody and hashed into `sid`.
pub struct Config<C: Curve> {
    /// The epoch of target and helpers.
    pub epoch: Arc<Epoch>,
    /// The member that lost its shares.
    pub target: PartyId,
    /// In ascending order, exactly the epoch's threshold of them, the target not among them.
    pub helpers: Vec<PartyId>,
    /// This party: the target or a helper.
    pub me: PartyId,
    /// What it brings.
    pub part: Part<C>,
    /// The Ed25519 key of `me` in the epoch.
    pub signing_key: SigningKey,
    /// [`session`], and never of an earlier run.
    pub sid: SessionId,
    /// Never of an earlier run.
    pub randomness: Randomness,
}

/// What a participant brings.
pub enum Part<C: Curve> {
    /// The helper's share of each key.
    Helper(Vec<KeyShare<C>>),
    /// The vector of each key, whose hash the target knows from the chain.
    Target(Vec<Vec<C::Point>>),
}

/// The id of one run, from a fresh nonce of the target and of every helper.
pub fn session<C: Curve>(
    epoch: &Epoch,
    target: PartyId,
    helpers: &[PartyId],
    vectors: &[Vec<C::Point>],
    nonces: &BTreeMap<PartyId, [u8; 32]>,
) -> SessionId {
    let participants: Vec<_> = helpers.iter().copied().chain([target]).collect();
    let mut parameters = target.encoded();
    vector_hashes::<C>(vectors).encode(&mut parameters);
    session_id("repair", epoch, &participants, &parameters, nonces)
}

/// One participant's run, helper or target.
pub struct Ceremony<C: Curve> {
    target: PartyId,
    me: PartyId,
    signing_key: SigningKey,
    sid: SessionId,
    randomness: Randomness,
    inbox: Inbox,
    stage: Stage<C>,
}

enum Stage<C: Curve> {
    /// A helper, with the addends that it kept for itself.
    Helping(Vec<Secret<C>>),
    /// The target, with each key's vector.
    Waiting(Vec<Vec<C::Point>>),
    /// The target's shares; a helper has none.
    Complete(Vec<KeyShare<C>>),
    Over,
}

impl<C: Curve> Ceremony<C> {
    /// # Errors
    /// [`Fault::Misuse`] when the configuration is none.
    pub fn start(config: Config<C>) -> Result<(Self, Vec<Envelope>), Fault> {
        let Config { epoch, target, helpers, me, part, signing_key, sid, randomness } = config;
        if epoch.signing_set(&helpers).is_err()
            || epoch.identity(target).is_none()
            || helpers.contains(&target)
        {
            return Err(Fault::Misuse(
                "the helpers and the target are not a threshold of members and one more",
            ));
        }
        if epoch.identity(me) != Some(signing_key.verifying_key().as_bytes()) {
            return Err(Fault::Misuse("the signing key is not this party's"));
        }
        let whole = |vector: &[C::Point]| vector.len() == usize::from(epoch.threshold());
        let (keys, proper) = match &part {
            Part::Helper(shares) => {
                let mine = |share: &KeyShare<C>| share.me() == me && whole(share.commitments());
                (shares.len(), helpers.contains(&me) && shares.iter().all(mine))
            }
            Part::Target(vectors) => {
                (vectors.len(), me == target && vectors.iter().all(|vector| whole(vector)))
            }
        };
        if !proper {
            return Err(Fault::Misuse("this party has another part, or other keys"));
        }
        if keys == 0 || keys > MAX_KEYS {
            return Err(Fault::Misuse("the number of keys is outside the limits"));
        }
        let shape = if me == target { targets_rounds() } else { helpers_rounds() };
        let inbox = Inbox::new(sid, &epoch, &helpers, me, shape);
        let (stage, first) = match part {
            Part::Target(vectors) => (Stage::Waiting(vectors), Vec::new()),
            Part::Helper(shares) => {
                // The session is part of the fork's name: even randomness that comes twice splits
                // nothing twice alike.
                let mut stream = randomness.fork(&[b"addends".as_slice(), &sid].concat(), 0);
                let mut split = split(&shares, me, target, &helpers, &mut stream)?;
                let kept = split.remove(&me).unwrap_or_default();
                let seal = |(id, addends)| {
                    Envelope::seal(
                        &signing_key,
                        sid,
                        ADD,
                        me,
                        To::One(id),
                        &Addends::<C> { addends },
                    )
                };
                (Stage::Helping(kept), split.into_iter().map(seal).collect())
            }
        };
        // What made the addends is gone from here on.
        let randomness = randomness.fork(b"checks", 0);
        Ok((Ceremony { target, me, signing_key, sid, randomness, inbox, stage }, first))
    }

    /// Moves on as far as the messages at hand allow.
    fn advance(&mut self) -> Result<Vec<Envelope>, Fault> {
        let round = match self.stage {
            Stage::Helping(_) => ADD,
            Stage::Waiting(_) => SUM,
            Stage::Complete(_) | Stage::Over => return Ok(Vec::new()),
        };
        if !self.inbox.missing(round).is_empty() {
            return Ok(Vec::new());
        }
        match core::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Helping(kept) => {
                let addends = self
                    .inbox
                    .directs::<Addends<C>>(ADD)?
                    .into_iter()
                    .map(|(id, message)| (id, message.addends));
                let message = Sums::<C> { sums: total(kept, addends)? };
                self.stage = Stage::Complete(Vec::new());
                Ok(vec![Envelope::seal(
                    &self.signing_key,
                    self.sid,
                    SUM,
                    self.me,
                    To::One(self.target),
                    &message,
                )])
            }
            Stage::Waiting(vectors) => {
                let nothing = vectors.iter().map(|_| Secret(C::Scalar::default())).collect();
                let sums = self
                    .inbox
                    .directs::<Sums<C>>(SUM)?
                    .into_iter()
                    .map(|(id, message)| (id, message.sums));
                let shares = total::<C>(nothing, sums)?;
                if !all_fit(
                    self.me,
                    &vectors,
                    &shares,
                    &mut self.randomness.fork(b"share coefficients", 0),
                ) {
                    return Err(Fault::Joint { check: "repaired shares" });
                }
                let keys = vectors
                    .into_iter()
                    .zip(shares)
                    .map(|(vector, share)| KeyShare::new(self.me, vector, share));
                self.stage = Stage::Complete(
                    keys.collect::<Option<_>>().ok_or(Fault::Misuse("a vector of no points"))?,
                );
                Ok(Vec::new())
            }
            Stage::Complete(_) | Stage::Over => Ok(Vec::new()),
        }
    }
}

/// What each helper gets of `lambda_me(target) x_me`, for each key: random addends, and this helper
/// what is left.
fn split<C: Curve>(
    shares: &[KeyShare<C>],
    me: PartyId,
    target: PartyId,
    helpers: &[PartyId],
    randomness: &mut Randomness,
) -> Result<BTreeMap<PartyId, Vec<Secret<C>>>, Fault> {
    let ids: Vec<_> = helpers.iter().map(|id| u64::from(id.number())).collect();
    let lambda = lagrange_at::<C>(u64::from(me.number()), &ids, u64::from(target.number()));
    let lambda = lambda.ok_or(Fault::Misuse("this party is no helper"))?;
    let mut left: Vec<_> =
        shares.iter().map(|share| Secret::<C>(lambda * share.share().0)).collect();
    let mut split = BTreeMap::new();
    for id in helpers.iter().filter(|id| **id != me) {
        let mut take = |left: &mut Secret<C>| {
            let addend = Secret::<C>(C::random_scalar(randomness));
            left.0 = left.0 - addend.0;
            addend
        };
        split.insert(*id, left.iter_mut().map(&mut take).collect());
    }
    split.insert(me, left);
    Ok(split)
}

/// For each key the sum of what is here and what everybody sent.
fn total<C: Curve>(
    mut sums: Vec<Secret<C>>,
    sent: impl Iterator<Item = (PartyId, Vec<Secret<C>>)>,
) -> Result<Vec<Secret<C>>, Fault> {
    for (id, addends) in sent {
        if addends.len() != sums.len() {
            return Err(Fault::Proven { party: id, check: "number of keys" });
        }
        sums.iter_mut().zip(&addends).for_each(|(sum, addend)| sum.0 = sum.0 + addend.0);
    }
    Ok(sums)
}

impl<C: Curve> Machine for Ceremony<C> {
    /// The target's shares, one for each key; a helper has none.
    type Output = Vec<KeyShare<C>>;

    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Fault> {
        if matches!(self.stage, Stage::Over) {
            return Err(Fault::Misuse("the run is over"));
        }
        if envelope.body.0.len() > MAX_BODY {
            return Err(Fault::Rejected { link, reason: "it is too long" });
        }
        let result = self.inbox.put(link, envelope).and_then(|()| self.advance());
        if result.as_ref().is_err_and(Fault::is_fatal) && !matches!(self.stage, Stage::Complete(_))
        {
            self.stage = Stage::Over;
        }
        result
    }

    fn output(&mut self) -> Option<Vec<KeyShare<C>>> {
        match core::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Complete(shares) => Some(shares),
            stage => {
                self.stage = stage;
                None
            }
        }
    }

    fn waiting_for(&self) -> Vec<PartyId> {
        match &self.stage {
            Stage::Helping(_) => self.inbox.missing(ADD),
            Stage::Waiting(_) => self.inbox.missing(SUM),
            Stage::Complete(_) | Stage::Over => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
