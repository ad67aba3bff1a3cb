//! What the node last saw of the chain, and the housekeeping that follows from it.

use crate::keybook::KeyBook;
use conclave_chain::{Block, Chain, ChainError, MAX_KEYS_ASKED};
use conclave_keystore::KeystoreError;
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

#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
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

/// Keeps looking until nobody wants to know any more.
pub async fn watch_chain(chain: Chain, keybook: Arc<KeyBook>, views: watch::Sender<ChainView>) {
    let mut failing = false;
    while !views.is_closed() {
        tokio::time::sleep(POLL_INTERVAL).await;
        let known = views.borrow().network_key;
        let looked = async {
            views.send_replace(look(&chain, known).await?);
            settle(&chain, &keybook).await
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

/// Makes provisional shares final once the chain has their keys, and erases those that it can never
/// have.
async fn settle(chain: &Chain, keybook: &Arc<KeyBook>) -> Result<(), LookError> {
    let waiting = keybook.provisional();
    for group in waiting.chunks(MAX_KEYS_ASKED) {
        let keys: Vec<&[u8]> = group.iter().map(|share| share.public_key.as_slice()).collect();
        let registered = chain.is_registered(&keys, None).await?;
        let found: Vec<_> = group
            .iter()
            .zip(&registered)
            .filter(|(_, known)| **known)
            .map(|(share, _)| share.id)
            .collect();
        if !found.is_empty() {
            keybook.finalize(&found)?;
        }
        if found.len() == group.len() {
            continue;
        }
        // Only a finalised block past the expiry is proof that no registration can come any more.
        let finalized = chain.finalized_block().await?.number;
        let overdue: Vec<_> = group.iter().filter(|share| finalized > share.expiry).collect();
        if overdue.is_empty() {
            continue;
        }
        let keys: Vec<&[u8]> = overdue.iter().map(|share| share.public_key.as_slice()).collect();
        let final_word = chain.is_registered(&keys, Some(finalized)).await?;
        let dead: Vec<_> = overdue
            .iter()
            .zip(&final_word)
            .filter(|(_, known)| !**known)
            .map(|(share, _)| share.id)
            .collect();
        keybook.erase(&dead)?;
    }
    Ok(())
}
