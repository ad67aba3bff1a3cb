//! What actions write: it arrives as it was written, line by line and within its limit, whatever it
//! would do to a terminal or to a log.

use std::sync::Arc;

use conclave_actions::{Limit, Limits, RunErrorKind};
use serde_json::json;

use crate::corpus::Script;
use crate::node::Node;
use crate::{World, processes};

/// A thousand texts: each character that steers something, in each surrounding that makes something
/// of it.
fn payloads() -> Vec<String> {
    let controls = (0..=0x1f)
        .chain(0x7f..=0x9f)
        .chain([0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff, 0xfffe]);
    let surroundings = [
        "#",
        "#[2J",
        "#]0;title#",
        "#]8;;http://host.example#link",
        "#[31mred",
        "a#b",
        "#P+q#",
        "\r#\n",
        "ERROR #",
        "#c",
        "#[?1049h",
        "2026-01-01T00:00:00Z ERROR node: #",
        "{\"level\":\"#\"}",
        "'; drop #",
    ];
    let controls: Vec<char> = controls.filter_map(char::from_u32).collect();
    surroundings
        .iter()
        .flat_map(|text| controls.iter().map(|control| text.replace('#', &control.to_string())))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_texts_that_steer_terminals_are_kept_within_the_limit_and_change_nothing() {
    let _alone = processes::alone().await;
    let world = World::begin(2).await;
    let payloads = payloads();
    assert!(payloads.len() >= 1000, "{} texts", payloads.len());
    for some in payloads.chunks(100) {
        let run = async |code: &str, log_bytes: usize| {
            let mut action = Script::honest(code).action(&world.sink.url(), &world.server.url());
            action.params.insert("texts".into(), json!(some));
            action.limits = Limits { log_bytes: log_bytes as u32, ..action.limits };
            world.pool.run(action, Arc::new(Node::default())).await
        };
        let lines: Vec<_> = some.iter().map(|text| format!("{text}\n")).collect();
        let written = lines.concat();
        let each = "for (const text of texts) console.log(text)";
        assert_eq!(run(each, written.len()).await.unwrap().logs, written);
        let max = written.len() - 1;
        let error = run(each, max).await.unwrap_err();
        assert_eq!(error.kind, RunErrorKind::Limit { limit: Limit::LogBytes, max: max as u64 });
        assert_eq!(error.logs, lines[..lines.len() - 1].concat());
        let error = run("throw new Error(texts[7])", max).await.unwrap_err();
        let RunErrorKind::Thrown { message, .. } = error.kind else { panic!("{error:?}") };
        assert_eq!(message, format!("Error: {}", some[7]));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_responses_keeps_the_last() {
    let _alone = processes::alone().await;
    let world = World::begin(1).await;
    let code = "for (let count = 0; count <= 20000; count++) Lit.Actions.setResponse({ response: `${count}` })";
    let action = Script::honest(code).action(&world.sink.url(), &world.server.url());
    assert_eq!(world.pool.run(action, Arc::new(Node::default())).await.unwrap().response, "20000");
    world.end().await;
}
