//! The server of `listings::bare_epoll`: no futures, the floor of what readiness costs.
//!
//! `cargo run --release -p listings --example bare_epoll`, then `redis-cli -p PORT` with the port that
//! it prints. It knows GET, SET, PING, PUBLISH and SUBSCRIBE, and runs until a signal ends it.

use std::io;
use std::net::TcpListener;

use listings::bare_epoll::Server;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    Server::new(listener)?.run()
}
