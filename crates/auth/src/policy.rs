//! What an operator decides about whom to believe.

use time::Duration;

use crate::node_address::{NodeAddress, NodeAddressError};

/// How far the clocks of a client and a node may differ.
pub const SKEW: Duration = Duration::seconds(60);
/// The longest life of a session and of a wallet's signature.
pub const MAX_SPAN: Duration = Duration::days(30);

/// Which nonces an EIP-4361 message may carry.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum NoncePolicy {
    /// Any well-formed one. SDK 7 with internet access puts a recent block hash of Ethereum mainnet
    /// there, which a node of another chain cannot know.
    #[default]
    FormOnly,
    /// One of these.
    OneOf(Vec<String>),
}

/// The rules of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How clients may name this node. A session made for another node is refused.
    pub node_addresses: Vec<NodeAddress>,
    /// The domains whose pages may ask a wallet; any, when there is no list. Compared without
    /// regard to case.
    pub domains: Option<Vec<String>>,
    /// The nonces accepted.
    pub nonce: NoncePolicy,
    /// See [`SKEW`].
    pub skew: Duration,
    /// The longest life of a session. See [`MAX_SPAN`].
    pub max_session_span: Duration,
    /// The longest life of a wallet's signature. See [`MAX_SPAN`].
    pub max_wallet_span: Duration,
}

impl Policy {
    /// The default rules for a node with these URLs.
    pub fn for_node<Url: AsRef<str>>(
        urls: impl IntoIterator<Item = Url>,
    ) -> Result<Self, NodeAddressError> {
        Ok(Self {
            node_addresses: urls
                .into_iter()
                .map(|url| NodeAddress::parse(url.as_ref()))
                .collect::<Result<_, _>>()?,
            domains: None,
            nonce: NoncePolicy::FormOnly,
            skew: SKEW,
            max_session_span: MAX_SPAN,
            max_wallet_span: MAX_SPAN,
        })
    }
}
