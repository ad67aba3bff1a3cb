//! `/web/execute`: run an action, sign what it asks for.

use super::actions::read_cid;
use super::failure::Failure;
use super::signature::{Given, Question, certificate, compressed};
use super::{Api, EXECUTE_SLACK};
use crate::lock::locked;
use crate::signing::request_key;
use conclave_actions::{Action, Answer, AuthContext, ChainQuery, Host, HostError, SignKind, SignRequest, Turn};
use conclave_auth::{Needed, Principal, personal_digest};
use conclave_chain::permission::{Asker, Need};
use conclave_content::Cid;
use conclave_wire::paths::EXECUTE_OPERATION;
use conclave_wire::{ActionSource, CertificateField, ErrorCode, ExecuteRequest, ExecuteResponse, RequestId, SignedData};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The longest name of a signature, in bytes.
pub const MAX_SIGNATURE_NAME: usize = 256;

/// What an action has had signed, by name.
type Signatures = BTreeMap<String, (SignedData, Option<CertificateField>)>;

/// The node's side of one running action. Its authority is fixed here, by the request; nothing that the action says widens it.
struct ActionHost {
    api: Arc<Api>,
    request_key: [u8; 32],
    asker: Asker,
    deadline: Instant,
    signatures: Mutex<Signatures>,
    /// The details of what could not be signed, by message: the script carries the message alone.
    details: Mutex<BTreeMap<String, Vec<String>>>,
}

impl ActionHost {
    async fn signed(&self, request: SignRequest) -> Result<(), Failure> {
        let bad = |message: &str| Failure::new(ErrorCode::NodeBadInput, message);
        let digits = request.public_key.strip_prefix("0x").unwrap_or(&request.public_key);
        let mut public_key = [0; 65];
        hex::decode_to_slice(digits, &mut public_key)
            .map_err(|_| bad("publicKey must be an uncompressed key of 65 bytes in hex"))?;
        if public_key[0] != 4 {
            return Err(bad("publicKey must be an uncompressed key: it begins with 04"));
        }
        if request.name.is_empty() || request.name.len() > MAX_SIGNATURE_NAME {
            return Err(bad("sigName must be of 1 to 256 bytes"));
        }
        let (digest, need) = match &request.kind {
            SignKind::Raw(digest) => (*digest, Need::SignAnything),
            SignKind::PersonalMessage(message) => (personal_digest(message), Need::PersonalSign),
        };
        let question = Question {
            request_key: self.request_key,
            name: request.name.clone(),
            public_key,
            digest,
            asker: self.asker.clone(),
            need,
            deadline: self.deadline,
        };
        let signed = match self.api.sign(question).await? {
            Given::Share(answer) => {
                let data =
                    SignedData::share(&request.name, &digest, &answer.share_bytes(), &answer.big_r(), &compressed(&public_key));
                (data, Some(certificate(&answer)))
            }
            Given::Empty => (SignedData::empty(&request.name, &digest), None),
        };
        locked(&self.signatures).insert(request.name, signed);
        Ok(())
    }
}

fn not_yet<'a, T: Send + 'a>() -> Answer<'a, T> {
    let message = "this node does not offer that to actions yet".to_owned();
    let code = ErrorCode::NodeJsExecutionError.as_str().to_owned();
    Box::pin(async move { Err(HostError { code, message, retryable: false }) })
}

impl Host for ActionHost {
    fn sign<'a>(&'a self, _: &'a str, request: SignRequest) -> Answer<'a, ()> {
        Box::pin(async move {
            self.signed(request).await.map_err(|failure| {
                locked(&self.details).insert(failure.message.clone(), failure.details);
                HostError {
                    code: failure.code.as_str().to_owned(),
                    message: failure.message,
                    retryable: failure.code.retryable(),
                }
            })
        })
    }

    fn sign_and_combine<'a>(&'a self, _: &'a str, _: SignRequest) -> Answer<'a, String> {
        not_yet()
    }

    fn code<'a>(&'a self, _: &'a str) -> Answer<'a, String> {
        not_yet()
    }

    fn ask_chain(&self, _: ChainQuery) -> Answer<'_, String> {
        not_yet()
    }

    fn collect<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, Vec<String>> {
        not_yet()
    }

    fn take_turn<'a>(&'a self, _: &'a str, _: String, _: bool) -> Answer<'a, Turn> {
        not_yet()
    }

    fn end_turn<'a>(&'a self, _: &'a str, _: String, _: String) -> Answer<'a, ()> {
        not_yet()
    }
}

impl Api {
    pub async fn execute(self: &Arc<Self>, body: &[u8], id: &RequestId, sessions_only: bool) -> Result<ExecuteResponse, Failure> {
        let deadline = Instant::now() + self.limits.time + EXECUTE_SLACK;
        let request = ExecuteRequest::parse(body)?;
        let cid = match &request.source {
            ActionSource::Inline(code) => Cid::of(code.as_bytes()),
            ActionSource::Cid(text) => read_cid("ipfsId", text)?,
        };
        let needed = Needed::ActionExecution { cid: cid.to_string() };
        let principal: Principal = self.authenticate(request.auth_sig.as_ref(), &request.auth_methods, &needed, sessions_only)?;
        let code = match request.source {
            ActionSource::Inline(code) => code,
            ActionSource::Cid(_) => self.stored(cid).await?,
        };
        if code.trim().is_empty() {
            return Ok(ExecuteResponse::new(String::new(), String::new()));
        }
        let parameters = serde_json::to_vec(&request.js_params).map_err(|error| Failure::system(error.to_string()))?;
        let content = [cid.multihash().as_slice(), &parameters].concat();
        let address = conclave_chain::Address::from(principal.address);
        let host = Arc::new(ActionHost {
            api: self.clone(),
            request_key: request_key(id.as_str(), &principal.address, EXECUTE_OPERATION, &content),
            asker: Asker { address: Some(address), action: Some(cid.multihash()), ..Asker::default() },
            deadline,
            signatures: Mutex::default(),
            details: Mutex::default(),
        });
        let action = Action {
            code,
            cid: cid.to_string(),
            params: request.js_params,
            auth: AuthContext {
                auth_sig_address: Some(address.to_checksum(None)),
                resources: principal.siwe_resources,
                ..AuthContext::default()
            },
            headers: Vec::new(),
            limits: self.limits.clone(),
        };
        let outcome = self.actions.run(action, host.clone()).await.map_err(|error| {
            let failure = Failure::from(error);
            let details = locked(&host.details).remove(&failure.message).unwrap_or_default();
            failure.with_details(details)
        })?;
        let mut response = ExecuteResponse::new(outcome.response, outcome.logs);
        let signatures = core::mem::take(&mut *locked(&host.signatures));
        for (name, (data, certificate)) in signatures {
            response.conclave.extend(certificate.map(|certificate| (name.clone(), certificate)));
            response.signed_data.insert(name, data);
        }
        Ok(response)
    }

    /// The code that a CID names.
    async fn stored(&self, cid: Cid) -> Result<String, Failure> {
        let code = self.read_store(cid).await?;
        String::from_utf8(code).map_err(|_| Failure::new(ErrorCode::NodeJsExecutionError, "the stored action is not UTF-8 text"))
    }
}
