//! `GET /metrics`: the server's counters for Prometheus, by as much of HTTP/1.1 as that takes.
//!
//! ```text
//!   reading ──a head is complete──► answering ──all sent──► reading        (keep-alive)
//!      │ too long, no HTTP              │ to be closed
//!      └────────► answering ────────────┴──► draining ──► gone
//! ```
//!
//! One task serves all of its few connections: they share a waker, and are looked at together. A
//! request has a bounded head and a bounded time; when all places are taken, the connection that is
//! idle for the longest makes room. It answers until the server has ended.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::exposition::exposition;
use super::http::{self, Answer};
use crate::connection::Shared;
use crate::rt::{self, TcpListener, TcpStream, Timer};

/// How many connections there are at one time.
const CONNECTIONS: usize = 16;
/// How long a connection may be idle between two requests.
const IDLE: Duration = Duration::from_secs(120);
/// How long a request may take to arrive, or an answer to leave.
const BUSY: Duration = Duration::from_secs(10);
/// How long the last words may take to be read.
const DRAIN: Duration = Duration::from_secs(1);
/// How many requests of a connection one turn answers.
const A_TURN: usize = 8;
/// How long to wait after the kernel could not accept.
const BACK_OFF: Duration = Duration::from_secs(1);

/// The task; it ends when the server has ended.
#[derive(Debug)]
pub(super) struct Metrics {
    listener: TcpListener,
    address: SocketAddr,
    shared: Rc<Shared>,
    /// The one that is idle for the longest is the first.
    exchanges: Vec<Exchange>,
    back_off: Timer,
}

impl Metrics {
    /// Listens at `address`.
    pub(super) fn bind(address: SocketAddr, shared: Rc<Shared>) -> io::Result<Metrics> {
        let listener = TcpListener::bind(address, CONNECTIONS as u32, None)?;
        let address = listener.local_addr()?;
        let (exchanges, back_off) = (Vec::new(), Timer::new());
        Ok(Metrics { listener, address, shared, exchanges, back_off })
    }

    pub(super) fn local_addr(&self) -> SocketAddr {
        self.address
    }

    fn accept(&mut self, context: &mut Context<'_>) {
        if self.back_off.is_armed() && self.back_off.poll_elapsed(context).is_pending() {
            return;
        }
        for _ in 0..CONNECTIONS {
            match self.listener.poll_accept(context) {
                Poll::Ready(Ok((stream, _))) => {
                    if self.exchanges.len() == CONNECTIONS {
                        self.exchanges.remove(0);
                    }
                    self.exchanges.push(Exchange::new(stream));
                }
                Poll::Ready(Err(_)) => {
                    self.back_off.arm_at(rt::now() + BACK_OFF);
                    // Looks at the timer, so that it wakes us.
                    let _ = self.back_off.poll_elapsed(context);
                    return;
                }
                Poll::Pending => return,
            }
        }
        context.waker().wake_by_ref();
    }
}

impl Future for Metrics {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        {
            let state = &mut *this.shared.state.borrow_mut();
            if state.ended {
                return Poll::Ready(());
            }
            state.metrics = Some(context.waker().clone());
        }
        this.accept(context);
        let shared = &this.shared;
        this.exchanges.retain_mut(|exchange| exchange.poll(context, shared).is_pending());
        // Who has just asked comes last.
        this.exchanges.sort_by_key(|exchange| exchange.answered);
        Poll::Pending
    }
}

/// One connection.
#[derive(Debug)]
struct Exchange {
    stream: TcpStream,
    timer: Timer,
    input: Vec<u8>,
    output: Vec<u8>,
    sent: usize,
    closing: bool,
    draining: bool,
    /// When it was last answered.
    answered: Duration,
}

impl Exchange {
    fn new(stream: TcpStream) -> Exchange {
        let mut timer = Timer::new();
        timer.arm_at(rt::now() + BUSY);
        Exchange {
            stream,
            timer,
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            closing: false,
            draining: false,
            answered: rt::unix_time(),
        }
    }

    /// Ready when the connection is to be closed.
    fn poll(&mut self, context: &mut Context<'_>, shared: &Shared) -> Poll<()> {
        for _ in 0..A_TURN {
            match self.step(context, shared) {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false) | Err(_)) => return Poll::Ready(()),
                Poll::Pending => return self.timer.poll_elapsed(context),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Whether to go on.
    fn step(&mut self, context: &mut Context<'_>, shared: &Shared) -> Poll<io::Result<bool>> {
        while self.sent < self.output.len() {
            match self.stream.poll_write(context, &self.output[self.sent..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Ok(false)),
                Poll::Ready(Ok(count)) => self.sent += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        if self.closing && !self.draining {
            // What was not read must not destroy the answer: see the connection's own lingering.
            if self.stream.poll_shutdown(context)?.is_pending() {
                return Poll::Pending;
            }
            self.draining = true;
            self.timer.arm_at(rt::now() + DRAIN);
        }
        if !self.draining
            && let Some(answer) = http::answer(&self.input)
        {
            self.respond(&answer, shared);
            return Poll::Ready(Ok(true));
        }
        self.read(context)
    }

    fn respond(&mut self, answer: &Answer, shared: &Shared) {
        let body = || {
            let state = &mut *shared.state.borrow_mut();
            exposition(state, rt::unix_time())
        };
        self.output = answer.bytes(body);
        self.sent = 0;
        self.input.drain(..answer.length());
        self.closing = answer.closes();
        self.answered = rt::unix_time();
        let time = if self.closing || !self.input.is_empty() { BUSY } else { IDLE };
        self.timer.arm_at(rt::now() + time);
    }

    fn read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut bytes = [0; 2048];
        match self.stream.poll_read(context, &mut bytes) {
            Poll::Ready(Ok(0)) => Poll::Ready(Ok(false)),
            Poll::Ready(Ok(_)) if self.draining => Poll::Ready(Ok(true)),
            Poll::Ready(Ok(count)) => {
                if self.input.is_empty() {
                    self.timer.arm_at(rt::now() + BUSY);
                }
                self.input.extend_from_slice(&bytes[..count]);
                Poll::Ready(Ok(true))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}
