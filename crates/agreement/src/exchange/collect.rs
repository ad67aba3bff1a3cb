//! Whose values count: those that the first member that is there names.

use super::exchanges::Desk;
use super::running::{End, Outcome, Running};
use super::word::{Given, SignedWord, Word};
use conclave_threshold::party::PartyId;

/// How the exchange ends, if it does.
pub(super) fn advance(running: &mut Running, desk: &Desk<'_>) -> Option<End> {
    let settled = running.heard.settled.as_ref();
    if let Some(settled) =
        settled.filter(|settled| running.place(settled.author) <= running.position)
    {
        return Some(end(settled.clone(), desk.me));
    }
    if !running.is_awaited(desk.me) {
        return None;
    }
    // Who was late takes over what others have settled without it: those who still wait for its
    // word get the same.
    let others = settled.and_then(|settled| {
        if let Word::Settled(given) = &settled.word { Some(given.clone()) } else { None }
    });
    let given = others.or_else(|| enough(running, desk))?;
    let own = desk.say(running, Word::Settled(given));
    Some(end(own, desk.me))
}

/// All values, once everybody who is there has spoken, or the patience with the others is over.
fn enough(running: &Running, desk: &Desk<'_>) -> Option<Vec<Given>> {
    let values = &running.heard.values;
    let all = desk.open.iter().all(|id| values.contains_key(id));
    let waited = desk.now >= running.begun + desk.timing.patience;
    let sure = desk.has_asked_long_enough(running);
    let ready = values.len() >= desk.threshold && (all || waited) && sure;
    ready.then(|| values.values().filter_map(SignedWord::given).collect())
}

fn end(settled: SignedWord, me: PartyId) -> End {
    let Word::Settled(given) = &settled.word else { return (Outcome::TimedOut, None) };
    let (own, others): (Vec<&Given>, Vec<&Given>) = given.iter().partition(|one| one.author == me);
    let values = others.into_iter().chain(own).map(|one| one.value.clone()).collect();
    (Outcome::Collected(values), Some(settled))
}
