//! cait-sith: two triples, the presignature of one key that they make, key generation, resharing,
//! and signing.

use crate::measure::{Measure, Size};
use crate::meter::{Meter, Sample};
use cait_sith::protocol::{Action, Participant, Protocol};
use cait_sith::triples::{TripleGenerationOutput, generate_triple};
use cait_sith::{KeygenOutput, PresignArguments, keygen, presign, reshare, sign};
use k256_cait_sith::elliptic_curve::Field;
use k256_cait_sith::{Scalar, Secp256k1};
use rand_frost::OsRng;

pub struct CaitSith {
    members: Vec<Participant>,
    threshold: usize,
    keys: Vec<KeygenOutput<Secp256k1>>,
}

type Triples = Vec<TripleGenerationOutput<Secp256k1>>;

impl CaitSith {
    pub fn new(size: Size) -> Self {
        let members = (1..=u32::from(size.n)).map(Participant::from).collect();
        CaitSith { members, threshold: size.t.into(), keys: Vec::new() }
    }

    /// A new key, its resharing, and a signature by it.
    pub fn all(&mut self) -> Vec<(Measure, Sample)> {
        [vec![self.dkg(), self.reshare()], self.sign()].concat()
    }

    /// One key of everybody.
    fn dkg(&mut self) -> (Measure, Sample) {
        let mut meter = Meter::new(self.members.len());
        self.keys = run(&self.members, &mut meter, |_, me| {
            keygen::<Secp256k1>(&self.members, me, self.threshold).expect("parameters")
        });
        (Measure::Dkg, meter.sample(1))
    }

    /// One key, from all members to all members.
    fn reshare(&self) -> (Measure, Sample) {
        let (all, t) = (&self.members, self.threshold);
        let mut meter = Meter::new(all.len());
        run(all, &mut meter, |at, me| {
            let key = &self.keys[at];
            reshare::<Secp256k1>(all, t, all, t, me, Some(key.private_share), key.public_key)
                .expect("parameters")
        });
        (Measure::Reshare, meter.sample(1))
    }

    /// One signature by the first members.
    fn sign(&self) -> Vec<(Measure, Sample)> {
        let (set, t) = (&self.members[..self.threshold], self.threshold);
        let [mut triples, mut of_one_key, mut signing] = [(); 3].map(|()| Meter::new(t));
        let mut triple = || -> Triples {
            run(set, &mut triples, |_, me| {
                generate_triple::<Secp256k1>(set, me, t).expect("parameters")
            })
        };
        let (first, second) = (triple(), triple());
        let presignatures = run(set, &mut of_one_key, |at, me| {
            let (triple0, triple1, keygen_out) =
                (first[at].clone(), second[at].clone(), self.keys[at].clone());
            presign::<Secp256k1>(
                set,
                me,
                PresignArguments { triple0, triple1, keygen_out, threshold: t },
            )
            .expect("parameters")
        });
        let (public_key, hash) = (self.keys[0].public_key, Scalar::random(&mut OsRng));
        run(set, &mut signing, |at, me| {
            sign::<Secp256k1>(set, me, public_key, presignatures[at].clone(), hash)
                .expect("parameters")
        });
        vec![
            (Measure::Presignature, triples.sample(1)),
            (Measure::PresignatureOfOneKey, of_one_key.sample(1)),
            (Measure::Combine, signing.sample(1)),
        ]
    }
}

/// Plays all parties to the end, in rounds: what is sent in one arrives in the next.
fn run<P: Protocol>(
    parties: &[Participant],
    meter: &mut Meter,
    mut start: impl FnMut(usize, Participant) -> P,
) -> Vec<P::Output> {
    let mut machines: Vec<_> =
        parties.iter().enumerate().map(|(at, me)| meter.time(at, || start(at, *me))).collect();
    let mut outputs: Vec<_> = parties.iter().map(|_| None).collect();
    let mut under_way: Vec<(usize, Participant, Vec<u8>)> = Vec::new();
    while outputs.iter().any(Option::is_none) {
        for (to, from, message) in core::mem::take(&mut under_way) {
            meter.time(to, || machines[to].message(from, message));
        }
        for (at, machine) in machines.iter_mut().enumerate() {
            while outputs[at].is_none() {
                let (to, message): (Vec<usize>, _) =
                    match meter.time(at, || machine.poke()).expect("an honest run") {
                        Action::Wait => break,
                        Action::SendMany(message) => {
                            ((0..parties.len()).filter(|to| *to != at).collect(), message)
                        }
                        Action::SendPrivate(id, message) => (
                            parties.iter().position(|party| *party == id).into_iter().collect(),
                            message,
                        ),
                        Action::Return(output) => {
                            outputs[at] = Some(output);
                            break;
                        }
                    };
                meter.sent(at, to.len() * message.len());
                under_way.extend(to.into_iter().map(|to| (to, parties[at], message.clone())));
            }
        }
    }
    outputs.into_iter().flatten().collect()
}
