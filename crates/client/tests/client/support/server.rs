//! One node: it authenticates as the real one does, and answers what its conduct makes of the right
//! answer.

use super::Conduct;
use super::ceremony::{Call, Ceremony};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use conclave_auth::{Needed, Policy, Principal, authenticate_session, authenticate_store_action};
use conclave_chain::WalletKey;
use conclave_client::Cid;
use conclave_threshold::codec::Encode;
use conclave_threshold::ids::{Digest, RequestKey};
use conclave_threshold::online::{Answer, name_hash, request_key};
use conclave_wire::*;
use k256::Scalar;
use serde::Serialize;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::net::TcpListener;

#[derive(Clone)]
struct Node {
    id: u16,
    conduct: Conduct,
    ceremony: Arc<Ceremony>,
    policy: Arc<Policy>,
}

pub fn start(listener: TcpListener, id: u16, conduct: Conduct, ceremony: Arc<Ceremony>) {
    let url = format!("http://{}", listener.local_addr().expect("a bound port"));
    let node =
        Node { id, conduct, ceremony, policy: Arc::new(Policy::for_node([url]).expect("a URL")) };
    let router = Router::new()
        .route(paths::PKP_SIGN_V1, post(sign))
        .route(paths::EXECUTE_V1, post(execute))
        .route(paths::HANDSHAKE[0], post(handshake))
        .route(paths::STORE_ACTION, post(store))
        .route(paths::STATUS, get(status))
        .layer(DefaultBodyLimit::disable())
        .with_state(node);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

/// What every endpoint does with the answer of an honest node.
async fn respond<T: Serialize>(node: &Node, result: Result<T, Box<ErrorBody>>) -> Response {
    match &node.conduct {
        Conduct::Stalled => std::future::pending().await,
        Conduct::Says(text) => text.into_response(),
        Conduct::Refuses(code) => refusal(Box::new(ErrorBody::new(*code, "no", None))),
        Conduct::Padded(length) => {
            let mut body = serde_json::to_vec(&result.expect("an honest request")).expect("JSON");
            // JSON may end in any number of spaces.
            body.resize(*length, b' ');
            body.into_response()
        }
        _ => result.map_or_else(refusal, |body| axum::Json(body).into_response()),
    }
}

fn refusal(body: Box<ErrorBody>) -> Response {
    (StatusCode::from_u16(body.status).expect("a status"), axum::Json(body)).into_response()
}

fn request_id(node: &Node, headers: &HeaderMap) -> String {
    let id = headers
        .get(headers::REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .expect("a request id")
        .to_owned();
    node.ceremony.note_request(&id);
    id
}

fn authenticate(
    node: &Node,
    auth_sig: Option<AuthSig>,
    needed: &Needed,
) -> Result<Principal, Box<ErrorBody>> {
    let auth_sig = auth_sig.expect("a session");
    authenticate_session(&auth_sig, needed, &node.policy, OffsetDateTime::now_utc())
        .map_err(|error| Box::new(ErrorBody::new(error.code(), &error.to_string(), None)))
}

/// The node's answer, altered as its conduct says.
fn share(node: &Node, mut call: Call) -> Option<(Answer, Scalar)> {
    let ceremony = &node.ceremony;
    match &node.conduct {
        Conduct::Replay => call.request_key = RequestKey::new([0; 32]),
        Conduct::OtherDigest => call.digest = Digest::new([8; 32]),
        _ => (),
    }
    let from = if let Conduct::Impostor(other) = &node.conduct { *other } else { node.id };
    let mut answer = ceremony.answer(&call, from, node.conduct == Conduct::OldEpoch)?;
    let mut share = answer.share;
    match &node.conduct {
        Conduct::OtherShare => share += Scalar::ONE,
        Conduct::CertifiedWrongShare => {
            answer.share += Scalar::ONE;
            share = answer.share;
            answer = ceremony.sign_again(answer);
        }
        // On its own, an altered leaf leaves the sum right: nobody would look.
        Conduct::AlteredLeaf => {
            answer.share += Scalar::ONE;
            share = answer.share;
            answer.leaf.parties[0].u += Scalar::ONE;
            answer = ceremony.sign_again(answer);
        }
        Conduct::AlteredDelta => {
            answer.share += Scalar::ONE;
            share = answer.share;
            answer.opened[0].delta += Scalar::ONE;
            answer = ceremony.sign_again(answer);
        }
        Conduct::NoCertificate => share += Scalar::ONE,
        _ => (),
    }
    Some((answer, share))
}

fn certificate(node: &Node, answer: &Answer) -> Option<CertificateField> {
    (node.conduct != Conduct::NoCertificate)
        .then(|| CertificateField { certificate: hex::encode(answer.encoded()) })
}

fn point(answer: &Answer) -> [u8; 33] {
    answer.big_r.encoded().try_into().expect("33 bytes")
}

async fn sign(State(node): State<Node>, headers: HeaderMap, body: Bytes) -> Response {
    let id = request_id(&node, &headers);
    let result = async {
        let request = PkpSignRequest::parse(&body).expect("a proper request");
        let needed = Needed::PkpSigning {
            token_id: WalletKey::try_from(request.pubkey).expect("a key").token_id().to_be_bytes(),
        };
        let principal = authenticate(&node, request.auth_sig, &needed)?;
        let content = [request.pubkey.as_slice(), &request.to_sign].concat();
        let request_key = request_key(&id, &principal.key(), "pkp/sign", &content);
        let digest = Digest::new(request.to_sign);
        let call = Call { request_key, name_hash: name_hash("pkp/sign"), digest };
        Ok(match share(&node, call) {
            Some((answer, share)) => {
                let field = certificate(&node, &answer);
                let digest = answer.assignment.assignment.digest;
                let key = node.ceremony.compressed_key();
                let mut body = PkpSignResponse::share(
                    digest.as_bytes(),
                    &share.to_bytes().into(),
                    &point(&answer),
                    &key,
                    Default::default(),
                );
                body.conclave = field;
                body
            }
            None => PkpSignResponse::empty(&request.to_sign, None),
        })
    };
    let result = result.await;
    respond(&node, result).await
}

/// Instead of running code: answers `done`, and signs one digest under each name in the parameter
/// `names`.
async fn execute(State(node): State<Node>, headers: HeaderMap, body: Bytes) -> Response {
    let id = request_id(&node, &headers);
    let result = async {
        let request = ExecuteRequest::parse(&body).expect("a proper request");
        let ActionSource::Inline(code) = &request.source else { panic!("the code is inline") };
        let cid = Cid::of(code.as_bytes());
        let principal = authenticate(
            &node,
            request.auth_sig,
            &Needed::ActionExecution { cid: cid.to_string() },
        )?;
        let content =
            [cid.multihash().as_slice(), &serde_json::to_vec(&request.js_params).expect("JSON")]
                .concat();
        let request_key = request_key(&id, &principal.key(), "execute", &content);
        let response = if let Conduct::Responds(text) = &node.conduct { text } else { "done" };
        let mut body =
            ExecuteResponse::new(response.to_owned(), format!("logs of node {}\n", node.id));
        let names = request.js_params["names"]
            .as_array()
            .expect("names")
            .iter()
            .filter_map(|name| name.as_str());
        for name in names.filter(|_| node.conduct != Conduct::HidesSignatures) {
            let call = Call { request_key, name_hash: name_hash(name), digest: super::DIGEST };
            let data = match share(&node, call) {
                Some((answer, share)) => {
                    body.conclave
                        .extend(certificate(&node, &answer).map(|field| (name.to_owned(), field)));
                    let digest = answer.assignment.assignment.digest;
                    SignedData::share(
                        name,
                        digest.as_bytes(),
                        &share.to_bytes().into(),
                        &point(&answer),
                        &node.ceremony.compressed_key(),
                    )
                }
                None => SignedData::empty(name, super::DIGEST.as_bytes()),
            };
            body.signed_data.insert(name.to_owned(), data);
        }
        if node.conduct == Conduct::AddsSignature {
            body.signed_data.insert("made up".into(), SignedData::empty("made up", &[3; 32]));
        }
        Ok(body)
    };
    let result = result.await;
    respond(&node, result).await
}

async fn handshake(State(node): State<Node>, headers: HeaderMap, body: Bytes) -> Response {
    request_id(&node, &headers);
    HandshakeRequest::parse(&body).expect("a proper request");
    let key = if node.conduct == Conduct::OldEpoch { [2; 48] } else { [1; 48] };
    respond(&node, Ok(HandshakeResponse::new(&key, &[0xab; 32], ""))).await
}

async fn store(State(node): State<Node>, headers: HeaderMap, body: Bytes) -> Response {
    request_id(&node, &headers);
    let request = StoreActionRequest::parse(&body).expect("a proper request");
    let cid = Cid::of(request.code.as_bytes()).to_string();
    let network = NetworkId { chain_id: Ceremony::CHAIN, staking: [9; 20] };
    let stored = authenticate_store_action(&request, &network, &cid, OffsetDateTime::now_utc())
        .map(|_| StoreActionResponse {
            cid: if node.conduct == Conduct::OldEpoch { "QmOther".into() } else { cid },
        })
        .map_err(|error| Box::new(ErrorBody::new(error.code(), &error.to_string(), None)));
    respond(&node, stored).await
}

async fn status(State(node): State<Node>, headers: HeaderMap) -> Response {
    request_id(&node, &headers);
    let status = Status {
        node_id: node.id,
        epoch: 1,
        threshold: node.ceremony.epoch.threshold(),
        ready: true,
        members: Vec::new(),
        presignatures: 5,
        pool_unminted: 6,
        requests_retried: 0,
        requests_served: 0,
        missing_layers: Vec::new(),
        version: "1".into(),
    };
    respond(&node, Ok(status)).await
}
