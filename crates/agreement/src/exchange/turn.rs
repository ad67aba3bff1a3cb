//! Who runs what one node runs for all: the first member that is there and claims it.

use super::exchanges::Desk;
use super::running::{End, Outcome, Running, Want};
use super::word::{SignedWord, Word};
use conclave_threshold::party::PartyId;

/// What all get of a turn that failed: the word that existing actions know.
pub const FAILED_TURN: &str = "[ERROR]";

/// How the exchange ends, if it does.
pub(super) fn advance(running: &mut Running, desk: &Desk<'_>) -> Option<End> {
    lose_turns_of_the_gone(running, desk);
    if let Some(result) = accepted_result(running) {
        return Some(brought(result));
    }
    let (runner, claim) = match accepted_runner(running) {
        Some(accepted) => accepted,
        None if running.is_awaited(desk.me) => claim(running, desk)?,
        None => return None,
    };
    if runner == desk.me {
        let own = running.heard.claims.get(&(desk.me, desk.me)).cloned();
        let own = own.unwrap_or_else(|| desk.say(running, Word::Claim(desk.me)));
        return Some((Outcome::Mine, Some(own)));
    }
    if let Some(result) = running.heard.results.get(&runner) {
        return Some(brought(result.clone()));
    }
    match running.wish.want {
        Want::Turn { wait: true } => None,
        _ => Some((Outcome::Others(None), Some(claim))),
    }
}

/// This node's word, when it is its turn: another that runs it already, or itself.
fn claim(running: &mut Running, desk: &Desk<'_>) -> Option<(PartyId, SignedWord)> {
    let lost = &running.heard.lost;
    let claimed = running
        .heard
        .claims
        .keys()
        .map(|(_, runner)| *runner)
        .filter(|runner| !lost.contains(runner));
    let under_way = running
        .heard
        .results
        .keys()
        .copied()
        .chain(claimed)
        .min_by_key(|runner| running.place(*runner));
    let runner = under_way.or_else(|| desk.has_asked_long_enough(running).then_some(desk.me))?;
    let own = desk.say(running, Word::Claim(runner));
    running.hear(own.clone());
    Some((runner, own))
}

/// What a member brought whose turn it is or was.
fn accepted_result(running: &Running) -> Option<SignedWord> {
    let results = running
        .heard
        .results
        .iter()
        .filter(|(author, _)| running.place(**author) <= running.position);
    results.min_by_key(|(author, _)| running.place(**author)).map(|(_, result)| result.clone())
}

/// Who runs it, by the word of the earliest member whose turn it is or was.
fn accepted_runner(running: &Running) -> Option<(PartyId, SignedWord)> {
    let usable = |runner: &PartyId| {
        !running.heard.lost.contains(runner) || running.heard.results.contains_key(runner)
    };
    let claims = running.heard.claims.iter();
    let accepted = claims.filter(|((author, runner), _)| {
        running.place(*author) <= running.position && usable(runner)
    });
    let earliest = accepted
        .min_by_key(|((author, runner), _)| (running.place(*author), running.place(*runner)));
    earliest.map(|((_, runner), claim)| (*runner, claim.clone()))
}

/// Whoever claimed a turn and is not linked has lost it for good, at this node: it may come back,
/// but others may run it by then.
fn lose_turns_of_the_gone(running: &mut Running, desk: &Desk<'_>) {
    let runners = running.heard.claims.keys().map(|(_, runner)| *runner);
    let gone: Vec<PartyId> = runners.filter(|runner| !desk.open.contains(runner)).collect();
    running.heard.lost.extend(gone);
}

fn brought(result: SignedWord) -> End {
    let text = if let Word::Result(text) = &result.word { Some(text.clone()) } else { None };
    (Outcome::Others(text), Some(result))
}
