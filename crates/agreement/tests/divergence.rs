//! Actions that come to different ends at different nodes: what they agree on is signed, and
//! nothing else.

#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "calls/network.rs"]
mod calls;
#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "exchanges/network.rs"]
mod network;
#[path = "support/unused_entropy.rs"]
mod unused_entropy;

use calls::{Network, Verdicts};
use conclave_agreement::exchange::{Operation, Outcome as Exchanged, Want, exchange_id};
use conclave_agreement::signing::{CallId, Outcome, SigningMessage, Verdict};
use conclave_threshold::ids::RequestKey;
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

const SIZES: [usize; 4] = [3, 4, 5, 7];
const CALLS_OF_A_NETWORK: u64 = 5;
/// All that a call waits for, in milliseconds, and a little more.
const ENOUGH: u64 = 8_000;

/// What each node wants: the digest of its own end, or no signature.
type Ends = BTreeMap<u16, Option<u8>>;

/// How the nodes of a divergent action differ: each reads its own clock, or one of a few prices, or
/// one or two of them fail.
fn ends(size: usize, seed: u64) -> Ends {
    let mixed = |id: u16| {
        (seed ^ u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
            >> 40
    };
    let end = |id: u16| match seed % 4 {
        0 => Some(id as u8),
        1 => Some((mixed(id) % 2) as u8),
        2 => Some((mixed(id) % 3) as u8),
        _ => (!mixed(id).is_multiple_of(3)).then_some((mixed(id) / 3 % 2) as u8),
    };
    (1..=size as u16).map(|id| (id, end(id))).collect()
}

fn verdicts(ends: &Ends) -> Verdicts {
    let ends = ends.clone();
    Verdicts::by(move |id| ends[&id])
}

/// How many nodes want each digest.
fn groups(ends: &Ends) -> BTreeMap<u8, usize> {
    let mut groups = BTreeMap::new();
    for digest in ends.values().flatten() {
        *groups.entry(*digest).or_default() += 1;
    }
    groups
}

/// Whatever happened: no share of a digest that fewer than the threshold want, and no share of a
/// node that wants another.
fn assert_only_the_agreed(network: &Network, call: &CallId, ends: &Ends, seed: u64) {
    let groups = groups(ends);
    for (id, outcome) in network.outcomes(call) {
        if let Outcome::Share(answer) = outcome {
            let digest = answer.assignment.assignment.digest.as_bytes()[0];
            assert_eq!(
                ends[&id.number()],
                Some(digest),
                "seed {seed}: node {id} gave a share of what it does not want"
            );
            assert!(
                groups[&digest] >= network.threshold(),
                "seed {seed}: {} nodes want what was signed",
                groups[&digest]
            );
        }
    }
    network.assert_single_nonce(call, seed);
}

/// On a network without faults: a signature, or the whole story of the split from every node.
fn assert_signed_or_told(network: &Network, call: &CallId, ends: &Ends, seed: u64) -> bool {
    if groups(ends).values().any(|size| *size >= network.threshold()) {
        assert!(network.signature(call).is_some(), "seed {seed}: enough agree: {ends:?}");
        return true;
    }
    assert!(network.signature(call).is_none(), "seed {seed}");
    let outcomes = network.outcomes(call);
    assert_eq!(outcomes.len(), ends.len(), "seed {seed}: every node answers");
    for (id, outcome) in outcomes {
        match (outcome, ends[&id.number()]) {
            (Outcome::Refused { .. }, None) => (),
            (Outcome::Split(announces), Some(_)) => {
                assert_tells_who_wanted_what(announces.iter(), ends, network.threshold(), seed)
            }
            other => panic!("seed {seed}: node {id} ended with {other:?}"),
        }
    }
    false
}

/// Each announce is its author's own word, and together they show that no digest can have enough.
fn assert_tells_who_wanted_what<'a>(
    announces: impl Iterator<Item = &'a conclave_agreement::signing::SignedAnnounce>,
    ends: &Ends,
    threshold: usize,
    seed: u64,
) {
    let mut told: BTreeMap<Option<u8>, BTreeSet<PartyId>> = BTreeMap::new();
    for announce in announces.map(|signed| &signed.announce) {
        let said = if let Verdict::Yes { digest } = &announce.verdict {
            Some(digest.as_bytes()[0])
        } else {
            None
        };
        assert_eq!(
            said,
            ends[&announce.from.number()],
            "seed {seed}: node {} is misquoted",
            announce.from
        );
        assert!(
            told.entry(said).or_default().insert(announce.from),
            "seed {seed}: node {} is quoted twice",
            announce.from
        );
    }
    let quoted: usize = told.values().map(BTreeSet::len).sum();
    let largest = told
        .iter()
        .filter(|(digest, _)| digest.is_some())
        .map(|(_, nodes)| nodes.len())
        .max()
        .unwrap_or(0);
    assert!(
        largest + ends.len() - quoted < threshold,
        "seed {seed}: the quoted do not show a split: {told:?}"
    );
}

