//! Resharing: the keys of one epoch pass to the members and the threshold of the next, and stay the
//! same keys. Joining, leaving, another threshold and the plain refresh of the same members are all
//! this one protocol (Desmedt and Jajodia 1997; for refresh Herzberg, Jarecki, Krawczyk, Yung
//! 1995). It moves many keys in one run.
//!
//! The dealers are exactly `t` old members. Dealer `j` shares its addend `lambda_j x_j` of each key
//! anew, in a polynomial of exactly `t'` coefficients; a new member's share is the sum of what the
//! dealers gave it.
//!
//! 1. Every dealer commits to all of its vectors.
//! 2. It opens them, to all, and sends each new member its points, signed, so that a wrong one
//!    names its dealer.
//! 3. Dealers and new members sign what they saw, to all; a new member only once it holds checked
//!    shares of every key.
//!
//! With all signatures there is a [`Certificate`]. Of those of all batches each new member makes
//! its [`Ballot`], for the chain; what becomes of old and new shares meanwhile is [`Transition`]'s.
//! Which changes a node deals for at all is [`Proposal`]'s.
//!
//! An attempt that fails is never taken up again: the next one has a new session, with fresh nonces
//! of all, new polynomials, and without those who were named or silent. The points of one
//! polynomial dealt to two sets of receivers could be enough to find its secret.

mod constants;
mod messages;
mod proposal;
mod record;
mod transition;

pub use messages::{Commitment, Opening, Signoff};
pub use proposal::{Consent, Objection, Permit, Proposal, ProposalError};
pub use record::{Certificate, Record};
pub use transition::{Ballot, Committed, Transition};

use crate::codec::Encode;
use crate::dkg::Shares;
use crate::envelope::{Envelope, To};
use crate::fault::Fault;
use crate::feldman::{Dealt, Polynomials, all_fit, check_form, sum_of_shares, vector_hashes};
use crate::group::{Curve, Secret};
use crate::key::{KeyShare, lagrange};
use crate::machine::{Inbox, Machine};
use crate::party::PartyId;
use crate::randomness::Randomness;
use crate::session::SessionId;
use crate::session::session_id;
use crate::transcript::{Tag, Transcript};
use constants::{Opened, new_vectors};
use ed25519_dalek::SigningKey;
use messages::{COMMIT, OPEN, SIGN, dealers_rounds, everybodys_rounds};
use std::collections::BTreeMap;

/// The most keys that one run moves.
pub const MAX_KEYS: usize = 64;

/// The longest message body, in bytes: above every honest one at [`MAX_KEYS`] and the largest
/// epoch.
pub const MAX_BODY: usize = 1 << 19;

/// What a participant starts from. The proposal, the dealers and the vectors are the same for
/// everybody and hashed into `sid`.
pub struct Config<C: Curve> {
    /// The two epochs.
    pub proposal: Proposal,
    /// Old members in ascending order, exactly the old threshold of them.
    pub dealers: Vec<PartyId>,
    /// A dealer or a new member.
    pub me: PartyId,
    /// Each key's vector in the old epoch. A newcomer may hear them from anybody: it checks that
    /// the first point of each is the key that the chain registered, and honest dealers take no
    /// part in a session over any others.
    pub vectors: Vec<Vec<C::Point>>,
    /// A dealer's part; `None` for everybody else.
    pub dealing: Option<Dealing<C>>,
    /// The Ed25519 key of `me`.
    pub signing_key: SigningKey,
    /// [`session`], and never of an earlier run.
    pub sid: SessionId,
    /// Never of an earlier run.
    pub randomness: Randomness,
}

/// What a dealer deals.
pub struct Dealing<C: Curve> {
    /// That this node may deal.
    pub permit: Permit,
    /// Its old share of each key. These are copies: the caller keeps its own until the commit is
    /// final.
    pub shares: Vec<KeyShare<C>>,
}

/// The new shares, not yet to be used, and what everybody signed.
#[derive(Debug)]
pub struct Reshared<C: Curve> {
    /// What everybody signed.
    pub certificate: Certificate,
    /// One for each key; none for a dealer that leaves.
    pub keys: Vec<KeyShare<C>>,
}

