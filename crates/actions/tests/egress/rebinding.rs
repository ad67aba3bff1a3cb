//! Names whose answer changes from one question to the next.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conclave_actions::{Egress, EgressConfig, FetchError, Resolver};
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{self, StreamExt};

use crate::get;
use crate::sink::{Sink, ok, redirect};

/// Judged as public, and assigned to nobody: what is dialled here reaches no one.
const NOBODY: &str = "2e00::1";

/// What the name has, one answer after the other: first those that may be dialled, then those that
/// name a private address, alone or among public ones.
const ANSWERS: [&[&str]; 12] = [
    &[NOBODY],
    &["2e00::2", NOBODY],
    &[],
    &["127.0.0.1"],
    &["::1"],
    &[NOBODY, "127.0.0.1"],
    &["127.0.0.1", NOBODY],
    &[NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, "::ffff:127.0.0.1"],
    &["::ffff:7f00:1"],
    &["0.0.0.0", NOBODY],
    &[NOBODY, "169.254.169.254"],
    &["fd00:ec2::254", "127.0.0.1"],
];

/// How many of them may be dialled.
const DIALLED: usize = 3;

/// Each question gets the next answer, as if answers could not be kept at all.
#[derive(Default)]
struct Rebinding {
    asked: AtomicUsize,
}

impl Resolver for Rebinding {
    fn addresses(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer =
            ANSWERS[asked % ANSWERS.len()].iter().map(|address| address.parse().unwrap()).collect();
        async move { Ok(answer) }.boxed()
    }
}

fn egress(config: EgressConfig, resolver: Arc<Rebinding>) -> Egress {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Egress::with_resolver(config, resolver).unwrap()
}

/// Fetches so often, many at a time, and returns how many were refused.
async fn fetch(count: usize) -> usize {
    let sink = Sink::everywhere(|_| ok("private")).await;
    let resolver = Arc::new(Rebinding::default());
    let egress = egress(
        EgressConfig { time: Duration::from_millis(500), ..EgressConfig::default() },
        resolver.clone(),
    );
    let fetches = (0..count).map(|number| {
        // The same name, other names, and both schemes.
        let scheme = if number % 7 == 0 { "https" } else { "http" };
        let request = get(&format!("{scheme}://rebinding-{}.example:{}/", number % 3, sink.port));
        let egress = &egress;
        async move { egress.fetch(request).await.expect_err("nobody answers") }
    });
    let errors: Vec<_> = stream::iter(fetches).buffer_unordered(32).collect().await;
    assert_eq!(
        resolver.asked.load(Ordering::SeqCst),
        count,
        "each name is asked for once and dialled as answered"
    );
    assert_eq!(sink.seen(), 0);
    let refused =
        errors.iter().filter(|error| matches!(error, FetchError::NotPublic { .. })).count();
    let others = |error: &&FetchError| {
        matches!(error, FetchError::Unreachable { .. } | FetchError::Timeout { .. })
    };
    assert_eq!(refused + errors.iter().filter(others).count(), count);
    refused
}

fn to_be_refused(count: usize) -> usize {
    (0..count).filter(|number| number % ANSWERS.len() >= DIALLED).count()
}

#[tokio::test]
async fn a_name_is_resolved_once_and_dialled_as_judged() {
    let count = 1200;
    assert_eq!(fetch(count).await, to_be_refused(count));
}

#[tokio::test]
async fn a_redirect_resolves_and_judges_its_name_anew() {
    let sink = Sink::everywhere(|_| ok("private")).await;
    let to = format!("http://rebinding.example:{}/", sink.port);
    let allowed = Sink::open(move |_| redirect(307, &to)).await;
    let resolver = Arc::new(Rebinding::default());
    let config =
        EgressConfig { time: Duration::from_millis(500), ..crate::allowing(&[allowed.host()]) };
    let egress = egress(config, resolver.clone());
    for count in 1..=36 {
        egress.fetch(get(&format!("http://{}/", allowed.host()))).await.unwrap_err();
        assert_eq!(resolver.asked.load(Ordering::SeqCst), count);
    }
    assert_eq!((sink.seen(), allowed.seen()), (0, 36));
}

#[tokio::test]
#[ignore = "ten thousand fetches of names whose answers change"]
async fn long_ten_thousand_fetches_of_names_that_change_reach_nothing_private() {
    let count = 10_000;
    let refused = fetch(count).await;
    println!(
        "long: {count} fetches, {refused} refused for an address among their answers, 0 connections to the sink"
    );
    assert_eq!(refused, to_be_refused(count));
}
