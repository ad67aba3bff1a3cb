//! `/web/execute`: run an action, sign what it asks for.

use super::action_host::ActionHost;
use super::actions::read_cid;
use super::failure::Failure;
use super::server::hold;
use super::{Api, EXECUTE_SLACK};
use conclave_actions::{Action, AuthContext};
use conclave_agreement::signing::request_key;
use conclave_auth::{Needed, Principal};
use conclave_chain::permission::Asker;
use conclave_content::Cid;
use conclave_wire::paths::EXECUTE_OPERATION;
use conclave_wire::{ActionSource, ErrorCode, ExecuteRequest, ExecuteResponse, RequestId};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;

impl Api {
    /// `headers` are those that the action may see.
    pub async fn execute(
        self: &Arc<Self>,
        body: &[u8],
        id: &RequestId,
        headers: Vec<(String, String)>,
        sessions_only: bool,
    ) -> Result<ExecuteResponse, Failure> {
        let deadline = Instant::now() + self.limits.time + EXECUTE_SLACK;
        let request = ExecuteRequest::parse(body)?;
        let cid = match &request.source {
            ActionSource::Inline(code) => Cid::of(code.as_bytes()),
            ActionSource::Cid(text) => read_cid("ipfsId", text)?,
        };
        let needed = Needed::ActionExecution { cid: cid.to_string() };
        let principal: Principal = self.authenticate(
            request.auth_sig.as_ref(),
            &request.auth_methods,
            &needed,
            sessions_only,
        )?;
        let (code, _room) = match request.source {
            // It was part of the body.
            ActionSource::Inline(code) => (code, None),
            ActionSource::Cid(_) => {
                self.stored(cid).await.map(|(code, room)| (code, Some(room)))?
            }
        };
        if code.trim().is_empty() {
            return Ok(ExecuteResponse::new(String::new(), String::new()));
        }
        let parameters = serde_json::to_vec(&request.js_params)
            .map_err(|error| Failure::system(error.to_string()))?;
        let content = [cid.multihash().as_slice(), &parameters].concat();
        let address = conclave_chain::Address::from(principal.address);
        let request_key = request_key(id.as_str(), &principal.address, EXECUTE_OPERATION, &content);
        let asker = Asker { address: Some(address), ..Asker::default() };
        let host = Arc::new(ActionHost::new(self.clone(), request_key, asker, deadline));
        let action = Action {
            code,
            cid: cid.to_string(),
            params: request.js_params,
            auth: AuthContext {
                auth_sig_address: Some(address.to_checksum(None)),
                resources: principal.siwe_resources,
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

    /// The code that a CID names, and its room among the bytes of all requests, to be held as long
    /// as the code.
    pub(super) async fn stored(&self, cid: Cid) -> Result<(String, OwnedSemaphorePermit), Failure> {
        let code = self.read_store(cid).await?;
        let room = hold(&self.body_room, code.len() as u64)?;
        let code = String::from_utf8(code).map_err(|_| {
            Failure::new(ErrorCode::NodeJsExecutionError, "the stored action is not UTF-8 text")
        })?;
        Ok((code, room))
    }
}