/// The id of one run, from a fresh nonce of every participant: the dealers and the new members.
pub fn session<C: Curve>(
    proposal: &Proposal,
    dealers: &[PartyId],
    vectors: &[Vec<C::Point>],
    nonces: &BTreeMap<PartyId, [u8; 32]>,
) -> SessionId {
    let participants: Vec<_> = proposal.participants(dealers).into_keys().collect();
    let mut parameters = proposal.digest().to_vec();
    dealers.to_vec().encode(&mut parameters);
    vector_hashes::<C>(vectors).encode(&mut parameters);
    session_id("reshare", proposal.old_epoch(), &participants, &parameters, nonces)
}

/// One participant's run: dealer, new member or both.
pub struct Ceremony<C: Curve> {
    proposal: Proposal,
    dealers: Vec<PartyId>,
    me: PartyId,
    vectors: Vec<Vec<C::Point>>,
    signing_key: SigningKey,
    sid: SessionId,
    randomness: Randomness,
    /// What dealers sent, and what everybody did.
    dealings: Inbox,
    signoffs: Inbox,
    /// What this participant sent to everybody.
    sent: Vec<Envelope>,
    stage: Stage<C>,
}

/// `None` for who is no dealer.
enum Stage<C: Curve> {
    Committed(Option<Committing<C>>),
    Opened(Option<Mine<C>>),
    Signed(Signed<C>),
    Over,
}

/// A dealer's part before it opens.
struct Committing<C: Curve> {
    polynomials: Polynomials<C>,
    vectors: Vec<Vec<C::Uncompressed>>,
    opening: Vec<u8>,
    commitment: [u8; 32],
}

/// And afterwards: its vectors, and what it dealt itself, if it is a new member.
struct Mine<C: Curve> {
    vectors: Vec<Vec<C::Uncompressed>>,
    shares: Vec<Secret<C>>,
    commitment: [u8; 32],
}

struct Signed<C: Curve> {
    keys: Vec<KeyShare<C>>,
    record: Record,
    signatures: BTreeMap<PartyId, [u8; 64]>,
    disputes: BTreeMap<PartyId, Fault>,
}

/// The hash that round 1 commits to. It hides an opening, of which every vector has a random point;
/// the dealer's id keeps it from being repeated by another.
fn commitment_to_opening(sid: &SessionId, dealer: PartyId, opening: &[u8]) -> [u8; 32] {
    Transcript::new(Tag::ReshareCommitment).with(sid).with(&dealer.encoded()).with(opening).finish()
}

impl<C: Curve> Committing<C> {
    fn new(config: &mut Config<C>, dealing: Dealing<C>) -> Result<Self, Fault> {
        let Config { proposal, dealers, me, vectors, sid, randomness, .. } = config;
        if !dealing.permit.is_for(proposal) {
            return Err(Fault::Misuse("the permit is for another change"));
        }
        let shares = &dealing.shares;
        let fits = |(share, vector): (&KeyShare<C>, &Vec<C::Point>)| {
            share.me() == *me && share.commitments() == vector
        };
        if shares.len() != vectors.len() || !shares.iter().zip(vectors.iter()).all(fits) {
            return Err(Fault::Misuse("the shares are not this party's of these keys"));
        }
        // What a dealer deals is held against its public share, by everybody.
        let secrets: Vec<_> = shares.iter().map(|share| share.share().clone()).collect();
        if !all_fit(*me, vectors, &secrets, &mut randomness.fork(b"own shares", 0)) {
            return Err(Fault::Misuse("a share is not the one that its key promises"));
        }
        let lambda = lagrange::<C>(*me, dealers).ok_or(Fault::Misuse("this party is no dealer"))?;
        let addends = secrets.iter().map(|share| Secret(lambda * share.0)).collect();
        // The session is part of the fork's name: even randomness that comes twice deals no
        // polynomial twice.
        let mut stream = randomness.fork(&[b"polynomials".as_slice(), sid].concat(), 0);
        let polynomials =
            Polynomials::above(addends, proposal.new_epoch().threshold(), &mut stream);
        let opening = Opening::<C> { vectors: polynomials.vectors() };
        let bytes = opening.encoded();
        let commitment = commitment_to_opening(sid, *me, &bytes);
        Ok(Committing { polynomials, vectors: opening.vectors, opening: bytes, commitment })
    }
}

