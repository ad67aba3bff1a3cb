//! `/web/pkp/sign`: sign a digest.

use crate::requests::{Accepted, Failure, Given, PkpSigning, Signed, certificate};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use conclave_serve::{Admission, answer, request_id, wrong_method};
use conclave_wire::limits::MAX_SIGN_BODY_BYTES;
use conclave_wire::{PkpSignRequest, PkpSignResponse, paths};
use std::sync::Arc;

pub struct PkpSign {
    pub admission: Admission,
    pub signing: PkpSigning,
}

impl PkpSign {
    pub fn routes(self) -> Router {
        let routes = paths::PKP_SIGN.into_iter().fold(Router::new(), |routes, path| {
            routes.route(path, post(with_wallets).fallback(wrong_method))
        });
        routes
            .route(paths::PKP_SIGN_V1, post(with_sessions).fallback(wrong_method))
            .with_state(Arc::new(self))
    }
}

async fn with_wallets(State(endpoint): State<Arc<PkpSign>>, request: Request) -> Response {
    sign(&endpoint, request, Accepted::SessionsAndWallets).await
}

async fn with_sessions(State(endpoint): State<Arc<PkpSign>>, request: Request) -> Response {
    sign(&endpoint, request, Accepted::Sessions).await
}

async fn sign(endpoint: &PkpSign, request: Request, accepted: Accepted) -> Response {
    let (parts, body) = request.into_parts();
    let id = match request_id(&parts.headers) {
        Ok(id) => id,
        Err(error) => return answer::<(), _>(Err(Failure::from(error)), None),
    };
    let result = async {
        let (_place, body) = endpoint.admission.admit(body, MAX_SIGN_BODY_BYTES).await?;
        let request = PkpSignRequest::parse(&body)?;
        let signed = endpoint.signing.sign(&request, &id, accepted).await?;
        Ok::<_, Failure>(shaped(&request, &signed))
    };
    answer(result.await, Some(&id))
}

fn shaped(request: &PkpSignRequest, signed: &Signed) -> PkpSignResponse {
    match &signed.given {
        Given::Share(answer) => PkpSignResponse::share(
            &request.to_sign,
            &answer.share_bytes(),
            &answer.big_r(),
            signed.key.compressed(),
            certificate(answer),
        ),
        Given::Empty => PkpSignResponse::empty(&request.to_sign, None),
    }
}
