//! Commands and pipelines, as the bytes that will be sent.

use std::io::Write;

/// One command: its name and its arguments, each any bytes.
///
/// ```
/// use kv_server::client::Command;
///
/// let from_parts = Command::from(["SET", "greeting", "hello"]);
/// let built = Command::new("SET").arg("greeting").arg(b"hello").arg("EX").number(60);
/// assert_eq!((from_parts.len(), built.len()), (3, 5));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    name: Vec<u8>,
    /// The name and the arguments as bulk strings.
    bulks: Vec<u8>,
    count: usize,
}

impl Command {
    /// A command without arguments.
    pub fn new(name: impl AsRef<[u8]>) -> Command {
        let name = name.as_ref();
        let command = Command { name: name.to_ascii_uppercase(), bulks: Vec::new(), count: 0 };
        command.arg(name)
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<[u8]>) -> Command {
        let argument = argument.as_ref();
        header(&mut self.bulks, b'$', argument.len());
        self.bulks.extend_from_slice(argument);
        self.bulks.extend_from_slice(b"\r\n");
        self.count += 1;
        self
    }

    /// Adds an argument for each item.
    #[must_use]
    pub fn args(self, arguments: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Command {
        arguments.into_iter().fold(self, Command::arg)
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, number: i64) -> Command {
        self.arg(itoa::Buffer::new().format(number))
    }

    /// The name, in capitals.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// How many strings it has, the name included. Never zero, so there is no `is_empty`.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Appends the request.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        header(out, b'*', self.count);
        out.extend_from_slice(&self.bulks);
    }

    /// Why this command must not share a connection with others' commands: it would change what
    /// these mean, or who gets which reply.
    pub(super) fn unsuitable(&self) -> Option<&'static str> {
        match self.name.as_slice() {
            b"SUBSCRIBE" | b"PSUBSCRIBE" | b"SSUBSCRIBE" | b"UNSUBSCRIBE" | b"PUNSUBSCRIBE"
            | b"SUNSUBSCRIBE" => Some("subscriptions need a connection of their own: a Subscriber"),
            b"MONITOR" | b"SYNC" | b"PSYNC" => {
                Some("its replies have no end: not on this connection")
            }
            b"HELLO" | b"AUTH" | b"SELECT" | b"RESET" | b"QUIT" => {
                Some("the connection's state is set by its Options, and restored after a loss")
            }
            b"CLIENT" if self.second_is(b"REPLY") => {
                Some("without replies, those of other commands would be taken for them")
            }
            _ => None,
        }
    }

    /// Whether the first argument is this word, in any case.
    fn second_is(&self, word: &[u8]) -> bool {
        // `$6\r\nCLIENT\r\n$5\r\nREPLY\r\n`: the word follows two headers and a name.
        let mut expected = Vec::new();
        for text in [&self.name, word] {
            header(&mut expected, b'$', text.len());
            expected.extend_from_slice(text);
            expected.extend_from_slice(b"\r\n");
        }
        let begins = self.bulks.get(..expected.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(&expected))
    }
}

fn header(out: &mut Vec<u8>, mark: u8, count: usize) {
    write!(out, "{}{count}\r\n", char::from(mark)).expect("memory takes everything");
}

/// A word for each part, the name first.
///
/// # Panics
/// If there is no part: a command has a name.
impl<T: AsRef<[u8]>> From<&[T]> for Command {
    fn from(parts: &[T]) -> Command {
        let (name, arguments) = parts.split_first().expect("a command has a name");
        Command::new(name).args(arguments)
    }
}

/// As from a slice; no part at all does not compile.
impl<T: AsRef<[u8]>, const N: usize> From<[T; N]> for Command {
    fn from(parts: [T; N]) -> Command {
        const { assert!(N > 0, "a command has a name") };
        Command::from(parts.as_slice())
    }
}

/// As from a slice, with its panic.
impl<T: AsRef<[u8]>> From<Vec<T>> for Command {
    fn from(parts: Vec<T>) -> Command {
        Command::from(parts.as_slice())
    }
}

/// Several commands that are sent at once and answered in order.
///
/// No other task's command comes between them, so `MULTI` … `EXEC` may be a pipeline. They are not
/// a transaction by themselves: other clients' commands may be executed between them.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    pub(super) bytes: Vec<u8>,
    pub(super) count: usize,
    pub(super) unsuitable: Option<&'static str>,
}

impl Pipeline {
    /// Without a command.
    pub fn new() -> Pipeline {
        Pipeline::default()
    }

    /// Adds a command.
    #[must_use]
    pub fn command(mut self, command: impl Into<Command>) -> Pipeline {
        self.add(command);
        self
    }

    /// Adds a command, to a pipeline that is kept.
    pub fn add(&mut self, command: impl Into<Command>) {
        let command = command.into();
        self.unsuitable = self.unsuitable.or(command.unsuitable());
        command.encode(&mut self.bytes);
        self.count += 1;
    }

    /// How many commands there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Pipeline};

    #[test]
    fn a_command_is_an_array_of_bulk_strings() {
        let mut bytes = Vec::new();
        Command::new("set").arg("a b").arg(b"\r\n").number(-7).encode(&mut bytes);
        assert_eq!(bytes, b"*4\r\n$3\r\nset\r\n$3\r\na b\r\n$2\r\n\r\n\r\n$2\r\n-7\r\n");
    }

    #[test]
    fn a_pipeline_is_one_command_after_the_other() {
        let pipeline = Pipeline::new().command(["PING"]).command(vec!["GET", "a"]);
        assert_eq!(pipeline.bytes, b"*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n");
        assert_eq!(pipeline.len(), 2);
    }

    #[test]
    fn what_would_confuse_other_tasks_is_known_in_any_case() {
        for parts in [&["subscribe", "a"][..], &["Monitor"], &["client", "rePly", "OFF"]] {
            assert!(Command::from(parts).unsuitable().is_some(), "{parts:?}");
        }
        for parts in [&["CLIENT", "ID"][..], &["CLIENT"], &["CLIENTREPLY"], &["PUBLISH", "a", "b"]]
        {
            assert!(Command::from(parts).unsuitable().is_none(), "{parts:?}");
        }
    }
}
