//! An HTTP/1.1 server by hyper, on this runtime: hyper knows nothing of it, nor it of hyper.
//!
//! `cargo run --example hyper_hello [CONNECTIONS]` prints where it listens, and ends after so many
//! connections, or never.

use std::convert::Infallible;
use std::error::Error;

use bytes::Bytes;
use executor::compat::Compat;
use executor::net::TcpListener;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};

fn main() -> Result<(), Box<dyn Error>> {
    let connections: usize = match std::env::args().nth(1) {
        Some(count) => count.parse()?,
        None => usize::MAX,
    };
    executor::block_on(serve(connections))
}

async fn serve(connections: usize) -> Result<(), Box<dyn Error>> {
    let mut listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (stream, _) = listener.accept().await?;
        let io = Compat::new(stream);
        let connection = http1::Builder::new().serve_connection(io, service_fn(hello));
        tasks.push(executor::spawn(connection));
        tasks.retain(|task| !task.is_finished());
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn hello(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = format!("hello, {}\n", request.uri().path());
    Ok(Response::new(Full::new(Bytes::from(text))))
}
