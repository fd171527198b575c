//! One connection for one question after the other, made when it is needed.

use std::io::{self, Write};

use kv_server::client::blocking::Client;
use kv_server::client::{Command, Error, Options, Value};

use crate::format::{Printer, harmless};
use crate::interrupt;
use crate::listen;
use crate::outcome::Failure;
use crate::words::is;

/// The connection, and how what comes over it is shown.
pub(crate) struct Session {
    /// Also what was chosen since: a new connection is like the one that was lost.
    place: Options,
    printer: Printer,
    client: Option<Client>,
    /// Whether Ctrl-C ends a wait, and not the program.
    interruptible: bool,
}

impl Session {
    pub(crate) fn new(place: Options, printer: Printer) -> Session {
        Session { place, printer, client: None, interruptible: false }
    }

    /// Lets Ctrl-C end a wait, and not the program.
    pub(crate) fn interruptible(self) -> Session {
        Session { interruptible: true, ..self }
    }

    pub(crate) fn printer(&self) -> Printer {
        self.printer
    }

    /// Connects, unless there is a connection that the server has not closed.
    pub(crate) fn connect(&mut self) -> Result<&mut Client, Error> {
        let client = match self.client.take() {
            Some(client) if !client.is_closed() => client,
            _ => Client::connect(&self.place)?,
        };
        Ok(self.client.insert(client))
    }

    /// The connection, if there is one.
    pub(crate) fn connected(&mut self) -> Option<&mut Client> {
        self.client.as_mut()
    }

    /// What stands before the cursor.
    pub(crate) fn prompt(&self) -> String {
        match (&self.client, self.place.database) {
            (None, _) => "not connected> ".to_owned(),
            (Some(_), 0) => format!("{}> ", self.place.address()),
            (Some(_), database) => format!("{}[{database}]> ", self.place.address()),
        }
    }

    /// Sends a command and prints what it causes; whether that is no error. A command is sent at
    /// most once: after a loss the next one connects again.
    pub(crate) fn ask(&mut self, words: &[Vec<u8>]) -> Result<bool, Failure> {
        let first = words.first();
        if is(first, "subscribe") || is(first, "psubscribe") {
            return listen::command(&self.place, words, &self.printer);
        }
        if is(first, "monitor") {
            return self.follow(words);
        }
        let Some(answered) = self.wait(|client| call(client, words))? else {
            tell("given up; the server may still execute it");
            return Ok(false);
        };
        let reply = answered?;
        let print = if is_for_people(words) { Printer::print_text } else { Printer::print };
        print(self.printer, &reply).map_err(Failure::Output)?;
        let good = !matches!(reply, Value::Error(_));
        if good {
            self.remember(words);
        }
        Ok(good)
    }

    /// As [`Session::ask`], but a connection that fails is told of and is no reason to end.
    pub(crate) fn ask_or_tell(&mut self, words: &[Vec<u8>]) -> Result<bool, Failure> {
        match self.ask(words) {
            Err(Failure::Client(error)) => {
                tell(&error.to_string());
                Ok(false)
            }
            outcome => outcome,
        }
    }

    /// Prints whatever a command causes, until the connection ends.
    fn follow(&mut self, words: &[Vec<u8>]) -> Result<bool, Failure> {
        let printer = self.printer;
        let followed = self.wait(|client| {
            let mut value = call(client, words)?;
            loop {
                let printed = printer.print(&value).map_err(Failure::Output);
                if printed.is_err() || matches!(value, Value::Error(_)) {
                    break Ok(printed.map(|()| false));
                }
                value = client.receive()?;
            }
        })?;
        // To be ended is how this ends.
        followed.map_or(Ok(true), |ended| ended?)
    }

    /// Waits for the server; `None` if Ctrl-C has ended that. A connection that failed is dropped.
    fn wait<T>(
        &mut self,
        work: impl FnOnce(&mut Client) -> Result<T, Error>,
    ) -> Result<Option<Result<T, Error>>, Failure> {
        let interruptible = self.interruptible;
        let client = self.connect()?;
        let outcome = if interruptible {
            let interrupter = client.interrupter()?;
            interrupt::during(move || interrupter.interrupt(), || work(client))?
        } else {
            Some(work(client))
        };
        if !matches!(outcome, Some(Ok(_))) {
            self.client = None;
        }
        Ok(outcome)
    }

    /// What a new connection must be told again.
    fn remember(&mut self, words: &[Vec<u8>]) {
        let text =
            |index: usize| words.get(index).and_then(|word| String::from_utf8(word.clone()).ok());
        let first = words.first();
        if is(first, "select") {
            self.place.database = text(1).and_then(|number| number.parse().ok()).unwrap_or(0);
        } else if is(first, "auth") {
            let (user, password) =
                if words.len() > 2 { (text(1), text(2)) } else { (None, text(1)) };
            (self.place.user, self.place.password) = (user, password);
        } else if is(first, "quit") {
            self.client = None;
        } else if is(first, "reset") {
            self.place.database = 0;
        }
    }
}

/// Sends a command; its reply, an error too.
fn call(client: &mut Client, words: &[Vec<u8>]) -> Result<Value, Error> {
    client.send(Command::from(words))?;
    loop {
        match client.receive()? {
            // What nobody asked for is not the answer.
            Value::Push(_) => {}
            reply => return Ok(reply),
        }
    }
}

/// Replies that are a text for people, which quotes would only make harder to read.
fn is_for_people(words: &[Vec<u8>]) -> bool {
    let (first, second) = (words.first(), words.get(1));
    let pairs = [
        ("client", "list"),
        ("client", "info"),
        ("cluster", "info"),
        ("cluster", "nodes"),
        ("latency", "doctor"),
        ("latency", "graph"),
        ("memory", "doctor"),
        ("memory", "malloc-stats"),
    ];
    is(first, "info")
        || is(first, "lolwut")
        || pairs.iter().any(|(name, part)| is(first, name) && is(second, part))
}

/// On the standard error, so that it does not mix with replies.
pub(crate) fn tell(text: &str) {
    let line = [b"kv-cli: ", harmless(text.as_bytes()).as_slice(), b"\n"].concat();
    // Without a standard error there is nobody to tell.
    let _ = io::stderr().write_all(&line);
}
