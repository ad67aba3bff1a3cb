//! One exchange with one node, with a limit on everything.

use crate::failure::{NodeFault, printable};
use conclave_wire::limits::MAX_RESPONSE_BODY_BYTES;
use conclave_wire::{ErrorBody, RequestId, headers};
use reqwest::{Client, RequestBuilder, Response, redirect};
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::{Host, Url};

/// How long a connection to a node may take to open.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer of a node that is read, in bytes.
pub const MAX_RESPONSE_BYTES: usize = MAX_RESPONSE_BODY_BYTES;

/// A client that follows no redirect. A proxy of the environment is not used when all nodes are on
/// this machine.
pub(crate) fn client<'a>(
    urls: impl IntoIterator<Item = &'a Url>,
) -> Result<Client, reqwest::Error> {
    // The HTTP client takes the process-wide provider and panics when there is none; a second
    // installation is no error.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder =
        Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(redirect::Policy::none());
    let local = urls.into_iter().all(is_loopback);
    (if local { builder.no_proxy() } else { builder }).build()
}

/// Sends the request and reads the JSON of a success. Everything else is the node's fault.
pub(crate) async fn exchange<T: DeserializeOwned>(
    request: RequestBuilder,
    id: &RequestId,
    timeout: Duration,
) -> Result<T, NodeFault> {
    let request = request.header(headers::REQUEST_ID, id.as_str()).timeout(timeout);
    let response = request.send().await.map_err(|error| transport(error, timeout))?;
    let status = response.status();
    let body = read(response, timeout).await?;
    if status.is_success() {
        return serde_json::from_slice(&body)
            .map_err(|_| NodeFault::NotJson { status: status.as_u16() });
    }
    let refusal: ErrorBody = serde_json::from_slice(&body)
        .map_err(|_| NodeFault::NotJson { status: status.as_u16() })?;
    Err(NodeFault::Refused(Box::new(printable(refusal))))
}

async fn read(mut response: Response, timeout: Duration) -> Result<Vec<u8>, NodeFault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(error, timeout))? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(NodeFault::TooLong { limit: MAX_RESPONSE_BYTES });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost cause: "connection refused" rather than "error sending request".
fn transport(error: reqwest::Error, timeout: Duration) -> NodeFault {
    if error.is_timeout() {
        return NodeFault::Silent { seconds: timeout.as_secs() };
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    NodeFault::Unreachable { detail: cause.to_string() }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
