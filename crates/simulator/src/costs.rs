//! What work costs, in microseconds of one core: the protocols' steps from the table of
//! `bench/threshold/costs.json`, and by estimate what no benchmark of the protocols sees.

use crate::Micros;
use conclave_agreement::ceremony::{JobSort, Kind};
use conclave_agreement::signing::SigningMessage;
use conclave_agreement::{Input, Job, MemberMessage, Output};
use std::collections::BTreeMap;

/// A look at all that waits, when little does.
const TICK: Micros = 15;
/// Taking up a judged request.
const REQUEST: Micros = 20;
/// A generation's share of a key falls to its start and to each message in so many parts.
const KEY_PARTS: f64 = 8.0;
/// Base transfers are made in three jobs: asked for, answered, finished.
const TRANSFER_JOBS: f64 = 3.0;

/// The table.
#[derive(Clone)]
pub struct Costs {
    table: BTreeMap<String, f64>,
    /// How many times slower than the machine of the table.
    slowness: u64,
}

impl Costs {
    /// For a machine so many times slower than that of the table.
    ///
    /// # Panics
    /// When the table holds something else than numbers.
    pub fn measured(slowness: u64) -> Self {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../../bench/threshold/costs.json"))
                .expect("a table of costs");
        let costs = file["microseconds"].as_object().expect("costs by name");
        let cost = |(name, cost): (&String, &serde_json::Value)| {
            (name.clone(), cost.as_f64().unwrap_or_else(|| panic!("{name} is no number")))
        };
        Costs { table: costs.iter().map(cost).collect(), slowness }
    }

    fn times(&self, name: &str, count: f64) -> Micros {
        let cost = self.table.get(name).unwrap_or_else(|| panic!("the table lacks {name}"));
        (cost * count).round() as Micros * self.slowness
    }

    fn of(&self, name: &str) -> Micros {
        self.times(name, 1.0)
    }

    /// Reading a frame of so many bytes.
    pub fn frame(&self, bytes: usize) -> Micros {
        self.of("frame") + self.times("kilobyte", bytes as f64 / 1024.0)
    }

    /// What a member does with an input before anything comes of it.
    pub fn input(&self, input: &Input) -> Micros {
        let verifications = |count: usize| self.times("verification", count as f64);
        match input {
            Input::Tick => TICK * self.slowness,
            Input::Sign(_) => REQUEST * self.slowness,
            Input::Message { message: MemberMessage::Signing(message), .. } => match message {
                SigningMessage::Announce(signed) => {
                    verifications(1 + usize::from(signed.announce.previous.is_some()))
                }
                SigningMessage::Assigned(_) => verifications(1),
                SigningMessage::Bind(_) => verifications(1) + self.of("bind_received"),
                SigningMessage::Binds(binds) => verifications(binds.len()),
                SigningMessage::Split(announces) => verifications(announces.len()),
                SigningMessage::BatchReady(ready) => verifications(ready.set.len()),
                SigningMessage::Pending { .. }
                | SigningMessage::AskBinds { .. }
                | SigningMessage::NeedBatch(_) => 0,
            },
            Input::Message { message: MemberMessage::Exchange(_), .. } => verifications(1),
            _ => 0,
        }
    }

    /// What making these outputs took.
    pub fn outputs(&self, outputs: &[&Output]) -> Micros {
        let mut signed = 0;
        let mut cost = 0;
        for output in outputs {
            match output {
                Output::Send { message, .. } => {
                    cost += self.of("frame");
                    match message {
                        MemberMessage::Signing(SigningMessage::Announce(_)) => signed = 1,
                        MemberMessage::Signing(SigningMessage::Assigned(_)) => signed = 1,
                        MemberMessage::Signing(SigningMessage::Bind(_)) => signed = 2,
                        MemberMessage::Signing(SigningMessage::Binds(_)) => signed = signed.max(3),
                        _ => (),
                    }
                }
                Output::Called { .. } => cost += self.of("frame"),
                _ => (),
            }
        }
        cost + match signed {
            0 => 0,
            1 => self.of("signature"),
            2 => self.of("bind"),
            _ => self.of("share"),
        }
    }

    /// What a job takes.
    pub fn job(&self, job: &Job) -> Micros {
        let key = |count: u32, parts: usize| {
            self.times("key_n5", f64::from(count) * parts as f64 / KEY_PARTS)
        };
        match job.sort() {
            JobSort::BaseTransfers => self.times("base_transfers", 1.0 / TRANSFER_JOBS),
            JobSort::Start(Kind::Presign(_)) => self.of("batch_start"),
            JobSort::Feed(Kind::Presign(presign), messages) => {
                self.times("presignature_round", f64::from(presign.size) * messages as f64)
            }
            JobSort::Start(Kind::Wallets(wallets)) => key(wallets.count, 1),
            JobSort::Feed(Kind::Wallets(wallets), messages) => key(wallets.count, messages),
            JobSort::Start(Kind::NetworkKey(_)) => key(1, 1),
            JobSort::Feed(Kind::NetworkKey(_), messages) => key(1, messages),
        }
    }
}
