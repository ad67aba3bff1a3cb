//! How nodes agree to use one presignature for one digest: announce, assign, bind, share, and what
//! happens when somebody is silent.
//!
//! Without I/O like the protocols under it: [`Coordinator`] takes messages and the time, and
//! returns [`Effect`]s. The rules are those of ARCHITECTURE.md, "The life of a request".

mod announce;
mod call;
mod coordinator;
mod desk;
mod message;
mod order;
mod stock;

pub use announce::{Announce, SignedAnnounce, Verdict};
pub use call::{Outcome, Wish};
pub use conclave_threshold::online::{name_hash, repeated_name_hash, request_key};
pub use coordinator::{Coordinator, Effect, Timing};
pub use message::SigningMessage;
pub use order::{CallId, assigners, call_id};
pub use stock::{Stock, StockLimits};
