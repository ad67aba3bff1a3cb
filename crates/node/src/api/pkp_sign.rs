//! `/web/pkp/sign`: sign a digest.

use super::failure::Failure;
use super::signature::{Given, Question, certificate, compressed};
use super::{Api, SIGN_TIMEOUT};
use conclave_agreement::signing::{name_hash, request_key};
use conclave_auth::{Needed, Principal};
use conclave_chain::permission::{Asker, Need};
use conclave_chain::token_id;
use conclave_wire::paths::PKP_SIGN_OPERATION;
use conclave_wire::{PkpSignRequest, PkpSignResponse, RequestId};
use std::time::Instant;

impl Api {
    pub async fn pkp_sign(
        &self,
        body: &[u8],
        id: &RequestId,
        sessions_only: bool,
    ) -> Result<PkpSignResponse, Failure> {
        let deadline = Instant::now() + SIGN_TIMEOUT;
        let request = PkpSignRequest::parse(body)?;
        let token = token_id(&request.pubkey);
        let needed = Needed::PkpSigning { token_id: token.to_be_bytes() };
        let principal: Principal = self.authenticate(
            request.auth_sig.as_ref(),
            &request.auth_methods,
            &needed,
            sessions_only,
        )?;
        let content = [request.pubkey.as_slice(), &request.to_sign].concat();
        let question = Question {
            request_key: request_key(id.as_str(), &principal.address, PKP_SIGN_OPERATION, &content),
            name_hash: name_hash(PKP_SIGN_OPERATION),
            public_key: request.pubkey,
            digest: request.to_sign,
            asker: Asker { address: Some(principal.address.into()), ..Asker::default() },
            need: Need::SignAnything,
            deadline,
        };
        let public_key = compressed(&question.public_key);
        Ok(match self.sign(question).await? {
            Given::Share(answer) => PkpSignResponse::share(
                &request.to_sign,
                &answer.share_bytes(),
                &answer.big_r(),
                &public_key,
                certificate(&answer),
            ),
            Given::Empty => PkpSignResponse::empty(&request.to_sign, None),
        })
    }
}
