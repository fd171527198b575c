//! A command line client: one command from its arguments, a prompt, a pipe, or what is published.
//!
//! ```text
//!   arguments ──► once ────┐
//!   terminal ───► prompt ──┼──► session ──► client::blocking ──► server
//!   input ──────► lines ───┘        │
//!   input ──────► pipe ──► both directions at once               format, json ──► output
//!   SUBSCRIBE ──► listen ──► client::Subscriber
//! ```
//!
//! All but `listen` blocks, on purpose: one thread and one question at a time need no runtime.

#![forbid(unsafe_code)]

mod docs;
mod editing;
mod format;
mod interrupt;
mod json;
mod lines;
mod listen;
mod once;
mod options;
mod outcome;
mod pipe;
mod prompt;
mod session;
mod words;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::format::Printer;
use crate::options::{Mode, Options};
use crate::outcome::Failure;
use crate::session::Session;

fn main() -> ExitCode {
    let options = Options::parse();
    let printer = Printer::new(&options);
    match run(&options, printer) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read our output has read enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            session::tell(&failure.to_string());
            let _ = io::stderr().write_all(failure.advice().as_bytes());
            ExitCode::FAILURE
        }
    }
}

/// Does what was asked for; whether no reply was an error.
fn run(options: &Options, printer: Printer) -> Result<bool, Failure> {
    let place = options.place();
    match options.mode() {
        Mode::Listen(channels) => listen::listen(&place, &channels, &printer),
        Mode::Pipe(timeout) => pipe::pipe(&place, timeout),
        Mode::Once(words) => once::once(options, Session::new(place, printer), words),
        Mode::Interact if io::stdin().is_terminal() => {
            prompt::prompt(Session::new(place, printer).interruptible())
        }
        Mode::Interact => lines::lines(Session::new(place, printer)),
    }
}
