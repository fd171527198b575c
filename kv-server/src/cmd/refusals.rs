//! Why a command is not run, or not yet, and what happens then.

use super::command::{Command, NO_AUTH, NO_MULTI, WHILE_SUBSCRIBED};
use super::error::Error;
use super::index::Found;
use super::{Admission, Call, auth, debug, is_restricted, pause, transactions};
use crate::clients::{Ending, NO_COMMAND};
use crate::resp::Arguments;

impl Call<'_> {
    /// What may forbid or delay a command that exists and has its arguments, in the order in which
    /// Redis looks at it.
    #[cold]
    pub(super) fn guard(
        &mut self,
        found: Found,
        arguments: Arguments<'_>,
    ) -> Result<Admission, Error> {
        let command = found.command;
        if self.state.pause.is_some() && self.state.pause(self.now).is_none() {
            self.state.pause = None;
            self.watched = true;
        }
        if command.name == "debug" {
            debug::check(self)?;
        }
        let client = &self.state.clients[self.slot];
        if auth::is_required(self.state, client) && !command.flags.has(NO_AUTH) {
            return Err(auth::REQUIRED);
        }
        if command.flags.has(NO_MULTI) && client.is_queueing() {
            return Err(Error::new("ERR Command not allowed inside a transaction"));
        }
        self.make_room(command, arguments)?;
        let client = &self.state.clients[self.slot];
        let transaction = client.transaction.as_deref();
        self.state.refuse_unwritable(command, transaction)?;
        if is_restricted(client) && !command.flags.has(WHILE_SUBSCRIBED) {
            return Err(Error::subscribed(command.name));
        }
        if client.monitor && pause::touches_keys(command) {
            return Err(Error::new("ERR Replica can't interact with the keyspace"));
        }
        if let Some(pause) = self.state.pause(self.now)
            && pause::holds_back(pause, command, transaction)
        {
            return Ok(Admission::Later);
        }
        if transaction.is_some_and(|transaction| transaction.takes(command)) {
            transactions::enqueue(self, command, arguments);
            return Ok(Admission::Queued);
        }
        Ok(Admission::Run(found))
    }

    /// Whether the server was told to have no such command.
    #[cold]
    pub(super) fn is_disabled(&self, command: &Command) -> bool {
        self.state.config.disabled.iter().any(|name| name == command.name)
    }

    /// A command may not run: if it belongs to a transaction, that will not run either.
    #[cold]
    pub(super) fn reject(&mut self, error: Error) -> Error {
        self.count_rejected();
        if let Some(transaction) = &mut self.state.clients[self.slot].transaction
            && transaction.open
        {
            transaction.failed = true;
        }
        if self.last.is_some_and(|found| found.command.name == "exec") {
            transactions::abandon(self);
            let why = error.text();
            let why = why.strip_prefix(b"ERR ").unwrap_or(why);
            return Error::with(&[b"EXECABORT Transaction discarded because of: ", why]);
        }
        error
    }

    /// No command has this name. Two names tell that a browser was tricked into speaking to us:
    /// that connection ends without a word.
    #[cold]
    pub(super) fn unknown(&mut self, arguments: Arguments<'_>) -> Error {
        self.forget_last();
        let name = arguments.at(0);
        if name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:") {
            self.caller().end(Ending::Now);
        }
        Error::unknown_command(arguments)
    }

    pub(super) fn forget_last(&mut self) {
        self.last = None;
        self.state.clients[self.slot].last_command = &NO_COMMAND;
    }
}
