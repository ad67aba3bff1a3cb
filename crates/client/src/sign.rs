use crate::collector::Collector;
use crate::failure::{NodeFailure, NodeFault, Shortfall};
use crate::fan_out::{Ask, FanOut};
use crate::network::{Network, Node};
use crate::request_id::{self, RandomnessError};
use crate::retries::Retries;
use crate::session::Session;
use crate::share::Share;
use crate::signature::Signature;
use conclave_chain::WalletKey;
use conclave_threshold::ids::Digest;
use conclave_threshold::online::{name_hash, request_key};
use conclave_threshold::party::PartyId;
use conclave_wire::paths::{PKP_SIGN_OPERATION, PKP_SIGN_V1};
use conclave_wire::{PkpSignRequest, PkpSignResponse, RequestId};

/// A signature, and what else came of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// It has been verified.
    pub signature: Signature,
    /// The id of the request that brought it.
    pub request_id: RequestId,
    /// Nodes that did not help, as far as was seen until enough others had.
    pub failures: Vec<NodeFailure>,
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Fewer nodes than needed helped.
    #[error(transparent)]
    Shortfall(#[from] Shortfall),
    /// There is no fresh request id.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl SignError {
    /// Whether the same call may succeed when it is made again.
    pub fn retry_helps(&self) -> bool {
        matches!(self, Self::Shortfall(shortfall) if shortfall.retry_helps())
    }
}

impl Network {
    /// Has the nodes sign a digest, as it is, with the key. The session must hold
    /// [`crate::Ability::PkpSigning`] for it.
    ///
    /// Returns as soon as the threshold's shares make a signature.
    pub async fn sign(
        &self,
        session: &Session,
        public_key: &WalletKey,
        digest: Digest,
    ) -> Result<Signed, SignError> {
        let mut retries = Retries::new(&self.inner.options);
        let mut earlier = Vec::new();
        loop {
            match self.sign_once(session, public_key, digest).await {
                Ok(mut signed) => {
                    signed.failures.splice(0..0, earlier);
                    return Ok(signed);
                }
                Err(SignError::Shortfall(shortfall))
                    if shortfall.retry_helps_now() && retries.next().await =>
                {
                    earlier.extend(shortfall.culprits().cloned());
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn sign_once(
        &self,
        session: &Session,
        public_key: &WalletKey,
        digest: Digest,
    ) -> Result<Signed, SignError> {
        let network = &*self.inner;
        let id = request_id::fresh()?;
        let body = |node: &Node| {
            let request = PkpSignRequest {
                to_sign: *digest.as_bytes(),
                pubkey: *public_key.uncompressed(),
                auth_sig: Some(session.sign_for(&node.url)),
                credentials: Vec::new(),
                epoch: network.epoch.number(),
            };
            serde_json::to_vec(&request).unwrap_or_default()
        };
        let content = [public_key.uncompressed().as_slice(), digest.as_bytes()].concat();
        let request_key =
            request_key(id.as_str(), &session.address(), PKP_SIGN_OPERATION, &content);
        let mut collector =
            Collector::new(&network.epoch, request_key, vec![name_hash(PKP_SIGN_OPERATION)]);
        let timeout = network.options.sign_timeout;
        let mut nodes = FanOut::start(network, id.clone(), PKP_SIGN_V1, Ask::Post(&body), timeout);

        while collector.can_complete(&digest, nodes.pending()) {
            let Some((node, answer)) = nodes.next().await else { break };
            match answer.and_then(|answer| share(node.id, answer, public_key, &digest)) {
                Ok(None) => (),
                Ok(Some(share)) => {
                    if let Some(signature) = collector.add(share) {
                        collector
                            .faults()
                            .into_iter()
                            .for_each(|(id, fault)| nodes.fail(id, fault));
                        return Ok(Signed {
                            signature,
                            request_id: id,
                            failures: nodes.into_failures(),
                        });
                    }
                }
                Err(fault) => nodes.fail(node.id, fault),
            }
        }
        collector.all_faults().into_iter().for_each(|(id, fault)| nodes.fail(id, fault));
        Err(nodes.shortfall().into())
    }
}

/// The share of an answer, if it is about what was asked.
fn share(
    node: PartyId,
    answer: PkpSignResponse,
    public_key: &WalletKey,
    digest: &Digest,
) -> Result<Option<Share>, NodeFault> {
    let share = Share::of_sign(node, &answer.signature_share, answer.conclave)?;
    match &share {
        Some(share) if share.of.public_key != *public_key.compressed() => {
            Err(NodeFault::Other { field: "public key" })
        }
        Some(share) if share.of.digest != *digest => Err(NodeFault::Other { field: "digest" }),
        _ => Ok(share),
    }
}
