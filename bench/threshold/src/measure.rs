//! What is measured, of whom, and the runs.

use crate::meter::{Sample, median};
use serde::Serialize;
use std::collections::BTreeMap;

/// In the order of the report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    Presignature,
    PresignatureOfOneKey,
    Dkg,
    Reshare,
    Bind,
    TakeBinds,
    Share,
    Combine,
    CheckShare,
    CheckAnswer,
    BlsShare,
    BlsCheck,
    BlsCombine,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Ours,
    Dkls23,
    CaitSith,
    Frost,
    Blsful,
}

/// `t` of `n`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Size {
    pub n: u16,
    pub t: u16,
}

impl Size {
    /// Two thirds sign.
    pub fn of(n: u16) -> Self {
        Size { n, t: (2 * n).div_ceil(3) }
    }
}

/// Something that a run measures.
pub type Subject = Box<dyn FnMut() -> Vec<(Measure, Sample)>>;

/// A number of the report, per party.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub measure: Measure,
    pub who: Who,
    #[serde(flatten)]
    pub size: Size,
    pub runs: usize,
    pub median_ms: f64,
    pub least_ms: f64,
    pub most_ms: f64,
    pub sent_bytes: f64,
}

/// All subjects in turn, `runs` times: whatever the machine does meanwhile hits all of them alike.
pub fn interleave(size: Size, runs: usize, mut subjects: Vec<(Who, Subject)>) -> Vec<Line> {
    let mut samples: BTreeMap<(Measure, Who), Vec<Sample>> = BTreeMap::new();
    for _ in 0..runs {
        for (who, subject) in &mut subjects {
            for (measure, sample) in subject() {
                samples.entry((measure, *who)).or_default().push(sample);
            }
        }
    }
    samples.into_iter().map(|((measure, who), samples)| line(measure, who, size, &samples)).collect()
}

fn line(measure: Measure, who: Who, size: Size, samples: &[Sample]) -> Line {
    let ms: Vec<_> = samples.iter().map(|sample| sample.ms).collect();
    let sent: Vec<_> = samples.iter().map(|sample| sample.sent).collect();
    Line {
        measure,
        who,
        size,
        runs: samples.len(),
        median_ms: median(&ms),
        least_ms: ms.iter().copied().fold(f64::INFINITY, f64::min),
        most_ms: ms.iter().copied().fold(0.0, f64::max),
        sent_bytes: median(&sent),
    }
}
