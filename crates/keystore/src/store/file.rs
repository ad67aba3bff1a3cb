//! The database file itself: created whole, opened by one, checked before it is trusted.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use conclave_panics::{Panicked, contain};
use redb::{Database, DatabaseError, StorageError};

use crate::{CreateError, KeystoreError, OpenError};

/// Builds the database beside its place and moves it there once `fill` has committed.
pub(super) fn create(
    path: &Path,
    fill: impl FnOnce(&Database) -> Result<(), KeystoreError>,
) -> Result<(), CreateError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(CreateError::AlreadyExists);
    }
    let partial = partial_path(path);
    // What an interrupted attempt left holds no record.
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(KeystoreError::Io(error).into());
        }
        _ => {}
    }
    let built = build(&partial, fill)
        // A hard link, unlike a rename, never replaces a file that appeared in between.
        .and_then(|()| match fs::hard_link(&partial, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(CreateError::AlreadyExists)
            }
            Err(error) => Err(KeystoreError::Io(error).into()),
            Ok(()) => Ok(()),
        });
    let removed = fs::remove_file(&partial).map_err(KeystoreError::Io);
    built?;
    removed?;
    sync_folder(path).map_err(KeystoreError::Io)?;
    Ok(())
}

fn build(
    partial: &Path,
    fill: impl FnOnce(&Database) -> Result<(), KeystoreError>,
) -> Result<(), CreateError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(partial)
        .map_err(KeystoreError::Io)?;
    let database = Database::builder()
        .create_file(file)
        .map_err(|error| KeystoreError::from(redb::Error::from(error)))?;
    fill(&database)?;
    Ok(())
}

/// Opens the database and verifies every checksum in it.
pub(super) fn open(path: &Path) -> Result<Database, OpenError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(OpenError::NotFound),
        Err(error) => return Err(error.into()),
        Ok(_) => {}
    }
    // The database asserts some of its own invariants. A damaged file must end in an error all the
    // same.
    let opened = contain(|| {
        let mut database = Database::open(path)?;
        Ok((database.check_integrity()?, database))
    });
    match opened {
        Ok(Ok((true, database))) => Ok(database),
        Ok(Ok((false, _))) => Err(OpenError::Damaged("the checksums do not match".into())),
        Ok(Err(DatabaseError::DatabaseAlreadyOpen)) => Err(OpenError::InUse),
        Ok(Err(DatabaseError::Storage(StorageError::Io(error)))) if !is_about_content(&error) => {
            Err(error.into())
        }
        Ok(Err(error)) => Err(OpenError::Damaged(error.to_string())),
        Err(Panicked) => Err(OpenError::Damaged("its structure is inconsistent".into())),
    }
}

fn is_about_content(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}
