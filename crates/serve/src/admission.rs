//! Which requests are taken in: so many at a time, with so many bytes together, each body within
//! its limit and in time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use conclave_wire::ErrorCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much is taken in at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Requests under way; the next is told to come back.
    pub requests: usize,
    /// What is held for all requests under way together: their bodies, and what they had loaded.
    pub held_kib: usize,
    /// How long a client may take to send its body.
    pub body_timeout: Duration,
}

impl Default for AdmissionLimits {
    fn default() -> Self {
        Self { requests: 1_000, held_kib: 256 << 10, body_timeout: Duration::from_secs(30) }
    }
}

/// Takes requests in. Its clones share one count.
#[derive(Clone, Debug)]
pub struct Admission {
    requests: Arc<Semaphore>,
    /// One permit for each KiB.
    held: Arc<Semaphore>,
    body_timeout: Duration,
}

/// What a request occupies until it is dropped.
#[derive(Debug)]
pub struct Place {
    _request: OwnedSemaphorePermit,
    _body: Held,
}

/// Bytes that count until this is dropped.
#[derive(Debug)]
pub struct Held {
    _bytes: OwnedSemaphorePermit,
}

/// As much is held as there is room for. A retry helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("as many requests are under way as are taken; try again")]
pub struct Overloaded;

/// Why a request was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    /// There are enough others. A retry helps.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// Its body has more bytes than its path reads.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// The path's limit in bytes.
        limit: usize,
    },
    /// The connection broke, or the body's framing did.
    #[error("the body ended too early")]
    Broken,
    /// It took too long to send. A retry helps.
    #[error("the body did not arrive in time")]
    TooSlow,
}

impl AdmitError {
    /// The code that a client gets.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Overloaded(Overloaded) => ErrorCode::ConclaveOverloaded,
            Self::TooLarge { .. } => ErrorCode::ConclaveBodyTooLarge,
            Self::Broken => ErrorCode::NodeParserError,
            Self::TooSlow => ErrorCode::RequestTimeout,
        }
    }
}

impl Admission {
    /// With nothing taken in yet.
    pub fn new(limits: AdmissionLimits) -> Self {
        let held = limits.held_kib.min(Semaphore::MAX_PERMITS);
        Self {
            requests: Arc::new(Semaphore::new(limits.requests.min(Semaphore::MAX_PERMITS))),
            held: Arc::new(Semaphore::new(held)),
            body_timeout: limits.body_timeout,
        }
    }

    /// A place among the requests under way, and the body, of at most `limit` bytes.
    pub async fn admit(&self, body: Body, limit: usize) -> Result<(Place, Bytes), AdmitError> {
        let request = self.requests.clone().try_acquire_owned().map_err(|_| Overloaded)?;
        // A body that does not say how long it is counts as the longest.
        let length = body.size_hint().upper().unwrap_or(limit as u64).min(limit as u64);
        let place = Place { _request: request, _body: self.hold(length)? };
        let read = Limited::new(body, limit).collect();
        match tokio::time::timeout(self.body_timeout, read).await {
            Ok(Ok(body)) => Ok((place, body.to_bytes())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(AdmitError::TooLarge { limit }),
            Ok(Err(_)) => Err(AdmitError::Broken),
            Err(_) => Err(AdmitError::TooSlow),
        }
    }

    /// Room for so many bytes beside those of all other requests.
    pub fn hold(&self, bytes: u64) -> Result<Held, Overloaded> {
        let kibibytes = u32::try_from(bytes.div_ceil(1024)).map_err(|_| Overloaded)?;
        let held = self.held.clone().try_acquire_many_owned(kibibytes).map_err(|_| Overloaded)?;
        Ok(Held { _bytes: held })
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;

    fn admission(requests: usize, held_kib: usize) -> Admission {
        let body_timeout = Duration::from_secs(30);
        Admission::new(AdmissionLimits { requests, held_kib, body_timeout })
    }

    /// A body that says nothing of its length.
    fn unsized_body(bytes: &'static [u8]) -> Body {
        Body::from_stream(stream::iter([Ok::<_, io::Error>(bytes)]))
    }

    fn endless() -> Body {
        Body::from_stream(stream::pending::<Result<Bytes, io::Error>>())
    }

    fn broken() -> Body {
        Body::from_stream(stream::iter([Err::<Bytes, _>(io::Error::from(io::ErrorKind::Other))]))
    }

    #[test]
    fn bytes_are_held_up_to_the_last_and_freed_with_who_holds_them() {
        let admission = admission(1, 3);
        let first = admission.hold(2 * 1024).unwrap();
        assert_eq!(admission.hold(1024 + 1).unwrap_err(), Overloaded);
        let second = admission.hold(1024).unwrap();
        assert_eq!(admission.hold(1).unwrap_err(), Overloaded);
        drop((first, second));
        assert!(admission.hold(3 * 1024).is_ok());
        assert_eq!(admission.hold(u64::MAX).unwrap_err(), Overloaded);
    }

    #[tokio::test]
    async fn requests_are_taken_up_to_the_last_and_their_places_are_freed() {
        let admission = admission(2, 100);
        let first = admission.admit(Body::from("a"), 10).await.unwrap();
        let second = admission.admit(Body::empty(), 10).await.unwrap();
        let third = admission.clone().admit(Body::empty(), 10).await;
        assert_eq!(third.unwrap_err(), AdmitError::Overloaded(Overloaded));
        drop((first, second));
        assert!(admission.admit(Body::empty(), 10).await.is_ok());
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_no_further() {
        let admission = admission(2, 100);
        for body in [|bytes: &'static [u8]| Body::from(bytes), unsized_body] {
            let (_place, bytes) = admission.admit(body(b"four"), 4).await.unwrap();
            assert_eq!(&bytes[..], b"four");
            let longer = admission.admit(body(b"fives"), 4).await;
            assert_eq!(longer.unwrap_err(), AdmitError::TooLarge { limit: 4 });
        }
    }

    #[tokio::test]
    async fn a_body_counts_as_long_as_it_says_and_at_most_as_its_limit() {
        let admission = admission(9, 2);
        let (small, _) = admission.admit(Body::from("small"), 2048).await.unwrap();
        let (other, _) = admission.admit(Body::from("other"), 2048).await.unwrap();
        let full = admission.admit(Body::from("more"), 2048).await;
        assert_eq!(full.unwrap_err(), AdmitError::Overloaded(Overloaded));
        drop((small, other));
        let place = admission.hold(1).unwrap();
        let refused = admission.admit(endless(), 2048).await;
        assert_eq!(refused.unwrap_err(), AdmitError::Overloaded(Overloaded));
        drop(place);
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let limits =
            AdmissionLimits { requests: 1, held_kib: 1, body_timeout: Duration::from_millis(1) };
        let admission = Admission::new(limits);
        for _ in 0..2 {
            let refused = admission.admit(endless(), 16).await;
            assert_eq!(refused.unwrap_err(), AdmitError::TooSlow, "the place is free again");
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused_as_broken() {
        assert_eq!(admission(1, 1).admit(broken(), 16).await.unwrap_err(), AdmitError::Broken);
    }
}
