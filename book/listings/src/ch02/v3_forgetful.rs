//! The busy server, with a write that nobody looks after: wrong in a second way.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use super::watch::Watch;

/// Serves so many clients, and loses what the kernel does not take at once.
///
/// # Errors
/// The listener's; what concerns one connection ends that one alone.
pub fn serve(listener: &TcpListener, clients: usize, watch: &Watch) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let (mut accepted, mut streams) = (0, Vec::new());
    while accepted < clients || !streams.is_empty() {
        if accepted < clients
            && let Some((stream, _)) = watch.ask_now(|| listener.accept())?
        {
            accepted += 1;
            stream.set_nonblocking(true)?;
            streams.push(stream);
        }
        streams.retain_mut(|stream| step(stream, watch).unwrap_or(false));
    }
    Ok(())
}

/// Whether there may be more to come.
fn step(stream: &mut TcpStream, watch: &Watch) -> io::Result<bool> {
    let mut buffer = [0; 4096];
    match watch.ask_now(|| stream.read(&mut buffer))? {
        None => Ok(true),
        Some(0) => Ok(false),
        Some(count) => {
            // How many bytes it took is in the answer, and is not looked at.
            watch.ask_now(|| stream.write(&buffer[..count]))?;
            Ok(true)
        }
    }
}
