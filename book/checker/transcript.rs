//! Runs what a transcript says was typed, and compares what is printed.
//!
//! Each command is run by `sh` in the workspace's root, its two outputs as one. `[..]` stands for any
//! text within a line. What cargo says of its own work, and how long a test took, is left out. A command
//! that fails says nothing about the chapter: what it printed is shown, and never taken for an output.
//!
//! Blocks labelled `console,session` need a server:
//! ```text
//!   $ cargo run --release -p kv-server                 started, on a free port; its words are not compared
//!   $ cargo run … --bin kv-cli -- SET greeting hello   run, with that port; its output is compared
//!   end of the chapter                                 the server is ended
//! ```
//! What is run is a debug build: what a release build prints is the same, and it takes long to make. The
//! client is told to write as it does at a terminal, for that is where a reader sits.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use snapbox::Data;
use snapbox::filter::NormalizeToExpected;

use crate::page::Label;

/// No command of the book takes longer, the building of what it runs included.
const DEADLINE: Duration = Duration::from_secs(300);

/// Where the commands of a chapter are run.
pub(crate) struct Shell<'a> {
    root: &'a Path,
    /// The chapter's server, and its port.
    server: Option<(Running, u16)>,
}

impl Shell<'_> {
    pub(crate) fn new(root: &Path) -> Shell<'_> {
        Shell { root, server: None }
    }

    /// `Err` says what the commands print instead.
    pub(crate) fn check(&mut self, code: &str, label: Label) -> io::Result<Result<(), String>> {
        if !code.starts_with("$ ") {
            let what = "a transcript begins with `$ ` and a command; write what was typed";
            return Ok(Err(what.to_owned()));
        }
        Ok(self.run(code, label)?.and_then(|today| {
            if today == code {
                return Ok(());
            }
            let diff = similar::TextDiff::from_lines(code, &today);
            let diff = diff.unified_diff().context_radius(2).header("this chapter", "today").to_string();
            Err(format!(
                "the transcript is stale; look whether the new output is meant, and take it by `cargo \
                 run -p book -- bless`\n{diff}"
            ))
        }))
    }

    /// The block with what its commands print today; where that matches what stands there, it is kept
    /// as it is. `Err` says which command failed, or did not, and what it printed.
    pub(crate) fn run(&mut self, code: &str, label: Label) -> io::Result<Result<String, String>> {
        let mut today = String::new();
        let mut lines = code.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(command) = line.strip_prefix("$ ") else { continue };
            let mut expected = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                expected.push_str(&format!("{line}\n"));
            }
            let (printed, succeeded) =
                if label.session { self.in_session(command)? } else { self.execute(command)? };
            if succeeded == (label.fails && lines.peek().is_none()) {
                let what = if succeeded {
                    "succeeds, and the block's label has it fail; mend the one or the other"
                } else {
                    "fails; mend what it says, or label the block `console,fails` if it is meant to"
                };
                return Ok(Err(format!("`{command}` {what}\n{printed}")));
            }
            let expected = Data::text(expected);
            let printed =
                NormalizeToExpected::new().redact().normalize(Data::text(printed), &expected);
            today.push_str(&format!("$ {command}\n{printed}"));
        }
        Ok(Ok(today))
    }

    /// What a command prints, and whether it succeeds.
    fn execute(&self, command: &str) -> io::Result<(String, bool)> {
        let mut running = Running::start(command, self.root)?;
        let printed = running.read_until(|_| false)?;
        Ok((tidy(&printed), running.process.wait()?.success()))
    }

    fn in_session(&mut self, command: &str) -> io::Result<(String, bool)> {
        let command = command.replace(" --release", "");
        if command.contains("kv-server") && !command.contains("--bin") {
            let mut running =
                Running::start(&format!("exec {command} -- --bind 127.0.0.1:0"), self.root)?;
            let printed = running.read_until(|line| line.contains("listening on "))?;
            let port = printed.trim_end().rsplit(':').next().and_then(|port| port.parse().ok());
            self.server = port.map(|port| (running, port));
            return Ok(port.map_or((printed, false), |_| (String::new(), true)));
        }
        let port = self.server.as_ref().map_or(0, |(_, port)| *port);
        self.execute(&command.replacen(
            "kv-cli --",
            &format!("kv-cli -- --no-raw --port {port}"),
            1,
        ))
    }
}

