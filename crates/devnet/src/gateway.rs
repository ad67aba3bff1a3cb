//! One address under which the nodes' stored actions can be read, as from any IPFS gateway.

use crate::error::DevnetError;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// What the gateway asks.
#[derive(Clone)]
struct Nodes {
    client: reqwest::Client,
    urls: Vec<String>,
}

/// Listens on `port`, and serves until the returned task is dropped or aborted.
pub async fn serve(
    port: u16,
    urls: Vec<String>,
    client: reqwest::Client,
) -> Result<tokio::task::JoinHandle<()>, DevnetError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener =
        TcpListener::bind(address).await.map_err(|error| DevnetError::Port { port, error })?;
    let router =
        Router::new().route("/ipfs/{cid}", get(content)).with_state(Nodes { client, urls });
    Ok(tokio::spawn(async move {
        // It ends only with the process.
        let _ = axum::serve(listener, router).await;
    }))
}

/// From the first node that has it. The nodes verify what they serve.
async fn content(State(nodes): State<Nodes>, Path(cid): Path<String>) -> Response {
    if !cid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    for url in &nodes.urls {
        let answer = nodes.client.get(format!("{url}/ipfs/{cid}")).send().await;
        if let Ok(found) = answer.and_then(reqwest::Response::error_for_status)
            && let Ok(bytes) = found.bytes().await
        {
            return ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response();
        }
    }
    (StatusCode::NOT_FOUND, format!("no node has {cid}\n")).into_response()
}
