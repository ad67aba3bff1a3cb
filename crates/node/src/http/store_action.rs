//! `/conclave/v1/actions`: store an action on this node.

use crate::requests::{CodeStore, Failure};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use conclave_serve::{Admission, answer, request_id, wrong_method};
use conclave_wire::limits::MAX_STORE_BODY_BYTES;
use conclave_wire::{StoreActionRequest, StoreActionResponse, paths};
use std::sync::Arc;

pub struct StoreAction {
    pub admission: Admission,
    pub code: CodeStore,
}

impl StoreAction {
    pub fn routes(self) -> Router {
        Router::new()
            .route(paths::STORE_ACTION, post(store_action).fallback(wrong_method))
            .with_state(Arc::new(self))
    }
}

async fn store_action(State(endpoint): State<Arc<StoreAction>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let result = async {
        let (_place, body) = endpoint.admission.admit(body, MAX_STORE_BODY_BYTES).await?;
        let cid = endpoint.code.put(StoreActionRequest::parse(&body)?).await?;
        Ok::<_, Failure>(StoreActionResponse { cid: cid.to_string() })
    };
    answer(result.await, request_id(&parts.headers).ok().as_ref())
}
