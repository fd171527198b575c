//! Commands read back from a log.
//!
//! ```text
//!   *3 SET a 1 | *1 MULTI | *2 INCR b | *2 INCR c | *1 EXEC | *3 SET d 4 | *2 DE▒▒▒  torn
//!      run        └────────── run together, at EXEC ──────┘      run        cut off here ▲
//! ```
//!
//! A log is stricter than a connection: nothing is typed by hand, every command is an array with
//! its line ends in place. A command that ends with the file is torn, and so is a transaction whose
//! `EXEC` is missing: the fault says [`Flaw::Truncated`], and where the last whole one ended.
//! Anything else that is no command is [`Flaw::Wrong`].

use std::io::BufRead;

use super::input::{Fault, Flaw, Input};
use crate::config::MAX_BULK;
use crate::resp::{Arguments, Progress, Request};

/// How much is read at once.
const CHUNK: u64 = 1 << 20;

/// Reads commands to the end of the file, and runs each. What `run` says against one is a fault
/// there.
pub(crate) fn read(
    input: &mut Input<impl BufRead>,
    run: &mut dyn FnMut(Arguments<'_>) -> Result<(), String>,
) -> Result<(), Fault> {
    let mut reader = Reader { request: Request::new(), transaction: None, run };
    let mut buffer = Vec::new();
    // The place of the buffer's first byte in the file.
    let mut start = input.offset();
    loop {
        let mut position = 0;
        while let Some(length) = reader.next(&buffer[position..], start + position as u64)? {
            position += length;
        }
        buffer.drain(..position);
        start += position as u64;
        if input.append_to(&mut buffer, CHUNK)? == 0 {
            let torn = (!buffer.is_empty()).then_some(start);
            let open = reader.transaction.map(|transaction| transaction.at);
            return match open.or(torn) {
                Some(at) => Err(Fault { at, flaw: Flaw::Truncated }),
                None => Ok(()),
            };
        }
    }
}

struct Reader<'a> {
    request: Request,
    transaction: Option<Transaction>,
    run: &'a mut dyn FnMut(Arguments<'_>) -> Result<(), String>,
}

/// Commands that wait for their EXEC.
struct Transaction {
    /// Where its MULTI is.
    at: u64,
    commands: Vec<u8>,
}

impl Reader<'_> {
    /// Takes one command from `bytes`, which begin at `at`. How long it was; `None` if it has not
    /// come whole.
    fn next(&mut self, bytes: &[u8], at: u64) -> Result<Option<usize>, Fault> {
        match bytes.first() {
            None => return Ok(None),
            Some(b'*') => {}
            // A note, which Redis writes if it is told to.
            Some(b'#') => return Ok(memchr::memchr(b'\n', bytes).map(|end| end + 1)),
            Some(other) => {
                let text = format!("a command must begin with '*', not '{}'", other.escape_ascii());
                return Err(Fault::wrong(at, text));
            }
        }
        let progress = self.request.advance(bytes, MAX_BULK).map_err(|error| {
            let text = String::from_utf8_lossy(&error.message()).replace(char::is_control, "?");
            Fault::wrong(at, text)
        })?;
        let Progress::Complete(length) = progress else { return Ok(None) };
        let parts = self.request.parts_in(bytes);
        let arguments = parts.arguments();
        check_ends(bytes, arguments).map_err(|why| Fault::wrong(at, why))?;
        let name = arguments.at(0);
        if name.eq_ignore_ascii_case(b"multi") {
            if self.transaction.is_some() {
                return Err(Fault::wrong(at, "MULTI within a transaction"));
            }
            self.transaction = Some(Transaction { at, commands: Vec::new() });
        } else if name.eq_ignore_ascii_case(b"exec") {
            let Some(transaction) = self.transaction.take() else {
                return Err(Fault::wrong(at, "EXEC without MULTI"));
            };
            self.request.reset();
            self.run_all(&transaction)?;
        } else if let Some(transaction) = &mut self.transaction {
            transaction.commands.extend_from_slice(&bytes[..length]);
        } else {
            (self.run)(arguments).map_err(|why| Fault::wrong(at, why))?;
        }
        self.request.reset();
        Ok(Some(length))
    }

    fn run_all(&mut self, transaction: &Transaction) -> Result<(), Fault> {
        let mut rest = &transaction.commands[..];
        // They were understood before.
        while let Ok(Progress::Complete(length)) = self.request.advance(rest, MAX_BULK) {
            let outcome = (self.run)(self.request.parts_in(rest).arguments());
            outcome.map_err(|why| {
                Fault::wrong(transaction.at, format!("in the transaction that begins here: {why}"))
            })?;
            self.request.reset();
            rest = &rest[length..];
        }
        self.request.reset();
        Ok(())
    }
}