impl<C: Curve> Ceremony<C> {
    /// # Errors
    /// [`Fault::Misuse`] when the configuration is none.
    pub fn start(mut config: Config<C>) -> Result<(Self, Vec<Envelope>), Fault> {
        let (old, new) = (config.proposal.old_epoch().clone(), config.proposal.new_epoch().clone());
        if config.vectors.is_empty() || config.vectors.len() > MAX_KEYS {
            return Err(Fault::Misuse("the number of keys is outside the limits"));
        }
        if config.vectors.iter().any(|vector| vector.len() != usize::from(old.threshold())) {
            return Err(Fault::Misuse("a key is not of the old epoch's threshold"));
        }
        if old.signing_set(&config.dealers).is_err() {
            return Err(Fault::Misuse("the dealers are not a threshold of the old epoch"));
        }
        let identities = config.proposal.participants(&config.dealers);
        if identities.get(&config.me) != Some(config.signing_key.verifying_key().as_bytes()) {
            return Err(Fault::Misuse(
                "this party takes no part, or the signing key is not its own",
            ));
        }
        if config.dealing.is_some() != config.dealers.contains(&config.me) {
            return Err(Fault::Misuse("dealers deal, and nobody else"));
        }
        let committing = config
            .dealing
            .take()
            .map(|dealing| Committing::new(&mut config, dealing))
            .transpose()?;

        let Config { proposal, dealers, me, vectors, signing_key, sid, randomness, .. } = config;
        let seal = |committing: &Committing<C>| {
            let message = Commitment { commitment: committing.commitment };
            Envelope::seal(&signing_key, sid, COMMIT, me, To::All, &message)
        };
        let sent: Vec<_> = committing.iter().map(seal).collect();
        let of_dealers = identities
            .iter()
            .filter(|(id, _)| dealers.contains(id))
            .map(|(id, key)| (*id, *key))
            .collect();
        let dealings = Inbox::of(sid, of_dealers, me, dealers_rounds(new.identity(me).is_some()));
        let signoffs = Inbox::of(sid, identities, me, everybodys_rounds());
        // What made the polynomials is gone from here on: the checks draw from a fork that says
        // nothing of it.
        let randomness = randomness.fork(b"checks", 0);
        let stage = Stage::Committed(committing);
        let (first, sent) = (sent.clone(), sent);
        let ceremony = Ceremony {
            proposal,
            dealers,
            me,
            vectors,
            signing_key,
            sid,
            randomness,
            dealings,
            signoffs,
            sent,
            stage,
        };
        Ok((ceremony, first))
    }

    /// Completes this participant with another's certificate.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] when its record is not the one that this participant signed,
    /// [`Fault::Rejected`] when it lacks a signature.
    pub fn complete(&mut self, link: PartyId, certificate: &Certificate) -> Result<(), Fault> {
        let Stage::Signed(signed) = &mut self.stage else {
            return Err(Fault::Misuse("the run does not wait for signatures"));
        };
        if certificate.record != signed.record {
            return Err(Fault::Mismatch { party: link, field: "transcript" });
        }
        if !certificate.verify(&self.proposal) {
            return Err(Fault::Rejected { link, reason: "it is no certificate of this run" });
        }
        let signers = self.proposal.participants(&self.dealers).into_keys();
        signed.signatures = signers.zip(certificate.signatures.iter().copied()).collect();
        Ok(())
    }

    /// Whose signature is for something else, and why. While there is one, the run has no
    /// certificate.
    pub fn disputes(&self) -> BTreeMap<PartyId, Fault> {
        match &self.stage {
            Stage::Signed(signed) => signed.disputes.clone(),
            _ => BTreeMap::new(),
        }
    }

