//! The paths of a node: each reads a request, asks [`crate::requests`], and writes the answer.

mod action_headers;
mod content;
mod execute;
mod handshake;
mod pkp_sign;
mod status;
mod store_action;

pub use content::Content;
pub use execute::Execute;
pub use handshake::Handshake;
pub use pkp_sign::PkpSign;
pub use status::StatusPage;
pub use store_action::StoreAction;

use axum::Router;

/// One for each path.
pub struct Endpoints {
    pub handshake: Handshake,
    pub pkp_sign: PkpSign,
    pub execute: Execute,
    pub store_action: StoreAction,
    pub content: Content,
    pub status: StatusPage,
}

/// All paths, open to pages of every origin.
pub fn router(endpoints: Endpoints) -> Router {
    let Endpoints { handshake, pkp_sign, execute, store_action, content, status } = endpoints;
    let routes = handshake
        .routes()
        .merge(pkp_sign.routes())
        .merge(execute.routes())
        .merge(store_action.routes())
        .merge(content.routes())
        .merge(status.routes());
    conclave_serve::open(routes)
}
