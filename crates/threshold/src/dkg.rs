//! Distributed key generation: Feldman secret sharing by every participant at once (Pedersen 1991),
//! with the commitments themselves committed to before any is opened (Gennaro, Jarecki, Krawczyk,
//! Rabin 1999/2007 show what happens without), and a proof of knowledge of each constant
//! coefficient. It makes many keys in one ceremony.
//!
//! 1. Everybody commits to all of its vectors and proofs.
//! 2. Everybody opens, to all, and sends each other participant its points, signed, so that a wrong
//!    one names its dealer.
//! 3. Everybody attests what it saw, to all. Before that the caller has stored the provisional
//!    keys; they are kept until it knows that they will never be registered.
//!
//! Any `t` of the participants can later sign; `t - 1` know nothing. A party that aborts after the
//! openings can bias a key, which does not help to sign with it; it is named, and the caller leaves
//! it out.

mod certificate;
mod dealing;
mod messages;
mod shares;

pub use certificate::{AttestationCheck, Certificate, MAX_ATTESTATION};
pub use messages::{Attestation, Commitment, Opening, Shares};

use crate::codec::{Bytes, Encode};
use crate::envelope::{Envelope, To};
use crate::fault::Fault;
use crate::group::Curve;
use crate::key::KeyShare;
use crate::machine::{Inbox, Machine};
use crate::party::{Epoch, PartyId};
use crate::randomness::Randomness;
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript};
use dealing::{Dealing, Statement, check_form, check_proofs};
use ed25519_dalek::SigningKey;
use messages::{ATTEST, COMMIT, OPEN, ROUNDS};
use shares::Dealt;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most keys that one ceremony makes.
pub const MAX_KEYS: u32 = 64;

/// The longest message body, in bytes: above every honest one at [`MAX_KEYS`] and the largest
/// epoch.
pub const MAX_BODY: usize = 1 << 19;

/// What a participant starts from. All of it but `me`, the key and the randomness is the same for
/// everybody and hashed into `sid`.
pub struct Config {
    /// The epoch whose members make the keys.
    pub epoch: Arc<Epoch>,
    /// In ascending order; at least the epoch's threshold.
    pub participants: Vec<PartyId>,
    /// This participant.
    pub me: PartyId,
    /// How many keys the ceremony makes, from 1 to [`MAX_KEYS`].
    pub keys: u32,
    /// The Ed25519 key of `me` in the epoch.
    pub signing_key: SigningKey,
    /// The session, from [`session_id`](crate::session::session_id).
    pub sid: SessionId,
    /// A stream of this session alone.
    pub randomness: Randomness,
}

/// Checked keys that are not yet everybody's. They become final with the [`Certificate`], or when
/// the caller learns that they were registered.
#[derive(Debug)]
pub struct Provisional<C: Curve> {
    /// Hash of all commitments and openings.
    pub transcript: [u8; 32],
    /// This participant's shares, one of each key.
    pub keys: Vec<KeyShare<C>>,
}

/// One participant's run.
pub struct Ceremony<C: Curve> {
    epoch: Arc<Epoch>,
    participants: Vec<PartyId>,
    me: PartyId,
    keys: u32,
    signing_key: SigningKey,
    sid: SessionId,
    randomness: Randomness,
    inbox: Inbox,
    /// What this participant sent to everybody.
    sent: Vec<Envelope>,
    stage: Stage<C>,
}

enum Stage<C: Curve> {
    Committed(Dealing<C>),
    Opened(Dealt<C>),
    Checked(Option<Provisional<C>>, [u8; 32]),
    Attested(Attested),
    Over,
}

struct Attested {
    check: AttestationCheck,
    certificate: Certificate,
    disputes: BTreeMap<PartyId, Fault>,
}

impl<C: Curve> Ceremony<C> {
    /// # Errors
    /// [`Fault::Misuse`] when the configuration is none.
    pub fn start(config: Config) -> Result<(Self, Vec<Envelope>), Fault> {
        let Config { epoch, participants, me, keys, signing_key, sid, randomness } = config;
        if keys == 0 || keys > MAX_KEYS {
            return Err(Fault::Misuse("the number of keys is outside the limits"));
        }
        if epoch.subset(&participants).is_err()
            || participants.len() < usize::from(epoch.threshold())
        {
            return Err(Fault::Misuse("the participants are not a quorum of the epoch"));
        }
        if !participants.contains(&me) {
            return Err(Fault::Misuse("this party takes no part"));
        }
        if epoch.identity(me) != Some(signing_key.verifying_key().as_bytes()) {
            return Err(Fault::Misuse("the signing key is not this party's"));
        }
        let dealing = Dealing::new(
            &sid,
            me,
            keys,
            epoch.threshold(),
            &mut randomness.fork(&[b"dealing".as_slice(), &sid].concat(), 0),
        );
        let statement = Statement::new::<C>(&sid, me, &dealing.opening.vectors);
        let commitment = Commitment { commitment: statement.commitment(&dealing.opening) };
        let inbox = Inbox::new(sid, &epoch, &participants, me, ROUNDS.to_vec());
        let first = Envelope::seal(&signing_key, sid, COMMIT, me, To::All, &commitment);
        let (sent, stage) = (vec![first.clone()], Stage::Committed(dealing));
        // What made the polynomials is gone from here on: the checks draw from a fork that says
        // nothing of it.
        let randomness = randomness.fork(b"checks", 0);
        let ceremony = Ceremony {
            epoch,
            participants,
            me,
            keys,
            signing_key,
            sid,
            randomness,
            inbox,
            sent,
            stage,
        };
        Ok((ceremony, vec![first]))
    }

