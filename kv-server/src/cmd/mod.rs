//! What commands do: from a request's arguments to a change of the state and a reply.
//!
//! ```text
//!  Arguments ──► Index::called ─► arity, subscribed? ──► Command::run ──► Reply
//!                    │                   │                    │
//!                    └───────── an error reply ◄──────────────┘ Err
//! ```
//!
//! One family of commands is one file: its rows of the table, then its functions. Commands are
//! plain functions on [`Call`]: no socket, no runtime, no clock but the time that comes with the
//! call. Errors, texts and the order of the checks are those of Redis 7.0.

mod auth;
mod bitfield;
mod bitop;
mod bits;
mod changes;
mod client;
mod client_list;
mod command;
mod config;
mod counters;
mod debug;
mod error;
mod eviction;
mod expiry;
mod extended;
mod floats;
mod functions;
mod getkeys;
mod help;
mod index;
mod info;
mod info_counters;
mod info_state;
mod introspection;
mod keys;
mod lcs;
mod measure;
mod memory;
mod monitor;
mod moves;
mod notifications;
mod object;
mod pause;
mod persistence;
mod publish;
mod ranges;
mod redact;
mod refusals;
mod room;
mod scan;
mod server;
mod session;
mod slowlog;
mod strings;
mod subscriptions;
mod table;
mod transactions;

use std::time::Duration;

pub(crate) use error::{Error, Outcome};
pub(crate) use persistence::misconf;

use crate::clients::{Client, Ending, Replies, Slot};
use crate::db::Millis;
use crate::resp::{Arguments, Protocol, Reply};
use crate::state::State;
use crate::stats::CommandStats;
use index::{Found, Index};

/// The version of Redis whose behaviour this is, as clients are told.
pub(crate) const REDIS_VERSION: &str = "7.0.15";

/// The circumstances in which commands run: who calls, when, and where the replies go. One serves
/// for a whole batch.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    /// The caller.
    pub(crate) slot: Slot,
    pub(crate) reply: Reply<'a>,
    /// The wall clock when the batch began.
    pub(crate) time: Duration,
    /// The same in milliseconds.
    pub(crate) now: Millis,
    /// The number of the caller's database, as in its [`crate::clients::Client`].
    pub(crate) database: u8,
    /// What lies before this in the output stays, even if the caller wants no replies: earlier
    /// replies, and messages.
    kept: usize,
    /// The caller's state must be looked at after this command: it may want no replies, or end.
    watched: bool,
    /// A transaction runs: what it publishes to the caller itself waits for its end.
    gathers: bool,
    /// Something out of the ordinary is to be looked at before a command runs: see `refusals`.
    guarded: bool,
    /// Which calls are timed; see [`measure::mask`].
    timed: u64,
    /// The command that the caller called last.
    last: Option<Found>,
    /// All commands, for those that tell about commands.
    commands: &'static Index,
}

/// How a caller goes on after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Then {
    /// With its next command.
    GoOn,
    /// Not at all: it is to be closed.
    End,
    /// With this same command, when the pause is over.
    Wait,
}

/// What becomes of a command that is not refused.
enum Admission {
    Run(Found),
    /// It is a part of a transaction now.
    Queued,
    /// It waits for the end of a pause.
    Later,
}

