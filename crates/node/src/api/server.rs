//! The HTTP side: routes, limits, CORS, and JSON for every answer.

use super::failure::Failure;
use super::{Api, BODY_TIMEOUT, connections, request_headers};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use conclave_auth::{
    AuthError, AuthFault, Needed, Principal, authenticate_session, authenticate_wallet,
};
use conclave_wire::{AuthMethod, AuthSig, ErrorCode, RequestId, headers, limits, paths};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Requests under way at a time; the next is told to come back.
pub const MAX_REQUESTS: usize = 1_000;

/// The bodies of all requests under way together, and the code that they had loaded from the store,
/// in KiB.
pub const MAX_BODIES_KIB: usize = 256 << 10;

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("the API cannot listen on {address}: {error}")]
    Listen { address: SocketAddr, error: std::io::Error },
}

/// Serves until `stop` says so.
pub async fn serve(
    api: Arc<Api>,
    address: SocketAddr,
    stop: watch::Receiver<bool>,
) -> Result<(), ServeError> {
    let listener =
        TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })?;
    connections::serve(listener, router(api), stop).await;
    Ok(())
}

fn router(api: Arc<Api>) -> Router {
    let mut router = Router::new();
    for path in paths::HANDSHAKE {
        router = router.route(path, post(handshake).fallback(wrong_method));
    }
    for path in paths::PKP_SIGN {
        router = router.route(path, post(pkp_sign_with_wallets).fallback(wrong_method));
    }
    for path in paths::EXECUTE {
        router = router.route(path, post(execute_with_wallets).fallback(wrong_method));
    }
    router
        .route(paths::PKP_SIGN_V1, post(pkp_sign).fallback(wrong_method))
        .route(paths::EXECUTE_V1, post(execute).fallback(wrong_method))
        .route(paths::STORE_ACTION, post(store_action).fallback(wrong_method))
        .route(paths::STATUS, get(status).fallback(wrong_method))
        .route(paths::CONTENT, get(content).fallback(wrong_method))
        .fallback(any(no_route))
        .layer(from_fn(cors))
        .with_state(api)
}

/// Browsers may call from any page: what protects a key is the signature in the request, not where
/// it comes from.
async fn cors(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let answer = response.headers_mut();
    let mut allow = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.insert(name, value);
        }
    };
    allow(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".into());
    allow(header::ACCESS_CONTROL_ALLOW_HEADERS, headers::CORS_ALLOWED_HEADERS.join(", "));
    allow(header::ACCESS_CONTROL_ALLOW_METHODS, headers::CORS_ALLOWED_METHODS.join(", "));
    allow(header::ACCESS_CONTROL_MAX_AGE, "86400".into());
    response
}

async fn no_route(request: Request) -> Response {
    let message = format!("there is no {}", request.uri().path());
    Failure::new(ErrorCode::CoreApiRouteNotFound, message)
        .respond(request_id(request.headers()).ok().as_ref())
}

async fn wrong_method(request: Request) -> Response {
    let message = format!("{} does not take {}", request.uri().path(), request.method());
    Failure::new(ErrorCode::ConclaveMethodNotAllowed, message)
        .respond(request_id(request.headers()).ok().as_ref())
}

fn request_id(headers: &HeaderMap) -> Result<RequestId, Failure> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    RequestId::from_headers(text(headers::REQUEST_ID), text(headers::CORRELATION_ID)).map_err(
        |error| Failure::new(ErrorCode::CoreApiMissingRequiredXRequestIdHeader, error.to_string()),
    )
}

