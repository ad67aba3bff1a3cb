//! `/ipfs/CID`: stored content by its CID, as a trustless gateway serves it. Whoever asks can check
//! it.

use crate::requests::{CodeStore, Failure, read_cid};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use conclave_serve::{answer, wrong_method};
use conclave_wire::paths;
use std::sync::Arc;

pub struct Content {
    pub code: CodeStore,
}

impl Content {
    pub fn routes(self) -> Router {
        Router::new()
            .route(paths::CONTENT, get(content).fallback(wrong_method))
            .with_state(Arc::new(self))
    }

    async fn read(&self, cid: &str) -> Result<Vec<u8>, Failure> {
        self.code.read(read_cid("cid", cid)?).await
    }
}

async fn content(State(endpoint): State<Arc<Content>>, Path(cid): Path<String>) -> Response {
    match endpoint.read(&cid).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Err(failure) => answer::<(), _>(Err(failure), None),
    }
}
