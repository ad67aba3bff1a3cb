//! TLS 1.3 with Ed25519 raw public keys on both sides. Sessions are never resumed: a resumed
//! session would skip the look at the peer list.

mod pin;

use std::{net::IpAddr, sync::Arc};

use rustls::{
    ClientConfig, ServerConfig,
    client::{AlwaysResolvesClientRawPublicKeys, Resumption},
    crypto::{CryptoProvider, ring},
    pki_types::ServerName,
    server::AlwaysResolvesServerRawPublicKeys,
    version::TLS13,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

pub use pin::PinError;
use pin::{Allowed, Pin};

use crate::{Identity, LinkError, VERSION, identity, identity::KeyPair, registry::Registry};

/// Makes both ends of links for one identity.
pub(crate) struct Tls {
    key: KeyPair,
    provider: Arc<CryptoProvider>,
}

impl Tls {
    pub fn new(key: KeyPair) -> Self {
        Self { key, provider: Arc::new(ring::default_provider()) }
    }

    /// Accepts the peers in `registry` that dial us.
    pub fn acceptor(&self, registry: Arc<Registry>) -> Result<TlsAcceptor, rustls::Error> {
        let pin = Pin::new(Allowed::Diallers(registry), &self.provider);
        let mut config = ServerConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(Arc::new(pin))
            .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(
                self.key.certified.clone(),
            )));
        config.send_tls13_tickets = 0;
        config.alpn_protocols = vec![VERSION.into()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Runs the dialler's side of a handshake with exactly this peer.
    pub async fn connect(
        &self,
        peer: Identity,
        address: IpAddr,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, LinkError> {
        let pin = Pin::new(Allowed::Exactly(peer), &self.provider);
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&[&TLS13])
            .map_err(std::io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(pin))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(
                self.key.certified.clone(),
            )));
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![VERSION.into()];
        let connector = TlsConnector::from(Arc::new(config));
        let stream =
            connector.connect(ServerName::from(address), stream).await.map_err(handshake_error)?;
        let stream = TlsStream::from(stream);
        check_protocol(&stream)?;
        Ok(stream)
    }
}

/// Runs the accepting side of a handshake, and returns who dialled.
pub(crate) async fn accept(
    acceptor: &TlsAcceptor,
    stream: TcpStream,
) -> Result<(Identity, TlsStream<TcpStream>), LinkError> {
    let stream = TlsStream::from(acceptor.accept(stream).await.map_err(handshake_error)?);
    check_protocol(&stream)?;
    let (_, session) = stream.get_ref();
    let peer = session
        .peer_certificates()
        .and_then(|keys| keys.first())
        .and_then(|key| identity::decode_public_key(key))
        .ok_or(PinError::NotEd25519)?;
    Ok((peer, stream))
}

fn check_protocol(stream: &TlsStream<TcpStream>) -> Result<(), LinkError> {
    let (_, session) = stream.get_ref();
    if session.alpn_protocol() == Some(VERSION.as_bytes()) {
        Ok(())
    } else {
        Err(LinkError::OtherProtocol)
    }
}

/// Finds our own verdict on the other side's key in what TLS says about it.
fn handshake_error(error: std::io::Error) -> LinkError {
    let verdict =
        error.get_ref().and_then(|inner| match inner.downcast_ref::<rustls::Error>()? {
            rustls::Error::InvalidCertificate(rustls::CertificateError::Other(other)) => {
                other.0.downcast_ref::<PinError>()
            }
            _ => None,
        });
    match verdict {
        Some(verdict) => LinkError::Pin(verdict.clone()),
        None => LinkError::Handshake(error),
    }
}
