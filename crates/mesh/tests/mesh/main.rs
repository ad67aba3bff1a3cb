//! Meshes on loopback, and a peer made by hand that misbehaves.

mod hostile;
mod lanes;
mod linking;
mod raw_peer;
mod refusals;
mod starting;
mod support;
