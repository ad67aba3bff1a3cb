//! The folder of code that accounts stored on this node.
//!
//! ```text
//! content/Qm...            the bytes, named by their CID
//! accounts/<hex>/Qm...     empty: this account stored that content, and its quota carries it
//! ```
//! Content is written before the mark of its account, each in one step, so that a crash leaves at
//! most content that no account carries: it counts in the total, and the account's next attempt
//! finds it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::Cid;

/// The longest code that an action may have, in bytes.
pub const MAX_CODE_BYTES: usize = 16 * 1024 * 1024;

/// Whoever stores: the address of an account, which this crate does not interpret.
pub type AccountId = [u8; 20];

/// How much may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreLimits {
    /// Bytes that one account may store.
    pub account_bytes: u64,
    /// Actions that one account may store.
    pub account_actions: usize,
    /// Bytes that all accounts together may store.
    pub total_bytes: u64,
}

impl Default for StoreLimits {
    /// 64 MiB and 256 actions for an account, 4 GiB together.
    fn default() -> Self {
        Self { account_bytes: 64 << 20, account_actions: 256, total_bytes: 4 << 30 }
    }
}

/// What an account has stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Bytes of content.
    pub bytes: u64,
    /// Number of actions.
    pub actions: usize,
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the content store cannot use {}: {source}", path.display())]
pub struct StoreError {
    path: PathBuf,
    source: io::Error,
}

