//! Members that deviate. Each is an honest member whose words are changed, held back or added to,
//! with its own key at hand.

use conclave_agreement::MemberMessage;
use conclave_agreement::ceremony::CeremonyMessage;
use conclave_agreement::signing::{Announce, CallId, SigningMessage, Verdict, call_id, name_hash};
use conclave_threshold::ids::{Digest, RequestKey};
use conclave_threshold::online::BindMessage;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presignature::BatchCertificate;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How a member deviates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Conduct {
    /// Leaves every attempt once it has the others' bind messages, and then shows them all.
    LeavesEarly,
    /// Joins ceremonies and says nothing in them.
    FallsSilent,
    /// The same, and asks for runs with itself at every other member.
    HoldsPlaces,
    /// Joins ceremonies and declines them at once.
    Declines,
    /// Sends so many badly signed announces to everybody, fifty times a second.
    Floods(u64),
    /// Forges certificates and splits.
    Forges,
    /// Assigns each presignature to two uses.
    Equivocates,
    /// Never binds.
    NeverBinds,
}

impl Conduct {
    /// For counts.
    pub fn name(self) -> &'static str {
        match self {
            Conduct::LeavesEarly => "members that leave early",
            Conduct::FallsSilent => "members that join and fall silent",
            Conduct::HoldsPlaces => "members that hold the places of presigning",
            Conduct::Declines => "members that join and decline",
            Conduct::Floods(_) => "members that flood",
            Conduct::Forges => "members that forge reports",
            Conduct::Equivocates => "members that equivocate",
            Conduct::NeverBinds => "members that never bind",
        }
    }

    /// Whether the network does not bear it yet: these have named scenarios, and a run with one of
    /// them is held to safety only.
    pub fn is_unmended(self) -> bool {
        !matches!(self, Conduct::Forges | Conduct::Equivocates | Conduct::NeverBinds)
    }
}

/// Words to be sent.
pub type Words = Vec<(PartyId, MemberMessage)>;

/// A member that deviates.
pub struct Corrupt {
    /// How.
    pub conduct: Conduct,
    me: PartyId,
    key: SigningKey,
    epoch: Arc<Epoch>,
    /// Bind messages of each attempt of each call, its own among them.
    binds: BTreeMap<(CallId, u16), Vec<BindMessage>>,
    left: BTreeSet<(CallId, u16)>,
    turns: u64,
}

/// Turns between two attempts to hold all places: half a second.
const HOLDING: u64 = 25;
/// Before anybody has stocked anything.
const FIRST_HOLD: u64 = 5;

impl Corrupt {
    /// This member, from the beginning.
    pub fn new(conduct: Conduct, me: PartyId, key: SigningKey, epoch: Arc<Epoch>) -> Self {
        let (binds, left) = (BTreeMap::new(), BTreeSet::new());
        Corrupt { conduct, me, key, epoch, binds, left, turns: 0 }
    }

    fn others(&self) -> Vec<PartyId> {
        self.epoch.ids().into_iter().filter(|id| *id != self.me).collect()
    }

    fn to_all(&self, message: SigningMessage) -> Words {
        let message = MemberMessage::Signing(message);
        self.others().into_iter().map(|id| (id, message.clone())).collect()
    }

    /// What it says in the place of one word.
    pub fn says(&mut self, to: PartyId, message: MemberMessage) -> Words {
        let as_it_is = |message| vec![(to, message)];
        match (self.conduct, message) {
            (Conduct::LeavesEarly, MemberMessage::Signing(SigningMessage::Bind(bind))) => {
                self.collect(*bind)
            }
            (Conduct::LeavesEarly, MemberMessage::Signing(SigningMessage::Binds(_))) => Vec::new(),
            (Conduct::NeverBinds, MemberMessage::Signing(message)) => match message {
                SigningMessage::Bind(_) | SigningMessage::Binds(_) => Vec::new(),
                message => as_it_is(MemberMessage::Signing(message)),
            },
            (
                Conduct::FallsSilent | Conduct::HoldsPlaces,
                MemberMessage::Ceremony(CeremonyMessage::Run(_)),
            ) => Vec::new(),
            (Conduct::Declines, MemberMessage::Ceremony(CeremonyMessage::Join(join))) => {
                let decline = CeremonyMessage::Decline(join.id);
                let words = [CeremonyMessage::Join(join), decline];
                words.into_iter().map(|word| (to, MemberMessage::Ceremony(word))).collect()
            }
            (Conduct::Equivocates, MemberMessage::Signing(SigningMessage::Assigned(signed)))
                if to.number().is_multiple_of(2) =>
            {
                let mut other = signed.assignment;
                other.digest.flip(248);
                let signed = Box::new(other.sign(&self.key));
                as_it_is(MemberMessage::Signing(SigningMessage::Assigned(signed)))
            }
            (_, message) => as_it_is(message),
        }
    }

