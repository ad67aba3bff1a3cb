//! `/conclave/v1/status`: how a node is, for operators and tools.

use crate::chain_view::ChainView;
use crate::requests::{CurrentMember, Failure};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use conclave_serve::{answer, request_id, wrong_method};
use conclave_threshold::party::PartyId;
use conclave_wire::{MemberStatus, Status, paths};
use std::sync::Arc;
use tokio::sync::watch;

pub struct StatusPage {
    pub current: CurrentMember,
    pub view: watch::Receiver<ChainView>,
    /// Layers of isolation that this machine does not offer.
    pub missing_layers: Vec<String>,
}

impl StatusPage {
    pub fn routes(self) -> Router {
        Router::new()
            .route(paths::STATUS, get(status).fallback(wrong_method))
            .with_state(Arc::new(self))
    }

    async fn look(&self) -> Result<Status, Failure> {
        let own = self.current.borrow().clone();
        let core = own.core.status().await?;
        let (pool, network_key) = {
            let view = self.view.borrow();
            (view.pool, view.network_key.is_some())
        };
        let member = |member: &conclave_chain::Member| MemberStatus {
            id: member.id,
            address: member.address.to_checksum(None),
            http: format!("http://{}", member.http),
            linked: PartyId::new(member.id)
                .is_some_and(|id| id == own.me || core.linked.contains(&id)),
        };
        Ok(Status {
            node_id: own.me.number(),
            epoch: own.epoch.number(),
            threshold: own.epoch.threshold(),
            ready: network_key
                && core.stocked
                && core.linked.len() + 1 == own.epoch.members().len(),
            members: own.membership.members.iter().map(member).collect(),
            presignatures: core.presignatures as u64,
            pool_unminted: pool,
            requests_retried: core.retried,
            requests_served: core.served,
            missing_layers: self.missing_layers.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }
}

async fn status(State(endpoint): State<Arc<StatusPage>>, headers: HeaderMap) -> Response {
    answer(endpoint.look().await, request_id(&headers).ok().as_ref())
}
