//! RFC 3339 timestamps, kept with their spelling: the text is what was signed.

use std::fmt;

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A moment and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    text: String,
    at: OffsetDateTime,
}

impl Timestamp {
    /// Reads `2026-01-31T12:00:00.000Z` and its like: upper-case `T` and `Z`, or a numeric offset.
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| {
            byte.is_ascii_digit() || matches!(byte, b'T' | b'Z' | b':' | b'.' | b'+' | b'-')
        };
        if text.len() > conclave_wire::limits::MAX_TIMESTAMP_BYTES || !text.bytes().all(allowed) {
            return None;
        }
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        Some(Self { text: text.to_owned(), at })
    }

    /// The moment.
    pub const fn at(&self) -> OffsetDateTime {
        self.at
    }
}

/// Spelled as JavaScript's `toISOString` does: UTC, three digits of a second.
impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        let utc = at.to_offset(UtcOffset::UTC);
        let (year, month, day) = (utc.year(), u8::from(utc.month()), utc.day());
        let (hour, minute, second, milli) =
            (utc.hour(), utc.minute(), utc.second(), utc.millisecond());
        let text =
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
        Self { text, at }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_javascript_writes_and_writes_it_back() {
        let text = "2026-11-20T07:45:34.545Z";
        let read = Timestamp::parse(text).expect("valid");
        assert_eq!(Timestamp::from(read.at()).to_string(), text);
    }

    #[test]
    fn an_offset_is_taken_into_account() {
        let moment = |text| Timestamp::parse(text).expect("valid").at();
        assert_eq!(moment("2026-01-01T01:00:00+01:00"), moment("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn refuses_what_is_no_timestamp() {
        let long = format!("2026-01-01T00:00:00.{}Z", "0".repeat(30));
        for text in [
            "",
            "now",
            "2026-01-01",
            "2026-01-01 00:00:00Z",
            "2026-01-01t00:00:00z",
            "2026-02-30T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00",
            " 2026-01-01T00:00:00Z",
            &long,
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text:?}");
        }
    }
}
