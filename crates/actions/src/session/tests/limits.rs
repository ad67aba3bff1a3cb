//! Every field of [`Limits`] at its value and one past it.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;

use super::family::run_first;
use super::*;

/// What each field is tested by.
fn cases() -> Vec<(&'static str, BoxFuture<'static, ()>)> {
    vec![
        ("time", time().boxed()),
        // Kept by the engine; that it keeps it is tested with a real one.
        ("memory_bytes", memory_bytes().boxed()),
        ("response_bytes", response_bytes().boxed()),
        ("log_bytes", log_bytes().boxed()),
        (
            "signatures",
            counted(Limit::Signatures, &["sign", "combine"], |signatures, limits| Limits {
                signatures,
                ..limits
            })
            .boxed(),
        ),
        (
            "fetches",
            counted(Limit::Fetches, &["fetch"], |fetches, limits| Limits { fetches, ..limits })
                .boxed(),
        ),
        (
            "chain_queries",
            counted(Limit::ChainQueries, &["chain"], |chain_queries, limits| Limits {
                chain_queries,
                ..limits
            })
            .boxed(),
        ),
        (
            "exchanges",
            counted(Limit::Exchanges, &["collect", "turn"], |exchanges, limits| Limits {
                exchanges,
                ..limits
            })
            .boxed(),
        ),
        (
            "children",
            counted(Limit::Children, &["call Qm2"], |children, limits| Limits {
                children,
                ..limits
            })
            .boxed(),
        ),
        ("depth", depth().boxed()),
    ]
}

#[tokio::test]
async fn every_limit_holds_at_its_value_and_one_past_it() {
    for (_, case) in cases() {
        case.await;
    }
}

#[test]
fn no_limit_is_without_a_case() {
    let shown = format!("{:?}", Limits::default());
    let fields =
        shown.split(['{', '}', ',']).filter_map(|field| Some(field.split_once(':')?.0.trim()));
    assert_eq!(cases().iter().map(|(field, _)| *field).collect::<BTreeSet<_>>(), fields.collect());
}

fn long() -> Limits {
    Limits { time: Duration::from_secs(10), ..Limits::default() }
}

/// Each of these verbs alone, and all by turns, as often as the limit says and once more.
async fn counted(limit: Limit, verbs: &[&str], with: fn(u32, Limits) -> Limits) {
    for verbs in verbs.iter().map(std::slice::from_ref).chain([verbs]) {
        for max in [0, 1, 3] {
            let refused = format!("LimitExceeded: {}", limit.message(max.into()));
            for times in [max, max + 1] {
                let calls: Vec<_> = verbs.iter().cycle().take(times as usize).copied().collect();
                let code = format!("{}\nawait", calls.join("\nawait\n"));
                let ran =
                    run_first(&[("Qm1", &code), ("Qm2", "respond x")], with(max, long())).await;
                let replies = ran.response();
                assert_eq!(
                    replies.matches(&refused).count() as u32,
                    times - max,
                    "{code}: {replies}"
                );
            }
            let code = format!(
                "{}\nawait\nrethrow it",
                vec![verbs[0]; max as usize + 1].join("\nawait\n")
            );
            let ran = run_first(&[("Qm1", &code), ("Qm2", "respond x")], with(max, long())).await;
            assert_eq!(ran.failure(), RunErrorKind::Limit { limit, max: max.into() });
        }
    }
}

async fn time() {
    let limits = |millis| Limits { time: Duration::from_millis(millis), ..long() };
    let code = [("Qm1", "pause 300\nrespond in time")];
    assert_eq!(run_first(&code, limits(10_000)).await.response(), "in time");
    assert_eq!(
        run_first(&code, limits(100)).await.failure(),
        RunErrorKind::Timeout { limit: Duration::from_millis(100) }
    );
}

async fn memory_bytes() {
    let limits = Limits { memory_bytes: 17 << 20, ..long() };
    assert_eq!(
        run_first(&[("Qm1", "memory")], limits.clone()).await.response(),
        (17 << 20).to_string()
    );
    let ran = run_first(&[("Qm1", "exhaust")], limits).await;
    assert_eq!(ran.failure(), RunErrorKind::Memory { limit_bytes: 17 << 20 });
}

async fn response_bytes() {
    let limits = |response_bytes| Limits { response_bytes, ..long() };
    let code = [("Qm1", "respond 12345")];
    assert_eq!(run_first(&code, limits(5)).await.response(), "12345");
    let failure = run_first(&code, limits(4)).await.failure();
    assert_eq!(failure, RunErrorKind::Limit { limit: Limit::ResponseBytes, max: 4 });
    // A child's too.
    let code = [("Qm1", "call Qm2\nawait\nrespond x"), ("Qm2", "respond 12345")];
    assert_eq!(run_first(&code, limits(5)).await.response(), "x");
    let code = [("Qm1", "call Qm2\nawait\nrethrow it"), ("Qm2", "respond 12345")];
    let failure = run_first(&code, limits(4)).await.failure();
    assert_eq!(failure, RunErrorKind::Limit { limit: Limit::ResponseBytes, max: 4 });
}

async fn log_bytes() {
    let limits = |log_bytes| Limits { log_bytes, ..long() };
    let code = [("Qm1", "log 2\nlog 4")];
    assert_eq!(run_first(&code, limits(4)).await.result.unwrap().logs, "2\n4\n");
    let error = run_first(&code, limits(3)).await.result.unwrap_err();
    assert_eq!(error.kind, RunErrorKind::Limit { limit: Limit::LogBytes, max: 3 });
    assert_eq!(error.logs, "2\n");
}

async fn depth() {
    let limits = |depth| Limits { depth, ..long() };
    let refused = |depth| format!("LimitExceeded: {}", Limit::Depth.message(depth));
    let code = [("Qm1", "call Qm2\nawait"), ("Qm2", "call Qm3\nawait"), ("Qm3", "respond deep")];
    assert_eq!(run_first(&code, limits(2)).await.response(), "deep");
    assert_eq!(run_first(&code, limits(1)).await.response(), refused(1));
    assert_eq!(run_first(&code, limits(0)).await.response(), refused(0));
}

#[tokio::test]
async fn calls_of_all_kinds_count_together_and_each_family_member_alike() {
    // Half of them in a child.
    let half = CALLS_MAX as usize / 2;
    let chain = |times: usize| vec!["chain"; times].join("\nawait\n");
    let child = format!("{}\nawait\nrespond x", chain(half));
    let parent = |more| format!("call Qm2\nawait\n{}\nawait\nrespond done", chain(half - 1 + more));
    let limits = Limits { chain_queries: u32::MAX, ..long() };
    let ran = run_first(&[("Qm1", &parent(0)), ("Qm2", &child)], limits.clone()).await;
    assert_eq!(ran.response(), "done");
    let ran = run_first(&[("Qm1", &parent(1)), ("Qm2", &child)], limits).await;
    assert_eq!(ran.failure(), RunErrorKind::Limit { limit: Limit::Calls, max: CALLS_MAX.into() });
}
