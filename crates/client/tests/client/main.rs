//! The client against small servers that answer as nodes do, with real shares and certificates.

mod handshake;
mod run;
mod sign;
mod status;
mod store;
mod support;