    /// What it says to what it hears, beside what an honest member would.
    pub fn hears(&mut self, from: PartyId, message: &MemberMessage) -> Words {
        match (self.conduct, message) {
            (Conduct::LeavesEarly, MemberMessage::Signing(SigningMessage::Bind(bind))) => {
                self.collect((**bind).clone())
            }
            (Conduct::Forges, MemberMessage::Signing(SigningMessage::BatchReady(ready))) => {
                let mut set = ready.set.clone();
                if let Some(last) = set.last_mut() {
                    *last = self.me;
                }
                set.sort_unstable();
                let forged = BatchCertificate { set, signatures: Vec::new(), ..(**ready).clone() };
                self.to_all(SigningMessage::BatchReady(Box::new(forged)))
            }
            (Conduct::Forges, MemberMessage::Signing(SigningMessage::Announce(signed))) => {
                let split = SigningMessage::Split(vec![(**signed).clone(), (**signed).clone()]);
                vec![(from, MemberMessage::Signing(split))]
            }
            _ => Vec::new(),
        }
    }

    /// With all bind messages of an attempt in hand: leaves it, then shows them.
    fn collect(&mut self, bind: BindMessage) -> Words {
        let assignment = bind.assignment.assignment.clone();
        let call = call_id(&assignment.request_key, &assignment.name_hash);
        let place = (call, assignment.attempt);
        let binds = self.binds.entry(place).or_default();
        if !binds.iter().any(|held| held.from == bind.from) {
            binds.push(bind);
        }
        if binds.len() < assignment.set.len() || !self.left.insert(place) {
            return Vec::new();
        }
        binds.sort_by_key(|bind| bind.from);
        let shown = SigningMessage::Binds(binds.clone());
        let previous = binds.first().map(|bind| bind.assignment.clone());
        let announce = Announce {
            request_key: assignment.request_key,
            name_hash: assignment.name_hash,
            public_key: assignment.public_key,
            verdict: Verdict::Yes { digest: assignment.digest },
            epoch: self.epoch.digest(),
            attempt: assignment.attempt + 1,
            from: self.me,
            previous,
        };
        let leave = SigningMessage::Announce(Box::new(announce.sign(&self.key)));
        [self.to_all(leave), self.to_all(shown)].concat()
    }

    /// What it says unasked, fifty times a second.
    pub fn turn(&mut self) -> Words {
        self.turns += 1;
        match self.conduct {
            Conduct::Floods(count) => {
                let flood = (0..count).flat_map(|number| {
                    let mut request_key = [0x33; 32];
                    request_key[..8].copy_from_slice(&(self.turns << 16 | number).to_be_bytes());
                    let announce = Announce {
                        request_key: RequestKey::new(request_key),
                        name_hash: name_hash("flood"),
                        public_key: [2; 33],
                        verdict: Verdict::Yes { digest: Digest::new([1; 32]) },
                        epoch: self.epoch.digest(),
                        attempt: 0,
                        from: self.me,
                        previous: None,
                    };
                    let mut signed = announce.sign(&self.key);
                    signed.signature[0] ^= 1;
                    self.to_all(SigningMessage::Announce(Box::new(signed)))
                });
                flood.collect()
            }
            Conduct::HoldsPlaces if self.turns % HOLDING == FIRST_HOLD => self.hold_places(),
            _ => Vec::new(),
        }
    }

    /// Asks every member, itself among them, for a run that will hang. Of four members each has
    /// then as many runs of others as it takes, so that the three others can make nothing either.
    fn hold_places(&self) -> Words {
        let others = self.others();
        let without = |out: usize| {
            let rest = others.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, id)| *id);
            let size = usize::from(self.epoch.threshold());
            let mut set: Vec<PartyId> = rest.take(size - 1).chain([self.me]).collect();
            set.sort_unstable();
            MemberMessage::Signing(SigningMessage::NeedBatch(set))
        };
        let asked = others.iter().enumerate();
        let mut words: Words =
            asked.map(|(at, to)| (*to, without(if at == 0 { 1 } else { at - 1 }))).collect();
        words.push((self.me, without(others.len() - 1)));
        words
    }
}
