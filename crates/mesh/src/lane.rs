//! The two lanes of a link.

use crate::{MAX_BULK_MESSAGE, MAX_URGENT_MESSAGE};

/// Which queue a message waits in. Frames of the urgent lane always go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Short messages that somebody waits for, such as those of a signature.
    Urgent,
    /// Long messages that may take a while, such as those of a ceremony.
    Bulk,
}

impl Lane {
    /// Length of the longest message that the lane takes, in bytes.
    pub const fn longest_message(self) -> usize {
        match self {
            Self::Urgent => MAX_URGENT_MESSAGE,
            Self::Bulk => MAX_BULK_MESSAGE,
        }
    }
}
