//! Limits that documents name are those of the code.

use conclave_gates::source::{sources, value};
use conclave_gates::{document, quantity::quantities, tree};

/// Each row of the limits of an action, by its first cell, with the constants in the order of the
/// second.
const OF_ACTIONS: [(&str, &[&str]); 22] = [
    ("time, waiting included", &["Limits.time"]),
    ("memory of each process", &["Limits.memory_bytes"]),
    ("code", &["CODE_BYTES_MAX"]),
    ("parameters, as JSON", &["PARAMETER_BYTES_MAX"]),
    ("response; all logs together", &["Limits.response_bytes"]),
    ("signatures of all kinds", &["Limits.signatures"]),
    ("requests by `fetch`; at the same time", &["Limits.fetches", "FETCHES_IN_PARALLEL"]),
    (
        "body of a request; of a response",
        &["REQUEST_BODY_BYTES_MAX", "EgressConfig.response_bytes"],
    ),
    (
        "URL of a request; headers of a request, of a response",
        &["URL_BYTES_MAX", "EgressConfig.header_bytes"],
    ),
    ("time of a request, redirects included", &["EgressConfig.time", "EgressConfig.redirects"]),
    (
        "questions to chains, nonces and permissions among them; at the same time",
        &["Limits.chain_queries", "QUESTIONS_IN_PARALLEL"],
    ),
    ("an answer of a chain, as JSON", &["CHAIN_ANSWER_BYTES_MAX"]),
    ("`runOnce` and `broadcastAndCollect` together", &["Limits.exchanges"]),
    (
        "a value of `broadcastAndCollect`; a result of `runOnce`",
        &["VALUE_BYTES_MAX", "RESULT_BYTES_MAX"],
    ),
    (
        "child actions; at the same time at each depth; depth",
        &["Limits.children", "CHILDREN_IN_PARALLEL", "Limits.depth"],
    ),
    (
        "a message to be signed; names, keys, CIDs and addresses",
        &["PERSONAL_MESSAGE_BYTES_MAX", "NAME_BYTES_MAX"],
    ),
    (
        "a transaction for `callContract`; a `userId`; `maxScopeId`",
        &["TRANSACTION_BYTES_MAX", "VALUE_BYTES_MAX", "SCOPE_COUNT"],
    ),
    ("parameters of a child, as JSON", &["PARAMETER_BYTES_MAX"]),
    ("the request's headers that the action sees", &["MAX_ACTION_HEADERS"]),
    (
        "memory of one `scrypt`; bytes of one `getRandomValues`",
        &["SCRYPT_BYTES_MAX", "RANDOM_BYTES_MAX"],
    ),
    ("message of an uncaught error", &["ERROR_MESSAGE_BYTES_MAX"]),
    ("calls to the node of any kind", &["CALLS_MAX"]),
];

/// Words of a document, and the constants behind their quantities, in order.
const STATED: [(&str, &str, &[&str]); 21] = [
    ("docs/actions.md", "Gas 10 000 000 unless", &["DEFAULT_CALL_GAS"]),
    ("docs/actions.md", "the 16 that run at the same time", &["PoolConfig.parallel"]),
    ("docs/actions.md", "no worker for the action within 10 s", &["PoolConfig.worker_wait"]),
    ("docs/actions.md", "`scrypt` beyond 160 MiB", &["SCRYPT_BYTES_MAX"]),
    ("docs/actions.md", "Children are limited to 20 in all", &["Limits.children"]),
    ("docs/actions.md", "values of `broadcastAndCollect` to 16 KiB", &["VALUE_BYTES_MAX"]),
    ("docs/actions.md", "parameters to 1 MiB", &["PARAMETER_BYTES_MAX"]),
    ("docs/actions.md", "The limit of 30 questions to chains", &["Limits.chain_queries"]),
    ("docs/actions.md", "run for 50 ms gives way", &["SHORT"]),
    ("docs/cli.md", "among the newest 1024 keys", &["MAX_TOKENS_SEARCHED"]),
    ("docs/errors.md", "in each of three attempts", &["COMBINE_ATTEMPTS"]),
    ("docs/operating.md", "a batch of up to 64 keys", &["agreement::MAX_KEYS"]),
    ("docs/operating.md", "a batch of up to 64 keys", &["MAX_BATCH_KEYS"]),
    ("docs/errors.md", "has 500 requests under way at this node", &["MAX_REQUESTS_OF_ONE"]),
    ("docs/operating.md", "tried again after ten minutes", &["QUARANTINE"]),
    ("docs/operating.md", "three such failures", &["MAX_FAILURES"]),
    ("docs/operating.md", "within an hour", &["agreement::WINDOW"]),
    ("ARCHITECTURE.md", "(150 ms or four round trips", &["Timing.bind", "BIND_ROUND_TRIPS"]),
    ("ARCHITECTURE.md", "After 50 ms it lowers", &["SHORT"]),
    ("ARCHITECTURE.md", "after three attempts the answer", &["COMBINE_ATTEMPTS"]),
    ("ARCHITECTURE.md", "all sets (up to ten)", &["MAX_SETS"]),
];

/// Limits that several parts must share, whatever each calls it.
const EQUAL: [&[&str]; 3] = [
    &["CODE_BYTES_MAX", "content::MAX_CODE_BYTES", "wire::MAX_CODE_BYTES"],
    &["VALUE_BYTES_MAX", "MAX_VALUE"],
    &["RESULT_BYTES_MAX", "MAX_RESULT"],
];

/// What is wrong, in words; nothing where all of it holds.
fn faults(
    stated: impl IntoIterator<Item = (String, String, &'static [&'static str])>,
) -> Vec<String> {
    let sources = sources();
    let mut faults = Vec::new();
    for (place, words, constants) in stated {
        match constants.iter().map(|name| value(&sources, name)).collect::<Result<Vec<_>, _>>() {
            Ok(values) if values == quantities(&words) => {}
            Ok(values) => {
                faults.push(format!("{place}: `{words}`, but {constants:?} = {values:?}"))
            }
            Err(error) => faults.push(format!("{place}: {error}")),
        }
    }
    faults
}

#[test]
fn every_limit_of_an_action_is_its_constant() {
    let rows = document::table(&tree::read("docs/actions.md"), "what");
    let named: Vec<_> = rows.iter().filter_map(|row| row.first()).collect();
    assert_eq!(named, OF_ACTIONS.iter().map(|(row, _)| *row).collect::<Vec<_>>());
    let stated = rows.into_iter().zip(OF_ACTIONS).filter_map(|(row, (name, constants))| {
        Some((name.to_owned(), row.get(1)?.clone(), constants))
    });
    assert_eq!(faults(stated), [""; 0]);
}

#[test]
fn every_limit_in_a_sentence_is_its_constant() {
    let stated = STATED.map(|(path, words, constants)| {
        let document = document::flat(&tree::read(path));
        assert!(document.contains(words), "{path} no longer says: {words}");
        (path.to_owned(), words.to_owned(), constants)
    });
    assert_eq!(faults(stated), [""; 0]);
}

#[test]
fn parts_that_share_a_limit_have_the_same() {
    let sources = sources();
    for group in EQUAL {
        let values: Vec<_> = group.iter().map(|name| value(&sources, name)).collect();
        assert!(values.iter().all(|value| value.is_ok()), "{group:?}: {values:?}");
        assert!(values.iter().all(|value| Some(value) == values.first()), "{group:?}: {values:?}");
    }
}
