use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use conclave_wire::headers;

use crate::answer::no_route;

/// How long a browser may remember what other origins may send, in seconds.
const PREFLIGHT_AGE: &str = "86400";

/// Opens routes to pages of every origin, and answers everything beside them with a JSON error.
///
/// Browsers may call from any page: what protects a request is the signature in it, not where it
/// comes from.
pub fn open(routes: Router) -> Router {
    routes.fallback(any(no_route)).layer(from_fn(cors))
}

async fn cors(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let answer = response.headers_mut();
    let mut allow = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.insert(name, value);
        }
    };
    allow(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    allow(header::ACCESS_CONTROL_ALLOW_HEADERS, &headers::CORS_ALLOWED_HEADERS.join(", "));
    allow(header::ACCESS_CONTROL_ALLOW_METHODS, &headers::CORS_ALLOWED_METHODS.join(", "));
    allow(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_AGE);
    response
}
