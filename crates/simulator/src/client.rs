//! Clients: they ask nodes for signatures, judge what comes back, and give up in time.

use crate::Micros;
use conclave_agreement::signing::{CallId, Verdict, Wish, call_id, name_hash};
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{Answer, Checked, Expected, combine};
use conclave_threshold::party::Epoch;
use k256::AffinePoint;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long a client waits.
pub const PATIENCE: Micros = 6_000_000;

/// One request.
pub struct Request {
    /// Of the key.
    pub public_key: [u8; 33],
    /// The same at every node.
    pub request_key: RequestKey,
    /// What is to be signed.
    pub digest: Digest,
    /// The first block in which the asker may.
    pub permitted_from: u64,
    /// Nodes that were asked and have not answered, as places of the roster.
    pub asked: BTreeSet<usize>,
    /// When it began.
    pub begun: Micros,
    checked: Vec<Checked>,
    /// When and how it ended.
    pub ended: Option<(Micros, bool)>,
}

/// What an answer did to a request.
pub enum Judged {
    /// More answers are needed.
    Waiting,
    /// There is a signature.
    Signed,
    /// An answer that does not verify, from an honest node's certificate.
    Bad(String),
}

impl Request {
    /// A request of this number.
    pub fn new(
        number: u64,
        key: &KeyShare<Secp256k1>,
        asked: BTreeSet<usize>,
        now: Micros,
    ) -> Self {
        let mut public_key = [0; 33];
        public_key.copy_from_slice(&AffinePoint::from(key.public_key()).encoded());
        let mut request_key = [0x11; 32];
        request_key[..8].copy_from_slice(&number.to_be_bytes());
        let mut digest = [0x22; 32];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        Request {
            public_key,
            request_key: RequestKey::new(request_key),
            digest: Digest::new(digest),
            permitted_from: 0,
            asked,
            begun: now,
            checked: Vec::new(),
            ended: None,
        }
    }

    /// Its call at every node.
    pub fn call(&self) -> CallId {
        call_id(&self.request_key, &name_hash("signature"))
    }

    /// What a node that finds the asker permitted, or not, wants.
    pub fn wish(
        &self,
        permitted: bool,
        key: Option<Arc<KeyShare<Secp256k1>>>,
        now: Micros,
    ) -> Wish {
        let reason = || "NodePKPNotAuthorized".to_owned();
        let verdict = if permitted {
            Verdict::Yes { digest: self.digest }
        } else {
            Verdict::No { reason: reason() }
        };
        Wish {
            request_key: self.request_key,
            name_hash: name_hash("signature"),
            public_key: self.public_key,
            verdict,
            key,
            patience: Duration::from_micros((self.begun + PATIENCE).saturating_sub(now)),
        }
    }

    /// A node answers with its share.
    pub fn take(&mut self, answer: &Answer, epoch: &Epoch) -> Judged {
        let expected = Expected {
            public_key: self.public_key,
            digest: self.digest,
            name_hash: name_hash("signature"),
            set: None,
        };
        match answer.verify(epoch, &expected) {
            Err(fault) => Judged::Bad(fault.to_string()),
            Ok(checked) => {
                self.checked.push(checked);
                if combine(&self.checked).is_ok() { Judged::Signed } else { Judged::Waiting }
            }
        }
    }
}
