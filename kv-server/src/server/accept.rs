//! Accepting connections, and refusing those that are too many.
//!
//! ```text
//!                 ┌────────────── 3 a client left, or a quarter of a second passed ─────────┐
//!                 ▼                                                                         │
//!  accept ──► 1 room ──► spawn a Connection        2 no descriptors, no memory ──► back off ┘
//!                │
//!                └─ no room ──► "max number of clients reached", close
//! ```
//!
//! Without a descriptor the kernel says EMFILE at once, again and again, also when nobody connects:
//! trying on would be a busy loop. So the acceptor waits; those who connect meanwhile wait in the
//! kernel's queue and lose nothing.

use std::future::Future;
use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::StopHandle;
use crate::clients::Client;
use crate::connection::{Connection, Shared};
use crate::rt::{self, TcpListener, TcpStream, Timer};

/// How many connections one turn accepts.
const A_TURN: usize = 64;
/// How long to wait for descriptors, if no client of ours gives one back before.
const BACK_OFF: Duration = Duration::from_millis(250);
/// How long not to say again that there are none: a full server must not fill a disk too.
const QUIET: Duration = Duration::from_secs(60);

/// Accepts until it is asked to stop; then the listener is closed.
pub(super) struct Acceptor {
    listener: TcpListener,
    shared: Rc<Shared>,
    stop: StopHandle,
    timer: Timer,
    /// Where it listens; all connections have this address at our end, unless it means any.
    address: SocketAddr,
    /// When it was last said that no connection could be accepted.
    reported: Option<Instant>,
}

impl Acceptor {
    pub(super) fn new(
        listener: TcpListener,
        address: SocketAddr,
        shared: Rc<Shared>,
        stop: StopHandle,
    ) -> Acceptor {
        Acceptor { listener, shared, stop, timer: Timer::new(), address, reported: None }
    }

    fn admit(&mut self, mut stream: TcpStream, address: SocketAddr, context: &mut Context<'_>) {
        let mut state = self.shared.state.borrow_mut();
        state.stats.connections += 1;
        if state.clients.len() >= state.config.max_clients {
            state.stats.rejected_connections += 1;
            // One try: who is refused is not waited for.
            let _ = stream.poll_write(context, b"-ERR max number of clients reached\r\n");
            return;
        }
        drop(state);
        // Fails only for a connection that is gone already; its task will find out.
        let _ = stream.set_nodelay(true);
        let local_address = if self.address.ip().is_unspecified() {
            stream.local_addr().unwrap_or(self.address)
        } else {
            self.address
        };
        let mut client = Client::new(address, local_address, super::unix_millis());
        client.descriptor = stream.descriptor();
        rt::spawn(Connection::new(Rc::clone(&self.shared), stream, client));
    }

    /// Waits for descriptors.
    fn back_off(&mut self, error: &io::Error, context: &Context<'_>) {
        let now = rt::now();
        if self.reported.is_none_or(|reported| now.duration_since(reported) >= QUIET) {
            self.reported = Some(now);
            report(&format!("cannot accept connections: {error}; waiting until it can be done"));
        }
        self.timer.arm_at(now + BACK_OFF);
        self.shared.state.borrow_mut().departure = Some(context.waker().clone());
    }

    /// Whether to wait on: no client has left yet, and time is not over.
    fn is_backing_off(&mut self, context: &mut Context<'_>) -> bool {
        if !self.timer.is_armed() || self.timer.poll_elapsed(context).is_ready() {
            return false;
        }
        if self.shared.state.borrow().departure.is_some() {
            return true;
        }
        self.timer.disarm();
        false
    }
}

impl Future for Acceptor {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let asked = this.stop.is_asked(context);
        if !asked && this.is_backing_off(context) {
            return Poll::Pending;
        }
        for _ in 0..A_TURN {
            match this.listener.poll_accept(context) {
                Poll::Ready(Ok((stream, address))) => this.admit(stream, address, context),
                // The peer was gone before we came.
                Poll::Ready(Err(error))
                    if matches!(
                        error.kind(),
                        ErrorKind::ConnectionAborted
                            | ErrorKind::ConnectionReset
                            | ErrorKind::Interrupted
                    ) => {}
                Poll::Ready(Err(_)) if asked => return Poll::Ready(()),
                Poll::Ready(Err(error)) => {
                    this.back_off(&error, context);
                    // Looks at the timer, so that it wakes us.
                    let _ = this.is_backing_off(context);
                    return Poll::Pending;
                }
                // Nobody waits to be accepted: now is the time to stop.
                Poll::Pending if asked => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A line on stderr. If there is no stderr any more, the server goes on all the same.
fn report(line: &str) {
    let _ = writeln!(io::stderr(), "kv-server: {line}");
}
