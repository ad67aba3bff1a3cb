//! What the two ends of a failed run tell each other and everybody else, and how runs begin, wait
//! and end.

use super::*;
use crate::ceremony::job::{Feed, TransfersBegun};
use crate::ceremony::kinds::Presign;
use crate::ceremony::protocol::{Protocol, Stop};
use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::ot::base::AliceSeeds;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::deal_epoch;

const ID: CeremonyId = [9; 16];
const SID: [u8; 32] = [3; 32];

struct Seeded(u64);

impl Entropy for Seeded {
    fn randomness(&mut self, session: &[u8]) -> Randomness {
        self.0 += 1;
        Randomness::from_seed([7; 32]).fork(session, self.0)
    }
}

/// A protocol that goes on for ever, waiting for party 3.
struct Endless;

impl Protocol for Endless {
    fn receive(&mut self, _: PartyId, _: Envelope) -> Result<Vec<Envelope>, Stop> {
        Ok(Vec::new())
    }

    fn output(&mut self) -> Option<CeremonyOutput> {
        None
    }

    fn waiting_for(&self) -> Vec<PartyId> {
        vec![party(3)]
    }
}

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

fn member_of_four() -> Director {
    let (epoch, keys) = deal_epoch(&[1, 2, 3, 4], 3, &mut Randomness::from_seed([1; 32]));
    let key = keys[&party(1)].clone();
    let mut director = Director::new(epoch, party(1), key, Needs::default());
    (2..=4).for_each(|peer| director.link_opened(party(peer), Instant::START));
    director
}

fn proposal(id: CeremonyId) -> Proposal {
    let kind = Kind::Presign(Presign { size: 4 });
    Proposal { id, kind, participants: (1..=3).map(party).collect() }
}

/// Member 1 of 4, in a presigning run with 2 and 3 that `proposer` proposed.
fn in_a_run_of(proposer: PartyId) -> Director {
    let mut director = member_of_four();
    let running = Running {
        proposal: proposal(ID),
        proposer,
        sid: SID,
        begun: Instant::START,
        protocol: Some(Box::new(Endless)),
        feed: Vec::new(),
        heard: BTreeMap::new(),
    };
    director.running.insert(ID, running);
    director
}

fn in_a_run() -> Director {
    in_a_run_of(party(1))
}

fn fail(director: &mut Director, fault: Option<Fault>) {
    director.stopped(ID, Stop { reason: "a reason".into(), fault });
}

/// What was sent to whom: whether it says that the pair failed, or only that the run is over.
fn told(director: &mut Director) -> BTreeMap<PartyId, bool> {
    let sent = director.effects().into_iter().filter_map(|effect| match effect {
        Effect::Send { to, message: CeremonyMessage::PairFailed(ID) } => Some((to, true)),
        Effect::Send { to, message: CeremonyMessage::Decline(ID) } => Some((to, false)),
        Effect::Send { message, .. } => panic!("{message:?}"),
        _ => None,
    });
    sent.collect()
}

fn notes(director: &mut Director) -> Vec<String> {
    let effects = director.effects().into_iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Note(note) => Some(note.to_string()),
            _ => None,
        })
        .collect()
}

fn envelope(from: u16) -> Envelope {
    let key = SigningKey::from_bytes(&[1; 32]);
    Envelope::seal_bytes(&key, SID, 1, party(from), To::All, vec![1])
}

#[test]
fn when_a_check_between_two_fails_the_other_end_is_told_so_and_the_rest_only_that_the_run_is_over()
{
    let mut director = in_a_run();
    fail(&mut director, Some(Fault::Pairwise { peer: party(2), check: "a check" }));
    assert_eq!(told(&mut director), BTreeMap::from([(party(2), true), (party(3), false)]));
    assert_eq!([2, 3, 4].map(|peer| director.is_open(party(peer))), [false, true, true]);
}

#[test]
fn the_other_end_leaves_the_pair_alone_too() {
    let mut director = in_a_run();
    director.on_pair_failed(party(2), ID);
    assert!(!director.is_open(party(2)) && director.is_open(party(3)));
    assert!(director.running.is_empty());
}

#[test]
fn when_a_link_closes_the_rest_of_a_run_or_a_prelude_hear_that_it_is_over() {
    let mut director = in_a_run();
    director.link_closed(party(2), Instant::START);
    assert_eq!(told(&mut director), BTreeMap::from([(party(3), false)]));
    assert!(!director.takes_part(party(3), ID));

    let mut director = member_of_four();
    let proposed = CeremonyMessage::Propose(proposal(ID));
    director.receive(party(2), proposed, Instant::START, &mut Seeded(0));
    assert!(director.preludes.contains_key(&ID));
    director.link_closed(party(3), Instant::START);
    assert_eq!(told(&mut director), BTreeMap::from([(party(2), false)]));
    assert!(director.preludes.is_empty());
}

/// An exchange of base transfers that nobody answers.
struct Unanswered;

impl TransfersBegun for Unanswered {
    fn finish(self: Box<Self>, peer: PartyId, _: &[u8]) -> Result<AliceSeeds, Fault> {
        Err(Fault::Pairwise { peer, check: "never made" })
    }
}

fn begun(director: &mut Director) {
    let done =
        Done::Begun { peer: party(2), exchange: 5, begun: Box::new(Unanswered), message: vec![] };
    director.finished(Finished(Box::new(done)), Instant::START, &mut Seeded(0));
}

/// Whether the next refill begins another exchange with party 2.
fn begins_another(director: &mut Director) -> bool {
    director.tick(Instant::START, &mut Seeded(0));
    director.beginning.contains(&party(2))
}

