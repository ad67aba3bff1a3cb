use crate::{RecordError, Secret};

/// Longest secret of one record, in bytes.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;
/// Longest metadata of one record, in bytes.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;

/// Where a record stands. Records order by epoch, then key id, then kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// The epoch that the record belongs to; 0 for what belongs to none.
    pub epoch: u64,
    /// Which key, in whatever way the caller names keys in 32 bytes.
    pub key: [u8; 32],
    /// What sort of secret it is. Only the caller knows the meaning.
    pub kind: u8,
}

/// Whether the outside world has confirmed a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Held, but not yet confirmed: it may still have to be erased.
    Provisional,
    /// Confirmed for good.
    Final,
}

/// One secret with its public part.
#[derive(Debug)]
pub struct Record {
    /// Where it stands.
    pub id: RecordId,
    /// Provisional or final.
    pub state: State,
    /// Public, stored in clear, protected against alteration. At most [`MAX_METADATA_BYTES`].
    pub metadata: Vec<u8>,
    /// Sealed on disk. At most [`MAX_SECRET_BYTES`].
    pub secret: Secret,
}

/// Length of a [`RecordId`] as a database key.
pub(crate) const ID_BYTES: usize = 8 + 32 + 1;

impl RecordId {
    /// The smallest and largest id of an epoch.
    pub(crate) fn range_of(epoch: u64) -> (Self, Self) {
        let first = Self { epoch, key: [0; 32], kind: 0 };
        let last = Self { epoch, key: [u8::MAX; 32], kind: u8::MAX };
        (first, last)
    }

    /// Big-endian, so that the database orders keys as [`RecordId`] does.
    pub(crate) fn to_bytes(self) -> [u8; ID_BYTES] {
        let mut bytes = [0; ID_BYTES];
        bytes[..8].copy_from_slice(&self.epoch.to_be_bytes());
        bytes[8..40].copy_from_slice(&self.key);
        bytes[40] = self.kind;
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; ID_BYTES]) -> Self {
        let mut epoch = [0; 8];
        let mut key = [0; 32];
        epoch.copy_from_slice(&bytes[..8]);
        key.copy_from_slice(&bytes[8..40]);
        Self { epoch: u64::from_be_bytes(epoch), key, kind: bytes[40] }
    }
}

impl Record {
    pub(crate) fn check_lengths(&self) -> Result<(), RecordError> {
        if self.secret.expose().len() > MAX_SECRET_BYTES {
            return Err(RecordError::SecretTooLong { id: self.id });
        }
        if self.metadata.len() > MAX_METADATA_BYTES {
            return Err(RecordError::MetadataTooLong { id: self.id });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_order_on_disk_as_in_memory() {
        let mut ids = vec![
            RecordId { epoch: 256, key: [0; 32], kind: 0 },
            RecordId { epoch: 1, key: [2; 32], kind: 0 },
            RecordId { epoch: 1, key: [1; 32], kind: 9 },
            RecordId { epoch: 1, key: [1; 32], kind: 3 },
        ];
        let mut encoded: Vec<_> = ids.iter().map(|id| id.to_bytes()).collect();
        ids.sort();
        encoded.sort();
        assert_eq!(encoded.iter().map(RecordId::from_bytes).collect::<Vec<_>>(), ids);
    }
}
