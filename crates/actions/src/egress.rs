//! `fetch`: what an action may reach through the node.
//!
//! The public internet, over http and https, and nothing of the network that the node stands in. A
//! name is resolved once and what was judged is what is dialled; a redirect is judged like a first
//! request. An operator can name pairs of host and port that are reached all the same.

mod address;
mod allow;
mod error;
mod resolve;

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use tokio::sync::Semaphore;
use url::{Host, Url};

use crate::protocol::{
    FetchRequest, FetchResponse, REQUEST_BODY_BYTES_MAX, Redirect, URL_BYTES_MAX,
};
pub use allow::{HostPort, HostPortError};
pub use error::{EgressError, FetchError};
use resolve::PublicOnly;
pub use resolve::{Resolver, SystemResolver};

/// What no limit of a response goes past, in bytes: it must fit a frame.
const RESPONSE_BYTES_MAX: usize = 16 << 20;

const USER_AGENT: &str = concat!("conclave/", env!("CARGO_PKG_VERSION"));

/// Headers that describe the connection or the encoding and length of the body: ours to set.
const HEADERS_OF_OURS: [&str; 10] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers of the first request that a redirect to another origin does not get.
const HEADERS_OF_ONE_ORIGIN: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// What requests may reach and cost.
#[derive(Debug, Clone)]
pub struct EgressConfig {
    /// Pairs of host and port that are reached although they are not public.
    pub allow: Vec<HostPort>,
    /// The longest body of a response, in bytes; at most 16 MiB.
    pub response_bytes: usize,
    /// The headers of a request, or of a response: names and values together, in bytes.
    pub header_bytes: usize,
    /// From the request to the last byte of its response, redirects included.
    pub time: Duration,
    /// Redirects that one request follows.
    pub redirects: usize,
    /// Requests of all actions at the same time; the others wait, within their time.
    pub parallel: usize,
}

impl Default for EgressConfig {
    /// 4 MiB, 32 KiB of headers, 20 s, 5 redirects, 64 requests at the same time, and no pair
    /// allowed.
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            response_bytes: 4 << 20,
            header_bytes: 32 << 10,
            time: Duration::from_secs(20),
            redirects: 5,
            parallel: 64,
        }
    }
}

/// The way out for all actions of a node.
pub struct Egress {
    /// Dials public addresses only.
    public: Client,
    /// Dials what its resolver says: for the allowed pairs, which are checked before.
    allowed: Client,
    config: EgressConfig,
    parallel: Semaphore,
}

impl Egress {
    /// A way out that asks the system's resolver.
    pub fn new(config: EgressConfig) -> Result<Self, EgressError> {
        Self::with_resolver(config, Arc::new(SystemResolver))
    }

