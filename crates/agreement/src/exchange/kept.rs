//! How exchanges ended, for nodes that come later.

use super::running::Outcome;
use super::word::{ExchangeId, SignedWord, Word};
use crate::time::Instant;
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, VecDeque};

/// Ended exchanges that are kept.
pub const MAX_KEPT: usize = 16_384;
/// The bytes of their outcomes and of the words by which they are told.
pub const KEPT_BYTES: usize = 128 << 20;
/// How often one peer is told how one exchange ended, or stands.
pub const MAX_REPEATS: u8 = 3;

/// The oldest make room for new ones.
#[derive(Default)]
pub(super) struct Kept {
    exchanges: BTreeMap<ExchangeId, Ended>,
    oldest_first: VecDeque<ExchangeId>,
    bytes: usize,
}

struct Ended {
    outcome: Outcome,
    /// The word that shows it; what a node runs for all has one at first that says that it runs.
    conclusion: Option<SignedWord>,
    until: Instant,
    told: BTreeMap<PartyId, u8>,
}

/// The outcome holds the texts of the word once more.
fn size(conclusion: &Option<SignedWord>) -> usize {
    conclusion.as_ref().map_or(0, |word| 2 * word.size())
}

impl Kept {
    /// How many are kept.
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    pub fn keep(
        &mut self,
        exchange: ExchangeId,
        outcome: Outcome,
        conclusion: Option<SignedWord>,
        until: Instant,
    ) {
        self.bytes += size(&conclusion);
        self.exchanges
            .insert(exchange, Ended { outcome, conclusion, until, told: BTreeMap::new() });
        self.oldest_first.push_back(exchange);
        self.make_room();
    }

    fn make_room(&mut self) {
        while self.exchanges.len() > MAX_KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.oldest_first.pop_front() else { return };
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, exchange: &ExchangeId) {
        if let Some(ended) = self.exchanges.remove(exchange) {
            self.bytes -= size(&ended.conclusion);
        }
    }

    pub fn outcome(&self, exchange: &ExchangeId) -> Option<Outcome> {
        let ended = self.exchanges.get(exchange)?;
        match (&ended.outcome, &ended.conclusion) {
            (Outcome::Mine, Some(SignedWord { word: Word::Result(result), .. })) => {
                Some(Outcome::Others(Some(result.clone())))
            }
            // It runs here; a second run must not begin.
            (Outcome::Mine, _) => Some(Outcome::Repeated),
            (outcome, _) => Some(outcome.clone()),
        }
    }

    /// Whether this node has the turn of this exchange, and has not ended it.
    pub fn is_my_turn(&self, exchange: &ExchangeId) -> bool {
        self.exchanges.get(exchange).is_some_and(|ended| {
            let claimed = ended
                .conclusion
                .as_ref()
                .is_none_or(|signed| matches!(signed.word, Word::Claim(_)));
            matches!(ended.outcome, Outcome::Mine) && claimed
        })
    }

    /// Another word tells the end from now on.
    pub fn conclude(&mut self, exchange: &ExchangeId, word: SignedWord) {
        if let Some(ended) = self.exchanges.get_mut(exchange) {
            let conclusion = Some(word);
            self.bytes = self.bytes - size(&ended.conclusion) + size(&conclusion);
            ended.conclusion = conclusion;
            // Who was told that it runs wants to be told what came of it.
            ended.told.clear();
            self.make_room();
        }
    }

    pub fn contains(&self, exchange: &ExchangeId) -> bool {
        self.exchanges.contains_key(exchange)
    }

    /// What to tell a peer that does not know how the exchange ended; `None` when it was told often
    /// enough.
    pub fn tell(&mut self, exchange: &ExchangeId, peer: PartyId) -> Option<SignedWord> {
        let ended = self.exchanges.get_mut(exchange)?;
        let told = ended.told.entry(peer).or_default();
        if *told >= MAX_REPEATS {
            return None;
        }
        *told += 1;
        ended.conclusion.clone()
    }

    pub fn forget_until(&mut self, now: Instant) {
        let over: Vec<ExchangeId> = self
            .exchanges
            .iter()
            .filter(|(_, ended)| ended.until <= now)
            .map(|(exchange, _)| *exchange)
            .collect();
        if over.is_empty() {
            return;
        }
        over.iter().for_each(|exchange| self.forget(exchange));
        self.oldest_first.retain(|exchange| self.exchanges.contains_key(exchange));
    }
}

#[cfg(test)]
mod tests {
    use super::super::word::MAX_RESULT;
    use super::*;

    const END: Instant = Instant::from_millis(1);

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    fn id(number: usize) -> ExchangeId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        ExchangeId(bytes)
    }

    fn result(exchange: ExchangeId, length: usize) -> SignedWord {
        SignedWord {
            exchange,
            author: party(1),
            word: Word::Result("x".repeat(length)),
            signature: [0; 64],
        }
    }

    #[test]
    fn so_many_are_kept_and_one_more_pushes_out_the_oldest() {
        let mut kept = Kept::default();
        for number in 0..MAX_KEPT {
            kept.keep(id(number), Outcome::TimedOut, None, END);
        }
        assert!(kept.contains(&id(0)));
        kept.keep(id(MAX_KEPT), Outcome::TimedOut, None, END);
        assert!(!kept.contains(&id(0)) && kept.contains(&id(1)) && kept.contains(&id(MAX_KEPT)));
    }

    #[test]
    fn words_are_kept_up_to_their_bytes() {
        let mut kept = Kept::default();
        let fit = KEPT_BYTES / size(&Some(result(id(0), MAX_RESULT)));
        for number in 0..fit {
            kept.keep(id(number), Outcome::TimedOut, Some(result(id(number), MAX_RESULT)), END);
        }
        assert!(kept.contains(&id(0)));
        kept.keep(id(fit), Outcome::TimedOut, Some(result(id(fit), MAX_RESULT)), END);
        assert!(!kept.contains(&id(0)) && kept.contains(&id(fit)) && kept.bytes <= KEPT_BYTES);
        kept.forget_until(END);
        assert_eq!((kept.bytes, kept.oldest_first.len(), kept.exchanges.len()), (0, 0, 0));
    }

    #[test]
    fn a_peer_is_told_so_often_and_no_more_until_there_is_news() {
        let mut kept = Kept::default();
        let claim = SignedWord { word: Word::Claim(party(1)), ..result(id(0), 0) };
        kept.keep(id(0), Outcome::Mine, Some(claim.clone()), END);
        for _ in 0..MAX_REPEATS {
            assert_eq!(kept.tell(&id(0), party(2)), Some(claim.clone()));
        }
        assert_eq!(kept.tell(&id(0), party(2)), None);
        assert_eq!(kept.tell(&id(0), party(3)), Some(claim));
        assert!(kept.is_my_turn(&id(0)));
        kept.conclude(&id(0), result(id(0), 1));
        assert_eq!(kept.tell(&id(0), party(2)), Some(result(id(0), 1)));
        assert!(!kept.is_my_turn(&id(0)));
    }

    #[test]
    fn a_turn_that_was_taken_here_is_not_taken_again() {
        let mut kept = Kept::default();
        kept.keep(id(0), Outcome::Mine, None, END);
        assert_eq!(kept.outcome(&id(0)), Some(Outcome::Repeated));
        kept.conclude(&id(0), result(id(0), 1));
        assert_eq!(kept.outcome(&id(0)), Some(Outcome::Others(Some("x".into()))));
    }
}
