//! Two epochs alive in one process: every frame reaches the member of its own epoch and no other.

use conclave_agreement::exchange::{ExchangeMessage, Operation, Want, exchange_id};
use conclave_agreement::signing::{CallId, Outcome, Timing, Verdict, Wish, call_id, name_hash};
use conclave_agreement::stocking::StockTargets;
use conclave_agreement::time::{Duration, Instant};
use conclave_agreement::{
    Addressed, Entropy, Frame, FrameError, Input, Member, MemberConfig, MemberMessage, Output,
    Router, Ticket, exchange,
};
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, EpochDigest, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::party::{Epoch, Member as Roster, PartyId};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_batch, deal_key};
use ed25519_dalek::SigningKey;
use k256::AffinePoint;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

struct Seeded(Randomness, u64);

impl Seeded {
    fn new(seed: u8) -> Self {
        Seeded(Randomness::from_seed([seed; 32]), 0)
    }
}

impl Entropy for Seeded {
    fn randomness(&mut self, session: &[u8]) -> Randomness {
        self.1 += 1;
        self.0.fork(session, self.1)
    }
}

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

/// Node `n` of four; its number is another in each epoch.
fn key(node: usize) -> SigningKey {
    SigningKey::from_bytes(&[node as u8 + 1; 32])
}

fn identity(node: usize) -> [u8; 32] {
    key(node).verifying_key().to_bytes()
}

/// An epoch of the nodes 0, 1, 2, .. under these numbers.
fn epoch(number: u64, ids: &[u16]) -> Arc<Epoch> {
    let mut members: Vec<Roster> = ids
        .iter()
        .enumerate()
        .map(|(node, id)| Roster { id: party(*id), identity: identity(node) })
        .collect();
    members.sort_by_key(|member| member.id);
    Arc::new(Epoch::new([7; 32], number, members, 3).unwrap())
}

/// Four nodes with a member each in two epochs, and every frame that passed between them.
struct Network {
    epochs: [Arc<Epoch>; 2],
    nodes: Vec<(Router, Seeded)>,
    keys: [BTreeMap<PartyId, Arc<KeyShare<Secp256k1>>>; 2],
    outcomes: BTreeMap<(EpochDigest, CallId, usize), Outcome>,
    exchanged: Vec<(EpochDigest, usize, exchange::Outcome)>,
    /// Frames by sender, receiver and bytes.
    passed: Vec<(usize, usize, Vec<u8>)>,
    now: Instant,
}

impl Network {
    fn new() -> Self {
        let epochs = [epoch(5, &[1, 2, 3, 4]), epoch(6, &[40, 9, 5, 2])];
        let mut randomness = Randomness::from_seed([1; 32]);
        let keys = [0, 1].map(|at: usize| {
            let shares = deal_key::<Secp256k1>(3, &epochs[at].ids(), &mut randomness);
            shares.into_iter().map(|(id, share)| (id, Arc::new(share))).collect()
        });
        let mut nodes: Vec<_> =
            (0..4).map(|node| (Router::default(), Seeded::new(node as u8 + 10))).collect();
        for epoch in &epochs {
            for (node, (router, entropy)) in nodes.iter_mut().enumerate() {
                let own = epoch.members().iter().find(|m| m.identity == identity(node)).unwrap();
                let config = MemberConfig {
                    epoch: epoch.clone(),
                    me: own.id,
                    signing_key: key(node),
                    timing: Timing::default(),
                    exchange_timing: exchange::Timing::default(),
                    // Nothing is made: what there is was dealt.
                    targets: StockTargets { pool: 0, presignatures: 0 },
                };
                let member = Member::new(config, entropy);
                router.insert(member, Instant::START, entropy);
            }
        }
        let mut network = Network {
            epochs,
            nodes,
            keys,
            outcomes: BTreeMap::new(),
            exchanged: Vec::new(),
            passed: Vec::new(),
            now: Instant::START,
        };
        network.link();
        network.deal(&mut randomness);
        network
    }

    fn link(&mut self) {
        for node in 0..4 {
            for peer in (0..4).filter(|peer| *peer != node) {
                let (router, entropy) = &mut self.nodes[node];
                let outputs =
                    router.link_opened(identity(peer), [peer as u8; 16], Instant::START, entropy);
                assert!(outputs.iter().all(|addressed| !is_send(addressed)));
            }
        }
    }

