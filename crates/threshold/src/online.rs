//! The online half: one presignature, one key, one digest.
//!
//! A [`Presignature`](crate::presignature::Presignature) moves one way.
//! [`bind`](crate::presignature::Presignature::bind) ties it to the one assignment it will ever
//! serve and reveals `delta_i = lambda_i x_i - b_i`; a [`Bound`] collects the other members' and,
//! when every check holds, [`check`](Bound::check) makes it [`Ready`], which
//! [`share`](Ready::share) turns into an [`Answer`] and a [`Served`]. Dropping any of them burns
//! the index at this party. Each step consumes the one before: a program that uses a presignature
//! twice does not compile.
//!
//! With `delta = sum delta_i` and `r` the x-coordinate of `R' = rho R`, the shares `s_i = rho^-1
//! (f_i (h + r delta) + r w_i)` sum to an ECDSA signature on `h`. The presignature is that of
//! DKLs23 (Doerner, Kondi, Lee, shelat, 2023/765) with a random mask in the key's place; `rho`
//! re-randomises it after the request is known, in the manner of Groth and Shoup (2021/1330), whose
//! theorem is for an additive form.

mod answer;
mod assignment;
mod bind;
mod nonce;
mod request;
mod share;
mod signature;

pub use crate::derivation::Derivation;
pub use answer::{Answer, AnswerFault, Checked, Expected, MAX_ANSWER};
pub use assignment::{Assignment, AssignmentFault, Equivocation, SignedAssignment, index_owner};
pub use bind::{BindMessage, Bound, MAX_BIND_MESSAGE, NotBound, Opened, Progress};
pub use request::{name_hash, repeated_name_hash, request_key};
pub use share::{Ready, Served};
pub use signature::{CombineError, Signature, assemble, combine};

#[cfg(test)]
mod tests;
