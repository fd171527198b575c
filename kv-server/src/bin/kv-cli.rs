//! A small command line client: one command from its arguments, or one a line from its input.
//!
//! ```text
//!   arguments ──► array of bulk strings ──┐
//!                                         ├──► socket ──► reply ──► text, as redis-cli prints it
//!   input ─────► lines, sent as they are ─┘                └── after SUBSCRIBE: one after the other
//! ```
//!
//! It blocks, on purpose: one thread, one connection, one question at a time need no runtime.

#![forbid(unsafe_code)]

use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use clap::Parser;

/// Talks to a kv-server, or to any other that speaks Redis's protocol.
///
/// Without a command, reads commands from standard input, one a line: quotes and escapes are those of
/// Redis's inline commands. Exit status: 0; 1 if the last reply was an error; 2 without a connection.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Options {
    /// The server's host
    #[arg(long, default_value = "127.0.0.1")]
    host: String,

    /// The server's port
    #[arg(long, short, default_value_t = 6379)]
    port: u16,

    /// A command and its arguments, such as: SET greeting hello
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let (host, port) = (&options.host, options.port);
    let stream = match TcpStream::connect((host.as_str(), port)) {
        Ok(stream) => stream,
        Err(error) => {
            eprintln!(
                "kv-cli: nobody answers at {host}:{port}: {error}\n\
                 start a server with: cargo run --release -p kv-server"
            );
            return ExitCode::from(2);
        }
    };
    let session = Session { input: BufReader::new(&stream), output: &stream };
    let outcome = if options.command.is_empty() {
        session.interact()
    } else {
        session.once(&options.command)
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read our output has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kv-cli: the connection was lost: {error}");
            ExitCode::from(2)
        }
    }
}

struct Session<'a> {
    input: BufReader<&'a TcpStream>,
    output: &'a TcpStream,
}

impl Session<'_> {
    /// Whether the command had a reply that is no error.
    fn once(mut self, command: &[String]) -> io::Result<bool> {
        let mut request = format!("*{}\r\n", command.len()).into_bytes();
        for argument in command {
            write!(request, "${}\r\n{argument}\r\n", argument.len())?;
        }
        self.output.write_all(&request)?;
        self.show_replies(&command[0])
    }

    /// Whether the last command had a reply that is no error.
    fn interact(mut self) -> io::Result<bool> {
        let prompt = io::stdin().is_terminal();
        let mut good = true;
        loop {
            if prompt {
                print!("kv> ");
                io::stdout().flush()?;
            }
            let mut line = String::new();
            if io::stdin().lock().read_line(&mut line)? == 0 {
                return Ok(good);
            }
            let Some(name) = line.split_whitespace().next() else { continue };
            self.output.write_all(format!("{}\n", line.trim_end()).as_bytes())?;
            good = self.show_replies(name)?;
            if name.eq_ignore_ascii_case("quit") {
                return Ok(good);
            }
        }
    }

    /// Shows the reply; after a subscription, what is published, until the connection ends.
    fn show_replies(&mut self, name: &str) -> io::Result<bool> {
        let subscribes = ["subscribe", "psubscribe"].iter().any(|s| name.eq_ignore_ascii_case(s));
        loop {
            let reply = self.reply()?;
            let good = !matches!(reply, Reply::Error(_));
            let mut text = Vec::new();
            reply.show(&mut text, 0)?;
            io::stdout().write_all(&text)?;
            if !subscribes || !good {
                return Ok(good);
            }
        }
    }

    /// Reads one reply (RESP2). Nested arrays come by recursion, which the depth of what a server
    /// sends bounds; this is a client, and its server is the user's own.
    fn reply(&mut self) -> io::Result<Reply> {
        let mut line = Vec::new();
        self.input.read_until(b'\n', &mut line)?;
        let Some(line) = line.strip_suffix(b"\r\n") else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let (kind, rest) = line.split_first().ok_or(io::ErrorKind::InvalidData)?;
        let text = String::from_utf8_lossy(rest).into_owned();
        let number =
            || text.parse::<i64>().map_err(|_| io::Error::from(io::ErrorKind::InvalidData));
        Ok(match kind {
            b'+' => Reply::Status(text),
            b'-' => Reply::Error(text),
            b':' => Reply::Integer(number()?),
            b'$' => match usize::try_from(number()?) {
                Ok(length) => Reply::Bulk(self.bulk(length)?),
                Err(_) => Reply::Nil,
            },
            b'*' => match usize::try_from(number()?) {
                Ok(count) => {
                    Reply::Array((0..count).map(|_| self.reply()).collect::<Result<_, _>>()?)
                }
                Err(_) => Reply::Nil,
            },
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }

    fn bulk(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length + 2];
        io::Read::read_exact(&mut self.input, &mut bytes)?;
        bytes.truncate(length);
        Ok(bytes)
    }
}

enum Reply {
    Status(String),
    Error(String),
    Integer(i64),
    Bulk(Vec<u8>),
    Array(Vec<Reply>),
    Nil,
}

impl Reply {
    /// As redis-cli shows it at a terminal; `indent` is how far an array's elements are moved right.
    fn show(&self, out: &mut Vec<u8>, indent: usize) -> io::Result<()> {
        match self {
            Reply::Status(text) => writeln!(out, "{text}"),
            Reply::Error(text) => writeln!(out, "(error) {text}"),
            Reply::Integer(number) => writeln!(out, "(integer) {number}"),
            Reply::Bulk(bytes) => writeln!(out, "\"{}\"", bytes.escape_ascii()),
            Reply::Nil => writeln!(out, "(nil)"),
            Reply::Array(elements) if elements.is_empty() => writeln!(out, "(empty array)"),
            Reply::Array(elements) => {
                let width = elements.len().to_string().len();
                for (index, element) in elements.iter().enumerate() {
                    let margin = if index == 0 { 0 } else { indent };
                    write!(out, "{:margin$}{:>width$}) ", "", index + 1)?;
                    element.show(out, indent + width + 2)?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_shown_as_redis_cli_shows_them() {
        let inner = Reply::Array(vec![Reply::Integer(1), Reply::Nil]);
        let reply =
            Reply::Array(vec![Reply::Bulk(b"a\"\n".to_vec()), inner, Reply::Status("OK".into())]);
        let mut text = Vec::new();
        reply.show(&mut text, 0).expect("memory takes everything");
        let expected = "1) \"a\\\"\\n\"\n2) 1) (integer) 1\n   2) (nil)\n3) OK\n";
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }
}