/// So many divergent actions, the last one of each network with a fault; returns how many were
/// signed.
fn divergent_actions(seeds: Range<u64>) -> (u64, u64) {
    let (mut signed, mut runs) = (0, 0);
    for seed in seeds.clone().step_by(CALLS_OF_A_NETWORK as usize) {
        let size = SIZES[(seed / CALLS_OF_A_NETWORK) as usize % SIZES.len()];
        let mut network = Network::new(size, seed);
        for number in 0..CALLS_OF_A_NETWORK {
            let seed = seed + number;
            let ends = ends(size, seed);
            let faulty = number + 1 == CALLS_OF_A_NETWORK;
            if faulty {
                match seed / CALLS_OF_A_NETWORK % 4 {
                    0 => network
                        .kill_first_sender_of(|message| matches!(message, SigningMessage::Bind(_))),
                    1 => network.stall_first_sender_of(
                        |message| matches!(message, SigningMessage::Announce(_)),
                        400,
                    ),
                    2 => network.delay_up_to(120),
                    _ => network.lose_one_in(10),
                }
            }
            let call = network.ask(verdicts(&ends));
            network.run_for(ENOUGH);
            assert_only_the_agreed(&network, &call, &ends, seed);
            signed += match faulty {
                true => u64::from(network.signature(&call).is_some()),
                false => u64::from(assert_signed_or_told(&network, &call, &ends, seed)),
            };
            runs += 1;
        }
        network.assert_no_presignature_served_twice(seed);
    }
    (signed, runs)
}

#[test]
fn divergent_actions_are_signed_only_where_enough_nodes_agree() {
    let (signed, runs) = divergent_actions(0..300);
    println!("{signed} of {runs} divergent actions had enough nodes that agree");
    assert!(signed > 0 && signed < runs, "both ends were seen");
}

#[test]
#[ignore = "minutes; part of the campaigns"]
fn long_divergent_actions_are_signed_only_where_enough_nodes_agree() {
    const RUNS: u64 = 5_000;
    let (signed, runs) = divergent_actions(10_000..10_000 + RUNS);
    assert!(signed > 0 && signed < runs, "both ends were seen");
    println!(
        "long: {runs} divergent actions, {signed} of them signed, each by nodes that agree, and none by fewer than the threshold"
    );
}

/// A member that shows everybody another set of values makes their actions end differently; then
/// they do not sign.
#[test]
fn a_liar_in_a_collection_gets_nothing_signed_that_fewer_than_the_threshold_want() {
    for seed in 0..40 {
        let size = SIZES[seed as usize % SIZES.len()];
        let mut exchange = network::Network::new(size, seed);
        exchange.make_two_faced(exchange.order(1)[seed as usize / 4 % size]);
        let id = exchange_id(&RequestKey::new([1; 32]), "Qm", Operation::Collect, "prices", 0);
        for node in exchange.ids() {
            exchange.begin_after(
                0,
                node,
                1,
                id,
                Want::Collect { value: format!("price of {node}") },
            );
        }
        exchange.run_for(6_000);
        let mut lists: Vec<BTreeSet<String>> = Vec::new();
        let mut wanted = Ends::new();
        for (node, outcome) in exchange.outcomes(&id) {
            let end = if let Exchanged::Collected(values) = outcome {
                let list: BTreeSet<String> = values.iter().cloned().collect();
                let known = lists.iter().position(|other| *other == list);
                Some(known.unwrap_or_else(|| {
                    lists.push(list);
                    lists.len() - 1
                }) as u8)
            } else {
                None
            };
            wanted.insert(node.number(), end);
        }
        assert_eq!(wanted.len(), size, "seed {seed}: every node ends");
        let mut network = Network::new(size, seed);
        let call = network.ask(verdicts(&wanted));
        network.run_for(ENOUGH);
        assert_only_the_agreed(&network, &call, &wanted, seed);
        assert_signed_or_told(&network, &call, &wanted, seed);
    }
}
