//! Who is named when a dead batch is opened, and who is not.

use super::*;
use crate::codec::Encode;
use crate::envelope::Receipt;
use crate::presign::opening::{BatchOpening, OPENING_ROUND, Run, Verdict, judge};
use messages::{Commitment, Multiplication};

const SIZE: u32 = 1;

fn cheater() -> PartyId {
    party(1)
}

pub fn run_of(members: u16, size: u32) -> Run {
    let epoch = epoch(members);
    let set = (1..=epoch.threshold()).map(party).collect();
    let transfers =
        transfers(members).iter().map(|(pair, (alice, _))| (*pair, *alice.id())).collect();
    Run { epoch, set, size, sid: SID, transfers }
}

fn openings(network: Network) -> BTreeMap<PartyId, Envelope> {
    network.machines.into_iter().map(|(id, machine)| (id, machine.open().unwrap())).collect()
}

fn receipt(envelope: &Envelope) -> Receipt {
    Receipt::of(envelope.clone()).0
}

/// What is judged when all have opened, the cheater as if it had not signed a root.
pub fn verdict(mut network: Network, members: u16, size: u32) -> Verdict {
    let (fresh, _) = Ceremony::start(configs(members, size).remove(&cheater()).unwrap()).unwrap();
    let envelope = fresh.open().unwrap();
    let mut opening: BatchOpening = envelope.open().unwrap();
    let received = |sent: &&Envelope| {
        sent.from != cheater() && [To::All, To::One(cheater())].contains(&sent.to)
    };
    opening.received = network.sent.iter().filter(received).map(receipt).collect();
    network.machines.remove(&cheater());
    let mut openings: Vec<_> = openings(network).into_values().collect();
    openings.push(resealed(&envelope, opening.encoded()));
    judge(&run_of(members, size), &openings, &[]).unwrap()
}

/// A run of two that ends in round 2, the cheater's multiplication being wrong, or only held back.
fn dead(altered: bool) -> Network {
    Network::run(3, SIZE, &mut |_, envelope, _| match (
        envelope.from == cheater(),
        envelope.round,
        envelope.to,
    ) {
        (true, 2, To::One(_)) if altered => {
            let mut message = Multiplication::decode_all(&envelope.body.0).unwrap();
            message.gamma_u = message.gamma_v;
            vec![resealed(envelope, message.encoded())]
        }
        (true, 2, To::One(_)) => Vec::new(),
        _ => vec![envelope.clone()],
    })
}

/// A run whose messages of round `last` are the last to arrive.
fn until(last: u16) -> Network {
    Network::run(3, SIZE, &mut |_, envelope, _| {
        if envelope.round <= last { vec![envelope.clone()] } else { Vec::new() }
    })
}

fn judge_all(openings: &BTreeMap<PartyId, Envelope>) -> Verdict {
    judge(&run_of(3, SIZE), &openings.values().cloned().collect::<Vec<_>>(), &[]).unwrap()
}

fn named(check: &'static str) -> Verdict {
    Verdict { liars: BTreeMap::from([(cheater(), check)]), ..Verdict::default() }
}

fn silent(id: PartyId) -> Verdict {
    Verdict { silent: [id].into(), ..Verdict::default() }
}

#[test]
fn nobody_is_named_for_a_message_that_never_came() {
    assert_eq!(judge_all(&openings(dead(false))), Verdict::default());
}

#[test]
fn who_does_not_open_is_silent_and_not_named() {
    let mut openings = openings(dead(true));
    assert_eq!(judge_all(&openings), named("messages against their opening"));
    let of_cheater = openings.remove(&cheater()).unwrap();
    assert_eq!(judge_all(&openings), silent(cheater()));
    // Without what the other was sent there is nothing to compare with.
    assert_eq!(judge_all(&BTreeMap::from([(cheater(), of_cheater)])), silent(party(2)));
}

