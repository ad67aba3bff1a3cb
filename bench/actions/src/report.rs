//! The table, as text and as JSON.

use serde_json::{Value, json};
use std::io;
use std::path::Path;
use std::process::Command;

/// Markers of the table in the page.
const NAME: &str = "actions";

pub struct Row {
    what: &'static str,
    unit: &'static str,
    ours: f64,
    bar: Bar,
    theirs: Option<f64>,
}

enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

impl Row {
    pub fn milliseconds(what: &'static str, ours: f64, at_most: f64) -> Self {
        Row { what, unit: "ms", ours, bar: Bar::AtMost(at_most), theirs: None }
    }

    pub fn mebibytes(what: &'static str, ours: f64, at_most: f64) -> Self {
        Row { what, unit: "MiB", ours, bar: Bar::AtMost(at_most), theirs: None }
    }

    pub fn per_second(what: &'static str, ours: f64, at_least: f64) -> Self {
        Row { what, unit: "/s", ours, bar: Bar::AtLeast(at_least), theirs: None }
    }

    pub fn beside(self, theirs: f64) -> Self {
        Row { theirs: Some(theirs), ..self }
    }

    fn holds(&self) -> bool {
        match self.bar {
            Bar::AtMost(bar) => self.ours <= bar,
            Bar::AtLeast(bar) => self.ours >= bar,
        }
    }

    fn line(&self) -> String {
        let number = |value: f64| format!("{value:.2} {}", self.unit);
        let bar = match self.bar {
            Bar::AtMost(bar) => format!("at most {bar}"),
            Bar::AtLeast(bar) => format!("at least {bar}"),
        };
        let theirs = self.theirs.map_or(String::new(), number);
        let ratio =
            self.theirs.map_or(String::new(), |theirs| format!("{:.0}x", theirs / self.ours));
        let holds = if self.holds() { "holds" } else { "**missed**" };
        format!("| {} | {} | {bar}: {holds} | {theirs} | {ratio} |\n", self.what, number(self.ours))
    }

    fn json(&self) -> Value {
        let (at_most, at_least) = match self.bar {
            Bar::AtMost(bar) => (Some(bar), None),
            Bar::AtLeast(bar) => (None, Some(bar)),
        };
        json!({ "what": self.what, "unit": self.unit, "ours": self.ours, "atMost": at_most, "atLeast": at_least, "deno": self.theirs })
    }
}

pub struct Report {
    pub deno: String,
    pub rows: Vec<Row>,
}

impl Report {
    pub fn holds(&self) -> bool {
        self.rows.iter().all(Row::holds)
    }

    pub fn table(&self) -> String {
        let head = format!(
            "At commit {}, in the development profile, medians of {} runs in turn, wall time;\n\
             {}, a process for each action.\n\n\
             | what | Conclave | bar | deno | ratio |\n|---|---|---|---|---|\n",
            commit(),
            crate::measure::RUNS,
            self.deno
        );
        head + &self.rows.iter().map(Row::line).collect::<String>()
    }

    /// # Errors
    /// The page or its markers are missing.
    pub fn write(&self, repository: &Path) -> io::Result<()> {
        let results = repository.join("bench/results");
        std::fs::create_dir_all(&results)?;
        let rows: Vec<Value> = self.rows.iter().map(Row::json).collect();
        let report = json!({ "commit": commit(), "deno": self.deno, "runs": crate::measure::RUNS, "rows": rows });
        println!("{report}");
        std::fs::write(results.join("actions.json"), format!("{report:#}\n"))?;
        let path = repository.join("docs/performance.md");
        let page = std::fs::read_to_string(&path)?;
        let page = replaced(&page, &self.table())
            .ok_or_else(|| io::Error::other("docs/performance.md has no place for it"))?;
        std::fs::write(path, page)
    }
}

fn replaced(page: &str, table: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {NAME} -->\n"), format!("<!-- /{NAME} -->"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}

fn commit() -> String {
    let said = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    said.map_or_else(
        |_| "unknown".to_owned(),
        |said| String::from_utf8_lossy(&said.stdout).trim().to_owned(),
    )
}