    /// A batch for every set of both epochs, known to everybody.
    fn deal(&mut self, randomness: &mut Randomness) {
        for at in 0..2 {
            let epoch = self.epochs[at].clone();
            let ids = epoch.ids();
            let of_node = |id: PartyId| {
                (0..4).find(|node| epoch.identity(id) == Some(&identity(*node))).unwrap()
            };
            let keys = ids.iter().map(|id| (*id, key(of_node(*id)))).collect();
            for left_out in &ids {
                let set: Vec<_> = ids.iter().copied().filter(|id| id != left_out).collect();
                let batch = deal_batch(&epoch, &set, 8, &keys, randomness);
                let certificate = batch.values().next().unwrap().certificate.clone();
                for (id, part) in batch {
                    let (router, entropy) = &mut self.nodes[of_node(id)];
                    let mut member = router.remove(&epoch.digest()).unwrap();
                    member.hold(part);
                    router.insert(member, Instant::START, entropy);
                }
                for from in &set {
                    let message = MemberMessage::Signing(
                        conclave_agreement::signing::SigningMessage::BatchReady(Box::new(
                            (*certificate).clone(),
                        )),
                    );
                    for id in ids.iter().filter(|id| *id != from) {
                        let (router, entropy) = &mut self.nodes[of_node(*id)];
                        let input = Input::Message { from: *from, message: message.clone() };
                        router.handle(&epoch.digest(), input, Instant::START, entropy);
                    }
                }
            }
        }
    }

    fn node_of(&self, digest: &EpochDigest, id: PartyId) -> usize {
        let epoch = self.epochs.iter().find(|epoch| epoch.digest() == *digest).unwrap();
        (0..4).find(|node| epoch.identity(id) == Some(&identity(*node))).unwrap()
    }

    /// Carries frames to and fro until nobody has anything to say.
    fn settle(&mut self, node: usize, outputs: Vec<Addressed>) {
        let mut due: Vec<(usize, Addressed)> =
            outputs.into_iter().map(|addressed| (node, addressed)).collect();
        while let Some((node, Addressed { epoch, output })) = due.pop() {
            match output {
                Output::Send { to, message } => {
                    let bytes = Frame { epoch, message }.encoded();
                    let to = self.node_of(&epoch, to);
                    self.passed.push((node, to, bytes.clone()));
                    let (router, entropy) = &mut self.nodes[to];
                    let (read, from, message) = router.read(&identity(node), &bytes).unwrap();
                    let input = Input::Message { from, message };
                    let more = router.handle(&read, input, self.now, entropy);
                    assert!(more.iter().all(|addressed| addressed.epoch == epoch));
                    due.extend(more.into_iter().map(|addressed| (to, addressed)));
                }
                Output::Called { call, outcome, .. } => {
                    self.outcomes.insert((epoch, call, node), outcome);
                }
                Output::Exchanged { outcome, .. } => self.exchanged.push((epoch, node, outcome)),
                _ => (),
            }
        }
    }

    /// Every node takes up a call in this epoch, under the same request key in both.
    fn call(&mut self, at: usize, digest: u8) -> CallId {
        let epoch = self.epochs[at].clone();
        let (request_key, name_hash) = (RequestKey::new([3; 32]), name_hash("signature"));
        for node in 0..4 {
            let own = epoch.members().iter().find(|m| m.identity == identity(node)).unwrap().id;
            let share = self.keys[at][&own].clone();
            let mut public_key = [0; 33];
            public_key.copy_from_slice(&AffinePoint::from(share.public_key()).encoded());
            let wish = Wish {
                request_key,
                name_hash,
                public_key,
                verdict: Verdict::Yes { digest: Digest::new([digest; 32]) },
                key: Some(share),
                patience: Duration::from_secs(6),
            };
            let (router, entropy) = &mut self.nodes[node];
            let input = Input::Sign(Box::new(wish));
            let outputs = router.handle(&epoch.digest(), input, self.now, entropy);
            self.settle(node, outputs);
        }
        call_id(&request_key, &name_hash)
    }

    fn collect(&mut self, at: usize, nodes: &[usize], value: &str) {
        let epoch = self.epochs[at].digest();
        let exchange = exchange_id(&RequestKey::new([4; 32]), "Qm", Operation::Collect, "name", 0);
        for node in nodes {
            let wish = exchange::Wish {
                exchange,
                request_key: RequestKey::new([4; 32]),
                want: Want::Collect { value: value.to_owned() },
                patience: Duration::from_secs(6),
            };
            let (router, entropy) = &mut self.nodes[*node];
            let input = Input::Exchange { ticket: Ticket(1), wish: Box::new(wish) };
            let outputs = router.handle(&epoch, input, self.now, entropy);
            self.settle(*node, outputs);
        }
    }
}

fn is_send(addressed: &Addressed) -> bool {
    matches!(addressed.output, Output::Send { .. })
}

#[test]
fn the_same_call_in_two_epochs_at_once_is_signed_in_each_with_its_own_presignatures() {
    let mut network = Network::new();
    let calls = [network.call(0, 1), network.call(1, 2)];
    assert_eq!(calls[0], calls[1], "the same request");
    let mut used = BTreeSet::new();
    for (epoch, digest) in network.epochs.clone().iter().zip([1, 2]) {
        let outcomes: Vec<&Outcome> = network
            .outcomes
            .iter()
            .filter(|((of, _, _), _)| *of == epoch.digest())
            .map(|(_, outcome)| outcome)
            .collect();
        let answers: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Share(answer) => Some(answer),
                _ => None,
            })
            .collect();
        assert_eq!((outcomes.len(), answers.len()), (4, 3));
        for answer in answers {
            let assignment = &answer.assignment.assignment;
            assert_eq!(
                (assignment.epoch, assignment.digest),
                (epoch.digest(), Digest::new([digest; 32]))
            );
            assert!(assignment.set.iter().all(|id| epoch.identity(*id).is_some()));
            used.insert((epoch.digest(), assignment.sid));
        }
    }
    assert_eq!(used.len(), 2);
    assert_ne!(used.first().unwrap().1, used.last().unwrap().1);
}

