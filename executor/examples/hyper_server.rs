//! HTTP/1.1 by hyper, both ends of it, on our sockets, timers and tasks.
//!
//! ```text
//!   hyper's client ── Compat<TcpStream> ──► 127.0.0.1 ──► Compat<TcpStream> ── hyper's server
//!     GET /greeting, POST /echo, GET /nowhere, on one connection       a task a connection
//!   a silent client ──────────────────────────────────► HyperTimer: cut off
//! ```
//!
//! `cargo run -p executor --example hyper_server`

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use executor::compat::{Compat, HyperTimer};
use executor::io::{AsyncRead, AsyncWrite};
use executor::net::{TcpListener, TcpStream};
use executor::time::timeout;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};

type Failure = Box<dyn std::error::Error>;

/// How long a client may take for the head of its request.
const HEAD_TIME: Duration = Duration::from_millis(100);

/// How long this program waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<(), Failure> {
    executor::block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let server = executor::spawn(serve(listener));

        timeout(PATIENCE, ask(address)).await??;
        println!("hyper: three requests were answered on one connection");
        timeout(PATIENCE, stay_silent(address)).await??;
        println!("hyper: a client that said nothing was cut off");

        assert!(!server.is_finished(), "the server goes on");
        server.abort();
        Ok(())
    })
}

async fn serve(mut listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(HyperTimer)
            .header_read_timeout(HEAD_TIME)
            .serve_connection(Compat::new(stream), service_fn(answer));
        // How a client leaves is its own affair; each has its own task.
        executor::spawn(async { drop(connection.await) }).detach();
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/greeting") => (StatusCode::OK, Bytes::from("hello")),
        (&Method::POST, "/echo") => match request.into_body().collect().await {
            Ok(body) => (StatusCode::OK, body.to_bytes()),
            Err(_) => (StatusCode::BAD_REQUEST, Bytes::new()),
        },
        _ => (StatusCode::NOT_FOUND, Bytes::new()),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    Ok(response)
}

async fn ask(address: SocketAddr) -> Result<(), Failure> {
    let stream = Compat::new(TcpStream::connect(address).await?);
    let (mut client, connection) = hyper::client::conn::http1::handshake(stream).await?;
    let connection = executor::spawn(connection);

    let greeting = send(&mut client, Method::GET, "/greeting", Bytes::new()).await?;
    assert_eq!(greeting, (StatusCode::OK, Bytes::from("hello")));

    // More than any socket buffer holds: both ends wait for each other many times.
    let long: Bytes = (0..4_000_000_u32).map(|number| number as u8).collect();
    let echo = send(&mut client, Method::POST, "/echo", long.clone()).await?;
    assert!(echo == (StatusCode::OK, long), "the echo of four million bytes differs");

    let (status, _) = send(&mut client, Method::GET, "/nowhere", Bytes::new()).await?;
    assert_eq!(status, StatusCode::NOT_FOUND);

    drop(client);
    connection.await??; // with no one left to send, the connection ends
    Ok(())
}

async fn send(
    client: &mut SendRequest<Full<Bytes>>,
    method: Method,
    path: &str,
    body: Bytes,
) -> Result<(StatusCode, Bytes), Failure> {
    client.ready().await?;
    let request = Request::builder().method(method).uri(path).header("host", "localhost");
    let response = client.send_request(request.body(Full::new(body))?).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}

/// Half a head, and then nothing: hyper's time limit, kept by our timer, ends it.
async fn stay_silent(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /greeting HTTP/1.1\r\n").await?;
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
