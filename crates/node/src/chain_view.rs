//! What the node last saw of the chain.

use crate::keys::{SettleError, settle};
use crate::seat::Seats;
use conclave_chain::{Block, Chain, ChainError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often the chain is looked at. Permissions are not read here but at every request.
pub const POLL_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Clone, Debug)]
pub struct ChainView {
    pub head: Block,
    /// Attested, unminted wallet keys.
    pub pool: u64,
    pub batches: u64,
    pub network_key: Option<[u8; 48]>,
}

impl ChainView {
    /// As much as a member needs to know.
    pub fn for_members(&self) -> conclave_agreement::ChainView {
        conclave_agreement::ChainView {
            head: self.head.number,
            pool: self.pool,
            batches: self.batches,
            has_network_key: self.network_key.is_some(),
        }
    }
}

/// Looks once.
pub async fn look(
    chain: &Chain,
    known_network_key: Option<[u8; 48]>,
) -> Result<ChainView, ChainError> {
    let network_key = match known_network_key {
        Some(key) => Some(key),
        None => chain.network_key().await?,
    };
    Ok(ChainView {
        head: chain.latest_block().await?,
        pool: chain.pool_size().await?,
        batches: chain.batch_count().await?,
        network_key,
    })
}

/// Keeps looking until nobody wants to know any more, and settles the shares of every epoch that is
/// alive.
pub async fn watch_chain(chain: Chain, seats: Arc<Seats>, views: watch::Sender<ChainView>) {
    let mut failing = false;
    while !views.is_closed() {
        tokio::time::sleep(POLL_INTERVAL).await;
        let known = views.borrow().network_key;
        let looked = async {
            views.send_replace(look(&chain, known).await?);
            for seat in seats.all() {
                settle(&chain, &seat.keybook).await?;
            }
            Ok::<(), SettleError>(())
        };
        let looked = looked.await;
        match &looked {
            Ok(()) if failing => tracing::info!("the chain answers again"),
            Err(error) if !failing => tracing::warn!(%error, "the chain cannot be read"),
            _ => (),
        }
        failing = looked.is_err();
    }
}
