//! `/conclave/v1/actions`: store an action on this node; `/ipfs/CID`: read it.

use super::Api;
use super::failure::Failure;
use conclave_auth::authenticate_store_action;
use conclave_chain::Address;
use conclave_content::{Cid, PutError};
use conclave_wire::{ErrorCode, StoreActionRequest, StoreActionResponse};
use time::OffsetDateTime;

/// A CID as a client writes it in `field`.
pub(super) fn read_cid(field: &str, text: &str) -> Result<Cid, Failure> {
    text.parse().map_err(|_| {
        Failure::new(ErrorCode::NodeInvalidIPFSID, format!("{field}: must be a CIDv0 (Qm..)"))
    })
}

impl Api {
    /// What a CID names, from this node's store, verified.
    pub(super) async fn read_store(&self, cid: Cid) -> Result<Vec<u8>, Failure> {
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

    pub(super) async fn stored_content(&self, cid: &str) -> Result<Vec<u8>, Failure> {
        self.read_store(read_cid("cid", cid)?).await
    }

    pub async fn store_action(&self, body: &[u8]) -> Result<StoreActionResponse, Failure> {
        let request = StoreActionRequest::parse(body)?;
        let cid = Cid::of(request.code.as_bytes());
        let account = authenticate_store_action(
            &request,
            &self.network,
            &cid.to_string(),
            OffsetDateTime::now_utc(),
        )?;
        if !self.store_policy.accounts.contains(&Address::from(account)) {
            return Err(Failure::new(
                ErrorCode::ConclaveAccountNotAllowed,
                "this account may not store actions on this node",
            ));
        }
        let store = self.store.clone();
        let stored =
            tokio::task::spawn_blocking(move || store.put(account, request.code.as_bytes())).await;
        match stored.map_err(|error| Failure::system(error.to_string()))? {
            Ok(cid) => Ok(StoreActionResponse { cid: cid.to_string() }),
            Err(error @ (PutError::Empty | PutError::TooLong { .. })) => {
                Err(Failure::new(ErrorCode::NodeBadInput, format!("code: {error}")))
            }
            Err(PutError::Store(error)) => Err(Failure::system(error.to_string())),
            Err(error) => Err(Failure::new(ErrorCode::ConclaveQuotaExceeded, error.to_string())),
        }
    }
}
