//! Scripts that mean harm, on real workers: each ends in a way that it names itself, gets no
//! signature that it does not name, reaches nothing that it may not, and leaves the node as it was.

mod corpus;
mod long;
mod node;
mod output;
mod parameters;
mod processes;
mod scan;
mod servers;
mod tenants;

use std::collections::BTreeMap;
use std::sync::Arc;

use conclave_actions::{Pool, PoolConfig};
use futures_util::stream::{self, StreamExt};

use corpus::{Script, corpus};
use node::Node;
use servers::{Server, Sink};

/// How many run at the same time.
const AT_A_TIME: usize = 4;

/// What the process that runs them may grow by, at its greatest. Half of it are the bodies that one
/// action may have fetched and not taken.
const GROWTH_BYTES_MAX: u64 = 50 << 20;

pub struct World {
    pub pool: Pool,
    pub sink: Sink,
    pub server: Server,
}

impl World {
    pub async fn begin(size: usize) -> Self {
        // Every test of the process may be the first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (sink, server) = (Sink::open().await, Server::open().await);
        server.redirect_to(sink.url());
        let mut config =
            PoolConfig { size, ..PoolConfig::new(env!("CARGO_BIN_EXE_conclave-runner").into()) };
        config.egress.allow = vec![server.host().parse().unwrap()];
        Self { pool: Pool::start(config).await.expect("the runner starts"), sink, server }
    }

    /// Nothing of it is left.
    pub async fn end(&self) {
        self.pool.shutdown().await;
        processes::until_none_is_left().await;
    }

    /// Runs a script to its end and says what is wrong with that, if anything is.
    pub async fn run(&self, script: &Script) -> Result<(), String> {
        let node = Arc::new(Node::default());
        let action = script.action(&self.sink.url(), &self.server.url());
        let result = self.pool.run(action, node.clone()).await;
        let ended = match &result {
            Ok(_) => "ends".to_owned(),
            Err(error) => corpus::ending(&error.kind),
        };
        let Script { name, signatures, .. } = script;
        let said = match &result {
            Ok(outcome) => format!("{}\n{}", outcome.response, outcome.logs),
            Err(error) => format!("{}\n{}", error.kind, error.logs),
        };
        let brief: String = said.chars().take(300).collect();
        if !script.expects(&ended) {
            return Err(format!(
                "{name} was to come to {}, and came to {ended}: {brief:?}",
                script.expected.join(" or ")
            ));
        }
        if node.signed() > *signatures {
            return Err(format!("{name} got {} signatures, and names {signatures}", node.signed()));
        }
        if said.contains("ESCAPED") {
            return Err(format!("{name} did what it tried: {brief:?}"));
        }
        Ok(())
    }

    /// Runs an action that uses what others have tried to break.
    pub async fn run_an_honest_action(&self) -> Result<(), String> {
        const CODE: &str = "
            const signed = await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: 's' })
            const length = (await (await fetch(`${server}bytes/3`)).text()).length
            const text = [signed, length, ethers.utils.id('x').slice(0, 6), JSON.stringify({ a: [1] }), typeof polluted].join(' ')
            console.log(text)
            Lit.Actions.setResponse({ response: text })";
        let node = Arc::new(Node::default());
        let honest = Script::honest(CODE).action(&self.sink.url(), &self.server.url());
        let outcome = self
            .pool
            .run(honest, node.clone())
            .await
            .map_err(|error| format!("the honest action: {error}"))?;
        let expected = r#"success 3 0x7521 {"a":[1]} undefined"#;
        if outcome.response != expected
            || outcome.logs != format!("{expected}\n")
            || node.signed() != 1
        {
            return Err(format!("the honest action: {outcome:?}, {} signatures", node.signed()));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_hostile_script_ends_as_it_says_and_leaves_nothing_behind() {
    let _alone = processes::alone().await;
    let all = corpus();
    let mut classes = BTreeMap::<&str, Vec<&Script>>::new();
    for script in &all {
        classes.entry(script.class()).or_default().push(script);
    }
    let world = World::begin(AT_A_TIME).await;
    world.run_an_honest_action().await.unwrap();
    let before = processes::memory().now;
    let mut wrong = Vec::new();
    for (class, scripts) in classes {
        let ends = stream::iter(scripts)
            .map(|script| world.run(script))
            .buffer_unordered(AT_A_TIME)
            .collect::<Vec<_>>()
            .await;
        wrong.extend(ends.into_iter().filter_map(Result::err));
        wrong.extend(
            world.run_an_honest_action().await.err().map(|error| format!("after {class}: {error}")),
        );
    }
    assert!(wrong.is_empty(), "{} of {} scripts:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    assert_eq!(world.sink.connections(), 0, "nothing private was dialled");
    let growth = processes::memory().highest.saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "the node's own memory grew by {} KiB", growth >> 10);
    world.end().await;
}
