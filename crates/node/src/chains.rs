//! The chains that actions may ask about: the network's own, and those for which the operator names
//! an endpoint.

use conclave_chain::{ChainError, DEFAULT_TIMEOUT, Rpc};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use tokio::sync::OnceCell;

/// What development tools call the chain that is at hand: the network's own chain always has this
/// name.
pub const OWN_CHAIN_NAME: &str = "localhost";
/// The most names of chains that one node knows.
pub const MAX_CHAINS: usize = 256;
/// The longest name of a chain, in characters.
pub const MAX_CHAIN_NAME: usize = 64;

/// A chain's name and the URL of an endpoint, which may hold a secret: `NAME=URL`.
#[derive(Clone, PartialEq, Eq)]
pub struct NamedUrl {
    /// Under which actions ask for it.
    pub name: ChainName,
    /// Where it is reached.
    pub url: String,
}

/// A name under which actions ask for a chain: letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainName(String);

/// Why the operator's chains cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainsError {
    /// The sign between name and URL is missing.
    #[error("a chain is given as NAME=URL")]
    NoName,
    /// The name is empty, too long, or has other characters.
    #[error("a chain's name has 1 to {MAX_CHAIN_NAME} letters, digits, - or _")]
    Name,
    /// The URL is of no kind that a node can ask.
    #[error("the URL of the chain {name} must begin with http:// or https://")]
    Url {
        /// The chain.
        name: ChainName,
    },
    /// Two chains have one name.
    #[error("the chain {name} is given twice")]
    Twice {
        /// The chain.
        name: ChainName,
    },
    /// A URL is to be given out for a chain that the node does not ask.
    #[error("there is a public URL of {name}, but no such chain")]
    PublicOnly {
        /// The chain.
        name: ChainName,
    },
    /// More names than a node keeps.
    #[error("{given} chains are more than {MAX_CHAINS}")]
    TooMany {
        /// How many were given.
        given: usize,
    },
}

/// What the operator says about chains.
#[derive(Clone, Debug, Default)]
pub struct ChainsConfig {
    /// Further names of the network's own chain.
    pub own_names: Vec<ChainName>,
    /// Other chains. Nobody but the node sees these URLs.
    pub endpoints: Vec<NamedUrl>,
    /// URLs that actions are given when they ask for one.
    pub public: Vec<NamedUrl>,
}

/// The network's chain is asked through the connection that the node has; the others are connected
/// when they are first asked.
pub struct Chains {
    chains: BTreeMap<ChainName, Endpoint>,
    public: BTreeMap<ChainName, String>,
}

enum Endpoint {
    Own(Rpc),
    Other { url: String, rpc: OnceCell<Rpc> },
}

/// Why a chain was not asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The operator names no such chain.
    #[error("this node knows no chain of that name; it knows {known}")]
    Unknown {
        /// The names that the node knows.
        known: String,
    },
    /// The operator gives out no URL of it.
    #[error(
        "the operator of this node gives out no URL of that chain; ask it through callContract or getLatestNonce"
    )]
    NotPublic,
    /// It could not be reached.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Chains {
    /// The network's own chain, and those that the operator names.
    pub fn new(own: &Rpc, config: ChainsConfig) -> Result<Self, ChainsError> {
        let given = 1 + config.own_names.len() + config.endpoints.len();
        if given > MAX_CHAINS {
            return Err(ChainsError::TooMany { given });
        }
        let always = ChainName(OWN_CHAIN_NAME.to_owned());
        let mut chains = BTreeMap::from([(always.clone(), Endpoint::Own(own.clone()))]);
        let own = config
            .own_names
            .into_iter()
            .filter(|name| *name != always)
            .map(|name| (name, Endpoint::Own(own.clone())));
        let other = |NamedUrl { name, url }| (name, Endpoint::Other { url, rpc: OnceCell::new() });
        for (name, endpoint) in own.chain(config.endpoints.into_iter().map(other)) {
            if chains.insert(name.clone(), endpoint).is_some() {
                return Err(ChainsError::Twice { name });
            }
        }
        let mut public = BTreeMap::new();
        for NamedUrl { name, url } in config.public {
            if !chains.contains_key(&name) {
                return Err(ChainsError::PublicOnly { name });
            }
            if public.insert(name.clone(), url).is_some() {
                return Err(ChainsError::Twice { name });
            }
        }
        Ok(Chains { chains, public })
    }

    /// A connection to the chain of this name.
    pub async fn rpc(&self, name: &str) -> Result<Rpc, AskError> {
        match self.endpoint(name)?.1 {
            Endpoint::Own(rpc) => Ok(rpc.clone()),
            Endpoint::Other { url, rpc } => {
                Ok(rpc.get_or_try_init(|| Rpc::connect(url, None, DEFAULT_TIMEOUT)).await?.clone())
            }
        }
    }

    /// The URL that the operator gives out for this chain.
    pub fn public_url(&self, name: &str) -> Result<&str, AskError> {
        let (name, _) = self.endpoint(name)?;
        self.public.get(name).map(String::as_str).ok_or(AskError::NotPublic)
    }

    fn endpoint(&self, name: &str) -> Result<(&ChainName, &Endpoint), AskError> {
        let found = name.parse().ok().and_then(|name: ChainName| self.chains.get_key_value(&name));
        found.ok_or_else(|| {
            let known: Vec<&str> = self.chains.keys().map(|name| name.0.as_str()).collect();
            AskError::Unknown { known: known.join(", ") }
        })
    }
}

impl FromStr for ChainName {
    type Err = ChainsError;

    fn from_str(text: &str) -> Result<Self, ChainsError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if text.is_empty() || text.len() > MAX_CHAIN_NAME || !text.bytes().all(allowed) {
            return Err(ChainsError::Name);
        }
        Ok(ChainName(text.to_owned()))
    }
}

impl fmt::Display for ChainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for NamedUrl {
    type Err = ChainsError;

    fn from_str(text: &str) -> Result<Self, ChainsError> {
        let (name, url) = text.split_once('=').ok_or(ChainsError::NoName)?;
        let name: ChainName = name.parse()?;
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(ChainsError::Url { name });
        }
        Ok(NamedUrl { name, url: url.to_owned() })
    }
}

impl fmt::Debug for NamedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NamedUrl({}=..)", self.name)
    }
}

#[cfg(test)]
mod tests;