#[test]
fn who_has_signed_the_root_opens_nothing() {
    for network in [Network::honest(3, SIZE), until(3)] {
        for machine in network.machines.into_values() {
            assert_eq!(
                machine.open().err(),
                Some(Fault::Misuse("who has signed the root opens nothing"))
            );
        }
    }
    for last in [0, 1, 2] {
        assert_eq!(judge_all(&openings(until(last))), Verdict::default(), "round {last}");
    }
}

#[test]
fn who_opens_and_signs_the_root_all_the_same_is_named() {
    let honest = Network::honest(3, SIZE);
    let signature = honest
        .sent
        .iter()
        .find(|envelope| (envelope.from, envelope.round) == (cheater(), 4))
        .unwrap();
    let openings: Vec<_> = openings(until(2)).into_values().collect();
    let verdict = judge(&run_of(3, SIZE), &openings, &[receipt(signature)]).unwrap();
    assert_eq!(verdict, named("messages against their opening"));
}

/// The verdict when the cheater opens otherwise than its machine does. It has sent messages of two
/// rounds.
fn opening_otherwise(alter: impl FnOnce(&mut BatchOpening)) -> Verdict {
    let mut openings = openings(until(2));
    let envelope = openings.get_mut(&cheater()).unwrap();
    let mut opening = envelope.open().unwrap();
    alter(&mut opening);
    *envelope = resealed(envelope, opening.encoded());
    judge_all(&openings)
}

#[test]
fn an_opening_that_does_not_explain_the_messages_names_its_author() {
    let messages = "messages against their opening";
    assert_eq!(opening_otherwise(|opening| opening.seed[0] ^= 1), named(messages));
    assert_eq!(
        opening_otherwise(|opening| opening
            .received
            .retain(|receipt| receipt.envelope.to != To::All)),
        named(messages)
    );
    assert_eq!(opening_otherwise(|opening| opening.received.clear()), named(messages));
    // In any order.
    assert_eq!(opening_otherwise(|opening| opening.received.reverse()), Verdict::default());
}

/// Of a bulk that nobody has made, signed by whoever it is to be.
fn unknown_bulk(from: PartyId, signer: PartyId) -> Receipt {
    let bulk = Bulk::new(vec![1]);
    receipt(&Envelope::seal_with_bulk(
        &signing_key(signer),
        SID,
        1,
        from,
        To::One(party(3)),
        Vec::new(),
        bulk,
    ))
}

#[test]
fn a_bulk_that_only_the_opening_party_vouches_for_excuses_nothing() {
    for unknown in [unknown_bulk(party(2), cheater()), unknown_bulk(cheater(), cheater())] {
        let verdict = opening_otherwise(|opening| {
            opening.received.remove(0);
            opening.received.push(unknown);
        });
        assert_eq!(verdict, named("messages against their opening"));
    }
}

/// A set of three, of which one has sent its bulks and does not open.
#[test]
fn nobody_is_named_for_what_follows_from_the_bulk_of_a_silent_party() {
    let run = |round: u16| {
        let network = Network::run(4, SIZE, &mut |_, envelope, receiver| match (
            envelope.round,
            envelope.from == cheater(),
        ) {
            (at, true) if at == round && envelope.to != To::All && receiver == party(2) => {
                vec![resealed_with_bulk(envelope, envelope.body.0.clone(), vec![2])]
            }
            (3.., _) => Vec::new(),
            _ => vec![envelope.clone()],
        });
        let mut openings = openings(network);
        openings.remove(&party(3));
        judge(&run_of(4, SIZE), &openings.into_values().collect::<Vec<_>>(), &[]).unwrap()
    };
    assert_eq!(run(2), silent(party(3)), "what the cheater did after it was sent that bulk");
    let named = named("messages against their opening");
    assert_eq!(run(1), Verdict { silent: [party(3)].into(), ..named }, "what it did before");
}

#[test]
fn other_base_transfers_than_those_of_the_session_name_their_author() {
    for end in [0, 1] {
        let verdict = opening_otherwise(|opening| {
            let opened = &mut opening.transfers[0];
            let mut ends = [opened.alice.encoded(), opened.bob.encoded()];
            ends[end][0] ^= 1;
            opened.alice = Decode::decode_all(&ends[0]).unwrap();
            opened.bob = Decode::decode_all(&ends[1]).unwrap();
        });
        assert_eq!(verdict, named("base transfers against their opening"));
    }
}

