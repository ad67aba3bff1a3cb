//! Key generation, with attestations of the kind that the chain's contract checks.

use super::delivery::{Delivery, Step};
use super::network::{Network, ids};
use crate::meter::{Meter, Sample};
use conclave_threshold::dkg::{AttestationCheck, Ceremony, Config};
use conclave_threshold::group::Curve;
use conclave_threshold::key::KeyShare;
use conclave_threshold::machine::Machine;
use conclave_threshold::party::PartyId;
use k256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use k256::ecdsa::{Signature, SigningKey, VerifyingKey};
use std::collections::BTreeMap;

/// Every member's shares of the keys, in order, and what one key cost.
pub struct Made<C: Curve> {
    pub shares: BTreeMap<PartyId, Vec<KeyShare<C>>>,
    pub sample: Sample,
}

/// `keys` keys of the whole network.
pub fn make<C: Curve>(network: &Network, keys: u32) -> Made<C> {
    let members = ids(&network.nodes);
    let sid = network.session("dkg", &network.nodes, &keys.to_be_bytes());
    let accounts: BTreeMap<_, _> = members.iter().map(|id| (*id, account())).collect();
    let mut delivery = Delivery::begin(&members, Meter::new(members.len()), |me| {
        let node = network.node(me);
        let config = Config {
            epoch: network.epoch.clone(),
            participants: members.clone(),
            me,
            keys,
            signing_key: node.signing_key.clone(),
            sid,
            randomness: node.randomness(&sid),
        };
        Ceremony::<C>::start(config).expect("a proper configuration")
    });
    delivery.settle();
    let mut shares = BTreeMap::new();
    for (at, id) in members.iter().enumerate() {
        let provisional = delivery.machines[at].1.provisional().expect("checked keys");
        let transcript = provisional.transcript;
        delivery.act(at, Step::Work(3), |machine| {
            let attestation: Signature =
                accounts[id].sign_prehash(&transcript).expect("a signature");
            machine
                .attest(attestation.to_vec(), check_of(transcript, &accounts))
                .expect("a good attestation")
        });
        shares.insert(*id, provisional.keys);
    }
    delivery.settle();
    assert!(
        delivery.machines.iter_mut().all(|(_, machine)| machine.output().is_some()),
        "everybody has the certificate"
    );
    Made { shares, sample: delivery.meter.sample(keys as usize) }
}

fn account() -> SigningKey {
    SigningKey::from_slice(&super::network::fresh::<32>()).expect("below the order")
}

fn check_of(transcript: [u8; 32], accounts: &BTreeMap<PartyId, SigningKey>) -> AttestationCheck {
    let keys: BTreeMap<PartyId, VerifyingKey> =
        accounts.iter().map(|(id, key)| (*id, *key.verifying_key())).collect();
    Box::new(move |id, attestation| {
        let signature = Signature::from_slice(attestation);
        signature.is_ok_and(|signature| keys[&id].verify_prehash(&transcript, &signature).is_ok())
    })
}
