//! Asking the chain about shares that wait for it, and doing what follows from the answers. What
//! follows is decided in [`conclave_agreement::settling`].

use super::keybook::{KeyBook, Provisional};
use conclave_agreement::settling::{self, FinalBlock, Waiting};
use conclave_chain::{Chain, ChainError, MAX_KEYS_ASKED};
use conclave_keystore::{KeystoreError, RecordId};

#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}

/// Which of these shares' keys are registered at block `at`, or at the head.
async fn registered(
    chain: &Chain,
    shares: &[&Provisional],
    at: Option<u64>,
) -> Result<Vec<(RecordId, bool)>, ChainError> {
    let keys: Vec<&[u8]> = shares.iter().map(|share| share.public_key.as_slice()).collect();
    let known = chain.is_registered(&keys, at).await?;
    Ok(shares.iter().map(|share| share.id).zip(known).collect())
}

/// Makes provisional shares final once the chain has their keys, and erases those that it can never
/// have.
pub async fn settle(chain: &Chain, keybook: &KeyBook) -> Result<(), SettleError> {
    let waiting = keybook.provisional();
    for group in waiting.chunks(MAX_KEYS_ASKED) {
        let shares: Vec<&Provisional> = group.iter().collect();
        let at_head = registered(chain, &shares, None).await?;
        let waiting: Vec<Waiting<RecordId>> = shares
            .iter()
            .zip(&at_head)
            .map(|(share, (id, known))| Waiting {
                id: *id,
                expiry: share.expiry,
                registered: *known,
            })
            .collect();
        let mut answers = Vec::new();
        let mut number = None;
        if at_head.iter().any(|(_, known)| !known) {
            let block = chain.finalized_block().await?.number;
            let overdue = settling::overdue(&waiting, block);
            let asked: Vec<&Provisional> =
                shares.iter().copied().filter(|share| overdue.contains(&share.id)).collect();
            if !asked.is_empty() {
                answers = registered(chain, &asked, Some(block)).await?;
                number = Some(block);
            }
        }
        let final_block = number.map(|number| FinalBlock { number, registered: &answers });
        let settlement = settling::settle(&waiting, final_block);
        if !settlement.keep.is_empty() {
            keybook.finalize(&settlement.keep)?;
        }
        if !settlement.erase.is_empty() {
            keybook.erase(&settlement.erase)?;
        }
    }
    Ok(())
}
