//! A pool, a node that signs everything, and a web server.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use conclave_actions::{
    Action, Answer, AuthContext, ChainQuery, Host, HostError, Limits, Outcome, Pool, PoolConfig,
    RunError, RunErrorKind, SignRequest, Turn,
};
use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub const CID: &str = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";

pub fn config() -> PoolConfig {
    // Every test of the process may be the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    PoolConfig { size: 1, ..PoolConfig::new(env!("CARGO_BIN_EXE_conclave-runner").into()) }
}

pub fn action(code: &str) -> Action {
    Action {
        code: code.to_owned(),
        cid: CID.to_owned(),
        params: Map::new(),
        auth: AuthContext::default(),
        headers: Vec::new(),
        limits: Limits::default(),
    }
}

pub fn with_limits(code: &str, limits: Limits) -> Action {
    Action { limits, ..action(code) }
}

pub fn with_params(code: &str, params: Value) -> Action {
    let Value::Object(params) = params else { panic!("parameters are an object") };
    Action { params, ..action(code) }
}

/// The pool that tests share, on a runtime that outlives each of theirs.
static SHARED: LazyLock<(Runtime, Arc<Pool>)> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let pool = runtime
        .block_on(Pool::start(PoolConfig { size: 2, ..config() }))
        .expect("the runner starts");
    (runtime, Arc::new(pool))
});

/// Runs an action on the shared pool.
pub async fn run(action: Action) -> Result<Outcome, RunError> {
    run_for(action, Arc::new(Signer::default())).await
}

pub async fn run_for(action: Action, host: Arc<dyn Host>) -> Result<Outcome, RunError> {
    // Not on a thread of the test's own runtime, where a runtime may not be made.
    let (runtime, pool) = tokio::task::spawn_blocking(|| &*SHARED).await.unwrap();
    runtime.spawn(async move { pool.run(action, host).await }).await.unwrap()
}

/// Runs an action on a pool of its own.
pub async fn run_on(
    config: PoolConfig,
    action: Action,
    host: Arc<dyn Host>,
) -> Result<Outcome, RunError> {
    let pool = Pool::start(config).await.expect("the runner starts");
    let result = pool.run(action, host).await;
    pool.shutdown().await;
    result
}

/// The response of a script that must end well.
pub async fn response(code: &str) -> String {
    run(action(code)).await.unwrap_or_else(|error| panic!("{error}\n{}", error.logs)).response
}

/// What an expression is, as far as JSON can tell; it may await.
pub async fn value(expression: &str) -> Value {
    let code = format!("Lit.Actions.setResponse({{response: JSON.stringify({expression})}})");
    response(&code).await.parse().unwrap()
}

/// The error of a script that must not.
pub async fn failure(code: &str) -> RunErrorKind {
    run(action(code)).await.expect_err(code).kind
}

pub fn message(kind: RunErrorKind) -> String {
    match kind {
        RunErrorKind::Thrown { message, .. } => message,
        other => panic!("not thrown by the script: {other:?}"),
    }
}

/// Signs everything except for the key "refused", remembers what, and answers every other question
/// with what it was asked.
#[derive(Default)]
pub struct Signer {
    /// The code of other actions, by their CID.
    pub actions: BTreeMap<&'static str, String>,
    pub signed: Mutex<Vec<SignRequest>>,
    /// Names and results of the turns that ended.
    pub ended: Mutex<Vec<(String, String)>>,
}

impl Signer {
    async fn judge(&self, request: SignRequest) -> Result<(), HostError> {
        if request.public_key == "refused" {
            return Err(refusal());
        }
        if request.public_key == "never" {
            std::future::pending::<()>().await;
        }
        self.signed.lock().unwrap().push(request);
        Ok(())
    }
}

impl Host for Signer {
    fn sign<'a>(&'a self, _: &'a str, request: SignRequest) -> Answer<'a, ()> {
        Box::pin(self.judge(request))
    }

    fn sign_and_combine<'a>(&'a self, _: &'a str, request: SignRequest) -> Answer<'a, String> {
        Box::pin(async move {
            self.judge(request).await?;
            Ok(r#"{"r":"02","s":"03","v":1}"#.to_owned())
        })
    }

    fn code<'a>(&'a self, cid: &'a str) -> Answer<'a, String> {
        let code = self.actions.get(cid).cloned();
        Box::pin(async move {
            code.ok_or_else(|| HostError { message: format!("no action {cid}"), ..refusal() })
        })
    }

    fn ask_chain(&self, query: ChainQuery) -> Answer<'_, String> {
        Box::pin(async move { Ok(serde_json::to_string(&query).unwrap()) })
    }

    fn collect<'a>(&'a self, _: &'a str, name: String, value: String) -> Answer<'a, Vec<String>> {
        Box::pin(async move { Ok(vec![name, value]) })
    }

    fn take_turn<'a>(&'a self, _: &'a str, name: String, wait: bool) -> Answer<'a, Turn> {
        Box::pin(async move {
            Ok(if name == "mine" { Turn::Mine } else { Turn::Others(wait.then_some(name)) })
        })
    }

    fn end_turn<'a>(&'a self, _: &'a str, name: String, result: String) -> Answer<'a, ()> {
        self.ended.lock().unwrap().push((name, result));
        Box::pin(async move { Ok(()) })
    }
}

pub fn refusal() -> HostError {
    HostError {
        code: "NodeNotPermitted".into(),
        message: "not permitted for this key".into(),
        retryable: false,
    }
}

/// A server that answers each request by `answer`, from the request as it came. Returns its port.
pub async fn server(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !is_complete(&request)
                    && connection.read_buf(&mut request).await.unwrap_or(0) > 0
                {}
                let answer = answer(&String::from_utf8_lossy(&request));
                // The client may have seen enough.
                let _ = connection.write_all(&answer).await;
            });
        }
    });
    port
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)
        })
        .map_or(0, |length| length.parse().unwrap());
    body.len() >= length
}

pub fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A pool that may reach this port of this machine.
pub fn allowing(port: u16) -> PoolConfig {
    let mut config = config();
    config.egress.allow = vec![format!("127.0.0.1:{port}").parse().unwrap()];
    config
}