/// Why content was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The content has no bytes.
    #[error("there is no code to store")]
    Empty,
    /// Longer than [`MAX_CODE_BYTES`].
    #[error("the code has {bytes} bytes; at most {MAX_CODE_BYTES} can be stored")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The account would pass its quota of bytes.
    #[error("this account would store {bytes} bytes; its quota is {quota}")]
    AccountBytes {
        /// Bytes it would have.
        bytes: u64,
        /// Bytes it may have.
        quota: u64,
    },
    /// The account has as many actions as it may have.
    #[error("this account has stored its quota of {quota} actions")]
    AccountActions {
        /// Actions it may have.
        quota: usize,
    },
    /// The store is full.
    #[error("this node's store is full ({quota} bytes)")]
    Full {
        /// Bytes that all may store together.
        quota: u64,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why content was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What the disk holds is not what its name says.
    #[error("the stored content of {0} was altered")]
    Altered(Cid),
    /// Reading failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A folder of content. One process at a time uses it; its calls block on the disk.
#[derive(Debug)]
pub struct Store {
    content: PathBuf,
    accounts: PathBuf,
    limits: StoreLimits,
    index: Mutex<Index>,
}

/// What lies in the folder. Held while writing: two writers never pass a quota together.
#[derive(Debug, Default)]
struct Index {
    content: BTreeMap<Cid, u64>,
    total_bytes: u64,
    accounts: BTreeMap<AccountId, BTreeSet<Cid>>,
}

impl Store {
    /// Opens the folder, or makes it.
    pub fn open(folder: &Path, limits: StoreLimits) -> Result<Self, StoreError> {
        let (content, accounts) = (folder.join("content"), folder.join("accounts"));
        let index = Index::read(&content, &accounts)?;
        Ok(Self { content, accounts, limits, index: Mutex::new(index) })
    }

    /// Stores `code` for `account` and returns its CID. Storing again what the account has stored
    /// changes nothing.
    pub fn put(&self, account: AccountId, code: &[u8]) -> Result<Cid, PutError> {
        match code.len() {
            0 => return Err(PutError::Empty),
            bytes if bytes > MAX_CODE_BYTES => return Err(PutError::TooLong { bytes }),
            _ => {}
        }
        let cid = Cid::of(code);
        let bytes = code.len() as u64;
        let mut index = self.index();

        // What was altered on disk, or is gone from it, is written again.
        let intact = index.content.contains_key(&cid) && matches!(self.read(&cid), Ok(Some(_)));
        let stored = index.accounts.get(&account).is_some_and(|cids| cids.contains(&cid));
        if stored && intact {
            return Ok(cid);
        }
        if !stored {
            self.check_quota(index.usage(&account), bytes)?;
        }
        if !intact {
            index.remove_content(&cid);
            if index.total_bytes.saturating_add(bytes) > self.limits.total_bytes {
                return Err(PutError::Full { quota: self.limits.total_bytes });
            }
            write_whole(&self.content, &cid.to_string(), code)?;
            index.add_content(cid, bytes);
        }
        let folder = self.accounts.join(hex::encode(account));
        make_folder(&folder)?;
        write_whole(&folder, &cid.to_string(), &[])?;
        index.accounts.entry(account).or_default().insert(cid);
        Ok(cid)
    }

    /// The content of `cid`, verified against it; `None` when this store has not got it.
    pub fn get(&self, cid: &Cid) -> Result<Option<Vec<u8>>, ReadError> {
        if self.contains(cid) { self.read(cid) } else { Ok(None) }
    }

    fn read(&self, cid: &Cid) -> Result<Option<Vec<u8>>, ReadError> {
        let path = self.content.join(cid.to_string());
        let length = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path)(error).into()),
        };
        if length > MAX_CODE_BYTES as u64 {
            return Err(ReadError::Altered(*cid));
        }
        let content = fs::read(&path).map_err(at(&path))?;
        if Cid::of(&content) != *cid {
            return Err(ReadError::Altered(*cid));
        }
        Ok(Some(content))
    }

    /// Whether this store has content of that name.
    pub fn contains(&self, cid: &Cid) -> bool {
        self.index().content.contains_key(cid)
    }

    /// What an account has stored.
    pub fn usage(&self, account: &AccountId) -> Usage {
        self.index().usage(account)
    }

    fn check_quota(&self, usage: Usage, more: u64) -> Result<(), PutError> {
        if usage.actions >= self.limits.account_actions {
            return Err(PutError::AccountActions { quota: self.limits.account_actions });
        }
        let bytes = usage.bytes.saturating_add(more);
        if bytes > self.limits.account_bytes {
            return Err(PutError::AccountBytes { bytes, quota: self.limits.account_bytes });
        }
        Ok(())
    }

    fn index(&self) -> std::sync::MutexGuard<'_, Index> {
        // Whatever panicked while it held the lock had not yet entered what it did not write.
        self.index.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Index {
    fn read(content: &Path, accounts: &Path) -> Result<Self, StoreError> {
        let mut index = Self::default();
        make_folder(content)?;
        make_folder(accounts)?;
        for entry in fs::read_dir(content).map_err(at(content))? {
            let entry = entry.map_err(at(content))?;
            // Anything else is a temporary file of a write that a crash cut short, or was not put
            // here by a store.
            let Some(cid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            index.add_content(cid, entry.metadata().map_err(at(content))?.len());
        }
        for entry in fs::read_dir(accounts).map_err(at(accounts))? {
            let folder = entry.map_err(at(accounts))?.path();
            let mut account = AccountId::default();
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if hex::decode_to_slice(name, &mut account).is_err() {
                continue;
            }
            let cids = index.accounts.entry(account).or_default();
            for mark in fs::read_dir(&folder).map_err(at(&folder))? {
                let mark = mark.map_err(at(&folder))?;
                cids.extend(mark.file_name().to_str().and_then(|name| name.parse::<Cid>().ok()));
            }
        }
        Ok(index)
    }

    fn add_content(&mut self, cid: Cid, bytes: u64) {
        self.content.insert(cid, bytes);
        self.total_bytes = self.total_bytes.saturating_add(bytes);
    }

    fn remove_content(&mut self, cid: &Cid) {
        let bytes = self.content.remove(cid).unwrap_or_default();
        self.total_bytes = self.total_bytes.saturating_sub(bytes);
    }

    fn usage(&self, account: &AccountId) -> Usage {
        let Some(cids) = self.accounts.get(account) else {
            return Usage::default();
        };
        Usage {
            bytes: cids.iter().filter_map(|cid| self.content.get(cid)).sum(),
            actions: cids.len(),
        }
    }
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(at(path))
}

/// Writes a file so that a reader, or a crash, sees all of it or none.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let path = folder.join(name);
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|failed| failed.error)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(at(&path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError { path, source }
}
