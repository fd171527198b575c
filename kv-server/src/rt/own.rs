//! The facade on our own runtime: most of it is a change of names.
//!
//! A [`Timer`] holds its `Sleep` only while it is armed, so that an idle connection costs no more
//! than an empty `Option`.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use executor::io::{AsyncRead, AsyncWrite};
use executor::net::{Keepalive, TcpSocket};
use executor::signal;
pub use executor::sync::{mpsc, oneshot};
use executor::time::Sleep;

use super::{Metrics, Signal};

/// The runtime's name, as the first screen and `INFO` show it.
pub const NAME: &str = "own";

/// What the runtime waits with on this system.
pub fn backend() -> &'static str {
    executor::BACKEND
}

/// Runs `future` on this thread until it is ready, together with every task spawned meanwhile.
/// Tasks that still live when it ends are dropped.
///
/// # Errors
/// If the kernel refuses the event queue.
pub fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
    Ok(executor::Runtime::new()?.block_on(future))
}

/// Runs `future` as a task of its own, detached. A panic in it is reported on stderr and ends
/// that task alone.
///
/// # Panics
/// Outside of [`block_on`].
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    executor::spawn(future).detach();
}

/// Runs `work`, which may block, on a thread of the runtime's pool, and gives back what it returns.
/// It begins at once, not when the future is polled; dropping the future does not stop it.
///
/// # Errors
/// If it panicked, or no thread could be had.
///
/// # Panics
/// Outside of [`block_on`].
pub fn spawn_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = io::Result<T>> + Unpin + 'static {
    let mut handle = executor::spawn_blocking(work);
    poll_fn(move |context| {
        Pin::new(&mut handle).poll(context).map_err(|error| io::Error::other(error.to_string()))
    })
}

/// The monotonic clock.
pub fn now() -> Instant {
    executor::time::now()
}

/// The wall clock, as time since 1970-01-01 UTC; zero if the clock stands before that.
pub fn unix_time() -> Duration {
    executor::time::unix_time()
}

/// Ready after `duration`.
pub async fn sleep(duration: Duration) {
    executor::time::sleep(duration).await;
}

/// What the runtime counts.
///
/// # Panics
/// Outside of [`block_on`].
pub fn metrics() -> Metrics {
    let metrics = executor::metrics();
    let count = |number: usize| u64::try_from(number).ok();
    Metrics {
        tasks: count(metrics.tasks),
        sources: count(metrics.sources),
        timers: count(metrics.timers),
    }
}

/// A listening socket.
#[derive(Debug)]
pub struct TcpListener {
    inner: executor::net::TcpListener,
}

impl TcpListener {
    /// Listens on `address`; port 0 takes a free one. `backlog` is the number of connections that
    /// the kernel completes and keeps before they are accepted (it may cap the number).
    ///
    /// After a silence of `keepalive` the kernel asks whether a peer's machine is still there, three
    /// times within as long again, and then ends the connection. Connections inherit that from the
    /// listener, so it costs no system call for each.
    ///
    /// # Errors
    /// Whatever the kernel says: the address is in use, not ours, or not allowed.
    pub fn bind(
        address: SocketAddr,
        backlog: u32,
        keepalive: Option<Duration>,
    ) -> io::Result<TcpListener> {
        let socket = TcpSocket::for_family_of(&address)?;
        socket.set_reuse_address(true)?;
        socket.set_keepalive(keepalive.map(|idle| Keepalive {
            idle,
            interval: idle / super::PROBES,
            probes: super::PROBES,
        }))?;
        socket.bind(address)?;
        Ok(TcpListener { inner: socket.listen(backlog)? })
    }

    /// The address that the listener is bound to.
    ///
    /// # Errors
    /// If the kernel cannot tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// The next connection. After an error the listener stays usable; an error that lasts
    /// (no descriptors left) comes again, at most ten times a second.
    pub fn poll_accept(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let (inner, address) = ready!(self.inner.poll_accept(context))?;
        Poll::Ready(Ok((TcpStream { inner }, address)))
    }
}

/// A connected socket.
#[derive(Debug)]
pub struct TcpStream {
    inner: executor::net::TcpStream,
}

impl TcpStream {
    /// Looks `host` up, a name or an address, and connects to the first of its addresses that
    /// answers. Cancel safe: a dropped attempt closes its socket.
    ///
    /// # Errors
    /// The resolver's, or the kernel's for the last address.
    ///
    /// # Panics
    /// Outside of [`block_on`].
    pub async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
        let inner = executor::dns::connect(host, port).await?;
        Ok(TcpStream { inner })
    }

    /// Reads what is there into `buffer`; `Ok(0)` is the end of the stream.
    pub fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.inner.poll_read(context, buffer)
    }

    /// Writes the beginning of `bytes`, as much as the socket takes.
    pub fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner.poll_write(context, bytes)
    }

    /// Closes the sending half: the peer reads the end of the stream.
    pub fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_shutdown(context)
    }

    /// Whether small writes leave at once (`TCP_NODELAY`).
    ///
    /// # Errors
    /// If the connection is gone already.
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.inner.set_nodelay(on)
    }

    /// Our end's address.
    ///
    /// # Errors
    /// If the kernel cannot tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    /// The other end's address.
    ///
    /// # Errors
    /// If the connection is gone already.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }

    /// The descriptor's number, for show (`CLIENT LIST`).
    pub fn descriptor(&self) -> i32 {
        self.inner.as_fd().as_raw_fd()
    }
}

/// A deadline that can be set, moved and taken away. Unarmed, it never elapses.
#[derive(Debug, Default)]
pub struct Timer {
    /// Present exactly while a deadline is set that was not yet seen to pass.
    sleep: Option<Sleep>,
}

impl Timer {
    /// A timer without a deadline.
    pub fn new() -> Timer {
        Timer::default()
    }

    /// Sets the deadline, or moves it.
    pub fn arm_at(&mut self, deadline: Instant) {
        match &mut self.sleep {
            Some(sleep) => sleep.reset(deadline),
            None => self.sleep = Some(executor::time::sleep_until(deadline)),
        }
    }

    /// Takes the deadline away.
    pub fn disarm(&mut self) {
        self.sleep = None;
    }

    /// Whether a deadline is set that was not yet seen to pass.
    pub fn is_armed(&self) -> bool {
        self.sleep.is_some()
    }

    /// Ready once when the deadline has passed; the timer is unarmed then.
    pub fn poll_elapsed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(sleep) = &mut self.sleep else { return Poll::Pending };
        ready!(Pin::new(sleep).poll(context));
        self.sleep = None;
        Poll::Ready(())
    }
}

/// The signals that ask a process to end, received instead of obeyed.
#[derive(Debug)]
pub struct Signals {
    interrupt: signal::Signal,
    terminate: signal::Signal,
}

impl Signals {
    /// From now on SIGINT and SIGTERM no longer end the process, but come here.
    ///
    /// # Errors
    /// If the handlers cannot be set.
    pub fn terminate() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: signal::Signal::new(signal::Kind::INTERRUPT)?,
            terminate: signal::Signal::new(signal::Kind::TERMINATE)?,
        })
    }

    /// The next signal.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Signal> {
        if self.interrupt.poll_recv(context).is_ready() {
            return Poll::Ready(Signal::Interrupt);
        }
        if self.terminate.poll_recv(context).is_ready() {
            return Poll::Ready(Signal::Terminate);
        }
        Poll::Pending
    }
}
