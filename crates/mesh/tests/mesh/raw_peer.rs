//! A peer that speaks the wire format by hand, and anything else.

use std::{io, net::SocketAddr, sync::Arc};

use conclave_mesh::identity_of;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    sign::CertifiedKey,
    version::TLS13,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::within;

pub const HELLO: u8 = 1;
pub const REFUSAL: u8 = 2;
pub const PING: u8 = 3;
pub const PONG: u8 = 4;
pub const URGENT_PART: u8 = 5;
pub const URGENT_END: u8 = 6;
pub const BULK_PART: u8 = 7;
pub const BULK_END: u8 = 8;

pub const FULL_PART: usize = 64 * 1024;

pub struct RawPeer {
    stream: TlsStream<TcpStream>,
    pub counter: u64,
}

pub struct RawFrame {
    pub kind: u8,
    pub counter: u64,
    pub payload: Vec<u8>,
}

impl RawPeer {
    pub async fn connect(seed: &[u8; 32], address: SocketAddr) -> io::Result<Self> {
        Self::connect_speaking(seed, address, &["conclave-mesh/2"]).await
    }

    pub async fn connect_speaking(
        seed: &[u8; 32],
        address: SocketAddr,
        protocols: &[&str],
    ) -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let pkcs8 = [&hex::decode("302e020100300506032b657004220420").unwrap()[..], seed].concat();
        let private = provider
            .key_provider
            .load_private_key(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8)))
            .unwrap();
        let public =
            [&hex::decode("302a300506032b6570032100").unwrap()[..], &identity_of(seed).unwrap()]
                .concat();
        let key = Arc::new(CertifiedKey::new(vec![CertificateDer::from(public)], private));
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyServer))
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key)));
        config.alpn_protocols =
            protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let tcp = TcpStream::connect(address).await?;
        let stream = TlsConnector::from(Arc::new(config))
            .connect(ServerName::from(address.ip()), tcp)
            .await?;
        Ok(Self { stream, counter: 0 })
    }

    /// Connects, says hello with this boot and counter, and takes the mesh's hello.
    pub async fn greet(
        seed: &[u8; 32],
        address: SocketAddr,
        boot: [u8; 16],
        counter: u64,
    ) -> (Self, RawFrame) {
        let mut peer = Self::connect(seed, address).await.unwrap();
        peer.hello(crate::support::NETWORK, boot, counter).await;
        let answer = within(peer.read()).await.unwrap();
        (peer, answer)
    }

    pub async fn hello(&mut self, network: [u8; 32], boot: [u8; 16], counter: u64) {
        self.counter = counter;
        self.frame(HELLO, &[&network[..], &boot].concat()).await.unwrap();
    }

    pub async fn frame(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        self.claim(kind, self.counter, payload.len() as u32, payload).await?;
        self.counter += 1;
        Ok(())
    }

    /// Sends a frame whose header says what the caller wants.
    pub async fn claim(
        &mut self,
        kind: u8,
        counter: u64,
        length: u32,
        payload: &[u8],
    ) -> io::Result<()> {
        let header = [&[kind][..], &counter.to_be_bytes(), &length.to_be_bytes()].concat();
        self.stream.write_all(&[&header[..], payload].concat()).await?;
        self.stream.flush().await
    }

    pub async fn read(&mut self) -> io::Result<RawFrame> {
        let kind = self.stream.read_u8().await?;
        let counter = self.stream.read_u64().await?;
        let mut payload = vec![0; self.stream.read_u32().await? as usize];
        self.stream.read_exact(&mut payload).await?;
        Ok(RawFrame { kind, counter, payload })
    }

    /// Whether the mesh ended the TLS handshake with an alert, so that not even a hello was looked
    /// at.
    pub async fn is_refused_by_tls(&mut self) -> bool {
        let error = within(self.read()).await.err().expect("a link was made");
        error.to_string().contains("fatal alert")
    }

    /// Reads until the mesh closes, and returns what came before.
    pub async fn read_to_end(&mut self) -> Vec<RawFrame> {
        within(async {
            let mut frames = Vec::new();
            while let Ok(frame) = self.read().await {
                frames.push(frame);
            }
            frames
        })
        .await
    }
}

#[derive(Debug)]
struct AnyServer;

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        unreachable!("TLS 1.3 only")
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
