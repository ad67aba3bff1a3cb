use thiserror::Error;

use crate::RecordId;

/// Why a passphrase cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PassphraseError {
    /// It has no characters.
    #[error("the passphrase is empty")]
    Empty,
    /// It is above [`crate::MAX_PASSPHRASE_BYTES`].
    #[error("the passphrase is longer than {} bytes", crate::MAX_PASSPHRASE_BYTES)]
    TooLong,
}

/// Why no keystore was created.
#[derive(Debug, Error)]
pub enum CreateError {
    /// There is something at that path; it was left untouched.
    #[error("a file is already there")]
    AlreadyExists,
    /// The derivation cost is outside the limits.
    #[error("the derivation cost is outside the limits")]
    CostOutOfRange,
    /// The file could not be written, or not be opened again.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The new keystore could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Why a keystore did not open.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is no file at that path.
    #[error("there is no keystore at that path")]
    NotFound,
    /// Another process, or another part of this one, has it open.
    #[error("the keystore is in use: only one process may open it at a time")]
    InUse,
    /// The passphrase does not open it. A header altered on purpose looks the same.
    #[error("the passphrase does not open this keystore")]
    WrongPassphrase,
    /// It was written in a format that this version does not know.
    #[error("the keystore has format {found}; this version reads format {}", crate::header::FORMAT)]
    UnknownFormat {
        /// The format in the file.
        found: u8,
    },
    /// The file is damaged, or is no keystore. It must be restored from a backup.
    #[error("the keystore file is damaged: {0}")]
    Damaged(String),
    /// The operating system refused.
    #[error("the keystore file cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Why a record could not be written. Nothing of its batch was written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The secret is above [`crate::MAX_SECRET_BYTES`].
    #[error("the secret of {id:?} is longer than {} bytes", crate::MAX_SECRET_BYTES)]
    SecretTooLong {
        /// The record at fault.
        id: RecordId,
    },
    /// The metadata is above [`crate::MAX_METADATA_BYTES`].
    #[error("the metadata of {id:?} is longer than {} bytes", crate::MAX_METADATA_BYTES)]
    MetadataTooLong {
        /// The record at fault.
        id: RecordId,
    },
    /// A record with this id is there already, or twice in the batch; secrets are never
    /// overwritten.
    #[error("there is already a record {id:?}")]
    AlreadyExists {
        /// The record at fault.
        id: RecordId,
    },
    /// No record has this id.
    #[error("there is no record {id:?}")]
    NotFound {
        /// The record at fault.
        id: RecordId,
    },
    /// More than [`crate::MAX_BATCH_RECORDS`] at once.
    #[error("a batch of {found} records is above the limit of {}", crate::MAX_BATCH_RECORDS)]
    BatchTooLarge {
        /// How many there were.
        found: usize,
    },
}

/// Why an operation on an open keystore failed.
#[derive(Debug, Error)]
pub enum KeystoreError {
    /// The record or batch itself is at fault.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A record does not open: it was altered, moved, or comes from another node.
    #[error("the record {id:?} was altered")]
    Altered {
        /// The record at fault.
        id: RecordId,
    },
    /// The header was altered after the keystore was opened, or the old passphrase is wrong.
    #[error("the old passphrase does not open this keystore")]
    WrongPassphrase,
    /// The new derivation cost is outside the limits.
    #[error("the derivation cost is outside the limits")]
    CostOutOfRange,
    /// More bytes than the cipher seals under one nonce; no record within its limits has as many.
    #[error("a secret is too long to be sealed")]
    TooLongToSeal,
    /// The operating system's randomness failed.
    #[error("no randomness from the operating system: {0}")]
    Randomness(#[from] getrandom::Error),
    /// The database could not read or write. After a failed write, reopen.
    #[error("the keystore file failed: {0}")]
    Storage(Box<redb::Error>),
    /// The operating system refused.
    #[error("the keystore file cannot be written: {0}")]
    Io(#[from] std::io::Error),
}

impl From<redb::Error> for KeystoreError {
    fn from(error: redb::Error) -> Self {
        Self::Storage(Box::new(error))
    }
}
