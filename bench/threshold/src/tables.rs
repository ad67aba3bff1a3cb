//! Reports as Markdown.

use crate::bars::{Verdict, deciding, targets};
use crate::measure::{Line, Measure, Size, Who};
use crate::report::{Measured, Profile};
use std::collections::BTreeSet;
use std::fmt::Write;

pub fn sides(report: &Measured) -> String {
    let lines = &report.lines;
    let sizes: BTreeSet<Size> = lines.iter().map(|line| line.size).collect();
    let rows: BTreeSet<(Measure, Who)> =
        lines.iter().map(|line| (line.measure, line.who)).collect();
    let least = lines.iter().map(|line| line.runs).min().unwrap_or_default();
    let mut out = report.machine.describe();
    let _ = write!(
        out,
        "\nCPU time for each party, medians of {least} runs in turn; in brackets what each party sends.\n\n|  |  |"
    );
    sizes.iter().for_each(|Size { n, t }| _ = write!(out, " ({n},{t}) |"));
    let _ = write!(out, "\n|---|---|{}", "---|".repeat(sizes.len()));
    for (measure, who) in rows {
        let _ = write!(out, "\n| {} | {} |", measure.label(), what_of(measure, who));
        for size in &sizes {
            let line = lines
                .iter()
                .find(|line| (line.measure, line.who, line.size) == (measure, who, *size));
            let _ = write!(out, " {} |", line.map_or("–".into(), cell));
        }
    }
    let _ = write!(out, "\n\n| what decides, at (10,7) | bar | measured |  |\n|---|---|---|---|");
    deciding(lines).iter().for_each(|verdict| out += &row(verdict, ["holds", "**does not hold**"]));
    let _ = write!(out, "\n\n| for orientation | target | measured |  |\n|---|---|---|---|");
    targets(lines).iter().for_each(|verdict| out += &row(verdict, ["reached", "not reached"]));
    out + "\n"
}

/// Whose it is, and what of it where that is not plain.
fn what_of(measure: Measure, who: Who) -> String {
    let what = match (measure, who) {
        (Measure::Presignature, Who::Ours) => ", complete, in batches of 256",
        (Measure::Presignature, Who::Dkls23) => ", signing phases 1 to 3 without base transfers",
        (Measure::Presignature, Who::CaitSith) => ", two triples",
        (Measure::Dkg | Measure::Reshare, Who::Ours) => ", in batches of 64",
        (Measure::Combine, Who::CaitSith) => ", sign",
        (Measure::Combine, Who::Dkls23) => ", phase 4",
        _ => "",
    };
    format!("{}{what}", who.label())
}

fn cell(line: &Line) -> String {
    let kb = line.sent_bytes / 1e3;
    let sent = if kb == 0.0 {
        String::new()
    } else {
        format!(" ({} KB)", if kb < 10.0 { format!("{kb:.1}") } else { format!("{kb:.0}") })
    };
    format!("{} ms{sent}", three_digits(line.median_ms))
}

fn three_digits(ms: f64) -> String {
    let decimals = if ms >= 100.0 {
        0
    } else if ms >= 10.0 {
        1
    } else if ms >= 1.0 {
        2
    } else {
        3
    };
    format!("{ms:.decimals$}")
}

fn row(verdict: &Verdict, [yes, no]: [&str; 2]) -> String {
    let measured = verdict.measured.as_deref().unwrap_or("not measured");
    format!(
        "\n| {} | {} | {measured} | {} |",
        verdict.what,
        verdict.bar,
        if verdict.holds { yes } else { no }
    )
}

pub fn growth(report: &Measured) -> String {
    let lines = &report.lines;
    let sizes: BTreeSet<Size> = lines.iter().map(|line| line.size).collect();
    let least = lines.iter().map(|line| line.runs).min().unwrap_or_default();
    let mut out = report.machine.describe();
    let _ = write!(out, "\nCPU time for each party, medians of {least} runs.\n\n");
    out += "| n, t | presignature | of it: base transfers | batch | key generation | batch |\n|---|---|---|---|---|---|";
    for size in sizes {
        let find = |measure| lines.iter().find(|line| line.measure == measure && line.size == size);
        let text = |measure| find(measure).map_or("–".into(), cell);
        let batch = |measure| find(measure).map_or(0, |line| line.batch);
        let _ = write!(
            out,
            "\n| {}, {} | {} | {} |",
            size.n,
            size.t,
            text(Measure::Presignature),
            text(Measure::BaseTransfers)
        );
        let _ = write!(
            out,
            " {} | {} | {} |",
            batch(Measure::Presignature),
            text(Measure::Dkg),
            batch(Measure::Dkg)
        );
    }
    out + "\n"
}

pub fn profile(report: &Profile) -> String {
    let whole: f64 =
        report.parts.iter().filter(|part| !part.within).map(|part| part.median_ms).sum();
    let mut out = report.machine.describe();
    let _ = write!(
        out,
        "\nOne presignature at (10,7), batches of 256: {} ms for each party.\n\n",
        three_digits(whole)
    );
    out += "| part | CPU | share of all |\n|---|---|---|";
    for part in &report.parts {
        let name =
            if part.within { format!("– of it: {}", part.name) } else { part.name.clone() };
        let _ = write!(
            out,
            "\n| {name} | {} ms | {:.0} % |",
            three_digits(part.median_ms),
            100.0 * part.median_ms / whole
        );
    }
    out + "\n"
}
