//! One client after the other.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use super::watch::Watch;

/// Serves so many clients.
///
/// # Errors
/// The listener's; what concerns one connection ends that one alone.
pub fn serve(listener: &TcpListener, clients: usize, watch: &Watch) -> io::Result<()> {
    for _ in 0..clients {
        let (stream, _) = watch.ask(|| listener.accept())?;
        let _ = echo(stream, watch); // a client that breaks off is no reason to stop
    }
    Ok(())
}

/// Sends back what comes, until nothing more can come.
pub(super) fn echo(mut stream: TcpStream, watch: &Watch) -> io::Result<()> {
    watch.enter();
    let mut buffer = [0; 4096];
    loop {
        let count = watch.ask(|| stream.read(&mut buffer))?; // sleeps here
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count])?; // … and here, if the client does not read
    }
}
