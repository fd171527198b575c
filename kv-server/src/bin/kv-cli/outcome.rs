//! What ends the program before its time.

use std::fmt;
use std::io;

use kv_server::client::Error;

/// Why it cannot go on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server, or the way to it.
    Client(Error),
    /// Standard input cannot be read.
    Input(io::Error),
    /// Standard output cannot be written.
    Output(io::Error),
    /// The terminal, signals, the runtime.
    System(String),
}

impl Failure {
    /// What could help, as whole lines.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Failure::Client(Error::Connect(io::ErrorKind::ConnectionRefused, _)) => {
                "start a server with: cargo run --release -p kv-server\n"
            }
            Failure::Client(Error::Server(error)) if error.code() == "NOAUTH" => {
                "give a password with -a, or in the environment variable REDISCLI_AUTH\n"
            }
            _ => "",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Client(error) => error.fmt(formatter),
            Failure::Input(error) => write!(formatter, "cannot read the input: {error}"),
            Failure::Output(error) => write!(formatter, "cannot write the output: {error}"),
            Failure::System(what) => formatter.write_str(what),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Client(error)
    }
}