/// What a request occupies until it is answered.
struct Place {
    _request: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

/// Room for so many bytes beside those of all other requests, until it is dropped.
pub(super) fn hold(room: &Arc<Semaphore>, bytes: u64) -> Result<OwnedSemaphorePermit, Failure> {
    let kibibytes = u32::try_from(bytes.div_ceil(1024)).map_err(|_| Failure::overloaded())?;
    room.clone().try_acquire_many_owned(kibibytes).map_err(|_| Failure::overloaded())
}

/// A place among the requests under way, and the body, within its limit and in time.
async fn admit(api: &Api, body: Body, limit: usize) -> Result<(Place, Vec<u8>), Failure> {
    let request = api.room.clone().try_acquire_owned().map_err(|_| Failure::overloaded())?;
    // A body that does not say how long it is counts as the longest.
    let length = body.size_hint().upper().unwrap_or(limit as u64).min(limit as u64);
    let bytes = hold(&api.body_room, length)?;
    let place = Place { _request: request, _bytes: bytes };
    let read = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await;
    match read {
        Ok(Ok(body)) => Ok((place, body.to_bytes().to_vec())),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => Err(Failure::new(
            ErrorCode::ConclaveBodyTooLarge,
            format!("the body is longer than {limit} bytes"),
        )),
        Ok(Err(_)) => Err(Failure::new(ErrorCode::NodeParserError, "the body ended too early")),
        Err(_) => Err(Failure::new(ErrorCode::RequestTimeout, "the body did not arrive in time")),
    }
}

fn answer<T: Serialize>(result: Result<T, Failure>, id: Option<&RequestId>) -> Response {
    match result {
        Ok(body) => axum::Json(body).into_response(),
        Err(failure) => {
            // Quoted: it may be what an action threw, which must not write lines of its own.
            tracing::debug!(id = id.map(RequestId::as_str), code = failure.code.as_str(), message = ?failure.message, "refused");
            failure.respond(id)
        }
    }
}

async fn handshake(State(api): State<Arc<Api>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let id = request_id(&parts.headers).ok();
    let version =
        parts.headers.get(headers::SDK_VERSION).and_then(|value| value.to_str().ok()).unwrap_or("");
    let result = async {
        let (_place, body) = admit(&api, body, limits::MAX_HANDSHAKE_BODY_BYTES).await?;
        api.handshake(&body, version)
    };
    answer(result.await, id.as_ref())
}

async fn pkp_sign(state: State<Arc<Api>>, request: Request) -> Response {
    sign(state, request, true).await
}

async fn pkp_sign_with_wallets(state: State<Arc<Api>>, request: Request) -> Response {
    sign(state, request, false).await
}

async fn sign(State(api): State<Arc<Api>>, request: Request, sessions_only: bool) -> Response {
    let (parts, body) = request.into_parts();
    let id = match request_id(&parts.headers) {
        Ok(id) => id,
        Err(failure) => return failure.respond(None),
    };
    let result = async {
        let (_place, body) = admit(&api, body, limits::MAX_SIGN_BODY_BYTES).await?;
        api.pkp_sign(&body, &id, sessions_only).await
    };
    answer(result.await, Some(&id))
}

async fn execute(state: State<Arc<Api>>, request: Request) -> Response {
    run(state, request, true).await
}

async fn execute_with_wallets(state: State<Arc<Api>>, request: Request) -> Response {
    run(state, request, false).await
}

async fn run(State(api): State<Arc<Api>>, request: Request, sessions_only: bool) -> Response {
    let (parts, body) = request.into_parts();
    let id = match request_id(&parts.headers) {
        Ok(id) => id,
        Err(failure) => return failure.respond(None),
    };
    let result = async {
        let (_place, body) = admit(&api, body, limits::MAX_EXECUTE_BODY_BYTES).await?;
        api.execute(&body, &id, request_headers::visible(&parts.headers)?, sessions_only).await
    };
    answer(result.await, Some(&id))
}

async fn store_action(State(api): State<Arc<Api>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let id = request_id(&parts.headers).ok();
    let result = async {
        let (_place, body) = admit(&api, body, limits::MAX_STORE_BODY_BYTES).await?;
        api.store_action(&body).await
    };
    answer(result.await, id.as_ref())
}

/// Stored content by its CID, as a trustless gateway serves it: whoever asks can check it.
async fn content(State(api): State<Arc<Api>>, Path(cid): Path<String>) -> Response {
    match api.stored_content(&cid).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Err(failure) => failure.respond(None),
    }
}

async fn status(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    answer(api.status().await, request_id(&headers).ok().as_ref())
}

impl Api {
    /// Who asks. After this nothing looks at a token again.
    pub(super) fn authenticate(
        &self,
        auth_sig: Option<&AuthSig>,
        auth_methods: &[AuthMethod],
        needed: &Needed,
        sessions_only: bool,
    ) -> Result<Principal, Failure> {
        if !auth_methods.is_empty() {
            let message =
                "authMethods: this version takes session signatures and wallet signatures only";
            return Err(Failure::new(ErrorCode::NodeCannotProvideAuthMethodForEndpoint, message));
        }
        let auth_sig = auth_sig
            .ok_or_else(|| Failure::new(ErrorCode::NodeInvalidAuthSig, "authSig: is missing"))?;
        let now = OffsetDateTime::now_utc();
        match authenticate_session(auth_sig, needed, &self.auth, now) {
            Err(AuthError { fault: AuthFault::SessionWanted, .. }) if !sessions_only => {
                Ok(authenticate_wallet(auth_sig, &self.auth, now)?)
            }
            result => Ok(result?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_held_up_to_the_last_and_freed_with_who_holds_them() {
        let room = Arc::new(Semaphore::new(3));
        let first = hold(&room, 2 * 1024).unwrap();
        assert_eq!(hold(&room, 1024 + 1).unwrap_err().code, ErrorCode::ConclaveOverloaded);
        let second = hold(&room, 1024).unwrap();
        assert_eq!(hold(&room, 1).unwrap_err().code, ErrorCode::ConclaveOverloaded);
        drop((first, second));
        assert!(hold(&room, 3 * 1024).is_ok());
        assert_eq!(hold(&room, u64::MAX).unwrap_err().code, ErrorCode::ConclaveOverloaded);
    }
}