#[test]
fn an_opening_of_another_form_names_its_author() {
    let form = "opening form";
    assert_eq!(opening_otherwise(|opening| opening.transfers.clear()), named(form));
    assert_eq!(
        opening_otherwise(|opening| opening.transfers.push(opening.transfers[0].clone())),
        named(form)
    );
    assert_eq!(opening_otherwise(|opening| opening.transfers[0].peer = party(3)), named(form));
    let mut openings = openings(until(2));
    let envelope = openings.get_mut(&cheater()).unwrap();
    *envelope = resealed(envelope, envelope.body.0[1..].to_vec());
    assert_eq!(judge_all(&openings), named(form));
}

#[test]
fn two_openings_of_one_party_name_it() {
    let openings = openings(dead(false));
    let mut two: Vec<_> = openings.values().cloned().collect();
    two.extend(two.clone());
    assert_eq!(judge(&run_of(3, SIZE), &two, &[]), Ok(Verdict::default()), "one opening, twice");
    let mut second: BatchOpening = openings[&cheater()].open().unwrap();
    second.received.pop();
    two.push(resealed(&openings[&cheater()], second.encoded()));
    assert_eq!(judge(&run_of(3, SIZE), &two, &[]), Ok(named("one message per round")));
}

#[test]
fn what_a_party_did_not_sign_counts_for_nothing() {
    let genuine = openings(dead(false));
    let all: Vec<_> = genuine.values().cloned().collect();
    let signed_by = |signer, from, sid| {
        let message = Commitment { commitment: [0; 32] };
        Envelope::seal(&signing_key(party(signer)), sid, 1, party(from), To::All, &message)
    };
    let shown = |envelope: Envelope| judge(&run_of(3, SIZE), &all, &[receipt(&envelope)]).unwrap();
    assert_eq!(shown(signed_by(3, 2, SID)), Verdict::default(), "in another's name");
    assert_eq!(shown(signed_by(2, 2, [0; 32])), Verdict::default(), "of another session");
    let of_stranger = [OPENING_ROUND, 1].map(|round| Envelope { round, ..signed_by(3, 3, SID) });
    let of_stranger = of_stranger
        .map(|envelope| [resealed(&envelope, vec![1]), resealed(&envelope, vec![2])])
        .concat();
    let verdict = judge(
        &run_of(3, SIZE),
        &[all.clone(), of_stranger.clone()].concat(),
        &of_stranger.iter().map(receipt).collect::<Vec<_>>(),
    );
    assert_eq!(verdict, Ok(Verdict::default()), "of one who takes no part");
    let verdict =
        opening_otherwise(|opening| opening.received.push(receipt(&signed_by(3, 2, SID))));
    assert_eq!(verdict, Verdict::default(), "in another's name, as received");
    let among_openings = all.iter().cloned().chain(dead(false).sent).collect::<Vec<_>>();
    assert_eq!(
        judge(&run_of(3, SIZE), &among_openings, &[]),
        Ok(Verdict::default()),
        "in the place of an opening"
    );
    let second =
        Verdict { liars: [(party(2), "one message per round")].into(), ..Verdict::default() };
    assert_eq!(shown(signed_by(2, 2, SID)), second, "a second message for one place");
    let mut openings = genuine.clone();
    let envelope = openings.get_mut(&party(2)).unwrap();
    *envelope = Envelope::seal_bytes(
        &signing_key(party(3)),
        SID,
        OPENING_ROUND,
        party(2),
        To::All,
        vec![1],
    );
    assert_eq!(judge_all(&openings), silent(party(2)), "an opening in another's name");
}

