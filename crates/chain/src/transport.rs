use std::task::{Context, Poll};
use std::time::Duration;

use alloy::rpc::json_rpc::{RequestPacket, ResponsePacket};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use reqwest::redirect;
use tower_service::Service;
use url::Url;

/// Largest answer of an RPC endpoint that is read, in bytes.
pub const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;

/// JSON-RPC over HTTP with a limit on time and size. Errors never contain the URL, which may hold
/// an access token.
#[derive(Clone)]
pub(crate) struct BoundedHttp {
    client: reqwest::Client,
    url: Url,
}

impl BoundedHttp {
    /// `timeout` is for a whole request, `connect_timeout` for its first part.
    pub(crate) fn new(
        url: Url,
        connect_timeout: Duration,
        timeout: Duration,
    ) -> Result<Self, reqwest::Error> {
        // The HTTP client takes the process-wide provider and panics when there is none; a second
        // installation is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(connect_timeout)
            .timeout(timeout)
            .redirect(redirect::Policy::none());
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        Ok(Self { client: builder.build()?, url })
    }

    async fn exchange(self, request: RequestPacket) -> Result<ResponsePacket, TransportError> {
        let mut response = self
            .client
            .post(self.url)
            .json(&request)
            .send()
            .await
            .map_err(|error| unreachable_because(&error.without_url()))?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) =
            response.chunk().await.map_err(|error| unreachable_because(&error.without_url()))?
        {
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                let text = format!("the answer is longer than {MAX_RESPONSE_BYTES} bytes");
                return Err(TransportErrorKind::non_retryable_str(&text));
            }
            body.extend_from_slice(&chunk);
        }
        // Some endpoints send a JSON-RPC error with an HTTP error status.
        match serde_json::from_slice(&body) {
            Ok(packet) => Ok(packet),
            Err(_) if status.is_server_error() || status.as_u16() == 429 => {
                Err(TransportErrorKind::custom_str(&format!("HTTP status {status}")))
            }
            Err(error) => {
                let text = format!("HTTP status {status}, no JSON-RPC response: {error}");
                Err(TransportErrorKind::non_retryable_str(&text))
            }
        }
    }
}

impl Service<RequestPacket> for BoundedHttp {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        Box::pin(self.clone().exchange(request))
    }
}

/// The innermost cause: "connection refused" rather than "error sending request".
fn unreachable_because(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        return TransportErrorKind::custom_str("no answer in time");
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    TransportErrorKind::custom_str(&cause.to_string())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
