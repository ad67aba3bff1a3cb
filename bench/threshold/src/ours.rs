//! Ours: whole runs of the machines that the node drives, over the messages that it sends.

pub mod bls;
pub mod delivery;
pub mod keygen;
pub mod network;
pub mod parts;
pub mod presignature;
pub mod reshare;
pub mod signing;
