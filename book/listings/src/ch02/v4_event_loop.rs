//! One thread that sleeps for all of them, and is told who is ready.

use std::collections::HashMap;
use std::io;
use std::net::TcpListener;

use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::Poller;

use super::connection::{Connection, Next};
use super::watch::Watch;

/// Serves so many clients.
///
/// # Errors
/// The listener's and the poller's; what concerns one connection ends that one alone.
pub fn serve(listener: &TcpListener, clients: usize, watch: &Watch) -> io::Result<()> {
    watch.enter();
    listener.set_nonblocking(true)?;
    let poller = Poller::new()?;
    let door = Token::new(0, 0);
    poller.add(listener, door, Interest::READABLE, Mode::Level)?;
    let (mut accepted, mut connections) = (0, HashMap::new());
    let mut events = Events::new();
    while accepted < clients || !connections.is_empty() {
        watch.ask(|| poller.wait(&mut events, None))?; // sleeps here, and nowhere else
        for event in &events {
            if event.token() != door {
                step(&poller, &mut connections, event.token(), watch)?;
            } else if let Some((stream, _)) = watch.ask_now(|| listener.accept())? {
                accepted += 1;
                let (token, connection) =
                    (Token::new(accepted as u32, 0), Connection::new(stream)?);
                poller.add(connection.stream(), token, Interest::READABLE, Mode::Level)?;
                connections.insert(token, connection);
                if accepted == clients {
                    poller.remove(listener)?; // nobody else is let in
                }
            }
        }
    }
    Ok(())
}

/// Lets a connection go on, and tells the poller what it waits for next.
fn step(
    poller: &Poller,
    connections: &mut HashMap<Token, Connection>,
    token: Token,
    watch: &Watch,
) -> io::Result<()> {
    let connection = connections.get_mut(&token).expect("one event each, while it is registered");
    match connection.step(watch) {
        Next::Read => poller.modify(connection.stream(), token, Interest::READABLE, Mode::Level),
        Next::Write => poller.modify(connection.stream(), token, Interest::WRITABLE, Mode::Level),
        Next::Over => {
            poller.remove(connection.stream())?;
            connections.remove(&token);
            Ok(())
        }
    }
}
