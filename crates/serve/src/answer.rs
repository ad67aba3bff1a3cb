//! What clients read: JSON for every result, with the request's id in every error.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use conclave_wire::headers::{self, RequestIdError};
use conclave_wire::{ErrorBody, ErrorCode, RequestId};
use serde::Serialize;

/// An error before it meets the id of its request.
pub trait Refusal {
    /// The error's JSON.
    fn body(&self, id: Option<&RequestId>) -> ErrorBody;
}

/// The answer to a request: its result, or why there is none.
pub fn answer<T: Serialize, E: Refusal>(result: Result<T, E>, id: Option<&RequestId>) -> Response {
    match result {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => respond(refusal.body(id)),
    }
}

/// An error as an answer.
pub fn respond(body: ErrorBody) -> Response {
    // Quoted: it may hold what a client sent, which must not write lines of its own.
    let (id, code, message) = (body.correlation_id.as_deref(), &body.error_code, &body.message);
    tracing::debug!(id, %code, ?message, "refused");
    let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}

/// The id that a client gave its request.
pub fn request_id(headers: &HeaderMap) -> Result<RequestId, RequestIdError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    RequestId::from_headers(text(headers::REQUEST_ID), text(headers::CORRELATION_ID))
}

/// The answer to a method that a path does not take.
pub async fn wrong_method(request: Request) -> Response {
    let message = format!("{} does not take {}", request.uri().path(), request.method());
    refuse(&request, ErrorCode::ConclaveMethodNotAllowed, &message)
}

/// The answer on a path that does not exist.
pub(crate) async fn no_route(request: Request) -> Response {
    let message = format!("there is no {}", request.uri().path());
    refuse(&request, ErrorCode::CoreApiRouteNotFound, &message)
}

fn refuse(request: &Request, code: ErrorCode, message: &str) -> Response {
    respond(ErrorBody::new(code, message, request_id(request.headers()).ok().as_ref()))
}
