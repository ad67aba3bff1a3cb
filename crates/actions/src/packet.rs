//! The control socket between a node and its zygote: one message in each packet, and a descriptor
//! that may come along.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::cmsg_space;
use rustix::io::retry_on_intr;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest message, in bytes.
const PACKET_BYTES_MAX: usize = 1024;

/// Both ends of a new control socket.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}

/// Sends a message, with a descriptor or without. Never waits for room.
pub fn send<M: Serialize>(
    socket: impl AsFd,
    message: &M,
    descriptor: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
    if bytes.len() > PACKET_BYTES_MAX {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let descriptors: Vec<_> = descriptor.into_iter().collect();
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut along = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !along.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    retry_on_intr(|| sendmsg(&socket, &[IoSlice::new(&bytes)], &mut along, flags))?;
    Ok(())
}

/// Waits for a message. An error of the kind [`io::ErrorKind::UnexpectedEof`] says that the other
/// end is closed.
pub fn receive<M: DeserializeOwned>(socket: impl AsFd) -> io::Result<(M, Option<OwnedFd>)> {
    let mut bytes = [0; PACKET_BYTES_MAX];
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut along = RecvAncillaryBuffer::new(&mut space);
    let received = retry_on_intr(|| {
        recvmsg(&socket, &mut [IoSliceMut::new(&mut bytes)], &mut along, RecvFlags::CMSG_CLOEXEC)
    })?
    .bytes;
    if received == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let descriptor = along.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    let bytes = bytes.get(..received).unwrap_or_default();
    let message = postcard::from_bytes(bytes).map_err(io::Error::other)?;
    Ok((message, descriptor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_with_its_descriptor_and_the_next_without() {
        let (ours, theirs) = pair().unwrap();
        let (mine, handed_over) = std::os::unix::net::UnixStream::pair().unwrap();
        send(&ours, &7u32, Some(handed_over.as_fd())).unwrap();
        send(&ours, &8u32, None).unwrap();
        let (message, descriptor) = receive::<u32>(&theirs).unwrap();
        assert_eq!(message, 7);
        drop((handed_over, descriptor));
        // Both copies of its other end are closed.
        assert_eq!(io::Read::read(&mut &mine, &mut [0]).unwrap(), 0);
        assert!(matches!(receive::<u32>(&theirs).unwrap(), (8, None)));
    }

    #[test]
    fn a_message_of_the_greatest_length_is_sent_and_none_longer() {
        let (ours, theirs) = pair().unwrap();
        let around = 2;
        let mut text = "x".repeat(PACKET_BYTES_MAX - around);
        send(&ours, &text, None).unwrap();
        assert_eq!(receive::<String>(&theirs).unwrap().0, text);
        text.push('x');
        assert_eq!(send(&ours, &text, None).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn whoever_waits_learns_that_the_other_end_is_closed() {
        let (ours, theirs) = pair().unwrap();
        drop(ours);
        assert_eq!(receive::<u32>(&theirs).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_packet_without_meaning_is_an_error() {
        let (ours, theirs) = pair().unwrap();
        send(&ours, &0xffu8, None).unwrap();
        assert!(receive::<bool>(&theirs).is_err());
    }
}
