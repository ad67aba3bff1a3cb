//! A lock that outlives a panicking holder.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks; a poisoned lock is taken all the same, because one failed task must not take every link
/// down with it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
