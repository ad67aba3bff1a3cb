//! Bringing a node up, and down again.

use crate::ceremonies::Jobs;
use crate::chain_view::{look, watch_chain};
use crate::chains::{Chains, ChainsError};
use crate::config::NodeConfig;
use crate::core::{Core, MAX_COMMANDS, Parts};
use crate::entropy::{EntropyError, SystemEntropy};
use crate::http::{
    Content, Endpoints, Execute, Handshake, PkpSign, StatusPage, StoreAction, router,
};
use crate::identity::{self, IdentityError};
use crate::requests::{
    Askers, ChainQuestions, CodeStore, Concurrency, EpochMember, Executor, PkpSigning,
};
use crate::seat::{Seat, SeatError, Seats};
use crate::tap::Tap;
use conclave_actions::{EgressConfig, Pool, PoolConfig, PoolError};
use conclave_agreement::{Member, MemberConfig, exchange};
use conclave_auth::Policy;
use conclave_chain::{Account, Chain, ChainError, DEFAULT_TIMEOUT};
use conclave_content::{Store, StoreError, StoreLimits};
use conclave_keystore::Passphrase;
use conclave_mesh::{Limits, Mesh, MeshConfig, Peer, SetPeersError, StartError};
use conclave_serve::{Admission, AdmissionLimits, ServeError, ServeLimits, serve};
use conclave_wire::NetworkId;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// Finished jobs that wait for the core.
const MAX_RETURNED: usize = 4_096;

