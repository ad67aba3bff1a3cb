//! Which raw public keys TLS accepts.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError,
    PeerIncompatible, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};

use crate::{
    Identity,
    identity::{decode_public_key, short},
    registry::Registry,
};

/// The other side's key is not one that we accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// It is not the encoding of an Ed25519 key.
    #[error("the key is not Ed25519")]
    NotEd25519,
    /// The node that answered is not the one that was dialled.
    #[error("node {} answered", short(.0))]
    OtherNode(Identity),
    /// The node that dials us is not in the peer list.
    #[error("node {} is not a peer", short(.0))]
    NotAPeer(Identity),
    /// The node that dials us is a peer, but has the higher identity and must be dialled by us.
    #[error("peer {} has to wait until we dial it", short(.0))]
    NotTheDialler(Identity),
}

/// Who may stand at the other end.
pub(super) enum Allowed {
    Exactly(Identity),
    Diallers(Arc<Registry>),
}

pub(super) struct Pin {
    allowed: Allowed,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pin {
    pub fn new(allowed: Allowed, provider: &CryptoProvider) -> Self {
        Self { allowed, algorithms: provider.signature_verification_algorithms }
    }

    fn check(
        &self,
        key: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> Result<(), Error> {
        self.verdict(key, intermediates)
            .map_err(|error| CertificateError::Other(OtherError(Arc::new(error))).into())
    }

    fn verdict(
        &self,
        key: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> Result<(), PinError> {
        let identity = decode_public_key(key)
            .filter(|_| intermediates.is_empty())
            .ok_or(PinError::NotEd25519)?;
        match &self.allowed {
            Allowed::Exactly(expected) if *expected == identity => Ok(()),
            Allowed::Exactly(_) => Err(PinError::OtherNode(identity)),
            Allowed::Diallers(registry) if !registry.is_peer(&identity) => {
                Err(PinError::NotAPeer(identity))
            }
            Allowed::Diallers(registry) if registry.dials(&identity) => {
                Err(PinError::NotTheDialler(identity))
            }
            Allowed::Diallers(_) => Ok(()),
        }
    }

    fn check_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(key.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pin").finish_non_exhaustive()
    }
}

const NO_TLS12: Error = Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled);

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(key, intermediates).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(NO_TLS12)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(message, key, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Pin {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        key: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(key, intermediates).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(NO_TLS12)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(message, key, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
