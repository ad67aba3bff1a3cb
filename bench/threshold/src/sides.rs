//! Ours and the peers, in turn.

use crate::measure::{Line, Measure, Size, Subject, Who, interleave};
use crate::ours::bls::Bls;
use crate::ours::network::Network;
use crate::ours::reshare::Resharing;
use crate::ours::signing::Signing;
use crate::ours::{keygen, presignature};
use crate::{blsful, cait_sith, dkls23, frost};
use conclave_threshold::group::Secp256k1;

const RUNS: usize = 7;
const SIZES: [u16; 3] = [3, 5, 10];
const BATCH: u32 = 256;
const KEYS: u32 = 64;
/// Signatures of one run: a single one is too short to time.
const SIGNATURES: usize = 8;

pub fn measure() -> Vec<Line> {
    SIZES.map(Size::of).iter().flat_map(|size| interleave(*size, RUNS, subjects(*size))).collect()
}

fn subjects(size: Size) -> Vec<(Who, Subject)> {
    let (offline, keys) = (Network::new(size.n), Network::new(size.n));
    let (resharing, bls) = (Resharing::new(size.n, KEYS), Bls::new(size.n));
    let mut signing = Signing::new(size.n, (RUNS * SIGNATURES) as u32);
    let dkls23 = dkls23::Dkls23::new(size);
    let mut cait_sith = cait_sith::CaitSith::new(size);
    let blsful = blsful::Blsful::new(size);
    vec![
        (Who::Ours, Box::new(move || presignature::make(&offline, BATCH).samples())),
        (Who::Dkls23, Box::new(move || dkls23.sign())),
        (Who::CaitSith, Box::new(move || cait_sith.all())),
        (
            Who::Ours,
            Box::new(move || vec![(Measure::Dkg, keygen::make::<Secp256k1>(&keys, KEYS).sample)]),
        ),
        (Who::Frost, Box::new(move || frost::dkg(size))),
        (Who::Ours, Box::new(move || vec![(Measure::Reshare, resharing.run())])),
        (Who::Ours, Box::new(move || signing.run(SIGNATURES))),
        (Who::Ours, Box::new(move || bls.sign())),
        (Who::Blsful, Box::new(move || blsful.sign())),
    ]
}
