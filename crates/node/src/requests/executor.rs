//! A client's action: who asks, the code, its run, and what it signed.

use super::action_host::{ActionHost, Authority};
use super::asker::{Accepted, Askers, asker_of};
use super::chain_questions::ChainQuestions;
use super::code::{CodeStore, read_cid};
use super::exchanger::Exchanger;
use super::failure::Failure;
use super::member::CurrentMember;
use super::signer::{PermissionReads, Signer};
use conclave_actions::{Action, AuthContext, Limits, Pool};
use conclave_agreement::signing::request_key;
use conclave_auth::{Needed, address::checksummed};
use conclave_content::Cid;
use conclave_wire::paths::EXECUTE_OPERATION;
use conclave_wire::{ActionSource, ExecuteRequest, ExecuteResponse, RequestId};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a node adds to an action's own time for getting it signed and answered.
pub const EXECUTE_SLACK: Duration = Duration::from_secs(10);

/// Runs actions for clients.
pub struct Executor {
    pub askers: Arc<Askers>,
    pub code: CodeStore,
    pub permissions: Arc<dyn PermissionReads>,
    pub chain_questions: Arc<ChainQuestions>,
    pub current: CurrentMember,
    pub actions: Arc<Pool>,
    pub limits: Limits,
}

impl Executor {
    /// `headers` are those that the action may see.
    pub async fn execute(
        &self,
        request: ExecuteRequest,
        id: &RequestId,
        headers: Vec<(String, String)>,
        accepted: Accepted,
    ) -> Result<ExecuteResponse, Failure> {
        let deadline = Instant::now() + self.limits.time + EXECUTE_SLACK;
        let cid = match &request.source {
            ActionSource::Inline(code) => Cid::of(code.as_bytes()),
            ActionSource::Cid(text) => read_cid("ipfsId", text)?,
        };
        let needed = Needed::ActionExecution { cid: cid.to_string() };
        let auth_sig = request.auth_sig.as_ref();
        let asking = self.askers.identify(auth_sig, &request.credentials, &needed, accepted)?;
        let principal = &asking.principal;
        let (code, _held) = match request.source {
            // It was part of the body.
            ActionSource::Inline(code) => (code, None),
            ActionSource::Cid(_) => {
                self.code.load(cid).await.map(|(code, held)| (code, Some(held)))?
            }
        };
        if code.trim().is_empty() {
            return Ok(ExecuteResponse::new(String::new(), String::new()));
        }
        let parameters = serde_json::to_vec(&request.js_params)
            .map_err(|error| Failure::system(error.to_string()))?;
        let content = [cid.multihash().as_slice(), &parameters].concat();
        let request_key = request_key(id.as_str(), &principal.key(), EXECUTE_OPERATION, &content);
        let member = self.current.borrow().clone();
        let authority = Authority { request_key, asker: asker_of(principal), cid, deadline };
        let signer = Signer { permissions: self.permissions.clone(), member: member.clone() };
        let exchanger = Exchanger { member, request_key };
        let host = Arc::new(ActionHost::new(
            authority,
            signer,
            exchanger,
            self.chain_questions.clone(),
            self.code.clone(),
        ));
        let action = Action {
            code,
            cid: cid.to_string(),
            params: request.js_params,
            auth: AuthContext {
                auth_sig_address: principal.wallet().map(|address| checksummed(&address)),
                resources: asking.principal.siwe_resources.clone(),
                ..AuthContext::default()
            },
            headers,
            limits: self.limits.clone(),
        };
        let outcome = self.actions.run(action, host.clone()).await.map_err(|error| {
            let failure = Failure::from(error);
            let details = host.details_of(&failure.message);
            failure.with_details(details)
        })?;
        let mut response = ExecuteResponse::new(outcome.response, outcome.logs);
        host.hand_over(&mut response);
        Ok(response)
    }
}
