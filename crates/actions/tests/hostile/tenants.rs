//! Tenants one after the other, each with a secret of its own that it leaves wherever it can: none
//! finds another's, and neither does who reads the memory of its process.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conclave_actions::{Action, Limits, RunErrorKind};
use futures_util::stream::{self, StreamExt};
use serde_json::json;

use crate::corpus::Script;
use crate::node::Node;
use crate::scan::{self, canary};
use crate::{AT_A_TIME, GROWTH_BYTES_MAX, World, processes};

/// Leaves its secret everywhere, then ends in the way that it is told.
const LEAVES: &str = "
    const everywhere = [globalThis, Object.prototype, Array.prototype, Function.prototype, String.prototype, Promise, Map.prototype, JSON, ethers, ethers.utils, console]
    everywhere.forEach((place, number) => (place[`kept${number}`] = [secret, { secret }]))
    Symbol.for(secret)
    globalThis.buffers = [new TextEncoder().encode(secret.repeat(500)), Array.from(secret), new Map([[secret, secret]])]
    globalThis.fetched = await (await fetch(`${server}echo/${secret}`, { headers: { secret }, method: 'POST', body: secret })).text()
    if (!fetched.includes(secret)) throw new Error('the server does not echo')
    console.log(secret)
    await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: '04', sigName: secret })
    Lit.Actions.setResponse({ response: secret })
    if (ending === 'throws') throw new Error(secret)
    if (ending === 'stays') setInterval(() => (globalThis.late = [secret, late]), 1)
    var late = secret";

/// Looks at everything that it reaches, and answers with what looks like anyone's secret but its
/// own.
const LOOKS: &str = "
    const form = new RegExp('can' + 'ary-[0-9a-f]{32}', 'g')
    const found = new Set()
    const look = (text) => {
        for (const [one] of text.matchAll(form)) if (one !== secret) found.add(one)
    }
    const seen = new Set()
    const left = [globalThis, Lit, ethers, globalThis.jsParams, new Error('x'), Lit.Auth, console]
    while (left.length && seen.size < 30000) {
        const value = left.pop()
        if (typeof value === 'string') look(value)
        if (typeof value === 'symbol') look(String(value))
        if (Object(value) !== value || seen.has(value)) continue
        seen.add(value)
        left.push(Object.getPrototypeOf(value))
        if (value instanceof Map || value instanceof Set) left.push(...[...value].flat())
        if (value instanceof Uint8Array) look(new TextDecoder().decode(value))
        for (const name of Reflect.ownKeys(value)) {
            const { get, set } = Reflect.getOwnPropertyDescriptor(value, name) ?? {}
            left.push(name, get, set)
            try {
                const inner = value[name]
                if (inner instanceof Promise) inner.catch(() => {})
                left.push(inner)
            } catch (error) {
                left.push(error.message, error.stack)
            }
        }
    }
    for (let size = 64; size <= 1 << 16; size *= 2) {
        for (const buffer of [new ArrayBuffer(size), new ArrayBuffer(size >> 1).transfer(size)]) look(new TextDecoder().decode(buffer))
    }
    try { undefined.x } catch (error) { look(error.stack) }
    if (seen.size < 500) throw new Error(`only ${seen.size} objects were reached`)
    if (globalThis.waits) await Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey: 'never', sigName: 's' })
    Lit.Actions.setResponse({ response: JSON.stringify([...found]) })";

fn tenant(
    world: &World,
    code: &str,
    secret: &str,
    more: (&str, serde_json::Value),
    time: Duration,
) -> Action {
    let mut action = Script::honest(code).action(&world.sink.url(), &world.server.url());
    action.params.insert("secret".into(), json!(secret));
    action.params.insert(more.0.into(), more.1);
    action.limits = Limits { time, ..action.limits };
    action
}

/// One tenant that leaves a secret, which is returned.
async fn leave(world: &World, number: usize) -> String {
    let secret = canary();
    let (ending, time) = match number % 3 {
        0 => ("ends", 20_000),
        1 => ("throws", 20_000),
        _ => ("stays", 400),
    };
    let action =
        tenant(world, LEAVES, &secret, ("ending", json!(ending)), Duration::from_millis(time));
    let result = world.pool.run(action, Arc::new(Node::default())).await;
    match (&result, ending) {
        (Ok(outcome), "ends") => assert_eq!(outcome.response, secret),
        (Err(error), "throws") => {
            assert!(
                matches!(&error.kind, RunErrorKind::Thrown { message, .. } if message.contains(&secret))
            )
        }
        (Err(error), "stays") => assert!(matches!(error.kind, RunErrorKind::Timeout { .. })),
        _ => panic!("{ending}: {result:?}"),
    }
    secret
}

