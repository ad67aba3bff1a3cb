//! `/web/handshake`: what a client must know of the network before it asks anything.

use super::Api;
use super::failure::Failure;
use conclave_wire::{ErrorCode, HandshakeRequest, HandshakeResponse};

impl Api {
    /// `sdk_version` is the client's own, said back as clients expect.
    pub fn handshake(&self, body: &[u8], sdk_version: &str) -> Result<HandshakeResponse, Failure> {
        HandshakeRequest::parse(body)?;
        let view = self.view.borrow();
        let Some(network_key) = &view.network_key else {
            return Err(Failure::new(
                ErrorCode::ConclaveNotReady,
                "the network's key is not made yet",
            ));
        };
        Ok(HandshakeResponse::new(network_key, &view.head.hash.0, sdk_version))
    }
}
