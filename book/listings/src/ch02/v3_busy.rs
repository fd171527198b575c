//! One thread that asks everybody, again and again: wrong, though it serves everybody.

use std::io;
use std::net::TcpListener;

use super::connection::{Connection, Next};
use super::watch::Watch;

/// Serves so many clients.
///
/// # Errors
/// The listener's; what concerns one connection ends that one alone.
pub fn serve(listener: &TcpListener, clients: usize, watch: &Watch) -> io::Result<()> {
    watch.enter();
    listener.set_nonblocking(true)?;
    let (mut accepted, mut connections) = (0, Vec::new());
    while accepted < clients || !connections.is_empty() {
        if accepted < clients
            && let Some((stream, _)) = watch.ask_now(|| listener.accept())?
        {
            accepted += 1;
            connections.push(Connection::new(stream)?);
        }
        connections.retain_mut(|connection: &mut Connection| connection.step(watch) != Next::Over);
    }
    Ok(())
}
