//! What the nodes of one request do among themselves for its action: give each other values, have
//! one of them run something for all, and put shares together.
//!
//! Sans-IO like [`crate::signing`]: [`Exchanges`] takes wishes, messages and the time, and returns
//! [`Effect`]s. Every word is signed by its author, so that who passes it on cannot change it. The
//! rules are those of ARCHITECTURE.md, "An action among the nodes": the word of the first member in
//! the request's order that is there counts, and who is gone or silent is passed over. A member
//! that cheats can make an exchange fail, or come out differently at some nodes; then they want
//! different things signed, and nothing is.

mod collect;
mod combine;
mod early;
mod exchanges;
mod kept;
mod message;
mod running;
mod silent;
mod turn;
mod word;

pub use early::{EARLY_BYTES, MAX_EARLY_WORDS_PER_PEER};
pub use exchanges::{Effect, Exchanges, MAX_RUNNING, Timing};
pub use kept::{KEPT_BYTES, MAX_KEPT, MAX_REPEATS};
pub use message::{ExchangeMessage, MAX_EXCHANGE_MESSAGE};
pub use running::{Outcome, Want, Wish};
pub use turn::FAILED_TURN;
pub use word::{
    ExchangeId, Given, MAX_RESULT, MAX_VALUE, Operation, SignedWord, Word, exchange_id,
};
