//! Safe HTTP serving, for every program of the network that answers strangers: bounded connections,
//! bounded bodies, bounded waits, CORS, and JSON for every error.
//!
//! [`open`] puts the rules that hold on every path around an application's routes, and [`serve`]
//! answers with them until it is told to stop. A handler takes a request in through an
//! [`Admission`], and writes its result with [`answer`]. Every limit stands in [`ServeLimits`] or
//! [`AdmissionLimits`].
//!
//! What it deliberately does not know: who asks, what is asked, keys, chains.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod admission;
mod answer;
mod connections;
mod open;

pub use admission::{Admission, AdmissionLimits, AdmitError, Held, Overloaded, Place};
pub use answer::{Refusal, answer, request_id, respond, wrong_method};
pub use connections::{ServeError, ServeLimits, serve};
pub use open::open;
