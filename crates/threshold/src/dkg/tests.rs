//! Whole ceremonies in one thread: honest ones here, altered messages and cheats in the child
//! modules.

mod alterations;
mod bias;
mod cheats;
mod conduct;
mod exhaustive;
mod replays;
mod skew;
mod splits;

use super::*;
use crate::group::{Bls12381G1, Secp256k1};
use crate::testing::{deal_epoch, reveal_key};
use std::collections::VecDeque;

pub(super) fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

/// The test's stand-in for a signature that a chain can check.
pub(super) fn attestation_of(id: PartyId, transcript: &[u8; 32]) -> Vec<u8> {
    [transcript.as_slice(), &id.encoded()].concat()
}

pub(super) fn check_of(transcript: [u8; 32]) -> AttestationCheck {
    Box::new(move |id, bytes| bytes == attestation_of(id, &transcript))
}

/// What one delivery becomes; given the receiver and the envelope.
pub(super) type Tamper<'a> = dyn FnMut(PartyId, Envelope) -> Vec<Envelope> + 'a;

pub(super) struct Network<C: Curve> {
    pub(super) epoch: Arc<Epoch>,
    pub(super) keys: BTreeMap<PartyId, SigningKey>,
    pub(super) ceremonies: BTreeMap<PartyId, Ceremony<C>>,
    pub(super) queue: VecDeque<(PartyId, Envelope)>,
    pub(super) faults: Vec<(PartyId, Fault)>,
    pub(super) provisional: BTreeMap<PartyId, Provisional<C>>,
}

pub(super) const SID: SessionId = [9; 32];

pub(super) fn commitment_to<C: Curve>(dealer: PartyId, opening: &Opening<C>) -> [u8; 32] {
    Statement::new::<C>(&SID, dealer, &opening.vectors).commitment(opening)
}

impl<C: Curve> Network<C> {
    /// A ceremony of `participants` in an epoch of `ids`, with nothing delivered yet.
    pub(super) fn start(ids: &[u16], threshold: u16, participants: &[u16], keys: u32) -> Self {
        Self::start_in(SID, ids, threshold, participants, keys, 0)
    }

    /// The same in session `sid`, with the randomness of `run`.
    pub(super) fn start_in(
        sid: SessionId,
        ids: &[u16],
        threshold: u16,
        participants: &[u16],
        keys: u32,
        run: u64,
    ) -> Self {
        let (epoch, signing_keys) = deal_epoch(ids, threshold, &mut Randomness::from_seed([1; 32]));
        let mut network = Network {
            epoch,
            keys: signing_keys,
            ceremonies: BTreeMap::new(),
            queue: VecDeque::new(),
            faults: Vec::new(),
            provisional: BTreeMap::new(),
        };
        let participants: Vec<_> = participants.iter().map(|number| party(*number)).collect();
        for me in &participants {
            let config = network.config(*me, &participants, keys);
            let randomness =
                if run == 0 { config.randomness } else { config.randomness.fork(b"run", run) };
            let (ceremony, sent) = Ceremony::start(Config { sid, randomness, ..config }).unwrap();
            network.ceremonies.insert(*me, ceremony);
            network.post(*me, sent);
        }
        // Nobody was there to receive when the first of them sent.
        network.queue.clear();
        for ceremony in network.ceremonies.values() {
            let first = &ceremony.sent[0];
            network.queue.extend(
                participants.iter().filter(|id| **id != first.from).map(|id| (*id, first.clone())),
            );
        }
        network
    }

    pub(super) fn config(&self, me: PartyId, participants: &[PartyId], keys: u32) -> Config {
        Config {
            epoch: self.epoch.clone(),
            participants: participants.to_vec(),
            me,
            keys,
            signing_key: self.keys[&me].clone(),
            sid: SID,
            randomness: Randomness::from_seed([me.number() as u8; 32]),
        }
    }

    /// Lets `dealer` deal something else, committed to as if it were right, in place of what of its
    /// own is still on the way.
    pub(super) fn deal(&mut self, dealer: PartyId, dealing: Dealing<C>) {
        let ceremony = self.ceremonies.get_mut(&dealer).unwrap();
        let commitment = Commitment { commitment: commitment_to(dealer, &dealing.opening) };
        let first =
            Envelope::seal(&ceremony.signing_key, SID, COMMIT, dealer, To::All, &commitment);
        ceremony.sent[0] = first.clone();
        ceremony.stage = Stage::Committed(dealing);
        self.queue.retain(|(_, envelope)| envelope.from != dealer);
        self.post(dealer, vec![first]);
    }

    pub(super) fn post(&mut self, from: PartyId, envelopes: Vec<Envelope>) {
        for envelope in envelopes {
            match envelope.to {
                To::One(id) => self.queue.push_back((id, envelope)),
                To::All => {
                    let others = self.ceremonies.keys().filter(|id| **id != from);
                    self.queue.extend(others.map(|id| (*id, envelope.clone())));
                }
            }
        }
    }

    /// Delivers until nothing moves.
    pub(super) fn settle(&mut self, tamper: &mut Tamper<'_>) {
        while let Some((receiver, envelope)) = self.queue.pop_front() {
            let link = envelope.from;
            for envelope in tamper(receiver, envelope) {
                let ceremony = self.ceremonies.get_mut(&receiver).unwrap();
                match ceremony.receive(link, envelope) {
                    Ok(out) => self.post(receiver, out),
                    Err(Fault::Misuse(_)) => {}
                    Err(fault) => self.faults.push((receiver, fault)),
                }
            }
        }
    }

