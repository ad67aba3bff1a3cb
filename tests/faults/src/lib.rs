//! Real processes that die, stall and are searched: what the tests of this package have in common.
//!
//! A [`Site`] is a temporary folder with ports of its own, in which a whole network is started and
//! stopped; a [`User`] asks its nodes as a client does, but shows every single answer. The program
//! `faulty-node` is a node that does one thing wrong, when it is told to: see [`Fault`].
//!
//! It deliberately knows nothing of a node's inside but what a [`conclave_node::tap::Tap`] shows,
//! and combines shares as the least careful client would: it sums whatever it gets.

pub mod call;
pub mod fault;
pub mod process;
pub mod run;
pub mod saboteur;
pub mod site;
pub mod user;
pub mod wait;

pub use call::{Call, Reply, Verdict};
pub use fault::{Fault, Moment};
pub use run::RunReply;
pub use site::{Devnet, NODES, Site};
pub use user::User;
pub use wait::until;
