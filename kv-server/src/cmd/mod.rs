//! What commands do: from a request's arguments to a change of the state and a reply.
//!
//! ```text
//!  Arguments ──► Index::find ──► arity, subscribed? ──► Command::run ──► Reply
//!                    │                   │                    │
//!                    └───────── an error reply ◄──────────────┘ Err
//! ```
//!
//! One family of commands is one file: its rows of the table, then its functions. Commands are
//! plain functions on [`Call`]: no socket, no runtime, no clock but the time that comes with the
//! call. Errors, texts and the order of the checks are those of Redis 7.0.

mod client;
mod client_list;
mod command;
mod config;
mod counters;
mod error;
mod expiry;
mod help;
mod index;
mod info;
mod introspection;
mod keys;
mod publish;
mod server;
mod session;
mod strings;
mod subscriptions;
mod table;

use std::time::Duration;

pub(crate) use error::{Error, Outcome};

use crate::clients::{Client, Ending, NO_COMMAND, Replies, Slot};
use crate::db::Millis;
use crate::resp::{Arguments, Protocol, Reply};
use crate::state::State;
use command::{Command, WHILE_SUBSCRIBED};
use index::Index;

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
    /// The caller is subscribed and speaks RESP2: little is allowed.
    restricted: bool,
    /// The command that the caller called last.
    last: Option<&'static Command>,
    /// All commands, for those that tell about commands.
    commands: &'static Index,
}

impl<'a> Call<'a> {
    /// Calls by the client at `slot`, at the unix time `time`; replies are appended to `out`.
    pub(crate) fn new(
        state: &'a mut State,
        slot: Slot,
        time: Duration,
        out: &'a mut Vec<u8>,
    ) -> Call<'a> {
        let client = &state.clients[slot];
        let (database, protocol) = (client.database, client.protocol);
        let watched = client.replies != Replies::On;
        let restricted = is_restricted(client);
        let now = Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX);
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
            restricted,
            last: None,
            commands: &table::TABLE,
        }
    }

    /// Runs one command, and writes its reply. Whether the caller will go on.
    #[inline]
    pub(crate) fn execute(&mut self, arguments: Arguments<'_>) -> bool {
        self.kept = self.reply.out.len();
        let outcome = match self.find(arguments) {
            Ok(command) => {
                self.state.stats.commands += 1;
                (command.run)(self, arguments)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            self.reply.error(error.text());
        }
        !self.watched || self.look_after()
    }

    /// Writes what the caller is told about bytes that are no request.
    pub(crate) fn refuse(&mut self, message: &[u8]) {
        self.kept = self.reply.out.len();
        self.reply.error([b"ERR Protocol error: ", message].concat());
        self.caller().end(Ending::AfterReplies);
        self.look_after();
    }

    /// The caller, to be changed in a way that matters to the dispatcher: its replies, its
    /// subscriptions, its end.
    pub(crate) fn caller(&mut self) -> &mut Client {
        self.watched = true;
        &mut self.state.clients[self.slot]
    }

    /// The batch is over: writes down what the caller did, and wakes those who have got messages.
    /// Whether the caller's connection is to end; then it is subscribed no more.
    pub(crate) fn finish(mut self) -> Ending {
        self.note_last();
        let client = &mut self.state.clients[self.slot];
        client.active = self.now;
        let ending = client.ending;
        if ending != Ending::No {
            self.state.hub.remove(self.slot);
        }
        self.state.wake();
        ending
    }

    /// Writes down what the caller called last, for others to see.
    fn note_last(&mut self) {
        if let Some(command) = self.last {
            self.state.clients[self.slot].last_command = command.name;
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

    /// The command that is called, if it may be.
    #[inline]
    fn find(&mut self, arguments: Arguments<'_>) -> Result<&'static Command, Error> {
        let Some(mut command) = table::TABLE.find(arguments.at(0)) else {
            return Err(self.unknown(arguments));
        };
        if !command.subcommands.is_empty()
            && let Some(name) = arguments.get(1)
        {
            let Some(subcommand) = command.subcommand(name) else {
                self.forget_last();
                return Err(Error::unknown_subcommand(command.name, name));
            };
            command = subcommand;
        }
        self.last = Some(command);
        if !command.takes(arguments.len()) {
            return Err(Error::arity(command.name));
        }
        if self.restricted && !command.flags.has(WHILE_SUBSCRIBED) {
            return Err(Error::subscribed(command.name));
        }
        Ok(command)
    }

    /// No command has this name. Two names tell that a browser was tricked into speaking to us:
    /// that connection ends without a word.
    #[cold]
    fn unknown(&mut self, arguments: Arguments<'_>) -> Error {
        self.forget_last();
        let name = arguments.at(0);
        if name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:") {
            self.caller().end(Ending::Now);
        }
        Error::unknown_command(arguments)
    }

    fn forget_last(&mut self) {
        self.last = None;
        self.state.clients[self.slot].last_command = NO_COMMAND;
    }

    /// Looks at what a command may have changed about the caller, and takes its reply back if none
    /// is wanted. Whether the caller will go on.
    #[cold]
    fn look_after(&mut self) -> bool {
        let client = &mut self.state.clients[self.slot];
        let hush = client.replies != Replies::On;
        client.replies = match client.replies {
            Replies::SkipNext => Replies::Skip,
            Replies::Skip => Replies::On,
            same => same,
        };
        self.watched = client.replies != Replies::On;
        self.restricted = is_restricted(client);
        let goes_on = client.ending == Ending::No;
        if hush {
            self.reply.out.truncate(self.kept);
        }
        goes_on
    }
}

fn is_restricted(client: &Client) -> bool {
    client.protocol == Protocol::Resp2 && client.subscriptions() > 0
}

#[cfg(test)]
mod tests;
