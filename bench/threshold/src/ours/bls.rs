//! Threshold BLS by a key of the network's kind.

use super::keygen;
use super::network::{Network, fresh};
use crate::measure::Measure;
use crate::meter::{Meter, Sample};
use conclave_threshold::bls::{BlsMessage, IDENTITY_PREFIX, Identity};
use conclave_threshold::group::Bls12381G1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::PartyId;
use conclave_threshold::verification_keys::VerificationKeys;
use std::collections::BTreeMap;

pub struct Bls {
    /// Of as many as sign.
    shares: Vec<(PartyId, KeyShare<Bls12381G1>)>,
    keys: VerificationKeys<Bls12381G1>,
}

impl Bls {
    pub fn new(members: u16) -> Self {
        let network = Network::new(members);
        let made = keygen::make::<Bls12381G1>(&network, 1).shares.into_iter();
        let mut shares: Vec<_> =
            made.filter_map(|(id, mut shares)| Some((id, shares.pop()?))).collect();
        let keys = VerificationKeys::new(shares[0].1.commitments(), &network.epoch.ids())
            .expect("enough members");
        shares.truncate(network.signers().len());
        Bls { shares, keys }
    }

    /// One signature.
    pub fn sign(&self) -> Vec<(Measure, Sample)> {
        let message = some_identity();
        let t = self.shares.len();
        let [mut share, mut check] = [(); 2].map(|()| Meter::new(t));
        let [mut combine, mut whole] = [(); 2].map(|()| Meter::new(1));
        let sign = |(at, (id, key)): (usize, &(PartyId, KeyShare<_>))| {
            (*id, share.time(at, || key.sign(&message)))
        };
        let shares: BTreeMap<_, _> = self.shares.iter().enumerate().map(sign).collect();
        for (at, (id, share)) in shares.iter().enumerate() {
            check.time(at, || self.keys.check_share(&message, *id, share)).expect("a good share");
        }
        combine.time(0, || self.keys.combine_checked(&shares)).expect("a signature");
        whole.time(0, || self.keys.combine(&message, &shares)).expect("a good signature");
        vec![
            (Measure::BlsShare, share.sample(1)),
            (Measure::BlsCheck, check.sample(1)),
            (Measure::BlsCombine, combine.sample(1)),
            (Measure::BlsSignature, whole.sample(1)),
        ]
    }
}

fn some_identity() -> BlsMessage {
    let hash = || fresh::<32>().map(|byte| format!("{byte:02x}")).concat();
    Identity::parse(&format!("{IDENTITY_PREFIX}{}/{}", hash(), hash())).expect("an identity").into()
}