#[test]
fn an_opened_seed_tells_nothing_of_the_stream_it_came_from() {
    let config = configs(3, SIZE).remove(&cheater()).unwrap();
    let own = config.randomness.fork(&[b"batch".as_slice(), &SID].concat(), 0).seed();
    let (machine, _) = Ceremony::start(config).unwrap();
    assert_eq!(machine.open().unwrap().open::<BatchOpening>().unwrap().seed, own);
}

/// A party that stopped at the cheater's message has sent its own of that round, in whatever order
/// it was sent the others'.
#[test]
fn who_was_lied_to_is_not_named() {
    let mut openings = openings(dead(true));
    let envelope = openings.get_mut(&party(2)).unwrap();
    let mut opening: BatchOpening = envelope.open().unwrap();
    opening.received.reverse();
    *envelope = resealed(envelope, opening.encoded());
    assert!(openings.values().any(|envelope| {
        let received = envelope.open::<BatchOpening>().unwrap().received;
        received
            .iter()
            .any(|receipt| (receipt.envelope.from, receipt.envelope.round) == (party(2), 2))
    }));
    assert_eq!(judge_all(&openings), named("messages against their opening"));
}

/// The cheater sends a message of base transfers that no honest party makes, and goes on with the
/// answer as if it had sent its own.
#[test]
fn who_lied_in_the_base_transfers_is_named() {
    let mut run = run_of(3, SIZE);
    let pair = Pair { epoch: run.epoch.digest(), alice: cheater(), bob: party(2) };
    let root = Randomness::from_seed([13; 32]);
    let (start, mut request) = AliceStart::new(pair, root.fork(b"alice", 0));
    request.branches.swap(3, 4);
    let (bob, answer) = bob_respond(pair, &request, root.fork(b"bob", 0)).unwrap();
    let mut configs = configs(3, SIZE);
    run.transfers.insert((cheater(), party(2)), *bob.id());
    configs.get_mut(&cheater()).unwrap().ots.get_mut(&party(2)).unwrap().alice =
        start.finish(&answer).unwrap();
    configs.get_mut(&party(2)).unwrap().ots.get_mut(&cheater()).unwrap().bob = bob;
    let network = Network::of(configs, &mut |_, envelope, _| vec![envelope.clone()]);
    assert!(network.batches.is_empty());
    let fault = Fault::Pairwise { peer: party(2), check: "transfer extension consistency" };
    assert_eq!(network.faults.first(), Some(&(cheater(), fault)));
    let openings: Vec<_> = openings(network).into_values().collect();
    assert_eq!(judge(&run, &openings, &[]), Ok(named("base transfers against their opening")));
}

#[test]
fn an_opening_is_signed_and_no_message_of_the_run() {
    let mut network = dead(false);
    let opening = network.machines.remove(&cheater()).unwrap().open().unwrap();
    assert_eq!((opening.round, opening.to), (5, To::All));
    assert!(opening.is_signed_by(signing_key(cheater()).verifying_key().as_bytes()));
    let fault = network.machines.get_mut(&party(2)).unwrap().receive(cheater(), opening).err();
    assert!(matches!(fault, Some(Fault::Rejected { .. })), "{fault:?}");
}

#[test]
fn only_a_run_of_the_epoch_is_judged() {
    let judged = |alter: fn(&mut Run)| {
        let mut run = run_of(3, SIZE);
        alter(&mut run);
        judge(&run, &[], &[])
    };
    let refused: [fn(&mut Run); 6] = [
        |run| run.set = vec![party(1)],
        |run| run.set = vec![party(2), party(1)],
        |run| run.size = 0,
        |run| run.size = MAX_BATCH + 1,
        |run| assert!(run.transfers.pop_first().is_some()),
        |run| assert!(run.transfers.insert((party(1), party(3)), [0; 32]).is_none()),
    ];
    for (at, alter) in refused.into_iter().enumerate() {
        assert!(matches!(judged(alter), Err(Fault::Misuse(_))), "alteration {at}");
    }
    let all_silent = Verdict { silent: [party(1), party(2)].into(), ..Verdict::default() };
    assert_eq!(judged(|run| run.size = MAX_BATCH), Ok(all_silent));
}