/// Every argument is followed by a line end. A connection does not look; here it tells a file that
/// was damaged from one that was not.
fn check_ends(bytes: &[u8], arguments: Arguments<'_>) -> Result<(), String> {
    if arguments.is_empty() {
        return Err("a command without a name".into());
    }
    for argument in arguments.from(0) {
        let end = argument.as_ptr().addr() - bytes.as_ptr().addr() + argument.len();
        if bytes.get(end..end + 2) != Some(b"\r\n") {
            return Err("an argument is longer than it says".into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::input::{Fault, Flaw, Input};

    /// Small chunks, so that commands are torn between them everywhere.
    fn run(bytes: &[u8]) -> (Vec<String>, Result<(), Fault>) {
        let mut seen = Vec::new();
        let mut input = Input::new(std::io::BufReader::with_capacity(3, bytes));
        let outcome = super::read(&mut input, &mut |arguments| {
            let words = arguments.from(0).map(|word| word.escape_ascii().to_string());
            seen.push(words.collect::<Vec<_>>().join(" "));
            if arguments.at(0) == b"BAD" { Err("no such command".into()) } else { Ok(()) }
        });
        (seen, outcome)
    }

    fn command(words: &str) -> Vec<u8> {
        let words: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        let mut out = Vec::new();
        super::super::append_command(&mut out, &words);
        out
    }

    #[test]
    fn whole_commands_run_in_order() {
        let bytes = [command("SET a 1"), b"#TS:1\r\n".to_vec(), command("DEL a")].concat();
        let (seen, outcome) = run(&bytes);
        assert!(outcome.is_ok());
        assert_eq!(seen, ["SET a 1", "DEL a"]);
        assert!(run(b"").1.is_ok(), "an empty file is a log");
    }

    #[test]
    fn a_torn_end_is_told_with_the_place_to_cut() {
        let first = command("SET a 1");
        let bytes = [first.clone(), command("SET b 2")].concat();
        for length in 0..bytes.len() {
            let (seen, outcome) = run(&bytes[..length]);
            if length == 0 || length == first.len() {
                assert!(outcome.is_ok(), "cut at {length}");
                continue;
            }
            let fault = outcome.expect_err("torn");
            assert!(matches!(fault.flaw, Flaw::Truncated), "cut at {length}: {fault}");
            let whole = length > first.len();
            assert_eq!(fault.at, if whole { first.len() as u64 } else { 0 }, "cut at {length}");
            assert_eq!(seen.len(), usize::from(whole), "cut at {length}");
        }
    }

    #[test]
    fn a_transaction_runs_as_a_whole_or_not_at_all() {
        let before = command("SET a 1");
        let words = ["MULTI", "INCR b", "INCR c", "EXEC"];
        let transaction = words.map(command).concat();
        let all = [before.clone(), transaction.clone(), command("SET d 4")].concat();
        assert_eq!(run(&all).0, ["SET a 1", "INCR b", "INCR c", "SET d 4"]);
        for length in 1..transaction.len() {
            let (seen, outcome) = run(&[&before[..], &transaction[..length]].concat());
            let fault = outcome.expect_err("no EXEC");
            assert!(matches!(fault.flaw, Flaw::Truncated), "cut at {length}: {fault}");
            assert_eq!((fault.at, seen.len()), (before.len() as u64, 1), "cut at {length}");
        }
    }

    #[test]
    fn anything_else_is_wrong_and_says_where() {
        let first = command("SET a 1");
        for (bytes, word) in [
            (&b"SET b 2\r\n"[..], "'*'"),
            (b"\0\0\0\0", "'*'"),
            (b"*0\r\n", "without a name"),
            (b"*x\r\n", "multibulk"),
            (b"*1\r\n$2\r\nabc\r\n*1\r\n$1\r\na\r\n", "longer"),
            (b"*1\r\n:1\r\n", "expected '$'"),
            (b"*1\r\n$999999999999\r\n", "bulk length"),
            (b"*1\r\n$4\r\nEXEC\r\n", "without MULTI"),
            (b"*1\r\n$5\r\nMULTI\r\n*1\r\n$5\r\nMULTI\r\n", "within"),
            (b"*1\r\n$3\r\nBAD\r\n", "no such command"),
        ] {
            let fault = run(&[&first[..], bytes].concat()).1.expect_err(word);
            assert!(fault.to_string().contains(word), "{}: {fault}", bytes.escape_ascii());
            assert!(matches!(fault.flaw, Flaw::Wrong(_)), "{fault}");
            assert!(fault.at >= first.len() as u64, "{fault}");
        }
    }
}
