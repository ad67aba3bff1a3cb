//! Why nothing was fetched.

use std::time::Duration;

use crate::protocol::{REQUEST_BODY_BYTES_MAX, URL_BYTES_MAX};

/// The client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The process has installed no rustls crypto provider.
    #[error("install a rustls crypto provider before the pool of action runners starts")]
    NoCryptoProvider,
    /// The HTTP client refused its configuration.
    #[error("the client for fetch cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// Why a fetch failed. The message is for the action's author and says nothing of the node's own
/// network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not an absolute URL of http or https, or one with a user name.
    #[error("fetch needs an absolute http or https URL without credentials")]
    Url,
    /// The URL is too long.
    #[error("a URL has at most {URL_BYTES_MAX} bytes")]
    UrlTooLong,
    /// The host is, or has, an address that is not of the public internet.
    #[error("fetch may not reach {host}: its address is not public")]
    NotPublic {
        /// The host, as the URL names it.
        host: String,
    },
    /// A method that is none, or that opens a tunnel.
    #[error("fetch does not know this method")]
    Method,
    /// A header that is none, or too many of them.
    #[error("fetch cannot send these headers: {0}")]
    Headers(&'static str),
    /// The body of the request is too long.
    #[error("a request may have a body of at most {REQUEST_BODY_BYTES_MAX} bytes")]
    RequestTooLong,
    /// The body of the response is too long.
    #[error("the response is longer than {max} bytes")]
    ResponseTooLong {
        /// What it may have.
        max: usize,
    },
    /// The headers of the response are too long.
    #[error("the headers of the response are longer than {max} bytes")]
    ResponseHeadersTooLong {
        /// What they may have.
        max: usize,
    },
    /// A redirect, which the script did not want followed.
    #[error("the server redirected the request")]
    Redirected,
    /// Redirects without end.
    #[error("more than {max} redirects")]
    Redirects {
        /// How many are followed.
        max: usize,
    },
    /// It took too long.
    #[error("no complete response within {} ms", limit.as_millis())]
    Timeout {
        /// The time it had.
        limit: Duration,
    },
    /// The host cannot be found or reached, or does not speak HTTP.
    #[error("{host} cannot be reached")]
    Unreachable {
        /// The host, as the URL names it.
        host: String,
    },
}
