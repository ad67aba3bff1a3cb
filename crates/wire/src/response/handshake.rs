use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The network's keys and a fresh nonce. All hexadecimal, without `0x` unless said otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandshakeResponse {
    /// Always empty: SDKs require the field and use nothing of it.
    pub server_public_key: String,
    /// The network's BLS12-381 key, compressed G1: 96 digits.
    pub subnet_public_key: String,
    /// The same key again.
    pub network_public_key: String,
    /// The same key once more.
    pub network_public_key_set: String,
    /// The SDK version that the caller sent.
    pub client_sdk_version: String,
    /// Compressed secp256k1 root keys; empty as long as there are no derived keys.
    pub hd_root_pubkeys: Vec<String>,
    /// Hardware attestation: none.
    pub attestation: Option<Value>,
    /// What clients use as nonce: `0x` and 64 digits.
    pub latest_blockhash: String,
}

impl HandshakeResponse {
    /// The answer of a network with this BLS key and no derived keys.
    pub fn new(
        network_key: &[u8; 48],
        latest_blockhash: &[u8; 32],
        client_sdk_version: &str,
    ) -> Self {
        let key = hex::encode(network_key);
        Self {
            server_public_key: String::new(),
            subnet_public_key: key.clone(),
            network_public_key: key.clone(),
            network_public_key_set: key,
            client_sdk_version: client_sdk_version.to_owned(),
            hd_root_pubkeys: Vec::new(),
            attestation: None,
            latest_blockhash: format!("0x{}", hex::encode(latest_blockhash)),
        }
    }
}
