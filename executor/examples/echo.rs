//! A TCP server that sends back what it receives: one task a connection, all of them on one thread.
//!
//! `cargo run --example echo [CONNECTIONS]` prints where it listens, and ends after so many
//! connections, or never.

use std::error::Error;
use std::io;

use executor::io::{AsyncRead, AsyncWrite};
use executor::net::{TcpListener, TcpStream};

fn main() -> Result<(), Box<dyn Error>> {
    let connections: usize = match std::env::args().nth(1) {
        Some(count) => count.parse()?,
        None => usize::MAX,
    };
    executor::block_on(serve(connections))
}

async fn serve(connections: usize) -> Result<(), Box<dyn Error>> {
    let mut listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (stream, peer) = listener.accept().await?;
        tasks.push(executor::spawn(async move {
            match echo(stream).await {
                Ok(bytes) => println!("{peer}: {bytes} bytes"),
                Err(error) => println!("{peer}: {error}"),
            }
        }));
        tasks.retain(|task| !task.is_finished());
    }
    for task in tasks {
        task.await?;
    }
    Ok(())
}

/// Echoes until the peer ends its direction; gives the number of bytes.
async fn echo(mut stream: TcpStream) -> io::Result<u64> {
    let mut buffer = [0; 4096];
    let mut bytes = 0;
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(bytes);
        }
        stream.write_all(&buffer[..count]).await?;
        bytes += count as u64;
    }
}
