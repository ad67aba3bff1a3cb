use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;

use redb::{
    Database, Durability, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction,
};
use zeroize::Zeroizing;

use crate::header;
use crate::record::ID_BYTES;
use crate::seal::{Sealer, random};
use crate::{
    CreateError, DerivationCost, KeystoreError, MAX_METADATA_BYTES, OpenError, Passphrase, Record,
    RecordError, RecordId, State,
};

mod file;

/// Most records that one call writes or erases.
pub const MAX_BATCH_RECORDS: usize = 4096;
/// Most records that one call of [`Keystore::list`] returns.
pub const MAX_LISTED_RECORDS: usize = 1024;

const HEADER: TableDefinition<(), &[u8]> = TableDefinition::new("header");
const RECORDS: TableDefinition<&[u8; ID_BYTES], &[u8]> = TableDefinition::new("records");

/// An open keystore. Every call blocks on the disk; a call that writes returns once the data is on
/// the medium.
pub struct Keystore {
    database: Database,
    sealer: Sealer,
}

impl Keystore {
    /// Creates the file, readable by its user only, for the node whose public identity key is
    /// `node`. The file appears complete or not at all.
    ///
    /// # Errors
    /// Never overwrites anything: [`CreateError::AlreadyExists`].
    pub fn create(
        path: &Path,
        passphrase: &Passphrase,
        node: [u8; 32],
        cost: DerivationCost,
    ) -> Result<Self, CreateError> {
        let data_key = Zeroizing::new(random::<32>().map_err(KeystoreError::from)?);
        let header =
            header::seal(node, &data_key, passphrase, cost).map_err(|error| match error {
                KeystoreError::CostOutOfRange => CreateError::CostOutOfRange,
                other => other.into(),
            })?;
        file::create(path, |database| {
            let transaction = begin(database)?;
            transaction
                .open_table(HEADER)
                .map_err(storage)?
                .insert((), &header[..])
                .map_err(storage)?;
            transaction.open_table(RECORDS).map_err(storage)?;
            transaction.commit().map_err(storage)
        })?;
        Ok(Self::open(path, passphrase)?)
    }

    /// Opens the file and checks that it is undamaged, which reads all of it once.
    ///
    /// # Errors
    /// [`OpenError::WrongPassphrase`], [`OpenError::InUse`] and [`OpenError::Damaged`] tell the
    /// operator what to do.
    pub fn open(path: &Path, passphrase: &Passphrase) -> Result<Self, OpenError> {
        let database = file::open(path)?;
        let header =
            read_header(&database).map_err(|error| OpenError::Damaged(error.to_string()))?;
        let opened = header::open(&header, passphrase)?;
        Ok(Self { database, sealer: Sealer::new(&opened.data_key, opened.node) })
    }

    /// The public identity key of the node that this keystore was created for.
    pub fn node(&self) -> [u8; 32] {
        self.sealer.node()
    }

    /// Seals the data key under another passphrase. The records stay as they are; copies of the
    /// file made before still open with the old passphrase.
    pub fn change_passphrase(
        &self,
        old: &Passphrase,
        new: &Passphrase,
        cost: DerivationCost,
    ) -> Result<(), KeystoreError> {
        let current = read_header(&self.database)?;
        let opened = header::open(&current, old).map_err(|_| KeystoreError::WrongPassphrase)?;
        let header = header::seal(opened.node, &opened.data_key, new, cost)?;
        let transaction = begin(&self.database)?;
        transaction
            .open_table(HEADER)
            .map_err(storage)?
            .insert((), &header[..])
            .map_err(storage)?;
        transaction.commit().map_err(storage)
    }

    /// Writes all of the records or none.
    ///
    /// # Errors
    /// Never overwrites a record: [`RecordError::AlreadyExists`].
    pub fn put(&self, records: &[Record]) -> Result<(), KeystoreError> {
        check_batch(records.len())?;
        records.iter().try_for_each(Record::check_lengths)?;
        self.write(|table| {
            for record in records {
                let value = self.sealer.seal(record, record.state)?;
                if table.insert(&record.id.to_bytes(), &value[..]).map_err(storage)?.is_some() {
                    return Err(RecordError::AlreadyExists { id: record.id }.into());
                }
            }
            Ok(())
        })
    }

    /// Makes all of these records final, or none. A record that is final already stays so.
    pub fn finalize(&self, ids: &[RecordId]) -> Result<(), KeystoreError> {
        check_batch(ids.len())?;
        self.write(|table| {
            ids.iter()
                .try_for_each(|id| self.rewrite(table, *id, |record| record.state = State::Final))
        })
    }

