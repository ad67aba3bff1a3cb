//! Honest parties of different configurations: a mismatch, and nobody is blamed.

use super::*;
use crate::session::session_id;

/// What one party may have otherwise than the others.
#[derive(Clone, Copy, Debug)]
enum Skew {
    Protocol,
    Network,
    EpochNumber,
    Member,
    Threshold,
    Participants,
    Keys,
    Nonce,
}

const SKEWS: [Skew; 8] = [
    Skew::Protocol,
    Skew::Network,
    Skew::EpochNumber,
    Skew::Member,
    Skew::Threshold,
    Skew::Participants,
    Skew::Keys,
    Skew::Nonce,
];

/// The session id as a party computes it that has `skew` in its configuration.
fn sid_with(network: &Network<Secp256k1>, skew: Option<Skew>, seed: u8) -> SessionId {
    let epoch = &network.epoch;
    let (mut hash, mut number, mut members, mut threshold) =
        (*epoch.network(), 1, epoch.members().to_vec(), epoch.threshold());
    let (mut kind, mut participants, mut keys) = ("key generation", epoch.ids(), 1u32);
    let mut nonces: BTreeMap<_, _> = epoch.ids().into_iter().map(|id| (id, [seed; 32])).collect();
    match skew {
        None => {}
        Some(Skew::Protocol) => kind = "presignatures",
        Some(Skew::Network) => hash[31] ^= 1,
        Some(Skew::EpochNumber) => number += 1,
        Some(Skew::Member) => members[2].identity[0] ^= 1,
        Some(Skew::Threshold) => threshold += 1,
        Some(Skew::Participants) => participants.truncate(2),
        Some(Skew::Keys) => keys += 1,
        Some(Skew::Nonce) => nonces.get_mut(&party(2)).unwrap()[0] ^= 1,
    }
    let epoch = Epoch::new(hash, number, members, threshold).unwrap();
    session_id(kind, &epoch, &participants, &keys.encoded(), &nonces)
}

fn nobody_is_blamed(skew: Skew, odd: PartyId, seed: u8) {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let (common, skewed) = (sid_with(&network, None, seed), sid_with(&network, Some(skew), seed));
    assert_ne!(common, skewed, "{skew:?}");
    network.queue.clear();
    for id in [1, 2, 3].map(party) {
        let sid = if id == odd { skewed } else { common };
        let config = Config { sid, ..network.config(id, &[1, 2, 3].map(party), 1) };
        let (ceremony, sent) = Ceremony::start(config).unwrap();
        network.ceremonies.insert(id, ceremony);
        network.post(id, sent);
    }
    assert!(network.run(&mut untouched).is_empty(), "{skew:?}: completed");
    // The odd one hears two, and each of the others one, of another session.
    assert_eq!(network.faults.len(), 4, "{skew:?}");
    for (id, fault) in &network.faults {
        assert!(
            matches!(fault, Fault::Mismatch { field: "session", .. }),
            "{skew:?}: {id} says {fault}"
        );
        assert_eq!(fault.culprit(), None);
        assert!(!fault.is_fatal(), "{skew:?}");
    }
}

#[test]
fn a_skewed_configuration_is_a_mismatch_and_blames_nobody() {
    for skew in SKEWS {
        (1..=3).for_each(|odd| nobody_is_blamed(skew, party(odd), 0));
    }
}

#[test]
#[ignore = "1 008 ceremonies"]
fn long_a_skewed_configuration_is_a_mismatch_and_blames_nobody() {
    for seed in 0..42 {
        for skew in SKEWS {
            (1..=3).for_each(|odd| nobody_is_blamed(skew, party(odd), seed));
        }
    }
}
