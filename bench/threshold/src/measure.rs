//! What is measured, of whom, and the runs.

use crate::meter::{Sample, median};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// In the order of the report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    Presignature,
    BaseTransfers,
    PresignatureOfOneKey,
    Dkg,
    Reshare,
    Bind,
    TakeBinds,
    CheckBinds,
    Share,
    Combine,
    CheckShare,
    CheckAnswer,
    BlsShare,
    BlsCheck,
    BlsCombine,
    BlsSignature,
}

impl Measure {
    pub fn label(self) -> &'static str {
        match self {
            Measure::Presignature => "presignature",
            Measure::BaseTransfers => "of it: base transfers",
            Measure::PresignatureOfOneKey => "presignature of one key, from the triples",
            Measure::Dkg => "key generation",
            Measure::Reshare => "reshare, all to all",
            Measure::Bind => "bind: making the message",
            Measure::TakeBinds => "bind: taking all others' messages",
            Measure::CheckBinds => "bind: the checks",
            Measure::Share => "share",
            Measure::Combine => "client: sum and verify",
            Measure::CheckShare => "client: check one share",
            Measure::CheckAnswer => "client: check all t answers' certificates",
            Measure::BlsShare => "BLS share",
            Measure::BlsCheck => "BLS: check one share",
            Measure::BlsCombine => "BLS: combine t shares, unverified",
            Measure::BlsSignature => "BLS: combine t shares and verify",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Ours,
    Dkls23,
    CaitSith,
    Frost,
    Blsful,
}

impl Who {
    pub fn label(self) -> &'static str {
        match self {
            Who::Ours => "ours",
            Who::Dkls23 => "dkls23-core",
            Who::CaitSith => "cait-sith",
            Who::Frost => "frost-secp256k1-tr",
            Who::Blsful => "blsful",
        }
    }
}

/// Any `t` of `n` sign.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
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

/// Runs once, and tells what it cost.
pub type Subject = Box<dyn FnMut() -> Vec<(Measure, Sample)>>;

/// A number of the report, per party.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub measure: Measure,
    pub who: Who,
    pub size: Size,
    pub runs: usize,
    /// How many things one run makes: the size of the batch.
    pub batch: usize,
    pub median_ms: f64,
    pub least_ms: f64,
    pub most_ms: f64,
    pub sent_bytes: f64,
}

/// All subjects in turn, `runs` times: whatever the machine does meanwhile hits all of them alike.
pub fn interleave(size: Size, runs: usize, mut subjects: Vec<(Who, Subject)>) -> Vec<Line> {
    let mut samples: BTreeMap<(Measure, Who), Vec<Sample>> = BTreeMap::new();
    for run in 1..=runs {
        eprintln!("({},{}) run {run} of {runs}", size.n, size.t);
        for (who, subject) in &mut subjects {
            for (measure, sample) in subject() {
                samples.entry((measure, *who)).or_default().push(sample);
            }
        }
    }
    samples
        .into_iter()
        .map(|((measure, who), samples)| line(measure, who, size, &samples))
        .collect()
}

fn line(measure: Measure, who: Who, size: Size, samples: &[Sample]) -> Line {
    let ms: Vec<_> = samples.iter().map(|sample| sample.ms).collect();
    let sent: Vec<_> = samples.iter().map(|sample| sample.sent).collect();
    Line {
        measure,
        who,
        size,
        runs: samples.len(),
        batch: samples.first().map_or(0, |sample| sample.made),
        median_ms: median(&ms),
        least_ms: ms.iter().copied().fold(f64::INFINITY, f64::min),
        most_ms: ms.iter().copied().fold(0.0, f64::max),
        sent_bytes: median(&sent),
    }
}
