//! The journal: every change of the data as the command that makes it again, in RESP.
//!
//! ```text
//!   SET k v EX 10 ──► SET k v PXAT 1700000010000 ──┐
//!   GET k (k has ended) ──► DEL k ─────────────────┴─► buffer ──► whoever writes it to a file
//! ```
//!
//! What depends on the time is written as what it came to, so that running the journal again gives
//! the same data whenever that is. While nobody keeps a journal, it costs one comparison.

mod barrier;

use crate::resp::{Protocol, Reply};
use barrier::Places;
pub(crate) use barrier::{Barrier, Passage};

/// What is to be written to the log.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// Somebody wants it.
    on: bool,
    buffer: Vec<u8>,
    /// The database that the last command was for.
    selected: Option<u8>,
    /// The running command has said itself what is to be written.
    replaced: bool,
    transaction: Transaction,
    places: Places,
}

/// Whether what is written belongs together.
#[derive(Debug, Default, PartialEq, Eq)]
enum Transaction {
    #[default]
    None,
    /// Its beginning is written together with its first command, if there is one.
    Announced,
    Begun,
}

impl Journal {
    /// Whether anybody wants it.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.on
    }

    /// Starts or ends the keeping.
    pub(crate) fn keep(&mut self, on: bool) {
        let places = std::mem::take(&mut self.places).ended();
        *self = Journal { on, places, ..Journal::default() };
    }

    /// A command begins.
    #[inline]
    pub(crate) fn begin_command(&mut self) {
        self.replaced = false;
    }

    /// Writes this in the place of the command that runs; each further call adds another.
    pub(crate) fn replace(&mut self, database: u8, parts: &[&[u8]]) {
        self.replaced = true;
        self.append(database, parts.iter().copied());
    }

    /// Writes the command that ran, unless it has said itself what is to be written.
    pub(crate) fn append_command<'a>(
        &mut self,
        database: u8,
        parts: impl ExactSizeIterator<Item = &'a [u8]>,
    ) {
        if !self.replaced {
            self.append(database, parts);
        }
    }

    /// Writes a command.
    pub(crate) fn append<'a>(
        &mut self,
        database: u8,
        parts: impl ExactSizeIterator<Item = &'a [u8]>,
    ) {
        if !self.on {
            return;
        }
        if self.selected != Some(database) {
            self.selected = Some(database);
            let mut text = itoa::Buffer::new();
            let number = text.format(database).as_bytes();
            self.write([&b"SELECT"[..], number].into_iter());
        }
        if self.transaction == Transaction::Announced {
            self.transaction = Transaction::Begun;
            self.write([&b"MULTI"[..]].into_iter());
        }
        self.write(parts);
    }

    /// What comes until [`Journal::commit`] belongs together: all of it happens, or nothing.
    pub(crate) fn begin(&mut self) {
        self.transaction = Transaction::Announced;
    }

    /// The end of what belongs together.
    pub(crate) fn commit(&mut self) {
        if std::mem::take(&mut self.transaction) == Transaction::Begun {
            self.write([&b"EXEC"[..]].into_iter());
        }
    }

    /// Takes out what was written since the last call.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    /// Gives back a buffer that was taken, to be used again.
    pub(crate) fn give(&mut self, mut buffer: Vec<u8>) {
        const KEPT: usize = 1 << 20;
        if self.buffer.capacity() == 0 && buffer.capacity() <= KEPT {
            buffer.clear();
            self.buffer = buffer;
        }
    }

    /// Whether there is something to take.
    #[inline]
    pub(crate) fn has_pending(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// What comes next begins another file: it must say which database it is for.
    pub(crate) fn begin_file(&mut self) {
        self.selected = None;
    }

    fn write<'a>(&mut self, parts: impl ExactSizeIterator<Item = &'a [u8]>) {
        let before = self.buffer.len();
        let mut reply = Reply::new(&mut self.buffer, Protocol::Resp2);
        reply.array(parts.len());
        parts.for_each(|part| reply.bulk(part));
        self.places.end += (self.buffer.len() - before) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::Journal;

    fn append(journal: &mut Journal, database: u8, line: &str) {
        let parts: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
        journal.append_command(database, parts.into_iter());
    }

    fn taken(journal: &mut Journal) -> String {
        let bytes = journal.take();
        let words = bytes.split(|&byte| byte == b'\n').map(|line| line.trim_ascii());
        let words = words.filter(|line| !line.is_empty() && !line.starts_with(b"$"));
        let words: Vec<_> = words.map(|line| line.escape_ascii().to_string()).collect();
        words.join(" ")
    }

    #[test]
    fn nothing_is_written_while_nobody_wants_it() {
        let mut journal = Journal::default();
        append(&mut journal, 0, "SET a 1");
        journal.replace(0, &[b"SET", b"a", b"1"]);
        assert_eq!(taken(&mut journal), "");
    }

    #[test]
    fn the_database_is_named_when_it_is_another() {
        let mut journal = Journal::default();
        journal.keep(true);
        append(&mut journal, 0, "SET a 1");
        append(&mut journal, 0, "SET b 1");
        append(&mut journal, 3, "SET c 1");
        assert_eq!(taken(&mut journal), "*2 SELECT 0 *3 SET a 1 *3 SET b 1 *2 SELECT 3 *3 SET c 1");
        append(&mut journal, 3, "DEL c");
        assert_eq!(taken(&mut journal), "*2 DEL c", "also across calls");
    }

    #[test]
    fn what_replaces_a_command_stands_in_its_place() {
        let mut journal = Journal::default();
        journal.keep(true);
        journal.begin_command();
        journal.replace(0, &[b"SET", b"a", b"1", b"PXAT", b"5"]);
        append(&mut journal, 0, "SET a 1 EX 10");
        assert_eq!(taken(&mut journal), "*2 SELECT 0 *5 SET a 1 PXAT 5");
    }

    #[test]
    fn what_is_being_written_is_pending_until_it_is_in_the_file() {
        let mut journal = Journal::default();
        journal.keep(true);
        append(&mut journal, 0, "SET a 1");
        let group = journal.take();
        let place = journal.end();
        append(&mut journal, 0, "DEL a");
        let more = journal.pending() - group.len() as u64;
        journal.note_written(place);
        assert_eq!((more, journal.pending()), (more, journal.take().len() as u64));
        journal.note_written(journal.end());
        assert_eq!(journal.pending(), 0);
    }

    #[test]
    fn a_transaction_has_a_beginning_and_an_end_or_nothing() {
        let mut journal = Journal::default();
        journal.keep(true);
        journal.begin();
        journal.commit();
        assert_eq!(taken(&mut journal), "");
        journal.begin();
        append(&mut journal, 0, "SET a 1");
        append(&mut journal, 0, "SET b 1");
        journal.commit();
        append(&mut journal, 0, "DEL a");
        let expected = "*2 SELECT 0 *1 MULTI *3 SET a 1 *3 SET b 1 *1 EXEC *2 DEL a";
        assert_eq!(taken(&mut journal), expected);
    }
}
