//! Workers that wait for an action.

mod nursery;
mod zygote;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit, mpsc};

use crate::action::{Action, CODE_BYTES_MAX, DEPTH_MAX, Outcome, PARAMETER_BYTES_MAX};
use crate::egress::{Egress, EgressConfig, EgressError};
use crate::error::{Limit, RunError, RunErrorKind};
use crate::host::Host;
use crate::sandbox::{Layer, names};
use crate::session::{self, Hired, Workers};
use nursery::{Nursery, Worker};

/// What no limit of a response or of logs goes past, in bytes: it must fit a frame.
const TEXT_BYTES_MAX: u32 = 1024 * 1024;

/// How many workers there are, and what they may use.
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// The program `conclave-runner`.
    pub runner: PathBuf,
    /// Workers that stand ready.
    pub size: usize,
    /// Actions that run at the same time.
    pub parallel: usize,
    /// Requests that may wait while `parallel` actions run; further ones are told that the node is
    /// busy.
    pub waiting: usize,
    /// Child actions of all requests that run at the same time; they need no place among the
    /// `parallel`. With `size` and `parallel`, this bounds the number of processes.
    pub children: usize,
    /// How long an action waits for its place among the `parallel`, or a child for its own among
    /// the `children`, and for a worker, before the node says that it is busy.
    pub worker_wait: Duration,
    /// The greatest `memory_bytes` of any action; fixes the address space of every worker.
    pub memory_bytes_max: u64,
    /// The user and the group that workers run as, when it is not the node's own. Only root can
    /// choose.
    pub user: Option<(u32, u32)>,
    /// Required layers of isolation without which actions run all the same.
    pub missing_layers_allowed: Vec<Layer>,
    /// What `fetch` may reach.
    pub egress: EgressConfig,
}

impl PoolConfig {
    /// Four ready workers, 16 parallel actions, 256 waiting requests, 32 children, 10 s for a
    /// worker, 256 MiB for each action, the node's own user, every required layer, and a `fetch`
    /// that reaches the public internet only.
    pub fn new(runner: PathBuf) -> Self {
        Self {
            runner,
            size: 4,
            parallel: 16,
            waiting: 256,
            children: 32,
            worker_wait: Duration::from_secs(10),
            memory_bytes_max: 256 << 20,
            user: None,
            missing_layers_allowed: Vec::new(),
            egress: EgressConfig::default(),
        }
    }

    /// All workers that there may be at the same time.
    fn processes(&self) -> usize {
        self.size
            .saturating_add(self.parallel)
            .saturating_add(self.children)
            .min(Semaphore::MAX_PERMITS)
    }

    /// Whether workers without these layers may run actions.
    fn judge(&self, missing: Vec<Layer>) -> Result<Vec<Layer>, PoolError> {
        let is_refused =
            |layer: &Layer| layer.is_required() && !self.missing_layers_allowed.contains(layer);
        let layers: Vec<_> = missing.iter().copied().filter(is_refused).collect();
        if layers.is_empty() { Ok(missing) } else { Err(PoolError::MissingLayers { layers }) }
    }

    /// The `conclave-runner` that lies beside the program that is running.
    pub fn runner_beside_this_program() -> std::io::Result<PathBuf> {
        let program = std::env::current_exe()?;
        Ok(program.parent().unwrap_or(Path::new("")).join("conclave-runner"))
    }
}

/// Why a pool does not start.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The configuration makes no sense.
    #[error("the pool of action runners needs {field} to be at least 1")]
    Zero {
        /// Its name.
        field: &'static str,
    },
    /// The runner does not start.
    #[error("the action runner {} does not start: {reason}", runner.display())]
    Runner {
        /// The program.
        runner: PathBuf,
        /// What happened.
        reason: String,
    },
    /// This machine does not shut actions in as it should, and its operator did not say that it may
    /// be so.
    #[error(
        "this machine lacks layers of isolation that actions need: {}. Whoever runs strangers' code without them names them: \
         missing_layers_allowed, --allow-actions-without",
        names(layers)
    )]
    MissingLayers {
        /// Those that are required and not allowed to be missing.
        layers: Vec<Layer>,
    },
    /// The side that does `fetch` does not start.
    #[error(transparent)]
    Egress(#[from] EgressError),
}

/// Workers that wait for an action, one each, loaded ahead of need.
pub struct Pool {
    ready: Mutex<mpsc::Receiver<Worker>>,
    nursery: Nursery,
    missing_layers: Vec<Layer>,
    running: Semaphore,
    children: Semaphore,
    admitted: AtomicUsize,
    config: PoolConfig,
    egress: Egress,
}