#[test]
fn base_transfers_that_a_closed_link_cut_off_are_begun_again_at_once() {
    let mut director = member_of_four();
    begun(&mut director);
    assert!(!begins_another(&mut director), "one is under way");

    let mut director = member_of_four();
    begun(&mut director);
    director.link_closed(party(2), Instant::START);
    director.link_opened(party(2), Instant::START);
    assert!(begins_another(&mut director));

    let mut director = member_of_four();
    director.link_closed(party(2), Instant::START);
    begun(&mut director);
    director.link_opened(party(2), Instant::START);
    assert!(begins_another(&mut director), "its question never left");
}

#[test]
fn a_stranger_to_a_run_cannot_say_that_a_pair_failed() {
    for (from, id) in [(party(4), ID), (party(2), [8; 16])] {
        let mut director = in_a_run();
        director.on_pair_failed(from, id);
        assert!(director.is_open(from) && director.running.len() == 1);
    }
}

#[test]
fn a_fault_that_is_proven_or_nobodys_leaves_every_pair_open() {
    for fault in [
        None,
        Some(Fault::Joint { check: "a check" }),
        Some(Fault::Proven { party: party(2), check: "a check" }),
    ] {
        let mut director = in_a_run();
        fail(&mut director, fault);
        assert_eq!(told(&mut director), BTreeMap::from([(party(2), false), (party(3), false)]));
        assert!([2, 3, 4].map(party).into_iter().all(|peer| director.is_open(peer)));
    }
}

#[test]
fn a_run_that_hears_nothing_ends_at_its_time_and_says_who_was_silent() {
    let mut director = in_a_run();
    director.tick(Instant::START + CEREMONY_TIMEOUT, &mut Seeded(0));
    assert_eq!(director.running.len(), 1);
    director.tick(Instant::START + CEREMONY_TIMEOUT + Duration::from_millis(1), &mut Seeded(0));
    assert!(director.running.is_empty());
    let notes = notes(&mut director);
    assert!(notes.iter().any(|note| note.ends_with("timed out waiting for party 3")), "{notes:?}");
}

#[test]
fn a_participant_is_heard_so_often_in_one_run_and_not_once_more() {
    let mut director = in_a_run();
    // Away in a job: what comes meanwhile waits.
    director.running.get_mut(&ID).unwrap().protocol = None;
    for heard in 1..=10 {
        director.on_envelope(party(2), envelope(2));
        let waiting = &director.running[&ID].feed;
        assert_eq!(waiting.len(), heard.min(8));
        assert!(matches!(waiting[0], Feed::Envelope(from, _) if from == party(2)));
    }
    director.on_envelope(party(3), envelope(3));
    assert_eq!(director.running[&ID].feed.len(), 9);
}

#[test]
fn a_protocol_is_in_one_job_at_a_time_and_is_fed_what_came_meanwhile_when_it_returns() {
    let mut director = in_a_run();
    director.on_envelope(party(2), envelope(2));
    director.on_envelope(party(3), envelope(3));
    let jobs = |director: &mut Director| {
        let effects = director.effects().into_iter();
        let jobs = effects.filter_map(|effect| match effect {
            Effect::Start(Job(task)) => match *task {
                Task::Feed { feed, protocol, .. } => Some((feed.len(), protocol)),
                _ => None,
            },
            _ => None,
        });
        jobs.collect::<Vec<_>>()
    };
    let mut first = jobs(&mut director);
    assert_eq!(first.len(), 1);
    let (count, protocol) = first.remove(0);
    assert_eq!(count, 1);
    director.moved(ID, Some(protocol), Vec::new(), Vec::new(), None);
    let second = jobs(&mut director);
    assert_eq!(second.iter().map(|(count, _)| *count).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_proposer_whose_runs_come_to_nothing_is_declined_for_longer_each_time() {
    let mut director = in_a_run_of(party(2));
    let mut terms = Vec::new();
    for _ in 0..3 {
        fail(&mut director, None);
        let (_, until) = director.distrusted[&party(2)];
        terms.push(until.since(director.now));
        let running = in_a_run_of(party(2)).running.remove(&ID).unwrap();
        director.running.insert(ID, running);
    }
    assert_eq!(terms, [1_000, 2_000, 4_000].map(Duration::from_millis));
}

#[test]
fn proposals_that_are_not_admitted_are_declined_and_leave_nothing_behind() {
    let mut director = member_of_four();
    let of = |participants: &[u16]| Proposal {
        participants: participants.iter().copied().map(party).collect(),
        ..proposal(ID)
    };
    for (from, proposal) in [
        (2, of(&[2, 3, 4])),
        (4, of(&[1, 2, 3])),
        (2, of(&[1, 2])),
        (2, of(&[2, 1, 3])),
        (2, Proposal { kind: Kind::Presign(Presign { size: 3 }), ..of(&[1, 2, 3]) }),
        (2, Proposal { kind: Kind::Presign(Presign { size: u32::MAX }), ..of(&[1, 2, 3]) }),
    ] {
        director.receive(
            party(from),
            CeremonyMessage::Propose(proposal),
            Instant::START,
            &mut Seeded(0),
        );
        assert_eq!(told(&mut director), BTreeMap::from([(party(from), false)]));
        assert!(director.preludes.is_empty());
    }
    let good = CeremonyMessage::Propose(of(&[1, 2, 3]));
    director.receive(party(2), good, Instant::START, &mut Seeded(0));
    assert_eq!(director.preludes.len(), 1);
}
