//! A load generator for any server that speaks Redis's protocol, on our own runtime.
//!
//! ```text
//!   options ──► traffic (which command, key, value) ──► requests ─┐
//!                                                                 ▼
//!   measured ◄── replies, counted and timed ◄── load ◄──► connections ◄──► the server
//!      └──► report: text, or JSON
//! ```
//!
//! How requests follow each other decides what is measured, so there are five ways:
//!
//! | | a request is sent | good for |
//! | --- | --- | --- |
//! | free-running | when the reply of the one before has come | how much the server can do |
//! | lock-step | when *all* connections have all replies | comparing CPU times: each wait of the server finds all connections ready |
//! | open loop | at its time, whatever the server does | latency as users feel it |
//! | fan-out | when all subscribers have all messages | comparing CPU times of publish and subscribe |
//! | open loop fan-out | at its time | how late a message reaches its subscribers |
//!
//! Only the open loops tell the truth of latency. The others ask a slow server less often, and thus
//! omit most of what a user would have waited; here latency counts from the time at which the request
//! *should* have been sent.

#![forbid(unsafe_code)]

mod connection;
mod cpu;
mod load;
mod measured;
mod options;
mod reply;
mod report;
mod traffic;

use std::process::ExitCode;

use clap::Parser;

use options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    if let Err(why) = options.check() {
        eprintln!("kv-bench: {why}");
        return ExitCode::from(2);
    }
    let outcome = match executor::block_on(load::run(&options)) {
        Ok(outcome) => outcome,
        Err(why) => {
            eprintln!("kv-bench: {why}");
            return ExitCode::from(2);
        }
    };
    let text = if options.json {
        format!("{:#}\n", report::json(&options, &outcome))
    } else {
        report::text(&options, &outcome)
    };
    // Whoever does not read it has no use for it.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
    match outcome.measured.errors {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
