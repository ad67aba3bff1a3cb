//! Measures our threshold protocols against published crates, side by side on this machine.

mod blsful;
mod cait_sith;
mod dkls23;
mod frost;
mod measure;
mod meter;
mod ours;

use conclave_threshold::group::Secp256k1;
use measure::{Line, Measure, Size, Subject, Who, interleave};
use ours::network::Network;
use ours::signing::Signing;

const RUNS: usize = 7;
const BATCH: u32 = 256;
const KEYS: u32 = 64;
const SIGNATURES: usize = 8;

fn subjects(size: Size) -> Vec<(Who, Subject)> {
    let network = Network::new(size.n);
    let keys = Network::new(size.n);
    let mut signing = Signing::new(size.n, (RUNS * SIGNATURES) as u32);
    let dkls23 = dkls23::Dkls23::new(size);
    let (mut cait_keys, cait) = (cait_sith::CaitSith::new(size), cait_sith::CaitSith::new(size));
    let blsful = blsful::Blsful::new(size);
    vec![
        (Who::Ours, Box::new(move || vec![(Measure::Presignature, ours::presignature::make(&network, BATCH).sample)])),
        (Who::Dkls23, Box::new(move || dkls23.sign())),
        (Who::CaitSith, Box::new(move || [cait.sign(), cait.reshare()].concat())),
        (Who::Ours, Box::new(move || vec![(Measure::Dkg, ours::keygen::make::<Secp256k1>(&keys, KEYS).sample)])),
        (Who::CaitSith, Box::new(move || cait_keys.dkg())),
        (Who::Frost, Box::new(move || frost::dkg(size))),
        (Who::Ours, Box::new(move || signing.run(SIGNATURES))),
        (Who::Blsful, Box::new(move || blsful.sign())),
    ]
}

fn main() {
    let sizes = [3, 5, 10].map(Size::of);
    let lines: Vec<Line> = sizes.iter().flat_map(|size| interleave(*size, RUNS, subjects(*size))).collect();
    for l in &lines {
        println!(
            "{:?} {:?} {:?} {:.3} [{:.3}..{:.3}] {:.1} KB",
            l.measure,
            l.who,
            l.size,
            l.median_ms,
            l.least_ms,
            l.most_ms,
            l.sent_bytes / 1e3
        );
    }
}
