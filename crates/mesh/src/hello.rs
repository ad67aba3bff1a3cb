//! The first frame of a link, in both directions.

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::{
    FrameError, LinkError,
    frame::{self, Frame, Kind},
};

/// `network (32) || boot (16)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    pub network: [u8; 32],
    pub boot: [u8; 16],
}

/// Why a node does not want a link with a peer that it knows; sent instead of, or after, its hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The peer serves another network.
    #[error("other network")]
    OtherNetwork,
    /// The peer's machine was resumed from a memory snapshot.
    #[error("the frame counter of this boot ran backward")]
    Rewound,
    /// A reason that this version does not know.
    #[error("reason {0}")]
    Unknown(u8),
}

impl Refusal {
    fn number(self) -> u8 {
        match self {
            Self::OtherNetwork => 1,
            Self::Rewound => 2,
            Self::Unknown(number) => number,
        }
    }

    fn from_number(number: u8) -> Self {
        match number {
            1 => Self::OtherNetwork,
            2 => Self::Rewound,
            _ => Self::Unknown(number),
        }
    }
}

impl Hello {
    pub const LENGTH: usize = 48;

    pub async fn write(
        &self,
        writer: &mut (impl AsyncWrite + Unpin),
        counter: u64,
    ) -> Result<(), LinkError> {
        let mut payload = self.network.to_vec();
        payload.extend_from_slice(&self.boot);
        write_frame(writer, Kind::Hello, counter, &payload).await
    }

    /// Reads the other side's hello and its counter.
    pub async fn read(reader: &mut (impl AsyncRead + Unpin)) -> Result<(Self, u64), LinkError> {
        let Frame { kind, counter, payload } = frame::read(reader, None).await?;
        let out_of_place = || LinkError::from(FrameError::OutOfPlace(kind.number()));
        match kind {
            Kind::Hello => {
                let (network, boot) = payload.split_first_chunk().ok_or_else(out_of_place)?;
                let boot = boot.try_into().map_err(|_| out_of_place())?;
                Ok((Self { network: *network, boot }, counter))
            }
            Kind::Refusal => Err(LinkError::Refused(read_refusal(&payload))),
            _ => Err(out_of_place()),
        }
    }
}

pub(crate) fn read_refusal(payload: &[u8]) -> Refusal {
    Refusal::from_number(payload.first().copied().unwrap_or_default())
}

pub(crate) async fn write_refusal(
    writer: &mut (impl AsyncWrite + Unpin),
    counter: u64,
    refusal: Refusal,
) -> Result<(), LinkError> {
    write_frame(writer, Kind::Refusal, counter, &[refusal.number()]).await
}

async fn write_frame(
    writer: &mut (impl AsyncWrite + Unpin),
    kind: Kind,
    counter: u64,
    payload: &[u8],
) -> Result<(), LinkError> {
    let mut buffer = Vec::new();
    frame::append(&mut buffer, kind, counter, payload);
    writer.write_all(&buffer).await?;
    Ok(writer.flush().await?)
}

#[cfg(test)]
mod tests {
    use conclave_gates::snapshot;

    use super::*;
    use crate::VERSION;

    #[tokio::test]
    async fn says_and_hears_the_same_hello() {
        let hello = Hello { network: [1; 32], boot: [2; 16] };
        let mut wire = Vec::new();
        hello.write(&mut wire, 9).await.unwrap();
        assert_eq!(Hello::read(&mut wire.as_slice()).await.unwrap(), (hello, 9));
    }

    #[tokio::test]
    async fn the_first_frames_of_a_version_are_pinned() {
        let mut pinned = Vec::new();
        let hello = Hello { network: [1; 32], boot: [2; 16] };
        let mut wire = Vec::new();
        hello.write(&mut wire, 9).await.unwrap();
        pinned.push(("hello", wire));
        for (name, refusal) in
            [("other network", Refusal::OtherNetwork), ("rewound", Refusal::Rewound)]
        {
            let mut wire = Vec::new();
            write_refusal(&mut wire, 9, refusal).await.unwrap();
            pinned.push((name, wire));
        }
        snapshot::assert_pinned(env!("CARGO_MANIFEST_DIR"), &format!("{VERSION}-hello"), pinned);
    }

    #[tokio::test]
    async fn hears_a_refusal_instead_of_a_hello() {
        for refusal in [Refusal::OtherNetwork, Refusal::Rewound, Refusal::Unknown(200)] {
            let mut wire = Vec::new();
            write_refusal(&mut wire, 0, refusal).await.unwrap();
            let heard = Hello::read(&mut wire.as_slice()).await.unwrap_err();
            assert!(matches!(heard, LinkError::Refused(heard) if heard == refusal));
        }
    }
}
