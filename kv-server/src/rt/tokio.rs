//! The facade on tokio: `LocalRuntime`, so that nothing needs to be `Send`, as on our own.
//!
//! Nothing here adds a system call or a copy to what tokio does by itself: reads and writes go
//! through `AsyncRead`/`AsyncWrite`, which try first, clear readiness after a short read, and so
//! never ask the kernel twice; one [`Timer`] is one `Sleep` that is reset in place.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Handle, LocalOptions};
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
pub use tokio::sync::{mpsc, oneshot};

use super::{Metrics, Signal};

/// The runtime's name, as the first screen and `INFO` show it.
pub const NAME: &str = "tokio";

/// What the runtime waits with on this system.
pub fn backend() -> &'static str {
    match std::env::consts::OS {
        "linux" | "android" => "mio (epoll)",
        "macos" | "ios" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" => "mio (kqueue)",
        _ => "mio",
    }
}

/// Runs `future` on this thread until it is ready, together with every task spawned meanwhile.
/// Tasks that still live when it ends are dropped.
///
/// # Errors
/// If the kernel refuses the event queue.
pub fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?;
    Ok(runtime.block_on(future))
}

/// Runs `future` as a task of its own, detached. A panic in it is reported on stderr and ends
/// that task alone.
///
/// # Panics
/// Outside of [`block_on`].
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    drop(tokio::task::spawn_local(future));
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
    let mut handle = tokio::task::spawn_blocking(work);
    poll_fn(move |context| Pin::new(&mut handle).poll(context).map_err(io::Error::other))
}

/// The monotonic clock.
pub fn now() -> Instant {
    Instant::now()
}

/// The wall clock, as time since 1970-01-01 UTC; zero if the clock stands before that.
pub fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Ready after `duration`.
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// What the runtime counts.
///
/// # Panics
/// Outside of [`block_on`].
pub fn metrics() -> Metrics {
    let tasks = Handle::current().metrics().num_alive_tasks();
    Metrics { tasks: u64::try_from(tasks).ok(), sources: None, timers: None }
}

/// A listening socket.
#[derive(Debug)]
pub struct TcpListener {
    inner: tokio::net::TcpListener,
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
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        if let Some(idle) = keepalive {
            let keepalive = TcpKeepalive::new()
                .with_time(idle)
                .with_interval(idle / super::PROBES)
                .with_retries(super::PROBES);
            SockRef::from(&socket).set_tcp_keepalive(&keepalive)?;
        }
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
    /// (no descriptors left) comes again at once, so the caller must wait before it polls again.
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
    inner: tokio::net::TcpStream,
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
        // An address of version 6 may stand in brackets.
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let inner = tokio::net::TcpStream::connect((bare, port)).await?;
        Ok(TcpStream { inner })
    }

    /// Reads what is there into `buffer`; `Ok(0)` is the end of the stream.
    pub fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(Pin::new(&mut self.inner).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Writes the beginning of `bytes`, as much as the socket takes.
    pub fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    /// Closes the sending half: the peer reads the end of the stream.
    pub fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
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
        self.inner.as_raw_fd()
    }
}

/// A deadline that can be set, moved and taken away. Unarmed, it never elapses.
#[derive(Debug, Default)]
pub struct Timer {
    /// Made at the first arming, then reset in place. Boxed, as a `Sleep` must not move.
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
    armed: bool,
}

impl Timer {
    /// A timer without a deadline.
    pub fn new() -> Timer {
        Timer::default()
    }

    /// Sets the deadline, or moves it.
    pub fn arm_at(&mut self, deadline: Instant) {
        let deadline = tokio::time::Instant::from_std(deadline);
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(deadline),
            None => self.sleep = Some(Box::pin(tokio::time::sleep_until(deadline))),
        }
        self.armed = true;
    }

    /// Takes the deadline away.
    pub fn disarm(&mut self) {
        self.sleep = None;
        self.armed = false;
    }

    /// Whether a deadline is set that was not yet seen to pass.
    pub fn is_armed(&self) -> bool {
        self.armed
    }

    /// Ready once when the deadline has passed; the timer is unarmed then.
    pub fn poll_elapsed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.sleep {
            Some(sleep) if self.armed => {
                ready!(sleep.as_mut().poll(context));
                self.armed = false;
                Poll::Ready(())
            }
            _ => Poll::Pending,
        }
    }
}

/// The signals that ask a process to end, received instead of obeyed.
#[derive(Debug)]
pub struct Signals {
    interrupt: Stream,
    terminate: Stream,
}

impl Signals {
    /// From now on SIGINT and SIGTERM no longer end the process, but come here.
    ///
    /// # Errors
    /// If the handlers cannot be set.
    pub fn terminate() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
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
