//! Locks around maps that are changed by one call at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic while the lock was held cannot leave the map half-written: each change is one call.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
