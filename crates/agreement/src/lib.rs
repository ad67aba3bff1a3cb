//! What the members of a network do with one another, and nothing else: agree on signatures, do
//! things for actions among themselves, make keys and presignatures, and keep these in stock.
//!
//! Nothing here has a clock, a socket, a disk, a thread or the operating system's randomness. A
//! [`Member`] plays one member in one epoch: [`handle`](Member::handle) takes an [`Input`], the
//! time and a source of entropy, and returns [`Output`]s. Work that takes long leaves as a [`Job`]
//! and comes back as an input. A [`Router`] keeps one member for each epoch that is alive and hands
//! every frame to the member of its epoch.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

pub mod ceremony;
mod entropy;
pub mod exchange;
mod frame;
mod member;
mod note;
mod role;
mod router;
pub mod settling;
pub mod signing;
pub mod stocking;
pub mod time;
mod view;

pub use ceremony::{Finished, Job, Workshop};
pub use entropy::Entropy;
pub use frame::{FRAME_HEADER, Frame, FrameError, MAX_MESSAGE, MAX_RUN_MESSAGE, MemberMessage};
pub use member::{Backlog, Input, Member, MemberConfig, MemberStatus, Output, Ticket};
pub use note::{Level, Note};
pub use role::Role;
pub use router::{Addressed, Router};
pub use view::ChainView;
