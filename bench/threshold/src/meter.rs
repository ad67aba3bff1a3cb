//! What a run of a protocol costs each party: CPU time of the thread that plays them all in turn,
//! and bytes sent.

use cpu_time::ThreadTime;
use std::time::Duration;

/// The cost to a party, on average over the parties, of one of the things that a run makes.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub ms: f64,
    /// Bytes.
    pub sent: f64,
    /// How many things the run made.
    pub made: usize,
}

/// Parties are numbered from 0.
pub struct Meter {
    cpu: Vec<Duration>,
    sent: Vec<usize>,
}

impl Meter {
    pub fn new(parties: usize) -> Self {
        Meter { cpu: vec![Duration::ZERO; parties], sent: vec![0; parties] }
    }

    /// Charges `work` to a party.
    pub fn time<R>(&mut self, party: usize, work: impl FnOnce() -> R) -> R {
        let (result, took) = timed(work);
        self.add(party, took);
        result
    }

    pub fn add(&mut self, party: usize, took: Duration) {
        self.cpu[party] += took;
    }

    pub fn sent(&mut self, party: usize, bytes: usize) {
        self.sent[party] += bytes;
    }

    /// The cost of one of so many things that the run made.
    pub fn sample(&self, made: usize) -> Sample {
        let each = (self.cpu.len() * made) as f64;
        let ms = milliseconds(self.cpu.iter().sum()) / each;
        Sample { ms, sent: self.sent.iter().sum::<usize>() as f64 / each, made }
    }
}

/// CPU time of this thread: what else the machine does is not in it.
pub fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let begun = ThreadTime::now();
    let result = work();
    (result, begun.elapsed())
}

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The middle one, or the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}
