//! Actions that run other actions.

use std::sync::Arc;
use std::time::Duration;

use conclave_actions::{Limit, Limits, Pool, PoolConfig, RunErrorKind};
use serde_json::{Value, json};

use crate::processes::{Named, until};
use crate::support::*;

/// A node that has these actions.
fn having(actions: &[(&'static str, &str)]) -> Arc<Signer> {
    Arc::new(Signer {
        actions: actions.iter().map(|&(cid, code)| (cid, code.to_owned())).collect(),
        ..Signer::default()
    })
}

const CALL: &str = "Lit.Actions.setResponse({response: await Lit.Actions.call({ipfsId: 'QmChild', params: {amount: 5}})})";

#[tokio::test]
async fn a_child_has_globals_and_parameters_of_its_own() {
    let parent = format!("globalThis.canary = Object.prototype.canary = 1; {CALL}");
    let child = "
        const {actionIpfsIds, actionIpfsIdStack} = Lit.Auth
        Lit.Actions.setResponse({response: JSON.stringify([amount, typeof canary, actionIpfsIds, actionIpfsIdStack])})";
    let response = run_for(action(&parent), having(&[("QmChild", child)])).await.unwrap().response;
    assert_eq!(
        response.parse::<Value>().unwrap(),
        json!([5, "undefined", ["QmChild"], [CID, "QmChild"]])
    );
}

#[tokio::test]
async fn the_response_of_a_child_is_that_of_its_parent_until_somebody_sets_another() {
    let host =
        having(&[("QmChild", "Lit.Actions.setResponse({response: 'child'})"), ("QmSilent", "1")]);
    let set = "Lit.Actions.setResponse({response: 'parent'})";
    let call = "await Lit.Actions.call({ipfsId: 'QmChild'})";
    let silent = "await Lit.Actions.call({ipfsId: 'QmSilent', params: null})";
    for (code, expected) in [
        (call.to_owned(), "child"),
        (format!("{set}; {call}"), "child"),
        (format!("{call}; {set}"), "parent"),
        (format!("{set}; {silent}"), "parent"),
        (format!("{call}; {silent}"), "child"),
    ] {
        assert_eq!(
            run_for(action(&code), host.clone()).await.unwrap().response,
            expected,
            "{code}"
        );
    }
}

#[tokio::test]
async fn what_a_child_throws_can_be_caught_or_ends_its_parent_too() {
    let host = having(&[("QmChild", "console.log('inner'); throw new RangeError('too far')")]);
    let catching = "
        try { await Lit.Actions.call({ipfsId: 'QmChild'}) } catch (error) {
            Lit.Actions.setResponse({response: JSON.stringify([error instanceof Error, error.message, error.retryable])})
        }";
    let outcome = run_for(action(catching), host.clone()).await.unwrap();
    assert_eq!(
        outcome.response.parse::<Value>().unwrap(),
        json!([true, "RangeError: too far", false])
    );
    assert_eq!(outcome.logs, "inner\n");
    let error = run_for(action(CALL), host).await.unwrap_err();
    assert!(message(error.kind).contains("RangeError: too far"));
    assert_eq!(error.logs, "inner\n");
}

#[tokio::test]
async fn parents_that_wait_leave_their_children_room() {
    let pool =
        Arc::new(Pool::start(PoolConfig { parallel: 2, children: 2, ..config() }).await.unwrap());
    let host = having(&[("QmChild", "Lit.Actions.setResponse({response: `${amount}`})")]);
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let (pool, host) = (pool.clone(), host.clone());
            tokio::spawn(async move { pool.run(action(CALL), host).await })
        })
        .collect();
    for run in runs {
        assert_eq!(run.await.unwrap().unwrap().response, "5");
    }
    pool.shutdown().await;
}

#[tokio::test]
async fn a_child_beyond_the_pools_places_is_told_that_the_node_is_busy() {
    let host =
        having(&[("QmChild", "Lit.Actions.setResponse({response: 'child'})"), ("QmParent", CALL)]);
    let grandparent = "
        const caught = (error) => `${error.retryable} ${error.message}`
        Lit.Actions.setResponse({response: await Lit.Actions.call({ipfsId: 'QmParent'}).catch(caught)})";
    for (children, expected) in
        [(2, "child".to_owned()), (1, format!("true {}", RunErrorKind::Busy))]
    {
        let config = PoolConfig { children, worker_wait: Duration::from_secs(1), ..config() };
        assert_eq!(
            run_on(config, action(grandparent), host.clone()).await.unwrap().response,
            expected
        );
    }
}

#[tokio::test]
async fn no_action_has_children_deeper_than_any_may() {
    let host = having(&[("QmChild", CALL)]);
    let limits = Limits { depth: u32::MAX, children: u32::MAX, ..Limits::default() };
    let error = run_on(config(), with_limits(CALL, limits), host).await.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Limit { limit: Limit::Depth, max: 16 });
}

#[tokio::test]
async fn there_are_no_more_processes_than_the_pools_numbers_say() {
    let named = Named::new();
    let config = PoolConfig { size: 1, parallel: 1, children: 1, ..named.config() };
    let pool = Arc::new(Pool::start(config).await.unwrap());
    let host = having(&[("QmChild", "setTimeout(() => {}, 60000)")]);
    let parent = {
        let pool = pool.clone();
        tokio::spawn(async move { pool.run(action(CALL), host).await })
    };
    // One that runs, its child, and one that stands ready.
    named.settled(3).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(named.workers().len(), 3);
    parent.abort();
    named.settled(1).await;
    pool.shutdown().await;
}

#[tokio::test]
async fn the_processes_of_children_end_with_their_parents_time() {
    let named = Named::new();
    let pool = Pool::start(named.config()).await.unwrap();
    let host = having(&[("QmChild", "while (true) {}")]);
    let limits = Limits { time: Duration::from_millis(500), ..Limits::default() };
    let error = pool.run(with_limits(CALL, limits.clone()), host).await.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Timeout { limit: limits.time });
    until(|| named.workers().len() == 1).await;
    pool.shutdown().await;
}