    /// Replaces the metadata of all of these records, or of none.
    pub fn set_metadata(&self, changes: &[(RecordId, Vec<u8>)]) -> Result<(), KeystoreError> {
        check_batch(changes.len())?;
        if let Some((id, _)) =
            changes.iter().find(|(_, metadata)| metadata.len() > MAX_METADATA_BYTES)
        {
            return Err(RecordError::MetadataTooLong { id: *id }.into());
        }
        self.write(|table| {
            changes.iter().try_for_each(|(id, metadata)| {
                self.rewrite(table, *id, |record| record.metadata.clone_from(metadata))
            })
        })
    }

    /// Erases all of these records, or none; those that are not there are passed over. Returns how
    /// many there were.
    pub fn erase(&self, ids: &[RecordId]) -> Result<usize, KeystoreError> {
        check_batch(ids.len())?;
        self.write(|table| {
            let mut erased = 0;
            for id in ids {
                erased += usize::from(table.remove(&id.to_bytes()).map_err(storage)?.is_some());
            }
            Ok(erased)
        })
    }

    /// The record with this id.
    pub fn get(&self, id: RecordId) -> Result<Option<Record>, KeystoreError> {
        let transaction = self.database.begin_read().map_err(storage)?;
        let table = transaction.open_table(RECORDS).map_err(storage)?;
        match table.get(&id.to_bytes()).map_err(storage)? {
            Some(value) => self.opened(id, value.value()).map(Some),
            None => Ok(None),
        }
    }

    /// The records of these epochs in order of id, at most [`MAX_LISTED_RECORDS`] of them,
    /// beginning behind `after`. Ask again with the last id until the answer is empty.
    pub fn list(
        &self,
        epochs: RangeInclusive<u64>,
        after: Option<RecordId>,
    ) -> Result<Vec<Record>, KeystoreError> {
        let first = RecordId::range_of(*epochs.start()).0.to_bytes();
        let last = RecordId::range_of(*epochs.end()).1.to_bytes();
        let after = after.map(RecordId::to_bytes);
        let start = after.map_or(first, |after| after.max(first));
        if start > last {
            return Ok(Vec::new());
        }
        let transaction = self.database.begin_read().map_err(storage)?;
        let table = transaction.open_table(RECORDS).map_err(storage)?;
        let mut records = Vec::new();
        for entry in table.range::<&[u8; ID_BYTES]>(&start..=&last).map_err(storage)? {
            let (key, value) = entry.map_err(storage)?;
            if after.as_ref() == Some(key.value()) {
                continue;
            }
            records.push(self.opened(RecordId::from_bytes(key.value()), value.value())?);
            if records.len() == MAX_LISTED_RECORDS {
                break;
            }
        }
        Ok(records)
    }

    fn opened(&self, id: RecordId, value: &[u8]) -> Result<Record, KeystoreError> {
        self.sealer.open(id, value).ok_or(KeystoreError::Altered { id })
    }

    fn rewrite(
        &self,
        table: &mut RecordTable<'_>,
        id: RecordId,
        change: impl FnOnce(&mut Record),
    ) -> Result<(), KeystoreError> {
        let stored =
            table.get(&id.to_bytes()).map_err(storage)?.map(|value| self.opened(id, value.value()));
        let mut record = stored.ok_or(RecordError::NotFound { id })??;
        change(&mut record);
        let value = self.sealer.seal(&record, record.state)?;
        table.insert(&id.to_bytes(), &value[..]).map_err(storage)?;
        Ok(())
    }

    /// One transaction: what `change` did is kept only when it returns `Ok`.
    fn write<T>(
        &self,
        change: impl FnOnce(&mut RecordTable<'_>) -> Result<T, KeystoreError>,
    ) -> Result<T, KeystoreError> {
        let transaction = begin(&self.database)?;
        let outcome = change(&mut transaction.open_table(RECORDS).map_err(storage)?)?;
        transaction.commit().map_err(storage)?;
        Ok(outcome)
    }
}

type RecordTable<'transaction> = Table<'transaction, &'static [u8; ID_BYTES], &'static [u8]>;

impl fmt::Debug for Keystore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keystore").finish_non_exhaustive()
    }
}

fn check_batch(found: usize) -> Result<(), RecordError> {
    if found > MAX_BATCH_RECORDS { Err(RecordError::BatchTooLarge { found }) } else { Ok(()) }
}

/// Two phases, so that a damaged commit is reported. With one, opening would fall back to the
/// commit before it in silence.
fn begin(database: &Database) -> Result<WriteTransaction, KeystoreError> {
    let mut transaction = database.begin_write().map_err(storage)?;
    transaction.set_durability(Durability::Immediate).map_err(storage)?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

fn read_header(database: &Database) -> Result<Vec<u8>, KeystoreError> {
    let transaction = database.begin_read().map_err(storage)?;
    let table = transaction.open_table(HEADER).map_err(storage)?;
    Ok(table.get(()).map_err(storage)?.map(|value| value.value().to_vec()).unwrap_or_default())
}

fn storage(error: impl Into<redb::Error>) -> KeystoreError {
    error.into().into()
}
