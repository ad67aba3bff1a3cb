//! Where the time of a presignature goes.

use crate::meter::{median, milliseconds};
use crate::ours::delivery::Step;
use crate::ours::network::Network;
use crate::ours::parts::{self, Parts};
use crate::ours::presignature;
use crate::report::Part;

const RUNS: usize = 7;
const MEMBERS: u16 = 10;
const BATCH: u32 = 256;

/// Per presignature and party, medians.
pub fn measure() -> Vec<Part> {
    let network = Network::new(MEMBERS);
    let runs: Vec<Vec<(&str, bool, f64)>> = (0..RUNS).map(|_| one_run(&network)).collect();
    let part = |at: usize| {
        let (name, within, _) = runs[0][at];
        let all: Vec<_> = runs.iter().map(|run| run[at].2).collect();
        Part { name: name.into(), median_ms: median(&all), within }
    };
    (0..runs[0].len()).map(part).collect()
}

fn one_run(network: &Network) -> Vec<(&'static str, bool, f64)> {
    let Parts { extension_receiver, extension_sender, multiplication_send, multiplication_receive } =
        parts::measure(network, BATCH);
    let made = presignature::make(network, BATCH);
    let shared_by = (network.signers().len() * BATCH as usize) as f64;
    let of = |wanted: &dyn Fn(&Step) -> bool| {
        let steps = made.steps.iter().filter(|(step, _)| wanted(step));
        steps.map(|(_, took)| milliseconds(*took)).sum::<f64>() / shared_by
    };
    let work = |round| of(&|step| *step == Step::Work(round));
    vec![
        ("base transfers", false, made.base.ms),
        (
            "round 1: own points, transfers extended as receiver",
            false,
            of(&|step| *step == Step::Start),
        ),
        ("extension as receiver", true, extension_receiver),
        ("round 2: transfers extended as sender, multiplications", false, work(1)),
        ("extension as sender", true, extension_sender),
        ("multiplications as sender", true, multiplication_send),
        ("round 3: products, checks in the exponent, proofs", false, work(2)),
        ("multiplications as receiver", true, multiplication_receive),
        ("round 4: proofs and sums checked, root signed", false, work(3)),
        ("certificate", false, work(4)),
        (
            "messages taken: decoding, hashing, signatures",
            false,
            of(&|step| matches!(step, Step::Take(_))),
        ),
        ("messages encoded", false, of(&|step| *step == Step::Send)),
    ]
}
