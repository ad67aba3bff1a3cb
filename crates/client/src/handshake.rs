use crate::failure::{NodeFault, Shortfall};
use crate::fan_out::{Ask, FanOut};
use crate::network::Network;
use crate::request_id::{self, RandomnessError};
use crate::share::digits;
use conclave_threshold::party::PartyId;
use conclave_wire::paths::HANDSHAKE;
use conclave_wire::{HandshakeRequest, HandshakeResponse};
use std::collections::BTreeMap;

/// The longest nonce that is taken into a wallet's text, in characters.
const MAX_NONCE: usize = 128;
/// EIP-4361 asks for this many.
const MIN_NONCE: usize = 8;

/// What the threshold's nodes say of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The network's BLS12-381 key, compressed G1.
    pub network_key: [u8; 48],
    /// For the next text that a wallet signs: letters and digits.
    pub nonce: String,
}

/// Why nothing is known of the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Fewer nodes than needed said the same.
    #[error(transparent)]
    Shortfall(#[from] Shortfall),
    /// There is no fresh request id.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl HandshakeError {
    /// Whether the same call may succeed when it is made again.
    pub fn retry_helps(&self) -> bool {
        matches!(self, Self::Shortfall(shortfall) if shortfall.retry_helps())
    }
}

impl Network {
    /// Asks for the network's key, which the threshold's nodes must agree on, and for a nonce.
    pub async fn handshake(&self) -> Result<Handshake, HandshakeError> {
        let network = &*self.inner;
        let id = request_id::fresh()?;
        let request =
            HandshakeRequest { epoch: network.epoch.number(), ..HandshakeRequest::default() };
        let body = serde_json::to_vec(&request).unwrap_or_default();
        let ask = |_: &_| body.clone();
        let mut nodes = FanOut::start(
            network,
            id,
            HANDSHAKE[0],
            Ask::Post(&ask),
            network.options.short_timeout,
        );

        let threshold = usize::from(network.epoch.threshold());
        let mut votes: BTreeMap<[u8; 48], Vec<PartyId>> = BTreeMap::new();
        let most = |votes: &BTreeMap<_, Vec<_>>| votes.values().map(Vec::len).max().unwrap_or(0);
        while most(&votes) + nodes.pending().len() >= threshold {
            let Some((node, answer)) = nodes.next().await else { break };
            match answer.and_then(read) {
                Ok(handshake) => {
                    let agreeing = votes.entry(handshake.network_key).or_default();
                    agreeing.push(node.id);
                    if agreeing.len() >= threshold {
                        return Ok(handshake);
                    }
                }
                Err(fault) => nodes.fail(node.id, fault),
            }
        }
        let largest = most(&votes);
        let others = votes.into_values().filter(|agreeing| agreeing.len() < largest);
        others.flatten().for_each(|id| nodes.fail(id, NodeFault::Other { field: "network key" }));
        Err(nodes.shortfall().into())
    }
}

fn read(answer: HandshakeResponse) -> Result<Handshake, NodeFault> {
    let network_key =
        digits(&answer.network_public_key).ok_or(NodeFault::Malformed { field: "network key" })?;
    let nonce = answer.latest_blockhash;
    let usable = (MIN_NONCE..=MAX_NONCE).contains(&nonce.len())
        && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if usable {
        Ok(Handshake { network_key, nonce })
    } else {
        Err(NodeFault::Malformed { field: "nonce" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_nonce(nonce: &str) -> Result<Handshake, NodeFault> {
        read(HandshakeResponse {
            latest_blockhash: nonce.into(),
            ..HandshakeResponse::new(&[7; 48], &[1; 32], "")
        })
    }

    #[test]
    fn takes_the_longest_nonce_and_refuses_one_character_more() {
        assert!(with_nonce(&"a".repeat(MAX_NONCE)).is_ok());
        assert_eq!(
            with_nonce(&"a".repeat(MAX_NONCE + 1)),
            Err(NodeFault::Malformed { field: "nonce" })
        );
    }

    #[test]
    fn refuses_a_nonce_that_would_add_a_line_to_what_the_wallet_signs() {
        for nonce in ["12345678\nURI: x", "1234567", "", "0x12345678 "] {
            assert_eq!(
                with_nonce(nonce),
                Err(NodeFault::Malformed { field: "nonce" }),
                "{nonce:?}"
            );
        }
    }
}
