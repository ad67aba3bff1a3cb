//! The online half: bind, share, and what the client does with the shares.

use super::network::{Network, fresh};
use super::{keygen, presignature};
use crate::measure::Measure;
use crate::meter::{Meter, Sample};
use conclave_threshold::codec::Encode;
use conclave_threshold::derivation::Derivation;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::{KeyShare, PublicShares};
use conclave_threshold::online::{
    Answer, Assignment, Expected, SignedAssignment, assemble, combine, index_owner,
};
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::Presignature;
use k256::Scalar;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A key and a stock of presignatures, both from real ceremonies.
pub struct Signing {
    network: Network,
    set: Vec<PartyId>,
    shares: BTreeMap<PartyId, KeyShare<Secp256k1>>,
    public: Arc<PublicShares>,
    stock: Vec<Vec<Presignature>>,
}

impl Signing {
    /// With presignatures for so many signatures.
    pub fn new(members: u16, stock: u32) -> Self {
        let network = Network::new(members);
        let made = keygen::make::<Secp256k1>(&network, 1).shares.into_iter();
        let shares: BTreeMap<_, _> =
            made.filter_map(|(id, mut shares)| Some((id, shares.pop()?))).collect();
        let batches = presignature::make(&network, stock).batches;
        let set: Vec<_> = batches.keys().copied().collect();
        let public = Arc::new(shares[&set[0]].public_shares(&set).expect("a signing set"));
        let stock = batches.into_values().map(|batch| batch.presignatures).collect();
        Signing { network, set, shares, public, stock }
    }

    /// Makes `count` signatures; the cost of one, step by step.
    pub fn run(&mut self, count: usize) -> Vec<(Measure, Sample)> {
        let parties = self.set.len();
        let mut meters = Meters {
            bind: Meter::new(parties),
            receive: Meter::new(parties),
            check: Meter::new(parties),
            share: Meter::new(parties),
            combine: Meter::new(1),
            check_share: Meter::new(1),
            check_answer: Meter::new(1),
        };
        for _ in 0..count {
            self.sign(&mut meters);
        }
        vec![
            (Measure::Bind, meters.bind.sample(count)),
            (Measure::TakeBinds, meters.receive.sample(count)),
            (Measure::CheckBinds, meters.check.sample(count)),
            (Measure::Share, meters.share.sample(count)),
            (Measure::Combine, meters.combine.sample(count)),
            (Measure::CheckShare, meters.check_share.sample(count)),
            (Measure::CheckAnswer, meters.check_answer.sample(count)),
        ]
    }

    fn sign(&mut self, meters: &mut Meters) {
        let presignatures: Vec<_> =
            self.stock.iter_mut().map(|stock| stock.pop().expect("a presignature left")).collect();
        let signed = self.assign(&presignatures[0]);
        let digest = signed.assignment.digest;
        let (mut bound, mut messages) = (Vec::new(), Vec::new());
        for (at, presignature) in presignatures.into_iter().enumerate() {
            let node = self.network.node(self.set[at]);
            let made = meters.bind.time(at, || {
                presignature.bind(
                    &signed,
                    &self.shares[&node.id],
                    &self.public,
                    &self.network.epoch,
                    &node.signing_key,
                )
            });
            let (mine, message) = made.expect("a proper assignment");
            meters.bind.sent(at, message.encoded().len() * (self.set.len() - 1));
            bound.push(mine);
            messages.push(message);
        }
        let mut answers = Vec::new();
        for (at, mut mine) in bound.into_iter().enumerate() {
            let node = self.network.node(self.set[at]);
            for message in messages.iter().filter(|message| message.from != node.id) {
                let message = message.clone();
                meters.receive.time(at, || mine.receive(message)).expect("an honest message");
            }
            let mut coefficients = node.randomness(&signed.assignment.sid);
            let ready =
                meters.check.time(at, || mine.check(&mut coefficients)).expect("good checks");
            let (answer, _) =
                meters.share.time(at, || ready.share(&node.signing_key)).expect("a share");
            meters.share.sent(at, answer.encoded().len());
            answers.push(answer);
        }
        self.take_answers(&answers, digest, meters);
    }

    /// The client's part.
    fn take_answers(&self, answers: &[Answer], digest: Digest, meters: &mut Meters) {
        let expected = Expected {
            public_key: self.public_key(),
            digest,
            name_hash: NameHash::new([0; 32]),
            set: None,
        };
        let verify = |answer: &Answer| {
            answer.verify(&self.network.epoch, &expected).expect("an honest answer")
        };
        let checked: Vec<_> =
            answers.iter().map(|answer| meters.check_answer.time(0, || verify(answer))).collect();
        for answer in &checked[1..] {
            assert!(answer.check_share().is_ok());
        }
        meters.check_share.time(0, || checked[0].check_share()).expect("an honest share");
        let shares: Vec<Scalar> = answers.iter().map(|answer| answer.share).collect();
        let signature = meters
            .combine
            .time(0, || assemble(&expected.public_key, &digest, &answers[0].big_r, &shares));
        assert_eq!(combine(&checked).ok(), signature);
        assert!(signature.is_some());
    }

    fn public_key(&self) -> [u8; 33] {
        self.shares[&self.set[0]].public_key().encoded().try_into().expect("a compressed point")
    }

    fn assign(&self, presignature: &Presignature) -> SignedAssignment {
        let index = presignature.index();
        let assignment = Assignment {
            sid: *presignature.sid(),
            index,
            set: self.set.clone(),
            epoch: self.network.epoch.digest(),
            public_key: self.public_key(),
            derivation: Derivation::None,
            digest: Digest::new(fresh()),
            request_key: RequestKey::new(fresh()),
            name_hash: NameHash::new([0; 32]),
            attempt: 0,
        };
        assignment.sign(&self.network.node(index_owner(&self.network.epoch, index)).signing_key)
    }
}

struct Meters {
    bind: Meter,
    receive: Meter,
    check: Meter,
    share: Meter,
    combine: Meter,
    check_share: Meter,
    check_answer: Meter,
}
