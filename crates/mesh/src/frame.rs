//! Frames: `kind (1) || counter (8) || length (4) || payload`, numbers big-endian.

use bytes::{Buf, BufMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::{Lane, LinkError, MAX_FRAME_PAYLOAD, hello::Hello};

pub(crate) const HEADER_LENGTH: usize = 13;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Hello,
    Refusal,
    Ping,
    Pong,
    /// A piece of a message. Every piece but the last is exactly [`MAX_FRAME_PAYLOAD`] long.
    Piece {
        lane: Lane,
        last: bool,
    },
}

/// The first bytes of a frame are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// No kind has this number.
    #[error("unknown frame kind {0}")]
    UnknownKind(u8),
    /// No frame of this kind has this length.
    #[error("a frame of kind {kind} cannot have {length} bytes")]
    Length {
        /// Number of the kind.
        kind: u8,
        /// Length that the header claims.
        length: u32,
    },
    /// The counter does not follow the one before.
    #[error("frame counter {found} instead of {expected}")]
    Counter {
        /// The counter that had to come.
        expected: u64,
        /// The counter that came.
        found: u64,
    },
    /// The kind has no place here, such as a second hello.
    #[error("a frame of kind {0} is out of place")]
    OutOfPlace(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub kind: Kind,
    pub counter: u64,
    pub length: u32,
}

pub(crate) struct Frame {
    pub kind: Kind,
    pub counter: u64,
    pub payload: Vec<u8>,
}

impl Kind {
    pub fn number(self) -> u8 {
        match self {
            Self::Hello => 1,
            Self::Refusal => 2,
            Self::Ping => 3,
            Self::Pong => 4,
            Self::Piece { lane: Lane::Urgent, last: false } => 5,
            Self::Piece { lane: Lane::Urgent, last: true } => 6,
            Self::Piece { lane: Lane::Bulk, last: false } => 7,
            Self::Piece { lane: Lane::Bulk, last: true } => 8,
        }
    }

    fn from_number(number: u8) -> Result<Self, FrameError> {
        Ok(match number {
            1 => Self::Hello,
            2 => Self::Refusal,
            3 => Self::Ping,
            4 => Self::Pong,
            5 => Self::Piece { lane: Lane::Urgent, last: false },
            6 => Self::Piece { lane: Lane::Urgent, last: true },
            7 => Self::Piece { lane: Lane::Bulk, last: false },
            8 => Self::Piece { lane: Lane::Bulk, last: true },
            _ => return Err(FrameError::UnknownKind(number)),
        })
    }

    fn allows(self, length: usize) -> bool {
        match self {
            Self::Hello => length == Hello::LENGTH,
            Self::Refusal => length == 1,
            Self::Ping | Self::Pong => length == 8,
            Self::Piece { last: false, .. } => length == MAX_FRAME_PAYLOAD,
            Self::Piece { last: true, .. } => length <= MAX_FRAME_PAYLOAD,
        }
    }
}

impl Header {
    pub fn decode(bytes: &[u8; HEADER_LENGTH]) -> Result<Self, FrameError> {
        let mut bytes = bytes.as_slice();
        let kind = Kind::from_number(bytes.get_u8())?;
        let (counter, length) = (bytes.get_u64(), bytes.get_u32());
        let allowed = usize::try_from(length).is_ok_and(|length| kind.allows(length));
        if allowed {
            Ok(Self { kind, counter, length })
        } else {
            Err(FrameError::Length { kind: kind.number(), length })
        }
    }
}

/// Appends one frame to `buffer`. The payload is ours and within the limits of its kind.
pub(crate) fn append(buffer: &mut Vec<u8>, kind: Kind, counter: u64, payload: &[u8]) {
    debug_assert!(kind.allows(payload.len()));
    buffer.reserve(HEADER_LENGTH + payload.len());
    buffer.put_u8(kind.number());
    buffer.put_u64(counter);
    buffer.put_u32(payload.len() as u32);
    buffer.put_slice(payload);
}

