//! Workers that wait for an action.

mod nursery;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, mpsc};

use crate::action::{Action, CODE_BYTES_MAX, Outcome, PARAMETER_BYTES_MAX};
use crate::egress::{Egress, EgressConfig, EgressError};
use crate::error::{Limit, RunError, RunErrorKind};
use crate::host::Host;
use crate::session;
use nursery::{Nursery, Worker};

/// How long a request waits for a worker to be ready, before it is told that the node is busy.
const WORKER_WAIT: Duration = Duration::from_secs(10);

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
    /// Requests that may wait while `parallel` actions run; further ones are told that the node is busy.
    pub waiting: usize,
    /// The greatest `memory_bytes` of any action; fixes the address space of every worker.
    pub memory_bytes_max: u64,
    /// What `fetch` may reach.
    pub egress: EgressConfig,
}

impl PoolConfig {
    /// Four ready workers, 16 parallel actions, 256 waiting requests, 256 MiB for each action, and a `fetch` that
    /// reaches the public internet only.
    pub fn new(runner: PathBuf) -> Self {
        Self { runner, size: 4, parallel: 16, waiting: 256, memory_bytes_max: 256 << 20, egress: EgressConfig::default() }
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
    /// The side that does `fetch` does not start.
    #[error(transparent)]
    Egress(#[from] EgressError),
}

/// Workers that wait for an action, one each, loaded ahead of need.
pub struct Pool {
    ready: Mutex<mpsc::Receiver<Worker>>,
    nursery: Nursery,
    missing_layers: Vec<String>,
    running: Semaphore,
    admitted: AtomicUsize,
    config: PoolConfig,
    egress: Egress,
}

impl Pool {
    /// Starts the workers; returns when the first one is ready. Must be called within a tokio runtime.
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
        let missing_layers = first.await.unwrap_or_else(|_| Err("it was not tried".into())).map_err(|reason| {
            ready.close();
            PoolError::Runner { runner: config.runner.clone(), reason }
        })?;
        if !missing_layers.is_empty() {
            tracing::warn!(?missing_layers, "actions run without some layers of isolation, which this kernel lacks");
        }
        Ok(Self {
            ready: Mutex::new(ready),
            nursery,
            missing_layers,
            running: Semaphore::new(config.parallel),
            admitted: AtomicUsize::new(0),
            config,
            egress,
        })
    }

    /// Names of the kernel's isolation layers that this machine does not offer, as the first worker found them.
    pub fn missing_layers(&self) -> &[String] {
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
        if action.code.trim().is_empty() {
            return Ok(Outcome::default());
        }
        let _admission = self.admit().ok_or_else(|| fail(RunErrorKind::Busy))?;
        let Ok(_running) = self.running.acquire().await else { return Err(fail(RunErrorKind::Busy)) };
        let mut worker = self.take().await.map_err(fail)?;
        let socket = worker.socket().ok_or_else(|| fail(RunErrorKind::Worker { reason: "its socket is unusable" }))?;
        session::run(socket, session::Request { action: &action, params, host, egress: &self.egress }).await
    }

    /// Kills the workers that stand ready and waits for the pool's threads. Runs that go on end by themselves.
    pub async fn shutdown(&self) {
        let mut ready = self.ready.lock().await;
        self.running.close();
        ready.close();
        while ready.recv().await.is_some() {}
        self.nursery.close().await;
    }

    async fn take(&self) -> Result<Worker, RunErrorKind> {
        let take = async { self.ready.lock().await.recv().await };
        tokio::time::timeout(WORKER_WAIT, take).await.ok().flatten().ok_or(RunErrorKind::Busy)
    }

    fn admit(&self) -> Option<Admitted<'_>> {
        let max = self.config.parallel.saturating_add(self.config.waiting);
        let admitted = self.admitted.fetch_add(1, Ordering::Relaxed);
        let admission = Admitted(&self.admitted);
        (admitted < max).then_some(admission)
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
    for (limit, length, max) in
        [(Limit::CodeBytes, action.code.len(), CODE_BYTES_MAX), (Limit::ParameterBytes, params.len(), PARAMETER_BYTES_MAX)]
    {
        if length > max {
            return Err(RunErrorKind::Limit { limit, max: max as u64 });
        }
    }
    Ok(params)
}
