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
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use super::StopHandle;
use crate::clients::Client;
use crate::config::Config;
use crate::connection::{Connection, Shared};
use crate::message::LineEnd;
use crate::rt::{self, TcpListener, TcpStream, Timer};

/// How many connections one turn accepts at each door.
const A_TURN: usize = 64;
/// How long to wait for descriptors, if no client of ours gives one back before.
const BACK_OFF: Duration = Duration::from_millis(250);
/// How long not to say again that there are none: a full server must not fill a disk too.
const QUIET: Duration = Duration::from_secs(60);

/// What a client from elsewhere is told while there is no password. The words are Redis's, because
/// clients recognise them.
const DENIED: &str = "-DENIED Redis is running in protected mode because protected mode is enabled \
    and no password is set for the default user. In this mode connections are only accepted from \
    the loopback interface. If you want to connect from external computers to Redis you may adopt \
    one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET \
    protected-mode no' from the loopback interface by connecting to Redis from the same host the \
    server is running, however MAKE SURE Redis is not publicly accessible from internet if you do \
    so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the \
    protected mode by editing the Redis configuration file, and setting the protected mode option \
    to 'no', and then restarting the server. 3) If you started the server manually just for \
    testing, restart it with the '--protected-mode no' option. 4) Setup a an authentication \
    password for the default user. NOTE: You only need to do one of the above things in order for \
    the server to start accepting connections from the outside.\r\n";

/// One address at which connections are accepted.
#[derive(Debug)]
pub(super) struct Door {
    listener: TcpListener,
    /// Where it listens; all connections have this address at our end, unless it means any.
    address: SocketAddr,
    /// The address that the last connection has at our end; most often the next has the same.
    local_address: Rc<SocketAddr>,
    /// Who comes in here types lines (see [`crate::topics`]), and speaks no RESP.
    topics: bool,
}

/// Accepts at all doors until it is asked to stop; then they are closed.
pub(super) struct Acceptor {
    doors: Vec<Door>,
    shared: Rc<Shared>,
    stop: StopHandle,
    timer: Timer,
    /// When it was last said that no connection could be accepted.
    reported: Option<Instant>,
}

impl Door {
    pub(super) fn open(address: SocketAddr, config: &Config, topics: bool) -> io::Result<Door> {
        let listener = TcpListener::bind(address, config.backlog, config.keepalive)?;
        let address = listener.local_addr()?;
        Ok(Door { listener, address, local_address: Rc::new(address), topics })
    }

    /// Where it listens, with the real port.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts until nobody waits, or for one turn. Ready if somebody may still wait.
    fn poll_turn(
        &mut self,
        context: &mut Context<'_>,
        shared: &Rc<Shared>,
    ) -> Poll<io::Result<()>> {
        for _ in 0..A_TURN {
            match ready!(self.listener.poll_accept(context)) {
                Ok((stream, address)) => self.admit(stream, address, context, shared),
                // The peer was gone before we came.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::ConnectionAborted
                            | ErrorKind::ConnectionReset
                            | ErrorKind::Interrupted
                    ) => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn admit(
        &mut self,
        mut stream: TcpStream,
        address: SocketAddr,
        context: &mut Context<'_>,
        shared: &Rc<Shared>,
    ) {
        let mut state = shared.state.borrow_mut();
        state.stats.connections += 1;
        if state.clients.len() >= state.config.max_clients {
            state.stats.rejected_connections += 1;
            tracing::debug!("client {address} is refused: there are too many");
            let refusal: &[u8] = match self.topics {
                false => b"-ERR max number of clients reached\r\n",
                true => b"ERROR too many clients; try again later\n",
            };
            // One try: who is refused is not waited for.
            let _ = stream.poll_write(context, refusal);
            return;
        }
        if self.denies(address, &state.config) {
            state.stats.rejected_connections += 1;
            tracing::info!("client {address} is refused: there is no password, see protected-mode");
            let _ = stream.poll_write(context, DENIED.as_bytes());
            return;
        }
        let trusted = state.config.password.is_empty();
        drop(state);
        // Fails only for a connection that is gone already; its task will find out.
        let _ = stream.set_nodelay(true);
        if self.address.ip().is_unspecified()
            && let Ok(local_address) = stream.local_addr()
            && local_address != *self.local_address
        {
            self.local_address = Rc::new(local_address);
        }
        let local_address = Rc::clone(&self.local_address);
        let mut client = Client::new(address, local_address, super::unix_millis());
        client.descriptor = stream.descriptor();
        tracing::debug!("client {address} is connected");
        client.trusted = trusted || self.topics;
        client.lines = self.topics.then_some(LineEnd::Lf);
        rt::spawn(Connection::new(Rc::clone(shared), stream, client));
    }

    /// Whether a client from this address must be turned away, as there is no password that it
    /// could give. Topics have none ever: who opens them to others means it.
    fn denies(&self, address: SocketAddr, config: &Config) -> bool {
        !self.topics && config.protected && config.password.is_empty() && !is_local(address)
    }
}

impl Acceptor {
    pub(super) fn new(doors: Vec<Door>, shared: Rc<Shared>, stop: StopHandle) -> Acceptor {
        Acceptor { doors, shared, stop, timer: Timer::new(), reported: None }
    }

    /// Accepts at all doors until nobody waits there, or for one turn. Ready if somebody may still
    /// wait.
    fn poll_doors(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut waits = false;
        for door in &mut self.doors {
            waits |= door.poll_turn(context, &self.shared)?.is_ready();
        }
        if waits { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Waits for descriptors.
    fn back_off(&mut self, error: &io::Error, context: &Context<'_>) {
        let now = rt::now();
        if self.reported.is_none_or(|reported| now.duration_since(reported) >= QUIET) {
            self.reported = Some(now);
            tracing::warn!("cannot accept connections: {error}; waiting until it can be done");
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
        match this.poll_doors(context) {
            Poll::Ready(Ok(())) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(Err(_)) if asked => Poll::Ready(()),
            Poll::Ready(Err(error)) => {
                this.back_off(&error, context);
                // Looks at the timer, so that it wakes us.
                let _ = this.is_backing_off(context);
                Poll::Pending
            }
            // Nobody waits to be accepted: now is the time to stop.
            Poll::Pending if asked => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Whether a peer is on this machine.
fn is_local(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}