/// Reads one frame, whose counter must be `expected`; `None` takes any, as for the first frame of a
/// link. Memory is set aside only after the header has been found right.
pub(crate) async fn read(
    reader: &mut (impl AsyncRead + Unpin),
    expected: Option<u64>,
) -> Result<Frame, LinkError> {
    let mut header = [0; HEADER_LENGTH];
    reader.read_exact(&mut header).await?;
    let Header { kind, counter, length } = Header::decode(&header)?;
    if let Some(expected) = expected.filter(|expected| *expected != counter) {
        return Err(FrameError::Counter { expected, found: counter }.into());
    }
    let mut payload = vec![0; length as usize];
    reader.read_exact(&mut payload).await?;
    Ok(Frame { kind, counter, payload })
}

#[cfg(test)]
mod tests {
    use conclave_gates::snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::VERSION;

    fn header(kind: Kind, length: usize) -> [u8; HEADER_LENGTH] {
        let mut bytes = [0; HEADER_LENGTH];
        bytes[0] = kind.number();
        bytes[9..].copy_from_slice(&(length as u32).to_be_bytes());
        bytes
    }

    #[test]
    fn takes_a_payload_at_the_limit_of_its_kind_and_none_beyond() {
        for lane in [Lane::Urgent, Lane::Bulk] {
            let (part, last) =
                (Kind::Piece { lane, last: false }, Kind::Piece { lane, last: true });
            assert!(Header::decode(&header(last, 0)).is_ok());
            assert!(Header::decode(&header(last, MAX_FRAME_PAYLOAD)).is_ok());
            assert!(Header::decode(&header(last, MAX_FRAME_PAYLOAD + 1)).is_err());
            assert!(Header::decode(&header(part, MAX_FRAME_PAYLOAD - 1)).is_err());
            assert!(Header::decode(&header(part, MAX_FRAME_PAYLOAD)).is_ok());
            assert!(Header::decode(&header(part, MAX_FRAME_PAYLOAD + 1)).is_err());
        }
        for (kind, length) in
            [(Kind::Hello, Hello::LENGTH), (Kind::Refusal, 1), (Kind::Ping, 8), (Kind::Pong, 8)]
        {
            assert!(Header::decode(&header(kind, length - 1)).is_err());
            assert!(Header::decode(&header(kind, length)).is_ok());
            assert!(Header::decode(&header(kind, length + 1)).is_err());
        }
    }

    #[test]
    fn the_frames_of_a_version_are_pinned() {
        let kinds: Vec<_> = (0..=u8::MAX).filter_map(|n| Kind::from_number(n).ok()).collect();
        let pinned = kinds.into_iter().map(|kind| {
            let length = match kind {
                Kind::Hello => Hello::LENGTH,
                Kind::Refusal => 1,
                Kind::Ping | Kind::Pong => 8,
                Kind::Piece { last: false, .. } => MAX_FRAME_PAYLOAD,
                Kind::Piece { last: true, .. } => 3,
            };
            let mut frame = Vec::new();
            append(&mut frame, kind, 0x0102_0304_0506_0708, &vec![9; length]);
            // The header and the first bytes: what a whole piece repeats says nothing more.
            frame.truncate(HEADER_LENGTH + Hello::LENGTH);
            (format!("{kind:?}"), frame)
        });
        snapshot::assert_pinned(env!("CARGO_MANIFEST_DIR"), &format!("{VERSION}-frames"), pinned);
    }

    proptest! {
        #[test]
        fn decodes_any_header_to_an_allowed_frame_or_an_error(bytes: [u8; HEADER_LENGTH]) {
            if let Ok(header) = Header::decode(&bytes) {
                prop_assert!(header.length as usize <= MAX_FRAME_PAYLOAD);
                prop_assert_eq!(header.kind.number(), bytes[0]);
            }
        }
    }
}
