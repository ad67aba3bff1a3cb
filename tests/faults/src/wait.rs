//! Waiting, with an end.

use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(50);

/// Waits until `check` says yes.
///
/// # Panics
/// When it has not after `limit`.
pub async fn until(what: &str, limit: Duration, mut check: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !check().await {
        assert!(Instant::now() < deadline, "{what}: not within {} s", limit.as_secs());
        tokio::time::sleep(POLL).await;
    }
}
