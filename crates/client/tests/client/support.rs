//! A network of servers in this process. Each is honest, or misbehaves in one way.

mod ceremony;
mod server;

pub use ceremony::Ceremony;
use conclave_chain::{Address, Member, Membership};
use conclave_client::{
    Ability, ActionSource, Grant, Network, NodeFailure, Options, Session, Wallet,
};
use conclave_threshold::ids::Digest;
use serde_json::{Map, Value};
use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What is wrong with a node.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Conduct {
    #[default]
    Honest,
    /// Its port is closed.
    Dead,
    /// It takes the request and never answers.
    Stalled,
    /// Its answer has another share than its certificate.
    OtherShare,
    /// It certifies another share than its own.
    CertifiedWrongShare,
    /// It altered its entry in the batch leaf.
    AlteredLeaf,
    /// It altered another member's delta.
    AlteredDelta,
    /// It answers without a certificate.
    NoCertificate,
    /// It answers with what another node answers.
    Impostor(u16),
    /// It answers with a right share of an earlier request.
    Replay,
    /// It is still in the epoch before.
    OldEpoch,
    /// It signs another digest.
    OtherDigest,
    /// It refuses with this code.
    Refuses(conclave_wire::ErrorCode),
    /// It pads its answer to this many bytes.
    Padded(usize),
    /// It answers with this text, and status 200.
    Says(&'static str),
    /// It gives this as the action's response.
    Responds(&'static str),
    /// It says that the action had nothing signed.
    HidesSignatures,
    /// It makes up an additional signature.
    AddsSignature,
}

pub struct Fake {
    pub network: Network,
    pub ceremony: Arc<Ceremony>,
    pub wallet: Wallet,
}

/// A network of `n` nodes of which two thirds are needed, where node i behaves as the i-th says.
/// The rest is honest.
pub async fn start(n: u16, conducts: &[Conduct]) -> Fake {
    start_with(n, conducts, quick()).await
}

/// Without retries, and impatient.
pub fn quick() -> Options {
    let patience = Duration::from_secs(2);
    Options {
        retries: 0,
        sign_timeout: patience,
        run_timeout: patience,
        short_timeout: patience,
        ..Options::default()
    }
}

/// Without a limit that a test on a slow machine could reach.
pub fn patient() -> Options {
    let patience = Duration::from_secs(120);
    Options {
        retries: 0,
        sign_timeout: patience,
        run_timeout: patience,
        short_timeout: patience,
        ..Options::default()
    }
}

pub async fn start_with(n: u16, conducts: &[Conduct], options: Options) -> Fake {
    let conduct = |id: u16| conducts.get(usize::from(id) - 1).copied().unwrap_or_default();
    let mut listeners = Vec::new();
    for _ in 0..n {
        listeners.push(TcpListener::bind("127.0.0.1:0").await.expect("a free port"));
    }
    let address = |listener: &TcpListener| match listener.local_addr().expect("a bound port") {
        SocketAddr::V4(address) => address,
        SocketAddr::V6(_) => unreachable!("bound to IPv4"),
    };
    let staking = Address::repeat_byte(9);
    let ceremony = Arc::new(Ceremony::new(n, staking.into()));
    let member = |(listener, id): (&TcpListener, u16)| Member {
        id,
        address: Address::repeat_byte(id as u8),
        http: address(listener),
        mesh: SocketAddrV4::new([127, 0, 0, 1].into(), 1),
        identity: ceremony.identity(id),
    };
    let members: Vec<Member> = listeners.iter().zip(1..).map(member).collect();
    let threshold = ceremony.epoch.threshold();
    let membership =
        Membership { chain_id: Ceremony::CHAIN, staking, epoch: 1, threshold, members };
    for (listener, id) in listeners.into_iter().zip(1..) {
        if conduct(id) != Conduct::Dead {
            server::start(listener, id, conduct(id), ceremony.clone());
        }
    }
    let network = Network::new(&membership, options).expect("a proper membership");
    Fake { network, ceremony, wallet: Wallet::from_secret(&[0x42; 32]).expect("a secret key") }
}

impl Fake {
    /// A session for everything.
    pub fn session(&self) -> Session {
        self.session_for(vec![
            Grant::any(Ability::PkpSigning),
            Grant::any(Ability::ActionExecution),
        ])
    }

    pub fn session_for(&self, grants: Vec<Grant>) -> Session {
        let terms = conclave_client::SessionTerms {
            domain: "localhost".into(),
            statement: None,
            chain_id: 1,
            nonce: "12345678".into(),
            issued_at: time::OffsetDateTime::now_utc(),
            expiration: time::OffsetDateTime::now_utc() + Duration::from_secs(600),
            grants,
        };
        Session::new(&self.wallet, terms).expect("randomness")
    }

    pub async fn sign(&self) -> Result<conclave_client::Signed, conclave_client::SignError> {
        self.network.sign(&self.session(), &self.ceremony.public_key(), DIGEST).await
    }

    /// Runs an action that answers `done` and has [`DIGEST`] signed under each name.
    pub async fn run(
        &self,
        names: &[&str],
    ) -> Result<conclave_client::RunResult, conclave_client::RunError> {
        let mut params = Map::new();
        params.insert("names".into(), names.iter().map(|name| Value::from(*name)).collect());
        params.insert("price".into(), Value::from(0.1 + 0.2));
        self.network.run(&self.session(), ActionSource::Inline("go()".into()), params).await
    }
}

pub const DIGEST: Digest = Digest::new([7; 32]);

/// The number of the node and the words about it.
pub fn told(failures: &[NodeFailure]) -> Vec<(u16, String)> {
    failures.iter().map(|failure| (failure.node, failure.fault.to_string())).collect()
}
