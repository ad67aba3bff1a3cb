//! One signature of one request: is it permitted, do enough nodes agree, what does this node give
//! to it.

use super::failure::{Failure, chain_code, denied_code, of_outcome};
use super::member::{EpochMember, time_left};
use conclave_agreement::signing::{Outcome, Verdict, Wish};
use conclave_chain::permission::{Asker, Authorisation, Need, decide};
use conclave_chain::{AuthMethod, Chain, ChainError, U256, WalletKey};
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::Answer;
use conclave_wire::{CertificateField, ErrorCode};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Instant;

/// What is to be signed, by whose leave.
#[derive(Clone)]
pub struct Question {
    pub request_key: RequestKey,
    /// Of the signature's name.
    pub name_hash: NameHash,
    pub key: WalletKey,
    pub digest: Digest,
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

/// What the chain says of who may use a key.
pub trait PermissionReads: Send + Sync {
    /// Of one token and some auth methods, now.
    fn authorisation<'a>(
        &'a self,
        token: U256,
        methods: &'a [AuthMethod],
    ) -> BoxFuture<'a, Result<Authorisation, ChainError>>;
}

impl PermissionReads for Chain {
    fn authorisation<'a>(
        &'a self,
        token: U256,
        methods: &'a [AuthMethod],
    ) -> BoxFuture<'a, Result<Authorisation, ChainError>> {
        Box::pin(Chain::authorisation(self, token, methods))
    }
}

/// Signs for one request, as a member of the epoch in which it began.
#[derive(Clone)]
pub struct Signer {
    pub permissions: Arc<dyn PermissionReads>,
    pub member: Arc<EpochMember>,
}

/// The certificate as it travels in an answer.
pub fn certificate(answer: &Answer) -> CertificateField {
    CertificateField { certificate: hex::encode(answer.encoded()) }
}

impl Signer {
    /// Announces this node's verdict and waits for what comes of it.
    pub async fn sign(&self, question: Question) -> Result<Given, Failure> {
        let (verdict, key, own) = match self.permitted(&question).await {
            Ok(share) => (Verdict::Yes { digest: question.digest }, Some(share), None),
            Err(failure) => {
                (Verdict::No { reason: failure.code.as_str().to_owned() }, None, Some(failure))
            }
        };
        let wish = Wish {
            request_key: question.request_key,
            name_hash: question.name_hash,
            public_key: *question.key.compressed(),
            verdict,
            key,
            patience: time_left(question.deadline),
        };
        match self.member.core.call(wish).await? {
            Outcome::Share(answer) => Ok(Given::Share(answer)),
            Outcome::Empty => Ok(Given::Empty),
            outcome => Err(of_outcome(outcome, own)),
        }
    }

    /// This node's own yes, with its share of the key, or its no.
    async fn permitted(&self, question: &Question) -> Result<Arc<KeyShare<Secp256k1>>, Failure> {
        let token = question.key.token_id();
        let methods = question.asker.methods();
        let read = self.permissions.authorisation(token, &methods).await;
        let authorisation = read.map_err(|error| {
            tracing::warn!(%error, "permissions could not be read");
            Failure::new(chain_code(&error), "the chain that says who may sign could not be read")
        })?;
        decide(&authorisation, &question.asker, question.need)
            .map_err(|denied| Failure::new(denied_code(&denied), denied.to_string()))?;
        let shares = self.member.shares.clone();
        let share = tokio::task::spawn_blocking(move || shares.share(&token.to_be_bytes())).await;
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
