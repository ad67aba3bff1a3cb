//! What work costs, in microseconds of one core. The table was measured; see `costs.json`.

use crate::Micros;
use conclave_agreement::ceremony::{JobSort, Kind};
use conclave_agreement::signing::SigningMessage;
use conclave_agreement::{Input, Job, MemberMessage, Output};
use std::collections::BTreeMap;

/// The table.
#[derive(Clone)]
pub struct Costs {
    table: BTreeMap<String, u64>,
    /// How many times slower than the machine of the table.
    slowness: u64,
}

impl Costs {
    /// For a machine so many times slower than that of the table.
    ///
    /// # Panics
    /// When the table is no JSON object of numbers.
    pub fn measured(slowness: u64) -> Self {
        let table = serde_json::from_str(include_str!("../costs.json")).expect("a flat table");
        Costs { table, slowness }
    }

    fn of(&self, name: &str) -> Micros {
        self.slowness * self.table.get(name).unwrap_or_else(|| panic!("no cost of {name}"))
    }

    /// Reading a frame of so many bytes.
    pub fn frame(&self, bytes: usize) -> Micros {
        self.of("frame") + self.of("kilobyte") * (bytes as u64 / 1024)
    }

    /// What a member does with an input before anything comes of it.
    pub fn input(&self, input: &Input) -> Micros {
        let verifications = |count: usize| self.of("verification") * count as u64;
        match input {
            Input::Tick => self.of("tick"),
            Input::Sign(_) => self.of("request"),
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
        match job.sort() {
            JobSort::BaseTransfers => self.of("base_transfers"),
            JobSort::Start(Kind::Presign(presign)) => {
                self.of("batch_start") + self.of("presignature_round") * u64::from(presign.size)
            }
            JobSort::Feed(Kind::Presign(presign), messages) => {
                self.of("presignature_round") * u64::from(presign.size) * messages as u64
            }
            JobSort::Start(Kind::Wallets(wallets)) => {
                self.of("key_start") * u64::from(wallets.count)
            }
            JobSort::Feed(Kind::Wallets(wallets), messages) => {
                self.of("key_round") * u64::from(wallets.count) * messages as u64
            }
            JobSort::Start(Kind::NetworkKey(_)) => self.of("key_start"),
            JobSort::Feed(Kind::NetworkKey(_), messages) => self.of("key_round") * messages as u64,
        }
    }
}
