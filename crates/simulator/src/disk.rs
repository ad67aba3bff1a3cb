//! A node's disk: transactions on a journal. What was synced survives a crash; what was not may
//! survive in part, and a transaction that is not whole counts for nothing.

use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Compressed.
pub type PublicKey = Vec<u8>;

/// Whether the chain is known to have a share's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It may come on chain until this block.
    Provisional {
        /// The last block.
        expiry: u64,
    },
    /// It is there.
    Final,
}

/// One share at rest. Shares of the network's own key are kept by their public key alone.
#[derive(Clone)]
pub struct Share {
    /// Of a wallet key.
    pub wallet: Option<Arc<KeyShare<Secp256k1>>>,
    /// How safe it is.
    pub standing: Standing,
}

#[derive(Clone)]
enum Line {
    Put(PublicKey, Share),
    Erase(PublicKey),
    Commit { lines: usize },
}

/// What is wrong with a disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DiskFault {
    /// Nothing.
    #[default]
    Sound,
    /// Writes fail, and go on failing only as long as it is full.
    Full,
    /// The next operation fails, and so does every later one until the process starts anew, as the
    /// store latches the first such error.
    Failing,
    /// The machine loses power in the midst of the next write.
    Tearing,
}

/// One disk.
#[derive(Default)]
pub struct Disk {
    journal: Vec<Line>,
    synced: usize,
    /// What the process has read or written: the journal's whole transactions.
    shares: BTreeMap<PublicKey, Share>,
    /// What is wrong with it now.
    pub fault: DiskFault,
    latched: bool,
    /// The power went in the midst of a write; whoever runs the node takes note.
    pub is_torn: bool,
    /// Writes that failed.
    pub failures: u64,
}

/// Changes that are made together or not at all.
#[derive(Default)]
pub struct Changes {
    /// New or changed shares.
    pub put: Vec<(PublicKey, Share)>,
    /// Shares that go for good.
    pub erase: Vec<PublicKey>,
}

impl Disk {
    /// Writes and syncs.
    ///
    /// # Errors
    /// For people. Nothing has changed as far as the process can tell.
    pub fn commit(&mut self, changes: Changes) -> Result<(), String> {
        let failed = match self.fault {
            _ if self.latched || self.is_torn => Some("an earlier error"),
            DiskFault::Full => Some("no space is left"),
            DiskFault::Failing => {
                self.latched = true;
                Some("input or output failed")
            }
            DiskFault::Sound | DiskFault::Tearing => None,
        };
        if let Some(failed) = failed {
            self.failures += 1;
            return Err(failed.to_owned());
        }
        let before = self.journal.len();
        let puts = changes.put.into_iter().map(|(key, share)| Line::Put(key, share));
        self.journal.extend(puts.chain(changes.erase.into_iter().map(Line::Erase)));
        let lines = self.journal.len() - before;
        self.journal.push(Line::Commit { lines });
        if self.fault == DiskFault::Tearing {
            (self.fault, self.is_torn) = (DiskFault::Sound, true);
            self.failures += 1;
            return Err("the power is gone".to_owned());
        }
        self.synced = self.journal.len();
        self.shares = self.replay();
        Ok(())
    }

    /// The process is gone; `kept` says how many of the lines that were not synced survive.
    pub fn crash(&mut self, kept: impl FnOnce(usize) -> usize) {
        let loose = self.journal.len() - self.synced;
        self.journal.truncate(self.synced + kept(loose).min(loose));
        self.shares = self.replay();
        // A store repairs itself as it opens: what is not whole is cut off.
        let shares = self.shares.iter().map(|(key, share)| Line::Put(key.clone(), share.clone()));
        self.journal = shares.collect();
        self.journal.push(Line::Commit { lines: self.journal.len() });
        self.synced = self.journal.len();
        (self.latched, self.is_torn) = (false, false);
    }

    fn replay(&self) -> BTreeMap<PublicKey, Share> {
        let mut shares = BTreeMap::new();
        let mut loose: Vec<&Line> = Vec::new();
        for line in &self.journal {
            match line {
                Line::Commit { lines } if *lines == loose.len() => {
                    for line in loose.drain(..) {
                        match line {
                            Line::Put(key, share) => {
                                drop(shares.insert(key.clone(), share.clone()))
                            }
                            Line::Erase(key) => drop(shares.remove(key)),
                            Line::Commit { .. } => (),
                        }
                    }
                }
                Line::Commit { .. } => loose.clear(),
                line => loose.push(line),
            }
        }
        shares
    }

    /// What is on it.
    pub fn shares(&self) -> &BTreeMap<PublicKey, Share> {
        &self.shares
    }

    /// Whether reads and writes fail until the process starts anew.
    pub fn is_latched(&self) -> bool {
        self.latched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: u8) -> Changes {
        let share = Share { wallet: None, standing: Standing::Provisional { expiry: 9 } };
        Changes { put: vec![(vec![key], share)], erase: Vec::new() }
    }

    fn keys(disk: &Disk) -> Vec<u8> {
        disk.shares().keys().map(|key| key[0]).collect()
    }

    #[test]
    fn what_was_synced_survives_a_crash_and_a_torn_transaction_counts_for_nothing() {
        for kept in 0..=1 {
            let mut disk = Disk::default();
            disk.commit(put(1)).unwrap();
            disk.fault = DiskFault::Tearing;
            assert!(disk.commit(put(2)).is_err() && disk.is_torn);
            disk.crash(|_| kept);
            assert_eq!(keys(&disk), [1], "{kept} lines kept");
        }
    }

    #[test]
    fn a_transaction_whose_every_line_reached_the_disk_is_there_though_nobody_was_told() {
        let mut disk = Disk { fault: DiskFault::Tearing, ..Disk::default() };
        assert!(disk.commit(put(2)).is_err());
        disk.crash(|loose| loose);
        assert_eq!(keys(&disk), [2]);
    }

    #[test]
    fn a_full_disk_takes_writes_again_and_a_failed_one_only_after_a_start() {
        let mut disk = Disk { fault: DiskFault::Full, ..Disk::default() };
        assert!(disk.commit(put(1)).is_err());
        disk.fault = DiskFault::Sound;
        assert!(disk.commit(put(1)).is_ok());
        disk.fault = DiskFault::Failing;
        assert!(disk.commit(put(2)).is_err());
        disk.fault = DiskFault::Sound;
        assert!(disk.commit(put(2)).is_err() && disk.is_latched());
        disk.crash(|_| 0);
        assert!(disk.commit(put(2)).is_ok());
        assert_eq!(keys(&disk), [1, 2]);
    }
}
