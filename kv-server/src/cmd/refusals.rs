//! What happens when a command is not run.

use super::error::Error;
use super::{Call, transactions};
use crate::clients::{Ending, NO_COMMAND};
use crate::resp::Arguments;

impl Call<'_> {
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
        self.state.clients[self.slot].last_command = NO_COMMAND;
    }
}
