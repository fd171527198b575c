//! TLS by rustls, both ends of it, over our sockets: the traits of `futures` are all that it asks for.
//!
//! ```text
//!   client ── TlsStream<Compat<TcpStream>> ══ encrypted ══ TlsStream<Compat<TcpStream>> ── server
//!     trusts one certificate, made a moment ago                   echoes until the end
//! ```
//!
//! `cargo run -p executor --example tls`

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use executor::compat::Compat;
use executor::net::{TcpListener, TcpStream};
use executor::time::timeout;
use futures::{AsyncReadExt, AsyncWriteExt};
use futures_rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use futures_rustls::{TlsAcceptor, TlsConnector};

type Failure = Box<dyn std::error::Error>;

/// How long this program waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<(), Failure> {
    let (certificate, key) = identity()?;
    let acceptor = acceptor(certificate.clone(), key)?;
    executor::block_on(async {
        let mut listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let server = executor::spawn(async move {
            // The first client is one that turns away; the second is served.
            let (stranger, _) = listener.accept().await?;
            assert!(acceptor.accept(Compat::new(stranger)).await.is_err());
            let (friend, _) = listener.accept().await?;
            echo(acceptor.accept(Compat::new(friend)).await?).await
        });

        let trusting_nobody = connector(RootCertStore::empty())?;
        let refused = timeout(PATIENCE, connect(&trusting_nobody, address)).await?;
        println!("tls: refused, as it must be: {}", refused.err().ok_or("no trust is needed")?);

        let mut roots = RootCertStore::empty();
        roots.add(certificate)?;
        let sent: Vec<u8> = (0..1_000_000_u32).map(|number| number as u8).collect();
        let echoed = timeout(PATIENCE, exchange(&connector(roots)?, address, &sent)).await??;
        assert!(echoed == sent, "the echo differs");
        timeout(PATIENCE, server).await???;
        println!("tls: {} bytes went out and came back", echoed.len());
        Ok(())
    })
}

/// A certificate for "localhost", signed by its own key.
fn identity() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), Failure> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
    Ok((made.cert.der().clone(), key))
}

fn acceptor(
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Result<TlsAcceptor, Failure> {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn connector(roots: RootCertStore) -> Result<TlsConnector, Failure> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

type Client = futures_rustls::client::TlsStream<Compat<TcpStream>>;

async fn connect(connector: &TlsConnector, address: SocketAddr) -> io::Result<Client> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").expect("a valid name");
    connector.connect(name, Compat::new(stream)).await
}

/// Sends and receives at the same time: neither end can hold a million bytes back.
async fn exchange(
    connector: &TlsConnector,
    address: SocketAddr,
    sent: &[u8],
) -> io::Result<Vec<u8>> {
    let (mut reader, mut writer) = connect(connector, address).await?.split();
    let mut echoed = Vec::new();
    let send = async {
        writer.write_all(sent).await?;
        writer.close().await
    };
    futures::try_join!(send, reader.read_to_end(&mut echoed))?;
    Ok(echoed)
}

async fn echo(stream: futures_rustls::server::TlsStream<Compat<TcpStream>>) -> io::Result<()> {
    let (reader, mut writer) = stream.split();
    futures::io::copy(reader, &mut writer).await?;
    writer.close().await
}
