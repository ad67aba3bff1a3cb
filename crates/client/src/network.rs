use crate::http;
use conclave_chain::{Chain, ChainError, Contracts, DEFAULT_TIMEOUT, Membership};
use conclave_threshold::party::{Epoch, Member, PartyId, RosterError, network_hash};
use conclave_wire::NetworkId;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// One network at one epoch: who its nodes are and how to ask them. Cheap to clone. When the
/// membership changes, connect again.
#[derive(Clone)]
pub struct Network {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub http: reqwest::Client,
    pub id: NetworkId,
    pub epoch: Epoch,
    pub nodes: Vec<Node>,
    pub options: Options,
}

/// A member as clients reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id in the epoch, from 1.
    pub id: PartyId,
    /// `http://` or `https://`, host and port, without a path.
    pub url: String,
}

/// How nodes are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scheme {
    /// In clear. Sessions are made for one node and signatures are public, so nothing in it lets a
    /// listener sign; the parameters of actions can be read.
    #[default]
    Http,
    /// Over TLS, with a certificate for the address that the chain names.
    Https,
}

/// How a client behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How nodes are reached.
    pub scheme: Scheme,
    /// How often a call that failed in a way that a repetition can mend is made again, each time as
    /// a new request.
    pub retries: u32,
    /// The longest wait for one node's part of a signature.
    pub sign_timeout: Duration,
    /// The longest wait for one node to run an action.
    pub run_timeout: Duration,
    /// The longest wait for any other answer.
    pub short_timeout: Duration,
}

impl Default for Options {
    /// Plain HTTP, 2 retries; 25 s for signatures and 60 s for actions, above what nodes themselves
    /// take; 10 s for the rest.
    fn default() -> Self {
        Self {
            scheme: Scheme::Http,
            retries: 2,
            sign_timeout: Duration::from_secs(25),
            run_timeout: Duration::from_secs(60),
            short_timeout: Duration::from_secs(10),
        }
    }
}

/// Why there is no network to talk to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The chain could not say.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Its members are not fixed yet.
    #[error("the network has not started: its staking contract has no epoch yet")]
    NotStarted,
    /// The chain's list is no membership.
    #[error("the chain's list of members is not usable: {0}")]
    Roster(#[from] RosterError),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(reqwest::Error),
}

impl ConnectError {
    /// Whether the same attempt may succeed a moment later.
    pub fn retry_helps(&self) -> bool {
        match self {
            Self::Chain(error) => error.retry_helps(),
            Self::NotStarted => true,
            Self::Roster(_) | Self::Http(_) => false,
        }
    }
}

impl Network {
    /// Reads from the chain who the nodes are.
    pub async fn connect(rpc_url: &str, contracts: Contracts) -> Result<Self, ConnectError> {
        Self::of_chain(&Chain::connect(rpc_url, None, contracts, DEFAULT_TIMEOUT).await?).await
    }

    /// The same, through a chain that is connected already.
    pub async fn of_chain(chain: &Chain) -> Result<Self, ConnectError> {
        Self::new(&chain.membership().await?, Options::default())
    }

    /// The network of these members.
    pub fn new(membership: &Membership, options: Options) -> Result<Self, ConnectError> {
        if !membership.is_started() {
            return Err(ConnectError::NotStarted);
        }
        let scheme = match options.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        let members = || {
            membership.members.iter().filter_map(|member| Some((PartyId::new(member.id)?, member)))
        };
        let nodes: Vec<Node> = members()
            .map(|(id, member)| Node { id, url: format!("{scheme}://{}", member.http) })
            .collect();
        let staking: [u8; 20] = membership.staking.into();
        let identities =
            members().map(|(id, member)| Member { id, identity: member.identity }).collect();
        let network = network_hash(membership.chain_id, &staking);
        let urls: Vec<Url> = nodes.iter().filter_map(|node| node.url.parse().ok()).collect();
        let inner = Inner {
            http: http::client(&urls).map_err(ConnectError::Http)?,
            id: NetworkId { chain_id: membership.chain_id, staking },
            epoch: Epoch::new(network, membership.epoch, identities, membership.threshold)?,
            nodes,
            options,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The members, in order of their ids.
    pub fn nodes(&self) -> &[Node] {
        &self.inner.nodes
    }

    /// How many nodes sign together.
    pub fn threshold(&self) -> u16 {
        self.inner.epoch.threshold()
    }

    /// The epoch that was read from the chain.
    pub fn epoch(&self) -> u64 {
        self.inner.epoch.number()
    }

    /// Which network this is.
    pub fn id(&self) -> NetworkId {
        self.inner.id
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { id, nodes, .. } = &*self.inner;
        write!(f, "Network({id}, epoch {}, {} nodes)", self.epoch(), nodes.len())
    }
}
