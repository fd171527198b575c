//! A thread for each client.

use std::io;
use std::net::TcpListener;
use std::thread;

use super::v1_blocking::echo;
use super::watch::Watch;

/// Serves so many clients.
///
/// # Errors
/// The listener's, and where there is no room for one more thread.
pub fn serve(listener: &TcpListener, clients: usize, watch: &Watch) -> io::Result<()> {
    watch.enter();
    thread::scope(|scope| {
        for _ in 0..clients {
            let (stream, _) = watch.ask(|| listener.accept())?;
            thread::Builder::new().spawn_scoped(scope, move || echo(stream, watch))?;
        }
        Ok(())
    })
}