    /// Everything that was sent to everybody, this participant's own included: what participants
    /// show each other when their transcripts differ, to find out who sent two versions.
    pub fn broadcasts(&self) -> Vec<Envelope> {
        self.sent
            .iter()
            .chain(self.dealings.all_broadcasts())
            .chain(self.signoffs.all_broadcasts())
            .cloned()
            .collect()
    }

    /// Holds what another participant was sent against what came here.
    ///
    /// # Errors
    /// [`Fault::Proven`] when the author signed two versions: `shown` and the one here are the
    /// proof.
    pub fn compare(&self, shown: &Envelope) -> Result<(), Fault> {
        self.dealings.compare(shown).and_then(|()| self.signoffs.compare(shown))
    }

    fn receives(&self) -> bool {
        self.proposal.new_epoch().identity(self.me).is_some()
    }

    /// Moves on as far as the messages at hand allow.
    fn advance(&mut self) -> Result<Vec<Envelope>, Fault> {
        let mut out = Vec::new();
        if matches!(self.stage, Stage::Committed(_)) && self.dealings.missing(COMMIT).is_empty() {
            out.extend(self.open());
        }
        if matches!(self.stage, Stage::Opened(_)) && self.dealings.missing(OPEN).is_empty() {
            out.extend(self.check_and_sign()?);
        }
        Ok(out)
    }

    /// Every dealer is committed: opens, and deals. The polynomials are erased.
    fn open(&mut self) -> Vec<Envelope> {
        let Stage::Committed(committing) = core::mem::replace(&mut self.stage, Stage::Opened(None))
        else {
            return Vec::new();
        };
        let Some(Committing { polynomials, vectors, opening, commitment }) = committing else {
            return Vec::new();
        };
        let seal =
            |to, bytes| Envelope::seal_bytes(&self.signing_key, self.sid, OPEN, self.me, to, bytes);
        let mut out = vec![seal(To::All, opening)];
        self.sent.extend(out.first().cloned());
        let receivers = self.proposal.new_epoch().ids().into_iter().filter(|id| *id != self.me);
        out.extend(
            receivers
                .map(|id| seal(To::One(id), Shares { shares: polynomials.shares(id) }.encoded())),
        );
        let shares = if self.receives() { polynomials.shares(self.me) } else { Vec::new() };
        self.stage = Stage::Opened(Some(Mine { vectors, shares, commitment }));
        out
    }

    /// Every dealer has opened and dealt: checks it all, and signs.
    fn check_and_sign(&mut self) -> Result<Vec<Envelope>, Fault> {
        let Stage::Opened(mine) = core::mem::replace(&mut self.stage, Stage::Over) else {
            return Ok(Vec::new());
        };
        let threshold = self.proposal.new_epoch().threshold();
        let openings = self.dealings.broadcasts::<Opening<C>>(OPEN)?;
        let messages = self.dealings.broadcasts::<Commitment>(COMMIT)?;
        let mut commitments: BTreeMap<_, _> =
            messages.into_iter().map(|(id, message)| (id, message.commitment)).collect();
        for (dealer, opening) in &openings {
            // The body as it was signed: what decodes has one form only.
            let body = self
                .dealings
                .broadcast(OPEN, *dealer)
                .map(|envelope| envelope.body.0.as_slice())
                .unwrap_or_default();
            if commitments.get(dealer) != Some(&commitment_to_opening(&self.sid, *dealer, body)) {
                return Err(Fault::Proven { party: *dealer, check: "opening of the commitment" });
            }
            check_form::<C>(*dealer, &opening.vectors, self.vectors.len(), threshold)?;
        }
        let mut opened: Opened<C> =
            openings.into_iter().map(|(id, opening)| (id, opening.vectors)).collect();
        let directs = self.dealings.directs::<Shares<C>>(OPEN)?;
        let mut dealt: BTreeMap<_, _> =
            directs.into_iter().map(|(id, message)| (id, message.shares)).collect();
        if let Some(mine) = mine {
            opened.insert(self.me, mine.vectors);
            dealt.insert(self.me, mine.shares);
            commitments.insert(self.me, mine.commitment);
        }

        let vectors = new_vectors::<C>(&self.vectors, &opened)?;
        let record = Record {
            sid: self.sid,
            old: self.proposal.old_epoch().digest(),
            new: self.proposal.new_epoch().digest(),
            dealers: self.dealers.clone(),
            commitments: commitments.into_values().collect(),
            vectors: vector_hashes::<C>(&vectors),
        };
        let keys = if self.receives() {
            let shares_of = |dealer| dealt.get(dealer).map(Vec::as_slice).unwrap_or_default();
            let dealt = opened
                .iter()
                .map(|(dealer, vectors)| (*dealer, Dealt { vectors, shares: shares_of(dealer) }))
                .collect();
            sum_of_shares(
                self.me,
                vectors,
                &dealt,
                &mut self.randomness.fork(b"share coefficients", 0),
            )?
        } else {
            Vec::new()
        };
        let message = Signoff { transcript: record.transcript() };
        let envelope =
            Envelope::seal(&self.signing_key, self.sid, SIGN, self.me, To::All, &message);
        self.sent.push(envelope.clone());
        let signatures = BTreeMap::from([(self.me, envelope.signature)]);
        self.stage = Stage::Signed(Signed { keys, record, signatures, disputes: BTreeMap::new() });
        for id in self.proposal.participants(&self.dealers).into_keys() {
            // Complaints about the early ones wait in `disputes`.
            let _ = self.judge(id);
        }
        Ok(vec![envelope])
    }

