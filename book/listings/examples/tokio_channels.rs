//! The server of `listings::tokio_channels`: fan-out on tokio, by a channel for each subscriber.
//!
//! `cargo run --release -p listings --example tokio_channels`, then `redis-cli -p PORT` with the port that
//! it prints. It knows SUBSCRIBE, PUBLISH and PING, and runs until a signal ends it.

use std::convert::Infallible;
use std::io;

use listings::tokio_channels::serve;
use tokio::net::TcpListener;

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let ended: io::Result<Infallible> = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on {}", listener.local_addr()?);
        serve(listener).await
    });
    ended.map(drop)
}
