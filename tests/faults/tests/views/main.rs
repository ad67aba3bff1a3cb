//! What `t - 1` nodes see together does not make a key: every message of a key generation and of
//! several signatures, their presignatures included, is recorded and searched.

mod network;
mod rebuild;

use conclave_threshold::party::PartyId;
use network::Network;
use rebuild::{Coalition, Way};

/// All subsets of this size.
fn subsets(ids: &[PartyId], size: usize) -> Vec<Vec<PartyId>> {
    match ids {
        _ if size == 0 => vec![Vec::new()],
        [] => Vec::new(),
        [first, rest @ ..] => {
            let with_first =
                subsets(rest, size - 1).into_iter().map(|rest| [vec![*first], rest].concat());
            with_first.chain(subsets(rest, size)).collect()
        }
    }
}

fn fewer_than_the_threshold_rebuild_nothing(parties: u16, keys: u32, signatures: u32) {
    let mut network = Network::new(parties);
    network.generate_keys(keys);
    network.presign(signatures);
    for index in 0..signatures {
        network.sign(index, index as usize % keys as usize);
    }
    let (ids, threshold) = (network.epoch.ids(), usize::from(network.epoch.threshold()));
    let mut windows = 0;
    for members in subsets(&ids, threshold - 1) {
        let coalition = Coalition::new(&network, &members);
        windows += coalition.windows();
        for key in 0..keys as usize {
            assert_eq!(coalition.rebuild(key), None, "parties {members:?} of {parties}, key {key}");
        }
    }
    for members in subsets(&ids, threshold) {
        let coalition = Coalition::new(&network, &members);
        for key in 0..keys as usize {
            assert_eq!(
                coalition.rebuild(key),
                Some(Way::Shares),
                "parties {members:?} of {parties}, key {key}"
            );
        }
    }
    println!(
        "{parties} parties: {windows} windows of 32 bytes in the views of {} coalitions",
        subsets(&ids, threshold - 1).len()
    );
}

#[test]
fn no_t_minus_one_views_rebuild_a_key() {
    fewer_than_the_threshold_rebuild_nothing(3, 2, 3);
    fewer_than_the_threshold_rebuild_nothing(5, 2, 1);
}

/// What leaks of a key, given the network and the key.
type Leak = dyn Fn(&Network, k256::Scalar) -> Vec<k256::Scalar>;

/// Each way of looking finds what it looks for, when it is there.
#[test]
fn a_key_that_leaks_into_a_view_is_found_in_every_way() {
    let leaks: [(Way, &Leak); 5] = [
        (Way::Direct, &|_, key| vec![key]),
        (Way::Direct, &|_, key| vec![-key]),
        (Way::Pair, &|_, key| vec![key - k256::Scalar::from(5u64), k256::Scalar::from(5u64)]),
        (Way::Pair, &|_, key| vec![key + k256::Scalar::from(5u64), k256::Scalar::from(5u64)]),
        (Way::OneMoreShare, &|network, _| vec![network.share(PartyId::new(3).unwrap(), 0)]),
    ];
    for (way, leak) in leaks {
        let mut network = Network::new(3);
        network.generate_keys(1);
        let leaked = leak(&network, network.key(0));
        for scalar in leaked {
            // Behind a few bytes, so that it is not aligned.
            network.tell(PartyId::new(1).unwrap(), &[&[0xee; 3][..], &scalar.to_bytes()].concat());
        }
        let coalition = Coalition::new(&network, &[PartyId::new(1).unwrap()]);
        assert_eq!(coalition.rebuild(0), Some(way));
    }
}
