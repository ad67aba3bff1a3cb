//! How the cost grows with the network.

use crate::measure::{Line, Measure, Size, Subject, Who, interleave};
use crate::ours::network::Network;
use crate::ours::{keygen, presignature};
use conclave_threshold::group::Secp256k1;

const RUNS: usize = 3;
const KEYS: u32 = 64;
/// Members, and the batch: the largest network's messages would not fit into the memory of a small
/// machine with more.
const SIZES: [(u16, u32); 6] = [(3, 256), (5, 256), (7, 256), (10, 256), (16, 256), (31, 64)];

pub fn measure() -> Vec<Line> {
    SIZES
        .iter()
        .flat_map(|(n, batch)| interleave(Size::of(*n), RUNS, subjects(*n, *batch)))
        .collect()
}

fn subjects(n: u16, batch: u32) -> Vec<(Who, Subject)> {
    let network = Network::new(n);
    let keys = Network::new(n);
    vec![
        (Who::Ours, Box::new(move || presignature::make(&network, batch).samples())),
        (
            Who::Ours,
            Box::new(move || vec![(Measure::Dkg, keygen::make::<Secp256k1>(&keys, KEYS).sample)]),
        ),
    ]
}
