//! What the project promises of itself: bars that decide, and targets that orient.

use crate::measure::{Line, Measure, Size, Who};

/// One bar, and whether this run clears it.
pub struct Verdict {
    pub what: String,
    pub bar: String,
    /// `None` while there is nothing to measure.
    pub measured: Option<String>,
    pub holds: bool,
}

/// The size at which ours is held against the peers.
const DECIDING: u16 = 10;

const RATIOS: [(Measure, Who, f64); 6] = [
    (Measure::Presignature, Who::Dkls23, 6.5),
    (Measure::Presignature, Who::CaitSith, 55.0),
    (Measure::Dkg, Who::CaitSith, 1.8),
    (Measure::BlsShare, Who::Blsful, 3.0),
    (Measure::BlsCheck, Who::Blsful, 1.8),
    (Measure::BlsCombine, Who::Blsful, 20.0),
];

const MOST_SENT_MB: f64 = 0.30;

/// In milliseconds, on the machine that the bars were set on.
const TARGETS: [(Measure, u16, f64); 8] = [
    (Measure::Presignature, 3, 0.75),
    (Measure::Presignature, 10, 3.5),
    (Measure::Dkg, 10, 1.5),
    (Measure::Reshare, 10, 1.5),
    (Measure::CheckBinds, 10, 0.15),
    (Measure::Share, 10, 0.07),
    (Measure::Combine, 10, 0.14),
    (Measure::CheckShare, 10, 0.17),
];

fn find(lines: &[Line], measure: Measure, who: Who, n: u16) -> Option<&Line> {
    lines.iter().find(|line| (line.measure, line.who, line.size) == (measure, who, Size::of(n)))
}

/// All must hold.
pub fn deciding(lines: &[Line]) -> Vec<Verdict> {
    let ratios = RATIOS.iter().map(|(measure, peer, bar)| {
        let median = |who| Some(find(lines, *measure, who, DECIDING)?.median_ms);
        let ratio = median(*peer).zip(median(Who::Ours)).map(|(peer, ours)| peer / ours);
        Verdict {
            what: format!("{}: {} over ours", measure.label(), peer.label()),
            bar: format!("at least {bar}"),
            measured: ratio.map(|ratio| format!("{ratio:.2}")),
            holds: ratio.is_some_and(|ratio| ratio >= *bar),
        }
    });
    let sent =
        find(lines, Measure::Presignature, Who::Ours, DECIDING).map(|line| line.sent_bytes / 1e6);
    let bytes = Verdict {
        what: format!("{}: sent by a party", Measure::Presignature.label()),
        bar: format!("at most {MOST_SENT_MB:.2} MB"),
        measured: sent.map(|sent| format!("{sent:.3} MB")),
        holds: sent.is_some_and(|sent| sent <= MOST_SENT_MB),
    };
    ratios.chain([bytes]).collect()
}

pub fn targets(lines: &[Line]) -> Vec<Verdict> {
    let verdict = |(measure, n, target): &(Measure, u16, f64)| {
        let ms = find(lines, *measure, Who::Ours, *n).map(|line| line.median_ms);
        let Size { n, t } = Size::of(*n);
        Verdict {
            what: format!("{} ({n},{t})", measure.label()),
            bar: format!("{target} ms"),
            measured: ms.map(|ms| format!("{ms:.3} ms")),
            holds: ms.is_some_and(|ms| ms <= *target),
        }
    };
    TARGETS.iter().map(verdict).collect()
}