impl<'a> Call<'a> {
    /// Calls by the client at `slot`, at the unix time `time`; replies are appended to `out`.
    #[inline(always)]
    pub(crate) fn new(
        state: &'a mut State,
        slot: Slot,
        time: Duration,
        out: &'a mut Vec<u8>,
    ) -> Call<'a> {
        let client = &state.clients[slot];
        let (database, protocol) = (client.database, client.protocol);
        let watched = client.replies != Replies::On;
        let guarded = is_guarded(state, client);
        let timed = measure::mask(state);
        // Fits for some hundred million years.
        let now = time.as_millis() as Millis;
        state.databases.set_time(time);
        let kept = out.len();
        let reply = Reply::new(out, protocol);
        Call {
            state,
            slot,
            reply,
            time,
            now,
            database,
            kept,
            watched,
            gathers: false,
            guarded,
            timed,
            last: None,
            commands: &table::TABLE,
        }
    }

    /// Runs one command, and writes its reply. How the caller goes on.
    ///
    /// Nearly always nothing speaks against the command, and there is little to look at.
    #[inline(always)]
    pub(crate) fn execute(&mut self, arguments: Arguments<'_>) -> Then {
        self.kept = self.reply.out.len();
        match table::TABLE.called(arguments) {
            Some(found)
                if !self.guarded
                    && found.command.subcommands.is_empty()
                    && found.command.takes(arguments.len()) =>
            {
                self.last = Some(found);
                self.run(found, arguments);
            }
            found => match self.admit(found, arguments) {
                Ok(Admission::Run(found)) => self.run_admitted(found, arguments),
                Ok(Admission::Queued) => {}
                Ok(Admission::Later) => return Then::Wait,
                Err(error) => {
                    let error = self.reject(error);
                    self.fail(&error);
                }
            },
        }
        if self.watched { self.look_after() } else { Then::GoOn }
    }

    /// Out of line: once within [`Call::execute`] is enough.
    #[inline(never)]
    fn run_admitted(&mut self, found: Found, arguments: Arguments<'_>) {
        self.run(found, arguments);
    }

    /// Runs a command that may run, and writes its changes down. Its reply may be an error.
    #[inline(always)]
    fn run(&mut self, found: Found, arguments: Arguments<'_>) {
        self.state.stats.commands += 1;
        let (dirty, database) = (self.state.databases.dirty, self.database);
        self.state.journal.begin_command();
        let begun = self.begin(found);
        let outcome = (found.command.run)(self, arguments);
        self.count(found);
        if let Err(error) = outcome {
            self.count_failed(found);
            self.fail(&error);
        }
        if let Some(begun) = begun {
            self.end(found, arguments, begun);
        }
        if self.state.databases.dirty != dirty && self.state.is_recorded() {
            self.write_down(database, found.command, arguments);
        }
        if self.state.is_observed() {
            self.collect();
        }
    }

    /// Answers with an error.
    #[cold]
    fn fail(&mut self, error: &Error) {
        self.state.stats.count_error(error.text());
        self.reply.error(error.text());
    }

    /// Writes what the caller is told about bytes that are no request.
    pub(crate) fn refuse(&mut self, message: &[u8]) {
        self.kept = self.reply.out.len();
        let error = [b"ERR Protocol error: ", message].concat();
        let address = self.state.clients[self.slot].address();
        tracing::trace!("client {address} sent no request: {}", error.escape_ascii());
        self.state.stats.count_error(&error);
        self.reply.error(error);
        self.caller().end(Ending::AfterReplies);
        let _ = self.look_after();
    }

    /// Whether the caller must give the password before it may do anything.
    #[inline]
    pub(crate) fn is_untrusted(&self) -> bool {
        self.guarded && auth::is_required(self.state, &self.state.clients[self.slot])
    }

    /// The caller, to be changed in a way that matters to the dispatcher: its replies, its
    /// subscriptions, its transaction, its end.
    pub(crate) fn caller(&mut self) -> &mut Client {
        self.watched = true;
        &mut self.state.clients[self.slot]
    }

    /// The batch is over: writes down what the caller did, and wakes those who have got messages.
    /// Whether the caller's connection is to end; then it is subscribed no more.
    #[inline]
    pub(crate) fn finish(&mut self) -> Ending {
        let mut client = &mut self.state.clients[self.slot];
        if client.outbox.backlog() > 0 {
            self.collect();
            client = &mut self.state.clients[self.slot];
        }
        client.active = self.now;
        if let Some(found) = self.last {
            client.last_command = &found.command.name;
        }
        let ending = client.ending;
        if self.state.stats.is_window_over(self.now) {
            self.close_window();
        }
        if ending != Ending::No {
            self.state.hub.remove(self.slot);
        }
        self.state.wake();
        ending
    }

    #[cold]
    fn close_window(&mut self) {
        let used = self.state.used_memory();
        self.state.stats.close_window(self.now, used);
    }

    /// Writes down what the caller called last, for others to see.
    fn note_last(&mut self) {
        if let Some(found) = self.last {
            self.state.clients[self.slot].last_command = &found.command.name;
        }
    }

    /// What is written so far is no reply: it stays, even if the caller wants none.
    pub(crate) fn keep(&mut self) {
        self.kept = self.reply.out.len();
    }

    /// Changes the protocol of this and all further replies.
    pub(crate) fn speak(&mut self, protocol: Protocol) {
        self.reply.protocol = protocol;
        self.caller().protocol = protocol;
    }

    /// Changes the database of this and all further commands.
    pub(crate) fn select(&mut self, database: u8) {
        self.database = database;
        self.state.clients[self.slot].database = database;
    }

    /// Looks at whether the command that is called may run, now.
    #[inline(never)]
    fn admit(
        &mut self,
        found: Option<Found>,
        arguments: Arguments<'_>,
    ) -> Result<Admission, Error> {
        let Some(mut found) = found else {
            return Err(self.unknown(arguments));
        };
        let container = found.command;
        if self.guarded && self.is_disabled(container) {
            return Err(self.unknown(arguments));
        }
        if !container.subcommands.is_empty()
            && let Some(name) = arguments.get(1)
        {
            let Some(subcommand) = found.subcommand(name) else {
                self.forget_last();
                return Err(Error::unknown_subcommand(container.name, name));
            };
            found = subcommand;
        }
        self.last = Some(found);
        if !found.command.takes(arguments.len()) {
            return Err(Error::arity(found.command.name));
        }
        if self.guarded {
            return self.guard(found, arguments);
        }
        Ok(Admission::Run(found))
    }

    /// Looks at what a command may have changed about the caller, and takes its reply back if none
    /// is wanted. How the caller goes on.
    #[cold]
    fn look_after(&mut self) -> Then {
        let client = &mut self.state.clients[self.slot];
        // Who asks that the next be skipped does not mean what is answered now, by EXEC.
        let hush = matches!(client.replies, Replies::Off | Replies::Skip);
        client.replies = match client.replies {
            Replies::SkipNext => Replies::Skip,
            Replies::Skip => Replies::On,
            same => same,
        };
        self.watched = client.replies != Replies::On;
        let goes_on = client.ending == Ending::No;
        self.guarded = is_guarded(self.state, &self.state.clients[self.slot]);
        self.timed = measure::mask(self.state);
        if hush {
            self.reply.out.truncate(self.kept);
        }
        if goes_on { Then::GoOn } else { Then::End }
    }
}

/// The commands that were called, or tried to be, each with what is known of its calls.
pub(crate) fn command_stats(state: &State) -> impl Iterator<Item = (&'static str, &CommandStats)> {
    measure::all_stats(&table::TABLE, &state.stats.by_command)
}

/// Whether something out of the ordinary is to be looked at before this client's commands run.
#[inline]
fn is_guarded(state: &State, client: &Client) -> bool {
    state.is_guarded()
        || !client.trusted
        || client.is_queueing()
        || client.monitor
        || is_restricted(client)
}

fn is_restricted(client: &Client) -> bool {
    client.protocol == Protocol::Resp2 && client.subscriptions() > 0
}

#[cfg(test)]
mod tests;
