//! The code of actions: in this node's store by its CID, taken from those who may put it there.

use super::failure::Failure;
use crate::config::StorePolicy;
use conclave_auth::authenticate_store_action;
use conclave_chain::Address;
use conclave_content::{Cid, PutError, Store};
use conclave_serve::{Admission, Held};
use conclave_wire::{ErrorCode, NetworkId, StoreActionRequest};
use std::sync::Arc;
use time::OffsetDateTime;

// What a client may send, a store may hold and a worker may run is the same.
const _: () = assert!(
    conclave_wire::limits::MAX_CODE_BYTES == conclave_content::MAX_CODE_BYTES
        && conclave_wire::limits::MAX_CODE_BYTES == conclave_actions::CODE_BYTES_MAX
);

/// A CID as a client writes it in `field`.
pub fn read_cid(field: &str, text: &str) -> Result<Cid, Failure> {
    text.parse().map_err(|_| {
        Failure::new(ErrorCode::NodeInvalidIPFSID, format!("{field}: must be a CIDv0 (Qm..)"))
    })
}

/// The code that this node holds.
#[derive(Clone)]
pub struct CodeStore {
    pub store: Arc<Store>,
    /// Who may add to it.
    pub policy: Arc<StorePolicy>,
    /// For which network a request to add must be signed.
    pub network: NetworkId,
    /// Where code that is loaded counts.
    pub admission: Admission,
}

impl CodeStore {
    /// What a CID names, verified.
    pub async fn read(&self, cid: Cid) -> Result<Vec<u8>, Failure> {
        let store = self.store.clone();
        let read = tokio::task::spawn_blocking(move || store.get(&cid))
            .await
            .map_err(|error| Failure::system(error.to_string()))?;
        let content = read.map_err(|error| Failure::system(error.to_string()))?;
        content.ok_or_else(|| {
            Failure::new(
                ErrorCode::ConclaveActionNotFound,
                format!("this node's store has no action {cid}"),
            )
        })
    }

    /// The code that a CID names, and its room among the bytes of all requests, to be held as long
    /// as the code.
    pub async fn load(&self, cid: Cid) -> Result<(String, Held), Failure> {
        let code = self.read(cid).await?;
        let held = self.admission.hold(code.len() as u64)?;
        let code = String::from_utf8(code).map_err(|_| {
            Failure::new(ErrorCode::NodeJsExecutionError, "the stored action is not UTF-8 text")
        })?;
        Ok((code, held))
    }

    /// Stores an action, if its account may.
    pub async fn put(&self, request: StoreActionRequest) -> Result<Cid, Failure> {
        let cid = Cid::of(request.code.as_bytes());
        let account = authenticate_store_action(
            &request,
            &self.network,
            &cid.to_string(),
            OffsetDateTime::now_utc(),
        )?;
        if !self.policy.accounts.contains(&Address::from(account)) {
            return Err(Failure::new(
                ErrorCode::ConclaveAccountNotAllowed,
                "this account may not store actions on this node",
            ));
        }
        let store = self.store.clone();
        let stored =
            tokio::task::spawn_blocking(move || store.put(account, request.code.as_bytes())).await;
        match stored.map_err(|error| Failure::system(error.to_string()))? {
            Ok(cid) => Ok(cid),
            Err(error @ (PutError::Empty | PutError::TooLong { .. })) => {
                Err(Failure::new(ErrorCode::NodeBadInput, format!("code: {error}")))
            }
            Err(PutError::Store(error)) => Err(Failure::system(error.to_string())),
            Err(error) => Err(Failure::new(ErrorCode::ConclaveQuotaExceeded, error.to_string())),
        }
    }
}
