//! `/conclave/v1/status`: how a node is, for operators and tools.

use super::Api;
use super::failure::Failure;
use crate::core::Command;
use conclave_threshold::party::PartyId;
use conclave_wire::{ErrorCode, MemberStatus, Status};
use tokio::sync::oneshot;

impl Api {
    pub async fn status(&self) -> Result<Status, Failure> {
        let (reply, answer) = oneshot::channel();
        self.core
            .try_send(Command::Status { epoch: self.seat.epoch.digest(), reply })
            .map_err(|_| Failure::overloaded())?;
        let core = answer
            .await
            .map_err(|_| Failure::new(ErrorCode::ConclaveNotReady, "the node is stopping"))?;
        let (pool, network_key) = {
            let view = self.view.borrow();
            (view.pool, view.network_key.is_some())
        };
        let member = |member: &conclave_chain::Member| MemberStatus {
            id: member.id,
            address: member.address.to_checksum(None),
            http: format!("http://{}", member.http),
            linked: PartyId::new(member.id)
                .is_some_and(|id| id == self.seat.me || core.linked.contains(&id)),
        };
        Ok(Status {
            node_id: self.seat.me.number(),
            epoch: self.seat.epoch.number(),
            threshold: self.seat.epoch.threshold(),
            ready: network_key
                && core.stocked
                && core.linked.len() + 1 == self.seat.epoch.members().len(),
            members: self.seat.membership.members.iter().map(member).collect(),
            presignatures: core.presignatures as u64,
            pool_unminted: pool,
            requests_retried: core.retried,
            requests_served: core.served,
            missing_layers: self.actions.missing_layers().iter().map(ToString::to_string).collect(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }
}
