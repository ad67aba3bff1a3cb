//! `/web/execute`: run an action, sign what it asks for.

use super::action_headers;
use crate::requests::{Accepted, Executor, Failure};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use conclave_serve::{Admission, answer, request_id, wrong_method};
use conclave_wire::limits::MAX_EXECUTE_BODY_BYTES;
use conclave_wire::{ExecuteRequest, paths};
use std::sync::Arc;

pub struct Execute {
    pub admission: Admission,
    pub executor: Executor,
}

impl Execute {
    pub fn routes(self) -> Router {
        let routes = paths::EXECUTE.into_iter().fold(Router::new(), |routes, path| {
            routes.route(path, post(with_wallets).fallback(wrong_method))
        });
        routes
            .route(paths::EXECUTE_V1, post(with_sessions).fallback(wrong_method))
            .with_state(Arc::new(self))
    }
}

async fn with_wallets(State(endpoint): State<Arc<Execute>>, request: Request) -> Response {
    execute(&endpoint, request, Accepted::SessionsAndWallets).await
}

async fn with_sessions(State(endpoint): State<Arc<Execute>>, request: Request) -> Response {
    execute(&endpoint, request, Accepted::Sessions).await
}

async fn execute(endpoint: &Execute, request: Request, accepted: Accepted) -> Response {
    let (parts, body) = request.into_parts();
    let id = match request_id(&parts.headers) {
        Ok(id) => id,
        Err(error) => return answer::<(), _>(Err(Failure::from(error)), None),
    };
    let result = async {
        let (_place, body) = endpoint.admission.admit(body, MAX_EXECUTE_BODY_BYTES).await?;
        let headers = action_headers::visible(&parts.headers)?;
        let request = ExecuteRequest::parse(&body)?;
        endpoint.executor.execute(request, &id, headers, accepted).await
    };
    answer(result.await, Some(&id))
}