    /// The checked keys, once. The caller stores them before it calls [`attest`](Self::attest):
    /// from then on the others may register them.
    pub fn provisional(&mut self) -> Option<Provisional<C>> {
        match &mut self.stage {
            Stage::Checked(provisional, _) => provisional.take(),
            _ => None,
        }
    }

    /// Gives this participant's attestation. `check` decides about everybody's, of which some may
    /// be here already.
    ///
    /// # Errors
    /// [`Fault::Misuse`] before the provisional keys have been taken, a second time, or with an
    /// attestation that fails `check` itself.
    pub fn attest(
        &mut self,
        attestation: Vec<u8>,
        check: AttestationCheck,
    ) -> Result<Vec<Envelope>, Fault> {
        let Stage::Checked(None, transcript) = self.stage else {
            return Err(Fault::Misuse(
                "nothing to attest: the provisional keys have not been taken",
            ));
        };
        if attestation.len() > MAX_ATTESTATION || !check(self.me, &attestation) {
            return Err(Fault::Misuse("this participant's own attestation fails the check"));
        }
        let message = Attestation { transcript, attestation: Bytes(attestation.clone()) };
        let envelope =
            Envelope::seal(&self.signing_key, self.sid, ATTEST, self.me, To::All, &message);
        self.sent.push(envelope.clone());
        let certificate =
            Certificate { transcript, attestations: BTreeMap::from([(self.me, attestation)]) };
        self.stage = Stage::Attested(Attested { check, certificate, disputes: BTreeMap::new() });
        for id in self.participants.clone() {
            // Complaints about the early ones wait in `disputes`.
            let _ = self.judge_attestation(id);
        }
        Ok(vec![envelope])
    }

    /// Whose attestation was refused, and why. While there is one, the ceremony has no certificate.
    pub fn disputes(&self) -> BTreeMap<PartyId, Fault> {
        match &self.stage {
            Stage::Attested(attested) => attested.disputes.clone(),
            _ => BTreeMap::new(),
        }
    }

    /// Everything that was sent to everybody, this participant's own included: what participants
    /// show each other when their transcripts differ, to find out who sent two versions.
    pub fn broadcasts(&self) -> Vec<Envelope> {
        self.sent.iter().chain(self.inbox.all_broadcasts()).cloned().collect()
    }

    /// Holds what another participant was sent against what came here.
    ///
    /// # Errors
    /// [`Fault::Proven`] when the author signed two versions: `shown` and the one here are the
    /// proof.
    pub fn compare(&self, shown: &Envelope) -> Result<(), Fault> {
        self.inbox.compare(shown)
    }

    /// Moves on as far as the messages at hand allow.
    fn advance(&mut self) -> Result<Vec<Envelope>, Fault> {
        let mut out = Vec::new();
        if matches!(self.stage, Stage::Committed(_)) && self.inbox.missing(COMMIT).is_empty() {
            out = self.open();
        }
        if matches!(self.stage, Stage::Opened(_)) && self.inbox.missing(OPEN).is_empty() {
            self.check()?;
        }
        Ok(out)
    }

    /// Everybody is committed: opens, and deals. The polynomials are erased.
    fn open(&mut self) -> Vec<Envelope> {
        let Stage::Committed(dealing) = core::mem::replace(&mut self.stage, Stage::Over) else {
            return Vec::new();
        };
        let seal =
            |to, bytes| Envelope::seal_bytes(&self.signing_key, self.sid, OPEN, self.me, to, bytes);
        let mut out = vec![seal(To::All, dealing.opening.encoded())];
        self.sent.extend(out.first().cloned());
        let others = self.participants.iter().filter(|id| **id != self.me);
        out.extend(others.map(|id| seal(To::One(*id), dealing.shares(*id).encoded())));
        let shares = dealing.shares(self.me);
        self.stage = Stage::Opened(Dealt { opening: dealing.opening, shares });
        out
    }

