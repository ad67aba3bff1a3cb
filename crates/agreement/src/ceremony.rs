//! Ceremonies: key generation and presigning runs among several members, from the proposal to the
//! result.
//!
//! A ceremony begins with a prelude. One member proposes, and every participant answers everybody
//! with a fresh nonce and, for presigning, the base oblivious transfers it has set aside. The
//! session id follows from these: a proposer that told different things to different members gives
//! them different ids, and nothing starts. The protocol itself runs in jobs outside the member, so
//! that no ceremony delays a signature.

mod admission;
mod director;
mod early;
mod job;
mod kinds;
mod message;
mod ot_stock;
mod pairs;
mod prelude;
mod protocol;

pub use admission::{MAX_CEREMONIES, MAX_OF_A_SORT, Needs};
pub use director::{CEREMONY_TIMEOUT, Director, Effect, PRELUDE_TIMEOUT};
pub use early::{MAX_EARLY_BYTES, MAX_EARLY_MESSAGES};
pub use job::{Finished, Job, JobSort, TransfersBegun, Workshop};
pub use kinds::{Kind, MAX_KEYS, NetworkKey, Presign, Wallets};
pub use message::{CeremonyId, CeremonyMessage, Handle, Join, Proposal};
pub use protocol::{
    CeremonyOutput, GeneratedKeys, KEY_TYPE_BLS, KEY_TYPE_ECDSA, KeyBatch, Protocol, Started, Stop,
};
