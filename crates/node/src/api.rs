//! The HTTP API: what clients ask, checked here, decided on the chain, signed by the core.

mod action_host;
mod actions;
mod chain_query;
mod connections;
mod exchange;
mod execute;
mod failure;
mod handshake;
mod pkp_sign;
mod request_headers;
mod server;
mod signature;
mod signatures;
mod status;

pub use server::{MAX_BODIES_KIB, MAX_REQUESTS, ServeError, serve};

use crate::chain_view::ChainView;
use crate::chains::Chains;
use crate::config::StorePolicy;
use crate::core::Command;
use crate::seat::Seat;
use conclave_actions::{Limits, Pool};
use conclave_auth::Policy;
use conclave_chain::Chain;
use conclave_content::Store;
use conclave_wire::NetworkId;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};

/// How long `/web/pkp/sign` may take in all.
pub const SIGN_TIMEOUT: Duration = Duration::from_secs(20);
/// What a node adds to an action's own time for getting it signed and answered.
pub const EXECUTE_SLACK: Duration = Duration::from_secs(10);
/// How long a client may take to send its body.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// What every request can reach.
pub struct Api {
    /// In the epoch whose keys requests use.
    pub seat: Arc<Seat>,
    pub network: NetworkId,
    pub chain: Chain,
    pub chains: Chains,
    pub core: mpsc::Sender<Command>,
    pub view: watch::Receiver<ChainView>,
    pub auth: Policy,
    pub store: Arc<Store>,
    pub store_policy: StorePolicy,
    pub actions: Pool,
    pub limits: Limits,
    /// Requests under way.
    pub room: Arc<Semaphore>,
    /// Their bodies and the code that they had loaded, in KiB.
    pub body_room: Arc<Semaphore>,
}
