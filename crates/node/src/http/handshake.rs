//! `/web/handshake`: what a client must know of the network before it asks anything.

use crate::chain_view::ChainView;
use crate::requests::Failure;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use conclave_serve::{Admission, answer, request_id, wrong_method};
use conclave_wire::limits::MAX_HANDSHAKE_BODY_BYTES;
use conclave_wire::{ErrorCode, HandshakeRequest, HandshakeResponse, headers, paths};
use std::sync::Arc;
use tokio::sync::watch;

pub struct Handshake {
    pub admission: Admission,
    pub view: watch::Receiver<ChainView>,
}

impl Handshake {
    pub fn routes(self) -> Router {
        let routes = paths::HANDSHAKE.into_iter().fold(Router::new(), |routes, path| {
            routes.route(path, post(handshake).fallback(wrong_method))
        });
        routes.with_state(Arc::new(self))
    }

    /// `sdk_version` is the client's own, said back as clients expect.
    fn answer(&self, body: &[u8], sdk_version: &str) -> Result<HandshakeResponse, Failure> {
        HandshakeRequest::parse(body)?;
        let view = self.view.borrow();
        let Some(network_key) = &view.network_key else {
            return Err(Failure::new(
                ErrorCode::ConclaveNotReady,
                "the network's key is not made yet",
            ));
        };
        Ok(HandshakeResponse::new(network_key, &view.head.hash.0, sdk_version))
    }
}

async fn handshake(State(endpoint): State<Arc<Handshake>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let version = parts.headers.get(headers::SDK_VERSION).and_then(|value| value.to_str().ok());
    let result = async {
        let (_place, body) = endpoint.admission.admit(body, MAX_HANDSHAKE_BODY_BYTES).await?;
        endpoint.answer(&body, version.unwrap_or_default())
    };
    answer(result.await, request_id(&parts.headers).ok().as_ref())
}
