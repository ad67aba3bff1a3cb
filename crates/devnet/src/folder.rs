//! A devnet's folder.

use crate::error::DevnetError;
use conclave_chain::Addresses;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// What tools read.
pub const DESCRIPTION_FILE: &str = "devnet.json";
/// What a later start reads.
const NETWORK_FILE: &str = "network.json";
/// Marks a folder as ours, and is locked while a devnet runs in it.
const LOCK_FILE: &str = "devnet.lock";

/// What stays the same from start to start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Network {
    pub nodes: u16,
    pub port_base: u16,
    pub contracts: Addresses,
}

/// An opened folder. The lock is held as long as this lives.
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> DevnetError + '_ {
    move |error| DevnetError::Folder { path: path.into(), error }
}

impl Folder {
    /// Makes or opens it; with `fresh`, empties it first. A folder with other things in it is left
    /// alone.
    pub fn open(path: &Path, fresh: bool) -> Result<Self, DevnetError> {
        fs::create_dir_all(path).map_err(at(path))?;
        let path = &path.canonicalize().map_err(at(path))?;
        let lock_path = path.join(LOCK_FILE);
        let empty = fs::read_dir(path).map_err(at(path))?.next().is_none();
        if !empty && !lock_path.exists() {
            return Err(DevnetError::NotADevnet { path: path.clone() });
        }
        let lock = File::create(&lock_path).map_err(at(&lock_path))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| DevnetError::InUse { path: path.clone() })?;
        let folder = Folder { path: path.clone(), _lock: lock };
        if fresh || folder.network()?.is_none() {
            folder.empty()?;
        }
        Ok(folder)
    }

    fn empty(&self) -> Result<(), DevnetError> {
        for entry in fs::read_dir(&self.path).map_err(at(&self.path))?.flatten() {
            if entry.file_name() == LOCK_FILE {
                continue;
            }
            let path = entry.path();
            let removed =
                if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(at(&path))?;
        }
        Ok(())
    }

    /// The network that an earlier start completed.
    pub fn network(&self) -> Result<Option<Network>, DevnetError> {
        let path = self.path.join(NETWORK_FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| DevnetError::Damaged { path, reason: error.to_string() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path)(error)),
        }
    }

    pub fn remember(&self, network: &Network) -> Result<(), DevnetError> {
        self.write(NETWORK_FILE, network)
    }

    /// Written beside and moved into place: a reader never sees half of it.
    pub fn write(&self, name: &str, content: &impl Serialize) -> Result<(), DevnetError> {
        let (path, beside) = (self.path.join(name), self.path.join(format!("{name}.new")));
        let bytes = serde_json::to_vec_pretty(content).map_err(|error| at(&path)(error.into()))?;
        fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, &path)).map_err(at(&path))
    }

    /// Writes the contracts' interfaces and returns their folder.
    pub fn write_abis(&self) -> Result<PathBuf, DevnetError> {
        let folder = self.path.join("abi");
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        for name in conclave_chain::ABI_NAMES {
            let path = folder.join(format!("{name}.json"));
            fs::write(&path, conclave_chain::abi_json(name).unwrap_or_default())
                .map_err(at(&path))?;
        }
        Ok(folder)
    }

    pub fn remove_description(&self) {
        // Best effort: a stale description is overwritten at the next start.
        let _ = fs::remove_file(self.path.join(DESCRIPTION_FILE));
    }

    pub fn chain_state(&self) -> PathBuf {
        self.path.join("chain.json")
    }

    pub fn node(&self, number: u16) -> PathBuf {
        self.path.join("nodes").join(number.to_string())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_other_things_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        assert!(matches!(Folder::open(folder.path(), true), Err(DevnetError::NotADevnet { .. })));
        assert!(folder.path().join("thesis.txt").exists());
    }

    #[test]
    fn two_devnets_never_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path(), false).unwrap();
        assert!(matches!(Folder::open(folder.path(), false), Err(DevnetError::InUse { .. })));
        drop(first);
        assert!(Folder::open(folder.path(), false).is_ok());
    }

    #[test]
    fn a_start_that_was_not_completed_leaves_nothing_behind_for_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path(), false).unwrap();
        fs::create_dir_all(first.node(1)).unwrap();
        drop(first);
        let second = Folder::open(folder.path(), false).unwrap();
        assert!(!second.node(1).exists());
    }
}
