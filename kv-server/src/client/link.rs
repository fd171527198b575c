//! A connection that comes back.
//!
//! ```text
//!            1 pause over              2 connected
//!  Waiting ───────────────► Opening ───────────────► Up
//!     ▲                        │ 3 failed             │
//!     ├────────────────────────┘                      │
//!     └───────────────────4 lost ─────────────────────┘
//!
//!  1, 2, 3 poll_up    4 lost
//! ```
//!
//! All of it is state of the link: whoever polls may stop at any point and go on later.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::backoff::Backoff;
use super::connection::Connection;
use super::error::Error;
use super::options::Options;
use crate::rt::{self, Timer};

/// An attempt to connect.
type Attempt = Pin<Box<dyn Future<Output = Result<Connection, Error>>>>;

/// A connection, or the way to the next one.
pub(super) struct Link {
    pub(super) options: Rc<Options>,
    backoff: Backoff,
    state: State,
}

enum State {
    Waiting(Timer),
    Opening(Attempt),
    Up(Connection),
}

impl Link {
    /// Connects for the first time: one attempt.
    ///
    /// # Errors
    /// If it fails.
    pub(super) async fn open(options: Options) -> Result<Link, Error> {
        let options = Rc::new(options);
        let connection = Connection::open(Rc::clone(&options)).await?;
        let backoff = Backoff::new(options.first_pause, options.longest_pause);
        Ok(Link { options, backoff, state: State::Up(connection) })
    }

    /// The connection, as soon as there is one.
    ///
    /// # Errors
    /// At each attempt that fails; polled again, it makes the next one after a pause.
    pub(super) fn poll_up(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<&mut Connection, Error>> {
        while !matches!(self.state, State::Up(_)) {
            self.state = match &mut self.state {
                State::Waiting(timer) => {
                    ready!(timer.poll_elapsed(context));
                    State::Opening(Box::pin(Connection::open(Rc::clone(&self.options))))
                }
                State::Opening(attempt) => match ready!(attempt.as_mut().poll(context)) {
                    Ok(connection) => State::Up(connection),
                    Err(error) => {
                        self.lost();
                        return Poll::Ready(Err(error));
                    }
                },
                State::Up(_) => break,
            };
        }
        match &mut self.state {
            State::Up(connection) => Poll::Ready(Ok(connection)),
            State::Waiting(_) | State::Opening(_) => Poll::Pending,
        }
    }

    /// The connection, if there is one now.
    pub(super) fn connection(&mut self) -> Option<&mut Connection> {
        match &mut self.state {
            State::Up(connection) => Some(connection),
            State::Waiting(_) | State::Opening(_) => None,
        }
    }

    /// The server answered: it is there, and the next pause is a short one again.
    pub(super) fn works(&mut self) {
        self.backoff.reset();
    }

    /// The connection is of no use any more, or an attempt failed.
    pub(super) fn lost(&mut self) {
        let mut timer = Timer::new();
        timer.arm_at(rt::now() + self.backoff.pause());
        self.state = State::Waiting(timer);
    }
}
