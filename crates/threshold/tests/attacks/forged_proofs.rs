//! Proofs made without the secret: a challenge has 256 bits, and guessing it is all there is.

use crate::presigning::{party, randomness};
use crate::report;
use conclave_threshold::group::{Curve, Secp256k1};
use conclave_threshold::presign::Statement;
use k256::{AffinePoint, ProjectivePoint};

/// How many proofs pass of those that fit a guessed challenge: the equation holds for each, only
/// the hash can refuse.
fn accepted(tries: u32) -> usize {
    let mut dice = randomness(b"forger", 0);
    let [r, b, fh, wh] = [(); 4].map(|()| {
        AffinePoint::from(Secp256k1::generator_times(&Secp256k1::random_scalar(&mut dice)))
    });
    let u = Secp256k1::random_scalar(&mut dice);
    let statement = Statement {
        sid: &[1; 32],
        index: 0,
        prover: party(1),
        r: &r,
        b: &b,
        fh: &fh,
        wh: &wh,
        u: &u,
    };
    let batches = (0..tries.div_ceil(256)).map(|_| {
        let [guess, mut response] = [(); 2].map(|()| Secp256k1::random_scalar(&mut dice));
        let mut commitment =
            ProjectivePoint::from(r) * response - ProjectivePoint::from(fh) * guess;
        let tries = (0..256).filter(|_| {
            response += Secp256k1::scalar(1);
            commitment += r;
            statement.verify(&commitment.to_affine(), &response)
        });
        tries.count()
    });
    batches.sum()
}

#[test]
fn no_forged_proof_passes() {
    assert_eq!(accepted(1 << 16), 0);
}

#[test]
#[ignore = "long"]
fn long_forged_proofs() {
    assert_eq!(accepted(1 << 20), 0);
    report(format_args!("2^20 forged proofs, none accepted"));
}