/// A command under way, and the lines that it prints.
struct Running {
    command: String,
    process: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(command: &str, root: &Path) -> io::Result<Running> {
        let mut process = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(root)
            .env("CARGO_TERM_COLOR", "never")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(process.stdout.take().expect("it was asked for"));
        let (sender, lines) = mpsc::channel();
        // To the end, whoever listens: a server whose output nobody reads may stand still.
        thread::spawn(move || {
            for line in output.split(b'\n').map_while(Result::ok) {
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned() + "\n");
            }
        });
        Ok(Running { command: command.to_owned(), process, lines })
    }

    /// What it prints, up to the line that is looked for or to its end.
    fn read_until(&mut self, is_last: impl Fn(&str) -> bool) -> io::Result<String> {
        let deadline = Instant::now() + DEADLINE;
        let mut printed = String::new();
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => printed.push_str(&line),
                Err(RecvTimeoutError::Disconnected) => return Ok(printed),
                Err(RecvTimeoutError::Timeout) => {
                    let (command, seconds) = (&self.command, DEADLINE.as_secs());
                    let what = format!(
                        "`{command}` still ran after {seconds} s, and had printed\n{printed}"
                    );
                    return Err(io::Error::new(io::ErrorKind::TimedOut, what));
                }
            }
            if printed.lines().next_back().is_some_and(&is_last) {
                return Ok(printed);
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Without what differs from run to run and says nothing.
fn tidy(printed: &str) -> String {
    const CARGO: [&str; 6] =
        ["Compiling ", "Finished ", "Running ", "Blocking ", "Locking ", "Doc-tests "];
    let of_cargo = |line: &str| {
        line.starts_with("  ") && CARGO.iter().any(|word| line.trim_start().starts_with(word))
    };
    let lines = printed.lines().filter(|line| !of_cargo(line));
    let lines =
        lines.map(|line| line.split_once("; finished in ").map_or(line, |(result, _)| result));
    lines.map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(code: &str, fails: bool) -> Result<(), String> {
        let label = Label { fails, ..Label::default() };
        Shell::new(Path::new(".")).check(code, label).expect("there is a shell")
    }

    #[test]
    fn what_is_printed_is_compared_and_a_wildcard_stands_for_part_of_a_line() {
        assert_eq!(here("$ echo one; echo two >&2\none\ntwo\n$ echo 3\n3\n", false), Ok(()));
        assert_eq!(here("$ echo in $PPID steps\nin [..] steps\n", false), Ok(()));
        let why = here("$ echo one\nother\n", false).expect_err("it prints another word");
        assert!(why.contains("-other\n+one") && why.contains("bless"), "{why}");
    }

    #[test]
    fn a_command_that_fails_needs_the_label_that_says_so() {
        assert_eq!(here("$ echo yes\nyes\n$ echo no; false\nno\n", true), Ok(()));
        assert!(here("$ echo no; false\nno\n", false).is_err());
        assert!(here("$ echo yes\nyes\n", true).is_err());
        assert!(here("$ echo no; false\nno\n$ echo yes\nyes\n", false).is_err(), "not the last");
    }

    #[test]
    fn the_output_of_a_command_that_fails_is_shown_and_not_to_be_blessed() {
        let why = here("$ echo no space left >&2; false\nhello\n", false).expect_err("it fails");
        assert!(why.contains("` fails") && why.contains("\nno space left\n"), "{why}");
        assert!(!why.contains("bless") && !why.contains("hello"), "{why}");
    }
}