impl Pool {
    /// Starts the workers; returns when the first one is ready. Must be called within a tokio
    /// runtime.
    ///
    /// The process needs to have installed a rustls crypto provider.
    pub async fn start(config: PoolConfig) -> Result<Self, PoolError> {
        for (field, value) in [("size", config.size), ("parallel", config.parallel)] {
            if value == 0 {
                return Err(PoolError::Zero { field });
            }
        }
        let egress = Egress::new(config.egress.clone())?;
        let (nursery, mut ready, first) = Nursery::open(&config);
        let untried = || PoolError::Runner {
            runner: config.runner.clone(),
            reason: "it was not tried".into(),
        };
        let missing_layers =
            first.await.unwrap_or_else(|_| Err(untried())).inspect_err(|_| ready.close())?;
        if !missing_layers.is_empty() {
            let missing_layers = names(&missing_layers);
            tracing::warn!(
                missing_layers,
                "actions run without some layers of isolation, which this kernel lacks"
            );
        }
        Ok(Self {
            ready: Mutex::new(ready),
            nursery,
            missing_layers,
            running: Semaphore::new(config.parallel.min(Semaphore::MAX_PERMITS)),
            children: Semaphore::new(config.children.min(Semaphore::MAX_PERMITS)),
            admitted: AtomicUsize::new(0),
            config,
            egress,
        })
    }

    /// The layers of isolation that this machine does not offer, as the first worker found them.
    pub fn missing_layers(&self) -> &[Layer] {
        &self.missing_layers
    }

    /// Runs an action to its end. Dropping the future kills its worker.
    pub async fn run(&self, mut action: Action, host: Arc<dyn Host>) -> Result<Outcome, RunError> {
        let fail = |kind| RunError { kind, logs: String::new() };
        let params = check(&action).map_err(fail)?;
        let limits = &mut action.limits;
        limits.memory_bytes = limits.memory_bytes.min(self.config.memory_bytes_max);
        limits.response_bytes = limits.response_bytes.min(TEXT_BYTES_MAX);
        limits.log_bytes = limits.log_bytes.min(TEXT_BYTES_MAX);
        limits.depth = limits.depth.min(DEPTH_MAX);
        if action.code.trim().is_empty() {
            return Ok(Outcome::default());
        }
        let _admission = self.admit().ok_or_else(|| fail(RunErrorKind::Busy))?;
        let (worker, _running) = self.hire(&self.running).await.map_err(fail)?;
        let request = session::Request {
            action: &action,
            host: host.as_ref(),
            egress: &self.egress,
            workers: self,
        };
        session::run(worker, request, params).await
    }

    /// Kills all workers, those that run an action too, and waits for the pool's thread.
    pub async fn shutdown(&self) {
        let mut ready = self.ready.lock().await;
        self.running.close();
        ready.close();
        while ready.recv().await.is_some() {}
        self.nursery.close().await;
    }

    /// A worker, and a place among these; both within [`PoolConfig::worker_wait`].
    async fn hire<'a>(
        &self,
        places: &'a Semaphore,
    ) -> Result<(Hired, SemaphorePermit<'a>), RunErrorKind> {
        let hire = async {
            let place = places.acquire().await.ok()?;
            Some((self.take().await?, place))
        };
        let hired = tokio::time::timeout(self.config.worker_wait, hire).await.ok().flatten();
        let (mut worker, place) = hired.ok_or(RunErrorKind::Busy)?;
        let socket =
            worker.socket().ok_or(RunErrorKind::Worker { reason: "its socket is unusable" })?;
        Ok((Hired { socket, leash: Box::new(worker) }, place))
    }

    async fn take(&self) -> Option<Worker> {
        let mut ready = self.ready.lock().await;
        loop {
            match ready.recv().await {
                // It died with its zygote, or was killed by the kernel for want of memory.
                Some(worker) if worker.has_ended() => {}
                worker => return worker,
            }
        }
    }

    fn admit(&self) -> Option<Admitted<'_>> {
        let max = self.config.parallel.saturating_add(self.config.waiting);
        let admitted = self.admitted.fetch_add(1, Ordering::Relaxed);
        let admission = Admitted(&self.admitted);
        (admitted < max).then_some(admission)
    }
}

impl Workers for Pool {
    fn for_child(&self) -> BoxFuture<'_, Result<(Hired, SemaphorePermit<'_>), RunErrorKind>> {
        self.hire(&self.children).boxed()
    }
}

/// A request that counts among those that run or wait.
struct Admitted<'a>(&'a AtomicUsize);

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Checks the lengths and returns the parameters as JSON.
fn check(action: &Action) -> Result<String, RunErrorKind> {
    let params = serde_json::Value::Object(action.params.clone()).to_string();
    for (limit, length, max) in [
        (Limit::CodeBytes { length: action.code.len() as u64 }, action.code.len(), CODE_BYTES_MAX),
        (Limit::ParameterBytes, params.len(), PARAMETER_BYTES_MAX),
    ] {
        if length > max {
            return Err(RunErrorKind::Limit { limit, max: max as u64 });
        }
    }
    Ok(params)
}