    /// Everybody who can takes its keys and attests.
    pub(super) fn attest(&mut self) {
        for id in self.ceremonies.keys().copied().collect::<Vec<_>>() {
            let ceremony = self.ceremonies.get_mut(&id).unwrap();
            if let Some(provisional) = ceremony.provisional() {
                let transcript = provisional.transcript;
                let sent =
                    ceremony.attest(attestation_of(id, &transcript), check_of(transcript)).unwrap();
                self.provisional.insert(id, provisional);
                self.post(id, sent);
            }
        }
    }

    pub(super) fn run(&mut self, tamper: &mut Tamper<'_>) -> BTreeMap<PartyId, Certificate> {
        self.settle(tamper);
        self.attest();
        self.settle(tamper);
        self.certificates()
    }

    pub(super) fn certificates(&mut self) -> BTreeMap<PartyId, Certificate> {
        self.ceremonies
            .iter_mut()
            .filter_map(|(id, ceremony)| Some((*id, ceremony.output()?)))
            .collect()
    }
}

pub(super) fn untouched(_: PartyId, envelope: Envelope) -> Vec<Envelope> {
    vec![envelope]
}

fn an_honest_ceremony<C: Curve>(
    ids: &[u16],
    threshold: u16,
    participants: &[u16],
    keys: u32,
) -> Network<C> {
    let mut network = Network::<C>::start(ids, threshold, participants, keys);
    let certificates = network.run(&mut untouched);
    assert_eq!(network.faults, []);
    assert_eq!(certificates.len(), participants.len());
    let everybody: Vec<_> = participants.iter().map(|number| party(*number)).collect();
    for (id, certificate) in &certificates {
        let provisional = &network.provisional[id];
        assert!(certificate.verify(
            &provisional.transcript,
            &everybody,
            &check_of(provisional.transcript)
        ));
        assert_eq!(certificate.transcript, network.provisional[&everybody[0]].transcript);
        assert_eq!(provisional.keys.len(), keys as usize);
        assert!(provisional.keys.iter().all(KeyShare::verify));
    }
    network
}

fn any_threshold_makes_the_key_and_fewer_do_not<C: Curve>(
    ids: &[u16],
    threshold: u16,
    participants: &[u16],
) {
    let network = an_honest_ceremony::<C>(ids, threshold, participants, 2);
    let mut public_keys = Vec::new();
    for key in 0..2 {
        let shares: Vec<_> =
            network.provisional.values().map(|provisional| provisional.keys[key].clone()).collect();
        let public_key = shares[0].public_key();
        assert!(shares.iter().all(|share| share.commitments() == shares[0].commitments()));
        for start in 0..shares.len() {
            let rotated: Vec<_> =
                shares.iter().cycle().skip(start).take(usize::from(threshold)).cloned().collect();
            assert_eq!(C::generator_times(&reveal_key(&rotated)), public_key);
            assert_ne!(C::generator_times(&reveal_key(&rotated[1..])), public_key);
        }
        for share in &shares {
            assert_eq!(C::generator_times(&share.share().0), shares[0].public_share(share.me()));
        }
        public_keys.push(public_key);
    }
    assert_ne!(public_keys[0], public_keys[1]);
}

#[test]
fn any_threshold_of_shares_makes_the_key_and_fewer_do_not() {
    any_threshold_makes_the_key_and_fewer_do_not::<Secp256k1>(&[1, 2, 3], 2, &[1, 2, 3]);
    any_threshold_makes_the_key_and_fewer_do_not::<Secp256k1>(
        &[1, 2, 3, 4, 5],
        4,
        &[1, 2, 3, 4, 5],
    );
    any_threshold_makes_the_key_and_fewer_do_not::<Bls12381G1>(&[1, 2, 3], 2, &[1, 2, 3]);
}

#[test]
fn a_quorum_of_the_epoch_suffices_and_ids_may_have_gaps() {
    any_threshold_makes_the_key_and_fewer_do_not::<Secp256k1>(
        &[2, 3, 5, 11, 300],
        4,
        &[2, 5, 11, 300],
    );
}

#[test]
fn messages_of_a_later_round_wait_for_theirs() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    // Party 1 hears party 3's commitment only after everything else.
    let mut late = Vec::new();
    network.settle(&mut |receiver, envelope: Envelope| {
        if receiver == party(1) && envelope.from == party(3) && envelope.round == COMMIT {
            late.push((receiver, envelope));
            return Vec::new();
        }
        vec![envelope]
    });
    assert_eq!(network.ceremonies[&party(1)].waiting_for(), [party(3)]);
    assert_eq!(network.ceremonies[&party(2)].waiting_for(), [party(1)]);
    network.queue.extend(late);
    network.settle(&mut untouched);
    // Parties 2 and 3 attest before party 1 has taken its keys.
    let mut first = network.ceremonies.remove(&party(1)).unwrap();
    network.attest();
    for ceremony in network.ceremonies.values() {
        assert_eq!(first.receive(ceremony.me, ceremony.sent[2].clone()), Ok(Vec::new()));
    }
    network.ceremonies.insert(party(1), first);
    network.attest();
    network.settle(&mut untouched);
    assert_eq!(network.certificates().len(), 3);
    assert_eq!(network.faults, []);
}

#[test]
fn a_ceremony_from_known_seeds_makes_the_known_key() {
    let network = an_honest_ceremony::<Secp256k1>(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let provisional = &network.provisional[&party(1)];
    let made = [provisional.transcript.to_vec(), provisional.keys[0].public_key().encoded()]
        .map(hex::encode);
    let known = [
        "c1d08d7ac0cc10a54535b113de2b408c048a5a8d1b3bf885d4fa899063e96cfe",
        "024df689ec4014b9cef624c127ee7ca85aff4e72473c19fc68fdb754455528feac",
    ];
    assert_eq!(made, known);
}
