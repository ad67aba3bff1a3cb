use std::fmt;

use conclave_wire::AuthSig;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{ED25519, SESSION, URI_PREFIX};
use crate::ability::Grant;
use crate::address::Address;
use crate::recap::Recap;
use crate::siwe::SiweMessage;
use crate::timestamp::Timestamp;
use crate::wallet::Wallet;

/// What a wallet is asked to consent to. Nothing here is checked: nodes check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTerms {
    /// Who asks the wallet: the host of a page, or `localhost`.
    pub domain: String,
    /// What the wallet shows before the sentence about rights.
    pub statement: Option<String>,
    /// The chain id in the wallet's text. SDKs write 1 whatever the network's chain.
    pub chain_id: u64,
    /// The nonce from the handshake, or at least 8 letters and digits.
    pub nonce: String,
    /// When the wallet signs.
    pub issued_at: OffsetDateTime,
    /// When session and consent end.
    pub expiration: OffsetDateTime,
    /// What the session may be used for.
    pub grants: Vec<Grant>,
}

/// Makes session signatures, as the SDK's `getSessionSigs` does: one consent of the wallet, then
/// one signature of the session key for each node. The key is erased when dropped; `Debug` does not
/// show it.
#[derive(Clone)]
pub struct SessionSigner {
    key: SigningKey,
    grants: Vec<Grant>,
    expiration: Timestamp,
    capability: AuthSig,
}

impl SessionSigner {
    /// Has the wallet consent to the session key of `seed`, which must be fresh and random.
    pub fn new(wallet: &Wallet, seed: &[u8; 32], terms: SessionTerms) -> Self {
        Self::with_consent(wallet.address(), seed, terms, |message| wallet.sign_siwe(&message))
    }

    pub(crate) fn with_consent(
        address: Address,
        seed: &[u8; 32],
        terms: SessionTerms,
        sign: impl FnOnce(SiweMessage) -> AuthSig,
    ) -> Self {
        let key = SigningKey::from_bytes(seed);
        let capability = sign(consent(address, &key, &terms));
        Self { key, grants: terms.grants, expiration: terms.expiration.into(), capability }
    }

    /// The session signature for the node at `node_url`.
    pub fn sign_for(&self, node_url: &str, issued_at: OffsetDateTime) -> AuthSig {
        self.sign_text(self.message(node_url, issued_at).to_string())
    }

    /// The session's public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    pub(crate) fn message(&self, node_url: &str, issued_at: OffsetDateTime) -> Value {
        let request = |grant: &Grant| {
            json!({ "resource": { "resource": grant.id(), "resourcePrefix": grant.ability().prefix() },
                "ability": grant.ability().name() })
        };
        json!({
            "sessionKey": hex::encode(self.public_key()),
            "resourceAbilityRequests": self.grants.iter().map(request).collect::<Vec<_>>(),
            "capabilities": [self.capability],
            "issuedAt": Timestamp::from(issued_at).to_string(),
            "expiration": self.expiration.to_string(),
            "nodeAddress": node_url,
        })
    }

    pub(crate) fn sign_text(&self, text: String) -> AuthSig {
        AuthSig {
            sig: hex::encode(self.key.sign(text.as_bytes()).to_bytes()),
            derived_via: SESSION.into(),
            signed_message: text,
            address: hex::encode(self.public_key()),
            algo: Some(ED25519.into()),
        }
    }
}

fn consent(address: Address, key: &SigningKey, terms: &SessionTerms) -> SiweMessage {
    let recap = Recap::of(&terms.grants);
    let sentence = recap.statement();
    SiweMessage {
        scheme: None,
        domain: terms.domain.clone(),
        address,
        statement: Some(match &terms.statement {
            Some(statement) => format!("{statement} {sentence}"),
            None => sentence,
        }),
        uri: format!("{URI_PREFIX}{}", hex::encode(key.verifying_key().to_bytes())),
        chain_id: terms.chain_id,
        nonce: terms.nonce.clone(),
        issued_at: terms.issued_at.into(),
        expiration_time: Some(terms.expiration.into()),
        not_before: None,
        request_id: None,
        resources: vec![recap.to_resource()],
    }
}

impl fmt::Debug for SessionSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSigner")
            .field("public_key", &hex::encode(self.public_key()))
            .field("grants", &self.grants)
            .finish_non_exhaustive()
    }
}
