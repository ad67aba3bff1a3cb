//! A client's own signature: who asks, for which key, and what this node gives.

use super::asker::{Accepted, Askers, asker_of};
use super::failure::Failure;
use super::member::CurrentMember;
use super::signer::{Given, PermissionReads, Question, Signer};
use conclave_agreement::signing::{name_hash, request_key};
use conclave_auth::Needed;
use conclave_chain::WalletKey;
use conclave_chain::permission::Need;
use conclave_threshold::ids::Digest;
use conclave_wire::paths::PKP_SIGN_OPERATION;
use conclave_wire::{ErrorCode, PkpSignRequest, RequestId};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a signature may take in all.
pub const SIGN_TIMEOUT: Duration = Duration::from_secs(20);

/// Signs digests for clients.
pub struct PkpSigning {
    pub askers: Arc<Askers>,
    pub permissions: Arc<dyn PermissionReads>,
    pub current: CurrentMember,
}

/// What this node gives, and for which key.
pub struct Signed {
    pub key: WalletKey,
    pub given: Given,
}

impl PkpSigning {
    pub async fn sign(
        &self,
        request: &PkpSignRequest,
        id: &RequestId,
        accepted: Accepted,
    ) -> Result<Signed, Failure> {
        let deadline = Instant::now() + SIGN_TIMEOUT;
        let key = WalletKey::try_from(request.pubkey)
            .map_err(|error| Failure::new(ErrorCode::NodeBadInput, format!("pubkey: {error}")))?;
        let needed = Needed::PkpSigning { token_id: key.token_id().to_be_bytes() };
        let auth_sig = request.auth_sig.as_ref();
        let asking = self.askers.identify(auth_sig, &request.credentials, &needed, accepted)?;
        let content = [request.pubkey.as_slice(), &request.to_sign].concat();
        let asker_key = asking.principal.key();
        let question = Question {
            request_key: request_key(id.as_str(), &asker_key, PKP_SIGN_OPERATION, &content),
            name_hash: name_hash(PKP_SIGN_OPERATION),
            key,
            digest: Digest::new(request.to_sign),
            asker: asker_of(&asking.principal),
            need: Need::SignAnything,
            deadline,
        };
        let member = self.current.borrow().clone();
        let signer = Signer { permissions: self.permissions.clone(), member };
        Ok(Signed { key, given: signer.sign(question).await? })
    }
}
