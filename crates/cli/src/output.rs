//! What people and scripts see: results on standard output, everything else on standard error.

use crate::failure::Failure;
use conclave_client::NodeFailure;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::process::ExitCode;

pub struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// The result of a command: lines for people, or one object for scripts.
    pub fn result(&self, lines: &str, object: Value) {
        let text = if self.json { escaped(&object) } else { harmless(lines.trim_end()) };
        // Nobody is told when nobody reads: `conclave .. | head` is no failure.
        let _ = writeln!(io::stdout(), "{text}");
    }

    /// What is being waited for.
    pub fn progress(&self, text: &str) {
        let _ = writeln!(io::stderr(), "{}", harmless(text));
    }

    /// Nodes that did not help although the call succeeded.
    pub fn warn(&self, failures: &[NodeFailure]) {
        failures.iter().for_each(|failure| self.progress(&format!("warning: {failure}")));
    }

    pub fn fail(&self, failure: &Failure) -> ExitCode {
        if let Some(logs) = &failure.logs {
            self.progress(&format!("logs of the action:\n{logs}"));
        }
        self.progress(&format!("error: {}", failure.message));
        if let Some(advice) = failure.advice() {
            self.progress(&advice);
        }
        if self.json && !failure.reported {
            self.result("", failure.json());
        }
        ExitCode::from(failure.exit_code())
    }
}

/// The nodes that did not help, for scripts.
pub fn failures_json(failures: &[NodeFailure]) -> Value {
    failures.iter().map(|failure| json!({ "node": failure.node, "url": failure.url, "message": failure.to_string() })).collect()
}

/// Text of an action or a node, with nothing in it that steers a terminal.
pub fn harmless(text: &str) -> String {
    text.chars().map(|c| if steers(c) && c != '\n' && c != '\t' { ' ' } else { c }).collect()
}

/// An object on one line. Between its texts there is nothing that steers, so what does is in a text
/// and may be escaped there.
fn escaped(object: &Value) -> String {
    let mut escaped = String::new();
    for c in object.to_string().chars() {
        match c {
            c if steers(c) => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether a terminal takes a character as a command, ends a line by it or turns the direction of
/// letters.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_keeps_its_lines_and_loses_its_escapes() {
        assert_eq!(harmless("a\n\tb\u{1b}[2J\r"), "a\n\tb [2J ");
    }

    #[test]
    fn a_thousand_texts_that_steer_terminals_do_so_in_no_form_of_output() {
        let codes = (0..=0x1f)
            .chain(0x7f..=0x9f)
            .chain([0x61c, 0x200e, 0x200f])
            .chain(0x2028..=0x202e)
            .chain(0x2066..=0x2069);
        let surroundings = [
            "#",
            "#[2J",
            "#]0;title#",
            "#]8;;http://host.example#link",
            "a#b",
            "#P+q#",
            "\r#\n",
            "error: #",
            "#c",
            "\\#\\",
            "\"#\"",
            "\u{e9}#",
            "#\u{1f511}#",
            "{\"a\":\"#\"}",
        ];
        let payloads: Vec<String> = codes
            .filter_map(char::from_u32)
            .flat_map(|control| surroundings.map(|text| text.replace('#', &control.to_string())))
            .collect();
        assert!(payloads.len() >= 1000, "{} texts", payloads.len());
        for payload in payloads {
            let lines = harmless(&payload);
            assert!(!lines.chars().any(|c| steers(c) && c != '\n' && c != '\t'), "{payload:?}");
            assert_eq!(lines.chars().count(), payload.chars().count());
            let object = json!({ "logs": payload, &payload: [payload] });
            let line = escaped(&object);
            assert!(!line.chars().any(steers), "{payload:?}");
            assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), object);
        }
    }
}
