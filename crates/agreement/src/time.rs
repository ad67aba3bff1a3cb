//! Points in time and spans. A member has no clock: whoever drives it says what time it is.

use core::ops::{Add, Sub};
pub use core::time::Duration;

/// A point on the clock of whoever drives a member, in whole milliseconds since that clock's start.
/// It never goes back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(u64);

impl Instant {
    /// The clock's start.
    pub const START: Instant = Instant(0);

    /// The point so many milliseconds after the clock's start.
    pub const fn from_millis(millis: u64) -> Self {
        Instant(millis)
    }

    /// Milliseconds since the clock's start.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The span from `earlier` to here; nothing when `earlier` is later.
    pub const fn since(self, earlier: Instant) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

fn whole_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Stops at the end of time.
impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, span: Duration) -> Instant {
        Instant(self.0.saturating_add(whole_millis(span)))
    }
}

/// Stops at the clock's start.
impl Sub<Duration> for Instant {
    type Output = Instant;

    fn sub(self, span: Duration) -> Instant {
        Instant(self.0.saturating_sub(whole_millis(span)))
    }
}

impl core::fmt::Debug for Instant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_added_and_taken_away_leads_back_and_neither_end_of_time_is_passed() {
        let (noon, hour) = (Instant::from_millis(43_200_000), Duration::from_secs(3_600));
        assert_eq!((noon + hour) - hour, noon);
        assert_eq!((noon + hour).since(noon), hour);
        assert_eq!(noon.since(noon + hour), Duration::ZERO);
        assert_eq!(Instant::START - hour, Instant::START);
        assert_eq!(noon + Duration::MAX, Instant::from_millis(u64::MAX));
    }
}