/// Why a node does not come up, or stops.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The node's own keys cannot be opened.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The chain cannot be asked, or answers nonsense.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chains for actions cannot be used.
    #[error(transparent)]
    Chains(#[from] ChainsError),
    /// A retry helps once the network has started.
    #[error("the network has not started: its staking contract has no epoch yet")]
    NotStarted,
    /// A retry helps once the account is a member.
    #[error("this node's account {address} is not a member of the network's current epoch")]
    NotAMember {
        /// This node's account.
        address: conclave_chain::Address,
    },
    /// The chain and the data folder disagree on the identity key.
    #[error(
        "the chain holds another identity key for this node's account: was its data folder replaced?"
    )]
    OtherIdentity,
    /// There is no seat for this node in the epoch.
    #[error(transparent)]
    Seat(#[from] SeatError),
    /// The operating system gives no threads.
    #[error("no threads for ceremonies: {0}")]
    Workers(std::io::Error),
    /// The operating system gives no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The address for links cannot be listened on.
    #[error("links: {0}")]
    Mesh(#[from] StartError),
    /// The chain's list of peers cannot be used.
    #[error("links: {0}")]
    Peers(#[from] SetPeersError),
    /// The store of action code cannot be opened.
    #[error("action store: {0}")]
    Store(#[from] StoreError),
    /// No action can run on this machine.
    #[error("action workers: {0}")]
    Actions(#[from] PoolError),
    /// Clients could not name this node.
    #[error("the node's own address cannot be used: {0}")]
    Address(#[from] conclave_auth::NodeAddressError),
    /// `conclave-runner` stands neither beside this program nor where it was named.
    #[error("the program that runs actions was not found: {0}")]
    Runner(std::io::Error),
    /// The API cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The node stops, since nothing decides any more.
    #[error("the node's own task ended: {0}")]
    Core(String),
}

/// Runs a node until `stop` turns true. `ready` is called once its API is about to listen.
///
/// # Errors
/// Why it does not come up, or stops without being told to.
pub async fn run(
    config: NodeConfig,
    passphrase: Passphrase,
    stop: watch::Receiver<bool>,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), NodeError> {
    run_tapped(config, passphrase, stop, ready, None).await
}

/// [`run`] with a [`Tap`] on the node's links.
///
/// # Errors
/// Those of [`run`].
pub async fn run_tapped(
    config: NodeConfig,
    passphrase: Passphrase,
    stop: watch::Receiver<bool>,
    ready: impl FnOnce(SocketAddr),
    tap: Option<Arc<dyn Tap>>,
) -> Result<(), NodeError> {
    let (keystore, identity) = identity::open(&config.folder, &passphrase)?;
    drop(passphrase);
    let chain = Chain::connect(&config.rpc_url, None, config.contracts, DEFAULT_TIMEOUT).await?;
    let chains = Chains::new(chain.rpc(), config.chains)?;
    let membership = chain.membership().await?;
    if !membership.is_started() {
        return Err(NodeError::NotStarted);
    }
    let public = identity.public();
    let own = membership
        .member_of(public.address)
        .ok_or(NodeError::NotAMember { address: public.address })?
        .clone();
    if own.identity != public.identity {
        return Err(NodeError::OtherIdentity);
    }

    let entropy = SystemEntropy::new(identity.hedge.clone())?;
    let account = Account::new(chain.rpc().clone(), identity.account);
    let keystore = Arc::new(keystore);
    let seat = Seat::new(membership.clone(), &public.identity, &chain, &account, &keystore)?;
    let seat = Arc::new(seat);
    let seats = Arc::new(Seats::default());
    seats.take(seat.clone());

    let listen = config.mesh.unwrap_or(SocketAddr::V4(own.mesh));
    let network = *seat.epoch.network();
    let limits = Limits::default();
    let mesh = MeshConfig { identity: identity.seed, listen, network, limits };
    let (mesh, inbound) = Mesh::start(mesh).await?;
    let others = membership.members.iter().filter(|member| member.id != own.id);
    let peer = |member: &conclave_chain::Member| Peer {
        identity: member.identity,
        address: SocketAddr::V4(member.mesh),
    };
    mesh.set_peers(others.map(peer).collect())?;

    let (views, view) = watch::channel(look(&chain, None).await?);
    tokio::spawn(watch_chain(chain.clone(), seats, views));
    let (done, returned) = mpsc::channel(MAX_RETURNED);
    let (commands, asked) = mpsc::channel(MAX_COMMANDS);
    let jobs = Jobs::start(&done).map_err(NodeError::Workers)?;
    let mut core = Core::new(Parts { mesh, entropy, jobs, view: view.clone(), tap });
    let member = MemberConfig {
        epoch: seat.epoch.clone(),
        me: seat.me,
        signing_key: identity.signing_key,
        timing: config.timing,
        exchange_timing: exchange::Timing::default(),
        targets: config.targets,
    };
    let member = Member::new(member, core.entropy());
    core.seat(seat.clone(), member);
    let core = tokio::spawn(core.run(inbound, asked, returned));

    let http = config.http.unwrap_or(SocketAddr::V4(own.http));
    let mut auth = Policy::for_node([format!("http://{}", own.http), format!("http://{http}")])?;
    auth.domains = config.domains;
    auth.nonce = config.nonce;
    let runner = config
        .runner
        .map_or_else(PoolConfig::runner_beside_this_program, Ok)
        .map_err(NodeError::Runner)?;
    let egress = EgressConfig { allow: config.fetch_allow, ..EgressConfig::default() };
    let actions = PoolConfig {
        size: config.workers,
        user: config.actions_user,
        missing_layers_allowed: config.actions_without,
        egress,
        ..PoolConfig::new(runner)
    };
    let actions = Arc::new(Pool::start(actions).await?);
    let network = NetworkId { chain_id: membership.chain_id, staking: membership.staking.into() };
    let (_epochs, current) = watch::channel(Arc::new(EpochMember::of(&seat, commands)));
    let admission = Admission::new(AdmissionLimits::default());
    let code = CodeStore {
        store: Arc::new(Store::open(&config.folder.join("actions"), StoreLimits::default())?),
        policy: Arc::new(config.store),
        network,
        admission: admission.clone(),
    };
    let askers = Arc::new(Askers { policy: auth, concurrency: Concurrency::default() });
    let permissions = Arc::new(chain.clone());
    let endpoints = Endpoints {
        handshake: Handshake { admission: admission.clone(), view: view.clone() },
        pkp_sign: PkpSign {
            admission: admission.clone(),
            signing: PkpSigning {
                askers: askers.clone(),
                permissions: permissions.clone(),
                current: current.clone(),
            },
        },
        execute: Execute {
            admission: admission.clone(),
            executor: Executor {
                askers,
                code: code.clone(),
                permissions,
                chain_questions: Arc::new(ChainQuestions { own: chain, chains }),
                current: current.clone(),
                actions: actions.clone(),
                limits: config.limits,
            },
        },
        store_action: StoreAction { admission, code: code.clone() },
        content: Content { code },
        status: StatusPage {
            current,
            view,
            missing_layers: actions.missing_layers().iter().map(ToString::to_string).collect(),
        },
    };
    ready(http);
    let served = tokio::select! {
        served = serve(http, router(endpoints), ServeLimits::default(), stop) => {
            served.map_err(NodeError::from)
        }
        ended = core => return Err(NodeError::Core(match ended {
            Ok(()) => "its links ended".into(),
            Err(error) => error.to_string(),
        })),
    };
    actions.shutdown().await;
    served
}
