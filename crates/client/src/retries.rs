use crate::network::Options;
use std::time::{Duration, Instant};

/// The pause before a call is made again; twice as long before each further time.
pub const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// How long after the first attempt another one may begin: who waited longer than this is asked
/// before it goes on.
pub const MAX_RETRY_AGE: Duration = Duration::from_secs(10);

/// The attempts of one call.
pub(crate) struct Retries {
    begun: Instant,
    left: u32,
    pause: Duration,
}

impl Retries {
    pub fn new(options: &Options) -> Self {
        Self { begun: Instant::now(), left: options.retries, pause: RETRY_PAUSE }
    }

    /// Waits for the next attempt; false when there is none.
    pub async fn next(&mut self) -> bool {
        if self.left == 0 || self.begun.elapsed() + self.pause > MAX_RETRY_AGE {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.left -= 1;
        self.pause *= 2;
        true
    }
}