    /// Looks at what `id` signed, if it is here and this participant has signed itself.
    fn judge(&mut self, id: PartyId) -> Result<(), Fault> {
        let Stage::Signed(signed) = &mut self.stage else { return Ok(()) };
        let Some(envelope) = self.signoffs.broadcast(SIGN, id) else { return Ok(()) };
        let verdict = envelope.open::<Signoff>().and_then(|message| {
            let same = message.transcript == signed.record.transcript();
            if same { Ok(()) } else { Err(Fault::Mismatch { party: id, field: "transcript" }) }
        });
        match &verdict {
            Ok(()) => drop(signed.signatures.insert(id, envelope.signature)),
            Err(fault) => drop(signed.disputes.insert(id, fault.clone())),
        }
        verdict
    }
}

impl<C: Curve> Machine for Ceremony<C> {
    type Output = Reshared<C>;

    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Fault> {
        if matches!(self.stage, Stage::Over) {
            return Err(Fault::Misuse("the run is over"));
        }
        if envelope.body.0.len() > MAX_BODY {
            return Err(Fault::Rejected { link, reason: "it is too long" });
        }
        let result = if envelope.round == SIGN {
            self.signoffs.put(link, envelope).and_then(|()| self.judge(link)).map(|()| Vec::new())
        } else {
            self.dealings.put(link, envelope).and_then(|()| self.advance())
        };
        // Who has signed waits for the certificate, whatever else is said.
        if result.as_ref().is_err_and(Fault::is_fatal) && !matches!(self.stage, Stage::Signed(_)) {
            self.stage = Stage::Over;
        }
        result
    }

    fn output(&mut self) -> Option<Reshared<C>> {
        if !matches!(self.stage, Stage::Signed(_)) || !self.waiting_for().is_empty() {
            return None;
        }
        let Stage::Signed(signed) = core::mem::replace(&mut self.stage, Stage::Over) else {
            return None;
        };
        let certificate = Certificate {
            record: signed.record,
            signatures: signed.signatures.into_values().collect(),
        };
        Some(Reshared { certificate, keys: signed.keys })
    }

    fn waiting_for(&self) -> Vec<PartyId> {
        match &self.stage {
            Stage::Committed(_) => self.dealings.missing(COMMIT),
            Stage::Opened(_) => self.dealings.missing(OPEN),
            Stage::Signed(signed) => {
                let everybody = self.proposal.participants(&self.dealers).into_keys();
                everybody.filter(|id| !signed.signatures.contains_key(id)).collect()
            }
            Stage::Over => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
