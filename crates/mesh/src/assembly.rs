//! Puts the pieces of one lane's messages together again.

use bytes::Bytes;

use crate::{Lane, LinkError};

/// The unfinished message of one lane. It never holds more than the lane's longest message.
pub(crate) struct Assembly {
    lane: Lane,
    pieces: Vec<u8>,
}

impl Assembly {
    pub fn new(lane: Lane) -> Self {
        Self { lane, pieces: Vec::new() }
    }

    /// Whether a piece of `length` more bytes still gives a message that the lane takes.
    pub fn check(&self, length: usize) -> Result<(), LinkError> {
        if self.pieces.len() + length > self.lane.longest_message() {
            return Err(LinkError::MessageTooLong { lane: self.lane });
        }
        Ok(())
    }

    /// Takes the next piece, and returns the message if it was the last.
    pub fn push(&mut self, piece: Vec<u8>, last: bool) -> Result<Option<Bytes>, LinkError> {
        self.check(piece.len())?;
        if last && self.pieces.is_empty() {
            return Ok(Some(piece.into()));
        }
        self.pieces.extend_from_slice(&piece);
        Ok(last.then(|| std::mem::take(&mut self.pieces).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_FRAME_PAYLOAD;

    #[test]
    fn joins_pieces_in_order_and_starts_afresh() {
        let mut assembly = Assembly::new(Lane::Urgent);
        assert_eq!(assembly.push(vec![1, 2], false).unwrap(), None);
        assert_eq!(assembly.push(vec![3], true).unwrap(), Some(Bytes::from_static(&[1, 2, 3])));
        assert_eq!(assembly.push(vec![], true).unwrap(), Some(Bytes::new()));
        assert_eq!(assembly.push(vec![4], true).unwrap(), Some(Bytes::from_static(&[4])));
    }

    #[test]
    fn takes_the_longest_message_of_each_lane_and_not_one_byte_more() {
        for lane in [Lane::Urgent, Lane::Bulk] {
            let full = || {
                let mut assembly = Assembly::new(lane);
                for _ in 0..lane.longest_message() / MAX_FRAME_PAYLOAD {
                    assembly.push(vec![0; MAX_FRAME_PAYLOAD], false).unwrap();
                }
                assembly
            };
            assert_eq!(full().push(vec![], true).unwrap().unwrap().len(), lane.longest_message());
            assert!(matches!(full().push(vec![0], true), Err(LinkError::MessageTooLong { .. })));
        }
    }
}
