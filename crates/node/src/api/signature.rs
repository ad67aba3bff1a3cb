//! One signature of one request: is it permitted, do enough nodes agree, what does this node give
//! to it.

use super::Api;
use super::failure::{Failure, chain_code, denied_code, of_outcome};
use crate::core::{Command, Ended};
use conclave_agreement::signing::{Outcome, Verdict, Wish};
use conclave_chain::permission::{Asker, Need, decide};
use conclave_chain::{PublicKey, U256, token_id};
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::Answer;
use conclave_wire::{CertificateField, ErrorCode};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What is to be signed, by whose leave.
pub struct Question {
    pub request_key: [u8; 32],
    /// Of the signature's name.
    pub name_hash: [u8; 32],
    pub public_key: PublicKey,
    pub digest: [u8; 32],
    pub asker: Asker,
    pub need: Need,
    pub deadline: Instant,
}

/// What this node gives.
pub enum Given {
    Share(Arc<Answer>),
    /// Other nodes serve the call.
    Empty,
}

/// The certificate as it travels in an answer.
pub fn certificate(answer: &Answer) -> CertificateField {
    CertificateField { certificate: hex::encode(answer.encoded()) }
}

/// The 33-byte form of a key.
pub fn compressed(key: &PublicKey) -> [u8; 33] {
    let mut bytes = [0; 33];
    bytes[0] = 2 + (key[64] & 1);
    bytes[1..].copy_from_slice(&key[1..33]);
    bytes
}

impl Api {
    /// Milliseconds on the core's clock are counted from its start; only differences travel.
    pub async fn sign(&self, question: Question) -> Result<Given, Failure> {
        let token = token_id(&question.public_key);
        let (verdict, key, own) = match self.permitted(token, &question).await {
            Ok(key) => (Verdict::Yes { digest: question.digest }, Some(key), None),
            Err(failure) => {
                (Verdict::No { reason: failure.code.as_str().to_owned() }, None, Some(failure))
            }
        };
        let left = question.deadline.saturating_duration_since(Instant::now());
        let wish = Wish {
            request_key: question.request_key,
            name_hash: question.name_hash,
            public_key: compressed(&question.public_key),
            verdict,
            key,
            patience: left,
        };
        let (reply, answer) = oneshot::channel();
        self.core
            .try_send(Command::Begin {
                epoch: self.seat.epoch.digest(),
                wish: Box::new(wish),
                reply,
            })
            .map_err(|_| Failure::overloaded())?;
        // The core ends every call by its deadline; the second is for a core that does not.
        match tokio::time::timeout(left + Duration::from_secs(1), answer).await {
            Ok(Ok(Ended { outcome: Outcome::Share(_), say_before }))
                if Instant::now() > say_before =>
            {
                Err(of_outcome(Outcome::Retry, None))
            }
            Ok(Ok(Ended { outcome: Outcome::Share(answer), .. })) => Ok(Given::Share(answer)),
            Ok(Ok(Ended { outcome: Outcome::Empty, .. })) => Ok(Given::Empty),
            Ok(Ok(Ended { outcome, .. })) => Err(of_outcome(outcome, own)),
            Ok(Err(_)) | Err(_) => Err(of_outcome(Outcome::TimedOut, None)),
        }
    }

    /// This node's own yes, with its share of the key, or its no.
    async fn permitted(
        &self,
        token: U256,
        question: &Question,
    ) -> Result<Arc<KeyShare<Secp256k1>>, Failure> {
        let methods = question.asker.methods();
        let authorisation = self.chain.authorisation(token, &methods).await.map_err(|error| {
            tracing::warn!(%error, "permissions could not be read");
            Failure::new(chain_code(&error), "the chain that says who may sign could not be read")
        })?;
        decide(&authorisation, &question.asker, question.need)
            .map_err(|denied| Failure::new(denied_code(&denied), denied.to_string()))?;
        let keybook = self.seat.keybook.clone();
        let share = tokio::task::spawn_blocking(move || keybook.wallet(&token.to_be_bytes())).await;
        match share {
            Ok(Ok(Some(share))) => Ok(share),
            Ok(Ok(None)) => Err(Failure::new(
                ErrorCode::NodePKPTokenIdNotFound,
                "this node holds no share of the key",
            )),
            Ok(Err(error)) => Err(Failure::system(error.to_string())),
            Err(error) => Err(Failure::system(error.to_string())),
        }
    }
}
