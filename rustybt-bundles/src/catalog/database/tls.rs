//! Encrypted connections to PostgreSQL, by rustls.
//!
//! A server is always asked who it is: its certificate must be for the name in the address, and from an
//! authority that the system trusts, or that `sslrootcert` names. Whoever encrypts without asking
//! is safe from nobody who can answer in the server's place.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use postgres::{Client, Config, Socket};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::DatabaseError;

/// Makes encrypted connections.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    /// Trusts the authorities in a file of PEM, or without one those that the system trusts.
    pub(super) fn new(roots: Option<&Path>) -> Result<Self, DatabaseError> {
        let mut trusted = RootCertStore::empty();
        if let Some(path) = roots {
            let file = path.display().to_string();
            let bad = |reason: &dyn ToString| DatabaseError::Tls {
                reason: format!("`{file}`: {}", reason.to_string()),
            };
            for certificate in CertificateDer::pem_file_iter(path).map_err(|e| bad(&e))? {
                trusted.add(certificate.map_err(|e| bad(&e))?).map_err(|e| bad(&e))?;
            }
            if trusted.is_empty() {
                return Err(bad(&"it holds no certificate"));
            }
        } else {
            trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| DatabaseError::Tls { reason: error.to_string() })?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Connects, to nobody who cannot show that he is meant.
    pub(super) fn connect(&self, config: &Config) -> Result<Client, postgres::Error> {
        config.connect(self.clone())
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Encrypted;
    type TlsConnect = ToServer;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<ToServer, InvalidDnsNameError> {
        Ok(ToServer { tls: self.0.clone(), name: ServerName::try_from(domain)?.to_owned() })
    }
}

/// Makes an encrypted connection to one server.
pub(super) struct ToServer {
    tls: TlsConnector,
    name: ServerName<'static>,
}

impl TlsConnect<Socket> for ToServer {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted>> + Send>>;

    fn connect(self, stream: Socket) -> Self::Future {
        Box::pin(async move { self.tls.connect(self.name, stream).await.map(Encrypted) })
    }
}

/// An encrypted connection.
pub(super) struct Encrypted(client::TlsStream<Socket>);

impl Encrypted {
    fn inner(self: Pin<&mut Self>) -> Pin<&mut client::TlsStream<Socket>> {
        Pin::new(&mut self.get_mut().0)
    }
}

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.inner().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(cx)
    }
}