/// So many tenants, half of them with secrets and half of them looking for those.
async fn alternate(tenants: usize) {
    let world = World::begin(AT_A_TIME).await;
    let before = processes::memory().now;
    let pairs = (0..tenants / 2).map(|number| {
        let world = &world;
        async move {
            leave(world, number).await;
            let action =
                tenant(world, LOOKS, &canary(), ("ending", json!("")), Duration::from_secs(20));
            let outcome = world.pool.run(action, Arc::new(Node::default())).await.unwrap();
            assert_eq!((outcome.response.as_str(), outcome.logs.as_str()), ("[]", ""));
        }
    });
    stream::iter(pairs).buffer_unordered(AT_A_TIME).collect::<Vec<()>>().await;
    assert_eq!(world.sink.connections(), 0);
    let growth = processes::memory().highest.saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "the node's own memory grew by {} KiB", growth >> 10);
    world.end().await;
}

/// So many pairs of tenants, one after the other, and a look from outside into all processes of the
/// pool while the second one runs. Returns how many bytes were looked at, or nothing where the
/// system does not let a process look.
async fn look_from_outside(pairs: usize) -> Option<u64> {
    let world = World::begin(1).await;
    let mut bytes = 0;
    let mut earlier = BTreeSet::new();
    for number in 0..pairs {
        earlier.insert(leave(&world, number).await);
        let (own, node) = (canary(), Arc::new(Node::default()));
        let action = tenant(&world, LOOKS, &own, ("waits", json!(true)), Duration::from_secs(60));
        let looking = world.pool.run(action, node.clone());
        let scanning = async {
            node.waiting.notified().await;
            let begun = Instant::now();
            loop {
                let seen = processes::descendants()
                    .into_iter()
                    .map(scan::canaries)
                    .collect::<std::io::Result<Vec<_>>>();
                let Ok(seen) = seen else { return None };
                let found: BTreeSet<String> =
                    seen.iter().flat_map(|seen| seen.found.clone()).collect();
                // The worker of the earlier tenant is killed, and may take a moment to be gone.
                if found.is_disjoint(&earlier) {
                    assert!(found.contains(&own), "the scan does not see what is there");
                    return Some(seen.iter().map(|seen| seen.bytes).sum::<u64>());
                }
                assert!(
                    begun.elapsed() < Duration::from_secs(10),
                    "an earlier tenant's secret is still there"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let scanned = tokio::select! {
            scanned = scanning => scanned,
            ended = looking => panic!("the tenant did not wait: {ended:?}"),
        };
        bytes += scanned?;
    }
    world.end().await;
    Some(bytes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_looks_finds_what_is_there() {
    let _alone = processes::alone().await;
    let world = World::begin(1).await;
    let planted = canary();
    let hidden = "
        const of = (number) => secret.slice(0, 7) + String(number).repeat(32)
        Object.defineProperty(ethers.utils, 'hidden', { value: { of: [of(1)] } })
        Object.prototype[Symbol(of(2))] = 1
        globalThis.bytes = new TextEncoder().encode(of(3))
        Promise.kept = new Map([[of(4), 1]]);";
    let code = format!("{hidden}{LOOKS}");
    let action =
        tenant(&world, &code, &canary(), ("planted", json!(planted)), Duration::from_secs(20));
    let outcome = world.pool.run(action, Arc::new(Node::default())).await.unwrap();
    let found: BTreeSet<String> = serde_json::from_str(&outcome.response).unwrap();
    let hidden = (1..=4).map(|number| planted[..7].to_owned() + &number.to_string().repeat(32));
    assert_eq!(found, hidden.chain([planted.clone()]).collect());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_tenant_finds_the_secret_of_another() {
    let _alone = processes::alone().await;
    alternate(160).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_process_of_the_pool_holds_the_secret_of_an_earlier_tenant() {
    let _alone = processes::alone().await;
    if look_from_outside(6).await.is_none() {
        eprintln!(
            "not looked at: this system does not let a process read the memory of its children"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "ten thousand tenants"]
async fn long_ten_thousand_tenants_find_nothing_of_each_other() {
    let _alone = processes::alone().await;
    alternate(10_000).await;
    println!(
        "long: 10000 tenants, 5000 secrets left in eleven places each, 0 found by the tenants after them"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a few hundred looks into the memory of every process of the pool"]
async fn long_no_process_of_the_pool_holds_the_secret_of_an_earlier_tenant() {
    let _alone = processes::alone().await;
    let bytes = look_from_outside(300)
        .await
        .expect("this system lets a process read the memory of its children");
    println!(
        "long: 300 secrets left, 0 found in {} MiB of memory of the processes that served the tenants after them",
        bytes >> 20
    );
}
