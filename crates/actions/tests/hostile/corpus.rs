//! The scripts: files in a folder for each class. The first line says what a script tries, the
//! second how it may end: `// expect: timeout|memory|thrown|null|refused|limit|ends`, where `null`
//! is what the engine throws when there is no memory even for an error; a third, `// signs: N`, how
//! many signatures it may get at most, otherwise none.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use conclave_actions::{Action, AuthContext, Limits, RunErrorKind};
use serde_json::json;

/// The time of those that are to be stopped by it.
pub const DEADLINE: Duration = Duration::from_millis(300);

/// The time of the others, so that a machine that is busy does not end them.
const PATIENCE: Duration = Duration::from_secs(20);

const ENDINGS: [&str; 7] = ["timeout", "memory", "thrown", "null", "refused", "limit", "ends"];

const MEMORY_BYTES: u64 = 32 << 20;

pub struct Script {
    /// Class and name, as in the folder.
    pub name: String,
    pub code: String,
    pub expected: Vec<String>,
    pub signatures: usize,
}

impl Script {
    fn read(name: String, code: String) -> Self {
        let mut lines = code.lines();
        let mut comment = |what: &str| {
            let line = lines.next().and_then(|line| line.strip_prefix("// ")).unwrap_or_default();
            line.strip_prefix(what).map(str::to_owned)
        };
        let tries = comment("").unwrap_or_default();
        assert!(
            tries.len() > 10 && !tries.starts_with("expect"),
            "{name} does not say what it tries"
        );
        let expected =
            comment("expect: ").unwrap_or_else(|| panic!("{name} does not say how it ends"));
        let expected: Vec<_> = expected.split('|').map(str::to_owned).collect();
        assert!(
            expected.iter().all(|ending| ENDINGS.contains(&ending.as_str())),
            "{name} expects {expected:?}"
        );
        let signatures = comment("signs: ").map_or(0, |count| count.parse().expect("a count"));
        Self { name, code, expected, signatures }
    }

    pub fn honest(code: &str) -> Self {
        Self {
            name: "honest".into(),
            code: code.into(),
            expected: vec!["ends".into()],
            signatures: 1,
        }
    }

    pub fn class(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Whether it may end so; who may throw anything may throw `null`.
    pub fn expects(&self, ending: &str) -> bool {
        self.expected
            .iter()
            .any(|expected| expected == ending || (ending == "null" && expected == "thrown"))
    }

    /// What it may take: short where it is to be stopped by it.
    pub fn time(&self) -> Duration {
        if self.expected.iter().any(|ending| ending == "timeout") { DEADLINE } else { PATIENCE }
    }

    /// `sink` is the URL of what must not be reached, `server` of what may be.
    pub fn action(&self, sink: &str, server: &str) -> Action {
        let params =
            json!({ "sink": sink, "server": server }).as_object().cloned().unwrap_or_default();
        Action {
            code: self.code.clone(),
            cid: "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o".into(),
            params,
            auth: AuthContext::default(),
            headers: Vec::new(),
            limits: Limits { time: self.time(), memory_bytes: MEMORY_BYTES, ..Limits::default() },
        }
    }
}

/// The name of an ending; what has none is no ending that any script may come to.
pub fn ending(kind: &RunErrorKind) -> String {
    match kind {
        RunErrorKind::Timeout { .. } => "timeout".into(),
        RunErrorKind::Memory { .. } => "memory".into(),
        RunErrorKind::Thrown { message, .. } if message.starts_with("null (") => "null".into(),
        RunErrorKind::Thrown { .. } => "thrown".into(),
        RunErrorKind::Host(_) => "refused".into(),
        RunErrorKind::Limit { .. } => "limit".into(),
        other => format!("{other:?}"),
    }
}

/// All of them, by name.
pub fn corpus() -> Vec<Script> {
    let mut all = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    for class in fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        for path in fs::read_dir(&class).unwrap().map(|entry| entry.unwrap().path()) {
            let [class, name] =
                [&class, &path].map(|path| path.file_stem().unwrap().to_str().unwrap());
            all.push(Script::read(format!("{class}/{name}"), fs::read_to_string(&path).unwrap()));
        }
    }
    all.sort_by(|left, right| left.name.cmp(&right.name));
    all
}

#[test]
fn the_corpus_holds_scripts_of_every_class_and_none_twice() {
    let all = corpus();
    assert!(all.len() >= 300, "{} scripts", all.len());
    let mut bodies: Vec<_> =
        all.iter().map(|script| script.code.lines().skip(2).collect::<String>()).collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), all.len());
    let mut classes = BTreeMap::<&str, usize>::new();
    for script in &all {
        *classes.entry(script.class()).or_default() += 1;
    }
    let expected = [
        "arguments",
        "engine",
        "escapes",
        "floods",
        "forbidden",
        "json",
        "loops",
        "memory",
        "native",
        "promises",
        "races",
        "recursion",
        "regex",
        "tampering",
        "text",
        "timers",
    ];
    assert!(classes.keys().eq(&expected), "{classes:?}");
    assert!(classes.values().all(|&count| count >= 10), "{classes:?}");
}