#[test]
fn no_message_of_one_epoch_reaches_the_other() {
    let mut network = Network::new();
    // Only node 0 comes to the exchange in the first epoch, only node 1 in the second: were one
    // message to cross, each would hear the other's value.
    network.collect(0, &[0, 2], "of the first");
    network.collect(1, &[1, 3], "of the second");
    assert!(network.exchanged.is_empty(), "two of four are too few in each");
    network.collect(0, &[1, 3], "of the first");
    assert_eq!(network.exchanged.len(), 4);
    for (epoch, _, outcome) in &network.exchanged {
        assert_eq!(*epoch, network.epochs[0].digest());
        let exchange::Outcome::Collected(values) = outcome else { panic!("{outcome:?}") };
        assert!(values.len() >= 3 && values.iter().all(|value| value == "of the first"));
    }
}

#[test]
fn a_frame_under_another_epochs_name_changes_nothing_there() {
    let mut network = Network::new();
    network.call(0, 1);
    let other = network.epochs[1].digest();
    let passed = core::mem::take(&mut network.passed);
    assert!(passed.len() > 10);
    for (from, to, mut bytes) in passed {
        // As a corrupt member would relabel it.
        bytes[..32].copy_from_slice(other.as_bytes());
        let (router, entropy) = &mut network.nodes[to];
        let (epoch, sender, message) = router.read(&identity(from), &bytes).unwrap();
        assert_eq!(epoch, other);
        let before = router.member(&other).unwrap().status();
        let input = Input::Message { from: sender, message };
        let outputs = router.handle(&epoch, input, network.now, entropy);
        let said = |addressed: &Addressed| match &addressed.output {
            Output::Called { .. } | Output::Exchanged { .. } => true,
            Output::Send { message, .. } => !is_harmless(message),
            _ => false,
        };
        assert!(!outputs.iter().any(said));
        assert_eq!(router.member(&other).unwrap().status(), before);
    }
}

/// What anybody may be told: nothing of it moves a call.
fn is_harmless(message: &MemberMessage) -> bool {
    matches!(message, MemberMessage::Exchange(ExchangeMessage::Ask(_)))
}

#[test]
fn an_epoch_that_ends_takes_its_calls_and_stock_along_and_the_other_goes_on() {
    let mut network = Network::new();
    let [first, second] = network.epochs.clone().map(|epoch| epoch.digest());
    for (router, _) in &mut network.nodes {
        assert!(router.member(&first).unwrap().status().presignatures > 0);
        assert!(router.remove(&first).is_some());
        assert!(router.member(&first).is_none() && router.identity(&first, party(1)).is_none());
    }
    let message = MemberMessage::Exchange(ExchangeMessage::Ask(exchange_id(
        &RequestKey::new([4; 32]),
        "Qm",
        Operation::Collect,
        "name",
        0,
    )));
    let bytes = Frame { epoch: first, message: message.clone() }.encoded();
    let (router, entropy) = &mut network.nodes[0];
    assert_eq!(router.read(&identity(1), &bytes).unwrap_err(), FrameError::OtherEpoch);
    assert!(router.handle(&first, Input::Tick, network.now, entropy).is_empty());
    let stranger = Frame { epoch: second, message }.encoded();
    assert_eq!(router.read(&[99; 32], &stranger).unwrap_err(), FrameError::NotAMember);
    network.call(1, 2);
    let shares =
        network.outcomes.values().filter(|outcome| matches!(outcome, Outcome::Share(_))).count();
    assert_eq!(shares, 3);
}

#[test]
fn a_member_that_comes_later_learns_of_the_links_that_are_open() {
    let mut network = Network::new();
    let second = network.epochs[1].digest();
    let (router, entropy) = &mut network.nodes[0];
    let member = router.remove(&second).unwrap();
    router.link_closed(identity(3), Instant::START, entropy);
    router.insert(member, Instant::START, entropy);
    router.remove(&second);
    let epoch = network.epochs[1].clone();
    let config = MemberConfig {
        epoch: epoch.clone(),
        me: party(40),
        signing_key: key(0),
        timing: Timing::default(),
        exchange_timing: exchange::Timing::default(),
        targets: StockTargets::default(),
    };
    let fresh = Member::new(config, entropy);
    assert!(fresh.status().linked.is_empty());
    router.insert(fresh, Instant::START, entropy);
    // Nodes 1 and 2 are the parties 9 and 5 there; node 3 is away.
    assert_eq!(router.member(&second).unwrap().status().linked, [party(5), party(9)]);
}
