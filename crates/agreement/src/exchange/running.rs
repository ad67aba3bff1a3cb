//! One exchange that this node's action waits for.

use super::kept::MAX_REPEATS;
use super::word::{ExchangeId, SignedWord, Word};
use crate::note::Note;
use crate::time::{Duration, Instant};
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::online::{Answer, Signature};
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What this node's action wants of the others.
#[derive(Clone)]
pub struct Wish {
    /// Names the exchange.
    pub exchange: ExchangeId,
    /// Gives the order of the members, the same as that of the assigners.
    pub request_key: RequestKey,
    /// What is to be done.
    pub want: Want,
    /// When nobody waits any more.
    pub patience: Duration,
}

/// What one exchange does.
#[derive(Clone)]
pub enum Want {
    /// The values of all, for this one.
    Collect {
        /// This node's.
        value: String,
    },
    /// A turn, or what came of another's.
    Turn {
        /// Whether the others wait for what the turn brings.
        wait: bool,
    },
    /// The signature that the shares make, this node's own among them if it gives one.
    Combine {
        /// The key, compressed.
        public_key: [u8; 33],
        /// What is signed.
        digest: Digest,
        /// Hash of the signature's name.
        name_hash: NameHash,
        /// This node's share, if it is in the set.
        share: Option<Arc<Answer>>,
    },
}

/// How an exchange ended at this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The values that count, in the order of the members; this node's own is the last, if it
    /// counts.
    Collected(Vec<String>),
    /// This node runs it.
    Mine,
    /// Another node runs it: what it brought, if that was waited for.
    Others(Option<String>),
    /// The whole signature, verified.
    Combined(Signature),
    /// Not enough shares came.
    NoSignature,
    /// Not enough nodes came.
    TimedOut,
    /// The same request runs on this node already.
    Repeated,
    /// As many exchanges run on this node as it takes.
    Full,
}

/// The end of an exchange, and the word that shows it to others.
pub(super) type End = (Outcome, Option<SignedWord>);

pub(super) struct Running {
    pub wish: Wish,
    pub order: Vec<PartyId>,
    /// The place in the order of the member whose word is awaited. Those before it are gone, or
    /// were silent for too long.
    pub position: usize,
    /// Since when it is awaited.
    pub since: Instant,
    pub begun: Instant,
    /// When whoever asked stops waiting.
    pub deadline: Instant,
    /// When the others were last asked what this node may have missed.
    pub asked: Option<Instant>,
    pub heard: Heard,
    /// What this node has said, for whoever comes later.
    pub own: Vec<SignedWord>,
    /// How often each peer was told all of it.
    told: BTreeMap<PartyId, u8>,
    /// For the operator.
    pub notes: Vec<Note>,
}

/// The first word of its kind of each author.
#[derive(Default)]
pub(super) struct Heard {
    pub values: BTreeMap<PartyId, SignedWord>,
    /// Of the author with the earliest place in the order.
    pub settled: Option<SignedWord>,
    /// By author and by who is said to run it.
    pub claims: BTreeMap<(PartyId, PartyId), SignedWord>,
    pub results: BTreeMap<PartyId, SignedWord>,
    pub shares: BTreeMap<PartyId, SignedWord>,
    pub signature: Option<SignedWord>,
    /// How many shares made no signature yet.
    pub tried: usize,
    /// Members whose turn is over though they brought nothing, or whose shares are wrong.
    pub lost: BTreeSet<PartyId>,
}

impl Running {
    pub fn new(wish: Wish, order: Vec<PartyId>, now: Instant) -> Self {
        Running {
            deadline: now + wish.patience,
            wish,
            order,
            position: 0,
            since: now,
            begun: now,
            asked: None,
            heard: Heard::default(),
            own: Vec::new(),
            told: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// Remembers what this node says.
    pub fn say(&mut self, word: SignedWord) {
        self.own.push(word);
        self.told.clear();
    }

    /// What to tell a peer that asks; nothing when it was told often enough and there is no news
    /// since.
    pub fn tell(&mut self, peer: PartyId) -> Vec<SignedWord> {
        let told = self.told.entry(peer).or_default();
        if *told >= MAX_REPEATS {
            return Vec::new();
        }
        *told += 1;
        self.own.clone()
    }

    /// Its place in the order; after all others for who is no member.
    pub fn place(&self, member: PartyId) -> usize {
        self.order.iter().position(|id| *id == member).unwrap_or(usize::MAX)
    }

    /// Whether it is this member whose word is awaited.
    pub fn is_awaited(&self, member: PartyId) -> bool {
        self.order.get(self.position) == Some(&member)
    }

    /// Passes over members that are gone, or silent for longer than `patience`; `true` when
    /// somebody was. Never past `me`.
    pub fn pass_over(
        &mut self,
        me: PartyId,
        open: &BTreeSet<PartyId>,
        patience: Duration,
        now: Instant,
    ) -> bool {
        let before = self.position;
        while let Some(awaited) = self.order.get(self.position).filter(|id| **id != me) {
            if open.contains(awaited) && now < self.since + patience {
                break;
            }
            self.position += 1;
            self.since = now;
        }
        self.position != before
    }

    /// Whether a word belongs into an exchange of this kind and is its author's first.
    pub fn is_news(&self, signed: &SignedWord) -> bool {
        let (heard, author) = (&self.heard, &signed.author);
        match (&self.wish.want, &signed.word) {
            (Want::Collect { .. }, Word::Value(_)) => !heard.values.contains_key(author),
            (Want::Collect { .. }, Word::Settled(_)) => heard
                .settled
                .as_ref()
                .is_none_or(|known| self.place(*author) < self.place(known.author)),
            (Want::Turn { .. }, Word::Claim(runner)) => {
                !heard.claims.contains_key(&(*author, *runner))
            }
            (Want::Turn { .. }, Word::Result(_)) => !heard.results.contains_key(author),
            (Want::Combine { .. }, Word::Share(_)) => {
                !heard.shares.contains_key(author) && !heard.lost.contains(author)
            }
            (Want::Combine { .. }, Word::Signature(_)) => true,
            _ => false,
        }
    }

    /// Keeps a word that is news.
    pub fn hear(&mut self, signed: SignedWord) {
        if !self.is_news(&signed) {
            return;
        }
        let (heard, author) = (&mut self.heard, signed.author);
        match &signed.word {
            Word::Value(_) => _ = heard.values.insert(author, signed),
            Word::Settled(_) => heard.settled = Some(signed),
            Word::Claim(runner) => _ = heard.claims.insert((author, *runner), signed),
            Word::Result(_) => _ = heard.results.insert(author, signed),
            Word::Share(_) => _ = heard.shares.insert(author, signed),
            Word::Signature(_) => heard.signature = Some(signed),
        }
    }
}
