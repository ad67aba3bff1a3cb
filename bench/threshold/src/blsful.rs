//! blsful with signatures in G2, as ours.

use crate::measure::{Measure, Size};
use crate::meter::{Meter, Sample};
use crate::ours::network::fresh;
use blsful::{Bls12381G2Impl, PublicKey, PublicKeyShare, SecretKey, SecretKeyShare, Signature};

pub struct Blsful {
    public_key: PublicKey<Bls12381G2Impl>,
    shares: Vec<SecretKeyShare<Bls12381G2Impl>>,
    public_shares: Vec<PublicKeyShare<Bls12381G2Impl>>,
}

impl Blsful {
    pub fn new(size: Size) -> Self {
        let key = SecretKey::<Bls12381G2Impl>::new();
        let mut shares = key.split(size.t.into(), size.n.into()).expect("shares");
        shares.truncate(size.t.into());
        let public_shares =
            shares.iter().map(|share| share.public_key().expect("a public share")).collect();
        Blsful { public_key: key.public_key(), shares, public_shares }
    }

    /// One signature.
    pub fn sign(&self) -> Vec<(Measure, Sample)> {
        let message: [u8; 32] = fresh();
        let t = self.shares.len();
        let [mut share, mut check] = [(); 2].map(|()| Meter::new(t));
        let [mut combine, mut whole] = [(); 2].map(|()| Meter::new(1));
        let sign = |(at, key): (usize, &SecretKeyShare<_>)| {
            share.time(at, || key.sign_basic(message)).expect("a share")
        };
        let signatures: Vec<_> = self.shares.iter().enumerate().map(sign).collect();
        for (at, (signature, public)) in signatures.iter().zip(&self.public_shares).enumerate() {
            check.time(at, || signature.verify(public, message)).expect("a good share");
        }
        combine.time(0, || Signature::from_shares(&signatures)).expect("a signature");
        whole
            .time(0, || Signature::from_shares(&signatures)?.verify(&self.public_key, message))
            .expect("a good signature");
        vec![
            (Measure::BlsShare, share.sample(1)),
            (Measure::BlsCheck, check.sample(1)),
            (Measure::BlsCombine, combine.sample(1)),
            (Measure::BlsSignature, whole.sample(1)),
        ]
    }
}
