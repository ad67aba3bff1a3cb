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
        let text = if self.json { object.to_string() } else { lines.trim_end().to_owned() };
        // Nobody is told when nobody reads: `conclave .. | head` is no failure.
        let _ = writeln!(io::stdout(), "{text}");
    }

    /// What is being waited for.
    pub fn progress(&self, text: &str) {
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Nodes that did not help although the call succeeded.
    pub fn warn(&self, failures: &[NodeFailure]) {
        failures.iter().for_each(|failure| self.progress(&format!("warning: {failure}")));
    }

    pub fn fail(&self, failure: &Failure) -> ExitCode {
        if let Some(logs) = &failure.logs {
            self.progress(&format!("logs of the action:\n{}", harmless(logs)));
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
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_keeps_its_lines_and_loses_its_escapes() {
        assert_eq!(harmless("a\n\tb\u{1b}[2J\r"), "a\n\tb [2J ");
    }
}
