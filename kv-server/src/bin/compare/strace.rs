//! strace(1), from when it is attached to a server until it lets it go.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::server::Server;

/// A tracer at work.
pub(crate) struct Strace {
    process: Child,
    said: BufReader<ChildStderr>,
}

impl Strace {
    /// Attaches to all threads of a server, with these arguments besides.
    ///
    /// # Errors
    /// In words: there is no strace, or it may not trace.
    pub(crate) fn attach(server: &Server, arguments: &[&str]) -> Result<Strace, String> {
        let mut process = Command::new("strace")
            .args(["-f", "-p", &server.process().to_string()])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("strace cannot be run: {error}"))?;
        let said = BufReader::new(process.stderr.take().expect("it is piped"));
        let mut strace = Strace { process, said };
        let mut first = String::new();
        match strace.said.read_line(&mut first) {
            Ok(_) if first.contains("attached") => Ok(strace),
            _ => {
                // It has ended, or does now; its own words say more than how.
                let _ = strace.end();
                Err(format!("strace may not trace: {}", first.trim()))
            }
        }
    }

    /// Lets the server go on; what was said since it was attached.
    ///
    /// # Errors
    /// In words: it does not end.
    pub(crate) fn end(mut self) -> Result<String, String> {
        let told =
            Command::new("kill").args(["-s", "INT", &self.process.id().to_string()]).status();
        let mut said = String::new();
        let read = self.said.read_to_string(&mut said);
        let ended = self.process.wait();
        told.and(read).and(ended).map_err(|error| format!("strace does not end: {error}"))?;
        Ok(said)
    }
}
