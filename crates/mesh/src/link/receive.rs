//! Reads a link.

use tokio::{io::AsyncRead, time::timeout};

use super::{Link, LinkError};
use crate::{
    FrameError, Lane,
    assembly::Assembly,
    frame::{self, Frame, Kind},
    hello::read_refusal,
    inbound::Room,
    registry::Installed,
};

/// The unfinished message of one lane, with the room it takes already.
struct Incoming {
    lane: Lane,
    assembly: Assembly,
    room: Option<Room>,
}

/// Reads until the link ends, and returns why.
pub(super) async fn receive(
    installed: &Installed,
    reader: &mut (impl AsyncRead + Unpin),
) -> LinkError {
    let link = &installed.link;
    let dead_link = installed.registry.limits.timeouts.dead_link;
    let mut urgent = Incoming::new(Lane::Urgent);
    let mut bulk = Incoming::new(Lane::Bulk);
    let mut last_counter = link.heard;
    loop {
        let expected = last_counter.saturating_add(1);
        let (kind, payload) = match timeout(dead_link, frame::read(reader, Some(expected))).await {
            Ok(Ok(Frame { kind, payload, .. })) => (kind, payload),
            Ok(Err(error)) => return error,
            Err(_) => return LinkError::Silent,
        };
        link.incarnation.heard(expected);
        last_counter = expected;
        let handled = match kind {
            Kind::Piece { lane: Lane::Urgent, last } => urgent.take(payload, last, installed).await,
            Kind::Piece { lane: Lane::Bulk, last } => bulk.take(payload, last, installed).await,
            _ => control(kind, &payload, link),
        };
        if let Err(error) = handled {
            return error;
        }
    }
}

fn control(kind: Kind, payload: &[u8], link: &Link) -> Result<(), LinkError> {
    let number =
        || payload.try_into().map_err(|_| LinkError::from(FrameError::OutOfPlace(kind.number())));
    match kind {
        Kind::Ping => link.outbox.pong(number()?).map_err(|_| LinkError::ImpatientPing),
        Kind::Pong => link.pong(number()?),
        Kind::Refusal => Err(LinkError::Refused(read_refusal(payload))),
        Kind::Hello | Kind::Piece { .. } => Err(FrameError::OutOfPlace(kind.number()).into()),
    }
}

impl Incoming {
    fn new(lane: Lane) -> Self {
        Self { lane, assembly: Assembly::new(lane), room: None }
    }

    async fn take(
        &mut self,
        piece: Vec<u8>,
        last: bool,
        installed: &Installed,
    ) -> Result<(), LinkError> {
        self.assembly.check(piece.len())?;
        let mut room = installed.quota.reserve(self.lane, piece.len(), last).await?;
        if let Some(earlier) = self.room.take() {
            room.merge(earlier);
        }
        let Some(message) = self.assembly.push(piece, last)? else {
            self.room = Some(room);
            return Ok(());
        };
        let stands = installed.registry.deliver(&installed.link, self.lane, message, room);
        if stands { Ok(()) } else { Err(LinkError::Closed) }
    }
}
