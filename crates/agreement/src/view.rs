//! What a member needs to know of the chain.

/// The chain as it was last seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChainView {
    /// The number of the latest block.
    pub head: u64,
    /// Attested, unminted wallet keys.
    pub pool: u64,
    /// Batches of keys that were ever registered.
    pub batches: u64,
    /// Whether the network's own key is registered.
    pub has_network_key: bool,
}
