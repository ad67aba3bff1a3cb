//! The commands.

pub mod action;
pub mod devnet;
pub mod grant;
pub mod grantee;
pub mod mint;
pub mod node;
pub mod revoke;
pub mod run;
pub mod sign;
pub mod status;
pub mod transfer;