    /// Everybody has opened and dealt: checks it all.
    fn check(&mut self) -> Result<(), Fault> {
        let Stage::Opened(mine) = core::mem::replace(&mut self.stage, Stage::Over) else {
            return Ok(());
        };
        let commitments = self.inbox.broadcasts::<Commitment>(COMMIT)?;
        let openings = self.inbox.broadcasts::<Opening<C>>(OPEN)?;
        let mut stated = BTreeMap::new();
        for (dealer, opening) in openings {
            let statement = Statement::new::<C>(&self.sid, dealer, &opening.vectors);
            if commitments.get(&dealer).map(|message| message.commitment)
                != Some(statement.commitment(&opening))
            {
                return Err(Fault::Proven { party: dealer, check: "opening of the commitment" });
            }
            check_form(dealer, &opening, self.keys, self.epoch.threshold())?;
            stated.insert(dealer, (statement, opening));
        }
        check_proofs(&stated, &mut self.randomness.fork(b"proof coefficients", 0))?;

        let mut directs = self.inbox.directs::<Shares<C>>(OPEN)?;
        let others = stated.into_iter().filter_map(|(id, (_, opening))| {
            Some((id, Dealt { opening, shares: directs.remove(&id)? }))
        });
        let mut dealt: BTreeMap<_, _> = others.collect();
        dealt.insert(self.me, mine);
        let keys = shares::combine(
            self.me,
            self.keys,
            &dealt,
            &mut self.randomness.fork(b"share coefficients", 0),
        )?;
        let transcript = self.transcript();
        self.stage = Stage::Checked(Some(Provisional { transcript, keys }), transcript);
        Ok(())
    }

    /// Hash of the ceremony's parameters and of every participant's commitment. Each commits to the
    /// whole opening, and was found to.
    fn transcript(&self) -> [u8; 32] {
        let mut transcript = Transcript::new(Tag::DkgTranscript)
            .with(C::NAME.as_bytes())
            .with(&self.sid)
            .with_number(u64::from(self.keys));
        transcript.append_number(u64::from(self.epoch.threshold()));
        for id in &self.participants {
            let mine = self.sent.first().filter(|_| *id == self.me);
            let commitment = mine.or_else(|| self.inbox.broadcast(COMMIT, *id));
            transcript
                .append(&id.encoded())
                .append(commitment.map(|envelope| envelope.body.0.as_slice()).unwrap_or_default());
        }
        transcript.finish()
    }

    /// Looks at `id`'s attestation, if it is here and this participant has attested itself.
    fn judge_attestation(&mut self, id: PartyId) -> Result<(), Fault> {
        let Stage::Attested(attested) = &mut self.stage else { return Ok(()) };
        let Some(envelope) = self.inbox.broadcast(ATTEST, id) else { return Ok(()) };
        let verdict = envelope.open::<Attestation>().and_then(|message| {
            if message.transcript != attested.certificate.transcript {
                return Err(Fault::Mismatch { party: id, field: "transcript" });
            }
            if message.attestation.0.len() > MAX_ATTESTATION
                || !(attested.check)(id, &message.attestation.0)
            {
                return Err(Fault::Proven { party: id, check: "attestation" });
            }
            Ok(message.attestation.0)
        });
        match verdict {
            Ok(attestation) => {
                attested.certificate.attestations.insert(id, attestation);
                Ok(())
            }
            Err(fault) => {
                attested.disputes.insert(id, fault.clone());
                Err(fault)
            }
        }
    }
}

impl<C: Curve> Machine for Ceremony<C> {
    type Output = Certificate;

    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Fault> {
        if matches!(self.stage, Stage::Over) {
            return Err(Fault::Misuse("the ceremony is over"));
        }
        if envelope.body.0.len() > MAX_BODY {
            return Err(Fault::Rejected { link, reason: "it is too long" });
        }
        let round = envelope.round;
        let taken = self.inbox.put(link, envelope).and_then(|()| self.advance());
        let result = taken.and_then(|out| {
            if round == ATTEST { self.judge_attestation(link).map(|()| out) } else { Ok(out) }
        });
        if result.as_ref().is_err_and(Fault::is_fatal) && !matches!(self.stage, Stage::Attested(_))
        {
            self.stage = Stage::Over;
        }
        result
    }

    fn output(&mut self) -> Option<Certificate> {
        match &self.stage {
            Stage::Attested(attested)
                if attested.certificate.attestations.len() == self.participants.len() =>
            {
                let certificate = attested.certificate.clone();
                self.stage = Stage::Over;
                Some(certificate)
            }
            _ => None,
        }
    }

    fn waiting_for(&self) -> Vec<PartyId> {
        match &self.stage {
            Stage::Committed(_) => self.inbox.missing(COMMIT),
            Stage::Opened(_) => self.inbox.missing(OPEN),
            Stage::Attested(attested) => {
                let lacks = |id: &&PartyId| !attested.certificate.attestations.contains_key(id);
                self.participants.iter().filter(lacks).copied().collect()
            }
            Stage::Checked(..) | Stage::Over => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
