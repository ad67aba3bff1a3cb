//! One signature asked for: what every node answered, and what that means to a client.

use conclave_chain::WalletKey;
use conclave_threshold::codec::Decode;
use conclave_threshold::ids::Digest;
use conclave_threshold::online::{Answer, Assignment, Signature, assemble};
use conclave_wire::quirks::quoted::unquote;
use conclave_wire::{ErrorBody, ErrorCode, PkpSignResponse};
use k256::{AffinePoint, Scalar};
use std::collections::BTreeSet;
use std::fmt;

use crate::site::NODES;

/// How many nodes sign together: two thirds.
const THRESHOLD: usize = (2 * NODES as usize).div_ceil(3);

/// What one node answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Its share of the signature, and the assignment that its certificate names.
    Share { big_r: [u8; 33], scalar: [u8; 32], assignment: Option<Box<Assignment>> },
    /// Others sign.
    Empty,
    /// An error, as JSON.
    Refused(Box<ErrorBody>),
    /// Something that this API does not have.
    Nonsense { status: u16 },
    /// No answer: why.
    Silent(String),
}

impl Reply {
    /// Reads an answer's status and body.
    pub fn read(status: u16, body: &[u8]) -> Self {
        if status != 200 {
            let refusal = serde_json::from_slice::<ErrorBody>(body)
                .ok()
                .filter(|refusal| refusal.status == status);
            return refusal
                .map_or(Reply::Nonsense { status }, |refusal| Reply::Refused(Box::new(refusal)));
        }
        let Ok(response) = serde_json::from_slice::<PkpSignResponse>(body) else {
            return Reply::Nonsense { status };
        };
        let fields = response.signature_share;
        let (mut big_r, mut scalar) = ([0; 33], [0; 32]);
        let read = hex::decode_to_slice(unquote(&fields.big_r), &mut big_r)
            .and_then(|()| hex::decode_to_slice(unquote(&fields.signature_share), &mut scalar));
        match read {
            Ok(()) => {
                let certificate =
                    response.conclave.and_then(|field| hex::decode(field.certificate).ok());
                let answer = certificate.and_then(|bytes| Answer::read(&bytes).ok());
                Reply::Share {
                    big_r,
                    scalar,
                    assignment: answer.map(|answer| Box::new(answer.assignment.assignment)),
                }
            }
            Err(_) if fields.signature_share.is_empty() && fields.big_r.is_empty() => Reply::Empty,
            Err(_) => Reply::Nonsense { status },
        }
    }

    /// Whether the node gave a share of its own.
    pub fn is_share(&self) -> bool {
        matches!(self, Reply::Share { .. })
    }

    fn is_success(&self) -> bool {
        matches!(self, Reply::Share { .. } | Reply::Empty)
    }
}

/// A request and the nodes' answers to it, in the order of the nodes.
#[derive(Debug)]
pub struct Call {
    public_key: [u8; 33],
    digest: Digest,
    pub replies: Vec<Reply>,
}

/// What the answers amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The shares sum to the signature.
    Signed(Signature),
    /// No signature, and whoever refused said so with the retryable error, all in the same words.
    Retryable,
    /// What must never be: why.
    Wrong(String),
}

impl Call {
    pub(crate) fn new(key: &WalletKey, digest: Digest, replies: Vec<Reply>) -> Self {
        let public_key = *key.compressed();
        Call { public_key, digest, replies }
    }

    fn shares(&self) -> Vec<([u8; 33], [u8; 32])> {
        let share = |reply: &Reply| match reply {
            Reply::Share { big_r, scalar, .. } => Some((*big_r, *scalar)),
            _ => None,
        };
        self.replies.iter().filter_map(share).collect()
    }

    /// The sum of all shares, whatever they belong to, if it is a signature: what the least careful
    /// client does.
    pub fn sum(&self) -> Option<Signature> {
        let shares = self.shares();
        let big_r = AffinePoint::decode_all(&shares.first()?.0).ok()?;
        let scalars = shares
            .iter()
            .map(|(_, scalar)| Scalar::decode_all(scalar).ok())
            .collect::<Option<Vec<_>>>()?;
        assemble(&self.public_key, &self.digest, &big_r, &scalars)
    }

    /// Holds the answers against what they may be. A client that needs every node and one that
    /// needs two thirds of them must both be safe: when all nodes answered with success, or enough
    /// gave a share, the sum is a signature.
    pub fn verdict(&self) -> Verdict {
        let shares = self.shares();
        let nonces: BTreeSet<_> = shares.iter().map(|(big_r, _)| big_r).collect();
        if nonces.len() > 1 {
            return Verdict::Wrong("two sets answered one call".into());
        }
        if let Some(status) = self.replies.iter().find_map(|reply| {
            if let Reply::Nonsense { status } = reply { Some(status) } else { None }
        }) {
            return Verdict::Wrong(format!("an answer with status {status} is none of this API"));
        }
        let sum = self.sum();
        if sum.is_none()
            && (shares.len() >= THRESHOLD || self.replies.iter().all(Reply::is_success))
        {
            return Verdict::Wrong("the sum is no signature".into());
        }
        let refusals = self
            .replies
            .iter()
            .filter_map(|reply| if let Reply::Refused(body) = reply { Some(body) } else { None });
        let bodies: Vec<ErrorBody> =
            refusals.map(|body| ErrorBody { correlation_id: None, ..(**body).clone() }).collect();
        if let Some(other) = bodies.iter().find(|body| {
            body.code() != Some(ErrorCode::ConclaveRetry) || body.status != 503 || !body.retryable
        }) {
            return Verdict::Wrong(format!(
                "a node refused with {} ({}): {}",
                other.error_code, other.status, other.message
            ));
        }
        if bodies.windows(2).any(|pair| pair[0] != pair[1]) {
            return Verdict::Wrong(format!("the nodes refused in different words: {bodies:?}"));
        }
        sum.map_or(Verdict::Retryable, Verdict::Signed)
    }

    /// # Panics
    /// When the answers make no signature.
    pub fn assert_signed(&self) {
        assert!(matches!(self.verdict(), Verdict::Signed(_)), "{self}: {:?}", self.verdict());
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, reply) in self.replies.iter().enumerate() {
            let what = match reply {
                Reply::Share { assignment: Some(assignment), .. } => {
                    let Assignment { index, set, attempt, .. } = &**assignment;
                    let set: Vec<_> = set.iter().map(ToString::to_string).collect();
                    format!(
                        "share of attempt {attempt} in the set {{{}}}, index {index}",
                        set.join(", ")
                    )
                }
                Reply::Share { assignment: None, .. } => "share without certificate".into(),
                Reply::Empty => "empty share".into(),
                Reply::Refused(body) => body.error_code.clone(),
                Reply::Nonsense { .. } => "nonsense".into(),
                Reply::Silent(why) => format!("silence ({why})"),
            };
            write!(f, "{}node {}: {what}", if at > 0 { ", " } else { "" }, at + 1)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
