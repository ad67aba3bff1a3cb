//! Words for exchanges that this node's action has not come to yet, or never will.

use super::word::{ExchangeId, SignedWord};
use crate::time::Instant;
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, VecDeque};

/// Words of one peer that wait.
pub const MAX_EARLY_WORDS_PER_PEER: usize = 1_024;
/// The bytes of all words that wait; each peer has an equal part of them. It holds the longest word
/// of the largest epoch.
pub const EARLY_BYTES: usize = 96 << 20;

/// The oldest words of a peer make room for its new ones, so that a peer can crowd out only itself.
pub(super) struct EarlyWords {
    peers: BTreeMap<PartyId, Queue>,
    bytes_per_peer: usize,
}

#[derive(Default)]
struct Queue {
    words: VecDeque<(Instant, SignedWord)>,
    bytes: usize,
}

impl EarlyWords {
    pub fn new(peers: usize) -> Self {
        EarlyWords { peers: BTreeMap::new(), bytes_per_peer: EARLY_BYTES / peers.max(1) }
    }

    /// Keeps a word of this peer's own.
    pub fn keep(&mut self, peer: PartyId, word: SignedWord, now: Instant) {
        let size = word.size();
        if size > self.bytes_per_peer {
            return;
        }
        let queue = self.peers.entry(peer).or_default();
        queue.bytes += size;
        queue.words.push_back((now, word));
        while queue.words.len() > MAX_EARLY_WORDS_PER_PEER || queue.bytes > self.bytes_per_peer {
            queue.forget_oldest();
        }
    }

    /// Bytes of all that is kept.
    pub fn bytes(&self) -> usize {
        self.peers.values().map(|queue| queue.bytes).sum()
    }

    /// Takes out what was said in this exchange, and when, in the order of arrival from each peer.
    pub fn take(&mut self, exchange: &ExchangeId) -> Vec<(Instant, SignedWord)> {
        let mut taken = Vec::new();
        for queue in self.peers.values_mut() {
            for (at, word) in core::mem::take(&mut queue.words) {
                if word.exchange == *exchange {
                    queue.bytes -= word.size();
                    taken.push((at, word));
                } else {
                    queue.words.push_back((at, word));
                }
            }
        }
        taken
    }

    /// Forgets what was kept before `time`.
    pub fn forget_before(&mut self, time: Instant) {
        for queue in self.peers.values_mut() {
            while queue.words.front().is_some_and(|(at, _)| *at < time) {
                queue.forget_oldest();
            }
        }
    }
}

impl Queue {
    fn forget_oldest(&mut self) {
        if let Some((_, word)) = self.words.pop_front() {
            self.bytes -= word.size();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::word::{MAX_VALUE, Word};
    use super::*;

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    fn word(exchange: u16, author: u16, length: usize) -> SignedWord {
        let mut id = [0; 32];
        id[..2].copy_from_slice(&exchange.to_be_bytes());
        let word = Word::Value("x".repeat(length));
        SignedWord { exchange: ExchangeId(id), author: party(author), word, signature: [0; 64] }
    }

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn id(exchange: u16) -> ExchangeId {
        word(exchange, 1, 0).exchange
    }

    #[test]
    fn a_peer_has_room_for_so_many_words_and_one_more_pushes_out_its_own_oldest() {
        let mut early = EarlyWords::new(2);
        early.keep(party(2), word(0, 2, 1), at(0));
        for number in 0..MAX_EARLY_WORDS_PER_PEER as u16 {
            early.keep(party(1), word(number, 1, 1), at(0));
        }
        assert_eq!(early.peers[&party(1)].words.len(), MAX_EARLY_WORDS_PER_PEER);
        early.keep(party(1), word(5_000, 1, 1), at(0));
        assert_eq!(early.peers[&party(1)].words.len(), MAX_EARLY_WORDS_PER_PEER);
        assert_eq!(
            early.take(&id(0)),
            [(at(0), word(0, 2, 1))],
            "only its own oldest word is gone"
        );
        assert_eq!((early.take(&id(1)).len(), early.take(&id(5_000)).len()), (1, 1));
    }

    #[test]
    fn a_peer_has_its_part_of_the_bytes_and_no_more() {
        let mut early = EarlyWords::new(EARLY_BYTES / (4 * word(0, 1, MAX_VALUE).size()));
        for number in 0..4 {
            early.keep(party(1), word(number, 1, MAX_VALUE), at(0));
        }
        assert_eq!(early.peers[&party(1)].words.len(), 4);
        early.keep(party(1), word(4, 1, MAX_VALUE), at(0));
        assert_eq!(
            (early.take(&id(0)).len(), early.take(&id(1)).len(), early.take(&id(4)).len()),
            (0, 1, 1)
        );
        let bytes: usize = early.peers[&party(1)].words.iter().map(|(_, word)| word.size()).sum();
        assert_eq!(early.peers[&party(1)].bytes, bytes);
        let mut narrow = EarlyWords::new(EARLY_BYTES / 1_000);
        narrow.keep(party(1), word(0, 1, 1_000), at(0));
        assert!(
            narrow.take(&id(0)).is_empty(),
            "what alone is longer than a peer's part is not kept"
        );
    }

    #[test]
    fn the_longest_word_of_the_largest_epoch_finds_room() {
        let peers = conclave_threshold::party::MAX_MEMBERS - 1;
        assert!(super::super::MAX_EXCHANGE_MESSAGE + 64 * 192 <= EARLY_BYTES / peers);
    }

    #[test]
    fn words_are_forgotten_after_a_while() {
        let mut early = EarlyWords::new(2);
        early.keep(party(1), word(0, 1, 1), at(10));
        early.keep(party(1), word(1, 1, 1), at(20));
        early.forget_before(at(20));
        assert_eq!((early.take(&id(0)).len(), early.take(&id(1)).len()), (0, 1));
        assert_eq!(early.peers[&party(1)].bytes, 0);
    }
}
