use crate::network::Network;
use crate::request_id::{RandomnessError, random};
use crate::{Grant, HandshakeError, SessionTerms, Wallet};
use conclave_auth::{Address, AuthSig, SessionSigner};
use std::fmt;
use std::time::Duration;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// The domain in the text that wallets sign for this client.
const DOMAIN: &str = "localhost";
/// The chain id in that text: what SDKs write there, whatever the network's chain.
const TEXT_CHAIN_ID: u64 = 1;

/// A wallet's consent to a fresh key that asks in its name until it ends. Every node gets a
/// signature of its own, so that none can ask the others with it. The key is erased when this is
/// dropped, and never shown.
#[derive(Clone)]
pub struct Session {
    signer: SessionSigner,
    address: Address,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The network gave no nonce.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    /// There is no fresh key.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl Session {
    /// Has the wallet consent to these terms. The nodes check them, this does not.
    pub fn new(wallet: &Wallet, terms: SessionTerms) -> Result<Self, RandomnessError> {
        let seed = Zeroizing::new(random::<32>()?);
        Ok(Self { signer: SessionSigner::new(wallet, &seed, terms), address: wallet.address() })
    }

    /// The wallet in whose name it asks.
    pub fn address(&self) -> Address {
        self.address
    }

    pub(crate) fn sign_for(&self, url: &str) -> AuthSig {
        self.signer.sign_for(url, OffsetDateTime::now_utc())
    }
}

impl Network {
    /// A fitting lifetime for a session of one command or one page view.
    pub const SESSION_LIFETIME: Duration = Duration::from_secs(10 * 60);

    /// Has the wallet consent to a session with these rights for `lifetime`, which nodes limit to
    /// 30 days. The nonce is the network's.
    pub async fn session(
        &self,
        wallet: &Wallet,
        grants: Vec<Grant>,
        lifetime: Duration,
    ) -> Result<Session, SessionError> {
        let nonce = self.handshake().await?.nonce;
        let issued_at = OffsetDateTime::now_utc();
        let terms = SessionTerms {
            domain: DOMAIN.into(),
            statement: None,
            chain_id: TEXT_CHAIN_ID,
            nonce,
            issued_at,
            expiration: issued_at
                .saturating_add(lifetime.try_into().unwrap_or(time::Duration::MAX)),
            grants,
        };
        Ok(Session::new(wallet, terms)?)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("address", &conclave_auth::address::checksummed(&self.address))
            .finish_non_exhaustive()
    }
}