    /// A way out that asks another resolver.
    pub fn with_resolver(
        mut config: EgressConfig,
        resolver: Arc<dyn Resolver>,
    ) -> Result<Self, EgressError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(EgressError::NoCryptoProvider);
        }
        config.response_bytes = config.response_bytes.min(RESPONSE_BYTES_MAX);
        let client = |public_only| {
            Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .http1_only()
                // Each request dials anew, so that each was judged by the address it goes to.
                .pool_max_idle_per_host(0)
                .dns_resolver(Arc::new(PublicOnly { resolver: resolver.clone(), public_only }))
                .build()
        };
        Ok(Self {
            public: client(true)?,
            allowed: client(false)?,
            parallel: Semaphore::new(config.parallel),
            config,
        })
    }

    /// Sends a request and returns its complete response.
    pub async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let limit = self.config.time;
        let fetch = async {
            let _permit = self.parallel.acquire().await;
            self.follow(request).await
        };
        tokio::time::timeout(limit, fetch).await.unwrap_or(Err(FetchError::Timeout { limit }))
    }

    /// Whether nothing in a request is longer than it may be.
    pub(crate) fn check(&self, request: &FetchRequest) -> Result<(), FetchError> {
        if request.url.len() > URL_BYTES_MAX {
            return Err(FetchError::UrlTooLong);
        }
        method(&request.method)?;
        if request.headers.iter().any(|(name, _)| name.is_empty()) {
            return Err(FetchError::Headers("a name is not one"));
        }
        let bytes: usize =
            request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > self.config.header_bytes {
            return Err(FetchError::Headers("they are too long"));
        }
        match &request.body {
            Some(body) if body.len() > REQUEST_BODY_BYTES_MAX => Err(FetchError::RequestTooLong),
            _ => Ok(()),
        }
    }

    async fn follow(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        self.check(&request)?;
        let mut url = Url::parse(&request.url).map_err(|_| FetchError::Url)?;
        let mut method = method(&request.method)?;
        let mut headers = headers(&request.headers)?;
        let mut body = request.body;
        for hop in 0..=self.config.redirects {
            let response = self.send(&url, &method, &headers, body.clone()).await?;
            let Some(target) = redirect_target(&url, &response) else {
                return self.read(url, hop > 0, response).await;
            };
            if request.redirect == Redirect::Error {
                return Err(FetchError::Redirected);
            }
            if response.status() == StatusCode::SEE_OTHER
                || (method == Method::POST
                    && matches!(
                        response.status(),
                        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND
                    ))
            {
                if method != Method::HEAD {
                    method = Method::GET;
                }
                body = None;
                headers.remove(reqwest::header::CONTENT_TYPE);
            }
            if target.origin() != url.origin() {
                for name in HEADERS_OF_ONE_ORIGIN {
                    headers.remove(name);
                }
            }
            url = target;
        }
        Err(FetchError::Redirects { max: self.config.redirects })
    }

    async fn send(
        &self,
        url: &Url,
        method: &Method,
        headers: &HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<reqwest::Response, FetchError> {
        let client = self.client_for(url)?;
        let mut request = client.request(method.clone(), url.clone()).headers(headers.clone());
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().await.map_err(|error| {
            let host = url.host_str().unwrap_or_default().to_owned();
            match resolve::was_refused(&error) {
                true => FetchError::NotPublic { host },
                false => FetchError::Unreachable { host },
            }
        })
    }

    /// Judges what can be judged before a name is resolved, and picks the client that judges the
    /// rest.
    fn client_for(&self, url: &Url) -> Result<&Client, FetchError> {
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if !matches!(url.scheme(), "http" | "https") || has_credentials {
            return Err(FetchError::Url);
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(FetchError::Url);
        };
        if self.config.allow.iter().any(|allowed| allowed.is(&host, port)) {
            return Ok(&self.allowed);
        }
        let public = match host {
            Host::Ipv4(address) => address::is_public(address.into()),
            Host::Ipv6(address) => address::is_public(address.into()),
            Host::Domain(_) => true,
        };
        match public {
            true => Ok(&self.public),
            false => Err(FetchError::NotPublic { host: host.to_string() }),
        }
    }

    async fn read(
        &self,
        url: Url,
        redirected: bool,
        mut response: reqwest::Response,
    ) -> Result<FetchResponse, FetchError> {
        let status = response.status();
        let headers: Vec<_> = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > self.config.header_bytes {
            return Err(FetchError::ResponseHeadersTooLong { max: self.config.header_bytes });
        }
        let max = self.config.response_bytes;
        // What the server says of its length is believed no further than the limit, and room is not
        // yet memory.
        let told =
            response.content_length().map_or(0, |length| usize::try_from(length).unwrap_or(max));
        let mut body = Vec::with_capacity(told.min(max));
        let unreachable =
            |_| FetchError::Unreachable { host: url.host_str().unwrap_or_default().to_owned() };
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > max {
                return Err(FetchError::ResponseTooLong { max });
            }
            body.extend_from_slice(&chunk);
            // A chunk at a turn: whatever else the node does is not to wait for the whole of a body
            // that comes fast.
            tokio::task::yield_now().await;
        }
        Ok(FetchResponse {
            url: url.to_string(),
            redirected,
            status: status.as_u16(),
            status_text: status.canonical_reason().unwrap_or_default().to_owned(),
            headers,
            body,
        })
    }
}

fn method(text: &str) -> Result<Method, FetchError> {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    KNOWN
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(text))
        .ok_or(FetchError::Method)
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, FetchError> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let name: HeaderName =
            name.parse().map_err(|_| FetchError::Headers("a name is not one"))?;
        let value: HeaderValue =
            value.parse().map_err(|_| FetchError::Headers("a value is not one"))?;
        if !HEADERS_OF_OURS.contains(&name.as_str()) {
            headers.append(name, value);
        }
    }
    Ok(headers)
}

/// Where a redirect leads; a `Location` that is no URL makes it an ordinary response.
fn redirect_target(from: &Url, response: &reqwest::Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(reqwest::header::LOCATION)?.to_str().ok()?;
    from.join(location).ok()
}
